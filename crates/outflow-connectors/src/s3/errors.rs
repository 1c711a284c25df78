//! From what came back to a fault by class.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use outflow_connector_kit::{Fault, FaultClass};

use super::address::Address;
use crate::aws::transport::{self, retry_after, said, skewed};
use crate::aws::xml::ErrorBody;

/// What a request does, for naming the right that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Finds the bucket's region.
    LocateBucket,
    /// Writes an object or a part of an upload.
    Put,
    /// Reads an object or its length.
    Get,
    /// Gives an upload up.
    Abort,
    /// Removes an object.
    Delete,
    /// Lists unfinished uploads.
    ListUploads,
    /// Lists objects.
    List,
    /// Takes on a role.
    AssumeRole,
    /// Lists the account's buckets.
    ListBuckets,
}

impl Action {
    /// The right's name in a policy.
    pub(super) fn right(self) -> &'static str {
        match self {
            Action::LocateBucket => "s3:GetBucketLocation",
            Action::Put => "s3:PutObject",
            Action::Get => "s3:GetObject",
            Action::Abort => "s3:AbortMultipartUpload",
            Action::Delete => "s3:DeleteObject",
            Action::ListUploads => "s3:ListBucketMultipartUploads",
            Action::List => "s3:ListBucket",
            Action::AssumeRole => "sts:AssumeRole",
            Action::ListBuckets => "s3:ListAllMyBuckets",
        }
    }

    fn resource(self, address: &Address, role_arn: &str) -> String {
        match self {
            Action::Put | Action::Get | Action::Abort | Action::Delete => address.objects_arn(),
            Action::LocateBucket | Action::ListUploads | Action::List => address.bucket_arn(),
            Action::AssumeRole => role_arn.to_owned(),
            Action::ListBuckets => "*".to_owned(),
        }
    }
}

/// A request that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// HTTP status, 0 when no answer came.
    pub status: u16,
    /// The store's code, `NoSuchUpload` for example; empty when it gave none.
    pub code: String,
    /// The bucket's region, where the store said it.
    pub region: Option<String>,
    /// Whether the store may have done it all the same.
    pub unsure: bool,
    /// The same for people.
    pub fault: Box<Fault>,
}

impl Failure {
    /// A failure before any answer.
    pub(super) fn local(fault: Fault) -> Failure {
        Failure { status: 0, code: String::new(), region: None, unsure: false, fault: Box::new(fault) }
    }

    /// Whether the same request may succeed when sent again. A store that says that content arrived damaged asks for it.
    pub(super) fn is_worth_another_try(&self) -> bool {
        (self.fault.class.is_transient() && self.code != "NoSuchUpload") || self.is_damage()
    }

    /// Whether content arrived damaged, as the store says or its answer shows.
    pub(super) fn is_damage(&self) -> bool {
        is_damage(&self.code)
    }

    /// Whether the credentials' time is over.
    pub(super) fn is_expired(&self) -> bool {
        self.code.starts_with("ExpiredToken")
    }

    /// Whether a condition of the request (`If-None-Match`, `If-Match`) did not hold. A completion may say so in the body
    /// of an answer with status 200.
    pub(super) fn is_condition(&self) -> bool {
        self.status == 412 || matches!(self.code.as_str(), "PreconditionFailed" | "ConditionalRequestConflict")
    }

    /// Whether the store no longer knows the upload: it was given up, or completed by a try whose answer was lost.
    pub(super) fn is_gone(&self) -> bool {
        self.code == "NoSuchUpload"
    }

    /// Whether the store knows nothing under the key or upload id.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.code.as_str(), "NoSuchKey" | "NoSuchUpload")
            || (self.status == 404 && self.fault.class == FaultClass::Input)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        *failure.fault
    }
}

/// An answer that is not a success.
pub(super) struct Reply<'a> {
    pub action: Action,
    pub address: &'a Address,
    pub role_arn: &'a str,
    pub status: u16,
    pub headers: &'a HeaderMap,
    /// The body; `None` for HEAD, whose answers have none.
    pub body: Option<&'a [u8]>,
    pub now: DateTime<Utc>,
    pub tried: String,
}

impl Reply<'_> {
    /// The failure that it means.
    pub(super) fn into_failure(self) -> Failure {
        let error = self.body.and_then(|body| ErrorBody::parse(&String::from_utf8_lossy(body)));
        let region_header = self.headers.get("x-amz-bucket-region").and_then(|v| v.to_str().ok());
        let region = region_header.map(str::to_owned).or_else(|| error.as_ref().and_then(|e| e.region.clone()));
        let fault = match &error {
            Some(error) => self.fault_by_code(error, region.as_deref()),
            None => self.fault_by_status(region.as_deref()),
        };
        let fault = fault.retry_after(retry_after(self.headers)).tried(self.tried);
        let code = error.map(|e| e.code).unwrap_or_default();
        Failure { status: self.status, unsure: self.status >= 500, code, region, fault: Box::new(fault) }
    }

    fn fault_by_code(&self, error: &ErrorBody, region: Option<&str>) -> Fault {
        use FaultClass as Class;
        let said = said(&error.message);
        if let Some(fault) = about_credentials(&error.code, &said) {
            return fault;
        }
        let because = |text: &str| if said.is_empty() { text.to_owned() } else { format!("{text} ({said})") };
        match error.code.as_str() {
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => skewed(self.headers, self.now, "store"),
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "Forbidden" => self.denied(&said),
            "NoSuchBucket" | "InvalidBucketName" => self.no_bucket(),
            code if REGION_CODES.contains(&code) => self.wrong_region(region, &said),
            code if THROTTLE_CODES.contains(&code) => {
                Fault::new(Class::Throttled, because("the store asks to go slower"))
                    .hint("Try again later, or run fewer exports at once.")
            }
            "NoSuchUpload" => {
                Fault::new(Class::Unavailable, "the upload was removed at the store while it was going on")
                    .hint("Run again. If it repeats, look for a lifecycle rule that aborts uploads too early.")
            }
            "NoSuchKey" => Fault::input("there is no such object").hint("Check bucket, folder and name."),
            code if FULL_CODES.contains(&code) => {
                Fault::new(Class::Refused, because("the store is full or its limit is reached"))
                    .hint("Free space at the store or raise its quota.")
            }
            "PreconditionFailed" => Fault::new(Class::Refused, "the name is taken"),
            code if is_damage(code) => {
                Fault::new(Class::Verification, because("the content arrived damaged")).hint("Run again.")
            }
            "InvalidPart" | "InvalidPartOrder" => {
                Fault::new(Class::Verification, because("the store lost a part of the upload")).hint("Run again.")
            }
            "NotImplemented" if error.header.is_some() => {
                let header = error.header.as_deref().unwrap_or_default();
                Fault::new(Class::Config, because(&format!("the store does not know the header {header}")))
                    .hint("Use a store that offers the S3 interface with multipart uploads.")
            }
            "NotImplemented" | "MethodNotAllowed" => {
                Fault::new(Class::Config, because(&format!("the store does not offer {}", self.action.right())))
                    .hint("Use a store that offers the S3 interface with multipart uploads.")
            }
            code if self.status == 429 => {
                Fault::new(Class::Throttled, because(&format!("the store asks to wait: {code}")))
                    .hint("Try again later, or run fewer exports at once.")
            }
            code if self.status >= 500 || BUSY_CODES.contains(&code) => {
                Fault::new(Class::Unavailable, because(&format!("the store cannot do it now: {code}")))
                    .hint("Try again later; if it stays, ask whoever runs the store.")
            }
            code => {
                Fault::new(Class::Refused, because(&format!("the store refused with status {} {code}", self.status)))
                    .hint("Look the code up in the store's documentation.")
            }
        }
    }

    /// Without an S3 error in the body: a HEAD, a proxy on the way, or not an S3 server.
    fn fault_by_status(&self, region: Option<&str>) -> Fault {
        use FaultClass as Class;
        let bodiless = self.body.is_none_or(<[u8]>::is_empty);
        match self.status {
            429 => Fault::new(Class::Throttled, "the endpoint asks to go slower (status 429)")
                .hint("Try again later, or run fewer exports at once."),
            // A HEAD has no room for the code; a store that is down does not say when it will be up.
            503 if bodiless && self.headers.contains_key("retry-after") => {
                Fault::new(Class::Throttled, "the endpoint asks to go slower (status 503 with Retry-After)")
                    .hint("Try again later, or run fewer exports at once.")
            }
            507 => Fault::new(Class::Refused, "the store is full (status 507)").hint("Free space at the store."),
            status if status >= 500 && status != 501 => {
                Fault::new(Class::Unavailable, format!("the endpoint failed with status {status}"))
                    .hint("Try again later; if it stays, ask whoever runs the store.")
            }
            301 | 307 | 400 if region.is_some_and(|r| r != self.address.region) => self.wrong_region(region, ""),
            403 if bodiless => self.denied(""),
            404 if bodiless && self.action == Action::Get => {
                Fault::input("there is no such object").hint("Check bucket, folder and name.")
            }
            412 => Fault::new(Class::Refused, "the name is taken"),
            416 => Fault::input("the object is shorter than the range that was asked for"),
            status => Fault::new(
                Class::Config,
                format!("the endpoint does not answer as an S3 server does (status {status})"),
            )
            .hint("Check that the endpoint is the S3 interface of the store, not its console or another service.")
            .about(["endpoint"]),
        }
    }

    fn denied(&self, said: &str) -> Fault {
        let right = self.action.right();
        let resource = self.action.resource(self.address, self.role_arn);
        let said = if said.is_empty() || said == "Access Denied" { String::new() } else { format!(" ({said})") };
        let fault = Fault::new(FaultClass::Refused, format!("{right} on {resource} is denied{said}"));
        match self.action {
            Action::AssumeRole => fault.hint(
                "Allow the key's user sts:AssumeRole on the role, name the user in the role's trust policy, and check \
                 that externalId is the one that the trust policy asks for.",
            ),
            Action::Get => fault.hint(format!(
                "Allow {right} on {resource}. Without s3:ListBucket a missing object is answered in the same way."
            )),
            _ => fault.hint(format!("Allow {right} on {resource} in the policy of the key or of the bucket.")),
        }
    }

    fn no_bucket(&self) -> Fault {
        Fault::new(FaultClass::Config, format!("there is no bucket {}", self.address.bucket()))
            .hint("Create the bucket or correct bucketName.")
            .about(["bucketName"])
    }

    fn wrong_region(&self, region: Option<&str>, said: &str) -> Fault {
        let bucket = self.address.bucket();
        let used = &self.address.region;
        match region {
            Some(region) => {
                Fault::new(FaultClass::Config, format!("bucket {bucket} is in region {region}, not in {used}"))
                    .hint(format!("Set region to {region}, or leave it empty to have it found."))
                    .about(["region"])
            }
            None => Fault::new(FaultClass::Config, format!("{used} is the wrong region or endpoint ({said})"))
                .hint("Set region to the region of the bucket.")
                .about(["region", "endpoint"]),
        }
    }
}

/// Another region or endpoint is meant.
const REGION_CODES: &[&str] =
    &["PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"];

/// Go slower.
const THROTTLE_CODES: &[&str] = &[
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequests",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
];

/// Nothing more fits.
const FULL_CODES: &[&str] =
    &["QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "InsufficientCapacity", "EntityTooLarge"];

/// It may pass, whatever the status.
const BUSY_CODES: &[&str] = &[
    "InternalError",
    "ServiceUnavailable",
    "Busy",
    "RequestTimeout",
    "OperationAborted",
    "ConditionalRequestConflict",
];

fn about_credentials(code: &str, said: &str) -> Option<Fault> {
    let fault = |message: &str, hint: &str, about: &[&str]| {
        Some(Fault::new(FaultClass::Credentials, message).hint(hint).about(about.iter().copied()))
    };
    let unknown = ("the store does not know this access key", "Check s3AccessKey; the key may have been deleted.");
    let bad =
        ("the secret key does not belong to the access key", "Enter s3SecretKey again, without blanks or line ends.");
    match code {
        "InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException" | "NotSignedUp" => {
            fault(unknown.0, unknown.1, &["s3AccessKey"])
        }
        "SignatureDoesNotMatch" => fault(bad.0, bad.1, &["s3SecretKey"]),
        // Garage answers both with AccessDenied; only its words tell them from a missing right.
        "AccessDenied" if said.contains("No such key:") => fault(unknown.0, unknown.1, &["s3AccessKey"]),
        "AccessDenied" if said.contains("Invalid signature") => fault(bad.0, bad.1, &["s3SecretKey"]),
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            fault("the session token has expired", "Renew the temporary key pair.", &["sessionToken"])
        }
        "InvalidToken" => fault(
            "the store does not accept the session token",
            "Give key pair and session token of the same session, and no token with a permanent key pair.",
            &["sessionToken"],
        ),
        _ => None,
    }
}

fn is_damage(code: &str) -> bool {
    matches!(code, "BadDigest" | "InvalidDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch")
}

/// A request that got no answer. `endpoint` is where it was sent.
pub(super) fn transport(error: reqwest::Error, endpoint: &str, tried: String) -> Failure {
    let (fault, unsure) = transport::failed(error, endpoint);
    Failure { unsure, ..Failure::local(fault.tried(tried)) }
}

/// A request that stood still.
pub(super) fn stalled(endpoint: &str, idle_max: Duration, tried: String) -> Failure {
    Failure { unsure: true, ..Failure::local(transport::stalled(endpoint, idle_max).tried(tried)) }
}
