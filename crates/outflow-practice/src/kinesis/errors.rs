//! Error answers with the codes, statuses and texts of Kinesis.

use std::fmt::Display;
use std::io;

use http::StatusCode;

/// The account that owns everything here.
pub(crate) const ACCOUNT: &str = "000000000000";

/// What an operation answers when it fails.
#[derive(Debug)]
pub(crate) struct KinesisError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What an operation answers.
pub(crate) type KinesisResult<T> = Result<T, KinesisError>;

impl KinesisError {
    /// An error of the client's: 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> KinesisError {
        KinesisError { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// The error with another status.
    pub(crate) fn status(mut self, status: StatusCode) -> KinesisError {
        self.status = status;
        self
    }
}

/// A value that breaks a rule of the interface's description.
pub(crate) fn validation(value: impl Display, member: &str, constraint: &str) -> KinesisError {
    KinesisError::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ),
    )
}

/// A member that has to be there.
pub(crate) fn missing(member: &str) -> KinesisError {
    KinesisError::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be \
             null"
        ),
    )
}

/// A value that the service cannot use.
pub(crate) fn invalid_argument(message: impl Into<String>) -> KinesisError {
    KinesisError::new("InvalidArgumentException", message)
}

/// A stream that is not there.
pub(crate) fn stream_not_found(name: &str) -> KinesisError {
    KinesisError::new("ResourceNotFoundException", format!("Stream {name} under account {ACCOUNT} not found."))
}

/// A shard that is not there.
pub(crate) fn shard_not_found(shard: &str, stream: &str) -> KinesisError {
    KinesisError::new(
        "ResourceNotFoundException",
        format!("Shard {shard} in stream {stream} under account {ACCOUNT} does not exist"),
    )
}

/// A shard that takes no more just now.
pub(crate) fn rate_exceeded(shard: &str, stream: &str) -> KinesisError {
    KinesisError::new(
        "ProvisionedThroughputExceededException",
        format!("Rate exceeded for shard {shard} in stream {stream} under account {ACCOUNT}."),
    )
}

/// A failure of the service's own.
pub(crate) fn internal_failure() -> KinesisError {
    KinesisError::new("InternalFailure", "Internal service failure.").status(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A service that is away.
pub(crate) fn unavailable() -> KinesisError {
    KinesisError::new("ServiceUnavailable", "Service is currently unavailable. Please try again.")
        .status(StatusCode::SERVICE_UNAVAILABLE)
}

/// What a failed file operation answers.
pub(crate) fn io_error(source: &io::Error) -> KinesisError {
    tracing::warn!(%source, "the stream's files cannot be used");
    internal_failure()
}
