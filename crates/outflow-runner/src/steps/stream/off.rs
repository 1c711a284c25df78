//! The end of a flow's sending when it is disabled: what was not sent is taken back, and its runs end. When it is enabled
//! again, it goes on from what the far end knows with what is so by then.

use std::sync::Arc;

use outflow_model::run::RunKind;
use outflow_model::{Fault, FaultClass};
use outflow_store::{Flow, Job};

use super::{derive, fold, windows};
use crate::context::Inner;
use crate::live::Watch;
use crate::streams::{Folders, StreamState};
use crate::worker::End;

/// Why a run of a disabled flow ends.
const DISABLED: &str = "its flow was disabled";

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
    tx.lock::<Flow>(&job.sandbox, &job.subject).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    for request in tx.stream_requests(&job.subject).await? {
        tx.drop_stream_request(&request.id).await?;
        if let Some(run) = derive::run_of(&request) {
            windows::cancel(&mut tx, job, &run, DISABLED, now).await?;
        }
    }
    if let Some(run) = tx.live_run_of_stream(&job.subject, RunKind::Now.as_str()).await? {
        windows::cancel(&mut tx, job, &run.id, DISABLED, now).await?;
    }
    state.run = None;
    windows::end_window(inner, &mut tx, job, now).await?;
    state.again = false;
    state.waiting.clear();
    // Only the newest evaluation counts when it is enabled again.
    (state.taken, state.newest) = (None, None);
    state.enter("idle", now);
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    inner.signal.notify_one();
    Ok(End::Done)
}
