//! Writing a part under its temporary name.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use outflow_connector_kit::{Chunk, JournalEntry, PartBody, PartRequest, StagedPart};
use outflow_model::{Fault, FaultClass};

use super::fault::from_io;
use super::session::Place;

/// What a staged part is until it is published.
pub(super) struct Temporary {
    pub path: PathBuf,
    entry: JournalEntry,
}

/// Writes the whole body. Whatever fails, no file and no journal entry stays.
pub(super) fn stage(place: &Place, request: PartRequest, mut body: PartBody) -> Result<StagedPart, Fault> {
    let entry = place.entry(&request.name);
    let temporary = Temporary { path: PathBuf::from(&entry.handle), entry };
    place.context.journal.begin(&temporary.entry)?;
    let file = match create(place, &temporary.path) {
        Ok(file) => file,
        Err(fault) => {
            // Nothing was made. What may be there under the name is not ours.
            let _ = place.context.journal.end(&temporary.entry);
            return Err(fault);
        }
    };
    match write(file, &temporary.path, &mut body) {
        Ok((bytes, sha256)) => Ok(StagedPart { request, bytes, sha256, state: Box::new(temporary) }),
        Err(fault) => {
            // The first fault is what the person needs; an entry that stays is swept later.
            let _ = remove(place, &temporary);
            Err(fault)
        }
    }
}

fn write(mut file: File, path: &Path, body: &mut PartBody) -> Result<(u64, [u8; 32]), Fault> {
    let fault = |e| from_io("write", path, e);
    let mut written = 0_u64;
    let (bytes, sha256) = loop {
        match body.blocking_recv() {
            Some(Chunk::Data(data)) => {
                file.write_all(&data).map_err(fault)?;
                written += data.len() as u64;
            }
            Some(Chunk::End { bytes, sha256 }) => break (bytes, sha256),
            None => return Err(crate::names::cut_off(written)),
        }
    };
    if bytes != written {
        return Err(crate::names::miscounted(bytes, written));
    }
    file.sync_all().map_err(fault)?;
    let found = file.metadata().map_err(fault)?.len();
    if found == bytes { Ok((bytes, sha256)) } else { Err(wrong_size(path, bytes, found)) }
}

/// A new file; missing folders of the name are made, and the destination's own where the one above it is there.
fn create(place: &Place, path: &Path) -> Result<File, Fault> {
    let open = || OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    match open() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        other => return other.map_err(|e| from_io("create", path, e)),
    }
    match std::fs::create_dir(&place.root) {
        Ok(()) => place.made_root.store(true, Ordering::Relaxed),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(from_io("make the folder", &place.root, e)),
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| from_io("make the folder", folder, e))?;
    }
    open().map_err(|e| from_io("create", path, e))
}

/// Removes a staged part.
pub(super) fn discard(place: &Place, part: &StagedPart) -> Result<(), Fault> {
    remove(place, of(part)?)
}

/// Removes the temporary file, and strikes it out of the journal.
pub(super) fn remove(place: &Place, temporary: &Temporary) -> Result<(), Fault> {
    match std::fs::remove_file(&temporary.path) {
        Err(e) if !matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Err(from_io("remove", &temporary.path, e))
        }
        _ => place.context.journal.end(&temporary.entry),
    }
}

/// The state of a part that this connector staged.
pub(super) fn of(part: &StagedPart) -> Result<&Temporary, Fault> {
    part.state.downcast_ref().ok_or_else(|| Fault::internal("the part was staged by another connector"))
}

pub(super) fn wrong_size(path: &Path, expected: u64, found: u64) -> Fault {
    Fault::new(FaultClass::Verification, format!("{found} bytes are on disk, {expected} were written"))
        .tried(format!("check the size of {}", path.display()))
        .hint("look at the disk's health, then run the export again")
}
