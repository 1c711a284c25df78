//! An open session on one bucket and prefix.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use outflow_connector_kit::{
    BodyReader, Fault, ObjectStat, PartBody, PartReader as _, PartRequest, Receipt, Session, SessionContext,
    StagedPart, SweepReport,
};

use super::client::Client;
use super::reader::ObjectReader;
use super::stage::{Buffers, Staged};
use super::upload::UploadContext;
use super::{object, publish, stage, sweep};
use crate::names;

/// See [`Session`].
pub(super) struct S3Session {
    uploads: Arc<UploadContext>,
    buffers: Buffers,
}

impl S3Session {
    /// A session of a client that knows its region.
    pub(super) fn new(client: Client, context: &SessionContext) -> S3Session {
        let journal = Arc::clone(&context.journal);
        S3Session {
            uploads: Arc::new(UploadContext { client, journal, active: Default::default() }),
            buffers: Buffers::new(context.buffer_bytes_max),
        }
    }

    fn client(&self) -> &Client {
        &self.uploads.client
    }
}

#[async_trait]
impl Session for S3Session {
    fn url(&self, name: &str) -> String {
        self.client().address.place(&self.sink_path(name))
    }

    fn sink_path(&self, name: &str) -> String {
        self.client().address.key(name)
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        names::check(&request.name)?;
        let key = self.sink_path(&request.name);
        // A key that no URL can hold is refused before anything is sent.
        self.client().address.object_url(&key, &[])?;
        stage::stage(&self.uploads, &self.buffers, &key, request, body).await
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        let (key, url) = (self.sink_path(&part.request.name), self.url(&part.request.name));
        publish::publish(self.client(), &key, url, part).await
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        match part.state.downcast::<Staged>().map(|staged| *staged) {
            Ok(Staged::Uploaded { upload, .. }) => upload.abort().await,
            Ok(Staged::Held { .. }) => Ok(()),
            Err(_) => Err(Fault::internal("this part was staged by another connector")),
        }
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        let keys: Vec<String> = names.iter().map(|name| self.sink_path(name)).collect();
        sweep::sweep(&self.uploads, &keys).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        Ok(object::head(self.client(), &self.sink_path(name)).await?)
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        Ok(Box::new(ObjectReader::open(self.client(), &self.sink_path(name), None).await?))
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        if length == 0 {
            return Ok(Bytes::new());
        }
        let mut reader = ObjectReader::open(self.client(), &self.sink_path(name), Some((offset, length))).await?;
        let capacity = usize::try_from(length)
            .map_err(|e| Fault::internal("the range does not fit this machine's memory").because(e))?;
        let mut bytes = BytesMut::with_capacity(capacity);
        while let Some(piece) = reader.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        object::list(self.client(), folder).await
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
