//! Giving a staged part its final name.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::sync::atomic::Ordering;

use aws_lc_rs::digest::{Context, SHA256};
use outflow_connector_kit::{Evidence, NameRule, Receipt, StagedPart};
use outflow_model::Fault;

use super::fault::from_io;
use super::session::Place;
use super::stage::{self, Temporary, wrong_size};
use crate::names;

/// Read at once when a file is compared: large enough that system calls do not count, small enough for any machine.
const COMPARE_BYTES: usize = 1 << 20;

/// Publishes, flushes and checks. The temporary file is gone afterwards, whatever the answer is.
pub(super) fn publish(place: &Place, part: &StagedPart) -> Result<Receipt, Fault> {
    let temporary = stage::of(part)?;
    let path = place.path(&part.request.name);
    let placed = put_in_place(part, temporary, &path, &place.url(&path));
    let removed = stage::remove(place, temporary);
    let adopted = placed?;
    removed?;
    sync_folders(place, &path)?;
    let found = std::fs::metadata(&path).map_err(|e| from_io("check", &path, e))?.len();
    if found != part.bytes {
        return Err(wrong_size(&path, part.bytes, found));
    }
    Ok(Receipt {
        name: part.request.name.clone(),
        url: place.url(&path),
        bytes: part.bytes,
        evidence: Evidence::Size,
        adopted,
    })
}

/// Answers whether equal bytes were there already.
fn put_in_place(part: &StagedPart, temporary: &Temporary, path: &Path, url: &str) -> Result<bool, Fault> {
    let renamed = || std::fs::rename(&temporary.path, path).map_err(|e| from_io("rename to", path, e));
    if part.request.name_rule == NameRule::Replace {
        return renamed().map(|()| false);
    }
    // A link fails when the name exists, in one step; a rename would overwrite.
    match std::fs::hard_link(&temporary.path, path) {
        Ok(()) => Ok(false),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => adopt(part, path, url),
        Err(e) if matches!(e.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            // No links here. The second best: look, then rename.
            if path.symlink_metadata().is_ok() { adopt(part, path, url) } else { renamed().map(|()| false) }
        }
        Err(e) => Err(from_io("publish", path, e)),
    }
}

fn adopt(part: &StagedPart, path: &Path, url: &str) -> Result<bool, Fault> {
    if holds(part, path).map_err(|e| from_io("compare", path, e))? { Ok(true) } else { Err(names::taken(url)) }
}

/// Whether `path` is a file with the part's bytes.
fn holds(part: &StagedPart, path: &Path) -> std::io::Result<bool> {
    let there = path.symlink_metadata()?;
    if !there.is_file() || there.len() != part.bytes {
        return Ok(false);
    }
    let mut file = File::open(path)?;
    let mut buffer = vec![0; COMPARE_BYTES];
    let mut hash = Context::new(&SHA256);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hash.finish().as_ref() == part.sha256);
        }
        hash.update(&buffer[..count]);
    }
}

fn sync_folders(place: &Place, path: &Path) -> Result<(), Fault> {
    for folder in folders_to_flush(&place.root, path, place.made_root.load(Ordering::Relaxed)) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| from_io("flush", folder, e))?;
    }
    Ok(())
}

/// The folders whose entries may be new: from the file's own up to the destination's, and where that was made, the one
/// that holds it.
fn folders_to_flush<'a>(root: &'a Path, path: &'a Path, made_root: bool) -> impl Iterator<Item = &'a Path> {
    let below = path.ancestors().skip(1).take_while(move |folder| folder.starts_with(root));
    below.chain(root.parent().filter(|_| made_root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_with_a_new_entry_is_flushed() {
        let flushed = |root: &str, path: &str, made_root| {
            let folders = folders_to_flush(Path::new(root), Path::new(path), made_root);
            folders.map(|folder| folder.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(flushed("/srv/x", "/srv/x/a.csv", false), ["/srv/x"]);
        assert_eq!(flushed("/srv/x/", "/srv/x/a/b/c.csv", false), ["/srv/x/a/b", "/srv/x/a", "/srv/x"]);
        assert_eq!(flushed("/srv/x", "/srv/x/a.csv", true), ["/srv/x", "/srv"]);
        assert_eq!(flushed("/", "/a.csv", false), ["/"]);
    }
}
