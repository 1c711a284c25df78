//! Merging the current versions of all datasets of a sandbox into one snapshot.

use std::path::PathBuf;
use std::sync::Arc;

use outflow_model::Fault;
use outflow_profiles::dataset::DatasetVersion;
use outflow_profiles::snapshot::{Snapshot, index_identities, merge};
use outflow_store::{Artifact, ArtifactRow, FencedTx, Job, NewArtifact, Reader, StoreError};
use serde_json::json;

use super::refresh::{path_text, with_work};
use super::{Ending, blocking};
use crate::context::Inner;
use crate::details::set;
use crate::governance::{Merged, Records};
use crate::live::Watch;
use crate::refreshing::RefreshStep;
use crate::scheduler::MERGE_STATE;
use crate::worker::End;
use crate::worker::retry::may_pass;

/// Datasets may change while others are merged; after this many times the refresh gives way to a later one.
const ROUNDS_MAX: usize = 5;

/// Carries a job of [`crate::jobs::MERGE`] out.
pub(crate) async fn merge_anew(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    merge_current(inner, job, watch).await?;
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(End::Done)
}

/// Makes the sandbox's snapshot one of the datasets' current versions.
pub(crate) async fn merge_current(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<(), Fault> {
    for _ in 0..ROUNDS_MAX {
        let (versions, previous) = {
            let mut reader = inner.store.read().await?;
            (current(&mut reader, &job.sandbox).await?, reader.current_snapshot(&job.sandbox).await?)
        };
        let ids: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
        let (inner_here, watch_here, sandbox) = (Arc::clone(inner), Arc::clone(watch), job.sandbox.clone());
        let (snapshot, manifest, datasets) =
            blocking(move || merged(&inner_here, &watch_here, &sandbox, &versions, previous.as_ref())).await?;
        let mut tx = inner.store.begin_fenced(&job.lease()).await?;
        let now: Vec<String> = current(&mut tx, &job.sandbox).await?.into_iter().map(|version| version.id).collect();
        if now != ids {
            continue;
        }
        let mut body = snapshot.summary();
        set(&mut body, "versions", json!(ids));
        let artifact = NewArtifact {
            kind: Artifact::Snapshot,
            sandbox: &job.sandbox,
            id: &snapshot.id,
            subject: "",
            parent: None,
            path: &path_text(&manifest)?,
            body,
        };
        tx.put_artifact(artifact).await?;
        tx.put_snapshot_records(&job.sandbox, &snapshot.id, &json!(datasets)).await?;
        tx.set_current_snapshot(&job.sandbox, &snapshot.id).await?;
        tx.commit().await?;
        tracing::info!(sandbox = %job.sandbox, snapshot = %snapshot.id, profiles = snapshot.profiles, "profiles were merged");
        return Ok(());
    }
    Err(Fault::internal("datasets changed each time while they were merged"))
}

async fn current(reader: &mut Reader, sandbox: &str) -> Result<Vec<ArtifactRow>, StoreError> {
    Ok(reader.current_versions(sandbox).await?.into_iter().filter_map(|(_, version)| version).collect())
}

fn merged(
    inner: &Inner,
    watch: &Watch,
    sandbox: &str,
    versions: &[ArtifactRow],
    previous: Option<&ArtifactRow>,
) -> Result<(Snapshot, PathBuf, Vec<Merged>), Fault> {
    let folder = inner.sandbox_folder(sandbox)?;
    let loaded: Result<Vec<DatasetVersion>, Fault> =
        versions.iter().map(|row| DatasetVersion::load(row.path.as_ref())).collect();
    let loaded = loaded?;
    let previous = previous.and_then(|row| Snapshot::load(row.path.as_ref()).ok());
    let snapshot = with_work(inner, watch, &folder, |work| {
        watch.refreshing.begin(RefreshStep::Merging, loaded.iter().map(|version| version.profiles).sum());
        let snapshot = merge(&loaded, previous.as_ref(), work)?;
        watch.refreshing.begin(RefreshStep::Indexing, snapshot.profiles);
        index_identities(&snapshot, work)?;
        Ok(snapshot)
    })?;
    let manifest = snapshot.save(&folder)?;
    let of = |(row, version): (&ArtifactRow, DatasetVersion)| Merged {
        version: row.id.clone(),
        dataset: row.subject.clone(),
        records: Records::of(version),
    };
    let datasets = versions.iter().zip(loaded).map(of).collect();
    Ok((snapshot, manifest, datasets))
}

/// Remembers which versions could not be merged, so that it is not tried again until one changes.
pub(crate) async fn end(tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    match ending {
        Ending::Failed { fault } => note(tx, job, fault).await,
        Ending::Retry { .. } | Ending::Cancelled { .. } => Ok(()),
    }
}

/// Merges as [`merge_current`] does; where the datasets as they are cannot be merged, that is remembered, and the snapshot
/// stays as it was.
///
/// # Errors
/// What may pass by itself.
pub(crate) async fn merge_what_can_be(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<(), Fault> {
    let Err(fault) = merge_current(inner, job, watch).await else { return Ok(()) };
    watch.check()?;
    if may_pass(fault.class) {
        return Err(fault);
    }
    let chain = outflow_model::fault::chain(&fault);
    tracing::warn!(sandbox = %job.sandbox, class = %fault.class, fault = %chain, "profiles could not be merged; they stay as they were");
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    note(&mut tx, job, &fault).await?;
    Ok(tx.commit().await?)
}

async fn note(tx: &mut FencedTx, job: &Job, fault: &Fault) -> Result<(), StoreError> {
    let ids: Vec<String> = current(tx, &job.sandbox).await?.into_iter().map(|version| version.id).collect();
    let notes = json!({"failed": ids, "error": outflow_model::run::RunError::from(fault)});
    tx.set_notes(&job.sandbox, MERGE_STATE, &job.sandbox, &notes).await
}
