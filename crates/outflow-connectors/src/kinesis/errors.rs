//! From what came back to a fault by class.
//!
//! The service's own words are told where they speak of rights and keys. Elsewhere they may quote a record, so that only
//! the code is told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use outflow_connector_kit::{Fault, FaultClass};
use serde::Deserialize;

use super::address::Address;
use crate::aws::transport::{self, IDLE_MAX, retry_after, said, skewed};
use crate::aws::xml;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Writes records.
    PutRecords,
    /// Describes the stream.
    DescribeStreamSummary,
    /// Lists its shards.
    ListShards,
    /// Lists the region's streams.
    ListStreams,
    /// Takes on a role.
    AssumeRole,
}

impl Action {
    /// Its name in the service's interface.
    pub(super) fn name(self) -> &'static str {
        match self {
            Action::PutRecords => "PutRecords",
            Action::DescribeStreamSummary => "DescribeStreamSummary",
            Action::ListShards => "ListShards",
            Action::ListStreams => "ListStreams",
            Action::AssumeRole => "AssumeRole",
        }
    }

    /// The right's name in a policy.
    pub(super) fn right(self) -> String {
        let service = if self == Action::AssumeRole { "sts" } else { "kinesis" };
        format!("{service}:{}", self.name())
    }

    fn resource(self, address: &Address, role_arn: &str) -> String {
        match self {
            Action::PutRecords | Action::DescribeStreamSummary | Action::ListShards => address.arn(),
            Action::ListStreams => "*".to_owned(),
            Action::AssumeRole => role_arn.to_owned(),
        }
    }
}

/// A request that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// HTTP status, 0 when no answer came.
    pub status: u16,
    /// The service's code, `ResourceNotFoundException` for example; empty when it gave none.
    pub code: String,
    /// Whether the service may have done it all the same.
    pub unsure: bool,
    /// The same for people.
    pub fault: Box<Fault>,
}

impl Failure {
    /// A failure before any answer.
    pub(super) fn local(fault: Fault) -> Failure {
        Failure { status: 0, code: String::new(), unsure: false, fault: Box::new(fault) }
    }

    /// Whether a right is missing.
    pub(super) fn is_denied(&self) -> bool {
        is_denied(&self.code)
    }

    /// Whether the request's arguments were refused: whoever sent it was allowed to.
    pub(super) fn is_about_arguments(&self) -> bool {
        is_about_arguments(&self.code)
    }

    /// Whether the credentials' time is over.
    pub(super) fn is_expired(&self) -> bool {
        self.code.starts_with("ExpiredToken")
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        *failure.fault
    }
}

fn is_denied(code: &str) -> bool {
    matches!(code, "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorizedException")
}

fn is_about_arguments(code: &str) -> bool {
    matches!(code, "InvalidArgumentException" | "ValidationException" | "SerializationException")
}

/// The service's JSON error. Some servers write the member's name small, some not.
#[derive(Default, Deserialize)]
#[serde(default)]
struct JsonError {
    #[serde(rename = "__type")]
    kind: String,
    #[serde(alias = "Message")]
    message: String,
}

/// The bare code in `com.amazonaws.kinesis.v20131202#LimitExceededException:http://…`.
fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).trim()
}

/// An answer that is not a success.
pub(super) struct Reply<'a> {
    pub action: Action,
    pub address: &'a Address,
    pub role_arn: &'a str,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now: DateTime<Utc>,
    pub tried: String,
}

impl Reply<'_> {
    /// The failure that it means.
    pub(super) fn into_failure(self) -> Failure {
        let (code, message) = self.code();
        let fault = if code.is_empty() { self.fault_by_status() } else { self.fault_by_code(&code, &said(&message)) };
        let wait = retry_after(self.headers).or(fault.retry_after);
        let fault = Box::new(fault.retry_after(wait).tried(self.tried));
        Failure { status: self.status, unsure: self.status >= 500 || self.status == 408, code, fault }
    }

    /// Code and message, both empty where the answer is not the service's.
    fn code(&self) -> (String, String) {
        if let Some(error) = xml::ErrorBody::parse(&String::from_utf8_lossy(self.body)) {
            return (error.code, error.message);
        }
        let error: JsonError = serde_json::from_slice(self.body).unwrap_or_default();
        let header = self.headers.get("x-amzn-errortype").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let code = if error.kind.is_empty() { header } else { &error.kind };
        (bare(code).to_owned(), error.message)
    }

    fn fault_by_code(&self, code: &str, said: &str) -> Fault {
        if let Some(fault) = self.about_credentials(code, said) {
            return fault;
        }
        if is_denied(code) {
            return self.denied(said);
        }
        about_stream(code, self.address.stream()).unwrap_or_else(|| match (self.status, code) {
            (413, _) | (_, "RequestEntityTooLarge" | "RequestTooLarge") => too_large(),
            (429, _) => slower(format!("the service asks to wait: {code}")),
            (500.., _) | (_, "InternalFailure" | "InternalFailureException" | "ServiceUnavailable") => {
                failing(format!("the service cannot do it now: {code}"))
            }
            _ if is_about_arguments(code) => Fault::new(
                FaultClass::Config,
                format!("the service refused the arguments of {}: {code}", self.action.name()),
            )
            .hint("Check that recordBytesMax and requestBytesMax are not more than the stream takes."),
            (_, "UnknownOperationException" | "InvalidAction") => {
                Fault::new(FaultClass::Config, format!("the endpoint does not offer {}", self.action.name()))
                    .hint("Check that endpointUrl is the interface of Kinesis data streams.")
            }
            (status, code) => {
                Fault::new(FaultClass::Config, format!("the service refused with status {status} {code}"))
                    .hint("Look the code up in the service's documentation.")
            }
        })
    }

    fn about_credentials(&self, code: &str, said: &str) -> Option<Fault> {
        let fault = |message: &str, hint: &str, about: &str| {
            Some(Fault::new(FaultClass::Credentials, message).hint(hint).about([about]))
        };
        let is_time = ["expired", "not yet current"].iter().any(|words| said.contains(words));
        match code {
            "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" => fault(
                "the service does not know this access key",
                "Check accessKeyId, and sessionToken where there is one; the key may have been deleted.",
                "accessKeyId",
            ),
            "InvalidSignatureException" | "SignatureDoesNotMatch" if is_time => {
                Some(skewed(self.headers, self.now, "service"))
            }
            "InvalidSignatureException" | "SignatureDoesNotMatch" if said.contains("scoped to") => {
                let message = format!("{} is not the region of the endpoint", self.address.region);
                Some(Fault::new(FaultClass::Config, message).hint("Set region to the endpoint's.").about(["region"]))
            }
            "RequestTimeTooSkewed" | "RequestExpired" => Some(skewed(self.headers, self.now, "service")),
            "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignatureException"
            | "IncompleteSignature" => fault(
                "the secret key does not belong to the access key",
                "Enter secretKey again, without blanks or line ends.",
                "secretKey",
            ),
            "ExpiredTokenException" | "ExpiredToken" => {
                fault("the session token has expired", "Renew the temporary key pair.", "sessionToken")
            }
            "InvalidToken" | "MissingAuthenticationTokenException" | "MissingAuthenticationToken" => fault(
                "the service does not accept the session token or the signature",
                "Give key pair and session token of the same session, and no token with a permanent key pair.",
                "sessionToken",
            ),
            "OptInRequired" | "SubscriptionRequiredException" | "NotSignedUp" => fault(
                "the key's account has no access to the service",
                "Sign the account up for Kinesis data streams in this region.",
                "accessKeyId",
            ),
            _ => None,
        }
    }

    fn denied(&self, said: &str) -> Fault {
        let right = self.action.right();
        let resource = self.action.resource(self.address, self.role_arn);
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        let fault = Fault::new(FaultClass::Refused, format!("{right} on {resource} is denied{said}"));
        match self.action {
            Action::AssumeRole => fault.hint(
                "Allow the key's user sts:AssumeRole on the role, name the user in the role's trust policy, and check \
                 that externalId is the one that the trust policy asks for.",
            ),
            _ => fault.hint(format!("Allow {right} on {resource} in the policy of the user or role.")),
        }
    }

    /// Without an error of the service in the body: a proxy on the way, or another server.
    fn fault_by_status(&self) -> Fault {
        match self.status {
            413 => too_large(),
            429 => slower("the endpoint asks to go slower (status 429)".to_owned()),
            status if status >= 500 && status != 501 => failing(format!("the endpoint failed with status {status}")),
            status => {
                let message = format!("the endpoint does not answer as Kinesis does (status {status})");
                Fault::new(FaultClass::Config, message)
                    .hint("Check that endpointUrl is the interface of Kinesis data streams.")
            }
        }
    }
}

/// What a code says of the stream, of its key or of the pace.
fn about_stream(code: &str, stream: &str) -> Option<Fault> {
    let fault = |class: FaultClass, message: String, hint: &str| Some(Fault::new(class, message).hint(hint));
    match code {
        "ResourceNotFoundException" => fault(
            FaultClass::Config,
            format!("there is no stream {stream}"),
            "Create the stream, or correct stream and region.",
        ),
        "ResourceInUseException" => fault(
            FaultClass::Unavailable,
            format!("the stream {stream} is being created or deleted"),
            "Try again when it is active.",
        ),
        "ProvisionedThroughputExceededException" => fault(
            FaultClass::Throttled,
            format!("a shard of the stream {stream} takes no more now"),
            "It goes on by itself. Where it stays so, add shards or use a stream of the mode on demand.",
        ),
        "LimitExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "TooManyRequestsException" => Some(slower(format!("the service asks to go slower: {code}"))),
        "KMSThrottlingException" => {
            Some(slower(format!("the key service asks to go slower for the key of the stream {stream}")))
        }
        "KMSAccessDeniedException" => fault(
            FaultClass::Refused,
            format!("kms:GenerateDataKey on the key of the stream {stream} is denied"),
            "Allow kms:GenerateDataKey on the key that encrypts the stream.",
        ),
        code if code.starts_with("KMS") => fault(
            FaultClass::Config,
            format!("the key that encrypts the stream {stream} cannot be used: {code}"),
            "Look at the stream's encryption and at the state of its key.",
        ),
        _ => None,
    }
}

/// The fault of one record that the service did not take, by its code alone.
pub(super) fn record_fault(code: &str, stream: &str, wait: Option<Duration>) -> Fault {
    let code = bare(code);
    let fault = about_stream(code, stream).unwrap_or_else(|| match code {
        "InternalFailure" | "ServiceUnavailable" => failing(format!("the service could not store a record: {code}")),
        code if is_denied(code) => {
            let right = Action::PutRecords.right();
            Fault::new(FaultClass::Refused, format!("{right} on the stream {stream} is denied for a record: {code}"))
                .hint(format!("Allow {right} on the stream."))
        }
        // What it would be about is not known: trying again harms nobody, giving the message up would.
        code => failing(format!("the service did not store a record: {code}")),
    });
    let wait = if fault.class == FaultClass::Throttled { wait } else { None };
    fault.retry_after(wait)
}

fn slower(message: String) -> Fault {
    Fault::new(FaultClass::Throttled, message).hint("It goes on by itself; if it stays, look at the account's quotas.")
}

fn failing(message: String) -> Fault {
    Fault::new(FaultClass::Unavailable, message).hint("Try again later; if it stays, ask whoever runs the service.")
}

fn too_large() -> Fault {
    Fault::new(FaultClass::Config, "the endpoint takes no request of this size")
        .hint("Set requestBytesMax to what the endpoint takes.")
}

/// A request that got no answer. `endpoint` is where it was sent.
pub(super) fn unanswered(error: reqwest::Error, endpoint: &str, tried: String) -> Failure {
    let (fault, unsure) = transport::failed(error, endpoint);
    Failure { unsure, ..Failure::local(fault.tried(tried)) }
}

/// A request that stood still.
pub(super) fn stalled(endpoint: &str, tried: String) -> Failure {
    Failure { unsure: true, ..Failure::local(transport::stalled(endpoint, IDLE_MAX).tried(tried)) }
}

/// A success whose body is not the documented one.
pub(super) fn unreadable(action: Action, tried: String) -> Failure {
    let fault = Fault::new(FaultClass::Config, format!("the answer to {} is not what Kinesis sends", action.name()))
        .hint("Check that endpointUrl is the interface of Kinesis data streams.");
    Failure { unsure: true, ..Failure::local(fault.tried(tried)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(action: Action, status: u16, body: &str) -> Failure {
        let address = Address::fixed("https://kinesis.eu-west-1.amazonaws.com", "eu-west-1", "audiences");
        let reply = Reply {
            action,
            address: &address,
            role_arn: "arn:aws:iam::123456789012:role/x",
            status,
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            now: DateTime::UNIX_EPOCH,
            tried: String::new(),
        };
        reply.into_failure()
    }

    fn class(status: u16, code: &str) -> FaultClass {
        failure(Action::PutRecords, status, &format!("{{\"__type\":\"{code}\",\"message\":\"value-x\"}}")).fault.class
    }

    #[test]
    fn codes_are_classed() {
        for (status, code, wanted) in [
            (400, "UnrecognizedClientException", FaultClass::Credentials),
            (400, "InvalidSignatureException", FaultClass::Credentials),
            (400, "ExpiredTokenException", FaultClass::Credentials),
            (400, "AccessDeniedException", FaultClass::Refused),
            (400, "com.amazonaws.kinesis.v20131202#ResourceNotFoundException", FaultClass::Config),
            (400, "ProvisionedThroughputExceededException", FaultClass::Throttled),
            (400, "LimitExceededException", FaultClass::Throttled),
            (400, "KMSAccessDeniedException", FaultClass::Refused),
            (400, "KMSDisabledException", FaultClass::Config),
            (400, "KMSThrottlingException:http://internal.amazon.com/", FaultClass::Throttled),
            (500, "InternalFailure", FaultClass::Unavailable),
            (503, "ServiceUnavailable", FaultClass::Unavailable),
            (400, "SomethingNew", FaultClass::Config),
        ] {
            assert_eq!(class(status, code), wanted, "{code}");
        }
    }

    #[test]
    fn a_denied_action_is_named_with_its_resource_and_data_is_not() {
        let denied = r#"{"__type":"AccessDeniedException","Message":"User: x is not authorized"}"#;
        let failure_of = failure(Action::ListShards, 400, denied);
        let text = failure_of.fault.message.clone();
        assert!(
            text.contains("kinesis:ListShards on arn:aws:kinesis:eu-west-1:*:stream/audiences is denied"),
            "{text}"
        );
        assert!(text.contains("User: x") && failure_of.is_denied(), "{text}");
        let odd = r#"{"__type":"SomethingNew","message":"the record {\"mail\":\"ada@example.org\"} is odd"}"#;
        let text = failure(Action::PutRecords, 400, odd).fault.message.clone();
        assert!(text.contains("SomethingNew") && !text.contains("ada"), "{text}");
        assert!(!record_fault("SomethingNew", "s", None).message.contains("ada"));
    }

    #[test]
    fn errors_in_xml_and_none_at_all_are_read_too() {
        let denied = "<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>no</Message></Error></Errors></ErrorResponse>";
        assert_eq!(failure(Action::PutRecords, 403, denied).fault.class, FaultClass::Refused);
        assert_eq!(failure(Action::PutRecords, 404, "<html>").fault.class, FaultClass::Config);
        let failed = failure(Action::PutRecords, 502, "bad gateway");
        assert!(failed.unsure && failed.fault.class == FaultClass::Unavailable);
        assert_eq!(failure(Action::PutRecords, 413, "").fault.class, FaultClass::Config);
    }

    #[test]
    fn a_wrong_clock_or_region_is_not_a_wrong_secret() {
        let body =
            r#"{"__type":"InvalidSignatureException","message":"Credential should be scoped to a valid region."}"#;
        assert_eq!(failure(Action::PutRecords, 400, body).fault.class, FaultClass::Config);
        let body = r#"{"__type":"InvalidSignatureException","message":"Signature expired: 1 is now earlier than 2"}"#;
        assert_eq!(failure(Action::PutRecords, 400, body).fault.class, FaultClass::Config);
    }

    #[test]
    fn only_a_throttled_record_says_when_to_come_again() {
        let wait = Some(Duration::from_millis(300));
        let fault = record_fault("ProvisionedThroughputExceededException", "s", wait);
        assert_eq!((fault.class, fault.retry_after), (FaultClass::Throttled, wait));
        assert_eq!(record_fault("InternalFailure", "s", wait).retry_after, None);
    }
}
