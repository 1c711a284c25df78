//! ListObjectsV2.

use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, Timestamp,
};
use s3s::{S3ErrorCode, S3Response, S3Result, s3_error};

use super::{Ops, page_length, size};
use crate::s3::errors::blocking;
use crate::s3::key_path::url_encode;
use crate::s3::walk::walk;

pub(super) async fn list_objects(ops: &Ops, input: ListObjectsV2Input) -> S3Result<S3Response<ListObjectsV2Output>> {
    let ops = ops.clone();
    blocking(move || list(&ops, input)).await.map(S3Response::new)
}

/// A page in the making.
struct Page {
    keys: Vec<String>,
    prefixes: Vec<String>,
    last: String,
    truncated: bool,
}

fn list(ops: &Ops, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let folder = ops.store.bucket(&input.bucket)?;
    let token = input.continuation_token.as_deref().map(decode_token).transpose()?;
    let after = token.or_else(|| input.start_after.clone()).unwrap_or_default();
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().filter(|d| !d.is_empty());
    let length = page_length(input.max_keys);

    let mut page = Page { keys: Vec::new(), prefixes: Vec::new(), last: String::new(), truncated: false };
    if length > 0 {
        walk(&folder, &prefix, &after, &mut |key| {
            Ok(add(&mut page, key, &prefix, delimiter.as_deref(), &after, length))
        })?;
    }
    let encoded = input.encoding_type.as_ref().is_some_and(|e| e.as_str() == EncodingType::URL);
    let shown = |text: &str| if encoded { url_encode(text) } else { text.to_owned() };
    let mut contents = Vec::with_capacity(page.keys.len());
    for key in &page.keys {
        match ops.store.open(&input.bucket, key) {
            Ok(opened) => contents.push(Object {
                key: Some(shown(key)),
                e_tag: Some(ETag::Strong(opened.meta.etag)),
                size: Some(size(opened.meta.bytes)),
                last_modified: Some(Timestamp::from(opened.modified)),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                ..Object::default()
            }),
            // Deleted since it was listed.
            Err(gone) if *gone.code() == S3ErrorCode::NoSuchKey => {}
            Err(other) => return Err(other),
        }
    }
    let prefixes = page.prefixes.iter().map(|p| CommonPrefix { prefix: Some(shown(p)) });
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(contents.len() + page.prefixes.len()).ok(),
        contents: Some(contents),
        common_prefixes: Some(prefixes.collect()),
        is_truncated: Some(page.truncated),
        next_continuation_token: page.truncated.then(|| URL_SAFE_NO_PAD.encode(&page.last)),
        continuation_token: input.continuation_token,
        max_keys: i32::try_from(length).ok(),
        name: Some(input.bucket),
        prefix: Some(shown(&prefix)),
        delimiter: input.delimiter.as_deref().map(shown),
        start_after: input.start_after.as_deref().map(shown),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    })
}

/// Adds `key`, or the common prefix that stands for it, to the page; breaks when the page is full.
fn add(
    page: &mut Page,
    key: String,
    prefix: &str,
    delimiter: Option<&str>,
    after: &str,
    length: usize,
) -> ControlFlow<()> {
    let below = key.get(prefix.len()..).unwrap_or_default();
    let group = delimiter.and_then(|d| Some((below.find(d)?, d.len())));
    let group = group.map(|(at, d)| key[..prefix.len() + at + d].to_owned());
    if let Some(group) = &group {
        // Shown already, on this page or, as its last entry, on the one before.
        if page.prefixes.last() == Some(group) || group == after {
            return ControlFlow::Continue(());
        }
    }
    if page.keys.len() + page.prefixes.len() == length {
        page.truncated = true;
        return ControlFlow::Break(());
    }
    match group {
        Some(group) => {
            page.last.clone_from(&group);
            page.prefixes.push(group);
        }
        None => {
            page.last.clone_from(&key);
            page.keys.push(key);
        }
    }
    ControlFlow::Continue(())
}

fn decode_token(token: &str) -> S3Result<String> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}
