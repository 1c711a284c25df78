//! Faults of the Kinesis endpoint.

use serde::{Deserialize, Serialize};

use crate::faults::{AnswerLost, Cut};

/// Faults of the Kinesis endpoint. Records are counted over all streams, in the order in which requests name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct KinesisFaults {
    /// All connections together receive and send at most this many bytes per second.
    pub slow_bytes_per_sec: Option<u64>,
    /// Each answer is held back for this long, in milliseconds, after its work was done.
    pub slow_millis: Option<u64>,
    /// A connection is reset when it has received so many bytes of request bodies since the fault was set.
    pub cut_at_byte: Option<Cut>,
    /// Every request is answered 503 `ServiceUnavailable`.
    pub unavailable: bool,
    /// Requests are answered 500 or 503, and change nothing.
    pub failing: Option<Failing>,
    /// Connections are reset when they have sent a request's head.
    pub reset_connection: Option<Times>,
    /// Requests are read and never answered; they change nothing.
    pub hang: Option<Times>,
    /// A change is made, and the connection is reset before its answer is sent. Without an operation, every request that
    /// changes something is meant.
    pub answer_lost: Option<AnswerLost>,
    /// Whole requests are answered 400: `ProvisionedThroughputExceededException` where records are put or read, else
    /// `LimitExceededException`.
    pub throttle_requests: Option<Times>,
    /// Records fail with `ProvisionedThroughputExceededException`; the others of their request are stored.
    pub throttle: Option<EveryNth>,
    /// Records fail with `InternalFailure`; the others of their request are stored.
    pub partial_failure: Option<EveryNth>,
    /// Each shard takes so much and no more, as the service's do. Off by default, so that a trial need not wait; `{}`
    /// gives the service's limits.
    pub shard_limits: Option<ShardLimits>,
    /// What a request may hold, in bytes of data and keys, instead of 10 MiB. The service took 5 MiB for years.
    pub request_bytes_max: Option<u64>,
    /// Every stream is in this state: puts and reads of one that is being made or deleted find nothing.
    pub stream_status: Option<StreamStatus>,
    /// Every key is unknown: 400 `UnrecognizedClientException`.
    pub wrong_credentials: bool,
    /// Every session has expired: 400 `ExpiredTokenException`.
    pub expired_token: bool,
    /// IAM actions that are denied to everybody, for example `kinesis:ListStreams`: 400 `AccessDeniedException`.
    pub deny_actions: Vec<String>,
}

/// A fault of so many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Times {
    /// How many requests.
    #[serde(default = "once")]
    pub times: u64,
}

/// Requests that fail on the service's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failing {
    /// How many requests.
    #[serde(default = "once")]
    pub times: u64,
    /// 500 for `InternalFailure`; any other number for 503 `ServiceUnavailable`.
    #[serde(default = "internal")]
    pub status: u16,
}

/// A fault of single records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EveryNth {
    /// Of so many records, the last one fails: 1 for each record, 3 for the third, the sixth, …
    #[serde(default = "once")]
    pub every: u64,
    /// How many records fail.
    #[serde(default = "once")]
    pub times: u64,
}

/// What a shard takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ShardLimits {
    /// Records per second.
    pub records_per_sec: u64,
    /// Bytes of data and keys per second.
    pub bytes_per_sec: u64,
}

impl Default for ShardLimits {
    fn default() -> ShardLimits {
        ShardLimits { records_per_sec: 1000, bytes_per_sec: 1024 * 1024 }
    }
}

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamStatus {
    /// It is being made.
    Creating,
    /// It is being deleted.
    Deleting,
    /// It is there and works.
    Active,
    /// Its shards change; it works.
    Updating,
}

fn once() -> u64 {
    1
}

fn internal() -> u16 {
    500
}
