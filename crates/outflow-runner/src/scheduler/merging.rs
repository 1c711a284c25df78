//! A sandbox's profiles are of its datasets as they are: when a dataset was detached, they are merged anew.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_store::NewJob;
use serde_json::json;

use super::view::View;
use crate::context::Inner;
use crate::jobs::{self, Payload, priority};

/// The flow under which it is kept which versions could not be merged; the segment is the sandbox.
pub(crate) const STATE: &str = "merge";

/// Looks at every sandbox.
pub(super) async fn look(inner: &Arc<Inner>, view: &View) -> Result<(), Fault> {
    for sandbox in &view.sandboxes {
        look_at(inner, view, sandbox).await?;
    }
    Ok(())
}

async fn look_at(inner: &Arc<Inner>, view: &View, sandbox: &str) -> Result<(), Fault> {
    let mut reader = inner.store.read().await?;
    let datasets = reader.current_versions(sandbox).await?;
    let wanted: Vec<String> = datasets.iter().filter_map(|(_, version)| Some(version.as_ref()?.id.clone())).collect();
    let snapshot = reader.current_snapshot(sandbox).await?;
    let merged = snapshot.and_then(|s| s.body.get("versions").cloned()).unwrap_or_else(|| json!([]));
    if merged == json!(wanted) {
        return Ok(());
    }
    let failed = view.states.get(&(STATE.to_owned(), sandbox.to_owned())).and_then(|s| s.notes.get("failed"));
    if failed == Some(&json!(wanted)) {
        return Ok(());
    }
    // A refresh that is under way merges by itself.
    for (dataset, _) in &datasets {
        if reader.job(jobs::REFRESH, &dataset.id).await?.is_some() {
            return Ok(());
        }
    }
    drop(reader);
    let job = NewJob {
        kind: jobs::MERGE,
        subject: sandbox,
        sandbox,
        payload: Payload::default().value(),
        run_at: view.now,
        priority: priority::DATA,
    };
    let mut tx = inner.store.begin().await?;
    tx.enqueue(&job).await?;
    Ok(tx.commit().await?)
}
