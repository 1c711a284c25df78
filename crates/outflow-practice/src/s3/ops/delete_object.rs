//! DeleteObject.

use s3s::dto::{DeleteObjectInput, DeleteObjectOutput};
use s3s::{S3Response, S3Result};

use super::Ops;
use crate::s3::errors::blocking;

pub(super) async fn delete_object(ops: &Ops, input: DeleteObjectInput) -> S3Result<S3Response<DeleteObjectOutput>> {
    let store = ops.store.clone();
    blocking(move || store.delete(&input.bucket, &input.key)).await?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}
