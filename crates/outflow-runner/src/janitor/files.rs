//! Files that no row refers to.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use outflow_model::{Fault, FaultClass};
use outflow_profiles::dataset::DatasetVersion;
use outflow_profiles::membership::Evaluation;
use outflow_profiles::snapshot::Snapshot;
use outflow_store::{Artifact, ArtifactRow, Scope};

use crate::context::Inner;
use crate::steps::blocking;

/// How long nobody has touched a file that is removed. Longer than any job takes from making its first file to writing
/// its row.
const UNTOUCHED: Duration = Duration::from_secs(24 * 60 * 60);

/// Rows of one query.
const PAGE: usize = 100;

/// The folders that artifacts are made in.
const FOLDERS: [&str; 4] = ["parts", "versions", "snapshots", "evaluations"];

/// Removes files of this server's data folder that no row refers to.
pub(super) async fn files(inner: &Arc<Inner>) -> Result<(), Fault> {
    let data = inner.data_dir.join("data");
    let now: SystemTime = inner.now().into();
    // Listed before the rows are read: what is made in between is not on the list.
    let candidates = blocking(move || candidates(&data, now)).await?;
    if candidates.is_empty() {
        return Ok(());
    }
    let rows = rows(inner).await?;
    let removed = blocking(move || {
        let referred = referred(&rows)?;
        Ok(candidates.iter().filter(|path| !referred.contains(*path)).filter(|path| remove(path, now)).count())
    })
    .await?;
    metrics::counter!("outflow_files_removed_total").increment(removed as u64);
    if removed > 0 {
        tracing::info!(removed, "files that nothing refers to were removed");
    }
    Ok(())
}

async fn rows(inner: &Inner) -> Result<Vec<ArtifactRow>, Fault> {
    let mut found = Vec::new();
    for kind in [Artifact::Evaluation, Artifact::Snapshot, Artifact::DatasetVersion] {
        let mut after: Option<String> = None;
        loop {
            let mut reader = inner.store.read().await?;
            let (page, next) = reader.artifacts(kind, Scope::All, None, after.as_deref(), PAGE).await?;
            found.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(found)
}

/// Every file that a row refers to, those of profiles that vanished among them, and the folder of every evaluation.
///
/// # Errors
/// When a manifest cannot be read: it is not known then what it refers to, and nothing may be removed.
fn referred(rows: &[ArtifactRow]) -> Result<HashSet<PathBuf>, Fault> {
    let mut referred = HashSet::new();
    for row in rows {
        let path = PathBuf::from(&row.path);
        // Another server's folder that this one does not see holds none of the candidates.
        if !path.exists() {
            continue;
        }
        match row.kind {
            Artifact::DatasetVersion => {
                referred.extend(DatasetVersion::load(&path)?.files().map(Path::to_owned));
            }
            Artifact::Snapshot => {
                let snapshot = Snapshot::load(&path)?;
                referred.extend(snapshot.files().map(Path::to_owned));
                referred.extend(snapshot.index_files());
            }
            Artifact::Evaluation => {
                let evaluation = Evaluation::load(&path)?;
                referred.extend(evaluation.snapshot.files().map(Path::to_owned));
                referred.extend(evaluation.snapshot.index_files());
                // Among them are those of profiles that vanished, which lie beside the snapshot's.
                referred.extend(evaluation.files());
            }
        }
        referred.insert(path);
    }
    Ok(referred)
}

/// What is named as artifacts are and was not touched for a day.
fn candidates(data: &Path, now: SystemTime) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for sandbox in entries(data)? {
        for folder in FOLDERS {
            for path in entries(&sandbox.join(folder))? {
                if is_artifact(folder, &path) && is_untouched(&path, now) {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}

/// What a folder holds; nothing, where there is none.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let cannot = |e: std::io::Error| {
        Fault::new(FaultClass::Refused, "a folder of the server's data cannot be listed")
            .tried(format!("list {}", folder.display()))
            .because(e)
    };
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(cannot(e)),
    };
    listed.map(|entry| entry.map(|entry| entry.path()).map_err(cannot)).collect()
}

/// Whether a name is one that artifacts, or what is about to become one, have: hexadecimal, with the folder's ending.
fn is_artifact(folder: &str, path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    if name.ends_with(".part") {
        return true;
    }
    let endings: &[&str] = match folder {
        "parts" => &[".parquet", ".identities"],
        "evaluations" => &[""],
        _ => &[".json"],
    };
    let Some(stem) = endings.iter().find_map(|ending| name.strip_suffix(ending)) else { return false };
    stem.len() == 32 && stem.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

pub(super) fn is_untouched(path: &Path, now: SystemTime) -> bool {
    let touched = path.symlink_metadata().and_then(|metadata| metadata.modified());
    touched.is_ok_and(|touched| now.duration_since(touched).is_ok_and(|age| age > UNTOUCHED))
}

/// Removes a file or an evaluation's folder, unless somebody has touched it meanwhile.
pub(super) fn remove(path: &Path, now: SystemTime) -> bool {
    if !is_untouched(path, now) {
        return false;
    }
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Ok(()) => true,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a file that nothing refers to could not be removed");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_as_an_artifact_is_one() {
        let hex = "0123456789abcdef0123456789abcdef";
        for (folder, name, is) in [
            ("parts", format!("{hex}.parquet"), true),
            ("parts", format!("{hex}.identities"), true),
            ("parts", format!("{hex}.json"), false),
            ("parts", "x.1a2b.part".into(), true),
            ("parts", "mine.parquet".into(), false),
            ("versions", format!("{hex}.json"), true),
            ("snapshots", format!("{}.json", hex.to_uppercase()), false),
            ("evaluations", hex.into(), true),
            ("evaluations", "notes".into(), false),
        ] {
            assert_eq!(is_artifact(folder, &Path::new("/d").join(&name)), is, "{folder}/{name}");
        }
    }

    #[test]
    fn what_was_touched_within_a_day_stays() {
        let folder = outflow_testkit::temp_dir();
        let file = folder.path().join("f");
        std::fs::write(&file, "x").unwrap();
        let touched = file.metadata().unwrap().modified().unwrap();
        assert!(!is_untouched(&file, touched + UNTOUCHED) && !remove(&file, touched));
        assert!(is_untouched(&file, touched + UNTOUCHED + Duration::from_secs(1)));
        assert!(remove(&file, touched + UNTOUCHED + Duration::from_secs(1)) && !file.exists());
        assert!(!is_untouched(&file, touched + UNTOUCHED * 2));
    }
}
