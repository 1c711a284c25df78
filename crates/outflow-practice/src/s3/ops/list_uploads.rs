//! ListMultipartUploads.

use s3s::dto::{EncodingType, ListMultipartUploadsInput, ListMultipartUploadsOutput, MultipartUpload, Timestamp};
use s3s::{S3Response, S3Result};

use super::{Ops, page_length};
use crate::s3::errors::blocking;
use crate::s3::key_path::url_encode;

pub(super) async fn list_uploads(
    ops: &Ops,
    input: ListMultipartUploadsInput,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let ops = ops.clone();
    blocking(move || list(&ops, input)).await.map(S3Response::new)
}

fn list(ops: &Ops, input: ListMultipartUploadsInput) -> S3Result<ListMultipartUploadsOutput> {
    ops.store.bucket(&input.bucket)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut found = ops.uploads.list(&input.bucket)?;
    // The marker is the last upload of the page before; uploads of one key are in order of time, not of id.
    if let Some(key) = input.key_marker.as_deref().filter(|key| !key.is_empty()) {
        let marked = input.upload_id_marker.as_deref().unwrap_or_default();
        let at = found.iter().position(|(upload, id, _)| upload.key == key && id == marked);
        let skipped =
            at.map_or_else(|| found.partition_point(|(upload, _, _)| upload.key.as_str() <= key), |at| at + 1);
        found.drain(..skipped);
    }
    found.retain(|(upload, _, _)| upload.key.starts_with(&prefix));
    let length = page_length(input.max_uploads);
    let truncated = found.len() > length;
    found.truncate(length);

    let encoded = input.encoding_type.as_ref().is_some_and(|e| e.as_str() == EncodingType::URL);
    let shown = |text: &str| if encoded { url_encode(text) } else { text.to_owned() };
    let next = found.last().filter(|_| truncated).map(|(upload, id, _)| (shown(&upload.key), id.clone()));
    let uploads = found.iter().map(|(upload, id, begun)| MultipartUpload {
        key: Some(shown(&upload.key)),
        upload_id: Some(id.clone()),
        initiated: Some(Timestamp::from(*begun)),
        ..MultipartUpload::default()
    });
    Ok(ListMultipartUploadsOutput {
        uploads: Some(uploads.collect()),
        bucket: Some(input.bucket),
        prefix: input.prefix.as_deref().map(shown),
        key_marker: Some(shown(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker: next.as_ref().map(|(key, _)| key.clone()),
        next_upload_id_marker: next.map(|(_, id)| id),
        max_uploads: i32::try_from(length).ok(),
        is_truncated: Some(truncated),
        encoding_type: input.encoding_type,
        ..ListMultipartUploadsOutput::default()
    })
}
