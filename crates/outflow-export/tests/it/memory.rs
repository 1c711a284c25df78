//! A target in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{
    BodyReader, Chunk, Evidence, ObjectStat, PartBody, PartReader, PartRequest, Receipt, Session, StagedPart,
    SweepReport,
};
use outflow_model::Fault;

/// Files by name.
#[derive(Default)]
pub struct Memory {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Memory {
    /// What stands in it.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, Fault> {
        self.files().remove(name).ok_or_else(|| Fault::input(format!("{name} is not there")))
    }
}

struct Whole(Option<Bytes>);

#[async_trait]
impl PartReader for Whole {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        Ok(self.0.take())
    }
}

#[async_trait]
impl Session for Memory {
    fn url(&self, name: &str) -> String {
        format!("memory:///{name}")
    }

    fn sink_path(&self, name: &str) -> String {
        name.to_string()
    }

    async fn stage(&self, request: PartRequest, mut body: PartBody) -> Result<StagedPart, Fault> {
        let mut content = Vec::new();
        while let Some(chunk) = body.recv().await {
            match chunk {
                Chunk::Data(data) => content.extend_from_slice(&data),
                Chunk::End { bytes, sha256 } => {
                    return Ok(StagedPart { request, bytes, sha256, state: Box::new(content) });
                }
            }
        }
        Err(Fault::new(outflow_model::FaultClass::Interrupted, "the content was cut off"))
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        let content = part.state.downcast::<Vec<u8>>().map_err(|_| Fault::internal("a strange part"))?;
        let (name, url) = (part.request.name.clone(), self.url(&part.request.name));
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), *content);
        Ok(Receipt { name, url, bytes: part.bytes, evidence: Evidence::ReadBack, adopted: false })
    }

    async fn discard(&self, _part: StagedPart) -> Result<(), Fault> {
        Ok(())
    }

    async fn sweep(&self, _names: &[String]) -> Result<SweepReport, Fault> {
        Ok(SweepReport::default())
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        let file = self.files().remove(name);
        Ok(file.map(|file| ObjectStat { bytes: file.len() as u64, version: String::new() }))
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        Ok(Box::new(Whole(Some(Bytes::from(self.file(name)?)))))
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        Ok(Bytes::from(self.file(name)?).slice(offset as usize..(offset + length) as usize))
    }

    async fn list(&self, _folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        let stat = |file: Vec<u8>| ObjectStat { bytes: file.len() as u64, version: String::new() };
        Ok(self.files().into_iter().map(|(name, file)| (name, stat(file))).collect())
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
