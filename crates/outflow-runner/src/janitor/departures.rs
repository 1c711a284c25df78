//! Who left long ago, and files of departures that no row names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use chrono::Days;
use outflow_model::Fault;

use super::files::{entries, is_untouched, remove};
use crate::context::Inner;
use crate::departures::DEPARTURES;
use crate::steps::blocking;

/// Rows of one step: each step is a transaction of its own and keeps nobody waiting.
const BATCH: usize = 1_000;

/// Forgets the oldest departures beyond what is kept, by age and by bytes. Rows go first: a file without a row is removed
/// with those of work that was cut short.
pub(super) async fn forget(inner: &Inner) -> Result<(), Fault> {
    let settings = &inner.settings;
    let now = inner.now();
    let before = now.checked_sub_days(Days::new(settings.departures_keep_days.into())).unwrap_or(now);
    loop {
        let mut tx = inner.store.begin().await?;
        let over = tx.departures_over(settings.departures_bytes_max, before, BATCH).await?;
        tx.forget_departures(&over).await?;
        tx.commit().await?;
        let count = over.len();
        let paths: Vec<PathBuf> = over.into_iter().map(|row| row.path.into()).collect();
        blocking(move || {
            // What cannot be removed now is found later.
            paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
            Ok(())
        })
        .await?;
        if count > 0 {
            tracing::info!(count, "who left long ago was forgotten");
        }
        if count < BATCH {
            return Ok(());
        }
    }
}

/// Removes files of departures of this server's data folder that no row names and that nobody has touched for a day.
pub(super) async fn files(inner: &Arc<Inner>) -> Result<(), Fault> {
    let data = inner.data_dir.join("data");
    let now: SystemTime = inner.now().into();
    let flows = blocking(move || flows(&data)).await?;
    let mut removed = 0;
    for folder in flows {
        // Listed before the rows are read: what is made in between is not on the list.
        let candidates = blocking(move || candidates(&folder, now)).await?;
        for paths in candidates.chunks(BATCH) {
            let named: Vec<String> = paths.iter().filter_map(|path| path.to_str().map(str::to_owned)).collect();
            let named = inner.store.read().await?.departure_paths(&named).await?;
            let gone: Vec<PathBuf> =
                paths.iter().filter(|path| path.to_str().is_some_and(|path| !named.contains(path))).cloned().collect();
            removed += blocking(move || Ok(gone.iter().filter(|path| remove(path, now)).count())).await?;
        }
    }
    metrics::counter!("outflow_files_removed_total").increment(removed as u64);
    if removed > 0 {
        tracing::info!(removed, "files of departures that nothing refers to were removed");
    }
    Ok(())
}

/// The folders of all flows.
fn flows(data: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for sandbox in entries(data)? {
        found.extend(entries(&sandbox.join(DEPARTURES))?);
    }
    Ok(found)
}

/// What is named as departures are and was not touched for a day.
fn candidates(folder: &Path, now: SystemTime) -> Result<Vec<PathBuf>, Fault> {
    let is_one = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("departures" | "unfinished")) && is_untouched(path, now)
    };
    Ok(entries(folder)?.into_iter().filter(is_one).collect())
}
