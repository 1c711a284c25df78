//! `GET /flows/{id}`.

use std::slice;

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::stream::add_status;
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
    drop(reader);
    let mut shown = show(&api, &flow, latest.get(&flow.id).map(AsRef::as_ref));
    add_status(&api, &flow, &mut shown).await?;
    Ok(Answer(one(shown)))
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

    #[tokio::test]
    async fn a_flow_to_a_stream_shows_how_that_is_and_one_of_files_does_not() {
        let server = Server::start().await;
        let (files, stream) = (server.flow("Loyal").await, server.stream_flow("Live").await);
        server.evaluated().await;
        let shown = async |flow: &str| {
            let path = format!("/data/foundation/flowservice/flows/{flow}");
            server.client().get(&path).await.body["items"][0].clone()
        };
        let status = shown(&stream.id).await["streamStatus"].clone();
        assert_eq!((status["state"].as_str(), status["pending"].as_u64()), (Some("idle"), Some(0)), "{status}");
        assert!(status["sequence"].as_u64() >= Some(1), "{status}");
        assert_eq!(shown(&files.id).await.get("streamStatus"), None);
        let listed = server.client().get("/data/foundation/flowservice/flows").await;
        let of = |flow: &str| {
            let items = listed.body["items"].as_array().unwrap();
            items.iter().find(|item| item["id"] == flow).unwrap()["streamStatus"].clone()
        };
        assert_eq!(
            (of(&stream.id)["state"].as_str(), of(&files.id).is_null()),
            (Some("idle"), true),
            "{}",
            listed.text
        );
    }
}
