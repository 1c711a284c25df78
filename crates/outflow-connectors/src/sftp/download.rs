//! Reading a file in order, several reads on their way at once.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, StreamExt as _};
use outflow_connector_kit::PartReader;
use outflow_model::Fault;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::connection::{ANSWER_SECS_MAX, Connection};
use super::fault;

/// Reads on their way per file: with 255 KiB each about 4 MiB, with 32 KiB half a MiB.
const READS_MAX: usize = 16;

type Answer = (u64, u32, Result<Bytes, SftpError>);

/// A file that is read from `offset` to its end.
pub(super) struct RemoteReader {
    connection: Arc<Connection>,
    path: String,
    handle: Option<String>,
    reads: FuturesOrdered<BoxFuture<'static, Answer>>,
    /// How many reads to keep on their way: doubled with each answer, so that a short file costs few.
    reads_wanted: usize,
    offset: u64,
    /// One of the session's open files.
    permit: Option<OwnedSemaphorePermit>,
}

impl RemoteReader {
    /// Opens `path`. A missing file is an `Input` fault.
    pub async fn open(
        connection: Arc<Connection>,
        path: String,
        offset: u64,
        permit: OwnedSemaphorePermit,
    ) -> Result<RemoteReader, Fault> {
        let opening = connection.sftp.open(path.as_str(), OpenFlags::READ, FileAttributes::empty());
        let handle = match connection.answer(ANSWER_SECS_MAX, opening).await {
            Ok(handle) => handle.handle,
            Err(error) if fault::is(&error, StatusCode::NoSuchFile) => {
                return Err(Fault::input("there is no such file").tried(format!("read {path}")));
            }
            Err(error) => return Err(connection.explain(&error, "read", &path).await),
        };
        let reads = FuturesOrdered::new();
        Ok(RemoteReader {
            connection,
            path,
            handle: Some(handle),
            reads,
            reads_wanted: 1,
            offset,
            permit: Some(permit),
        })
    }

    fn request(&mut self, handle: &str) {
        while self.reads.len() < self.reads_wanted {
            let (connection, handle) = (self.connection.clone(), handle.to_owned());
            let (offset, length) = (self.offset, self.connection.read_bytes);
            self.reads.push_back(Box::pin(async move {
                let read = connection.sftp.read(handle, offset, length).await;
                (offset, length, read.map(|data| data.data.into()))
            }));
            self.offset += u64::from(length);
        }
    }
}

#[async_trait]
impl PartReader for RemoteReader {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let Some(handle) = self.handle.clone() else { return Ok(None) };
        self.request(&handle);
        let connection = self.connection.clone();
        let next = async { self.reads.next().await.ok_or(SftpError::UnexpectedPacket) };
        let read = match connection.answer(ANSWER_SECS_MAX, next).await {
            Ok((offset, length, Ok(data))) if !data.is_empty() => {
                self.reads_wanted = (self.reads_wanted * 2).min(READS_MAX);
                if data.len() < length as usize {
                    // A short answer may be the end or the server's way: go on right behind it.
                    self.reads.clear();
                    self.offset = offset + data.len() as u64;
                }
                return Ok(Some(data));
            }
            Ok((_, _, read)) => read.map(drop),
            Err(error) => Err(error),
        };
        self.handle = None;
        self.reads.clear();
        // The content is whole; a handle that does not close is the server's loss.
        let _ = connection.answer(ANSWER_SECS_MAX, connection.sftp.close(handle)).await;
        self.permit = None;
        match read {
            Err(error) if !fault::is(&error, StatusCode::Eof) => {
                Err(connection.explain(&error, "read", &self.path).await)
            }
            _ => Ok(None),
        }
    }
}

impl Drop for RemoteReader {
    fn drop(&mut self) {
        let (Some(handle), Ok(runtime)) = (self.handle.take(), tokio::runtime::Handle::try_current()) else { return };
        let connection = self.connection.clone();
        runtime.spawn(async move { connection.answer(ANSWER_SECS_MAX, connection.sftp.close(handle)).await });
    }
}
