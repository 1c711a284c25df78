//! `PATCH /targetConnections/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::read;
use crate::auth::Caller;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::connections::{Probed, probed};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::patch::PatchOperationBody;
use crate::probe;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a target
///
/// Another bucket, folder or account is tried before it is saved. Deliveries from then on go there.
#[utoipa::path(
    patch,
    path = "/data/foundation/flowservice/targetConnections/{id}",
    tag = "target connections",
    params(("id" = String, Path, description = "The target's id."), IfMatchHeader),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "add", "path": "/params/compression", "value": "GZIP"}])),
    responses((status = 200, description = "The target is changed.", body = Probed))
)]
async fn patch(State(api): State<Api>, caller: Caller, request: PatchRequest) -> ApiResult<Answer<Value>> {
    let answer = request.retrying(|| change(&api, &caller, &request)).await?;
    api.runner.wake();
    Ok(Answer(answer))
}

async fn change(api: &Api, caller: &Caller, request: &PatchRequest) -> ApiResult<Value> {
    let (document, target) = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::TargetConnection>(&caller.sandbox, &request.id).await?;
        let body = request.body(api, &document)?;
        let target = read(api, &mut reader, &caller.sandbox, body).await?;
        (document, target)
    };
    let is_same = |name: &str| target.body.get(name) == document.body.get(name);
    let probe = if is_same("params") && is_same("baseConnectionId") {
        None
    } else {
        Some(probe::passed(&probe::target(api, target.connector, &target.account, &target.target).await)?)
    };
    let mut tx = api.store.begin().await?;
    let changed = document::update::<outflow_store::TargetConnection>(&mut tx, caller, &document, target.body).await?;
    tx.commit().await?;
    Ok(probed(&changed, probe))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn file_options_change_and_bad_ones_do_not() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let client = server.client();
        let gzip = json!([{"op": "add", "path": "/params/compression", "value": "GZIP"}]);
        let changed = client.patch(&path, Some("*"), &gzip).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(client.patch(&path, Some("*"), &gzip).await.etag(), changed.etag(), "nothing changes");
        let bad = json!([{"op": "replace", "path": "/params/compression", "value": "RAR"}]);
        assert_eq!(client.patch(&path, Some("*"), &bad).await.fields(), ["/params/compression"]);
        let shown = client.get(&path).await;
        assert_eq!(shown.body["items"][0]["params"]["compression"], "GZIP");
    }
}
