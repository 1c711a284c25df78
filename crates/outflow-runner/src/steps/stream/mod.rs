//! Carrying a streaming flow on: evaluations become messages, messages are sent, and what was settled is counted.
//!
//! One job for each flow, one round after the other:
//!
//! 1. Messages that are on their way are sent (`drain`) until all are settled; then their told state counts (`close`).
//! 2. Evaluations that came since are put on the list (`evaluations`); where the flow's segments have no evaluation in
//!    common, they are evaluated now.
//! 3. The next derivation is made (`derive`): the oldest evaluation that waits, what somebody asked for, or what the last
//!    one had no room for.
//!
//! What is made on disk lies in a folder whose number a transaction took before, and counts from the transaction that
//! names it. Every transaction is under the job's fence. So wherever a worker ends, the next one goes on from the last
//! transaction; what it repeats towards the target has the same bytes and the same event ids. A target that is away or
//! refuses ends a try and not the job, which is tried again as long as the flow is enabled.

mod close;
mod derive;
mod drain;
mod end;
mod evaluations;
mod fold;
mod ground;
mod look;
mod off;
mod place;
mod windows;

use std::sync::Arc;

use outflow_model::Fault;
use outflow_store::Job;

pub(crate) use derive::{NOW, REDELIVER};
pub(crate) use end::end;
pub(crate) use ground::{mapped_ids, signature};
pub(crate) use windows::is_over;

use crate::context::Inner;
use crate::live::Watch;
use crate::streams::StreamState;
use crate::worker::End;
use ground::{Begun, Ground};

/// Rounds of one job; then it gives its worker to the next one, and comes again at once where more is to be done.
const ROUNDS_MAX: usize = 64;

/// Whether more is to be done.
enum Round {
    /// Something was done; look again.
    Again,
    /// Nothing is to be done.
    Nothing,
}

/// Carries a streaming flow on.
pub(crate) async fn stream(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    for _ in 0..ROUNDS_MAX {
        watch.check()?;
        watch.enter("planning");
        let (ground, state) = match ground::begin(inner, job).await? {
            Begun::Gone => return Ok(End::Done),
            Begun::Off { folders, state } => return off::end_it(inner, job, watch, &folders, state).await,
            Begun::On { ground, state } => (ground, state),
        };
        match round(inner, job, watch, &ground, *state).await? {
            Round::Again => {}
            Round::Nothing => break,
        }
    }
    finish(inner, job).await
}

async fn round(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Arc<Ground>,
    state: StreamState,
) -> Result<Round, Fault> {
    if state.open.is_some() {
        // A target that is away for long must not hide what comes meanwhile.
        let state = evaluations::note(inner, job, ground, state).await?;
        let Some(open) = &state.open else { return Ok(Round::Again) };
        if fold::is_overtaken(ground, &state) {
            fold::fold(inner, job, watch, &ground.folders, open).await?;
        } else if drain::drain(inner, job, watch, ground, &state, open).await? {
            close::close(inner, job, watch, ground, open).await?;
        }
        return Ok(Round::Again);
    }
    let state = match evaluations::take(inner, job, watch, ground, state).await? {
        Some(state) => state,
        None => return Ok(Round::Nothing),
    };
    let requests = inner.store.read().await?.stream_requests(&job.subject).await?;
    match derive::next(ground, &state, requests) {
        Some(next) => derive::derive(inner, job, watch, ground, next).await,
        None => Ok(Round::Nothing),
    }
}

/// Ends the job. What came meanwhile is found by the scheduler, which is woken.
async fn finish(inner: &Inner, job: &Job) -> Result<End, Fault> {
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if let Some(mut state) = StreamState::find(&mut tx, &job.subject).await? {
        if state.open.is_none() {
            windows::end_over(inner, &mut tx, job, now).await?;
        }
        state.enter(if state.open.is_some() { "sending" } else { "idle" }, now);
        end::recover(&mut tx, job, now).await?;
        state.put(&mut tx, &job.sandbox, &job.subject).await?;
    }
    tx.finish_job().await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(End::Done)
}
