//! Who may sign in, and what they may do.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3ErrorCode, S3Result, s3_error};

use super::errors::error;
use crate::faults::Faults;
use crate::seed::Credentials;

/// The key pairs and the rights that go with them.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) faults: Faults,
}

#[async_trait::async_trait]
impl S3Auth for Access {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let refused = self.faults.read(|f| f.s3.wrong_credentials);
        [&self.credentials.s3, &self.credentials.s3_no_rights]
            .into_iter()
            .find(|pair| pair.access_key_id == access_key && !refused)
            .map(|pair| SecretKey::from(pair.secret_access_key.as_str()))
            .ok_or_else(|| error(S3ErrorCode::InvalidAccessKeyId))
    }
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(signer) = cx.credentials() else { return Err(error(S3ErrorCode::AccessDenied)) };
        let no_rights = signer.access_key == self.credentials.s3_no_rights.access_key_id;
        let action = action(cx.s3_op().name());
        if !no_rights && !self.faults.read(|f| f.s3.deny_actions.contains(&action)) {
            return Ok(());
        }
        let user = if no_rights { "no-rights" } else { "practice" };
        let resource = match (cx.s3_path().get_bucket_name(), cx.s3_path().get_object_key()) {
            (Some(bucket), Some(key)) => format!("arn:aws:s3:::{bucket}/{key}"),
            (Some(bucket), None) => format!("arn:aws:s3:::{bucket}"),
            (None, _) => "arn:aws:s3:::*".to_owned(),
        };
        Err(s3_error!(
            AccessDenied,
            "User: arn:aws:iam::000000000000:user/{user} is not authorized to perform: {action} on resource: \
             \"{resource}\" because no identity-based policy allows the {action} action"
        ))
    }
}

/// The IAM action that `operation` needs.
fn action(operation: &str) -> String {
    match operation {
        "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => "s3:PutObject".into(),
        "HeadObject" => "s3:GetObject".into(),
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "s3:ListBucket".into(),
        "ListParts" => "s3:ListMultipartUploadParts".into(),
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads".into(),
        "ListBuckets" => "s3:ListAllMyBuckets".into(),
        other => format!("s3:{other}"),
    }
}
