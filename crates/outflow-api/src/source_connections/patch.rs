//! `PATCH /sourceConnections/{id}`.

use axum::Json as Answer;
use axum::extract::State;

use super::checked;
use crate::auth::Caller;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::context::Api;
use crate::document;
use crate::document::Created;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::patch::PatchOperationBody;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a source
#[utoipa::path(
    patch,
    path = "/data/foundation/flowservice/sourceConnections/{id}",
    tag = "source connections",
    params(("id" = String, Path, description = "The source's id."), IfMatchHeader),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "replace", "path": "/name", "value": "All profiles"}])),
    responses((status = 200, description = "The source is changed.", body = Created))
)]
async fn patch(State(api): State<Api>, caller: Caller, request: PatchRequest) -> ApiResult<Answer<Created>> {
    request.retrying(|| change(&api, &caller, &request)).await.map(Answer)
}

async fn change(api: &Api, caller: &Caller, request: &PatchRequest) -> ApiResult<Created> {
    let mut tx = api.begin(caller).await?;
    let document = tx.get::<outflow_store::SourceConnection>(&caller.sandbox, &request.id).await?;
    let body = request.body(api, &document)?;
    let body = checked(&mut tx, &caller.sandbox, body).await?;
    let changed = document::update::<outflow_store::SourceConnection>(&mut tx, caller, &document, body).await?;
    tx.commit().await?;
    Ok(Created::from(&*changed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_change_is_checked_like_a_new_body() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/sourceConnections/{}", flow.source);
        let spec = json!([{"op": "replace", "path": "/connectionSpec/id", "value": "other"}]);
        assert_eq!(server.client().patch(&path, Some("*"), &spec).await.fields(), ["/connectionSpec"]);
        let name =
            json!([{"op": "replace", "path": "/name", "value": "All"}, {"op": "replace", "path": "/id", "value": "x"}]);
        let changed = server.client().patch(&path, Some("*"), &name).await;
        assert_eq!((changed.status, changed.id()), (200, flow.source.as_str()), "{}", changed.text);
        assert_eq!(server.client().get(&path).await.body["items"][0]["name"], "All");
    }
}
