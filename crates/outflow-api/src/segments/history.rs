//! `GET /segment/definitions/{id}/history`: how the counts of a segment went.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{SegmentCounts, counts};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::page::Parameters;

/// Evaluations when nothing else is asked for: a month of daily ones.
const LIMIT_DEFAULT: u32 = 31;
/// Evaluations at most: a year of daily ones.
const LIMIT_MAX: u32 = 366;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_history, _, _>(history)
}

/// Counts of evaluations. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "History", example = json!({"items": [{
    "evaluationId": "3f1c", "evaluatedAt": 1579292094000_i64, "realized": 10, "existing": 90, "exited": 3, "profiles": 100
}]}))]
struct History {
    /// The newest first.
    items: Vec<SegmentEvaluation>,
}

/// An evaluation of a segment. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentEvaluation")]
struct SegmentEvaluation {
    /// The evaluation's id.
    #[serde(rename = "evaluationId")]
    evaluation_id: String,
    #[serde(flatten)]
    counts: SegmentCounts,
}

/// Get a segment's history
#[utoipa::path(
    get,
    path = "/data/core/ups/segment/definitions/{id}/history",
    tag = "segments",
    params(
        ("id" = String, Path, description = "The segment's id."),
        ("limit" = Option<u64>, Query, description = "Evaluations, 1 to 366; 31 without it.")
    ),
    responses((status = 200, description = "The counts of its evaluations.", body = History))
)]
async fn history(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let mut reader = api.store.read().await?;
    reader.get::<outflow_store::Segment>(&caller.sandbox, &id).await?;
    let evaluations = reader.segment_history(&id, limit as usize).await?;
    let items: Vec<Value> = evaluations
        .iter()
        .map(|evaluation| {
            let mut item = counts(evaluation);
            item["evaluationId"] = json!(evaluation.evaluation_id);
            item
        })
        .collect();
    Ok(Answer(json!({"items": items})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn each_evaluation_leaves_its_counts() {
        let server = Server::start().await;
        let segment = server.segment("Adults").await;
        server.evaluated().await;
        server.append_record("c-9", "new@example.org");
        server.evaluated().await;
        let path = format!("/data/core/ups/segment/definitions/{segment}/history");
        let answer = server.client().get(&path).await;
        let items = answer.body["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{}", answer.text);
        assert_eq!((items[0]["realized"].as_u64(), items[0]["existing"].as_u64()), (Some(1), Some(3)));
        assert_eq!(items[1]["realized"], 3);
    }
}
