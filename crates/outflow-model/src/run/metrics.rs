//! The metrics of a run, computed from where its profiles went.
//!
//! Records are profiles of the segment: input = selected, output = written, skipped = excluded and duplicates. So
//! `inputRecordCount = outputRecordCount + skippedRecordCount + failedRecordCount` holds whenever the run's
//! [`Balance`] does. Times are in milliseconds since 1970, sizes in bytes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{RunError, RunFile, RunState};
use crate::balance::{Balance, ExclusionReason};

/// The metrics of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunMetrics {
    /// When.
    pub duration_summary: DurationSummary,
    /// How many bytes.
    pub size_summary: SizeSummary,
    /// How many profiles.
    pub record_summary: RecordSummary,
    /// How many files.
    pub file_summary: FileSummary,
    /// How it went.
    pub status_summary: StatusSummary,
}

/// When it began and ended, in milliseconds since 1970; absent before it did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DurationSummary {
    /// When it began.
    #[serde(rename = "startedAtUTC", skip_serializing_if = "Option::is_none")]
    pub started_at_utc: Option<i64>,
    /// When it ended.
    #[serde(rename = "completedAtUTC", skip_serializing_if = "Option::is_none")]
    pub completed_at_utc: Option<i64>,
}

/// Bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SizeSummary {
    /// Of the files that were read; absent where none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_bytes: Option<u64>,
    /// Of the files that were delivered.
    pub output_bytes: u64,
}

/// Files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileSummary {
    /// Read; absent where none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_file_count: Option<u64>,
    /// Delivered, the manifest not counted.
    pub output_file_count: u64,
}

/// Profiles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordSummary {
    /// Profiles of the segment that this run is about.
    pub input_record_count: u64,
    /// Of them, those in the files.
    pub output_record_count: u64,
    /// The same as the output: files are always made new.
    pub created_record_count: u64,
    /// Of them, those left out: excluded for a reason, or a duplicate of one that was written.
    pub skipped_record_count: u64,
    /// Of them, those that could not be written.
    pub failed_record_count: u64,
    /// By where they came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source_summaries: Vec<Summary>,
    /// By where they went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_summaries: Vec<Summary>,
    /// Why profiles were left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped_info: Vec<InfoEntry>,
    /// Why the run failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_info: Vec<InfoEntry>,
    /// Where every profile went that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
}

/// The counts of one source or target connection; counts that do not go with it are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// The connection.
    pub id: String,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_record_count: Option<u64>,
    /// The same by segment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entity_summaries: Vec<EntitySummary>,
}

/// The counts of one segment at one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EntitySummary {
    /// `segment:<id>`.
    pub id: String,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_record_count: Option<u64>,
    /// See [`RecordSummary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_record_count: Option<u64>,
}

/// A reason, and how many profiles it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InfoEntry {
    /// What programs look at.
    pub code: String,
    /// What people read.
    pub message: String,
    /// Profiles, where the reason is about some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatusSummary {
    /// The state of the run.
    pub status: RunState,
    /// Why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InfoEntry>,
    /// The run's activities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub activity_refs: Vec<String>,
    /// Further facts: why it was cancelled.
    pub extensions: Map<String, Value>,
}

/// A part of the work of a run, with metrics of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it last changed, in milliseconds since 1970; 0 before it began.
    #[serde(rename = "updatedAtUTC")]
    pub updated_at_utc: i64,
    /// When.
    pub duration_summary: DurationSummary,
    /// Always empty: files have no latency of their own.
    pub latency_summary: Map<String, Value>,
    /// How many bytes.
    pub size_summary: SizeSummary,
    /// How many profiles.
    pub record_summary: RecordSummary,
    /// How many files.
    pub file_summary: FileSummary,
    /// How it went.
    pub status_summary: StatusSummary,
}

/// What the metrics of a run follow from.
#[derive(Clone, Copy, Debug)]
pub struct RunFacts<'a> {
    /// The run.
    pub run_id: &'a str,
    /// Its segment.
    pub segment_id: &'a str,
    /// Its flow's source connection; empty where it is not known any more.
    pub source_connection_id: &'a str,
    /// Its flow's target connection; empty where it is not known any more.
    pub target_connection_id: &'a str,
    /// Where it stands.
    pub state: RunState,
    /// When its first attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When the last profile had gone into a file, and publishing began.
    pub produced_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// Where its profiles went.
    pub balance: &'a Balance,
    /// Files that were read.
    pub input_files: u64,
    /// Their length.
    pub input_bytes: u64,
    /// Files that were delivered.
    pub files: &'a [RunFile],
    /// Why it failed.
    pub error: Option<&'a RunError>,
    /// Why it was cancelled.
    pub reason: Option<&'a str>,
}

impl RunFacts<'_> {
    /// The run's metrics.
    pub fn metrics(&self) -> RunMetrics {
        let mut status_summary = self.status();
        status_summary.activity_refs = self.activities().into_iter().map(|activity| activity.id).collect();
        RunMetrics {
            duration_summary: duration(self.started_at, self.completed_at),
            size_summary: SizeSummary { input_bytes: Some(self.input_bytes), output_bytes: self.output_bytes() },
            record_summary: RecordSummary {
                source_summaries: self.source().into_iter().collect(),
                target_summaries: self.target().into_iter().collect(),
                balance: Some(self.balance.clone()),
                ..self.records()
            },
            file_summary: FileSummary {
                input_file_count: Some(self.input_files),
                output_file_count: self.output_files(),
            },
            status_summary,
        }
    }

    /// The two parts of the work: profiles become files, files are published. The second is there once it began.
    pub fn activities(&self) -> Vec<Activity> {
        if self.started_at.is_none() {
            return Vec::new();
        }
        let produced_at = self.produced_at.or(self.completed_at);
        let millis = |time: Option<DateTime<Utc>>| time.map_or(0, |time| time.timestamp_millis());
        let process = Activity {
            id: format!("{}-process", self.run_id),
            name: "Activation Batch XdmProcessor Activity".into(),
            updated_at_utc: millis(produced_at.or(self.started_at)),
            duration_summary: duration(self.started_at, produced_at),
            size_summary: SizeSummary { input_bytes: Some(self.input_bytes), output_bytes: self.output_bytes() },
            record_summary: self.records(),
            file_summary: FileSummary {
                input_file_count: Some(self.input_files),
                output_file_count: self.output_files(),
            },
            status_summary: match self.produced_at {
                Some(_) => StatusSummary { status: RunState::Success, ..StatusSummary::default() },
                None => self.status(),
            },
            ..Activity::default()
        };
        let Some(produced_at) = self.produced_at else { return vec![process] };
        let written = self.balance.profiles_written;
        let is_delivered = self.state == RunState::Success;
        let delivered = if is_delivered { written } else { 0 };
        let publish = Activity {
            id: format!("{}-publish", self.run_id),
            name: "Activation Batch Publisher Activity".into(),
            updated_at_utc: millis(self.completed_at.or(self.produced_at)),
            duration_summary: duration(Some(produced_at), self.completed_at),
            size_summary: SizeSummary { input_bytes: None, output_bytes: self.output_bytes() },
            record_summary: RecordSummary {
                input_record_count: written,
                output_record_count: delivered,
                created_record_count: delivered,
                ..RecordSummary::default()
            },
            file_summary: FileSummary { input_file_count: None, output_file_count: self.output_files() },
            status_summary: self.status(),
            ..Activity::default()
        };
        vec![process, publish]
    }

    fn records(&self) -> RecordSummary {
        let balance = self.balance;
        RecordSummary {
            input_record_count: balance.profiles_selected,
            output_record_count: balance.profiles_written,
            created_record_count: balance.profiles_written,
            skipped_record_count: self.skipped(),
            failed_record_count: balance.failed,
            skipped_info: skipped_info(balance),
            failed_info: self.error_entries(),
            ..RecordSummary::default()
        }
    }

    fn skipped(&self) -> u64 {
        self.balance.excluded.values().sum::<u64>() + self.balance.duplicates
    }

    fn source(&self) -> Option<Summary> {
        if self.source_connection_id.is_empty() {
            return None;
        }
        let (input, skipped) = (Some(self.balance.profiles_selected), Some(self.skipped()));
        let entity = EntitySummary {
            id: self.entity(),
            input_record_count: input,
            skipped_record_count: skipped,
            ..EntitySummary::default()
        };
        Some(Summary {
            id: self.source_connection_id.to_string(),
            input_record_count: input,
            skipped_record_count: skipped,
            entity_summaries: vec![entity],
            ..Summary::default()
        })
    }

    fn target(&self) -> Option<Summary> {
        if self.target_connection_id.is_empty() {
            return None;
        }
        let (output, failed) = (Some(self.balance.profiles_written), Some(self.balance.failed));
        let entity = EntitySummary {
            id: self.entity(),
            output_record_count: output,
            created_record_count: output,
            failed_record_count: failed,
            ..EntitySummary::default()
        };
        Some(Summary {
            id: self.target_connection_id.to_string(),
            output_record_count: output,
            created_record_count: output,
            failed_record_count: failed,
            entity_summaries: vec![entity],
            ..Summary::default()
        })
    }

    fn entity(&self) -> String {
        format!("segment:{}", self.segment_id)
    }

    fn status(&self) -> StatusSummary {
        let mut extensions = Map::new();
        if let Some(reason) = self.reason {
            extensions.insert("reason".into(), reason.into());
        }
        StatusSummary { status: self.state, errors: self.error_entries(), activity_refs: Vec::new(), extensions }
    }

    fn error_entries(&self) -> Vec<InfoEntry> {
        let entry = |error: &RunError| InfoEntry { code: error.code(), message: error.message.clone(), count: None };
        self.error.map(entry).into_iter().collect()
    }

    fn output_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn output_files(&self) -> u64 {
        self.files.len() as u64
    }
}

pub(super) fn duration(started_at: Option<DateTime<Utc>>, completed_at: Option<DateTime<Utc>>) -> DurationSummary {
    DurationSummary {
        started_at_utc: started_at.map(|time| time.timestamp_millis()),
        completed_at_utc: completed_at.map(|time| time.timestamp_millis()),
    }
}

pub(super) fn skipped_info(balance: &Balance) -> Vec<InfoEntry> {
    let excluded = balance.excluded.iter().map(|(reason, count)| {
        let (code, message) = match reason {
            ExclusionReason::MissingMandatory => ("missingMandatory", "A mandatory attribute is missing"),
            ExclusionReason::NoConsent => ("noConsent", "A consent policy forbids the export"),
            ExclusionReason::Suppressed => ("suppressed", "The person is on the suppression list"),
            ExclusionReason::Oversize => ("oversize", "The record is larger than the target takes"),
        };
        (code, message, *count)
    });
    let duplicates = ("duplicate", "Another profile with the same key was written", balance.duplicates);
    let all = excluded.chain([duplicates]).filter(|(_, _, count)| *count > 0);
    all.map(|(code, message, count)| InfoEntry { code: code.into(), message: message.into(), count: Some(count) })
        .collect()
}

#[cfg(test)]
mod tests;
