//! The scheduler: it compares what should be with what is, and queues what lacks.
//!
//! It takes no input. It is woken early by a signal (a flow changed, an evaluation ended) and anyway by a period, looks at
//! everything, and leaves alone what is as it should be. So a signal that got lost, a server that was away for a month and
//! a second server that does the same at the same time all come to the same end: slots are marked in the transaction
//! that makes their run, and of several who try, one wins.

mod activations;
mod cron;
mod daily;
mod due;
mod flows;
mod living;
mod merging;
mod streams;
mod view;

use std::sync::Arc;
use std::time::Duration;

use outflow_model::Fault;
use tokio::sync::watch;

pub(crate) use activations::Activations;
pub use cron::Cron;
pub(crate) use flows::EVALUATIONS_COUNTED_MAX;
pub(crate) use merging::STATE as MERGE_STATE;

use crate::context::Inner;

/// Signals that come so close together are one: where many flows change, most of the time is theirs.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Compares until `stop` says so.
pub(crate) async fn schedule(inner: &Arc<Inner>, mut stop: watch::Receiver<bool>) {
    let period = Duration::from_secs(inner.settings.scheduler_period_secs.max(1));
    while !*stop.borrow_and_update() {
        let signal = inner.signal.notified();
        if let Err(fault) = reconcile(inner).await {
            tracing::warn!(class = %fault.class, fault = %outflow_model::fault::chain(&fault), "the scheduler could not look");
        }
        tokio::select! {
            () = signal => {
                tokio::select! {
                    () = tokio::time::sleep(BETWEEN_LOOKS) => {}
                    _ = stop.changed() => {}
                }
            }
            () = tokio::time::sleep(period) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Looks at everything once.
///
/// # Errors
/// The first fault that was met; what it does not concern was looked at all the same.
pub(crate) async fn reconcile(inner: &Arc<Inner>) -> Result<(), Fault> {
    let _one = inner.reconciling.lock().await;
    let view = view::View::take(inner).await?;
    let mut first = None;
    let mut note = |result: Result<(), Fault>| {
        if let Err(fault) = result {
            first.get_or_insert(fault);
        }
    };
    for flow in &view.flows {
        note(flows::look(inner, &view, flow).await);
    }
    note(streams::look(inner, &view).await);
    note(flows::forget(inner, &view).await);
    note(living::look(inner, &view).await);
    note(daily::look(inner, &view).await);
    note(merging::look(inner, &view).await);
    first.map_or(Ok(()), Err)
}
