//! `PATCH /data/foundation/alerts/subscriptions/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{Change, Expected};
use serde_json::Value;

use super::{check, cut_secret, put_secret_back, seal};
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

/// Change an alert subscription
///
/// A secret that the patch leaves masked is kept.
#[utoipa::path(
    patch,
    path = "/data/foundation/alerts/subscriptions/{id}",
    tag = "alerts",
    params(("id" = String, Path, description = "The subscription's id."), IfMatchHeader),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "add", "path": "/kinds/-", "value": "runDelay"}])),
    responses((status = 200, description = "The subscription is changed.", body = Created))
)]
async fn patch(State(api): State<Api>, caller: Caller, request: PatchRequest) -> ApiResult<Answer<Created>> {
    request.retrying(|| change(&api, &caller, &request)).await.map(Answer)
}

async fn change(api: &Api, caller: &Caller, request: &PatchRequest) -> ApiResult<Created> {
    let mut tx = api.store.begin().await?;
    let document = tx.get::<outflow_store::AlertSubscription>(&caller.sandbox, &request.id).await?;
    let opened = tx.opened::<outflow_store::AlertSubscription>(&caller.sandbox, &request.id).await?;
    let mut body = request.body(api, &document)?;
    put_secret_back(&mut body, &opened)?;
    if opened.as_object() == Some(&body) {
        return Ok(Created::from(&*document));
    }
    check(api, &mut tx, &caller.sandbox, &body).await?;
    let secret = cut_secret(&mut body);
    let name = document::name_of(&body).to_owned();
    let change = Change { name: Some(&name), body: Value::Object(body), by: &caller.client };
    let expected = Expected::Version(document.version);
    let changed = tx.update::<outflow_store::AlertSubscription>(&caller.sandbox, &request.id, expected, change).await?;
    document::record_secrets(&mut tx, caller, "alertSubscription", &document, &changed).await?;
    seal(&mut tx, &caller.sandbox, &request.id, secret).await?;
    tx.commit().await?;
    Ok(Created::from(&*changed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::alerts::webhook;
    use crate::testing::Server;

    #[tokio::test]
    async fn kinds_change_and_the_secret_stays() {
        let server = Server::start().await;
        let created = server.client().post("/data/foundation/alerts/subscriptions", &webhook()).await;
        let path = format!("/data/foundation/alerts/subscriptions/{}", created.id());
        let add = json!([{"op": "add", "path": "/kinds/-", "value": "runDelay"}]);
        assert_eq!(server.client().patch(&path, None, &add).await.status, 428);
        let changed = server.client().patch(&path, Some(created.etag()), &add).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let same = json!([{"op": "replace", "path": "/channel/secret", "value": "hush-hush"}]);
        let unchanged = server.client().patch(&path, Some("*"), &same).await;
        assert_eq!(unchanged.etag(), changed.etag(), "the secret is the one that is kept");
        let other = json!([{"op": "replace", "path": "/channel/secret", "value": "another"}]);
        assert_ne!(server.client().patch(&path, Some("*"), &other).await.etag(), changed.etag());
    }
}
