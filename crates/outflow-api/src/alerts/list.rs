//! `GET /data/foundation/alerts`.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::show;
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{Links, ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// Alerts. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Alerts", example = json!({"items": [{
    "id": "0f2a8f4f-2d6e-4a0e-9a57-2f3f7f524a30", "kind": "runFailure", "state": "open",
    "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "message": "the run failed: the bucket does not exist"
}], "_links": {}}))]
struct Alerts {
    /// Each with `kind`, `state`, `flowId`, `segmentId`, `runId` and `message`; the newest first.
    items: Vec<Value>,
    /// The next page.
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// List alerts
///
/// One for each change of state, and one for each recovery.
#[utoipa::path(
    get,
    path = "/data/foundation/alerts",
    tag = "alerts",
    params(ListParameters),
    responses((status = 200, description = "A page of the alerts that match.", body = Alerts))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::Alert>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/alerts")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_failure_is_told() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        server.remove_exports();
        server.work_is_done().await;
        let shown = server.client().get(&format!("/data/foundation/flowservice/runs/{run}")).await;
        assert_eq!(shown.body["items"][0]["state"], "failed", "{}", shown.text);
        assert!(shown.body["items"][0]["error"]["hint"].is_string());
        let answer = server.client().get("/data/foundation/alerts?property=kind==runFailure").await;
        assert_eq!(answer.body["items"][0]["runId"], run.as_str(), "{}", answer.text);
        assert_eq!(answer.body["_links"], serde_json::json!({}));
    }
}
