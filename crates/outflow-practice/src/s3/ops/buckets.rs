//! HeadBucket, GetBucketLocation, CreateBucket and ListBuckets.

use s3s::dto::*;
use s3s::{S3Response, S3Result, s3_error};

use super::Ops;
use crate::s3::errors::blocking;

/// S3's first region, which it calls nothing.
const REGION_WITHOUT_NAME: &str = "us-east-1";

pub(super) async fn head_bucket(ops: &Ops, input: HeadBucketInput) -> S3Result<S3Response<HeadBucketOutput>> {
    ops.store.bucket(&input.bucket)?;
    Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(ops.region.to_string()), ..HeadBucketOutput::default() }))
}

pub(super) async fn get_bucket_location(
    ops: &Ops,
    input: GetBucketLocationInput,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    ops.store.bucket(&input.bucket)?;
    let named = (&*ops.region != REGION_WITHOUT_NAME).then(|| BucketLocationConstraint::from(ops.region.to_string()));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint: named }))
}

pub(super) async fn create_bucket(ops: &Ops, input: CreateBucketInput) -> S3Result<S3Response<CreateBucketOutput>> {
    let constraint = input.create_bucket_configuration.and_then(|c| c.location_constraint);
    if constraint.as_ref().is_some_and(|c| c.as_str() != &*ops.region) {
        return Err(s3_error!(
            IllegalLocationConstraintException,
            "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
            constraint.as_ref().map_or("", |c| c.as_str())
        ));
    }
    let (store, bucket) = (ops.store.clone(), input.bucket.clone());
    blocking(move || store.create_bucket(&bucket)).await?;
    Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) }))
}

pub(super) async fn list_buckets(ops: &Ops) -> S3Result<S3Response<ListBucketsOutput>> {
    let store = ops.store.clone();
    let found = blocking(move || store.buckets()).await?;
    let buckets = found.into_iter().map(|(name, made)| Bucket {
        name: Some(name),
        creation_date: Some(Timestamp::from(made)),
        ..Bucket::default()
    });
    Ok(S3Response::new(ListBucketsOutput { buckets: Some(buckets.collect()), ..ListBucketsOutput::default() }))
}
