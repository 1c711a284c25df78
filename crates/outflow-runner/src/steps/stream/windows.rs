//! The runs of a streaming flow: a window for each hour in which messages are made, and one for each activation that
//! somebody asked for.
//!
//! A window ends when its hour is over and nothing of it is on its way; there is one set at a time, so that the next
//! window begins after the one before has ended. What became of messages is counted when their set is closed.

use std::sync::Arc;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use outflow_model::Fault;
use outflow_model::run::{RunBody, RunError, RunKind, RunState, WindowCounts, WindowFacts};
use outflow_store::{Document, FencedTx, Flow, Job, Run, StoreError};

use super::ground::Ground;
use crate::alerts::{self, Kind};
use crate::context::Inner;
use crate::details::take;
use crate::ledger;
use crate::streams::StreamState;

/// A run that messages are of.
pub(super) enum RunRef {
    /// The hour's; it may not be there yet.
    Window(String),
    /// One that somebody asked for.
    Asked(String),
}

impl RunRef {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            RunRef::Window(id) | RunRef::Asked(id) => id,
        }
    }
}

/// Whether the hour of a window is over.
pub(crate) fn is_over(slot: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    slot + TimeDelta::hours(1) <= now
}

/// The id of the flow's window that lives, or of one that may be made.
pub(super) async fn current(tx: &mut FencedTx, job: &Job) -> Result<String, StoreError> {
    match tx.live_run_of_stream(&job.subject, RunKind::Window.as_str()).await? {
        Some(window) => Ok(window.id.clone()),
        None => tx.new_id(),
    }
}

/// A run that lives, locked.
async fn live(tx: &mut FencedTx, job: &Job, id: &str) -> Result<Option<(Arc<Document>, RunBody)>, StoreError> {
    if tx.find::<Run>(&job.sandbox, id).await?.is_none() {
        return Ok(None);
    }
    let document = tx.lock::<Run>(&job.sandbox, id).await?;
    let body = ledger::read(&document).map_err(|fault| StoreError::Internal(fault.message))?;
    Ok(body.state.is_live().then_some((document, body)))
}

/// Messages of a run are made: it is carried out from here on.
pub(super) async fn begin(
    inner: &Inner,
    tx: &mut FencedTx,
    ground: &Ground,
    run: &RunRef,
    evaluation: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let flow = &ground.flow;
    if tx.find::<Run>(&flow.sandbox, run.id()).await?.is_none() {
        let RunRef::Window(id) = run else { return Ok(()) };
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let mut body = ledger::stream_run(flow, id, RunKind::Window, hour);
        body.enter(RunState::Processing)?;
        body.begin(now);
        body.evaluation_id = Some(evaluation.to_owned());
        body.counts = Some(WindowCounts::default());
        describe(flow, &mut body, now);
        ledger::insert(tx, flow, &body, "runner").await?;
        alerts::tell(tx, id, &flow.sandbox, &body, Kind::RunStart, now).await?;
        return Ok(());
    }
    let document = tx.lock::<Run>(&flow.sandbox, run.id()).await?;
    let mut body = ledger::read(&document)?;
    if !body.state.is_live() {
        return Ok(());
    }
    let is_first = body.begin(now);
    if body.state == RunState::Queued {
        body.enter(RunState::Processing)?;
    }
    body.evaluation_id = Some(evaluation.to_owned());
    body.counts.get_or_insert_default();
    describe(flow, &mut body, now);
    ledger::write(tx, &document, &body).await?;
    if is_first {
        alerts::tell(tx, run.id(), &flow.sandbox, &body, Kind::RunStart, inner.now()).await?;
    }
    Ok(())
}

/// Counts what became of messages of a run.
pub(super) async fn add(
    tx: &mut FencedTx,
    job: &Job,
    run: &str,
    counts: &WindowCounts,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some((document, mut body)) = live(tx, job, run).await? else { return Ok(()) };
    body.counts.get_or_insert_default().add(counts);
    describe_as_it_is(tx, job, &mut body, now).await?;
    Ok(ledger::write(tx, &document, &body).await?)
}

/// Ends the flow's window where its hour is over. Nothing of it may be on its way.
pub(super) async fn end_over(inner: &Inner, tx: &mut FencedTx, job: &Job, now: DateTime<Utc>) -> Result<(), Fault> {
    match tx.live_run_of_stream(&job.subject, RunKind::Window.as_str()).await? {
        Some(window) if is_over(ledger::read(&window)?.slot, now) => end(inner, tx, job, &window.id, now).await,
        _ => Ok(()),
    }
}

/// Ends the flow's window whatever the hour. Nothing of it may be on its way.
pub(super) async fn end_window(inner: &Inner, tx: &mut FencedTx, job: &Job, now: DateTime<Utc>) -> Result<(), Fault> {
    match tx.live_run_of_stream(&job.subject, RunKind::Window.as_str()).await? {
        Some(window) => end(inner, tx, job, &window.id, now).await,
        None => Ok(()),
    }
}

/// Ends the activation that somebody asked for. Nothing of it may be due.
pub(super) async fn end_asked(
    inner: &Inner,
    tx: &mut FencedTx,
    job: &Job,
    state: &mut StreamState,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    match state.run.take() {
        Some(run) => end(inner, tx, job, &run, now).await,
        None => Ok(()),
    }
}

async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, run: &str, now: DateTime<Utc>) -> Result<(), Fault> {
    let Some((document, mut body)) = live(tx, job, run).await? else { return Ok(()) };
    if body.state == RunState::Queued {
        body.enter(RunState::Processing)?;
    }
    body.enter(RunState::Success)?;
    body.completed_at = Some(now);
    body.begin(now);
    let counts = body.counts.get_or_insert_default().clone();
    let lost = counts.oversize + counts.refused;
    if lost > 0 {
        body.advice = vec![format!(
            "{lost} of {} messages were not taken by the target; the flow's letters say why, and can be sent anew",
            counts.messages
        )];
    }
    describe_as_it_is(tx, job, &mut body, now).await?;
    ledger::write(tx, &document, &body).await?;
    let mut details = document.details.clone();
    if take(&mut details, "progress").is_some() {
        tx.set_details::<Run>(&job.sandbox, run, &details).await?;
    }
    alerts::succeeded(tx, run, &job.sandbox, &body, counts.lost_rate(), inner).await?;
    metrics::counter!("outflow_runs_total", "state" => "success").increment(1);
    Ok(())
}

/// Ends an activation that is not wanted any more.
pub(super) async fn cancel(
    tx: &mut FencedTx,
    job: &Job,
    run: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some((document, mut body)) = live(tx, job, run).await? else { return Ok(()) };
    body.enter(RunState::Cancelled)?;
    (body.completed_at, body.reason) = (Some(now), Some(reason.to_owned()));
    describe_as_it_is(tx, job, &mut body, now).await?;
    ledger::write(tx, &document, &body).await?;
    alerts::cancelled(tx, run, &job.sandbox, &body, now).await?;
    metrics::counter!("outflow_runs_total", "state" => "cancelled").increment(1);
    Ok(())
}

/// Ends an activation that may not leave.
pub(super) async fn fail(
    tx: &mut FencedTx,
    job: &Job,
    run: &str,
    error: RunError,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some((document, mut body)) = live(tx, job, run).await? else { return Ok(()) };
    body.enter(RunState::Failed)?;
    (body.completed_at, body.error) = (Some(now), Some(error));
    describe_as_it_is(tx, job, &mut body, now).await?;
    ledger::write(tx, &document, &body).await?;
    alerts::failed(tx, run, &job.sandbox, &body, now).await?;
    metrics::counter!("outflow_runs_total", "state" => "failed").increment(1);
    Ok(())
}

async fn describe_as_it_is(
    tx: &mut FencedTx,
    job: &Job,
    body: &mut RunBody,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let Some(flow) = tx.find::<Flow>(&job.sandbox, &job.subject).await? {
        describe(&flow, body, now);
    }
    Ok(())
}

/// Writes metrics and activities.
fn describe(flow: &Document, body: &mut RunBody, now: DateTime<Utc>) {
    let connection = |member: &str| crate::steps::run::connection_id(flow, member).unwrap_or_default();
    let (source, target) = (connection("sourceConnectionIds"), connection("targetConnectionIds"));
    let counts = body.counts.clone().unwrap_or_default();
    let id = body.id.clone();
    let facts = WindowFacts {
        run_id: &id,
        source_connection_id: &source,
        target_connection_id: &target,
        state: body.state,
        started_at: body.started_at,
        completed_at: body.completed_at,
        now,
        counts: &counts,
    };
    facts.describe(body);
}
