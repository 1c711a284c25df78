//! Streaming flows: a job for each that has something to do. What that is, the job finds out itself; here it is only seen
//! that there is something.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::run::{RunBody, RunKind};
use outflow_store::{Document, Governance, NewJob, Reader};

use super::view::View;
use crate::context::Inner;
use crate::governance;
use crate::jobs::{self, Payload, priority};
use crate::ledger;
use crate::steps::stream::{NOW, REDELIVER, is_over, mapped_ids, signature};
use crate::streams::{DISABLED, StreamState};

/// Looks at every streaming flow.
pub(super) async fn look(inner: &Arc<Inner>, view: &View) -> Result<(), Fault> {
    let mut reader = inner.store.read().await?;
    let (mut states, mut unreadable, mut first) = (HashMap::new(), HashSet::new(), None);
    for stream in reader.all_streams().await? {
        match StreamState::of(&stream.body) {
            Ok(state) => drop(states.insert(stream.flow_id, state)),
            Err(error) => {
                tracing::warn!(flow = %stream.flow_id, %error, "a flow is not looked at");
                first.get_or_insert(Fault::from(error));
                unreadable.insert(stream.flow_id);
            }
        }
    }
    // One of another release is nobody's.
    let requests = reader.all_stream_requests().await?.into_iter();
    let asked: HashSet<String> =
        requests.filter(|of| [NOW, REDELIVER].contains(&of.kind.as_str())).map(|of| of.flow_id).collect();
    let is_streaming = |flow: &&Arc<Document>| {
        states.contains_key(&flow.id) || view.streaming.iter().any(|streaming| streaming.id == flow.id)
    };
    let mut governances: HashMap<&str, Governance> = HashMap::new();
    // A flow whose target is of another kind now may still have messages on their way.
    for flow in view.flows.iter().filter(is_streaming).filter(|flow| !unreadable.contains(&flow.id)) {
        let governance = match governances.get(flow.sandbox.as_str()) {
            Some(governance) => *governance,
            None => {
                let governance = reader.governance(&flow.sandbox).await?;
                *governances.entry(&flow.sandbox).or_insert(governance)
            }
        };
        let known = Known {
            governance,
            is_streaming: view.streaming.iter().any(|streaming| streaming.id == flow.id),
            state: states.get(&flow.id),
            is_asked: asked.contains(&flow.id),
        };
        if let Err(fault) = look_at(inner, view, &mut reader, flow, &known).await {
            first.get_or_insert(fault);
        }
    }
    first.map_or(Ok(()), Err)
}

/// What is known of a flow.
struct Known<'a> {
    /// Counts the changes of what governs the exports of its sandbox.
    governance: Governance,
    is_streaming: bool,
    state: Option<&'a StreamState>,
    is_asked: bool,
}

async fn look_at(
    inner: &Arc<Inner>,
    view: &View,
    reader: &mut Reader,
    flow: &Arc<Document>,
    known: &Known<'_>,
) -> Result<(), Fault> {
    let signature = signature(reader, flow).await?;
    let is_another = known.state.is_some_and(|state| state.tried != signature);
    let is_due = match known.is_streaming && ledger::is_enabled(flow) {
        true => is_another || is_due(inner, view, reader, flow, known).await?,
        false => is_to_be_ended(view, flow, known)?,
    };
    if !is_due {
        return Ok(());
    }
    if let Some(job) = reader.job(jobs::STREAM, &flow.id).await? {
        // A try that failed waits; with another flow, target, account or wish it may go otherwise.
        let waits = job.worker.is_none() && job.due_at > view.now;
        if !waits || !is_another {
            return Ok(());
        }
        let mut tx = inner.store.begin().await?;
        if !tx.drop_job(jobs::STREAM, &flow.id).await? {
            return Ok(());
        }
        queue(&mut tx, view, flow).await?;
        return Ok(tx.commit().await?);
    }
    let mut tx = inner.store.begin().await?;
    queue(&mut tx, view, flow).await?;
    Ok(tx.commit().await?)
}

async fn queue(tx: &mut outflow_store::Tx, view: &View, flow: &Document) -> Result<(), Fault> {
    let job = NewJob {
        kind: jobs::STREAM,
        subject: &flow.id,
        sandbox: &flow.sandbox,
        payload: Payload::default().value(),
        run_at: view.now,
        priority: priority::STREAM,
    };
    tx.enqueue(&job).await?;
    Ok(())
}

/// Whether an enabled flow has something to do.
async fn is_due(
    inner: &Inner,
    view: &View,
    reader: &mut Reader,
    flow: &Document,
    known: &Known<'_>,
) -> Result<bool, Fault> {
    let Some(activation) = inner.activations.of(flow, FlowKind::Streaming) else { return Ok(false) };
    if window_is_over(view, flow)? && known.state.is_none_or(|state| state.open.is_none()) {
        return Ok(true);
    }
    let default = StreamState::default();
    let state = known.state.unwrap_or(&default);
    let goes_on = !state.waiting.is_empty() || state.incomplete || state.run.is_some();
    if state.open.is_some() {
        return Ok(true);
    }
    let segments = evaluated(view, &activation, state);
    let is_new = match segments {
        // What was asked for is ended, and what was told forgotten.
        Segments::None => return Ok(known.is_asked || state.run.is_some() || state.told.is_some()),
        Segments::Newest(newest) => state.newest.as_deref() != Some(newest),
        Segments::Apart => true,
    };
    let is_due = is_new
        || known.is_asked
        || goes_on
        || may_withhold_others(inner, reader, flow, state, known.governance).await?;
    // Without profiles there is nothing to derive.
    Ok(is_due && reader.current_snapshot(&flow.sandbox).await?.is_some())
}

/// Whether others may be withheld than when the told state was made. Most of what is saved in a sandbox withholds nobody:
/// where nobody is asked for consent, the suppression list alone says so, and no job has to look.
async fn may_withhold_others(
    inner: &Inner,
    reader: &mut Reader,
    flow: &Document,
    state: &StreamState,
    now: Governance,
) -> Result<bool, Fault> {
    let Some(told) = state.told.as_ref().filter(|told| told.governed != now.revision) else { return Ok(false) };
    let withholding = governance::withholding_unasked(inner, reader, &flow.sandbox, now).await?;
    Ok(withholding.is_none_or(|withholding| !told.is_withheld_by(&withholding)))
}

/// What the segments of a flow have in common.
enum Segments<'a> {
    /// It has none that is there.
    None,
    /// This is the latest evaluation of all.
    Newest(&'a str),
    /// They have different ones, or some have none.
    Apart,
}

fn evaluated<'a>(view: &'a View, activation: &Activation, state: &StreamState) -> Segments<'a> {
    let ids = mapped_ids(activation);
    // Of a segment that was not there at the last look nobody knows an evaluation; of one that is, somebody may.
    let there = ids.iter().filter(|id| view.evaluations.contains_key(*id) || !state.missing.contains(id));
    let latest: Vec<Option<&str>> =
        there.map(|id| view.evaluations.get(id).map(|of| of.evaluation_id.as_str())).collect();
    match latest.split_first() {
        None => Segments::None,
        Some((Some(first), others)) if others.iter().all(|other| *other == Some(*first)) => Segments::Newest(first),
        Some(_) => Segments::Apart,
    }
}

fn windows<'a>(view: &'a View, flow: &'a Document) -> impl Iterator<Item = Result<RunBody, Fault>> + 'a {
    let is_of = move |run: &&Arc<Document>| run.body.get("flowId").and_then(|id| id.as_str()) == Some(flow.id.as_str());
    view.live.iter().filter(is_of).map(|run| ledger::read(run))
}

fn window_is_over(view: &View, flow: &Document) -> Result<bool, Fault> {
    for run in windows(view, flow) {
        let run = run?;
        if run.kind == RunKind::Window && is_over(run.slot, view.now) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether something of a flow that is not followed any more is left: messages on their way, a run, a wish.
fn is_to_be_ended(view: &View, flow: &Document, known: &Known<'_>) -> Result<bool, Fault> {
    let Some(state) = known.state else { return Ok(known.is_asked) };
    let has_run = windows(view, flow).any(|run| run.is_ok_and(|run| run.is_stream()));
    // What was taken is forgotten when it ends, and the state says so, so that this is not seen again.
    let is_ended = state.condition.state == DISABLED;
    Ok(!is_ended
        || state.open.is_some()
        || state.newest.is_some()
        || !state.waiting.is_empty()
        || known.is_asked
        || has_run)
}
