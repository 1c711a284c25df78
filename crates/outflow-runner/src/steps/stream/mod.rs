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
//! Before anything is derived, when what was derived is named (`decision`), and each time it is sent on (`gate`), it is
//! decided whether it may leave. A flow that may not tell what it would is paused.
//!
//! What is made on disk lies in a folder whose number a transaction took before, and counts from the transaction that
//! names it. Every transaction is under the job's fence. So wherever a worker ends, the next one goes on from the last
//! transaction; what it repeats towards the target has the same bytes and the same event ids. A target that is away or
//! refuses ends a try and not the job, which is tried again as long as the flow is enabled.

mod close;
mod decision;
mod derive;
mod drain;
mod end;
mod evaluations;
mod fold;
mod gate;
mod ground;
mod look;
mod next;
mod off;
mod place;
mod windows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use outflow_model::{Fault, FaultClass};
use outflow_store::Job;

pub(crate) use end::end;
pub(crate) use evaluations::waiting;
pub(crate) use ground::{mapped_ids, signature};
pub(crate) use next::{NOW, REDELIVER};
pub(crate) use windows::is_over;

use crate::context::Inner;
use crate::jobs;
use crate::live::Watch;
use crate::streams::StreamState;
use crate::worker::End;
use gate::Gate;
use ground::{Begun, Ground};

/// Rounds of one job; then it gives its worker to the next one, and comes again at once where more is to be done.
const ROUNDS_MAX: usize = 64;

/// A job's turn with its worker. Targets that take little, and always something, would otherwise keep every other flow
/// waiting.
#[derive(Clone, Copy)]
struct Turn {
    begun: Instant,
}

impl Turn {
    /// Whether the worker is for another flow now.
    async fn is_over(self, inner: &Inner) -> Result<bool, Fault> {
        if self.begun.elapsed() < Duration::from_secs(inner.settings.stream_turn_secs) {
            return Ok(false);
        }
        let due = inner.store.next_due(&[jobs::STREAM]).await?;
        Ok(due.is_some_and(|due| due <= inner.now()))
    }
}

/// Whether more is to be done.
enum Round {
    /// Something was done; look again.
    Again,
    /// Nothing is to be done.
    Nothing,
}

/// Carries a streaming flow on.
pub(crate) async fn stream(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let turn = Turn { begun: Instant::now() };
    for _ in 0..ROUNDS_MAX {
        watch.check()?;
        watch.enter("planning");
        let (ground, state) = match ground::begin(inner, job).await? {
            Begun::Gone => return Ok(End::Done),
            Begun::Off { folders, state } => return off::end_it(inner, job, watch, &folders, state).await,
            Begun::On { ground, state } => (ground, state),
        };
        match round(inner, job, watch, &ground, *state, turn).await? {
            Round::Again if turn.is_over(inner).await? => break,
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
    turn: Turn,
) -> Result<Round, Fault> {
    if state.open.is_some() {
        // A target that is away for long must not hide what comes meanwhile.
        let state = evaluations::note(inner, job, ground, state).await?;
        let Some(open) = &state.open else { return Ok(Round::Again) };
        if let Err(fault) = carry_on(inner, job, watch, ground, &state, turn).await {
            // Whoever asks for everybody's state has it sent also where the set cannot be read.
            if fault.class != FaultClass::Input || !is_everybody_asked_for(inner, job).await? {
                return Err(fault);
            }
            fold::give_up(inner, job, &ground.folders, open, &fault).await?;
        }
        return Ok(Round::Again);
    }
    let Some(state) = evaluations::take(inner, job, watch, ground, state).await? else {
        if ground.segments.is_empty() {
            off::without_segments(inner, job).await?;
        }
        return Ok(Round::Nothing);
    };
    let requests = inner.store.read().await?.stream_requests(&job.subject).await?;
    let others_are_withheld = decision::withholds_others(inner, job, ground, &state).await?;
    match next::next(ground, &state, requests, others_are_withheld) {
        Some(next) => derive::derive(inner, job, watch, ground, next).await,
        None => Ok(Round::Nothing),
    }
}

/// Sends an open set, or takes it back.
async fn carry_on(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Arc<Ground>,
    state: &StreamState,
    turn: Turn,
) -> Result<(), Fault> {
    let Some(open) = &state.open else { return Ok(()) };
    if fold::is_overtaken(ground, state) {
        return fold::fold(inner, job, watch, &ground.folders, open).await.map(drop);
    }
    match gate::before_sending(inner, job, watch, ground, state).await? {
        Gate::Closed => Ok(()),
        Gate::TakeBack => {
            if fold::fold(inner, job, watch, &ground.folders, open).await? == 0 {
                let count = |state: &mut StreamState| state.taken_back = state.taken_back.saturating_add(1);
                StreamState::change(&inner.store, job, count).await?;
            }
            Ok(())
        }
        Gate::Open(revision) => match drain::drain(inner, job, watch, ground, state, (turn, revision)).await? {
            true => close::close(inner, job, watch, ground, open).await,
            false => Ok(()),
        },
    }
}

/// Whether somebody asked for everybody's state and that was not begun.
async fn is_everybody_asked_for(inner: &Inner, job: &Job) -> Result<bool, Fault> {
    let requests = inner.store.read().await?.stream_requests(&job.subject).await?;
    Ok(requests.iter().any(|request| request.kind == NOW))
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
