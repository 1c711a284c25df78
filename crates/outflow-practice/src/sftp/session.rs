//! The SFTP requests of one client.
//!
//! Reads and writes are done in place: they are small, go to the page cache, and handing each to another thread would
//! cost more than they do. What may take long (syncing, removing) goes to one.

use std::collections::HashMap;
use std::fs::{self, FileTimes, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use russh_sftp::protocol::{
    Attrs, Data, File, FileAttributes, Handle, Name, OpenFlags, Packet, Status, StatusCode, Version,
};
use russh_sftp::server::{Handler, StatusReply};

use super::Shared;
use super::extensions;
use super::handles::{Handles, Opened};
use super::jail::Jail;
use crate::net::Switch;

/// Largest read, in bytes: a packet less its header, as OpenSSH has it.
pub(crate) const READ_MAX_BYTES: u32 = 255 * 1024;
/// Entries in one answer to a folder reading, so that it stays well below a packet's limit.
const NAMES_MAX: usize = 100;

/// The SFTP session of one client.
pub(crate) struct SftpSession {
    pub(crate) shared: Arc<Shared>,
    pub(crate) handles: Handles,
    switch: Arc<Switch>,
    /// Change of the faults since which content is counted, and how many bytes there were.
    received: (u64, u64),
}

impl SftpSession {
    pub(crate) fn new(shared: Arc<Shared>, switch: Arc<Switch>) -> SftpSession {
        SftpSession { shared, handles: Handles::default(), switch, received: (0, 0) }
    }

    fn attributes(&self, path: &str, of_link: bool) -> io::Result<FileAttributes> {
        let jail = &self.shared.jail;
        let place = if of_link { jail.locate(path)? } else { jail.locate_no_link(path)? };
        fs::symlink_metadata(place).map(|m| FileAttributes::from(&m))
    }

    /// Refuses changes once the connection is cut: requests that arrived before may still wait in the channel, and a
    /// client that saw the reset must not find them done later.
    fn alive(&self) -> Result<(), StatusReply> {
        if self.switch.is_cut() { Err(StatusCode::Failure.into()) } else { Ok(()) }
    }

    /// Counts content and cuts the connection where a fault says so.
    fn count(&mut self, bytes: usize) -> Result<(), StatusReply> {
        self.alive()?;
        let faults = &self.shared.faults;
        let generation = faults.generation();
        if self.received.0 != generation {
            self.received = (generation, 0);
        }
        self.received.1 += bytes as u64;
        let limit = faults.read(|f| f.sftp.cut_at_byte.map(|c| c.bytes));
        if limit.is_some_and(|limit| self.received.1 >= limit)
            && faults.hit(|f| f.sftp.cut_at_byte.as_mut().map(|c| &mut c.times))
        {
            self.switch.cut();
            return Err(StatusCode::Failure.into());
        }
        Ok(())
    }

    /// Renames. Without `replace` it fails when the target is there, as SFTP version 3 has it.
    pub(crate) async fn rename_to(
        &mut self,
        id: u32,
        from: &str,
        to: &str,
        replace: bool,
    ) -> Result<Status, StatusReply> {
        self.alive()?;
        if self.shared.faults.read(|f| f.sftp.no_rename) {
            return Err(StatusCode::OpUnsupported.into());
        }
        let from = self.shared.jail.locate(from).map_err(failed)?;
        let to = self.shared.jail.locate(to).map_err(failed)?;
        if replace { fs::rename(from, to) } else { rename_new(&from, &to) }.map_err(failed)?;
        if self.shared.faults.hit(|f| f.sftp.answer_lost.as_mut().map(|a| &mut a.times)) {
            self.switch.cut();
        }
        Ok(ok(id))
    }
}

/// Renames where nothing is. A file is linked first, because that fails when the target is there.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(from)?.is_file() {
        fs::hard_link(from, to)?;
        return fs::remove_file(from);
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// The status of a failed file operation, as OpenSSH maps it.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub(crate) fn failed(error: io::Error) -> StatusReply {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StatusCode::NoSuchFile,
        io::ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => StatusCode::BadMessage,
        _ => StatusCode::Failure,
    }
    .into()
}

pub(crate) fn ok(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: "Success".into(), language_tag: String::new() }
}

fn set_attributes(file: &fs::File, wanted: &FileAttributes) -> io::Result<()> {
    let found = file.metadata()?;
    if wanted.uid.is_some_and(|uid| uid != found.uid()) || wanted.gid.is_some_and(|gid| gid != found.gid()) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    if let Some(size) = wanted.size {
        file.set_len(size)?;
    }
    if let Some(mode) = wanted.permissions {
        file.set_permissions(Permissions::from_mode(mode & 0o777))?;
    }
    if let (Some(accessed), Some(modified)) = (wanted.atime, wanted.mtime) {
        let time = |seconds: u32| UNIX_EPOCH + Duration::from_secs(u64::from(seconds));
        file.set_times(FileTimes::new().set_accessed(time(accessed)).set_modified(time(modified)))?;
    }
    Ok(())
}

impl Handler for SftpSession {
    type Error = StatusReply;

    fn unimplemented(&self) -> StatusReply {
        StatusCode::OpUnsupported.into()
    }

    async fn init(&mut self, _version: u32, _offered: HashMap<String, String>) -> Result<Version, StatusReply> {
        let renames = !self.shared.faults.read(|f| f.sftp.no_rename);
        let mut version = Version::new();
        version.extensions = extensions::offered(renames);
        Ok(version)
    }

    async fn open(
        &mut self,
        id: u32,
        filename: String,
        pflags: OpenFlags,
        attrs: FileAttributes,
    ) -> Result<Handle, StatusReply> {
        self.alive()?;
        let place = self.shared.jail.locate_no_link(&filename).map_err(failed)?;
        if place.is_dir() {
            return Err(StatusCode::Failure.into());
        }
        let mut options = OpenOptions::from(pflags);
        options.mode(attrs.permissions.unwrap_or(0o644) & 0o777);
        let file = options.open(place).map_err(failed)?;
        let handle = self.handles.insert(Opened::File(file))?;
        Ok(Handle { id, handle })
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusReply> {
        self.handles.remove(&handle)?;
        Ok(ok(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Result<Data, StatusReply> {
        let file = self.handles.file(&handle)?;
        let mut data = vec![0; len.min(READ_MAX_BYTES) as usize];
        let mut filled = 0;
        while filled < data.len() {
            match file.read_at(&mut data[filled..], offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(failed(e)),
            }
        }
        if filled == 0 && len > 0 {
            return Err(StatusCode::Eof.into());
        }
        data.truncate(filled);
        Ok(Data { id, data })
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusReply> {
        self.count(data.len())?;
        if self.shared.faults.read(|f| f.sftp.disk_full) {
            return Err(StatusCode::Failure.into());
        }
        self.handles.file(&handle)?.write_all_at(&data, offset).map_err(failed)?;
        Ok(ok(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        let attrs = self.attributes(&path, true).map_err(failed)?;
        Ok(Attrs { id, attrs })
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        let attrs = self.attributes(&path, false).map_err(failed)?;
        Ok(Attrs { id, attrs })
    }

    async fn fstat(&mut self, id: u32, handle: String) -> Result<Attrs, StatusReply> {
        let found = self.handles.file(&handle)?.metadata().map_err(failed)?;
        Ok(Attrs { id, attrs: FileAttributes::from(&found) })
    }

    async fn setstat(&mut self, id: u32, path: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        self.alive()?;
        let place = self.shared.jail.locate_no_link(&path).map_err(failed)?;
        // A folder can be opened for reading only; its size cannot be set then, which is right.
        let file = OpenOptions::new().write(!place.is_dir()).read(place.is_dir()).open(place).map_err(failed)?;
        set_attributes(&file, &attrs).map_err(failed)?;
        Ok(ok(id))
    }

    async fn fsetstat(&mut self, id: u32, handle: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        self.alive()?;
        set_attributes(self.handles.file(&handle)?, &attrs).map_err(failed)?;
        Ok(ok(id))
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusReply> {
        let place = self.shared.jail.locate_no_link(&path).map_err(failed)?;
        let listing = fs::read_dir(place).map_err(failed)?;
        let handle = self.handles.insert(Opened::Folder(listing))?;
        Ok(Handle { id, handle })
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusReply> {
        let mut files = Vec::new();
        for entry in self.handles.folder(&handle)?.take(NAMES_MAX) {
            let entry = entry.map_err(failed)?;
            // Names that are not UTF-8 cannot have come from a client; files may go while the folder is read.
            if let (Ok(name), Ok(found)) = (entry.file_name().into_string(), entry.metadata()) {
                files.push(File::new(name, FileAttributes::from(&found)));
            }
        }
        if files.is_empty() { Err(StatusCode::Eof.into()) } else { Ok(Name { id, files }) }
    }

    async fn remove(&mut self, id: u32, filename: String) -> Result<Status, StatusReply> {
        self.alive()?;
        let place = self.shared.jail.locate(&filename).map_err(failed)?;
        tokio::task::spawn_blocking(move || fs::remove_file(place))
            .await
            .map_err(io::Error::other)
            .and_then(|removed| removed)
            .map_err(failed)?;
        Ok(ok(id))
    }

    async fn mkdir(&mut self, id: u32, path: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        self.alive()?;
        let place = self.shared.jail.locate(&path).map_err(failed)?;
        let mode = attrs.permissions.unwrap_or(0o755) & 0o777;
        fs::DirBuilder::new().mode(mode).create(place).map_err(failed)?;
        Ok(ok(id))
    }

    async fn rmdir(&mut self, id: u32, path: String) -> Result<Status, StatusReply> {
        self.alive()?;
        let place = self.shared.jail.locate(&path).map_err(failed)?;
        if place == self.shared.jail.root() {
            return Err(StatusCode::PermissionDenied.into());
        }
        fs::remove_dir(place).map_err(failed)?;
        Ok(ok(id))
    }

    async fn realpath(&mut self, id: u32, path: String) -> Result<Name, StatusReply> {
        Ok(Name { id, files: vec![File::dummy(Jail::absolute(&path))] })
    }

    async fn rename(&mut self, id: u32, oldpath: String, newpath: String) -> Result<Status, StatusReply> {
        self.rename_to(id, &oldpath, &newpath, false).await
    }

    async fn extended(&mut self, id: u32, request: String, data: Vec<u8>) -> Result<Packet, StatusReply> {
        extensions::extended(self, id, &request, data).await
    }
}
