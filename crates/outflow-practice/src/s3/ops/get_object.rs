//! GetObject and HeadObject.

use std::io::{Read, Seek, SeekFrom};

use bytes::Bytes;
use futures_util::stream;
use s3s::dto::{
    ChecksumMode, ChecksumType, ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::{S3ErrorCode, S3Response, S3Result};

use super::{Ops, size};
use crate::s3::checksums::{Checksums, echo_checksums};
use crate::s3::errors::{blocking, error};
use crate::s3::store::{Attributes, ObjectMeta, Opened};

/// Content is read in pieces of this size.
const PIECE_BYTES: usize = 256 * 1024;
/// What S3 says of an object that was put without a type.
const DEFAULT_TYPE: &str = "binary/octet-stream";

pub(super) async fn get_object(ops: &Ops, input: GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
    let opened = open(ops, &input.bucket, &input.key).await?;
    let meta = opened.meta;
    check(&meta, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let (span, content_range) = span(input.range, meta.bytes)?;
    let length = span.end - span.start;

    let mut file = opened.file;
    if span.start > 0 {
        file.seek(SeekFrom::Start(span.start)).map_err(crate::s3::errors::io_error)?;
    }
    let Attributes { content_type, content_encoding, content_disposition, content_language, cache_control, user } =
        meta.attributes.clone();
    let mut output = GetObjectOutput {
        body: Some(content(file, length)),
        accept_ranges: Some("bytes".into()),
        content_length: Some(size(length)),
        content_range: content_range.clone(),
        content_type: Some(content_type.unwrap_or_else(|| DEFAULT_TYPE.into())),
        content_encoding,
        content_disposition,
        content_language,
        cache_control,
        metadata: user,
        e_tag: Some(ETag::Strong(meta.etag.clone())),
        last_modified: Some(Timestamp::from(opened.modified)),
        ..GetObjectOutput::default()
    };
    // S3 tells checksums of whole objects only.
    if content_range.is_none() && tells_checksums(ops, &meta, input.checksum_mode.as_ref()) {
        echo_checksums!(output, meta.checksums);
        output.checksum_type = Some(checksum_type(&meta));
    }
    Ok(S3Response::new(output))
}

pub(super) async fn head_object(ops: &Ops, input: HeadObjectInput) -> S3Result<S3Response<HeadObjectOutput>> {
    let opened = open(ops, &input.bucket, &input.key).await?;
    let meta = opened.meta;
    check(&meta, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let (span, content_range) = span(input.range, meta.bytes)?;
    let Attributes { content_type, content_encoding, content_disposition, content_language, cache_control, user } =
        meta.attributes.clone();
    let mut output = HeadObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: Some(size(span.end - span.start)),
        content_range,
        content_type: Some(content_type.unwrap_or_else(|| DEFAULT_TYPE.into())),
        content_encoding,
        content_disposition,
        content_language,
        cache_control,
        metadata: user,
        e_tag: Some(ETag::Strong(meta.etag.clone())),
        last_modified: Some(Timestamp::from(opened.modified)),
        ..HeadObjectOutput::default()
    };
    if tells_checksums(ops, &meta, input.checksum_mode.as_ref()) {
        echo_checksums!(output, meta.checksums);
        output.checksum_type = Some(checksum_type(&meta));
    }
    Ok(S3Response::new(output))
}

async fn open(ops: &Ops, bucket: &str, key: &str) -> S3Result<Opened> {
    let (store, bucket, key) = (ops.store.clone(), bucket.to_owned(), key.to_owned());
    let opened = blocking(move || store.open(&bucket, &key)).await;
    match opened {
        Err(missing) if *missing.code() == S3ErrorCode::NoSuchKey && ops.hides_missing() => {
            Err(error(S3ErrorCode::AccessDenied))
        }
        other => other,
    }
}

fn check(meta: &ObjectMeta, if_match: Option<&ETagCondition>, if_none_match: Option<&ETagCondition>) -> S3Result<()> {
    let holds = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => ETag::Strong(meta.etag.clone()).weak_cmp(wanted),
    };
    if if_match.is_some_and(|c| !holds(c)) {
        return Err(error(S3ErrorCode::PreconditionFailed));
    }
    if if_none_match.is_some_and(holds) {
        return Err(S3ErrorCode::NotModified.into());
    }
    Ok(())
}

/// The bytes asked for, and the `Content-Range` if it is not all of them.
fn span(range: Option<Range>, length: u64) -> S3Result<(std::ops::Range<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..length, None)) };
    let span = range.check(length).map_err(|_| error(S3ErrorCode::InvalidRange))?;
    let header = format!("bytes {}-{}/{length}", span.start, span.end.saturating_sub(1));
    Ok((span, Some(header)))
}

fn tells_checksums(ops: &Ops, meta: &ObjectMeta, mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|m| m.as_str() == ChecksumMode::ENABLED)
        && meta.checksums != Checksums::default()
        && !ops.ignores_checksums()
}

fn checksum_type(meta: &ObjectMeta) -> ChecksumType {
    ChecksumType::from_static(if meta.composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT })
}

/// `length` bytes of `file` from where it stands.
fn content(file: std::fs::File, length: u64) -> StreamingBlob {
    let pieces = stream::try_unfold((Some(file), length), |(file, left)| async move {
        let Some(mut file) = file else { return Ok(None) };
        if left == 0 {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE_BYTES);
            let mut piece = vec![0; wanted];
            file.read_exact(&mut piece)?;
            Ok::<_, std::io::Error>((file, Bytes::from(piece)))
        });
        let (file, piece) = read.await.map_err(std::io::Error::other)??;
        let left = left - piece.len() as u64;
        Ok::<_, std::io::Error>(Some((piece, (Some(file), left))))
    });
    StreamingBlob::wrap(pieces)
}
