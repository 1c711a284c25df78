//! CompleteMultipartUpload.

use std::fs::File;
use std::io::{self, Read, Write};

use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, ETag};
use s3s::{S3ErrorCode, S3Response, S3Result, s3_error};
use tempfile::TempPath;

use super::{Ops, size};
use crate::s3::checksums::{Checksums, checksums_of, echo_checksums};
use crate::s3::errors::{blocking, error, io_error, refuse_when_full};
use crate::s3::store::{Condition, ObjectMeta, hex};
use crate::s3::uploads::{Part, Upload};

/// S3's least size of a part that is not the last, in bytes.
const PART_MIN_BYTES: u64 = 5 * 1024 * 1024;

pub(super) async fn complete_upload(
    ops: &Ops,
    mut input: CompleteMultipartUploadInput,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    refuse_when_full(&ops.faults)?;
    let condition = ops.condition(input.if_none_match.take(), input.if_match.take())?;
    let ops = ops.clone();
    blocking(move || complete(&ops, &input, &condition)).await.map(S3Response::new)
}

fn complete(
    ops: &Ops,
    input: &CompleteMultipartUploadInput,
    condition: &Condition,
) -> S3Result<CompleteMultipartUploadOutput> {
    let (bucket, key, id) = (&input.bucket, &input.key, &input.upload_id);
    ops.store.bucket(bucket)?;
    let upload = ops.uploads.load(bucket, key, id)?;
    let _completing = ops.uploads.begin_completing(id)?;
    let listed = input.multipart_upload.as_ref().and_then(|m| m.parts.as_deref()).unwrap_or_default();
    let parts = chosen(ops, &upload, listed, &ops.uploads.parts(bucket, id)?)?;
    let total: u64 = parts.iter().map(|p| p.bytes).sum();
    if input.mpu_object_size.is_some_and(|expected| expected != size(total)) {
        return Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header does not match what was computed."
        ));
    }
    ops.store.check(bucket, key, condition)?;

    let mut hasher = ChecksumHasher::default();
    let whole = upload.algorithm.filter(|_| upload.full_object);
    if let Some(algorithm) = whole {
        algorithm.enable(&mut hasher);
    }
    let content = join(ops, input, &parts, whole.is_some().then_some(&mut hasher))?;
    let checksums = match upload.algorithm {
        Some(algorithm) if !upload.full_object => {
            Checksums::composite(algorithm, &parts.iter().map(|p| p.checksums.clone()).collect::<Vec<_>>())?
        }
        _ => checksums_of!(hasher.finalize()),
    };
    if !ops.ignores_checksums() {
        checksums_of!(input).verify(&checksums)?;
    }
    let etag = composite_etag(&parts);
    let meta = ObjectMeta {
        etag: etag.clone(),
        attributes: upload.attributes,
        checksums: checksums.clone(),
        composite: upload.algorithm.is_some() && !upload.full_object,
        ..ObjectMeta::default()
    };
    ops.store.publish(bucket, key, content, meta, condition)?;
    ops.uploads.remove(bucket, id)?;

    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(bucket.clone()),
        key: Some(key.clone()),
        location: Some(format!("/{bucket}/{key}")),
        e_tag: Some(ETag::Strong(etag)),
        ..CompleteMultipartUploadOutput::default()
    };
    echo_checksums!(output, checksums);
    let kind = if upload.full_object { ChecksumType::FULL_OBJECT } else { ChecksumType::COMPOSITE };
    output.checksum_type = upload.algorithm.map(|_| ChecksumType::from_static(kind));
    Ok(output)
}

/// The uploaded parts that the request lists, after S3's checks, in S3's order.
fn chosen(ops: &Ops, upload: &Upload, listed: &[CompletedPart], uploaded: &[Part]) -> S3Result<Vec<Part>> {
    if listed.is_empty() {
        return Err(error(S3ErrorCode::MalformedXML));
    }
    let number = |part: &CompletedPart| part.part_number.unwrap_or(0);
    if listed.windows(2).any(|pair| number(&pair[0]) >= number(&pair[1])) {
        return Err(error(S3ErrorCode::InvalidPartOrder));
    }
    let mut parts = Vec::with_capacity(listed.len());
    for part in listed {
        let found = uploaded.iter().find(|u| u.number == number(part));
        let found = found.ok_or_else(|| error(S3ErrorCode::InvalidPart))?;
        if part.e_tag.as_ref().map(ETag::value) != Some(&found.etag) {
            return Err(error(S3ErrorCode::InvalidPart));
        }
        if !ops.ignores_checksums() {
            check_checksum(upload, part, found)?;
        }
        parts.push(found.clone());
    }
    let all_but_last = parts.split_last().map_or(&[][..], |(_, rest)| rest);
    if all_but_last.iter().any(|p| p.bytes < PART_MIN_BYTES) {
        return Err(error(S3ErrorCode::EntityTooSmall));
    }
    Ok(parts)
}

fn check_checksum(upload: &Upload, listed: &CompletedPart, found: &Part) -> S3Result<()> {
    let given = checksums_of!(listed);
    if given.verify(&found.checksums).is_err() {
        return Err(error(S3ErrorCode::InvalidPart));
    }
    match upload.algorithm {
        Some(algorithm) if !upload.full_object && given.get(algorithm).is_none() => Err(s3_error!(
            InvalidRequest,
            "The upload was created using a {} checksum. The complete request must include the checksum for each \
             part. It was missing for part {} in the request.",
            algorithm.name().to_lowercase(),
            found.number
        )),
        _ => Ok(()),
    }
}

/// The contents of `parts` in one temporary file; `hasher` sees them all.
fn join(
    ops: &Ops,
    input: &CompleteMultipartUploadInput,
    parts: &[Part],
    hasher: Option<&mut ChecksumHasher>,
) -> S3Result<TempPath> {
    let mut whole = ops.store.temporary().map_err(io_error)?;
    let mut hasher = hasher;
    for part in parts {
        let path = ops.uploads.content(&input.bucket, &input.upload_id, part.number)?;
        let mut content = File::open(path).map_err(io_error)?;
        match hasher.as_deref_mut() {
            Some(hasher) => copy_hashed(&mut content, whole.as_file_mut(), hasher),
            // Within one file system the kernel copies.
            None => io::copy(&mut content, whole.as_file_mut()).map(drop),
        }
        .map_err(io_error)?;
    }
    Ok(whole.into_temp_path())
}

fn copy_hashed(from: &mut File, to: &mut File, hasher: &mut ChecksumHasher) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            count => {
                hasher.update(&buffer[..count]);
                to.write_all(&buffer[..count])?;
            }
        }
    }
}

/// MD5 of the parts' MD5s and their number, as S3 forms it.
fn composite_etag(parts: &[Part]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        let bytes: Vec<u8> = (0..part.etag.len() / 2)
            .filter_map(|at| u8::from_str_radix(part.etag.get(2 * at..2 * at + 2)?, 16).ok())
            .collect();
        md5.update(&bytes);
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}
