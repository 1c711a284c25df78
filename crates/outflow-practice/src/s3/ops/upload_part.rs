//! UploadPart.

use s3s::dto::{ETag, UploadPartInput, UploadPartOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Ops;
use crate::s3::checksums::{Algorithm, checksums_of, echo_checksums};
use crate::s3::errors::{blocking, io_error, refuse_when_full};
use crate::s3::receive::{Declared, receive};
use crate::s3::store::nanos;
use crate::s3::uploads::{Part, Upload};

/// S3's limit of parts in an upload.
const PARTS_MAX: i32 = 10_000;

pub(super) async fn upload_part(
    ops: &Ops,
    mut request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let announced = Declared::announced(&request);
    let trailers = request.trailing_headers.take();
    let mut input = request.input;
    ops.store.bucket(&input.bucket)?;
    if !(1..=PARTS_MAX).contains(&input.part_number) {
        return Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"));
    }
    let upload = ops.uploads.load(&input.bucket, &input.key, &input.upload_id)?;
    refuse_when_full(&ops.faults)?;
    let mut declared =
        Declared { content_length: input.content_length, content_md5: input.content_md5.take(), ..Declared::default() };
    if !ops.ignores_checksums() {
        declared.checksums = checksums_of!(&input);
        declared.algorithms = announced;
        declared.trailers = trailers;
        agree(&upload, &declared)?;
        declared.algorithms.extend(upload.algorithm);
    }
    let received = receive(&ops.store, input.body.take(), declared).await?;
    let modified = std::fs::metadata(&received.file).and_then(|m| m.modified()).map_err(io_error)?;
    let part = Part {
        number: input.part_number,
        etag: received.md5_hex,
        bytes: received.bytes,
        modified_nanos: nanos(modified),
        checksums: received.checksums,
    };
    let mut output = UploadPartOutput { e_tag: Some(ETag::Strong(part.etag.clone())), ..UploadPartOutput::default() };
    echo_checksums!(output, part.checksums);
    let uploads = ops.uploads.clone();
    blocking(move || uploads.put_part(&input.bucket, &input.upload_id, &part, received.file)).await?;
    Ok(S3Response::new(output))
}

/// A part's checksum must be of the algorithm that the upload was created with.
fn agree(upload: &Upload, declared: &Declared) -> S3Result<()> {
    let lower = |algorithm: Option<Algorithm>| algorithm.map_or("null".to_owned(), |a| a.name().to_lowercase());
    let actual = declared.checksums.algorithms().chain(declared.algorithms.iter().copied()).next();
    // A part without a checksum gets one computed; S3 insists only where it cannot do without, see below.
    let insists = upload.algorithm.is_some() && !upload.full_object;
    if actual == upload.algorithm || (actual.is_none() && !insists) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidRequest,
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        lower(upload.algorithm),
        lower(actual)
    ))
}
