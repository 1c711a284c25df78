//! PutObject.

use s3s::dto::{ChecksumType, ETag, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::Ops;
use crate::s3::checksums::{Algorithm, Checksums, checksums_of, echo_checksums};
use crate::s3::errors::{blocking, refuse_when_full};
use crate::s3::receive::{Declared, receive};
use crate::s3::store::{ObjectMeta, attributes_of};

pub(super) async fn put_object(
    ops: &Ops,
    mut request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let announced = Declared::announced(&request);
    let trailers = request.trailing_headers.take();
    let mut input = request.input;
    ops.store.bucket(&input.bucket)?;
    refuse_when_full(&ops.faults)?;
    let condition = ops.condition(input.if_none_match.take(), input.if_match.take())?;
    ops.store.check(&input.bucket, &input.key, &condition)?;

    let mut declared =
        Declared { content_length: input.content_length, content_md5: input.content_md5.take(), ..Declared::default() };
    if !ops.ignores_checksums() {
        declared.checksums = checksums_of!(&input);
        declared.algorithms = announced;
        declared.algorithms.extend(input.checksum_algorithm.as_ref().and_then(|a| Algorithm::from_name(a.as_str())));
        declared.trailers = trailers;
    }
    let received = receive(&ops.store, input.body.take(), declared).await?;
    let checksums = received.checksums.clone();
    let etag = received.md5_hex.clone();
    let meta = ObjectMeta {
        etag: received.md5_hex,
        checksums: received.checksums,
        attributes: attributes_of!(input),
        ..ObjectMeta::default()
    };
    let store = ops.store.clone();
    blocking(move || store.publish(&input.bucket, &input.key, received.file, meta, &condition)).await?;

    let mut output = PutObjectOutput { e_tag: Some(ETag::Strong(etag)), ..PutObjectOutput::default() };
    echo_checksums!(output, checksums);
    if checksums != Checksums::default() {
        output.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
    }
    Ok(S3Response::new(output))
}
