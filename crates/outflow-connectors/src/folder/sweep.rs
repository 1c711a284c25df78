//! Removing what dead attempts left.

use std::path::Path;

use outflow_connector_kit::{SweepReport, refuse_living};
use outflow_model::Fault;

use super::fault::from_io;
use super::session::Place;
use crate::names;

pub(super) fn sweep(place: &Place, wanted: &[String]) -> Result<SweepReport, Fault> {
    let paths: Vec<String> = wanted.iter().map(|name| place.path(name).display().to_string()).collect();
    refuse_living(&*place.context.journal, &place.target(), &paths)?;
    let mut report = SweepReport::default();
    for orphan in place.context.journal.orphans(&place.target())? {
        let path = Path::new(&orphan.handle);
        // A journal that was tampered with must not make us remove anything but temporary files of this folder.
        if path.starts_with(&place.root) && is_temporary(path) {
            report.removed += remove(path)?;
        }
        place.context.journal.end(&orphan)?;
    }
    for (folder, files) in names::by_folder(wanted) {
        report.removed += sweep_folder(place, &place.root.join(folder), &files)?;
    }
    Ok(report)
}

/// Removes temporary files of `files` that no attempt of this process wrote. A folder that cannot be listed is left.
fn sweep_folder(place: &Place, folder: &Path, files: &[&str]) -> Result<u64, Fault> {
    let Ok(items) = std::fs::read_dir(folder) else { return Ok(0) };
    let mut removed = 0;
    for item in items.flatten() {
        let file = item.file_name();
        let Some(file) = file.to_str() else { continue };
        let Some(name) = names::final_name(file) else { continue };
        if files.contains(&name) && file != names::temporary(name, &place.context.attempt) {
            removed += remove(&item.path())?;
        }
    }
    Ok(removed)
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().and_then(|f| f.to_str()).is_some_and(|f| names::final_name(f).is_some())
}

fn remove(path: &Path) -> Result<u64, Fault> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(1),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(0),
        Err(e) => Err(from_io("remove", path, e)),
    }
}
