//! `GET /targetConnections/{id}/test`.

use axum::Json as Answer;
use axum::extract::State;
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

pub(super) fn operation() -> Operation {
    Operation::new::<__path_test, _, _>(test).needs(AccessScope::Write)
}

/// Test a target
///
/// Makes the calls of a delivery to the bucket or folder, now, and leaves nothing behind.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/targetConnections/{id}/test",
    tag = "target connections",
    params(("id" = String, Path, description = "The target's id.")),
    responses((status = 200, description = "A delivery would work.", body = TestResult))
)]
async fn test(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let target = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::TargetConnection>(&caller.sandbox, &id).await?;
        let body = document.body.as_object().cloned().unwrap_or_else(Map::new);
        read(&api, &mut reader, &caller.sandbox, body, None).await?
    };
    let probe = probe::passed(&probe::target(&api, target.connector, &target.account, &target.target).await)?;
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
