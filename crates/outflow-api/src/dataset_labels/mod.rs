//! Which labels a dataset and its fields have: `/data/foundation/dataset/datasets/{id}/labels`, and suggestions of some.
//!
//! Labels are an object of their own beside the dataset, with its id and an etag that changes with them alone. A dataset that
//! nobody has labelled has none: that is 404, with the etag `"0"`, under which the first labels can be put.

mod accept;
mod create;
mod decisions;
mod get;
mod put;
mod refuse;
mod suggestions;

use std::sync::Arc;

use axum::Json as Answer;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use outflow_governance::DatasetLabels as GovernanceLabels;
use outflow_model::schema::Schema;
use outflow_store::{Dataset, DatasetLabels, Document, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::context::Api;
use crate::datasets::known_schema;
use crate::error::{ApiError, ApiResult, printable};
use crate::etag::etag;
use crate::governance::{Before, OnViolation, PausedFlow, enforce, tell_paused};
use crate::operation::Operation;
use crate::policy_service::{Known, invalid, none, put_only};

pub(crate) use suggestions::{Suggestion, shapes};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        get::operation(),
        put::operation(),
        create::operation(),
        suggestions::operation(),
        accept::operation(),
        refuse::operation(),
    ]
}

/// The labels of a dataset. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LabelPayload", example = json!({
    "labels": ["C2"],
    "optionalLabels": [{"option": {"schemaPath": "/properties/personalEmail/properties/address"}, "labels": ["I1"]}]
}))]
pub(crate) struct LabelPayload {
    /// Those of the whole; every field has them.
    labels: Option<Vec<String>>,
    /// Those of fields, and with a field of everything inside it.
    #[serde(rename = "optionalLabels")]
    optional_labels: Option<Vec<FieldLabels>>,
    /// Flows that the change paused, where it was asked to.
    #[serde(rename = "pausedFlows")]
    paused_flows: Option<Vec<PausedFlow>>,
}

/// The labels of a field. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FieldLabels", example = json!({"option": {"schemaPath": "/properties/email"}, "labels": ["I1"]}))]
pub(crate) struct FieldLabels {
    /// Which field. Other members are kept.
    option: FieldOption,
    /// Its labels.
    labels: Vec<String>,
}

/// Which field has labels. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FieldOption")]
struct FieldOption {
    /// `/properties/NAME/properties/NAME`, with `/items` for a list's elements and `/additionalProperties` for a map's values.
    #[serde(rename = "schemaPath")]
    schema_path: String,
}

/// Why there are no labels, in the shape that clients of the service know. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LabelsProblem", example = json!({
    "timestamp": "2026-04-21T19:56:46.551Z", "status": "NOT_FOUND", "code": "PES-404",
    "message": "the dataset has no labels", "path": "/entities/AEP:dataset:60105b5e1af43c18db857d69"
}))]
pub(crate) struct LabelsProblem {
    /// When it was.
    timestamp: Option<String>,
    /// The status in a word; of other refusals the HTTP status.
    status: Value,
    /// `PES-` and the HTTP status.
    code: Option<String>,
    /// What came back, in one sentence.
    message: String,
    /// What was looked for.
    path: Option<String>,
}

/// The labels as they are answered, with their etag in the header that the service has it in.
fn answer(document: &Document, paused: &[PausedFlow], status: StatusCode) -> Response {
    let mut body = document.body.clone();
    tell_paused(&mut body, paused);
    (status, [(header::ETAG, etag(document.version))], Answer(body)).into_response()
}

/// The refusal of a request because of the labels of `id`, in the shape that clients of the service know.
fn problem(api: &Api, status: StatusCode, id: &str, message: impl Into<String>) -> ApiError {
    let word = status.canonical_reason().unwrap_or_default().to_uppercase().replace(' ', "_");
    ApiError::new(status, message)
        .with("timestamp", json!(api.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)))
        .with("status", json!(word))
        .with("code", json!(format!("PES-{}", status.as_u16())))
        .with("path", json!(format!("/entities/AEP:dataset:{}", printable(id))))
}

/// The answer where a dataset has no labels: with an etag, under which the first ones can be put.
fn unlabelled(api: &Api, id: &str) -> ApiError {
    problem(api, StatusCode::NOT_FOUND, id, "the dataset has no labels")
}

/// Reads a body.
///
/// # Errors
/// 400 with every problem.
fn read(body: &Map<String, Value>) -> ApiResult<GovernanceLabels> {
    GovernanceLabels::parse(&Value::Object(body.clone())).map_err(invalid)
}

/// The fields of a dataset, where any of them is labelled. Read before the transaction, in which nobody else can write,
/// begins.
///
/// # Errors
/// 404 in the service's shape; 409 where they are not known yet.
async fn schema(api: &Api, sandbox: &str, id: &str, labels: &GovernanceLabels) -> ApiResult<Option<Schema>> {
    if api.store.read().await?.find::<Dataset>(sandbox, id).await?.is_none() {
        return Err(no_dataset(api, id));
    }
    if labels.fields.is_empty() {
        return Ok(None);
    }
    Ok(Some(known_schema(api, sandbox, id).await?.1))
}

fn no_dataset(api: &Api, id: &str) -> ApiError {
    problem(api, StatusCode::NOT_FOUND, id, format!("there is no dataset {}", printable(id)))
}

/// A change of a dataset's labels under way: begun by a look at the flows, ended by another one.
struct Change<'c> {
    api: &'c Api,
    caller: &'c Caller,
    tx: Tx,
    before: Before,
    dataset: Arc<Document>,
    /// The labels as they are.
    there: Option<Arc<Document>>,
}

impl<'c> Change<'c> {
    /// Begins a change of the labels of `id`.
    ///
    /// # Errors
    /// 404 in the service's shape; as of the store.
    async fn begin(api: &'c Api, caller: &'c Caller, id: &str) -> ApiResult<Change<'c>> {
        let mut tx = api.begin(caller).await?;
        let before = Before::look(api, &mut tx, &caller.sandbox).await?;
        let dataset = tx.find::<Dataset>(&caller.sandbox, id).await?.ok_or_else(|| no_dataset(api, id))?;
        let there = tx.find::<DatasetLabels>(&caller.sandbox, id).await?;
        Ok(Change { api, caller, tx, before, dataset, there })
    }

    /// The labels as they are.
    ///
    /// # Errors
    /// 500 where they cannot be read.
    fn labels(&self) -> ApiResult<GovernanceLabels> {
        let unreadable = |_| ApiError::internal("labels that were saved cannot be read");
        self.there
            .as_ref()
            .map_or(Ok(GovernanceLabels::default()), |there| GovernanceLabels::parse(&there.body).map_err(unreadable))
    }

    /// Saves `labels` and commits, where that makes no flow violate a policy. Fields that were labelled before may have gone
    /// away since: they stay labelled until somebody leaves them out.
    ///
    /// # Errors
    /// 400 for labels and fields that there are not; 409 with the violations.
    async fn save(
        self,
        labels: &GovernanceLabels,
        schema: Option<&Schema>,
        on: OnViolation,
    ) -> ApiResult<(Arc<Document>, Vec<PausedFlow>)> {
        let labelled = self.labels().unwrap_or_default();
        let Change { api, caller, mut tx, before, dataset, there } = self;
        let known = Known::load(&mut tx, &caller.sandbox).await?;
        none(labels.check(schema, &labelled, &|label| known.has_label(label)))?;
        let body = match labels.to_value(&dataset.id) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let named = (dataset.id.as_str(), dataset.name.as_str());
        let saved = put_only::<DatasetLabels>(&mut tx, caller, named, there.as_ref(), body).await?;
        let violated = |error: ApiError| error.with("code", json!("PES-409"));
        let paused = enforce(api, &mut tx, caller, before, on).await.map_err(violated)?;
        tx.commit().await?;
        api.runner.wake();
        Ok((saved, paused))
    }
}
