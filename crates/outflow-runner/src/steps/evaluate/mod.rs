//! Evaluating segments: one pass over the profiles for all of them, then each segment points to what was found.
//!
//! A segment whose rule does not fit the profiles is left out and named; the others are evaluated. What an evaluation is
//! compared with is each segment's own latest one. Where a segment got another one meanwhile, or another rule, what was
//! found for it here does not count.

mod bound;
mod outcome;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::{Evaluation, Previous, SegmentRule};
use outflow_profiles::snapshot::Snapshot;
use outflow_store::{
    Artifact, Dataset, Document, FencedTx, Job, NewArtifact, Scope, SegmentCounts, SegmentEvaluation, SegmentJob,
    StoreError,
};
use serde_json::{Value, json};

pub(crate) use outcome::end;

use super::refresh::{path_text, with_work};
use super::{blocking, merge, refresh};
use crate::context::Inner;
use crate::jobs::Payload;
use crate::live::Watch;
use crate::submit::evaluation::named;
use crate::worker::End;

/// A segment that could not be evaluated, and why.
pub(crate) struct Problem {
    /// The segment.
    pub segment: String,
    /// Why.
    pub message: String,
}

/// What an evaluation came to.
pub(crate) struct Evaluated {
    /// The evaluation; `None` when there was no segment that could be evaluated.
    pub evaluation: Option<Arc<Evaluation>>,
    /// The profiles that it is over.
    pub profiles: u64,
    /// Segments that could not be evaluated, among those asked for.
    pub problems: Vec<Problem>,
    /// The definitions that were evaluated, by segment.
    versions: HashMap<String, i64>,
    /// What each was compared with.
    previous: HashMap<String, String>,
}

/// Carries a segment job out.
pub(crate) async fn evaluation(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let started = inner.now();
    let Some(document) = outcome::begin(inner, job, started).await? else { return Ok(End::Done) };
    if Payload::of(&job.payload).refresh_first {
        refresh_all(inner, job, watch).await?;
    }
    let ids: Option<Vec<String>> = outcome::asked(&document.body);
    let segments = named(&mut inner.store.read().await?, &job.sandbox, ids.as_deref())
        .await
        .map_err(|e| Fault::internal("the segments cannot be read").because(e))?;
    let evaluated = evaluate(inner, job, &segments, watch).await?;
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    record(&mut tx, job, &evaluated).await?;
    outcome::succeeded(inner, &mut tx, job, &segments, &evaluated, started).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(End::Done)
}

/// Reads every dataset of the sandbox anew. One that cannot be read stays as it was, which its details and the log say:
/// segments are evaluated over what there is.
async fn refresh_all(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<(), Fault> {
    let datasets = inner.store.read().await?.all::<Dataset>(Scope::Sandbox(&job.sandbox), Vec::new()).await?;
    for dataset in datasets {
        match refresh::read_anew(inner, job, &dataset, watch).await {
            Ok(()) => {}
            Err(fault) => {
                watch.check()?;
                let chain = outflow_model::fault::chain(&fault);
                tracing::warn!(dataset = %dataset.id, class = %fault.class, fault = %chain, "a dataset could not be read anew");
                outcome::dataset_failed(inner, job, &dataset.id, &fault).await?;
            }
        }
    }
    merge::merge_current(inner, job, watch).await
}

/// Evaluates `segments` over the sandbox's current snapshot. Nothing is recorded yet.
pub(crate) async fn evaluate(
    inner: &Arc<Inner>,
    job: &Job,
    segments: &[Arc<Document>],
    watch: &Arc<Watch>,
) -> Result<Evaluated, Fault> {
    let mut reader = inner.store.read().await?;
    let Some(snapshot) = reader.current_snapshot(&job.sandbox).await? else {
        return Err(Fault::input("there are no profiles yet")
            .tried("read the sandbox's snapshot")
            .hint("attach a dataset and wait until it is refreshed; its own status says what stands in the way"));
    };
    let mut known: HashMap<String, SegmentEvaluation> = HashMap::new();
    for latest in reader.segment_evaluations(&job.sandbox).await? {
        known.insert(latest.segment_id.clone(), latest);
    }
    known.retain(|id, _| segments.iter().any(|segment| segment.id == *id));
    let mut earlier: HashMap<String, (String, Vec<String>)> = HashMap::new();
    for latest in known.values() {
        let Some(row) = reader.artifact(Artifact::Evaluation, &job.sandbox, &latest.evaluation_id).await? else {
            continue;
        };
        let group = earlier.entry(row.id).or_insert_with(|| (row.path, Vec::new()));
        group.1.push(latest.segment_id.clone());
    }
    let referred = referred_since(&mut reader, &job.sandbox, segments).await?;
    drop(reader);
    pin(inner, job, &snapshot.id, earlier.keys()).await?;
    let time = inner.now();
    let keep = time.checked_sub_days(Days::new(inner.settings.ghosts_days.into())).unwrap_or(time);
    let keep = referred.map_or(keep, |referred| referred.min(keep));
    let previous = earlier.iter().flat_map(|(id, (_, of))| of.iter().map(move |s| (s.clone(), id.clone()))).collect();
    let task = Task { inner: Arc::clone(inner), watch: Arc::clone(watch), sandbox: job.sandbox.clone() };
    let definitions: Vec<Arc<Document>> = segments.to_vec();
    let (evaluation, profiles, problems) =
        blocking(move || task.evaluate(&snapshot.path, &definitions, earlier, keep, time)).await?;
    let versions = segments.iter().map(|segment| (segment.id.clone(), segment.version)).collect();
    Ok(Evaluated { evaluation: evaluation.map(Arc::new), profiles, problems, versions, previous })
}

/// The earliest evaluation that an incremental export of these segments starts from: who left since must be known.
async fn referred_since(
    reader: &mut outflow_store::Reader,
    sandbox: &str,
    segments: &[Arc<Document>],
) -> Result<Option<DateTime<Utc>>, Fault> {
    let mut earliest = None;
    for state in reader.flow_states_of(sandbox).await? {
        let Some(id) = &state.delivered_evaluation else { continue };
        if !segments.iter().any(|segment| segment.id == state.segment_id) {
            continue;
        }
        let Some(row) = reader.artifact(Artifact::Evaluation, sandbox, id).await? else { continue };
        let time = row.body.get("time").and_then(|time| serde_json::from_value::<DateTime<Utc>>(time.clone()).ok());
        earliest = earliest.into_iter().chain(time).min();
    }
    Ok(earliest)
}

/// Keeps what is read until the job is over.
async fn pin<'a>(
    inner: &Inner,
    job: &Job,
    snapshot: &str,
    evaluations: impl Iterator<Item = &'a String>,
) -> Result<(), Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    tx.pin(Artifact::Snapshot, &job.sandbox, snapshot).await.map_err(replaced)?;
    for evaluation in evaluations {
        tx.pin(Artifact::Evaluation, &job.sandbox, evaluation).await.map_err(replaced)?;
    }
    Ok(tx.commit().await?)
}

/// What is not there any more was replaced between two looks; the next try finds its successor.
fn replaced(error: StoreError) -> Fault {
    match error {
        StoreError::NotFound { noun, id } => {
            Fault::new(FaultClass::Unavailable, format!("{noun} {id} was replaced before it could be read"))
        }
        other => other.into(),
    }
}

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
}

impl Task {
    fn evaluate(
        &self,
        snapshot: &str,
        segments: &[Arc<Document>],
        earlier: HashMap<String, (String, Vec<String>)>,
        keep_ghosts_since: DateTime<Utc>,
        time: DateTime<Utc>,
    ) -> Result<(Option<Evaluation>, u64, Vec<Problem>), Fault> {
        let snapshot = Snapshot::load(snapshot.as_ref())?;
        let mut problems = Vec::new();
        let mut rules: Vec<SegmentRule> = Vec::new();
        for segment in segments {
            match bound::rule(segment, &snapshot.schema, time) {
                Ok(rule) => rules.push(SegmentRule { id: segment.id.clone(), rule }),
                Err(message) => problems.push(Problem { segment: segment.id.clone(), message }),
            }
        }
        if rules.is_empty() {
            return Ok((None, snapshot.profiles, problems));
        }
        let mut loaded = Vec::new();
        for (path, mut of) in earlier.into_values() {
            of.retain(|id| rules.iter().any(|rule| rule.id == *id));
            if !of.is_empty() {
                loaded.push((Evaluation::load(path.as_ref())?, of));
            }
        }
        // In one order whatever the order of the map, so that the same inputs are the same evaluation.
        loaded.sort_by(|(one, _), (other, _)| (one.time, &one.id).cmp(&(other.time, &other.id)));
        let previous: Vec<Previous<'_>> =
            loaded.iter().map(|(evaluation, of)| Previous { evaluation, segments: of.clone() }).collect();
        let folder = self.inner.sandbox_folder(&self.sandbox)?;
        let evaluation = with_work(&self.inner, &self.watch, &folder, |work| {
            outflow_profiles::membership::evaluate(&snapshot, &rules, &previous, keep_ghosts_since, time, work)
        })?;
        Ok((Some(evaluation), snapshot.profiles, problems))
    }
}

/// Makes the evaluation the latest one of its segments, those left out that have another rule or another latest
/// evaluation by now.
pub(crate) async fn record(tx: &mut FencedTx, job: &Job, evaluated: &Evaluated) -> Result<(), Fault> {
    let Some(evaluation) = &evaluated.evaluation else { return Ok(()) };
    let counts: Vec<Value> = evaluation
        .segments
        .iter()
        .map(|c| json!({"id": c.id, "realized": c.realized, "existing": c.existing, "exited": c.exited}))
        .collect();
    let artifact = NewArtifact {
        kind: Artifact::Evaluation,
        sandbox: &job.sandbox,
        id: &evaluation.id,
        subject: "",
        parent: Some(&evaluation.snapshot.id),
        path: &path_text(&evaluation.folder)?,
        body: json!({
            "time": evaluation.time,
            "segments": counts,
            "profiles": evaluated.profiles,
            "files": evaluation.snapshot.parts.len(),
            "bytes": evaluation.snapshot.parts.iter().map(|part| part.bytes).sum::<u64>(),
        }),
    };
    tx.put_artifact(artifact).await?;
    for counts in &evaluation.segments {
        let Some(segment) = tx.find::<outflow_store::Segment>(&job.sandbox, &counts.id).await? else { continue };
        let latest = tx.segment_evaluation(&counts.id).await?.map(|latest| latest.evaluation_id);
        let same_rule = evaluated.versions.get(&counts.id) == Some(&segment.version);
        if !same_rule || latest.as_ref() != evaluated.previous.get(&counts.id) {
            tracing::info!(segment = %counts.id, "the segment changed while it was evaluated; what was found is not taken");
            continue;
        }
        let counts = SegmentCounts {
            time: evaluation.time,
            realized: counts.realized,
            existing: counts.existing,
            exited: counts.exited,
            segment_version: segment.version,
        };
        tx.set_segment_evaluation(&job.sandbox, &segment.id, &evaluation.id, &counts).await?;
    }
    Ok(())
}

/// The document of a segment job.
async fn find(tx: &mut FencedTx, job: &Job) -> Result<Option<Arc<Document>>, outflow_store::StoreError> {
    tx.find::<SegmentJob>(&job.sandbox, &job.subject).await
}
