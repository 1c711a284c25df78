//! `PUT /policies/custom/{id}`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::Document;
use serde_json::Value;

use super::{CustomPolicy, Policy, Read, check, read};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::governance::{Before, OnViolation, OnViolationParameter, PausedFlow, enforce, tell_paused};
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, show_policy};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put, _, _>(put)
}

/// Replace a custom policy
///
/// What the body leaves out is as for a new one. A change after which enabled flows would violate it is refused unless they
/// are to be paused.
#[utoipa::path(
    put,
    path = "/data/foundation/dulepolicy/policies/custom/{id}",
    tag = "policies",
    params(
        ("id" = String, Path, description = "The policy's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now."),
        OnViolationParameter
    ),
    request_body = Policy,
    responses(
        (status = 200, description = "The policy is changed.", body = CustomPolicy),
        (status = 409, description = "Flows would violate it; `violations` says which and why.")
    )
)]
async fn put(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    on: OnViolation,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<Value>> {
    let read = read(&id, body)?;
    let (saved, paused) = document::retrying(&condition, || save(&api, &caller, &condition, on, &read)).await?;
    api.runner.wake();
    let mut shown = show_policy(&api, &base, &saved, &read.policy);
    tell_paused(&mut shown, &paused);
    Ok(Answer(shown))
}

async fn save(
    api: &Api,
    caller: &Caller,
    condition: &IfMatch,
    on: OnViolation,
    read: &Read,
) -> ApiResult<(Arc<Document>, Vec<PausedFlow>)> {
    let mut tx = api.begin(caller).await?;
    let before = Before::look(api, &mut tx, &caller.sandbox).await?;
    let document = tx.get::<outflow_store::Policy>(&caller.sandbox, &read.policy.id).await?;
    condition.check(document.version)?;
    check(&mut tx, &caller.sandbox, &read.policy).await?;
    let saved = document::update::<outflow_store::Policy>(&mut tx, caller, &document, read.body.clone()).await?;
    let paused = enforce(api, &mut tx, caller, before, on).await?;
    tx.commit().await?;
    Ok((saved, paused))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/policies/custom";

    #[tokio::test]
    async fn what_was_read_can_be_sent_back_changed() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({"name": "P", "marketingActionRefs": ["/dulepolicy/marketingActions/core/analytics"], "deny": {"label": "C8"}});
        let created = client.post(PATH, &body).await;
        let path = format!("{PATH}/{}", created.id());
        let mut read = client.get(&path).await.body;
        assert_eq!(client.put(&path, None, &read).await.body, read, "nothing changes");
        read["status"] = json!("ENABLED");
        let changed = client.put(&path, Some(created.etag()), &read).await;
        assert_eq!(
            (changed.status, &changed.body["status"], changed.etag()),
            (200, &json!("ENABLED"), "\"2\""),
            "{}",
            changed.text
        );
        assert_eq!(changed.body["marketingActionRefs"], created.body["marketingActionRefs"]);
        assert_eq!(client.put(&path, Some(created.etag()), &read).await.status, 412);
        assert_eq!(client.put(&format!("{PATH}/none"), None, &read).await.status, 404);
        assert_eq!(client.in_sandbox("dev").put(&path, None, &read).await.status, 404);
    }
}
