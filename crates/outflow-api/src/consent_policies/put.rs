//! `PUT /consentPolicies/{id}`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::schema::Schema;
use outflow_store::Document;
use serde_json::Value;

use super::{ConsentPolicy, Read, ShownConsentPolicy, check, read, schema, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::Base;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put, _, _>(put)
}

/// Replace a consent policy
///
/// What the body leaves out is as for a new one. The next export of every flow obeys it.
#[utoipa::path(
    put,
    path = "/data/foundation/dulepolicy/consentPolicies/{id}",
    tag = "consent policies",
    params(
        ("id" = String, Path, description = "The policy's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    request_body = ConsentPolicy,
    responses((status = 200, description = "The policy is changed.", body = ShownConsentPolicy))
)]
async fn put(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<Value>> {
    let read = read(&id, body)?;
    let schema = schema(&api, &caller.sandbox).await;
    let saved = document::retrying(&condition, || save(&api, &caller, &condition, &read, &schema)).await?;
    api.runner.wake();
    Ok(Answer(show(&api, &base, &saved)))
}

async fn save(
    api: &Api,
    caller: &Caller,
    condition: &IfMatch,
    read: &Read,
    schema: &ApiResult<Option<Schema>>,
) -> ApiResult<Arc<Document>> {
    let mut tx = api.begin(caller).await?;
    let document = tx.get::<outflow_store::ConsentPolicy>(&caller.sandbox, &read.policy.id).await?;
    condition.check(document.version)?;
    check(&mut tx, &caller.sandbox, read, schema, Some(&*document)).await?;
    let saved = document::update::<outflow_store::ConsentPolicy>(&mut tx, caller, &document, read.body.clone()).await?;
    tx.commit().await?;
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/consentPolicies";

    #[tokio::test]
    async fn a_consent_policy_whose_attribute_went_away_is_switched_off() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({
            "name": "Mail", "status": "ENABLED", "if": {"label": "I1"}, "then": {"path": "consent", "values": ["y"]}
        });
        let path = format!("{PATH}/{}", client.post(PATH, &body).await.id());
        server.refreshed().await;
        let mut read = client.get(&path).await.body;
        read["status"] = json!("DISABLED");
        let off = client.put(&path, None, &read).await;
        assert_eq!((off.status, &off.body["status"]), (200, &json!("DISABLED")), "{}", off.text);
        read["then"]["path"] = json!("consents");
        assert_eq!(client.put(&path, None, &read).await.fields(), ["/then/path"]);
        // So it is where the profiles cannot be read at all.
        let snapshot = server.store().read().await.unwrap().current_snapshot("prod").await.unwrap().unwrap();
        std::fs::remove_file(&snapshot.path).unwrap();
        let on = client.patch(&path, None, &json!({"op": "replace", "path": "/status", "value": "ENABLED"})).await;
        assert_eq!(on.status, 200, "{}", on.text);
        read["then"]["path"] = json!("consent");
        assert_eq!(client.put(&path, None, &read).await.status, 200);
        assert_eq!(client.delete(&path).await.status, 200);
    }

    #[tokio::test]
    async fn a_consent_policy_is_replaced() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({"name": "Mail", "if": {"label": "I1"}, "then": {"path": "consent", "values": ["y"]}});
        let created = client.post(PATH, &body).await;
        let path = format!("{PATH}/{}", created.id());
        let mut read = client.get(&path).await.body;
        read["status"] = json!("ENABLED");
        let changed = client.put(&path, Some(created.etag()), &read).await;
        assert_eq!((changed.status, &changed.body["status"]), (200, &json!("ENABLED")), "{}", changed.text);
        assert_eq!(client.put(&path, Some(created.etag()), &read).await.status, 412);
        assert_eq!(client.put(&format!("{PATH}/none"), None, &body).await.status, 404);
    }
}
