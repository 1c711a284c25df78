//! `GET /connections/{id}/test`.

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use outflow_model::access::AccessScope;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::read;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::probe;
use crate::probe::{Probe, Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_test, _, _>(test).needs(AccessScope::Write)
}

/// What a test answers. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "TestResult", example = json!({"result": true, "probe": {"steps": []}}))]
pub(crate) struct TestResult {
    /// Always true: what fails is answered with 400.
    result: bool,
    /// What the probe found.
    probe: Option<Probe>,
}

/// Test an account
///
/// Reaches the far end and signs in, now. A key for encryption must still be good.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/connections/{id}/test",
    tag = "connections",
    params(("id" = String, Path, description = "The account's id.")),
    responses((
        status = 200,
        description = "The credentials work.",
        content((TestResult = "application/json"), (Value = "text/event-stream"))
    ))
)]
async fn test(State(api): State<Api>, caller: Caller, watched: Watched, Id(id): Id) -> Response {
    watched.answer(api, |api, steps| tried(api, caller, id, steps)).await
}

async fn tried(api: Api, caller: Caller, id: String, steps: Steps) -> ApiResult<Answer<Value>> {
    let opened = api.store.read().await?.opened::<outflow_store::Connection>(&caller.sandbox, &id).await?;
    let account = read(&api, opened.as_object().unwrap_or(&Map::new()), None)?;
    let probe = match account.connector {
        Some(connector) => probe::account(&api, connector, account.place, &account.account, &steps).await?,
        None => json!({"steps": []}),
    };
    Ok(Answer(json!({"result": true, "probe": probe})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn a_test_uses_the_sealed_secret() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let created = server.client().post(PATH, &s3.account("Exports")).await;
        let answer = server.client().get(&format!("{PATH}/{}/test", created.id())).await;
        assert_eq!((answer.status, answer.body["result"].as_bool()), (200, Some(true)), "{}", answer.text);
        s3.stop().await;
        let answer = server.client().get(&format!("{PATH}/{}/test", created.id())).await;
        assert_eq!((answer.status, answer.body["class"].as_str()), (400, Some("unavailable")), "{}", answer.text);
    }
}
