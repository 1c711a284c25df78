//! Folders of streams that no row names: of flows that were deleted, and of work that was cut short. Whoever left with
//! messages of a flow that was deleted meanwhile is recorded before they go.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use outflow_model::Fault;

use super::files::{entries, is_untouched, remove};
use crate::context::Inner;
use crate::departures;
use crate::steps::blocking;
use crate::streams::{STREAMS, StreamState, number_of};

/// A numbered folder that nobody has touched for a day.
struct Candidate {
    sandbox: String,
    flow: String,
    number: u64,
    path: PathBuf,
}

/// Removes folders of this server's data folder that no stream names.
pub(super) async fn streams(inner: &Arc<Inner>) -> Result<(), Fault> {
    let data = inner.data_dir.join("data");
    let now: SystemTime = inner.now().into();
    // Listed before the rows are read: what is made in between is not on the list.
    let (candidates, flows) = blocking(move || candidates(&data, now)).await?;
    if candidates.is_empty() && flows.is_empty() {
        return Ok(());
    }
    let mut states = HashMap::new();
    for stream in inner.store.read().await?.all_streams().await? {
        // Of one that cannot be read nobody knows what it names.
        states.insert(stream.flow_id, StreamState::of(&stream.body).ok());
    }
    // A number that was taken last may be being written to, however long that takes.
    let counts = |of: &Candidate| {
        let names = |state: &StreamState| of.number >= state.folders || state.named().contains(&of.number);
        states.get(&of.flow).is_some_and(|state: &Option<StreamState>| state.as_ref().is_none_or(names))
    };
    let gone: Vec<Candidate> = candidates.into_iter().filter(|of| !counts(of)).collect();
    for of in &gone {
        departures::record_lost_set(inner, (&of.sandbox, &of.flow), &of.path, of.number).await?;
    }
    let removed = blocking(move || {
        let removed = gone.iter().filter(|of| remove(&of.path, now)).count();
        // A folder that still holds something stays.
        for path in &flows {
            let _ = std::fs::remove_dir(path);
        }
        Ok(removed)
    })
    .await?;
    metrics::counter!("outflow_files_removed_total").increment(removed as u64);
    if removed > 0 {
        tracing::info!(removed, "folders of streams that nothing refers to were removed");
    }
    Ok(())
}

/// Numbered folders that may go, and flows' folders that were not touched for a day and may be empty.
fn candidates(data: &Path, now: SystemTime) -> Result<(Vec<Candidate>, Vec<PathBuf>), Fault> {
    let (mut found, mut flows) = (Vec::new(), Vec::new());
    for sandbox in entries(data)? {
        let Some(name) = sandbox.file_name().and_then(|name| name.to_str()) else { continue };
        for flow in entries(&sandbox.join(STREAMS))? {
            let Some(id) = flow.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
            for path in entries(&flow)? {
                if let Some(number) = number_of(&path).filter(|_| is_untouched(&path, now)) {
                    found.push(Candidate { sandbox: name.to_owned(), flow: id.clone(), number, path });
                }
            }
            if is_untouched(&flow, now) {
                flows.push(flow);
            }
        }
    }
    Ok((found, flows))
}
