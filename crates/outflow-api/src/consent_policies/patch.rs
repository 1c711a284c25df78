//! `PATCH /consentPolicies/{id}`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::schema::Schema;
use outflow_store::Document;
use serde_json::Value;

use super::{ShownConsentPolicy, check, read, schema, show};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::id::Id;
use crate::operation::Operation;
use crate::patch::{Patch, PatchOperationBody};
use crate::policy_service::Base;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a consent policy
///
/// By JSON Patch; one operation may stand alone. The next export of every flow obeys it.
#[utoipa::path(
    patch,
    path = "/data/foundation/dulepolicy/consentPolicies/{id}",
    tag = "consent policies",
    params(
        ("id" = String, Path, description = "The policy's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "replace", "path": "/status", "value": "ENABLED"}])),
    responses((status = 200, description = "The policy is changed.", body = ShownConsentPolicy))
)]
async fn patch(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let patch = Patch::parse(body)?;
    let schema = schema(&api, &caller.sandbox).await;
    let change = Change { id: &id, condition: &condition, patch: &patch, schema: &schema };
    let saved = document::retrying(&condition, || save(&api, &base, &caller, &change)).await?;
    api.runner.wake();
    Ok(Answer(show(&api, &base, &saved)))
}

struct Change<'c> {
    id: &'c str,
    condition: &'c IfMatch,
    patch: &'c Patch,
    schema: &'c ApiResult<Option<Schema>>,
}

async fn save(api: &Api, base: &Base, caller: &Caller, change: &Change<'_>) -> ApiResult<Arc<Document>> {
    let mut tx = api.begin(caller).await?;
    let document = tx.get::<outflow_store::ConsentPolicy>(&caller.sandbox, change.id).await?;
    change.condition.check(document.version)?;
    let patched = match change.patch.apply(&show(api, base, &document))? {
        Value::Object(patched) => read(change.id, patched)?,
        _ => return Err(ApiError::bad_request("the result is not a JSON object")),
    };
    check(&mut tx, &caller.sandbox, &patched, change.schema, Some(&*document)).await?;
    let saved = document::update::<outflow_store::ConsentPolicy>(&mut tx, caller, &document, patched.body).await?;
    tx.commit().await?;
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/consentPolicies";

    #[tokio::test]
    async fn a_consent_policy_is_switched_on_though_its_field_went_away() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({"name": "Mail", "if": {"label": "I1"}, "then": {"path": "consent", "values": ["y"]}});
        let created = client.post(PATH, &body).await;
        server.refreshed().await;
        let path = format!("{PATH}/{}", created.id());
        let on = json!({"op": "replace", "path": "/status", "value": "ENABLED"});
        let changed = client.patch(&path, Some(created.etag()), &on).await;
        assert_eq!((changed.status, &changed.body["status"]), (200, &json!("ENABLED")), "{}", changed.text);
        let other = json!([{"op": "replace", "path": "/then/path", "value": "consents"}]);
        let refused = client.patch(&path, None, &other).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/then/path".to_owned()]), "{}", refused.text);
    }
}
