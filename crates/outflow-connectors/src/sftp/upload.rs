//! Writing a body to an open file, many writes on their way at once.

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use outflow_connector_kit::{Chunk, PartBody};
use outflow_model::Fault;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::Status;

use super::connection::{ANSWER_SECS_MAX, Connection};
use crate::names;

/// Writes on their way per file. With 32 KiB each, 2 MiB: enough for 40 MB/s at 50 ms, and little beside other buffers.
pub(super) const WRITES_MAX: usize = 64;

/// Why a body did not get through.
pub(super) enum Trouble {
    /// The server's doing.
    Sftp(SftpError),
    /// The body's.
    Body(Fault),
}

impl From<SftpError> for Trouble {
    fn from(error: SftpError) -> Trouble {
        Trouble::Sftp(error)
    }
}

/// Writes the whole body from the file's start; answers its length and hash. All writes are acknowledged by then.
pub(super) async fn upload(
    connection: &Connection,
    handle: &str,
    body: &mut PartBody,
    writes_max: usize,
) -> Result<(u64, [u8; 32]), Trouble> {
    let mut writes = FuturesUnordered::new();
    let mut offset = 0_u64;
    loop {
        let chunk = tokio::select! {
            // Writes first: answers make room, and polling them is what sends them.
            biased;
            written = acknowledged(connection, &mut writes), if !writes.is_empty() => {
                written?;
                continue;
            }
            chunk = body.recv() => chunk,
        };
        match chunk {
            Some(Chunk::Data(mut data)) => {
                while !data.is_empty() {
                    if writes.len() >= writes_max {
                        acknowledged(connection, &mut writes).await?;
                    }
                    let piece = data.split_to(connection.write_bytes.min(data.len()));
                    let length = piece.len() as u64;
                    writes.push(write(connection, handle, offset, piece));
                    offset += length;
                }
            }
            Some(Chunk::End { bytes, sha256 }) => {
                while !writes.is_empty() {
                    acknowledged(connection, &mut writes).await?;
                }
                return if bytes == offset {
                    Ok((bytes, sha256))
                } else {
                    Err(Trouble::Body(names::miscounted(bytes, offset)))
                };
            }
            None => return Err(Trouble::Body(names::cut_off(offset))),
        }
    }
}

/// The library takes its own copy of the bytes, so at most the window is held twice.
async fn write(connection: &Connection, handle: &str, offset: u64, piece: Bytes) -> Result<Status, SftpError> {
    connection.sftp.write(handle, offset, piece.to_vec()).await
}

/// The next acknowledgement. Time counts from the last one, so that a slow network is not a dead one.
async fn acknowledged<F>(connection: &Connection, writes: &mut FuturesUnordered<F>) -> Result<(), SftpError>
where
    F: Future<Output = Result<Status, SftpError>>,
{
    let next = async { writes.next().await.unwrap_or(Err(SftpError::UnexpectedPacket)) };
    connection.answer(ANSWER_SECS_MAX, next).await.map(drop)
}
