//! Removing what dead attempts left.

use std::io::ErrorKind;
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
        // What cannot be removed stays in the journal: the next sweep may be luckier.
        if !(path.starts_with(&place.root) && is_temporary(path)) || remove(path, &mut report) {
            place.context.journal.end(&orphan)?;
        }
    }
    for (folder, files) in names::by_folder(wanted) {
        sweep_folder(place, &place.root.join(folder), &files, &mut report);
    }
    Ok(report)
}

/// Removes temporary files of `files` that no attempt of this process wrote. A folder that cannot be listed is left.
fn sweep_folder(place: &Place, folder: &Path, files: &[&str], report: &mut SweepReport) {
    let Ok(items) = std::fs::read_dir(folder) else { return };
    for item in items.flatten() {
        let file = item.file_name();
        let Some(file) = file.to_str() else { continue };
        let Some(name) = names::final_name(file) else { continue };
        if files.contains(&name) && file != names::temporary(name, &place.context.attempt) {
            remove(&item.path(), report);
        }
    }
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().and_then(|f| f.to_str()).is_some_and(|f| names::final_name(f).is_some())
}

/// Removes a leftover; answers whether it is gone. One that stays is told, and keeps nobody from delivering.
fn remove(path: &Path, report: &mut SweepReport) -> bool {
    let error = match std::fs::remove_file(path) {
        Ok(()) => {
            report.removed += 1;
            return true;
        }
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return true,
        Err(e) => e,
    };
    let advice = names::stays(&path.display().to_string(), &from_io("remove", path, error));
    if !report.advice.contains(&advice) {
        report.advice.push(advice);
    }
    false
}
