//! Reading an object in order, going on after a cut.

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use outflow_connector_kit::{Fault, FaultClass, PartReader};

use super::client::{Client, header_text};
use super::errors::{Failure, stalled, transport};
use super::object;
use crate::aws::payload::Progress;
use crate::aws::transport::IDLE_MAX;

/// The contract's limit for a piece, in bytes.
const PIECE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// After this many bytes without a cut the count of tries begins anew: a long object may be cut more than once.
const PROGRESS_BYTES: u64 = 1024 * 1024;

/// Why no piece came.
enum Stop {
    /// The answer was cut: the rest may be asked for.
    Cut(Failure),
    /// Reading is over.
    Final(Fault),
}

/// Reads the bytes of an object from `at` up to `end`.
pub(super) struct ObjectReader {
    client: Client,
    key: String,
    at: u64,
    end: u64,
    version: String,
    response: Option<reqwest::Response>,
    /// What the last piece was too long for.
    rest: Bytes,
    cuts: u32,
    cut_at: u64,
}

impl ObjectReader {
    /// Opens the whole object, or the given range of it.
    pub(super) async fn open(client: &Client, key: &str, range: Option<(u64, u64)>) -> Result<ObjectReader, Failure> {
        let (at, end) = range.map_or((0, None), |(offset, length)| (offset, Some(offset + length)));
        let response = object::get(client, key, at, end, None).await?;
        let stat = object::stat_of(response.headers()).map_err(Failure::local)?;
        if range.is_some_and(|(_, length)| length != stat.bytes) {
            let message = format!("{} is shorter than the range that was asked for", client.address.place(key));
            return Err(Failure::local(Fault::input(message).hint("The object may have changed; run again.")));
        }
        Ok(ObjectReader {
            client: client.clone(),
            key: key.to_owned(),
            at,
            end: at + stat.bytes,
            version: stat.version,
            response: Some(response),
            rest: Bytes::new(),
            cuts: 0,
            cut_at: at,
        })
    }

    /// The next piece; opens the rest of the object after a cut.
    async fn receive(&mut self) -> Result<Option<Bytes>, Stop> {
        let tried = || format!("GET {} at {}", self.client.address.place(&self.key), self.client.address.endpoint());
        let response = match &mut self.response {
            Some(response) => response,
            None => {
                let (end, version) = (Some(self.end), Some(self.version.as_str()));
                let again = match object::get(&self.client, &self.key, self.at, end, version).await {
                    Ok(again) => again,
                    Err(failure) if failure.is_condition() => return Err(Stop::Final(self.changed())),
                    // The client has tried it again already.
                    Err(failure) => return Err(Stop::Final(failure.into())),
                };
                // Some servers ignore If-Match; their answer still says what it is of.
                if object::version(header_text(again.headers(), "etag")) != self.version {
                    return Err(Stop::Final(self.changed()));
                }
                self.response.insert(again)
            }
        };
        let endpoint = self.client.address.endpoint();
        let piece = Progress::new().watch(IDLE_MAX, response.chunk()).await;
        let piece = piece.ok_or_else(|| Stop::Cut(stalled(&endpoint, IDLE_MAX, tried())))?;
        match piece.map_err(|e| Stop::Cut(transport(e, &endpoint, tried())))? {
            Some(piece) => Ok(Some(piece)),
            None if self.at == self.end => Ok(None),
            None => {
                let message = format!("the answer of {endpoint} ended early");
                Err(Stop::Cut(Failure::local(Fault::new(FaultClass::Unavailable, message).tried(tried()))))
            }
        }
    }

    fn changed(&self) -> Fault {
        let place = self.client.address.place(&self.key);
        Fault::input(format!("{place} changed while it was read")).hint("Run again.")
    }

    /// Waits after a cut, when reading may go on. Counts the cuts; opening the rest counts its own tries.
    async fn recover(&mut self, failure: Failure) -> Result<(), Fault> {
        self.response = None;
        if self.at >= self.cut_at + PROGRESS_BYTES {
            self.cuts = 0;
        }
        (self.cuts, self.cut_at) = (self.cuts + 1, self.at);
        match self.client.wait(&failure, self.cuts) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(failure.into()),
        }
        Ok(())
    }
}

#[async_trait]
impl PartReader for ObjectReader {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            if !self.rest.is_empty() {
                return Ok(Some(self.rest.split_to(self.rest.len().min(PIECE_BYTES_MAX))));
            }
            if self.at == self.end {
                return Ok(None);
            }
            match self.receive().await {
                Ok(Some(piece)) => {
                    self.at += piece.len() as u64;
                    self.rest = piece;
                }
                Ok(None) => return Ok(None),
                Err(Stop::Cut(failure)) => self.recover(failure).await?,
                Err(Stop::Final(fault)) => return Err(fault),
            }
        }
    }
}

/// Reads an object back and answers its length and SHA-256.
pub(super) async fn hash(client: &Client, key: &str) -> Result<(u64, [u8; 32]), Fault> {
    let mut reader = ObjectReader::open(client, key, None).await?;
    let (mut bytes, mut context) = (0, Context::new(&SHA256));
    while let Some(piece) = reader.next().await? {
        bytes += piece.len() as u64;
        context.update(&piece);
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(context.finish().as_ref());
    Ok((bytes, sha256))
}
