//! What datasets are sent and shown as. Most of it is for the OpenAPI document: bodies are read by
//! `outflow_model::dataset`, and answers are the stored documents.

use serde::Serialize;
use utoipa::ToSchema;

use crate::document::Common;
use crate::error::ShownFault;
use crate::governance::PausedFlow;
use crate::page::Links;

/// A dataset as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Dataset", example = json!({
    "name": "CRM", "source": {"format": "parquet", "urls": ["/data/lake/crm/*.parquet"]},
    "identities": [{"path": "crmId", "namespace": "CRMID", "primary": true}, {"path": "personalEmail.address", "namespace": "Email"}],
    "timestamp": "modifiedAt"
}))]
pub(super) struct Dataset {
    /// What people call it; no two of a sandbox have one name.
    name: String,
    /// What it is.
    description: Option<String>,
    /// Where its records lie.
    source: DatasetSource,
    /// What identifies a person; the first is primary unless another says so.
    identities: Vec<DatasetIdentity>,
    /// When a record was written: of one person's records the newest counts.
    timestamp: Option<String>,
}

/// Where the records of a dataset lie. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "DatasetSource")]
pub(super) struct DatasetSource {
    /// Absolute paths, globs, `file://` and `s3://` URLs.
    urls: Vec<String>,
    /// `parquet`, `csv` or `ndjson`, where the files' names do not tell it.
    format: Option<String>,
}

/// A field that identifies a person. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "DatasetIdentity")]
struct DatasetIdentity {
    /// Where it is in a record.
    path: String,
    /// The system that it belongs to, such as `Email`.
    namespace: String,
    /// Whether profiles are known by it.
    primary: Option<bool>,
}

/// The last refresh of a dataset. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Refresh")]
struct Refresh {
    /// How it is.
    state: RefreshState,
    /// When it began.
    #[serde(rename = "startedAt")]
    started_at: Option<String>,
    /// When it ended.
    #[serde(rename = "endedAt")]
    ended_at: Option<String>,
    /// Records that it read.
    records: Option<u64>,
    /// How far it is, while it is under way.
    progress: Option<RefreshProgress>,
    /// Why it failed.
    error: Option<ShownFault>,
}

/// How a refresh is. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(title = "RefreshState")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum RefreshState {
    Queued,
    Processing,
    Success,
    Failed,
    Cancelled,
}

/// How far a refresh is. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RefreshProgress")]
struct RefreshProgress {
    /// `listing`, `opening`, `reading`, `writing`, `merging` or `indexing`.
    step: String,
    /// How much of that step is done: bytes of text files, then records, then profiles.
    done: u64,
    /// Of how much; 0 where it is not known.
    total: u64,
    /// Bytes of all files of the dataset.
    #[serde(rename = "bytesTotal")]
    bytes_total: Option<u64>,
    /// When that was so.
    #[serde(rename = "updatedAt")]
    updated_at: String,
}

/// What a refresh found. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "DatasetCounts")]
struct DatasetCounts {
    /// Records in its files.
    records: u64,
    /// Profiles that they make.
    profiles: u64,
    /// Records without a primary identity, which make none.
    #[serde(rename = "withoutIdentity")]
    without_identity: u64,
    /// Records that a newer one of the same profile replaces.
    superseded: u64,
}

/// A dataset as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownDataset")]
pub(super) struct ShownDataset {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    dataset: Dataset,
    /// The last refresh.
    refresh: Option<Refresh>,
    /// What was found, as of the last refresh.
    counts: Option<DatasetCounts>,
}

/// A list of datasets. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Datasets", example = json!({"items": [{
    "id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a", "createdAt": 1670284443204_i64, "updatedAt": 1670284532205_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow", "version": "\"1\"",
    "etag": "\"1\"", "name": "CRM", "source": {"urls": ["/data/lake/crm/*.parquet"]},
    "identities": [{"path": "crmId", "namespace": "CRMID", "primary": true}],
    "refresh": {"state": "success"},
    "counts": {"records": 1000, "profiles": 990, "withoutIdentity": 4, "superseded": 6}
}], "_links": {}}))]
pub(super) struct Datasets {
    /// The datasets.
    items: Vec<ShownDataset>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// What attaching and refreshing answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Refreshing", example = json!({"id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a", "etag": "\"1\"", "isNew": true}))]
pub(super) struct Refreshing {
    /// The dataset's id.
    pub(super) id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    pub(super) etag: String,
    /// Whether a refresh began with this request; else it joined one that waited.
    #[serde(rename = "isNew")]
    pub(super) is_new: bool,
    /// Flows that the change paused.
    #[serde(rename = "pausedFlows", skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) paused_flows: Vec<PausedFlow>,
}
