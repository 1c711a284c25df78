//! Refreshing a dataset: its files are pinned, its records become profiles, and the sandbox's snapshot is made of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use outflow_model::dataset::DatasetDefinition;
use outflow_model::run::RunError;
use outflow_model::schema::FieldType;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::Work;
use outflow_profiles::dataset::{DatasetSpec, DatasetVersion, IdentitySpec, normalise};
use outflow_profiles::scan::Profiles;
use outflow_profiles::source::SourceFormat;
use outflow_store::{
    Artifact, ArtifactRow, AuditEvent, Dataset, Document, FencedTx, Job, NewArtifact, NewJob, StoreError,
};
use serde_json::{Value, json};

use super::{Ending, blocking, merge};
use crate::context::Inner;
use crate::details::{set, take};
use crate::governance::{Judged, judge_all, new_breaches, pause};
use crate::jobs::{self, Payload, priority};
use crate::ledger::{REFRESH_AGAIN, SERVER};
use crate::live::Watch;
use crate::refreshing::{PROGRESS, RefreshStep, tell};
use crate::source::{counted, pin_source};
use crate::worker::End;

/// A dataset may be read, or changed, by somebody else while it is read; after this many times the job gives way.
const ROUNDS_MAX: usize = 5;

/// Fields that the audit log names of those that appeared, disappeared, or have another type.
const FIELDS_TOLD_MAX: usize = 100;

/// Carries a refresh out.
pub(crate) async fn refresh(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    if !begin(inner, job).await? {
        return Ok(End::Done);
    }
    let telling = tell(inner, job, watch);
    read_anew(inner, job, &job.subject, watch).await?;
    merge::merge_current(inner, job, watch).await?;
    drop(telling);
    finish(inner, job).await?;
    inner.signal.notify_one();
    Ok(End::Done)
}

/// Says that the refresh goes on; false when the dataset was detached, and the job is over.
async fn begin(inner: &Inner, job: &Job) -> Result<bool, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if tx.find::<Dataset>(&job.sandbox, &job.subject).await?.is_none() {
        tx.finish_job().await?;
        tx.commit().await?;
        return Ok(false);
    }
    let dataset = tx.lock::<Dataset>(&job.sandbox, &job.subject).await?;
    let mut details = dataset.details.clone();
    // What was asked for before this moment is in the list of files that is taken now.
    take(&mut details, REFRESH_AGAIN);
    set(&mut details, "refresh", json!({"state": "processing", "startedAt": inner.now()}));
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes the dataset's files the current version of its profiles. One that is not there any more is left alone.
pub(crate) async fn read_anew(inner: &Arc<Inner>, job: &Job, dataset: &str, watch: &Arc<Watch>) -> Result<(), Fault> {
    for _ in 0..ROUNDS_MAX {
        let mut reader = inner.store.read().await?;
        let Some(document) = reader.find::<Dataset>(&job.sandbox, dataset).await? else { return Ok(()) };
        let previous = reader.current_version(&job.sandbox, dataset).await?;
        drop(reader);
        let known = previous.as_ref().map(|version| version.id.clone());
        let (inner_here, watch_here) = (Arc::clone(inner), Arc::clone(watch));
        let (body, sandbox) = (document.body.clone(), job.sandbox.clone());
        let made = blocking(move || normalised(&inner_here, &watch_here, &body, &sandbox, previous.as_ref())).await?;
        if take_over(inner, job, &document, known.as_deref(), &made).await? {
            return Ok(());
        }
        tracing::info!(%dataset, "the dataset was read by somebody else, or changed, while it was read; it is read anew");
    }
    // What somebody else read meanwhile is as new.
    Err(Fault::new(FaultClass::Unavailable, "the dataset changed each time while it was read"))
}

/// Makes what was read the dataset's current version. False where it has another one than `known`, or another definition,
/// than when it was begun to read: what was read may be older than what is there.
async fn take_over(
    inner: &Inner,
    job: &Job,
    dataset: &Document,
    known: Option<&str>,
    made: &Made,
) -> Result<bool, Fault> {
    let Made { version, manifest, .. } = made;
    let mut tx = match made.reshaped {
        None => inner.store.begin_fenced(&job.lease()).await?,
        // Flows are judged, and paused where that must be.
        Some(_) => {
            read_ahead(inner, &job.sandbox, version).await?;
            inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?
        }
    };
    if tx.find::<Dataset>(&dataset.sandbox, &dataset.id).await?.is_none() {
        return Ok(true);
    }
    let locked = tx.lock::<Dataset>(&dataset.sandbox, &dataset.id).await?;
    let current = tx.current_version(&dataset.sandbox, &dataset.id).await?.map(|version| version.id);
    if locked.version != dataset.version || current.as_deref() != known {
        return Ok(false);
    }
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
        path: &path_text(manifest)?,
        body: version.summary(),
    };
    let before = match made.reshaped {
        None => None,
        Some(_) => Some(judge_all(&inner.known, &inner.connectors, &mut tx, &dataset.sandbox).await?),
    };
    tx.put_artifact(artifact).await?;
    tx.set_current_version(&dataset.sandbox, &dataset.id, &version.id).await?;
    if let (Some(change), Some(before)) = (&made.reshaped, before) {
        reshaped(inner, &mut tx, dataset, change, &before).await?;
    }
    let mut details = locked.details.clone();
    set(&mut details, "counts", counts);
    tx.set_details::<Dataset>(&dataset.sandbox, &dataset.id, &details).await?;
    tx.commit().await?;
    tracing::info!(dataset = %dataset.id, version = %version.id, profiles = version.profiles, "a dataset was read");
    Ok(true)
}

/// Reads what flows are judged by before and with a version of a dataset, so that little is left to be read while the
/// governance is locked.
async fn read_ahead(inner: &Inner, sandbox: &str, version: &DatasetVersion) -> Result<(), Fault> {
    inner.known.remember(version);
    let mut reader = inner.store.read().await?;
    judge_all(&inner.known, &inner.connectors, &mut reader, sandbox).await.map(drop)
}

/// Records that a dataset has other fields than before, and pauses the flows that violate a policy because of it: a label
/// applies to what it did not apply to. The sandbox's governance is locked.
async fn reshaped(
    inner: &Inner,
    tx: &mut FencedTx,
    dataset: &Document,
    change: &Value,
    before: &[Judged],
) -> Result<(), Fault> {
    let event = AuditEvent {
        action: "reshaped",
        noun: "dataset",
        object_id: &dataset.id,
        object_name: &dataset.name,
        detail: change.clone(),
    };
    tx.audit(&dataset.sandbox, event).await?;
    let after = judge_all(&inner.known, &inner.connectors, tx, &dataset.sandbox).await?;
    for judged in new_breaches(before, after) {
        let flow = judged.flow.id.clone();
        let verdict = blocking(move || Ok(judged.verdict(0))).await?;
        pause(tx, &dataset.sandbox, &flow, &verdict, SERVER).await?;
    }
    Ok(())
}

struct Made {
    version: DatasetVersion,
    manifest: PathBuf,
    /// What is other about the fields than in the version before; `None` where they are the same, or there was none.
    reshaped: Option<Value>,
}

/// What is other about the fields of a version than of the one before, at the top: names of those that appeared, that
/// disappeared, and that have another type.
fn difference(before: &DatasetVersion, after: &DatasetVersion) -> Option<Value> {
    let identities = |of: &DatasetVersion| -> Vec<(String, String)> {
        of.spec.identities.iter().map(|one| (one.path.to_string(), one.namespace.clone())).collect()
    };
    if before.schema == after.schema && identities(before) == identities(after) {
        return None;
    }
    let types = |of: &DatasetVersion| -> BTreeMap<String, FieldType> {
        of.schema.fields.iter().map(|field| (field.name.clone(), field.field_type.clone())).collect()
    };
    let (old, new) = (types(before), types(after));
    let told = |names: Vec<&String>| json!({"count": names.len(), "names": &names[..names.len().min(FIELDS_TOLD_MAX)]});
    let is_retyped = |(name, now): &(&String, &FieldType)| old.get(*name).is_some_and(|then| then != *now);
    Some(json!({
        "version": after.id,
        "appeared": told(new.keys().filter(|name| !old.contains_key(*name)).collect()),
        "disappeared": told(old.keys().filter(|name| !new.contains_key(*name)).collect()),
        "retyped": told(new.iter().filter(is_retyped).map(|(name, _)| name).collect()),
    }))
}

fn normalised(
    inner: &Inner,
    watch: &Arc<Watch>,
    body: &Value,
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
    watch.refreshing.begin(RefreshStep::Listing, 0);
    let pinned = pin_source(&definition.source, &counted(&inner.storages, watch))?;
    let bytes = |is_wanted: fn(SourceFormat) -> bool| -> u64 {
        pinned.files().filter(|file| is_wanted(file.format)).map(|file| file.bytes).sum()
    };
    watch.refreshing.listed(bytes(|_| true));
    watch.refreshing.begin(RefreshStep::Opening, bytes(|format| format != SourceFormat::Parquet));
    let profiles = Profiles::open_within(pinned, inner.settings.memory_bytes)?;
    watch.refreshing.begin(RefreshStep::Reading, profiles.morsels().iter().map(|morsel| morsel.rows).sum());
    // A manifest that cannot be read any more only costs making everything anew.
    let previous = previous.and_then(|row| DatasetVersion::load(row.path.as_ref()).ok());
    let version = with_work(inner, watch, &folder, |work| normalise(&spec, &profiles, previous.as_ref(), work))?;
    let manifest = version.save(&folder)?;
    let reshaped = previous.and_then(|previous| difference(&previous, &version));
    Ok(Made { version, manifest, reshaped })
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
        progress: &|done| watch.refreshing.reached(done),
    })
}

/// A path for the store, which holds text.
pub(crate) fn path_text(path: &std::path::Path) -> Result<String, Fault> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Fault::new(FaultClass::Config, "the data folder's path is not UTF-8")
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
async fn told(tx: &mut FencedTx, job: &Job, dataset: &Document, outcome: Value) -> Result<(), StoreError> {
    let mut details = dataset.details.clone();
    let mut refresh = take(&mut details, "refresh").unwrap_or_default();
    take(&mut refresh, PROGRESS);
    for (member, value) in outcome.as_object().into_iter().flatten() {
        set(&mut refresh, member, value.clone());
    }
    set(&mut details, "refresh", refresh);
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await
}

/// Queues another refresh where one was asked for while this one was under way. The job is off the queue by then.
pub(crate) async fn again(inner: &Inner, tx: &mut FencedTx, job: &Job) -> Result<(), StoreError> {
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
