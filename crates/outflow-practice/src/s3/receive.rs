//! Receiving a body into a temporary file: bounded in memory, hashed as it passes, checked at its end.

use std::io::{self, Write};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures_util::StreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};
use tempfile::{NamedTempFile, TempPath};
use tokio::task::JoinHandle;

use super::checksums::{Algorithm, Checksums, checksums_of};
use super::errors::{error, io_error};
use super::store::{Store, hex};

/// A body is hashed and written in pieces of about this size; two of them are in memory at a time.
const BATCH_BYTES: usize = 512 * 1024;
/// S3's limit of one put or part, in bytes.
const BODY_MAX_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// What the request says of its body.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) content_length: Option<i64>,
    pub(crate) content_md5: Option<String>,
    pub(crate) checksums: Checksums,
    /// Algorithms to compute besides those of `checksums`.
    pub(crate) algorithms: Vec<Algorithm>,
    /// The checksum comes after the body.
    pub(crate) trailers: Option<s3s::TrailingHeaders>,
}

impl Declared {
    /// The algorithm that the request announces for a checksum after its body.
    pub(crate) fn announced<T>(request: &S3Request<T>) -> Vec<Algorithm> {
        let names = request.headers.get_all("x-amz-trailer").into_iter().filter_map(|v| v.to_str().ok());
        names
            .flat_map(|v| v.split(','))
            .filter_map(|name| Algorithm::from_name(name.trim().strip_prefix("x-amz-checksum-")?))
            .collect()
    }
}

/// A body that is whole and as declared.
pub(crate) struct Received {
    pub(crate) file: TempPath,
    pub(crate) bytes: u64,
    pub(crate) md5_hex: String,
    pub(crate) checksums: Checksums,
}

struct Sink {
    file: NamedTempFile,
    md5: Md5,
    hasher: ChecksumHasher,
    bytes: u64,
}

impl Sink {
    fn write(&mut self, batch: &[Bytes]) -> io::Result<()> {
        for piece in batch {
            self.md5.update(piece);
            self.hasher.update(piece);
            self.file.write_all(piece)?;
            self.bytes += piece.len() as u64;
        }
        Ok(())
    }
}

/// Receives `body` and checks it against `declared`.
pub(crate) async fn receive(store: &Arc<Store>, body: Option<StreamingBlob>, declared: Declared) -> S3Result<Received> {
    declared.checksums.validate()?;
    let too_large = |bytes: u64| bytes > BODY_MAX_BYTES;
    if declared.content_length.and_then(|l| u64::try_from(l).ok()).is_some_and(too_large) {
        return Err(error(S3ErrorCode::EntityTooLarge));
    }
    let mut hasher = ChecksumHasher::default();
    for algorithm in declared.checksums.algorithms().chain(declared.algorithms.iter().copied()) {
        algorithm.enable(&mut hasher);
    }
    let for_creation = Arc::clone(store);
    let mut writing: JoinHandle<io::Result<Sink>> = tokio::task::spawn_blocking(move || {
        Ok(Sink { file: for_creation.temporary()?, md5: Md5::new(), hasher, bytes: 0 })
    });
    let mut batch = Vec::new();
    let mut batch_bytes = 0;
    let mut total: u64 = 0;
    if let Some(mut body) = body {
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|e| body_error(&e))?;
            total += piece.len() as u64;
            if too_large(total) {
                return Err(error(S3ErrorCode::EntityTooLarge));
            }
            batch_bytes += piece.len();
            batch.push(piece);
            if batch_bytes >= BATCH_BYTES {
                writing = write_after(writing, std::mem::take(&mut batch)).await?;
                batch_bytes = 0;
            }
        }
    }
    let sink = finished(write_after(writing, batch).await?).await?;
    check(sink, declared)
}

/// Waits for the write before, and starts the next one.
async fn write_after(
    before: JoinHandle<io::Result<Sink>>,
    batch: Vec<Bytes>,
) -> S3Result<JoinHandle<io::Result<Sink>>> {
    let mut sink = finished(before).await?;
    Ok(tokio::task::spawn_blocking(move || {
        sink.write(&batch)?;
        Ok(sink)
    }))
}

async fn finished(writing: JoinHandle<io::Result<Sink>>) -> S3Result<Sink> {
    writing.await.map_err(|e| io_error(io::Error::other(e)))?.map_err(io_error)
}

fn check(sink: Sink, declared: Declared) -> S3Result<Received> {
    if declared.content_length.is_some_and(|length| u64::try_from(length) != Ok(sink.bytes)) {
        return Err(error(S3ErrorCode::IncompleteBody));
    }
    let md5 = sink.md5.finalize();
    if let Some(wanted) = declared.content_md5 {
        let wanted =
            BASE64.decode(wanted).ok().filter(|d| d.len() == 16).ok_or_else(|| error(S3ErrorCode::InvalidDigest))?;
        if wanted != md5 {
            return Err(error(S3ErrorCode::BadDigest));
        }
    }
    let computed = checksums_of!(sink.hasher.finalize());
    declared.checksums.verify(&computed)?;
    if let Some(trailers) = declared.trailers.and_then(|t| t.take()) {
        let mut after = Checksums::default();
        for (name, value) in &trailers {
            let algorithm = name.as_str().strip_prefix("x-amz-checksum-").and_then(Algorithm::from_name);
            if let (Some(algorithm), Ok(value)) = (algorithm, value.to_str()) {
                after.insert(algorithm, value.to_owned());
            }
        }
        after.validate()?;
        after.verify(&computed)?;
    }
    Ok(Received { bytes: sink.bytes, file: sink.file.into_temp_path(), md5_hex: hex(&md5), checksums: computed })
}

/// What a body that breaks off or does not fit its signature answers.
fn body_error(source: &s3s::StdError) -> S3Error {
    let text = source.to_string();
    if text.contains("Sha256Mismatch") {
        // The server library has no name for this code of S3.
        return super::errors::foreign(
            "XAmzContentSHA256Mismatch",
            http::StatusCode::BAD_REQUEST,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
    }
    if text.contains("SignatureMismatch") {
        return error(S3ErrorCode::SignatureDoesNotMatch);
    }
    tracing::debug!(%text, "a body ended early");
    error(S3ErrorCode::IncompleteBody)
}
