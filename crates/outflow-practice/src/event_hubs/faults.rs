//! Faults of the Event Hubs namespace.

use serde::{Deserialize, Serialize};

/// Faults of the Event Hubs namespace. A transfer is what a client sends at once: an event or a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct EventHubsFaults {
    /// All connections together receive and send at most this many bytes per second.
    pub slow_bytes_per_sec: Option<u64>,
    /// What becomes of a transfer is said so much later, in milliseconds.
    pub answer_delay_millis: Option<u64>,
    /// Connections are reset.
    pub unavailable: bool,
    /// Every token is refused: 401 `InvalidSignature`.
    pub wrong_credentials: bool,
    /// Transfers are rejected with `com.microsoft:server-busy`, as the service does when it throttles.
    pub server_busy: Option<ServerBusy>,
    /// Transfers are rejected with another error.
    pub reject: Option<HubsRefusal>,
    /// Transfers are released: not stored, to be sent again.
    pub release: Option<HubsTimes>,
    /// Transfers are modified: not stored, delivery failed.
    pub modify: Option<HubsTimes>,
    /// Links are detached with an error in place of an answer; the transfer is not stored.
    pub detach: Option<HubsCut>,
    /// Links to hubs are refused.
    pub attach_refused: Option<HubsRefusal>,
    /// Connections are closed with `amqp:connection:forced` in place of an answer; the transfer is not stored.
    pub connection_close: Option<HubsCut>,
    /// Connections are reset in place of an answer; the transfer is not stored.
    pub connection_drop: Option<HubsCut>,
    /// A transfer is stored, and nothing is ever said of it.
    pub stored_not_settled: Option<HubsTimes>,
    /// A transfer is stored, and the connection is reset before the answer.
    pub answer_lost: Option<HubsTimes>,
    /// Tokens are not taken.
    pub cbs_failure: Option<CbsFailure>,
}

/// How often something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HubsTimes {
    /// How often.
    #[serde(default = "once")]
    pub times: u64,
}

/// Throttling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerBusy {
    /// How many transfers are rejected.
    #[serde(default = "once")]
    pub times: u64,
    /// Only every so many-th transfer is: 1 for each, 3 for a third of them.
    #[serde(default = "once")]
    pub every: u64,
}

/// An error of the hub's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HubsRefusal {
    /// How often.
    #[serde(default = "once")]
    pub times: u64,
    /// The AMQP condition, for example `amqp:not-allowed`.
    #[serde(default = "internal_error")]
    pub condition: String,
}

/// An end in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HubsCut {
    /// How many transfers are answered before, of the link or connection.
    #[serde(default)]
    pub after: u64,
    /// How often it ends.
    #[serde(default = "once")]
    pub times: u64,
}

/// A failure of the token node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CbsFailure {
    /// How many tokens are not taken.
    #[serde(default = "once")]
    pub times: u64,
    /// The status: 401, 500, 503 and the like.
    #[serde(default = "server_error")]
    pub status: u16,
}

fn once() -> u64 {
    1
}

fn internal_error() -> String {
    "amqp:internal-error".into()
}

fn server_error() -> u16 {
    500
}
