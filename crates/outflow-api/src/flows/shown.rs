//! What flows are shown with beside their own members, for the OpenAPI document.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ShownFault;

/// The connections that a flow is made of. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Inherited")]
pub(super) struct Inherited {
    /// `isDestinationFlow`, which is true.
    properties: Option<Value>,
    /// Its source.
    #[serde(rename = "sourceConnections")]
    source_connections: Option<Vec<InheritedConnection>>,
    /// Its target, with the account.
    #[serde(rename = "targetConnections")]
    target_connections: Option<Vec<InheritedConnection>>,
}

/// A connection of a flow. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "InheritedConnection")]
struct InheritedConnection {
    /// Its id.
    id: String,
    /// Its kind.
    #[serde(rename = "connectionSpec")]
    connection_spec: InheritedSpec,
    /// Of a target, the account.
    #[serde(rename = "baseConnection")]
    base_connection: Option<InheritedAccount>,
}

/// An account of a flow. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "InheritedAccount")]
struct InheritedAccount {
    /// Its id.
    id: String,
    /// Its kind.
    #[serde(rename = "connectionSpec")]
    connection_spec: InheritedSpec,
}

/// A kind of connection. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "InheritedSpec")]
struct InheritedSpec {
    /// The connection spec's id.
    id: String,
    /// Its version.
    version: Option<String>,
}

/// A flow's newest run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LastRun")]
pub(super) struct LastRun {
    /// The run's id.
    id: String,
    /// `queued`, `processing`, `success`, `failed` or `cancelled`.
    state: String,
    /// When it began, in milliseconds since 1970.
    #[serde(rename = "startedAtUTC")]
    started_at_utc: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    #[serde(rename = "completedAtUTC")]
    completed_at_utc: Option<i64>,
}

/// Why a flow is paused. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Pause")]
pub(super) struct Pause {
    /// In one sentence.
    reason: String,
    /// When.
    at: String,
    /// What it violates, the first 50.
    violations: Option<Vec<PauseViolation>>,
    /// How many more there are.
    #[serde(rename = "violationsLeftOut")]
    violations_left_out: Option<u64>,
}

/// A violation that paused a flow. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "PauseViolation")]
struct PauseViolation {
    /// The policy's id.
    #[serde(rename = "policyId")]
    policy_id: String,
    /// The policy's name.
    #[serde(rename = "policyName")]
    policy_name: String,
    /// When it denies.
    condition: String,
    /// The labels that were found.
    labels: Vec<String>,
    /// The flow's actions that it denies.
    #[serde(rename = "marketingActions")]
    marketing_actions: Vec<String>,
    /// The segment's id.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// The segment's name.
    #[serde(rename = "segmentName")]
    segment_name: String,
}

/// How a stream is. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(title = "StreamState")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum StreamState {
    Idle,
    Deriving,
    Sending,
    Throttled,
    Blocked,
    Disabled,
}

/// How a flow to a stream is. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "StreamStatus")]
pub(super) struct StreamStatus {
    /// How it is.
    state: StreamState,
    /// Since when.
    since: Option<String>,
    /// The number of the last derivation; 0 before the first.
    sequence: u64,
    /// Messages of the open set.
    messages: u64,
    /// Of them, those that are not settled.
    pending: u64,
    /// Evaluations that wait to be derived.
    waiting: u64,
    /// Evaluations that were left out because too many waited.
    #[serde(rename = "leftOut")]
    left_out: u64,
    /// Refused messages that are kept.
    letters: u64,
    /// Refused messages that were forgotten because too many were kept.
    #[serde(rename = "lettersForgotten")]
    letters_forgotten: u64,
    /// Whether the far end will have been told everything when the open set is settled.
    complete: bool,
    /// Why it is blocked, or was when the flow was disabled, or what the target said last.
    fault: Option<ShownFault>,
    /// When it is tried again.
    #[serde(rename = "nextTryAt")]
    next_try_at: Option<String>,
    /// When this was so.
    #[serde(rename = "updatedAt")]
    updated_at: String,
}
