//! The folder that holds a sandbox's data: files appear in it whole or not at all.
//!
//! A file is written as `*.part`, synchronized, renamed, and its folder synchronized. Whoever works in the folder holds a
//! shared lock on `in-use.lock`; who gets it alone knows that every `*.part`, file or folder, was left by a process that
//! died, and removes them. Nothing here removes a file that has its name.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_lc_rs::digest;
use outflow_model::{Fault, FaultClass};
use tempfile::NamedTempFile;

/// What a file that is not whole yet ends in.
const SUFFIX: &str = ".part";

/// The file whose lock says that somebody is at work.
const LOCK: &str = "in-use.lock";

/// Folders inside folders that hold temporary files: `evaluations/ID/NAME.part`.
const LEVELS: usize = 2;

/// A data folder in use.
pub struct Folder {
    path: PathBuf,
    /// Open as long as somebody is at work; the lock goes with it.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, sweeps it if nobody else is at work, and keeps others from sweeping.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn open(path: &Path) -> Result<Folder, Fault> {
        make_durably(path)?;
        // Recorded paths are absolute: another working directory must find them.
        let path = std::path::absolute(path).map_err(|e| io_fault("cannot find", path, e))?;
        let lock = lock_file(&path)?;
        if lock.try_lock().is_ok() {
            sweep(&path, LEVELS)?;
            lock.unlock().map_err(|e| io_fault("cannot unlock", &path, e))?;
        }
        match lock.lock_shared() {
            // Without locks nobody gets one alone, so nobody sweeps.
            Err(e) if e.kind() == io::ErrorKind::Unsupported => {}
            done => done.map_err(|e| io_fault("cannot lock", &path, e))?,
        }
        Ok(Folder { path, _lock: lock })
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new file in the folder's subfolder `sub` (which may be a path), removed when it is dropped unpublished.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn temporary(&self, sub: &str) -> Result<Temporary, Fault> {
        let folder = self.path.join(sub);
        make_durably(&folder)?;
        let file = tempfile::Builder::new().prefix(".").suffix(SUFFIX).tempfile_in(&folder);
        let file = file.map_err(|e| io_fault("cannot write to", &folder, e))?;
        Ok(Temporary { file, folder, hash: digest::Context::new(&digest::SHA256), bytes: 0 })
    }

    /// Gives a whole file its name, in the place of one that has it already.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn publish_as(&self, temporary: Temporary, name: &str) -> Result<PathBuf, Fault> {
        let target = temporary.folder.join(name);
        let synced = temporary.file.as_file().sync_all();
        synced.map_err(|e| io_fault("cannot write", &target, e))?;
        temporary.file.persist(&target).map_err(|e| io_fault("cannot rename to", &target, e.error))?;
        let folder = File::open(&temporary.folder).and_then(|folder| folder.sync_all());
        folder.map_err(|e| io_fault("cannot write to", &temporary.folder, e))?;
        Ok(target)
    }

    /// Names a whole file by its content: half of its SHA-256, and `extension`. A file of that name that is there
    /// already has the same content; it is kept and its time of modification becomes now, so that who removes unused
    /// files by age knows that it is used again. Answers the path and the bytes of the file.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn publish_by_content(&self, temporary: Temporary, extension: &str) -> Result<(PathBuf, u64), Fault> {
        let name = format!("{}.{extension}", half_hex(temporary.hash.clone().finish().as_ref()));
        let target = temporary.folder.join(&name);
        let bytes = temporary.bytes;
        let is_there = std::fs::metadata(&target).is_ok_and(|there| there.len() == bytes);
        if is_there && touch_as(&target, temporary.file.as_file())? {
            return Ok((target, bytes));
        }
        self.publish_as(temporary, &name)?;
        Ok((target, bytes))
    }

    /// Writes a small file `sub`/`name`.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn write(&self, sub: &str, name: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
        let mut temporary = self.temporary(sub)?;
        let written = temporary.write_all(bytes);
        written.map_err(|e| io_fault("cannot write to", &temporary.folder, e))?;
        self.publish_as(temporary, name)
    }

    /// Makes a file's time of modification the file system's now; `false` when the file is not there.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub fn touch(&self, file: &Path) -> Result<bool, Fault> {
        touch_as(file, self.temporary("")?.file.as_file())
    }

    /// A file without a name, which is gone when it is closed, however the process ends.
    ///
    /// # Errors
    /// `refused` where the file system does not let us write.
    pub(crate) fn nameless(&self) -> Result<File, Fault> {
        tempfile::tempfile_in(&self.path).map_err(|e| io_fault("cannot write to", &self.path, e))
    }
}

/// Makes a folder and those above it that are missing. Their names survive a power cut, as those of the files in them do.
fn make_durably(folder: &Path) -> Result<(), Fault> {
    if folder.is_dir() {
        return Ok(());
    }
    let cannot = |e| io_fault("cannot make the folder", folder, e);
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    make_durably(above)?;
    match std::fs::create_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made.map_err(cannot)?,
    }
    File::open(above).and_then(|above| above.sync_all()).map_err(cannot)
}

/// Removes what dead processes left half written, unless somebody is at work. Answers how many.
///
/// # Errors
/// `refused` where the file system does not let us look or remove.
pub fn sweep_temporaries(folder: &Path) -> Result<u64, Fault> {
    if !folder.is_dir() {
        return Ok(0);
    }
    let lock = lock_file(folder)?;
    if lock.try_lock().is_ok() { sweep(folder, LEVELS) } else { Ok(0) }
}

fn lock_file(folder: &Path) -> Result<File, Fault> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
    file.map_err(|e| io_fault("cannot write", &path, e))
}

fn sweep(folder: &Path, levels: usize) -> Result<u64, Fault> {
    let listing = std::fs::read_dir(folder).map_err(|e| io_fault("cannot list", folder, e))?;
    let mut removed = 0;
    for entry in listing {
        let entry = entry.map_err(|e| io_fault("cannot list", folder, e))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|e| io_fault("cannot list", folder, e))?;
        if entry.file_name().to_string_lossy().ends_with(SUFFIX) {
            let done = if kind.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            done.map_err(|e| io_fault("cannot remove", &path, e))?;
            removed += 1;
        } else if kind.is_dir() && levels > 0 {
            removed += sweep(&path, levels - 1)?;
        }
    }
    Ok(removed)
}

/// Gives `path` the time of modification of `model`, which was just written: the file system's now.
fn touch_as(path: &Path, model: &File) -> Result<bool, Fault> {
    let now: SystemTime =
        model.metadata().and_then(|m| m.modified()).map_err(|e| io_fault("cannot read the time of", path, e))?;
    match File::options().write(true).open(path).and_then(|file| file.set_modified(now)) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(io_fault("cannot write", path, e)),
    }
}

/// A file being written, hashed as it grows.
pub struct Temporary {
    file: NamedTempFile,
    folder: PathBuf,
    hash: digest::Context,
    bytes: u64,
}

impl Write for Temporary {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The first half of a SHA-256 in hexadecimal: 32 digits, which name one content.
pub(crate) fn half_hex(sha256: &[u8]) -> String {
    sha256.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// [`half_hex`] of the SHA-256 of `bytes`.
pub(crate) fn name_of(bytes: &[u8]) -> String {
    half_hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// The fault of a file system call.
pub(crate) fn io_fault(what: &str, path: &Path, error: io::Error) -> Fault {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give the data folder to the user that the server runs as"
        }
        _ => "check the data folder and its disk",
    };
    Fault::new(FaultClass::Refused, format!("{what} {}", path.display())).hint(hint).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn temporary(folder: &Folder, content: &[u8]) -> Temporary {
        let mut temporary = folder.temporary("parts").unwrap();
        temporary.write_all(content).unwrap();
        temporary
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn equal_content_is_one_file_and_looks_new() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let (first, bytes) = folder.publish_by_content(temporary(&folder, b"abc"), "bin").unwrap();
        assert_eq!(bytes, 3);
        // SHA-256("abc") begins so.
        assert!(first.ends_with("parts/ba7816bf8f01cfea414140de5dae2223.bin"), "{first:?}");
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        File::options().write(true).open(&first).unwrap().set_modified(old).unwrap();
        let (again, _) = folder.publish_by_content(temporary(&folder, b"abc"), "bin").unwrap();
        assert_eq!(first, again);
        assert!(std::fs::metadata(&first).unwrap().modified().unwrap() > old);
        assert_eq!(names(&dir.path().join("parts")).len(), 1);
        // A file that was cut short is not what its name says.
        std::fs::write(&first, b"ab").unwrap();
        folder.publish_by_content(temporary(&folder, b"abc"), "bin").unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), b"abc");
    }

    #[test]
    fn what_is_not_published_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        drop(temporary(&folder, b"abc"));
        assert!(names(&dir.path().join("parts")).is_empty());
        assert!(!folder.touch(&dir.path().join("parts/none")).unwrap());
        assert_eq!(names(dir.path()), ["in-use.lock", "parts"]);
    }

    #[test]
    fn only_the_dead_are_swept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let living = temporary(&folder, b"abc");
        let left = dir.path().join("evaluations/x");
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join("a.part"), b"").unwrap();
        std::fs::write(left.join("a.parquet"), b"").unwrap();
        std::fs::create_dir_all(dir.path().join("evaluations/y.part/z")).unwrap();
        assert_eq!(sweep_temporaries(dir.path()).unwrap(), 0);
        let other = Folder::open(dir.path()).unwrap();
        assert!(folder.publish_as(living, "a").is_ok());
        drop((folder, other));
        let folder = Folder::open(dir.path()).unwrap();
        assert_eq!(names(&left), ["a.parquet"]);
        assert_eq!(names(&dir.path().join("evaluations")), ["x"]);
        assert_eq!(names(&dir.path().join("parts")), ["a"]);
        drop(folder);
        std::fs::write(left.join("b.part"), b"").unwrap();
        assert_eq!(sweep_temporaries(dir.path()).unwrap(), 1);
    }
}
