//! Workers: each claims a job, carries it out and settles it, one after the other.
//!
//! A job is leased for as long as its worker shows signs of life ([`lease`]), and everything that is written of it goes
//! through a transaction that first checks the lease's fence. So a worker that was taken for dead, and comes back, can
//! write nothing. Steps are idempotent; a job that was cut short anywhere is simply carried out again.

mod lease;
pub(crate) mod retry;
mod settle;

use std::sync::Arc;
use std::time::{Duration, Instant};

use outflow_model::{Fault, FaultClass};
use outflow_store::Job;
use tokio::sync::watch;

use crate::context::Inner;
use crate::jobs::Payload;
use crate::live::{Stop, Watch};
use crate::steps;

/// How often a worker looks for a job without a signal: what another server queued shows only in the database.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A job under which so many workers ended is given up: to go on would end every server that takes it.
const ENDED_MAX: i64 = 200;

/// What became of a job that met no fault.
pub(crate) enum End {
    /// It is done, and its row is gone.
    Done,
    /// It waits for something else, which is no failure.
    Wait {
        /// How long.
        wait: Duration,
        /// For what.
        why: String,
    },
    /// What it was for is not wanted any more.
    NotWanted(String),
}

/// Carries jobs of `kinds` out until `stop` says so.
pub(crate) async fn work(inner: &Arc<Inner>, kinds: &[&str], mut stop: watch::Receiver<bool>) {
    let wakeup = inner.store.wakeup();
    while !*stop.borrow_and_update() {
        // Made before the look, so that what is queued during it is not missed.
        let queued = wakeup.notified();
        let taken = Instant::now();
        match inner.store.claim(&inner.worker, inner.settings.lease(), kinds).await {
            Ok(Some(job)) => {
                carry_out(inner, &job, taken, stop.clone()).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no job could be claimed"),
        }
        tokio::select! {
            () = queued => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn carry_out(inner: &Arc<Inner>, job: &Job, taken: Instant, stop: watch::Receiver<bool>) {
    let watch = Watch::new();
    if job.cancel {
        watch.stop(Stop::Cancelled);
    }
    let listed = inner.live.enter(&job.kind, &job.subject, &watch);
    let kept = lease::keep(inner, job, taken, &watch);
    let stopper = tokio::spawn(stop_at_shutdown(stop, Arc::clone(&watch)));
    tracing::info!(job = %job.id, kind = %job.kind, subject = %job.subject, attempt = job.attempt, "a job begins");
    let payload = Payload::of(&job.payload);
    // Tries that were settled say so; what is left are those of workers that ended.
    let ended = job.attempt - 1 - i64::from(payload.failures) - i64::from(payload.waits);
    let result = match ended > ENDED_MAX {
        true => Err(ends_its_worker(job, ended)),
        false => execute(inner, job, &watch).await,
    };
    metrics::histogram!("outflow_job_seconds", "kind" => job.kind.clone()).record(taken.elapsed().as_secs_f64());
    settle::settle(inner, job, &watch, result).await;
    stopper.abort();
    drop(kept);
    drop(listed);
}

/// Carries a job out in a task of its own: should it panic, the worker lives on.
async fn execute(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let (inner, job, watch) = (Arc::clone(inner), job.clone(), Arc::clone(watch));
    match tokio::spawn(async move { steps::execute(&inner, &job, &watch).await }).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(Fault::internal("the job panicked")),
        Err(error) => Err(Fault::internal("the job's task ended").because(error)),
    }
}

async fn stop_at_shutdown(mut stop: watch::Receiver<bool>, watch: Arc<Watch>) {
    // An error means that the runner itself is gone.
    let _ = stop.wait_for(|stop| *stop).await;
    watch.stop(Stop::Shutdown);
}

fn ends_its_worker(job: &Job, ended: i64) -> Fault {
    // Not `Internal`, which would be tried again.
    Fault::new(FaultClass::Input, format!("servers ended {ended} times while they carried this out"))
        .tried(format!("{} {}", job.kind, job.subject))
        .hint("look for the cause in the servers' logs and in the machine's memory, then try again")
}
