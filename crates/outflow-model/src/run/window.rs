//! The counts and metrics of a run of a streaming flow: a window of one hour, or an activation that somebody asked for.
//!
//! Records are messages: input = those that were made and settled, output = acknowledged by the target, skipped = larger
//! than the target takes, failed = refused by the target for another reason. Messages that still wait are counted once
//! they are settled, so input = output + skipped + failed at any time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::metrics::{duration, skipped_info};
use super::{
    Activity, FileSummary, InfoEntry, RecordSummary, RunBody, RunMetrics, RunState, SizeSummary, StatusSummary, Summary,
};
use crate::balance::{Balance, ExclusionReason};

/// Reasons for refusals that are told apart; the others are told together.
const REASONS_MAX: usize = 20;

/// The reason under which what is told together is counted.
const OTHERS: &str = "Other reasons";

/// What became of the messages of a run, in messages unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowCounts {
    /// Made and settled.
    pub messages: u64,
    /// Acknowledged.
    pub accepted: u64,
    /// Not sent: larger than the target takes.
    pub oversize: u64,
    /// Refused by the target for good.
    pub refused: u64,
    /// Bytes of the acknowledged messages' bodies.
    pub bytes: u64,
    /// Of the messages that were made: profiles that entered a segment.
    pub entered: u64,
    /// Profiles that left a segment.
    pub left: u64,
    /// Profiles whose attributes changed.
    pub attributes: u64,
    /// Profiles whose identities changed.
    pub identities: u64,
    /// Profiles with a newer record and the same values.
    pub rewrites: u64,
    /// Sent again because somebody asked, or because it was not sure that they had arrived.
    pub resent: u64,
    /// Why messages were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<InfoEntry>,
}

impl WindowCounts {
    /// Adds the counts of another set of messages.
    pub fn add(&mut self, other: &WindowCounts) {
        self.messages += other.messages;
        self.accepted += other.accepted;
        self.oversize += other.oversize;
        self.refused += other.refused;
        self.bytes += other.bytes;
        self.entered += other.entered;
        self.left += other.left;
        self.attributes += other.attributes;
        self.identities += other.identities;
        self.rewrites += other.rewrites;
        self.resent += other.resent;
        for reason in &other.reasons {
            self.refuse(&reason.code, &reason.message, reason.count.unwrap_or(0));
        }
    }

    /// Adds `count` to a reason of refusals.
    pub fn refuse(&mut self, code: &str, message: &str, count: u64) {
        let known = self.reasons.iter().position(|reason| reason.code == code && reason.message == message);
        let at = known.or_else(|| {
            let is_full = self.reasons.len() >= REASONS_MAX;
            is_full.then(|| self.reasons.iter().position(|reason| reason.message == OTHERS)).flatten()
        });
        match at {
            Some(at) => {
                let reason = &mut self.reasons[at];
                reason.count = Some(reason.count.unwrap_or(0) + count);
            }
            None => {
                let message = if self.reasons.len() >= REASONS_MAX { OTHERS } else { message };
                self.reasons.push(InfoEntry { code: code.into(), message: message.into(), count: Some(count) });
            }
        }
    }

    /// Where the messages went, as a balance of profiles.
    pub fn balance(&self) -> Balance {
        let mut balance = Balance {
            profiles_read: self.messages,
            profiles_selected: self.messages,
            profiles_written: self.accepted,
            failed: self.refused,
            rows_written: self.accepted,
            ..Balance::default()
        };
        balance.exclude(ExclusionReason::Oversize, self.oversize);
        balance
    }

    /// The part of the settled messages that did not arrive, from 0 to 1.
    pub fn lost_rate(&self) -> f64 {
        let lost = self.oversize + self.refused;
        if self.messages == 0 { 0.0 } else { lost as f64 / self.messages as f64 }
    }
}

/// What the metrics of a run of a streaming flow follow from.
#[derive(Clone, Copy, Debug)]
pub struct WindowFacts<'a> {
    /// The run.
    pub run_id: &'a str,
    /// Its flow's source connection; empty where it is not known any more.
    pub source_connection_id: &'a str,
    /// Its flow's target connection; empty where it is not known any more.
    pub target_connection_id: &'a str,
    /// Where it stands.
    pub state: RunState,
    /// When its first message was made.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// When this was so.
    pub now: DateTime<Utc>,
    /// What became of its messages.
    pub counts: &'a WindowCounts,
}

impl WindowFacts<'_> {
    /// Writes metrics and activities into the run's body.
    pub fn describe(&self, body: &mut RunBody) {
        body.metrics = self.metrics();
        body.activities = vec![self.activity()];
    }

    fn metrics(&self) -> RunMetrics {
        RunMetrics {
            duration_summary: duration(self.started_at, self.completed_at),
            size_summary: self.size(),
            record_summary: RecordSummary {
                source_summaries: self.source().into_iter().collect(),
                target_summaries: self.target().into_iter().collect(),
                balance: Some(self.counts.balance()),
                ..self.records()
            },
            file_summary: FileSummary::default(),
            status_summary: StatusSummary { activity_refs: vec![self.activity_id()], ..self.status() },
        }
    }

    fn activity(&self) -> Activity {
        Activity {
            id: self.activity_id(),
            name: "Activation Streaming Publisher Activity".into(),
            updated_at_utc: self.completed_at.unwrap_or(self.now).timestamp_millis(),
            duration_summary: duration(self.started_at, self.completed_at),
            size_summary: self.size(),
            record_summary: self.records(),
            status_summary: self.status(),
            ..Activity::default()
        }
    }

    fn activity_id(&self) -> String {
        format!("{}-publish", self.run_id)
    }

    fn status(&self) -> StatusSummary {
        StatusSummary { status: self.state, ..StatusSummary::default() }
    }

    fn size(&self) -> SizeSummary {
        SizeSummary { input_bytes: None, output_bytes: self.counts.bytes }
    }

    fn records(&self) -> RecordSummary {
        RecordSummary {
            input_record_count: self.counts.messages,
            output_record_count: self.counts.accepted,
            created_record_count: self.counts.accepted,
            skipped_record_count: self.counts.oversize,
            failed_record_count: self.counts.refused,
            skipped_info: skipped_info(&self.counts.balance()),
            failed_info: self.counts.reasons.clone(),
            ..RecordSummary::default()
        }
    }

    fn source(&self) -> Option<Summary> {
        (!self.source_connection_id.is_empty()).then(|| Summary {
            id: self.source_connection_id.to_owned(),
            input_record_count: Some(self.counts.messages),
            skipped_record_count: Some(self.counts.oversize),
            ..Summary::default()
        })
    }

    fn target(&self) -> Option<Summary> {
        (!self.target_connection_id.is_empty()).then(|| Summary {
            id: self.target_connection_id.to_owned(),
            output_record_count: Some(self.counts.accepted),
            created_record_count: Some(self.counts.accepted),
            failed_record_count: Some(self.counts.refused),
            ..Summary::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunKind;

    fn counts(accepted: u64, oversize: u64, refused: u64) -> WindowCounts {
        WindowCounts { messages: accepted + oversize + refused, accepted, oversize, refused, ..WindowCounts::default() }
    }

    #[test]
    fn records_balance() {
        let now: DateTime<Utc> = "2026-01-02T03:00:00Z".parse().unwrap();
        let mut body = RunBody::queued("r", "f", "", RunKind::Window, now, 0);
        let mut counts = counts(7, 2, 1);
        counts.refuse("OUTFLOW-REFUSED", "no", 1);
        let facts = WindowFacts {
            run_id: "r",
            source_connection_id: "s",
            target_connection_id: "",
            state: RunState::Success,
            started_at: Some(now),
            completed_at: Some(now),
            now,
            counts: &counts,
        };
        facts.describe(&mut body);
        let records = &body.metrics.record_summary;
        assert_eq!(
            records.input_record_count,
            records.output_record_count + records.skipped_record_count + records.failed_record_count
        );
        assert!(records.balance.as_ref().unwrap().discrepancies().is_empty());
        assert_eq!((records.failed_info[0].count, records.skipped_info[0].count), (Some(1), Some(2)));
        assert_eq!((records.source_summaries.len(), records.target_summaries.len()), (1, 0));
        assert_eq!(body.metrics.status_summary.status, RunState::Success);
        assert_eq!(body.activities.len(), 1);
    }

    #[test]
    fn reasons_are_bounded_and_nothing_is_lost() {
        let mut sum = WindowCounts::default();
        for n in 0..50_u64 {
            let mut one = counts(0, 0, 1);
            one.refuse("c", &format!("m{}", n % 30), 1);
            sum.add(&one);
        }
        assert_eq!(sum.reasons.len(), REASONS_MAX + 1);
        assert_eq!(sum.reasons.iter().filter_map(|reason| reason.count).sum::<u64>(), 50);
        assert!((sum.lost_rate() - 1.0).abs() < f64::EPSILON);
        assert!(WindowCounts::default().lost_rate().abs() < f64::EPSILON);
    }
}
