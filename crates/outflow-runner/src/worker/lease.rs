//! Keeping a job's lease.
//!
//! A lease is renewed every third of its length. When it is lost, or when the database could not be asked for so long
//! that somebody else may have taken the job over, the job is told to stop: from then on it writes nothing. Its own
//! clock counts from before each renewal was asked for, and it gives up a sixth before the lease ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use outflow_store::{Job, Lease, StoreError};
use tokio::task::JoinHandle;

use crate::context::Inner;
use crate::live::{Stop, Watch};

/// A lease that is being kept. Dropping it ends that.
pub(crate) struct Kept {
    task: JoinHandle<()>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps the lease of `job`, which was taken at `taken`, until what is answered is dropped.
pub(crate) fn keep(inner: &Arc<Inner>, job: &Job, taken: Instant, watch: &Arc<Watch>) -> Kept {
    watch.leased(taken + safe_part(inner), job.lease_until);
    let (inner, lease, watch) = (Arc::clone(inner), job.lease(), Arc::clone(watch));
    Kept { task: tokio::spawn(async move { renew(&inner, &lease, taken, &watch).await }) }
}

/// How long after it was asked for a lease is sure to live.
fn safe_part(inner: &Inner) -> Duration {
    inner.settings.lease() * 5 / 6
}

async fn renew(inner: &Inner, lease: &Lease, taken: Instant, watch: &Watch) {
    let length = inner.settings.lease();
    let safe = safe_part(inner);
    let mut safe_until = taken + safe;
    loop {
        tokio::time::sleep(length / 3).await;
        let asked = Instant::now();
        let left = safe_until.saturating_duration_since(asked);
        let answer = tokio::time::timeout(left, inner.store.renew(lease, length)).await;
        match answer {
            Ok(Ok(renewed)) => {
                safe_until = asked + safe;
                watch.leased(safe_until, renewed.lease_until);
                if renewed.cancel {
                    watch.stop(Stop::Cancelled);
                }
            }
            Ok(Err(StoreError::LeaseLost { .. })) => {
                tracing::warn!(job = %lease.job, "the lease is lost; the job is another worker's");
                watch.stop(Stop::LeaseLost);
                return;
            }
            Ok(Err(_)) if safe_until.saturating_duration_since(Instant::now()) > Duration::ZERO => {}
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(job = %lease.job, "the lease could not be renewed in time; the job is given up");
                watch.stop(Stop::LeaseLost);
                return;
            }
        }
    }
}
