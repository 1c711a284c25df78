//! `PATCH /policies/custom/{id}`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::Document;
use serde_json::Value;

use super::{CustomPolicy, Read, check, read, stored};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::governance::{Before, OnViolation, OnViolationParameter, PausedFlow, enforce, tell_paused};
use crate::id::Id;
use crate::operation::Operation;
use crate::patch::{Patch, PatchOperationBody};
use crate::policy_service::{Base, show_policy};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a custom policy
///
/// By JSON Patch; one operation may stand alone. A change after which enabled flows would violate it is refused unless they
/// are to be paused.
#[utoipa::path(
    patch,
    path = "/data/foundation/dulepolicy/policies/custom/{id}",
    tag = "policies",
    params(
        ("id" = String, Path, description = "The policy's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now."),
        OnViolationParameter
    ),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "replace", "path": "/status", "value": "ENABLED"}])),
    responses(
        (status = 200, description = "The policy is changed.", body = CustomPolicy),
        (status = 409, description = "Flows would violate it; `violations` says which and why.")
    )
)]
async fn patch(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    on: OnViolation,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let patch = Patch::parse(body)?;
    let change = Change { id: &id, condition: &condition, patch: &patch, on };
    let (saved, read, paused) = document::retrying(&condition, || save(&api, &base, &caller, &change)).await?;
    api.runner.wake();
    let mut shown = show_policy(&api, &base, &saved, &read.policy);
    tell_paused(&mut shown, &paused);
    Ok(Answer(shown))
}

struct Change<'c> {
    id: &'c str,
    condition: &'c IfMatch,
    patch: &'c Patch,
    on: OnViolation,
}

async fn save(
    api: &Api,
    base: &Base,
    caller: &Caller,
    change: &Change<'_>,
) -> ApiResult<(Arc<Document>, Read, Vec<PausedFlow>)> {
    let mut tx = api.begin(caller).await?;
    let before = Before::look(api, &mut tx, &caller.sandbox).await?;
    let document = tx.get::<outflow_store::Policy>(&caller.sandbox, change.id).await?;
    change.condition.check(document.version)?;
    let current = show_policy(api, base, &document, &stored(&document)?);
    // Clients test and patch what they were shown, so the patch sees that.
    let patched = match change.patch.apply(&current)? {
        Value::Object(patched) => read(change.id, patched)?,
        _ => return Err(ApiError::bad_request("the result is not a JSON object")),
    };
    check(&mut tx, &caller.sandbox, &patched.policy).await?;
    let saved = document::update::<outflow_store::Policy>(&mut tx, caller, &document, patched.body.clone()).await?;
    let paused = enforce(api, &mut tx, caller, before, change.on).await?;
    tx.commit().await?;
    Ok((saved, patched, paused))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/policies/custom";

    #[tokio::test]
    async fn members_change_one_by_one() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({"name": "P", "marketingActionRefs": ["/dulepolicy/marketingActions/core/analytics"], "deny": {"label": "C8"}});
        let created = client.post(PATH, &body).await;
        let path = format!("{PATH}/{}", created.id());
        let on = client.patch(&path, None, &json!({"op": "Replace", "path": "/status", "value": "ENABLED"})).await;
        assert_eq!((on.status, &on.body["status"]), (200, &json!("ENABLED")), "{}", on.text);
        let more = json!([
            {"op": "test", "path": "/marketingActionRefs/0", "value": created.body["marketingActionRefs"][0]},
            {"op": "add", "path": "/marketingActionRefs/-", "value": "../marketingActions/core/dataScience"},
            {"op": "replace", "path": "/deny", "value": {"operator": "OR", "operands": [{"label": "C8"}, {"label": "C9"}]}},
            {"op": "replace", "path": "/createdUser", "value": "somebody"},
        ]);
        let changed = client.patch(&path, Some(on.etag()), &more).await;
        assert_eq!(changed.body["marketingActionRefs"].as_array().map(Vec::len), Some(2), "{}", changed.text);
        assert_eq!((&changed.body["createdUser"], changed.etag()), (&json!("admin"), "\"3\""));
        assert_eq!(client.patch(&path, Some(on.etag()), &more).await.status, 412);
        let wrong = client.patch(&path, None, &json!([{"op": "remove", "path": "/deny"}])).await;
        assert_eq!((wrong.status, wrong.fields()), (400, vec!["/deny".to_owned()]), "{}", wrong.text);
        assert_eq!(client.get(&path).await.body, changed.body);
    }
}
