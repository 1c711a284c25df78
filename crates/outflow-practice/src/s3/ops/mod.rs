//! The operations, one per file; what is not here answers `NotImplemented`.

mod buckets;
mod complete_upload;
mod create_upload;
mod delete_object;
mod get_object;
mod list_objects;
mod list_parts;
mod list_uploads;
mod put_object;
mod upload_part;

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::errors::{blocking, error};
use super::store::{Condition, Store};
use super::uploads::Uploads;
use crate::faults::{Faults, NoChecksums};

/// What every operation works on.
#[derive(Clone)]
pub(crate) struct Ops {
    pub(crate) store: Arc<Store>,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) faults: Faults,
    pub(crate) region: Arc<str>,
}

impl Ops {
    /// The conditions of a write, unless a fault has them ignored.
    fn condition(&self, if_none_match: Option<IfNoneMatch>, if_match: Option<IfMatch>) -> S3Result<Condition> {
        if self.faults.read(|f| f.s3.ignore_conditions) {
            return Ok(Condition::default());
        }
        if if_none_match.as_ref().is_some_and(|c| !c.is_any()) {
            // S3 takes no entity tag here.
            return Err(error(s3s::S3ErrorCode::NotImplemented));
        }
        Ok(Condition { if_none_match, if_match })
    }

    /// Whether checksums are taken and neither checked nor echoed.
    fn ignores_checksums(&self) -> bool {
        self.faults.read(|f| f.s3.no_checksums == Some(NoChecksums::Ignore))
    }

    /// Whether a caller may not learn that an object is missing, as on S3 without the right to list.
    fn hides_missing(&self) -> bool {
        self.faults.read(|f| f.s3.deny_actions.iter().any(|a| a == "s3:ListBucket"))
    }
}

#[async_trait::async_trait]
impl S3 for Ops {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        put_object::put_object(self, request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        get_object::get_object(self, request.input).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        get_object::head_object(self, request.input).await
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        delete_object::delete_object(self, request.input).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        create_upload::create_upload(self, request.input).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        upload_part::upload_part(self, request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        complete_upload::complete_upload(self, request.input).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let (ops, input) = (self.clone(), request.input);
        blocking(move || {
            ops.store.bucket(&input.bucket)?;
            ops.uploads.load(&input.bucket, &input.key, &input.upload_id)?;
            ops.uploads.remove(&input.bucket, &input.upload_id)
        })
        .await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        list_parts::list_parts(self, request.input).await
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        list_uploads::list_uploads(self, request.input).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        list_objects::list_objects(self, request.input).await
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        buckets::head_bucket(self, request.input).await
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        buckets::get_bucket_location(self, request.input).await
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        buckets::create_bucket(self, request.input).await
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        buckets::list_buckets(self).await
    }
}

/// A length for an answer.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A time for an answer.
fn timestamp(nanos: u64) -> Timestamp {
    Timestamp::from(std::time::UNIX_EPOCH + std::time::Duration::from_nanos(nanos))
}

/// How many entries a page has: at most S3's 1,000, which is also the default.
fn page_length(asked: Option<i32>) -> usize {
    usize::try_from(asked.unwrap_or(1000)).unwrap_or(0).min(1000)
}
