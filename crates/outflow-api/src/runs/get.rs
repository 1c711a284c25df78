//! `GET /runs/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Runs, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a run
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/runs/{id}",
    tag = "runs",
    params(("id" = String, Path, description = "The run's id.")),
    responses((status = 200, description = "The run, as a list of one.", body = Runs))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_run_balances() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        server.work_is_done().await;
        let shown = server.client().get(&format!("/data/foundation/flowservice/runs/{run}")).await;
        let item = &shown.body["items"][0];
        assert_eq!((item["state"].as_str(), item["kind"].as_str()), (Some("success"), Some("now")), "{}", shown.text);
        assert_eq!(item["etag"], item["eTag"]);
        let records = &item["metrics"]["recordSummary"];
        assert_eq!((records["inputRecordCount"].as_u64(), records["outputRecordCount"].as_u64()), (Some(3), Some(3)));
        assert!(!item["activities"].as_array().unwrap().is_empty());
        let flow = format!("/data/foundation/flowservice/flows/{}", item["flowId"].as_str().unwrap());
        let flow = server.client().get(&flow).await;
        assert_eq!(item["flowSpec"], flow.body["items"][0]["flowSpec"]);
        assert_eq!((&item["predecessors"], &item["metrics"]["latencySummary"]), (&json!([]), &json!({})));
        assert_eq!(server.client().get("/data/foundation/flowservice/runs/none").await.status, 404);
    }
}
