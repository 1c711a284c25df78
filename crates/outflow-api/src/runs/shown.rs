//! What runs are made of, for the OpenAPI document: `outflow_model::run` writes them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ShownFault;

/// How a run is. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(title = "RunState")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(super) enum RunState {
    Queued,
    Processing,
    Success,
    Failed,
    Cancelled,
}

/// A file that was delivered. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RunFile")]
pub(super) struct RunFile {
    /// Its name below the target.
    name: String,
    /// Where it is.
    url: String,
    /// Rows, the header not counted.
    rows: u64,
    /// Length in bytes as delivered.
    bytes: u64,
    /// SHA-256 of the bytes as delivered, in hexadecimal.
    sha256: String,
}

/// An attempt at a run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RunAttempt")]
pub(super) struct RunAttempt {
    /// Counted from 1.
    number: u32,
    /// Which worker.
    worker: String,
    /// When it began.
    #[serde(rename = "startedAt")]
    started_at: String,
    /// When it ended.
    #[serde(rename = "endedAt")]
    ended_at: Option<String>,
    /// How it ended.
    outcome: Option<String>,
    /// Why it failed.
    error: Option<ShownFault>,
}

/// What reading the files of a run back found. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Verification")]
pub(super) struct Verification {
    /// `queued`, `processing`, `success`, `failed` or `cancelled`.
    state: String,
    /// When it began.
    #[serde(rename = "startedAt")]
    started_at: Option<String>,
    /// When it ended.
    #[serde(rename = "endedAt")]
    ended_at: Option<String>,
    /// Why it failed.
    error: Option<ShownFault>,
    /// The files.
    files: Option<Vec<VerifiedFile>>,
}

/// A file that was read back. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "VerifiedFile")]
struct VerifiedFile {
    /// Its name below the target.
    name: String,
    /// Where it is.
    url: String,
    /// Whether it is what was delivered.
    matches: bool,
    /// Why not.
    problem: Option<String>,
}

/// Counts, sizes and times; there are more members. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RunMetrics")]
pub(super) struct RunMetrics {
    /// When it ran.
    #[serde(rename = "durationSummary")]
    duration_summary: DurationSummary,
    /// Bytes.
    #[serde(rename = "sizeSummary")]
    size_summary: SizeSummary,
    /// Profiles.
    #[serde(rename = "recordSummary")]
    record_summary: RecordSummary,
    /// Files.
    #[serde(rename = "fileSummary")]
    file_summary: FileSummary,
}

/// When a run ran. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "DurationSummary")]
struct DurationSummary {
    /// When it began, in milliseconds since 1970.
    #[serde(rename = "startedAtUTC")]
    started_at_utc: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    #[serde(rename = "completedAtUTC")]
    completed_at_utc: Option<i64>,
}

/// Bytes of a run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SizeSummary")]
struct SizeSummary {
    /// Bytes that were read.
    #[serde(rename = "inputBytes")]
    input_bytes: Option<u64>,
    /// Bytes that were delivered.
    #[serde(rename = "outputBytes")]
    output_bytes: u64,
}

/// Profiles of a run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RecordSummary")]
struct RecordSummary {
    /// Profiles in the segment.
    #[serde(rename = "inputRecordCount")]
    input_record_count: u64,
    /// Profiles that were delivered.
    #[serde(rename = "outputRecordCount")]
    output_record_count: u64,
    /// What became of each profile that was read.
    balance: Option<Balance>,
}

/// What became of each profile. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Balance")]
struct Balance {
    /// Profiles that were read.
    #[serde(rename = "profilesRead")]
    profiles_read: u64,
    /// Those that the rule does not select.
    #[serde(rename = "notSelected")]
    not_selected: u64,
    /// Those that it selects.
    #[serde(rename = "profilesSelected")]
    profiles_selected: u64,
    /// Those that were left out, by reason.
    excluded: BTreeMap<String, u64>,
    /// Those that were another one's duplicates.
    duplicates: u64,
    /// Those that were written.
    #[serde(rename = "profilesWritten")]
    profiles_written: u64,
    /// Those that could not be written.
    failed: u64,
    /// Rows that were written.
    #[serde(rename = "rowsWritten")]
    rows_written: u64,
}

/// Files of a run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FileSummary")]
struct FileSummary {
    /// Files that were read.
    #[serde(rename = "inputFileCount")]
    input_file_count: Option<u64>,
    /// Files that were delivered.
    #[serde(rename = "outputFileCount")]
    output_file_count: u64,
}

/// What became of the messages of a flow to a stream. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "WindowCounts")]
pub(super) struct WindowCounts {
    /// Messages that there were.
    messages: u64,
    /// Those that were accepted.
    accepted: u64,
    /// Those that were too large.
    oversize: u64,
    /// Those that were refused.
    refused: u64,
    /// Their bytes.
    bytes: u64,
    /// About profiles that entered.
    entered: u64,
    /// About profiles that left.
    left: u64,
    /// About attributes that changed.
    attributes: u64,
    /// About identities that changed.
    identities: u64,
    /// About what is so and was not told before.
    rewrites: u64,
    /// Sent again.
    resent: u64,
}
