//! `GET /runs`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Runs, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List runs
///
/// Those of one flow with `property=flowId==ID`.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/runs",
    tag = "runs",
    params(ListParameters),
    responses((status = 200, description = "A page of the runs that match.", body = Runs))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::Run>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/runs")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/runs";

    #[tokio::test]
    async fn runs_are_found_by_flow_and_by_what_they_counted() {
        let server = Server::start().await;
        let (one, two) = (server.flow("One").await, server.flow("Two").await);
        server.evaluated().await;
        for flow in [&one, &two] {
            assert_eq!(server.client().post(PATH, &json!({"flowId": flow.id})).await.status, 201);
        }
        server.work_is_done().await;
        let count = async |query: &str| {
            let answer = server.client().get(&format!("{PATH}?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body["items"].as_array().unwrap().len()
        };
        assert_eq!(count("").await, 2);
        assert_eq!(count(&format!("property=flowId=={}", one.id)).await, 1);
        assert_eq!(count(&format!("property=flowId=={},{}", one.id, two.id)).await, 2);
        assert_eq!(count("property=metrics.statusSummary.status==success").await, 2);
        assert_eq!(count("property=metrics.recordSummary.outputRecordCount%3E=3").await, 2);
        assert_eq!(count("property=metrics.recordSummary.outputRecordCount%3E3").await, 0);
    }

    #[tokio::test]
    async fn an_hour_of_a_stream_is_a_run_without_files() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.evaluated().await;
        let listed = server.client().get(&format!("{PATH}?property=flowId=={}&property=kind==window", flow.id)).await;
        let window = listed.body["items"][0].clone();
        assert_eq!(window["counts"]["accepted"], 3, "{}", listed.text);
        let path = format!("{PATH}/{}", window["id"].as_str().unwrap());
        let files = server.client().get(&format!("{path}/files")).await;
        assert_eq!((files.status, &files.body["items"]), (200, &json!([])), "{}", files.text);
        for action in ["verify", "action?op=retry", "action?op=cancel"] {
            let refused = server.client().post_empty(&format!("{path}/{action}")).await;
            assert_eq!(refused.status, 409, "{action}: {}", refused.text);
        }
    }
}
