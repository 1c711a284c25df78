//! A session that makes nothing visible any more once the job is another worker's.
//!
//! A process that was frozen goes on in the middle of what it did, before anybody has told it that its lease is lost.
//! Under a dated name it could only publish the plan's identical bytes; under a static one it would put an older run's
//! file, or manifest, over a newer one's. So the time is looked at right before each file becomes visible. What remains
//! is a request that was on its way already.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{
    BodyReader, Clock, ObjectStat, PartBody, PartRequest, Receipt, Session, StagedPart, SweepReport,
};
use outflow_model::Fault;

use crate::live::Watch;

/// The session of a job, as long as its lease lives.
pub(crate) struct Owned {
    inner: Arc<dyn Session>,
    watch: Arc<Watch>,
    clock: Clock,
}

impl Owned {
    /// `inner` under the lease of the job that `watch` watches.
    pub fn new(inner: Arc<dyn Session>, watch: &Arc<Watch>, clock: &Clock) -> Owned {
        Owned { inner, watch: Arc::clone(watch), clock: Arc::clone(clock) }
    }
}

#[async_trait]
impl Session for Owned {
    fn url(&self, name: &str) -> String {
        self.inner.url(name)
    }

    fn sink_path(&self, name: &str) -> String {
        self.inner.sink_path(name)
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        self.inner.stage(request, body).await
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        if let Err(lost) = self.watch.check_lease((self.clock)()) {
            if let Err(fault) = self.inner.discard(part).await {
                tracing::debug!(class = %fault.class, "a staged part is left to the next sweep");
            }
            return Err(lost);
        }
        self.inner.publish(part).await
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        self.inner.discard(part).await
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        self.inner.sweep(names).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        self.inner.stat(name).await
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        self.inner.read(name).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        self.inner.read_range(name, offset, length).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        self.inner.list(folder).await
    }

    async fn close(&self) -> Result<(), Fault> {
        self.inner.close().await
    }
}
