//! `GET /estimate/{id}`: how many profiles a rule selects.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::preview::{estimated, kept};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

/// Standard errors on each side of an interval of 95 per cent.
const INTERVAL_95: f64 = 1.96;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_estimate, _, _>(estimate)
}

/// An estimate. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Estimate", example = json!({
    "state": "RESULT_READY", "estimatedSize": 12123, "low": 12000, "high": 12250, "totalRows": 35935,
    "numRowsToRead": 35935, "profilesReadSoFar": 35935, "profilesMatchedSoFar": 12123, "standardError": 0,
    "confidenceInterval": "95%", "error": {"description": "", "traceback": ""}, "_links": {"preview": "/preview/4a45e853"}
}))]
struct Estimated {
    /// Always `RESULT_READY`.
    state: String,
    /// Profiles that the rule selects, estimated from those that were read.
    #[serde(rename = "estimatedSize")]
    estimated_size: u64,
    /// The lower end of the interval.
    low: u64,
    /// The upper end of the interval.
    high: u64,
    /// All profiles.
    #[serde(rename = "totalRows")]
    total_rows: u64,
    /// Profiles that were to be read.
    #[serde(rename = "numRowsToRead")]
    num_rows_to_read: u64,
    /// Profiles that were read.
    #[serde(rename = "profilesReadSoFar")]
    profiles_read_so_far: u64,
    /// Of those, profiles that the rule selects.
    #[serde(rename = "profilesMatchedSoFar")]
    profiles_matched_so_far: u64,
    /// In whole profiles, rounded up; 0 where all were read.
    #[serde(rename = "standardError")]
    standard_error: u64,
    /// How sure the interval is.
    #[serde(rename = "confidenceInterval")]
    confidence_interval: String,
    /// Empty.
    error: Value,
    /// Where some of the profiles are shown.
    _links: Value,
}

/// Estimate how many profiles a rule selects
#[utoipa::path(
    get,
    path = "/data/core/ups/estimate/{id}",
    tag = "segments",
    params(("id" = String, Path, description = "The preview's id.")),
    responses((status = 200, description = "The estimate; exact where all profiles were read.", body = Estimated))
)]
async fn estimate(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = kept(&api, &caller.sandbox, &id).await?;
    let estimate = estimated(&api, &caller.sandbox, &document).await?;
    let standard_error = (estimate.high.saturating_sub(estimate.low) as f64 / (2.0 * INTERVAL_95)).ceil() as u64;
    Ok(Answer(json!({
        "state": "RESULT_READY",
        "estimatedSize": estimate.matched,
        "low": estimate.low,
        "high": estimate.high,
        "totalRows": estimate.profiles,
        "numRowsToRead": estimate.read,
        "profilesReadSoFar": estimate.read,
        "profilesMatchedSoFar": estimate.read_matched,
        "standardError": standard_error,
        "confidenceInterval": "95%",
        "estimatedNamespaceDistribution": [],
        "error": {"description": "", "traceback": ""},
        "_links": {"preview": format!("/preview/{id}")},
    })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn without_profiles_there_is_nothing_to_estimate() {
        let server = Server::start().await;
        assert_eq!(server.client().get("/data/core/ups/estimate/none").await.status, 404);
        let asked = server.client().post("/data/core/ups/preview", &json!({"predicateExpression": "1 = 1"})).await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        let path = format!("/data/core/ups/estimate/{}", asked.body["previewId"].as_str().unwrap());
        let refused = server.client().get(&path).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert!(
            refused.text.contains("no profiles yet") && refused.text.contains("Attach a dataset"),
            "{}",
            refused.text
        );
    }
}
