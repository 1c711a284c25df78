//! The kinds of jobs, and what each carries.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Reads a dataset and merges the sandbox's profiles anew. Its subject is the dataset.
pub const REFRESH: &str = "refresh";

/// Merges the sandbox's profiles anew without reading a dataset, after one was detached. Its subject is the sandbox.
pub const MERGE: &str = "merge";

/// Evaluates segments. Its subject is the segment job.
pub const EVALUATION: &str = "evaluation";

/// Carries a run out. Its subject is the run.
pub const RUN: &str = "run";

/// Reads back what a run delivered. Its subject is the run.
pub const VERIFY: &str = "verify";

/// Delivers an alert to one subscriber. Its subject is the alert and the subscription.
pub const ALERT: &str = "alert";

/// Carries a streaming flow on. Its subject is the flow.
pub const STREAM: &str = "stream";

/// What the workers do that the operator counts.
pub(crate) const WORK: [&str; 5] = [REFRESH, MERGE, EVALUATION, RUN, VERIFY];

/// What workers of their own do: they wait for receivers, which may be slow, and must keep nothing else waiting.
pub(crate) const TELLING: [&str; 1] = [ALERT];

/// What workers of their own do, too: they wait for targets of messages, for hours where those are slow.
pub(crate) const STREAMING: [&str; 1] = [STREAM];

/// Higher is sooner. A person waits for what was asked for by hand.
pub(crate) mod priority {
    pub const ALERT: i64 = 0;
    pub const BY_HAND: i64 = 20;
    pub const DATA: i64 = 10;
    pub const SCHEDULED: i64 = 0;
    pub const STREAM: i64 = 0;
}

/// What every job's payload holds beside its own members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Payload {
    /// Tries that failed. A try that was cut short by the server's end is not among them.
    pub failures: u32,
    /// When the first of them failed: how long is tried again counts from there, whatever the job waited for before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<DateTime<Utc>>,
    /// A job of [`STREAM`]: tries that failed since the target took a message last.
    pub failures_in_a_row: u32,
    /// Tries that ended because something else had to come first.
    pub waits: u32,
    /// A job of [`EVALUATION`] reads the datasets anew first.
    pub refresh_first: bool,
    /// A job of [`ALERT`]: the alert.
    pub alert: String,
    /// A job of [`ALERT`]: the subscription.
    pub subscription: String,
}

impl Payload {
    /// The payload of a job. What cannot be read is a job of another release: its members have their defaults.
    pub fn of(value: &serde_json::Value) -> Payload {
        Payload::deserialize(value).unwrap_or_default()
    }

    /// As JSON.
    pub fn value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_survives_the_store() {
        let payload = Payload { failures: 2, refresh_first: true, ..Payload::default() };
        assert_eq!(Payload::of(&payload.value()), payload);
        assert_eq!(Payload::of(&serde_json::json!({"later": 1})), Payload::default());
    }
}
