//! XML bodies that several services have: errors, and what the token service answers.

use outflow_connector_kit::{Fault, FaultClass};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An error's body. S3 puts the members at the top, STS below `Error`, some servers below `Errors` and `Error`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ErrorBody {
    pub code: String,
    pub message: String,
    pub region: Option<String>,
    /// The header that the store does not know, with `NotImplemented`.
    pub header: Option<String>,
    error: Option<Box<ErrorBody>>,
    errors: Option<Box<ErrorBody>>,
}

impl ErrorBody {
    /// Reads an error, or answers `None` when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<ErrorBody> {
        let mut error: ErrorBody = quick_xml::de::from_str(text.trim_start()).ok()?;
        while let Some(inner) = error.errors.take().or(error.error.take()) {
            error = *inner;
        }
        (!error.code.is_empty()).then_some(error)
    }
}

/// Answer of AssumeRole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleAssumed {
    pub assume_role_result: RoleResult,
}

/// The part of it that matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleResult {
    pub credentials: RoleCredentials,
}

/// Temporary credentials. `Debug` is left out: they are secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expiration: String,
}

impl std::fmt::Debug for RoleCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RoleCredentials(until {})", self.expiration)
    }
}

/// Reads the answer to `what`, which `whose` should have sent. Anything else than the documented shape means that the far
/// end is something else.
pub(crate) fn parse<T: DeserializeOwned>(what: &str, whose: &str, body: &[u8]) -> Result<T, Fault> {
    let wrong = || {
        Fault::new(FaultClass::Config, format!("the answer to {what} is not what {whose} sends"))
            .hint("Check that the endpoint is the right one, not a console or another service.")
    };
    let text = std::str::from_utf8(body).map_err(|e| wrong().because(e))?;
    quick_xml::de::from_str(text.trim_start()).map_err(|e| wrong().because(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_s3_and_sts_are_read_alike() {
        let s3 = "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>gone</Message><BucketName>b</BucketName></Error>";
        assert_eq!(ErrorBody::parse(s3).unwrap().code, "NoSuchBucket");
        let sts = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>";
        assert_eq!(ErrorBody::parse(sts).unwrap().code, "AccessDenied");
        let moto = "<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code></Error></Errors></ErrorResponse>";
        assert_eq!(ErrorBody::parse(moto).unwrap().code, "InvalidClientTokenId");
        assert!(ErrorBody::parse("<html><body><h1>404</h1></body></html>").is_none());
        assert!(ErrorBody::parse("not xml at all").is_none());
    }
}
