//! A folder that a target's macros name, below one that is there.
//!
//! Connectors make the folders of a file's name and not the destination's own. So the session is opened at the folder
//! that must be there, and the rest goes in front of every name.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{BodyReader, ObjectStat, PartBody, PartRequest, Receipt, Session, StagedPart, SweepReport};
use outflow_model::Fault;

/// The session of a folder below another's.
pub struct Below {
    inner: Arc<dyn Session>,
    /// With a slash at its end.
    folder: String,
}

impl Below {
    /// `inner` with its names in `folder`, which has no slash at its ends.
    pub fn new(inner: Arc<dyn Session>, folder: &str) -> Below {
        Below { inner, folder: format!("{folder}/") }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    fn own(&self, name: String) -> String {
        name.strip_prefix(&self.folder).map(str::to_owned).unwrap_or(name)
    }
}

#[async_trait]
impl Session for Below {
    fn url(&self, name: &str) -> String {
        self.inner.url(&self.name(name))
    }

    fn sink_path(&self, name: &str) -> String {
        self.inner.sink_path(&self.name(name))
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        self.inner.stage(PartRequest { name: self.name(&request.name), ..request }, body).await
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        let receipt = self.inner.publish(part).await?;
        Ok(Receipt { name: self.own(receipt.name), ..receipt })
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        self.inner.discard(part).await
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        let names: Vec<String> = names.iter().map(|name| self.name(name)).collect();
        self.inner.sweep(&names).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        self.inner.stat(&self.name(name)).await
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        self.inner.read(&self.name(name)).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        self.inner.read_range(&self.name(name), offset, length).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        let listed = self.inner.list(&self.name(folder)).await?;
        Ok(listed.into_iter().map(|(name, stat)| (self.own(name), stat)).collect())
    }

    async fn close(&self) -> Result<(), Fault> {
        self.inner.close().await
    }
}
