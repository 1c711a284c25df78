//! `GET /targetConnections/{id}/test`.

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use outflow_model::access::AccessScope;
use serde_json::{Map, Value, json};

use super::read;
use crate::auth::Caller;
use crate::connections::TestResult;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::probe;
use crate::probe::{Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_test, _, _>(test).needs(AccessScope::Write)
}

/// Test a target
///
/// Makes the calls of a delivery to the bucket or folder, now, and leaves nothing behind.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/targetConnections/{id}/test",
    tag = "target connections",
    params(("id" = String, Path, description = "The target's id.")),
    responses((
        status = 200,
        description = "A delivery would work.",
        content((TestResult = "application/json"), (Value = "text/event-stream"))
    ))
)]
async fn test(State(api): State<Api>, caller: Caller, watched: Watched, Id(id): Id) -> Response {
    watched.answer(api, |api, steps| tried(api, caller, id, steps)).await
}

async fn tried(api: Api, caller: Caller, id: String, steps: Steps) -> ApiResult<Answer<Value>> {
    let target = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::TargetConnection>(&caller.sandbox, &id).await?;
        let body = document.body.as_object().cloned().unwrap_or_else(Map::new);
        read(&api, &mut reader, &caller.sandbox, body, None).await?
    };
    let probe = probe::target(&api, target.connector, &target.account, &target.target, &steps).await?;
    Ok(Answer(json!({"result": true, "probe": probe})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_folder_that_went_away_is_told() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}/test", flow.target);
        assert_eq!(server.client().get(&path).await.status, 200);
        server.remove_exports();
        let answer = server.client().get(&path).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.body["steps"].is_array());
    }
}
