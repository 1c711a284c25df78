//! Runs that have not ended: those that are not wanted any more are cancelled, those that take too long are told.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::Fault;
use outflow_model::flow::FlowKind;
use outflow_model::run::RunBody;
use outflow_store::{Document, Expected, Flow, Run, Segment};

use super::view::View;
use crate::alerts::{self, Kind};
use crate::context::Inner;
use crate::live::Stop;
use crate::submit::{self, SubmitError};
use crate::{jobs, ledger};

/// Looks at every run that is going.
pub(super) async fn look(inner: &Arc<Inner>, view: &View) -> Result<(), Fault> {
    metrics::gauge!("outflow_runs_live").set(view.live.len() as f64);
    for run in &view.live {
        let body = ledger::read(run)?;
        if body.cancel_request.is_none()
            && let Some(reason) = unwanted(inner, view, run, &body).await?
        {
            cancel(inner, run, &reason).await?;
        } else if is_late(inner, view, &body) && !is_told(inner, &body).await? {
            tell_late(inner, view, run).await?;
        }
    }
    Ok(())
}

/// Whether a run takes too long, counted from its slot, however long the slot waited for the server or for an earlier run;
/// from when somebody asked for it, or asked again, where somebody did. While a slot waits for a run, that run is the
/// older one, and tells the delay of both.
fn is_late(inner: &Inner, view: &View, body: &RunBody) -> bool {
    let allowed = i64::try_from(inner.settings.delay_alert_secs).ok().and_then(TimeDelta::try_seconds);
    let since = ledger::queued_at(body).unwrap_or(body.slot);
    allowed.is_some_and(|allowed| view.now - since > allowed)
}

/// Tells that a run is late, unless it has ended since it was looked at: nothing would tell that it is over.
async fn tell_late(inner: &Inner, view: &View, run: &Document) -> Result<(), Fault> {
    let mut tx = inner.store.begin().await?;
    if tx.find::<Run>(&run.sandbox, &run.id).await?.is_none() {
        return Ok(());
    }
    // The lock orders this against the run's end.
    let run = tx.lock::<Run>(&run.sandbox, &run.id).await?;
    let body = ledger::read(&run)?;
    if body.state.is_live() && is_late(inner, view, &body) {
        alerts::open(&mut tx, &run.id, &run.sandbox, &body, Kind::RunDelay, view.now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Whether it is told already that the runs of this flow and segment are late.
async fn is_told(inner: &Inner, body: &RunBody) -> Result<bool, Fault> {
    let subject = alerts::subject(&body.flow_id, &body.segment_id);
    Ok(inner.store.read().await?.alert_open(&subject, Kind::RunDelay.name()).await?)
}

/// Why a run is not wanted any more, where it is not.
async fn unwanted(inner: &Inner, view: &View, run: &Document, body: &RunBody) -> Result<Option<String>, Fault> {
    let mut reader = inner.store.read().await?;
    // The view may be older than the run.
    let Some(flow) = reader.find::<Flow>(&run.sandbox, &body.flow_id).await? else {
        return Ok(Some("its flow was deleted".into()));
    };
    if body.is_stream() {
        // Its flow's own job ends it.
        return Ok(None);
    }
    if let Some(why) = ledger::why_off(&flow) {
        return Ok(Some(why));
    }
    let activation =
        if view.activations.contains_key(&flow.id) { inner.activations.of(&flow, FlowKind::Batch) } else { None };
    if activation.is_some_and(|a| a.segment(&body.segment_id).is_none()) {
        return Ok(Some("its segment was taken out of the flow".into()));
    }
    if reader.find::<Segment>(&run.sandbox, &body.segment_id).await?.is_none() {
        return Ok(Some("its segment was deleted".into()));
    }
    Ok(None)
}

async fn cancel(inner: &Inner, run: &Document, reason: &str) -> Result<(), Fault> {
    let mut tx = inner.store.begin().await?;
    let by = super::flows::SCHEDULER;
    match submit::cancel(&mut tx, &run.sandbox, &run.id, by, reason, Expected::Any, inner.now()).await {
        Ok(()) => tx.commit().await?,
        // It has ended meanwhile.
        Err(SubmitError::Conflict { .. } | SubmitError::NotFound { .. }) => return Ok(()),
        Err(SubmitError::Fault(fault)) => return Err(fault),
        Err(other) => return Err(Fault::internal("a run could not be cancelled").because(other)),
    }
    if let Some(watch) = inner.live.find(jobs::RUN, &run.id) {
        watch.stop(Stop::Cancelled);
    }
    Ok(())
}
