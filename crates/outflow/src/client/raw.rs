//! Answers that are more, or other, than a JSON body: etags in headers, and lines that do not fit memory.

use std::io::Write;

use outflow_model::{Fault, FaultClass};
use reqwest::Method;
use reqwest::header::{ACCEPT, ETAG};
use serde_json::{Value, json};

use super::nouns::LABELLED_DATASETS;
use super::{At, Client, problem, unexpected, unreachable};

/// The etag under which labels are put to a dataset that has none.
const UNLABELLED: &str = "\"0\"";

impl Client {
    /// The labels of a dataset with their etag; of one that nobody has labelled, none.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn dataset_labels(&self, dataset: &str) -> Result<(Value, String), Fault> {
        let (request, tried) = self.request(Method::GET, &LABELLED_DATASETS.id(dataset).then("labels"))?;
        let response = request.header(ACCEPT, "application/json").send().await.map_err(|e| unreachable(e, &tried))?;
        let status = response.status();
        let etag = response.headers().get(ETAG).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = response.bytes().await.map_err(|e| unreachable(e, &tried))?;
        if status.as_u16() == 404 && etag == UNLABELLED {
            return Ok((json!({"labels": [], "optionalLabels": []}), etag));
        }
        if !status.is_success() {
            return Err(problem::fault(status.as_u16(), &bytes, &tried, None));
        }
        let labels = serde_json::from_slice(&bytes).map_err(|e| unexpected("labels").tried(tried).because(e))?;
        Ok((labels, etag))
    }

    /// Writes an answer to `out` as it comes. Answers how many lines there were.
    ///
    /// # Errors
    /// As [`Client::get`]; `Unavailable` where it breaks off in its middle; `Refused` where `out` does not take it.
    pub async fn copy(&self, at: At, out: &mut (dyn Write + Send)) -> Result<u64, Fault> {
        let (request, tried) = self.request(Method::GET, &at)?;
        let request = request.timeout(std::time::Duration::from_secs(COPY_SECS_MAX));
        let mut response = request.send().await.map_err(|e| unreachable(e, &tried))?;
        let status = response.status();
        if !status.is_success() {
            let bytes = response.bytes().await.map_err(|e| unreachable(e, &tried))?;
            return Err(problem::fault(status.as_u16(), &bytes, &tried, None));
        }
        let mut lines = 0;
        let broken = |e: reqwest::Error| {
            Fault::new(FaultClass::Unavailable, "the answer broke off before its end")
                .tried(tried.clone())
                .hint("what was written so far is not all; run again")
                .because(e.without_url())
        };
        while let Some(bytes) = response.chunk().await.map_err(broken)? {
            lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            out.write_all(&bytes).map_err(unwritten)?;
        }
        out.flush().map_err(unwritten)?;
        Ok(lines)
    }
}

/// An answer that takes longer is not taken to its end. A log of ten million records takes less.
const COPY_SECS_MAX: u64 = 4 * 3600;

fn unwritten(error: std::io::Error) -> Fault {
    Fault::new(FaultClass::Refused, "what the server sends cannot be written")
        .hint("see that the disk is not full, and that whoever reads takes it")
        .because(error)
}
