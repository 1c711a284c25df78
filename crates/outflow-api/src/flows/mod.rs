//! Destinations as marketers know them: `/data/foundation/flowservice/flows`.
//!
//! A flow is stored as it was sent and read into a typed plan, so that what is wrong is refused when it is saved, by its
//! place, and what is unknown is kept. What is allowed but unwise comes back as warnings. A flow to a stream sends
//! messages as profiles change; it has no schedules, and shows how its stream is.

mod action;
mod assumed;
mod check;
mod create;
mod delete;
mod follow;
mod get;
mod govern;
pub(crate) mod hour;
mod letters;
mod list;
mod message_schema;
mod patch;
mod policy_check;
mod redeliver;
mod rows_preview;
mod shown;
mod stream;
mod twins;
mod withheld_preview;

pub(crate) use check::has_key;
pub(crate) use follow::{follow_key, follow_segment, follow_target};

use std::collections::HashMap;
use std::sync::Arc;

use outflow_store::{Document, Reader};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::connections::SpecReference;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::{ApiResult, Problem};
use crate::etag::etag;
use crate::operation::Operation;
use crate::page::Links;
use shown::{Inherited, LastRun, Pause, StreamStatus};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
        action::operation(),
        policy_check::operation(),
        withheld_preview::operation(),
        rows_preview::operation(),
        message_schema::operation(),
        letters::operation(),
        redeliver::operation(),
    ]
}

/// A flow as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Flow", example = json!({
    "name": "Loyal customers to the agency", "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"},
    "sourceConnectionIds": ["f3a5e232-eba3-428b-aa69-921d122d5db5"],
    "targetConnectionIds": ["94c6fb2e-9431-42fd-aeee-c83e67c43578"],
    "transformations": [{"name": "GeneralTransform", "params": {
        "segmentSelectors": {"selectors": [{"type": "PLATFORM_SEGMENT", "value": {
            "id": "54669488-03ab-4e0d-a694-37fe49e32be8", "name": "Loyal",
            "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
            "exportMode": "DAILY_FULL_EXPORT", "schedule": {"frequency": "DAILY", "triggerType": "SCHEDULED",
                "startDate": "2026-01-05", "startTime": "20:00"}}}]},
        "profileSelectors": {"selectors": [{"type": "JSON_PATH", "value": {"path": "personalEmail.address", "operator": "EXISTS"}}]},
        "mandatoryFields": ["personalEmail.address"]}}],
    "policy": {"enforcementRefs": ["/dulepolicy/marketingActions/core/emailTargeting"]}
}))]
pub(crate) struct Flow {
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The flow spec of the destination's kind, or the generic one.
    #[serde(rename = "flowSpec")]
    flow_spec: SpecReference,
    /// One source: the profile store.
    #[serde(rename = "sourceConnectionIds")]
    source_connection_ids: Vec<String>,
    /// One target.
    #[serde(rename = "targetConnectionIds")]
    target_connection_ids: Vec<String>,
    /// What is activated: one `GeneralTransform` with segments, each with schedule and file name, and attributes. In a
    /// flow to a stream segments have neither, and `params.streaming` says what sends a message: `triggers`
    /// (`segmentation`, `attributes`, `identities`, each true), `rewrites` and `coalesce` (both false).
    transformations: Option<Vec<Value>>,
    /// How segments that bring no schedule of their own are exported: `interval` and `timeUnit` (3, 6, 8, 12 or 24
    /// `hour`, 1 `day`, or 0 for once), `startTime` and `endTime` in seconds since 1970, `exportMode`.
    #[serde(rename = "scheduleParams")]
    schedule_params: Option<Value>,
    /// What the data is used for.
    policy: Option<Enforcement>,
    /// `enabled` or `disabled`.
    state: Option<String>,
}

/// What data is used for. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Enforcement")]
pub(crate) struct Enforcement {
    /// References to marketing actions.
    #[serde(rename = "enforcementRefs")]
    enforcement_refs: Option<Vec<String>>,
}

/// A flow as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownFlow")]
pub(crate) struct ShownFlow {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    flow: Flow,
    /// The connections it is made of, with their kinds.
    #[serde(rename = "inheritedAttributes")]
    inherited_attributes: Inherited,
    /// Where its runs are listed.
    runs: String,
    /// Its newest run.
    #[serde(rename = "lastRunDetails")]
    last_run_details: Option<LastRun>,
    /// Of a flow that was paused because it came to violate policies. It goes when the flow is enabled.
    pause: Option<Pause>,
    /// Of a flow to a stream, how that is.
    #[serde(rename = "streamStatus")]
    stream_status: Option<StreamStatus>,
}

/// A list of flows. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Flows", example = json!({"items": [{
    "id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "createdAt": 1670284443204_i64, "updatedAt": 1670284532205_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow", "version": "\"1\"",
    "etag": "\"1\"", "name": "Loyal customers to the agency", "state": "enabled",
    "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"},
    "sourceConnectionIds": ["f3a5e232-eba3-428b-aa69-921d122d5db5"],
    "targetConnectionIds": ["94c6fb2e-9431-42fd-aeee-c83e67c43578"],
    "inheritedAttributes": {"properties": {"isDestinationFlow": true}},
    "runs": "/runs?property=flowId==3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
    "lastRunDetails": {"id": "98fbed6e-f896-4b19-b279-b0d56d732d8d", "state": "success",
        "startedAtUTC": 1670284458833_i64, "completedAtUTC": 1670284518048_i64}
}], "_links": {}}))]
pub(crate) struct Flows {
    /// The flows.
    items: Vec<ShownFlow>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// What creating or changing a flow answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SavedFlow", example = json!({"id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "etag": "\"1\""}))]
pub(crate) struct SavedFlow {
    /// The flow's id.
    id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
    /// What is allowed but unwise, or not there yet, by its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Problem>,
}

impl SavedFlow {
    fn new(document: &Document, warnings: Vec<Problem>) -> SavedFlow {
        SavedFlow { id: document.id.clone(), etag: etag(document.version), warnings }
    }

    /// The same, with the warnings about hours in which the sandbox exports much.
    async fn counted(mut self, api: &Api, sandbox: &str) -> SavedFlow {
        self.warnings.extend(hour::warnings(api, sandbox, &self.id).await);
        self
    }
}

/// Members that the server shows beside a flow's own; what a body says of them is not kept.
const SHOWN_BESIDE: [&str; 4] = ["lastRunDetails", "runs", "inheritedAttributes", "streamStatus"];

/// The newest run of each flow, by flow.
type LatestRuns = HashMap<String, Arc<Document>>;

/// The newest runs of `flows`.
async fn latest_runs(reader: &mut Reader, flows: &[Arc<Document>]) -> ApiResult<LatestRuns> {
    let ids: Vec<String> = flows.iter().map(|flow| flow.id.clone()).collect();
    Ok(reader.latest_runs(&ids).await?)
}

/// A flow as answers show it, with its newest run.
fn show(api: &Api, document: &Document, latest: Option<&Document>) -> Value {
    let mut shown = document::shown(api, document);
    shown.entry("state").or_insert_with(|| json!("enabled"));
    shown.insert("runs".into(), json!(format!("/runs?property=flowId=={}", document.id)));
    if let Some(run) = latest {
        shown.insert("lastRunDetails".into(), Value::Object(details(run)));
    }
    Value::Object(shown)
}

fn details(run: &Document) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("id".into(), json!(run.id));
    details.insert("state".into(), run.body.get("state").cloned().unwrap_or_default());
    for name in ["startedAtUTC", "completedAtUTC"] {
        if let Some(time) = run.body.pointer(&format!("/metrics/durationSummary/{name}")) {
            details.insert(name.into(), time.clone());
        }
    }
    details
}
