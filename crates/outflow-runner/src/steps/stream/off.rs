//! The end of a flow's sending when it is disabled: what was not sent is taken back, and its runs end. When it is enabled
//! again, it goes on from what the far end knows with what is so by then.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_model::run::RunKind;
use outflow_model::{Fault, FaultClass};
use outflow_store::{FencedTx, Flow, Job};

use super::{fold, next, windows};
use crate::context::Inner;
use crate::ledger;
use crate::live::Watch;
use crate::streams::{Folders, StreamState};
use crate::worker::End;

/// Why a run ends of a flow that sends no messages any more.
const NO_STREAM: &str = "its flow sends no messages any more";

/// Why a run of a flow ends that has no segment any more.
const NO_SEGMENTS: &str = "its flow has no segment that is there";

/// Ends the sending of a disabled flow.
pub(super) async fn end_it(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    folders: &Folders,
    state: Box<StreamState>,
) -> Result<End, Fault> {
    if let Some(open) = &state.open
        && let Err(fault) = fold::fold(inner, job, watch, folders, open).await
    {
        if fault.class != FaultClass::Input {
            return Err(fault);
        }
        fold::give_up(inner, job, folders, open, &fault).await?;
    }
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    // Before its requests, as whoever deletes it takes them.
    let flow = tx.lock::<Flow>(&job.sandbox, &job.subject).await?;
    let why = ledger::why_off(&flow).unwrap_or_else(|| NO_STREAM.to_owned());
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    end_wishes(&mut tx, job, &mut state, &why, now).await?;
    windows::end_window(inner, &mut tx, job, now).await?;
    // Only the newest evaluation counts when it is enabled again.
    state.begin_anew();
    state.disable(now);
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(End::Done)
}

/// Ends what somebody asked for, and the run that is for it.
async fn end_wishes(
    tx: &mut FencedTx,
    job: &Job,
    state: &mut StreamState,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    for request in tx.stream_requests(&job.subject).await? {
        tx.drop_stream_request(&request.id).await?;
        if let Some(run) = next::run_of(&request) {
            windows::cancel(tx, job, &run, reason, now).await?;
        }
    }
    if let Some(run) = tx.live_run_of_stream(&job.subject, RunKind::Now.as_str()).await? {
        windows::cancel(tx, job, &run.id, reason, now).await?;
    }
    (state.run, state.again) = (None, false);
    Ok(())
}

/// Ends what a flow without segments has begun: there is nobody whose state could be told. What was told of its segments is
/// forgotten, as that of every segment that is taken out: one that is put back is told to everybody. Nothing may be on its
/// way.
///
/// # Errors
/// Those of the store.
pub(super) async fn without_segments(inner: &Inner, job: &Job) -> Result<(), Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    // Before its requests, as whoever deletes it takes them.
    tx.lock::<Flow>(&job.sandbox, &job.subject).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    end_wishes(&mut tx, job, &mut state, NO_SEGMENTS, inner.now()).await?;
    state.begin_anew();
    (state.told, state.incomplete) = (None, false);
    state.elsewhere.clear();
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    Ok(tx.commit().await?)
}
