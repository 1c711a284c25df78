//! How a stream goes, for people.

use chrono::{DateTime, Utc};
use outflow_model::run::RunError;
use serde::Serialize;

use super::StreamState;

/// How a streaming flow goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStatus {
    /// `idle`, `deriving`, `sending`, `throttled` (the target asks to go slower) or `blocked`.
    pub state: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The number of the last derivation.
    pub sequence: u64,
    /// Messages of the open set.
    pub messages: u64,
    /// Of them, those that are not settled.
    pub pending: u64,
    /// Evaluations that wait to be derived.
    pub waiting: usize,
    /// Evaluations that were left out because too many waited; what changed with them went with the next.
    pub left_out: u64,
    /// Refused messages that are kept.
    pub letters: u64,
    /// Refused messages that were forgotten because too many were kept.
    pub letters_forgotten: u64,
    /// Whether the far end will have been told everything when the open set is settled.
    pub complete: bool,
    /// Why it is blocked, or what the target said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<RunError>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<DateTime<Utc>>,
    /// When this was so.
    pub updated_at: DateTime<Utc>,
}

impl StreamStatus {
    /// What `state`, written at `updated_at`, says.
    pub(crate) fn of(state: &StreamState, updated_at: DateTime<Utc>) -> StreamStatus {
        let condition = &state.condition;
        let (messages, settled) = state.open.as_ref().map_or((0, 0), |open| (open.messages, open.settled));
        StreamStatus {
            state: if condition.state.is_empty() { "idle".into() } else { condition.state.clone() },
            since: condition.since,
            sequence: state.sequence,
            messages,
            pending: messages.saturating_sub(settled),
            waiting: state.waiting.len(),
            left_out: state.left_out,
            letters: state.kept_letters(),
            letters_forgotten: state.letters_forgotten,
            complete: !state.incomplete && state.waiting.is_empty(),
            fault: condition.fault.clone(),
            next_try_at: condition.next_try_at,
            updated_at,
        }
    }
}
