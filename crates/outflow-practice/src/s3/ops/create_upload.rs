//! CreateMultipartUpload.

use s3s::dto::{ChecksumAlgorithm, ChecksumType, CreateMultipartUploadInput, CreateMultipartUploadOutput};
use s3s::{S3Response, S3Result, s3_error};

use super::Ops;
use crate::s3::checksums::Algorithm;
use crate::s3::errors::{blocking, refuse_when_full};
use crate::s3::store::attributes_of;
use crate::s3::uploads::Upload;

pub(super) async fn create_upload(
    ops: &Ops,
    input: CreateMultipartUploadInput,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    ops.store.bucket(&input.bucket)?;
    refuse_when_full(&ops.faults)?;
    let (algorithm, full_object) = if ops.ignores_checksums() { (None, false) } else { wanted(&input)? };
    let upload = Upload { key: input.key.clone(), attributes: attributes_of!(input), algorithm, full_object };
    let (uploads, bucket) = (ops.uploads.clone(), input.bucket.clone());
    let id = blocking(move || uploads.create(&bucket, &upload)).await?;
    let kind = if full_object { ChecksumType::FULL_OBJECT } else { ChecksumType::COMPOSITE };
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
        checksum_type: algorithm.map(|_| ChecksumType::from_static(kind)),
        ..CreateMultipartUploadOutput::default()
    }))
}

/// The checksum algorithm asked for, and whether the checksum is to cover the whole object.
fn wanted(input: &CreateMultipartUploadInput) -> S3Result<(Option<Algorithm>, bool)> {
    let Some(name) = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str) else {
        return if input.checksum_type.is_some() {
            Err(s3_error!(
                InvalidRequest,
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            ))
        } else {
            Ok((None, false))
        };
    };
    let algorithm = Algorithm::from_name(name).ok_or_else(|| {
        s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
    })?;
    let kind = input.checksum_type.as_ref().map(ChecksumType::as_str);
    let full_object = match (algorithm, kind) {
        (Algorithm::Crc64nvme, Some(ChecksumType::COMPOSITE))
        | (Algorithm::Sha1 | Algorithm::Sha256, Some(ChecksumType::FULL_OBJECT)) => {
            let name = algorithm.name().to_lowercase();
            let kind = kind.unwrap_or_default();
            return Err(s3_error!(
                InvalidRequest,
                "The {kind} checksum type cannot be used with the {name} checksum algorithm."
            ));
        }
        (Algorithm::Crc64nvme, _) => true,
        (_, kind) => kind == Some(ChecksumType::FULL_OBJECT),
    };
    Ok((Some(algorithm), full_object))
}
