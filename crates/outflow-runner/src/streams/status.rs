//! How a stream goes, for people.

use chrono::{DateTime, Utc};
use outflow_model::run::RunError;
use serde::Serialize;

use super::{BLOCKED, DISABLED, StreamState};

/// How a streaming flow goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStatus {
    /// `idle`, `deriving`, `sending`, `throttled` (the target asks to go slower), `blocked`, or `disabled` where the flow
    /// is.
    pub state: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The number of the last derivation; 0 before the first.
    pub sequence: u64,
    /// Messages of the open set.
    pub messages: u64,
    /// Of them, those that are not settled.
    pub pending: u64,
    /// Evaluations that wait to be derived, those among them that came while the stream is blocked.
    pub waiting: usize,
    /// Evaluations that were left out because too many waited; what changed with them went with the next.
    pub left_out: u64,
    /// Refused messages that are kept.
    pub letters: u64,
    /// Refused messages that were forgotten because too many were kept.
    pub letters_forgotten: u64,
    /// Whether the far end will have been told everything when the open set is settled.
    pub complete: bool,
    /// Why it is blocked, or was when the flow was disabled, or what the target said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<RunError>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<DateTime<Utc>>,
    /// When this was so.
    pub updated_at: DateTime<Utc>,
}

impl StreamStatus {
    /// What `state`, written at `updated_at`, says of a flow that is enabled or not and for which so many evaluations wait.
    pub(crate) fn of(state: &StreamState, updated_at: DateTime<Utc>, is_enabled: bool, waiting: usize) -> StreamStatus {
        let condition = &state.condition;
        // The flow says whether it is disabled: nobody may have looked at its stream since.
        let is_seen = is_enabled != (condition.state == DISABLED);
        let shown = match condition.state.as_str() {
            _ if !is_enabled => DISABLED,
            // What it will find is not known yet.
            DISABLED => "deriving",
            "" => "idle",
            known => known,
        };
        let has_stopped = [BLOCKED, DISABLED].contains(&condition.state.as_str());
        let is_told = if is_enabled { is_seen } else { has_stopped };
        let (messages, settled) = state.open.as_ref().map_or((0, 0), |open| (open.messages, open.settled));
        StreamStatus {
            state: shown.into(),
            since: condition.since.filter(|_| is_seen),
            sequence: state.sequence,
            messages,
            pending: messages.saturating_sub(settled),
            waiting,
            left_out: state.left_out,
            letters: state.kept_letters(),
            letters_forgotten: state.letters_forgotten,
            complete: !state.incomplete && waiting == 0,
            fault: condition.fault.clone().filter(|_| is_told),
            next_try_at: condition.next_try_at.filter(|_| is_enabled),
            updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use outflow_model::Fault;
    use outflow_testkit::clock::fixed_now;

    use super::*;

    #[test]
    fn a_disabled_flow_says_so_whatever_its_stream_was_when_somebody_looked_last() {
        let now = fixed_now();
        let mut state = StreamState::default();
        let shown = |state: &StreamState, is_enabled| {
            let status = StreamStatus::of(state, now, is_enabled, 0);
            (status.state, status.since.is_some(), status.fault.is_some(), status.next_try_at.is_some())
        };
        assert_eq!(shown(&state, true), ("idle".into(), false, false, false));
        state.block(RunError::from(&Fault::input("x")), now, now);
        assert_eq!(shown(&state, true), ("blocked".into(), true, true, true));
        assert_eq!(shown(&state, false), ("disabled".into(), false, true, false));
        state.disable(now);
        assert_eq!(shown(&state, false), ("disabled".into(), true, true, false));
        // Enabled again, and not looked at yet.
        assert_eq!(shown(&state, true), ("deriving".into(), false, false, false));
        state.enter("idle", now);
        assert_eq!(shown(&state, false), ("disabled".into(), false, false, false));
    }
}
