//! The janitor: removes what nothing refers to, and nothing else.
//!
//! Rows go first: artifacts that nothing refers to and no failed run may still need, tokens, runs and counts of segments whose time is over.
//! Then files: those in the four folders that artifacts are made in, named as artifacts are named, that no row refers to
//! and that nobody has touched for a day. A job that makes or reuses a file touches it, and its row is written long
//! before the day is over. Of streams, whole folders go that no stream's row names, and of departures files that no row
//! names, and the oldest beyond what is kept.

mod departures;
mod files;
mod rows;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use outflow_model::Fault;
use tokio::sync::watch;

use crate::context::Inner;

/// A server that has just begun has better things to do.
const FIRST_AFTER: Duration = Duration::from_secs(60);

/// Cleans up now and then until `stop` says so.
pub(crate) async fn clean(inner: &Arc<Inner>, mut stop: watch::Receiver<bool>) {
    let period = Duration::from_secs(inner.settings.janitor_period_secs.max(1));
    let mut pause = period.min(FIRST_AFTER);
    while !*stop.borrow_and_update() {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => continue,
        }
        pause = period;
        if let Err(fault) = clean_up(inner).await {
            tracing::warn!(class = %fault.class, fault = %outflow_model::fault::chain(&fault), "the janitor could not clean up");
        }
    }
}

/// Cleans up once.
///
/// # Errors
/// The first fault that was met; the rest was done all the same.
pub(crate) async fn clean_up(inner: &Arc<Inner>) -> Result<(), Fault> {
    let done = [
        rows::tokens(inner).await,
        rows::journal(inner).await,
        rows::seeds(inner).await,
        rows::runs(inner).await,
        rows::segment_history(inner).await,
        rows::old_documents(inner).await,
        rows::artifacts(inner).await,
        files::files(inner).await,
        streams::streams(inner).await,
        departures::forget(inner).await,
        departures::files(inner).await,
    ];
    done.into_iter().find(Result::is_err).unwrap_or(Ok(()))
}
