//! Evaluating segments: one pass over the profiles for all of them, then each segment points to what was found.
//!
//! A segment whose rule does not fit the profiles is left out and named; the others are evaluated. What an evaluation is
//! compared with is each segment's own latest one; where its files are lost, the segment begins anew. Where a segment got
//! another one meanwhile, or another rule, what was found for it here does not count, and it is evaluated once more.

mod bound;
mod outcome;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::{self, Evaluation, Previous, SegmentRule};
use outflow_profiles::snapshot::Snapshot;
use outflow_store::{
    Artifact, Dataset, Document, FencedTx, Job, NewArtifact, Scope, Segment, SegmentCounts, SegmentJob, StoreError,
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

/// Segments may change while they are evaluated; after this many times the job gives way.
const ROUNDS_MAX: usize = 5;

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
    /// The rules that were evaluated, by segment.
    rules: HashMap<String, Value>,
    /// The latest evaluation of each, which it was compared with where it could be read.
    previous: HashMap<String, String>,
    /// Segments whose latest evaluation cannot be read any more: they were evaluated as if for the first time.
    begun_anew: Vec<String>,
}

/// What decides who is in a segment.
fn rule_of(segment: &Document) -> Value {
    segment.body.get("expression").cloned().unwrap_or_default()
}

/// Carries a segment job out.
pub(crate) async fn evaluation(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let started = inner.now();
    let Some(document) = outcome::begin(inner, job, started).await? else { return Ok(End::Done) };
    if Payload::of(&job.payload).refresh_first {
        refresh_all(inner, job, watch).await?;
    }
    let ids: Option<Vec<String>> = outcome::asked(&document.body);
    let mut found = Found::default();
    let mut left = meant(inner, job, ids.as_deref()).await?;
    for _ in 0..ROUNDS_MAX {
        let evaluated = evaluate(inner, job, &left, watch).await?;
        let mut tx = inner.store.begin_fenced(&job.lease()).await?;
        let passed_over = record(&mut tx, job, &evaluated).await?;
        found.take(left, evaluated, &passed_over);
        if passed_over.is_empty() {
            outcome::succeeded(inner, &mut tx, job, &found, started).await?;
            tx.finish_job().await?;
            tx.commit().await?;
            inner.signal.notify_one();
            return Ok(End::Done);
        }
        tx.commit().await?;
        left = meant(inner, job, Some(&passed_over)).await?;
    }
    Err(Fault::new(FaultClass::Unavailable, "segments changed each time while they were evaluated")
        .tried(format!("evaluate the segments of job {}", job.subject)))
}

async fn meant(inner: &Inner, job: &Job, ids: Option<&[String]>) -> Result<Vec<Arc<Document>>, Fault> {
    named(&mut inner.store.read().await?, &job.sandbox, ids)
        .await
        .map_err(|e| Fault::internal("the segments cannot be read").because(e))
}

/// What a segment job came to, over all its rounds.
#[derive(Default)]
struct Found {
    /// The segments, as they were evaluated.
    segments: Vec<Arc<Document>>,
    /// What counts for them.
    counts: Vec<membership::SegmentCounts>,
    /// Segments that could not be evaluated.
    problems: Vec<Problem>,
    /// The last evaluation.
    evaluation: Option<Arc<Evaluation>>,
    /// The profiles that it is over.
    profiles: u64,
}

impl Found {
    /// Takes what counts of a round.
    fn take(&mut self, segments: Vec<Arc<Document>>, evaluated: Evaluated, passed_over: &[String]) {
        let counts = |id: &String| !passed_over.contains(id);
        self.segments.extend(segments.into_iter().filter(|segment| counts(&segment.id)));
        self.problems.extend(evaluated.problems.into_iter().filter(|problem| counts(&problem.segment)));
        let own = evaluated.evaluation.iter().flat_map(|evaluation| &evaluation.segments);
        self.counts.extend(own.filter(|of| counts(&of.id)).cloned());
        self.evaluation = evaluated.evaluation.or(self.evaluation.take());
        self.profiles = evaluated.profiles;
    }
}

/// Reads every dataset of the sandbox anew. One that cannot be read stays as it was, which its details and the log say:
/// segments are evaluated over what there is. So they are where the datasets as they are cannot be merged.
async fn refresh_all(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<(), Fault> {
    let datasets = inner.store.read().await?.all::<Dataset>(Scope::Sandbox(&job.sandbox), Vec::new()).await?;
    for dataset in datasets {
        match refresh::read_anew(inner, job, &dataset.id, watch).await {
            Ok(()) => {}
            Err(fault) => {
                watch.check()?;
                let chain = outflow_model::fault::chain(&fault);
                tracing::warn!(dataset = %dataset.id, class = %fault.class, fault = %chain, "a dataset could not be read anew");
                outcome::dataset_failed(inner, job, &dataset.id, &fault).await?;
            }
        }
    }
    merge::merge_what_can_be(inner, job, watch).await
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
    // An evaluation tells of all segments that it was of: each is read once, however many of these it is the latest of.
    let ids: HashSet<&str> = segments.iter().map(|segment| segment.id.as_str()).collect();
    let mut latest: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for of in reader.segment_evaluations(&job.sandbox).await? {
        if ids.contains(of.segment_id.as_str()) {
            latest.entry(of.evaluation_id).or_default().push(of.segment_id);
        }
    }
    let mut earlier: HashMap<String, (String, Vec<String>)> = HashMap::new();
    for (evaluation, segments) in latest {
        if let Some(row) = reader.artifact(Artifact::Evaluation, &job.sandbox, &evaluation).await? {
            earlier.insert(row.id, (row.path, segments));
        }
    }
    let referred = referred_since(&mut reader, &job.sandbox, &ids).await?;
    drop(reader);
    pin(inner, job, &snapshot.id, earlier.keys()).await?;
    let time = inner.now();
    let keep = time.checked_sub_days(Days::new(inner.settings.ghosts_days.into())).unwrap_or(time);
    let keep = referred.map_or(keep, |referred| referred.min(keep));
    let previous = earlier.iter().flat_map(|(id, (_, of))| of.iter().map(move |s| (s.clone(), id.clone()))).collect();
    let task = Task { inner: Arc::clone(inner), watch: Arc::clone(watch), sandbox: job.sandbox.clone() };
    let definitions: Vec<Arc<Document>> = segments.to_vec();
    let made = blocking(move || task.evaluate(&snapshot.path, &definitions, earlier, keep, time)).await?;
    let rules = segments.iter().map(|segment| (segment.id.clone(), rule_of(segment))).collect();
    let Made { evaluation, profiles, problems, begun_anew } = made;
    Ok(Evaluated { evaluation: evaluation.map(Arc::new), profiles, problems, rules, previous, begun_anew })
}

/// The earliest evaluation that an incremental export of these segments starts from: who left since must be known.
async fn referred_since(
    reader: &mut outflow_store::Reader,
    sandbox: &str,
    segments: &HashSet<&str>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let mut evaluations: BTreeSet<String> = BTreeSet::new();
    for state in reader.flow_states_of(sandbox).await? {
        if segments.contains(state.segment_id.as_str()) {
            evaluations.extend(state.delivered_evaluation);
        }
    }
    let mut earliest = None;
    for id in evaluations {
        let Some(row) = reader.artifact(Artifact::Evaluation, sandbox, &id).await? else { continue };
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

/// What the part that blocks came to.
struct Made {
    evaluation: Option<Evaluation>,
    profiles: u64,
    problems: Vec<Problem>,
    begun_anew: Vec<String>,
}

/// An evaluation whose files are there.
///
/// # Errors
/// `Input` when one is not.
pub(crate) fn whole(folder: &std::path::Path) -> Result<Evaluation, Fault> {
    let evaluation = Evaluation::load(folder)?;
    evaluation.check()?;
    Ok(evaluation)
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
    ) -> Result<Made, Fault> {
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
            return Ok(Made { evaluation: None, profiles: snapshot.profiles, problems, begun_anew: Vec::new() });
        }
        let (mut loaded, mut begun_anew) = (Vec::new(), Vec::new());
        for (id, (path, mut of)) in earlier {
            of.retain(|id| rules.iter().any(|rule| rule.id == *id));
            if of.is_empty() {
                continue;
            }
            match whole(path.as_ref()) {
                Ok(evaluation) => loaded.push((evaluation, of)),
                Err(fault) => {
                    let chain = outflow_model::fault::chain(&fault);
                    tracing::warn!(evaluation = %id, fault = %chain, "an earlier evaluation cannot be read; its segments begin anew");
                    begun_anew.extend(of);
                }
            }
        }
        // In one order whatever the order of the map, so that the same inputs are the same evaluation.
        loaded.sort_by(|(one, _), (other, _)| (one.time, &one.id).cmp(&(other.time, &other.id)));
        let previous: Vec<Previous<'_>> =
            loaded.iter().map(|(evaluation, of)| Previous { evaluation, segments: of.clone() }).collect();
        let folder = self.inner.sandbox_folder(&self.sandbox)?;
        let evaluation = with_work(&self.inner, &self.watch, &folder, |work| {
            membership::evaluate(&snapshot, &rules, &previous, keep_ghosts_since, time, work)
        })?;
        Ok(Made { evaluation: Some(evaluation), profiles: snapshot.profiles, problems, begun_anew })
    }
}

/// Makes the evaluation the latest one of its segments. Those that have another rule or another latest evaluation by now
/// are left out and answered: what was found for them may be older than what is there.
pub(crate) async fn record(tx: &mut FencedTx, job: &Job, evaluated: &Evaluated) -> Result<Vec<String>, Fault> {
    let mut passed_over = Vec::new();
    for problem in &evaluated.problems {
        let segment = tx.find::<Segment>(&job.sandbox, &problem.segment).await?;
        if segment.is_some_and(|segment| evaluated.rules.get(&segment.id) != Some(&rule_of(&segment))) {
            passed_over.push(problem.segment.clone());
        }
    }
    let Some(evaluation) = &evaluated.evaluation else { return Ok(passed_over) };
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
    let ids: Vec<String> = evaluation.segments.iter().map(|counts| counts.id.clone()).collect();
    let segments: HashMap<String, Arc<Document>> =
        tx.get_many::<Segment>(&job.sandbox, &ids).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let latest: HashMap<String, String> = tx
        .segment_evaluations_for(&ids)
        .await?
        .into_iter()
        .map(|latest| (latest.segment_id, latest.evaluation_id))
        .collect();
    let ended = tx.now().max(evaluation.time);
    let mut taken = Vec::with_capacity(ids.len());
    for counts in &evaluation.segments {
        let Some(segment) = segments.get(&counts.id) else { continue };
        let same_rule = evaluated.rules.get(&counts.id) == Some(&rule_of(segment));
        if !same_rule || latest.get(&counts.id) != evaluated.previous.get(&counts.id) {
            tracing::info!(segment = %counts.id, "the segment changed while it was evaluated; what was found is not taken");
            passed_over.push(segment.id.clone());
            continue;
        }
        let of_segment = SegmentCounts {
            time: evaluation.time,
            ended,
            realized: counts.realized,
            existing: counts.existing,
            exited: counts.exited,
            segment_version: segment.version,
        };
        taken.push((segment.id.as_str(), of_segment));
    }
    tx.set_segment_evaluations(&job.sandbox, &evaluation.id, &taken).await?;
    let rules: Vec<(&str, i64, &Value)> =
        taken.iter().filter_map(|(id, of)| Some((*id, of.segment_version, evaluated.rules.get(*id)?))).collect();
    tx.keep_segment_rules(&job.sandbox, &rules).await?;
    forget_deliveries(tx, job, evaluated, &passed_over).await?;
    Ok(passed_over)
}

/// Who left a segment that began anew, and is not among the profiles any more, is not known: what was delivered of it is
/// no ground for changes, and its next export is full.
async fn forget_deliveries(
    tx: &mut FencedTx,
    job: &Job,
    evaluated: &Evaluated,
    passed_over: &[String],
) -> Result<(), StoreError> {
    if evaluated.begun_anew.is_empty() {
        return Ok(());
    }
    for state in tx.flow_states_of(&job.sandbox).await? {
        if evaluated.begun_anew.contains(&state.segment_id) && !passed_over.contains(&state.segment_id) {
            tx.forget_delivery(&state.flow_id, &state.segment_id).await?;
        }
    }
    Ok(())
}

/// The document of a segment job.
async fn find(tx: &mut FencedTx, job: &Job) -> Result<Option<Arc<Document>>, outflow_store::StoreError> {
    tx.find::<SegmentJob>(&job.sandbox, &job.subject).await
}
