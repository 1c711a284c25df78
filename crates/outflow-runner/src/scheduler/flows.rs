//! Flows: a run for every segment whose slot has come or whose evaluation has ended.

use std::collections::HashSet;
use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::flow::ActivatedSegment;
use outflow_model::run::RunKind;
use outflow_store::{Conflict, Document, Flow, FlowState, Segment, StoreError};

use super::due::{Decision, DueRun, Notes, Situation, decide};
use super::view::View;
use crate::alerts;
use crate::context::Inner;
use crate::jobs::priority;
use crate::ledger::{self, NewRun};

/// Evaluations that are counted when a run stands for several.
pub(crate) const EVALUATIONS_COUNTED_MAX: usize = 100;

/// Who makes scheduled runs.
pub(super) const SCHEDULER: &str = "scheduler";

/// Looks at every segment of a flow.
pub(super) async fn look(inner: &Arc<Inner>, view: &View, flow: &Arc<Document>) -> Result<(), Fault> {
    let Some(activation) = view.activations.get(&flow.id) else { return Ok(()) };
    for segment in &activation.segments {
        look_at_segment(inner, view, flow, segment).await?;
    }
    Ok(())
}

async fn look_at_segment(
    inner: &Arc<Inner>,
    view: &View,
    flow: &Arc<Document>,
    segment: &ActivatedSegment,
) -> Result<(), Fault> {
    let Some(export) = &segment.export else { return Ok(()) };
    let mut state = view.states.get(&(flow.id.clone(), segment.id.clone())).cloned();
    // A schedule that begins to count may have a slot that has come since.
    for _ in 0..2 {
        let notes = state.as_ref().map(|s| Notes::of(&s.notes));
        let decision = decide(&Situation {
            schedule: &export.schedule,
            enabled: ledger::is_enabled(flow),
            changed_at: flow.updated_at,
            notes: notes.as_ref(),
            counts_from: state.as_ref().and_then(|s| s.enabled_since),
            last_slot: state.as_ref().and_then(|s| s.last_slot),
            evaluated: view.evaluations.get(&segment.id).map(|e| e.counts.ended),
            now: view.now,
        });
        match decision {
            Decision::Rest => return Ok(()),
            Decision::Pause { notes } => {
                let mut tx = inner.store.begin().await?;
                tx.set_notes(&flow.sandbox, &flow.id, &segment.id, &notes.value()).await?;
                return Ok(tx.commit().await?);
            }
            Decision::Begin { from, notes } => {
                let mut tx = inner.store.begin().await?;
                tx.set_enabled_since(&flow.sandbox, &flow.id, &segment.id, from).await?;
                tx.set_notes(&flow.sandbox, &flow.id, &segment.id, &notes.value()).await?;
                state = tx.flow_state(&flow.id, &segment.id).await?;
                tx.commit().await?;
            }
            Decision::Run(due) if view.is_live(&flow.id, &segment.id) => {
                tracing::debug!(flow = %flow.id, segment = %segment.id, slot = %due.slot, "a slot waits for a run to end");
                return Ok(());
            }
            Decision::Run(due) => return start(inner, flow, segment, state.as_ref(), due).await,
        }
    }
    Ok(())
}

async fn start(
    inner: &Arc<Inner>,
    flow: &Arc<Document>,
    segment: &ActivatedSegment,
    state: Option<&FlowState>,
    due: DueRun,
) -> Result<(), Fault> {
    let mut tx = inner.store.begin().await?;
    // What was decided, was decided for this version of the flow.
    let current = tx.find::<Flow>(&flow.sandbox, &flow.id).await?;
    if current.is_none_or(|current| current.version != flow.version) {
        inner.signal.notify_one();
        return Ok(());
    }
    if tx.find::<Segment>(&flow.sandbox, &segment.id).await?.is_none() {
        tracing::debug!(flow = %flow.id, segment = %segment.id, "the segment was deleted; its slot passes");
        return Ok(());
    }
    if !tx.mark_slot(&flow.sandbox, &flow.id, &segment.id, due.slot).await? {
        return Ok(());
    }
    let mut coalesced = due.missed;
    if due.kind == RunKind::AfterEvaluation {
        let handled = state.and_then(|s| s.last_slot.max(s.enabled_since));
        let history = tx.segment_history(&segment.id, EVALUATIONS_COUNTED_MAX).await?;
        let between = |ended| handled.is_none_or(|handled| ended > handled) && ended < due.slot;
        let starts = |ended| segment.export.as_ref().is_some_and(|e| e.schedule.follows_evaluation(ended, None));
        let ends = history.iter().map(|evaluation| evaluation.counts.ended);
        coalesced = ends.filter(|ended| between(*ended) && starts(*ended)).count() as u64;
    }
    let run = NewRun {
        flow,
        segment_id: &segment.id,
        segment_name: segment.name.as_deref(),
        kind: due.kind,
        slot: due.slot,
        coalesced,
        by: SCHEDULER,
    };
    match ledger::queue(&mut tx, &run, priority::SCHEDULED).await {
        Ok(_) => Ok(tx.commit().await?),
        // One was made meanwhile. The slot is not marked, and waits.
        Err(StoreError::Conflict(Conflict::LiveRun { .. })) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Forgets what is remembered of segments that are not activated any more: should one come back, its first export is
/// full.
pub(super) async fn forget(inner: &Arc<Inner>, view: &View) -> Result<(), Fault> {
    let flows: HashSet<&str> = view.flows.iter().map(|flow| flow.id.as_str()).collect();
    let schedules: HashSet<&str> = view.schedules.iter().map(|schedule| schedule.id.as_str()).collect();
    for (flow, segment) in view.states.keys() {
        let is_kept = match view.activations.get(flow) {
            Some(activation) => activation.segment(segment).is_some(),
            // A flow whose body cannot be read is not one that activates nothing.
            None => flows.contains(flow.as_str()) || schedules.contains(flow.as_str()) || flow == super::merging::STATE,
        };
        if is_kept {
            continue;
        }
        let mut tx = inner.store.begin().await?;
        tx.delete_flow_state(flow, segment).await?;
        tx.forget_alerts(&alerts::subject(flow, segment)).await?;
        tx.commit().await?;
    }
    Ok(())
}
