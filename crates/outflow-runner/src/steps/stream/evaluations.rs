//! The evaluations that a stream derives: those that all segments of its flow have in common, each once and in order.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::FaultClass;
use outflow_model::flow::FlowKind;
use outflow_store::{Artifact, Document, Flow, Job, Reader, Scope, Segment, SegmentEvaluation, StoreError};

use super::ground::{Ground, mapped_ids};
use crate::context::Inner;
use crate::kinds::kind_of;
use crate::ledger;
use crate::live::Watch;
use crate::steps::{blocking, evaluate};
use crate::streams::{BLOCKED, StreamState, WAITING_MAX, Waiting};

/// Evaluations of a segment that are looked at. More than may wait: those that were of single segments are among them.
const HISTORY: usize = 64;

/// Others evaluate too; after this many times the job gives way.
const ROUNDS_MAX: usize = 5;

/// What was found.
enum Found {
    /// Evaluations that are new, oldest first, the newest of all at the end; none where that is known.
    New(Vec<Waiting>),
    /// The segments' latest evaluations are not one and the same, or its files are gone.
    Apart,
    /// There are no profiles to evaluate them over.
    NoProfiles,
}

/// Puts new evaluations on the list, and evaluates the segments where they have none in common. `None` where there is
/// nothing that could be derived.
///
/// # Errors
/// `Input` when a segment cannot be evaluated; those of the store.
pub(super) async fn take(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    mut state: StreamState,
) -> Result<Option<StreamState>, Fault> {
    if ground.segments.is_empty() {
        // What was told of its segments is told no more; it has not left them.
        return Ok(None);
    }
    for _ in 0..ROUNDS_MAX {
        match find(inner, ground, &state).await? {
            Found::New(new) if new.is_empty() => return Ok(Some(state)),
            Found::New(new) => return record(inner, job, ground, new).await.map(Some),
            Found::NoProfiles => return Ok(None),
            Found::Apart => evaluate_together(inner, job, watch, ground, &state).await?,
        }
        state = StreamState::find(&mut inner.store.read().await?, &job.subject).await?.unwrap_or_default();
    }
    Err(Fault::new(FaultClass::Unavailable, "the flow's segments changed each time while they were evaluated")
        .tried(format!("evaluate the segments of flow {}", ground.flow.id)))
}

/// Puts new evaluations on the list, and evaluates nothing.
///
/// # Errors
/// Those of the store.
pub(super) async fn note(inner: &Inner, job: &Job, ground: &Ground, state: StreamState) -> Result<StreamState, Fault> {
    if ground.segments.is_empty() {
        return Ok(state);
    }
    match find(inner, ground, &state).await? {
        Found::New(new) if !new.is_empty() => record(inner, job, ground, new).await,
        _ => Ok(state),
    }
}

/// Puts evaluations on the list.
async fn record(inner: &Inner, job: &Job, ground: &Ground, new: Vec<Waiting>) -> Result<StreamState, Fault> {
    let state = StreamState::change(&inner.store, job, |state| {
        // Told nothing yet: what was evaluated before would be told only to be corrected.
        let only_newest = ground.options.coalesce || state.taken.is_none();
        if state.taken.is_none() && state.open.is_none() {
            // Where it began anew, what the last set had no room for comes out with this one.
            state.incomplete = false;
        }
        let newest = new.last().map(|newest| newest.id.clone());
        for evaluation in new {
            // The newest of the segments counts, also where one that they have no more was later.
            let is_new =
                state.taken.is_none_or(|taken| evaluation.time > taken) || newest.as_ref() == Some(&evaluation.id);
            if is_new && state.newest.as_ref() != Some(&evaluation.id) {
                state.take(evaluation, only_newest);
            }
        }
    });
    Ok(state.await?)
}

/// Looks for evaluations that the list does not have.
async fn find(inner: &Inner, ground: &Ground, state: &StreamState) -> Result<Found, Fault> {
    let ids = ground.segment_ids();
    let mut reader = inner.store.read().await?;
    let Some(newest) = newest_in_common(&mut reader, &ids).await? else { return apart(&mut reader, ground).await };
    if state.newest.as_ref() == Some(&newest.evaluation_id) {
        return Ok(Found::New(Vec::new()));
    }
    let Some(path) = path_of(&mut reader, &ground.flow.sandbox, &newest.evaluation_id).await? else {
        return apart(&mut reader, ground).await;
    };
    let whole = blocking(move || Ok(evaluate::whole(&path).map(drop))).await?;
    if let Err(fault) = whole {
        let chain = outflow_model::fault::chain(&fault);
        tracing::warn!(flow = %ground.flow.id, evaluation = %newest.evaluation_id, fault = %chain, "an evaluation cannot be read any more");
        return apart(&mut reader, ground).await;
    }
    let waiting = |of: &SegmentEvaluation| Waiting { id: of.evaluation_id.clone(), time: of.counts.time };
    let Some(taken) = state.taken else { return Ok(Found::New(vec![waiting(&newest)])) };
    let mut new = Vec::new();
    for of in &in_common(&mut reader, &ids).await? {
        if of.counts.time <= taken || of.evaluation_id == newest.evaluation_id {
            continue;
        }
        // One that is gone already is left out: what changed with it goes with the next.
        if path_of(&mut reader, &ground.flow.sandbox, &of.evaluation_id).await?.is_some() {
            new.push(waiting(of));
        }
    }
    new.push(waiting(&newest));
    Ok(Found::New(new))
}

/// How many evaluations wait to be derived, those among them that came while nobody looks because the stream is blocked.
///
/// # Errors
/// Those of the store.
pub(crate) async fn waiting(
    inner: &Inner,
    reader: &mut Reader,
    flow: &Document,
    state: &StreamState,
) -> Result<usize, StoreError> {
    let kept = state.waiting.len();
    let activation = inner.activations.of(flow, FlowKind::Streaming);
    let Some(activation) = activation.filter(|_| state.condition.state == BLOCKED) else { return Ok(kept) };
    let ids: Vec<String> = mapped_ids(&activation).into_iter().filter(|id| !state.missing.contains(id)).collect();
    let newest = newest_in_common(reader, &ids).await?;
    let Some(newest) = newest.filter(|newest| state.newest.as_ref() != Some(&newest.evaluation_id)) else {
        return Ok(kept);
    };
    let taken = match state.taken {
        Some(taken) if !activation.streaming.unwrap_or_default().coalesce => taken,
        // It will be the only one.
        _ => return Ok(1),
    };
    let common = in_common(reader, &ids).await?;
    let is_between = |of: &&SegmentEvaluation| of.counts.time > taken && of.evaluation_id != newest.evaluation_id;
    Ok((kept + common.iter().filter(is_between).count() + 1).min(WAITING_MAX))
}

/// The evaluation that counts for all these segments, if one does.
async fn newest_in_common(reader: &mut Reader, ids: &[String]) -> Result<Option<SegmentEvaluation>, StoreError> {
    let latest = reader.segment_evaluations_for(ids).await?;
    let first = latest.first().filter(|_| latest.len() == ids.len());
    let first = first.filter(|first| latest.iter().all(|of| of.evaluation_id == first.evaluation_id));
    Ok(first.cloned())
}

async fn apart(reader: &mut Reader, ground: &Ground) -> Result<Found, Fault> {
    let is_there = reader.current_snapshot(&ground.flow.sandbox).await?.is_some();
    Ok(if is_there { Found::Apart } else { Found::NoProfiles })
}

async fn path_of(reader: &mut Reader, sandbox: &str, evaluation: &str) -> Result<Option<PathBuf>, Fault> {
    Ok(reader.artifact(Artifact::Evaluation, sandbox, evaluation).await?.map(|row| row.path.into()))
}

/// The evaluations that were of all these segments, oldest first.
async fn in_common(reader: &mut Reader, ids: &[String]) -> Result<Vec<SegmentEvaluation>, StoreError> {
    let Some((first, others)) = ids.split_first() else { return Ok(Vec::new()) };
    let mut common = reader.segment_history(first, HISTORY).await?;
    for id in others {
        let history = reader.segment_history(id, HISTORY).await?;
        let of: HashSet<String> = history.into_iter().map(|of| of.evaluation_id).collect();
        common.retain(|one| of.contains(&one.evaluation_id));
    }
    common.reverse();
    Ok(common)
}

/// Evaluates the segments of all streaming flows of the sandbox together: two flows that share a segment would otherwise
/// take each other's evaluation away, again and again.
async fn evaluate_together(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    state: &StreamState,
) -> Result<(), Fault> {
    let turn = inner.turn_to_derive().await?;
    // Another flow's job may have done it meanwhile.
    if !matches!(find(inner, ground, state).await?, Found::Apart) {
        return Ok(());
    }
    let segments = segments_of_all(inner, job, ground).await?;
    watch.enter("evaluating");
    let evaluated = evaluate::evaluate(inner, job, &segments, watch).await?;
    drop(turn);
    watch.enter("planning");
    let own = |id: &str| ground.segments.iter().any(|segment| segment.id == id);
    if let Some(problem) = evaluated.problems.iter().find(|problem| own(&problem.segment)) {
        return Err(Fault::input(format!("a segment of the flow cannot be evaluated: {}", problem.message))
            .tried(format!("evaluate segment {}", problem.segment))
            .hint("change its rule, or the datasets, so that the fields it names are there"));
    }
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    evaluate::record(&mut tx, job, &evaluated).await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(())
}

async fn segments_of_all(inner: &Inner, job: &Job, ground: &Ground) -> Result<Vec<Arc<Document>>, Fault> {
    let mut reader = inner.store.read().await?;
    let mut ids: BTreeSet<String> = ground.segment_ids().into_iter().collect();
    for flow in reader.all::<Flow>(Scope::Sandbox(&job.sandbox), Vec::new()).await? {
        if !ledger::is_enabled(&flow) || kind_of(&mut reader, &inner.connectors, &flow).await? != FlowKind::Streaming {
            continue;
        }
        ids.extend(inner.activations.of(&flow, FlowKind::Streaming).iter().flat_map(|of| mapped_ids(of)));
    }
    let ids: Vec<String> = ids.into_iter().collect();
    Ok(reader.get_many::<Segment>(&job.sandbox, &ids).await?)
}
