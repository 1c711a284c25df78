//! ListParts.

use s3s::dto::{ETag, ListPartsInput, ListPartsOutput, Part as ListedPart};
use s3s::{S3Response, S3Result};

use super::{Ops, page_length, size, timestamp};
use crate::s3::checksums::echo_checksums;
use crate::s3::errors::blocking;

pub(super) async fn list_parts(ops: &Ops, input: ListPartsInput) -> S3Result<S3Response<ListPartsOutput>> {
    let ops = ops.clone();
    blocking(move || list(&ops, input)).await.map(S3Response::new)
}

fn list(ops: &Ops, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    ops.store.bucket(&input.bucket)?;
    ops.uploads.load(&input.bucket, &input.key, &input.upload_id)?;
    let after = input.part_number_marker.unwrap_or(0);
    let mut parts = ops.uploads.parts(&input.bucket, &input.upload_id)?;
    parts.retain(|part| part.number > after);
    let length = page_length(input.max_parts);
    let truncated = parts.len() > length;
    parts.truncate(length);
    let last = parts.last().map(|part| part.number);
    let listed = parts.into_iter().map(|part| {
        let mut listed = ListedPart {
            part_number: Some(part.number),
            e_tag: Some(ETag::Strong(part.etag)),
            size: Some(size(part.bytes)),
            last_modified: Some(timestamp(part.modified_nanos)),
            ..ListedPart::default()
        };
        echo_checksums!(listed, part.checksums);
        listed
    });
    Ok(ListPartsOutput {
        parts: Some(listed.collect()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(after),
        next_part_number_marker: last,
        max_parts: i32::try_from(length).ok(),
        is_truncated: Some(truncated),
        ..ListPartsOutput::default()
    })
}
