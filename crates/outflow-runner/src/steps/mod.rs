//! What jobs do, one step a file.
//!
//! A step may be cut short anywhere and is carried out again from its beginning. What it writes to the store it writes in
//! transactions under the job's fence; what it makes on disk is immutable and named by its content; what it makes at a
//! target follows from a plan that was stored before. So carrying it out again comes to the same end.

pub(crate) mod alert;
pub(crate) mod evaluate;
pub(crate) mod merge;
pub(crate) mod permit;
pub(crate) mod refresh;
pub(crate) mod run;
pub(crate) mod stream;
pub(crate) mod verify;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_store::{FencedTx, Job, StoreError};

use crate::context::Inner;
use crate::jobs;
use crate::live::Watch;
use crate::worker::End;

/// How a try ended that was no success.
pub(crate) enum Ending<'a> {
    /// It failed and is made again.
    Retry {
        /// Why it failed.
        fault: &'a Fault,
        /// When it is made again.
        at: DateTime<Utc>,
    },
    /// It failed, and that is that.
    Failed {
        /// Why.
        fault: &'a Fault,
    },
    /// It was cancelled, or what it was for is not wanted any more.
    Cancelled {
        /// Why, where whoever cancelled has not said it.
        reason: Option<String>,
    },
}

/// Carries a job out.
///
/// # Errors
/// Whatever it meets. A job that was asked to stop says `Interrupted`.
pub(crate) async fn execute(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    watch.check()?;
    match job.kind.as_str() {
        jobs::REFRESH => refresh::refresh(inner, job, watch).await,
        jobs::MERGE => merge::merge_anew(inner, job, watch).await,
        jobs::EVALUATION => evaluate::evaluation(inner, job, watch).await,
        jobs::RUN => run::run(inner, job, watch).await,
        jobs::VERIFY => verify::verify(inner, job, watch).await,
        jobs::ALERT => alert::deliver(inner, job).await,
        jobs::STREAM => stream::stream(inner, job, watch).await,
        other => Err(Fault::input(format!("no job is called {other:?}"))),
    }
}

/// Writes how a try ended where people look for it. The job itself is the caller's.
///
/// # Errors
/// Those of the store.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    match job.kind.as_str() {
        jobs::REFRESH => refresh::end(inner, tx, job, ending).await,
        jobs::MERGE => merge::end(tx, job, ending).await,
        jobs::EVALUATION => evaluate::end(inner, tx, job, ending).await,
        jobs::RUN => run::end(inner, tx, job, ending).await,
        jobs::VERIFY => verify::end(inner, tx, job, ending).await,
        jobs::ALERT => alert::end(inner, tx, job, ending).await,
        jobs::STREAM => stream::end(inner, tx, job, ending).await,
        _ => Ok(()),
    }
}

/// Does what follows the end of a job that was no success, once it is off the queue and in the same transaction.
///
/// # Errors
/// Those of the store.
pub(crate) async fn ended(inner: &Inner, tx: &mut FencedTx, job: &Job) -> Result<(), StoreError> {
    match job.kind.as_str() {
        jobs::REFRESH => refresh::again(inner, tx, job).await,
        _ => Ok(()),
    }
}

/// Why a try ended without a result. The job is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// It found that something else has to come first: it was no try.
    Wait,
    /// Its server was shut down.
    Shutdown,
}

/// Writes that a try ended without a result.
///
/// # Errors
/// Those of the store.
pub(crate) async fn interrupted(tx: &mut FencedTx, job: &Job, why: Interruption) -> Result<(), StoreError> {
    match job.kind.as_str() {
        jobs::RUN => run::interrupted(tx, job, why).await,
        _ => Ok(()),
    }
}

/// Runs `work` on a thread where it may block.
///
/// # Errors
/// Its own; `Internal` when it panicked. Of a panic only the place is told, by the program's hook.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(Fault::internal("a thread of the job panicked")),
        Err(error) => Err(Fault::internal("a thread of the job ended").because(error)),
    }
}
