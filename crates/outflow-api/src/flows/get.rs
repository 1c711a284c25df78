//! `GET /flows/{id}`.

use std::slice;

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Flows, latest_runs, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a flow
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flows/{id}",
    tag = "flows",
    params(("id" = String, Path, description = "The flow's id.")),
    responses((status = 200, description = "The flow, as a list of one.", body = Flows))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let flow = reader.get::<outflow_store::Flow>(&caller.sandbox, &id).await?;
    let latest = latest_runs(&mut reader, slice::from_ref(&flow)).await?;
    Ok(Answer(one(show(&api, &flow, latest.get(&flow.id).map(AsRef::as_ref)))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_flow_leads_to_its_runs() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let shown = server.client().get(&path).await.body["items"][0].clone();
        let runs = format!("/data/foundation/flowservice{}", shown["runs"].as_str().unwrap());
        assert_eq!(server.client().get(&runs).await.body["items"], serde_json::json!([]));
        assert!(shown.get("lastRunDetails").is_none());
        server.evaluated().await;
        let run =
            server.client().post("/data/foundation/flowservice/runs", &serde_json::json!({"flowId": flow.id})).await;
        let shown = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(shown["lastRunDetails"]["id"], run.body["id"]);
        assert_eq!(server.client().get(&runs).await.body["items"].as_array().unwrap().len(), 1);
    }
}
