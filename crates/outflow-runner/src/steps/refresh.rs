//! Refreshing a dataset: its files are pinned, its records become profiles, and the sandbox's snapshot is made of them.

use std::path::PathBuf;
use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::dataset::DatasetDefinition;
use outflow_model::run::RunError;
use outflow_profiles::Work;
use outflow_profiles::dataset::{DatasetSpec, DatasetVersion, IdentitySpec, normalise};
use outflow_profiles::scan::Profiles;
use outflow_store::{Artifact, ArtifactRow, Dataset, Document, FencedTx, Job, NewArtifact, NewJob, StoreError};
use serde_json::json;

use super::{Ending, blocking, merge};
use crate::context::Inner;
use crate::details::{set, take};
use crate::jobs::{self, Payload, priority};
use crate::ledger::REFRESH_AGAIN;
use crate::live::Watch;
use crate::source::pin_source;
use crate::worker::End;

/// Carries a refresh out.
pub(crate) async fn refresh(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let Some(dataset) = begin(inner, job).await? else { return Ok(End::Done) };
    read_anew(inner, job, &dataset, watch).await?;
    merge::merge_current(inner, job, watch).await?;
    finish(inner, job).await?;
    inner.signal.notify_one();
    Ok(End::Done)
}

/// Says that the refresh goes on; `None` when the dataset was detached, and the job is over.
async fn begin(inner: &Inner, job: &Job) -> Result<Option<Arc<Document>>, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if tx.find::<Dataset>(&job.sandbox, &job.subject).await?.is_none() {
        tx.finish_job().await?;
        tx.commit().await?;
        return Ok(None);
    }
    let dataset = tx.lock::<Dataset>(&job.sandbox, &job.subject).await?;
    let mut details = dataset.details.clone();
    // What was asked for before this moment is in the list of files that is taken now.
    take(&mut details, REFRESH_AGAIN);
    set(&mut details, "refresh", json!({"state": "processing", "startedAt": inner.now()}));
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await?;
    tx.commit().await?;
    Ok(Some(dataset))
}

/// Makes the dataset's files the current version of its profiles.
pub(crate) async fn read_anew(
    inner: &Arc<Inner>,
    job: &Job,
    dataset: &Document,
    watch: &Arc<Watch>,
) -> Result<(), Fault> {
    let previous = inner.store.read().await?.current_version(&dataset.sandbox, &dataset.id).await?;
    let (inner_here, watch_here) = (Arc::clone(inner), Arc::clone(watch));
    let (body, sandbox) = (dataset.body.clone(), dataset.sandbox.clone());
    let made = blocking(move || normalised(&inner_here, &watch_here, &body, &sandbox, previous.as_ref())).await?;
    let Made { version, manifest } = made;
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if tx.find::<Dataset>(&dataset.sandbox, &dataset.id).await?.is_none() {
        return Ok(());
    }
    let locked = tx.lock::<Dataset>(&dataset.sandbox, &dataset.id).await?;
    let counts = json!({
        "records": version.records, "profiles": version.profiles,
        "withoutIdentity": version.without_identity, "superseded": version.superseded,
    });
    let artifact = NewArtifact {
        kind: Artifact::DatasetVersion,
        sandbox: &dataset.sandbox,
        id: &version.id,
        subject: &dataset.id,
        parent: None,
        path: &path_text(&manifest)?,
        body: version.summary(),
    };
    tx.put_artifact(artifact).await?;
    tx.set_current_version(&dataset.sandbox, &dataset.id, &version.id).await?;
    let mut details = locked.details.clone();
    set(&mut details, "counts", counts);
    tx.set_details::<Dataset>(&dataset.sandbox, &dataset.id, &details).await?;
    tx.commit().await?;
    tracing::info!(dataset = %dataset.id, version = %version.id, profiles = version.profiles, "a dataset was read");
    Ok(())
}

struct Made {
    version: DatasetVersion,
    manifest: PathBuf,
}

fn normalised(
    inner: &Inner,
    watch: &Watch,
    body: &serde_json::Value,
    sandbox: &str,
    previous: Option<&ArtifactRow>,
) -> Result<Made, Fault> {
    let definition =
        DatasetDefinition::parse(body).map_err(|problems| problems.fault("read the dataset's definition"))?;
    let spec = DatasetSpec {
        name: definition.name.clone(),
        identities: (definition.identities.iter())
            .map(|i| IdentitySpec { path: i.path.clone(), namespace: i.namespace.clone(), primary: i.primary })
            .collect(),
        timestamp: definition.timestamp.clone(),
    };
    let folder = inner.sandbox_folder(sandbox)?;
    let profiles = Profiles::open(pin_source(&definition.source, &inner.storages)?)?;
    // A manifest that cannot be read any more only costs making everything anew.
    let previous = previous.and_then(|row| DatasetVersion::load(row.path.as_ref()).ok());
    let version = with_work(inner, watch, &folder, |work| normalise(&spec, &profiles, previous.as_ref(), work))?;
    let manifest = version.save(&folder)?;
    Ok(Made { version, manifest })
}

/// Calls `make` with what the job may use.
pub(crate) fn with_work<T>(
    inner: &Inner,
    watch: &Watch,
    folder: &std::path::Path,
    make: impl FnOnce(&Work<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let check = || watch.check();
    make(&Work {
        threads: inner.settings.threads_fitting(),
        memory_bytes: inner.settings.memory_bytes,
        folder,
        check: &check,
        progress: &|_| {},
    })
}

/// A path for the store, which holds text.
pub(crate) fn path_text(path: &std::path::Path) -> Result<String, Fault> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Fault::new(outflow_model::FaultClass::Config, "the data folder's path is not UTF-8")
            .hint("give the server a data folder with another name")
    })
}

/// Ends the job, and begins another one where the dataset was asked to be refreshed meanwhile.
async fn finish(inner: &Inner, job: &Job) -> Result<(), Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if tx.find::<Dataset>(&job.sandbox, &job.subject).await?.is_some() {
        let dataset = tx.lock::<Dataset>(&job.sandbox, &job.subject).await?;
        let records = dataset.details.pointer("/counts/records").cloned();
        let outcome = json!({"state": "success", "endedAt": inner.now(), "records": records});
        told(&mut tx, job, &dataset, outcome).await?;
    }
    tx.finish_job().await?;
    again(inner, &mut tx, job).await?;
    Ok(tx.commit().await?)
}

/// Writes what became of a refresh beside its dataset.
async fn told(tx: &mut FencedTx, job: &Job, dataset: &Document, outcome: serde_json::Value) -> Result<(), StoreError> {
    let mut details = dataset.details.clone();
    let mut refresh = take(&mut details, "refresh").unwrap_or_default();
    for (member, value) in outcome.as_object().into_iter().flatten() {
        set(&mut refresh, member, value.clone());
    }
    set(&mut details, "refresh", refresh);
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await
}

async fn again(inner: &Inner, tx: &mut FencedTx, job: &Job) -> Result<(), StoreError> {
    let Some(dataset) = tx.find::<Dataset>(&job.sandbox, &job.subject).await? else { return Ok(()) };
    let mut details = dataset.details.clone();
    if take(&mut details, REFRESH_AGAIN).is_none() {
        return Ok(());
    }
    set(&mut details, "refresh", json!({"state": "queued"}));
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await?;
    let next = NewJob {
        kind: jobs::REFRESH,
        subject: &job.subject,
        sandbox: &job.sandbox,
        payload: Payload::default().value(),
        run_at: inner.now(),
        priority: priority::DATA,
    };
    tx.enqueue(&next).await?;
    Ok(())
}

/// Writes how a try ended that was no success.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    if tx.find::<Dataset>(&job.sandbox, &job.subject).await?.is_none() {
        return Ok(());
    }
    let dataset = tx.lock::<Dataset>(&job.sandbox, &job.subject).await?;
    let outcome = match ending {
        Ending::Retry { fault, at } => {
            json!({"state": "queued", "error": RunError::from(*fault), "nextAttemptAt": at})
        }
        Ending::Failed { fault } => {
            json!({"state": "failed", "error": RunError::from(*fault), "endedAt": inner.now()})
        }
        Ending::Cancelled { .. } => json!({"state": "cancelled", "endedAt": inner.now()}),
    };
    told(tx, job, &dataset, outcome).await
}
