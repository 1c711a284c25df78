//! `POST /policies/custom`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use serde_json::Value;

use super::{CustomPolicy, Policy, check, read};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::governance::{Before, OnViolation, OnViolationParameter, enforce, tell_paused};
use crate::operation::Operation;
use crate::policy_service::{Base, insert, show_policy};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Create a custom policy
///
/// It is a draft unless it says that it is enabled. One that enabled flows would violate is refused unless they are to be
/// paused.
#[utoipa::path(
    post,
    path = "/data/foundation/dulepolicy/policies/custom",
    tag = "policies",
    params(OnViolationParameter),
    request_body = Policy,
    responses(
        (status = 201, description = "The policy is saved.", body = CustomPolicy),
        (status = 409, description = "Flows would violate it; `violations` says which and why.")
    )
)]
async fn create(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    on: OnViolation,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let read = read("", body)?;
    let mut tx = api.begin(&caller).await?;
    let before = Before::look(&api, &mut tx, &caller.sandbox).await?;
    check(&mut tx, &caller.sandbox, &read.policy).await?;
    let created = insert::<outflow_store::Policy>(&mut tx, &caller, None, read.body).await?;
    let paused = enforce(&api, &mut tx, &caller, before, on).await?;
    tx.commit().await?;
    api.runner.wake();
    let policy = outflow_governance::Policy { id: created.id.clone(), ..read.policy };
    let mut shown = show_policy(&api, &base, &created, &policy);
    tell_paused(&mut shown, &paused);
    Ok((StatusCode::CREATED, Answer(shown)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/policies/custom";

    #[tokio::test]
    async fn a_policy_is_saved_with_what_it_leaves_out() {
        let server = Server::start().await;
        let client = server.client();
        let body = json!({
            "name": "Email Policy", "deny": {"label": "C1"}, "team": "CRM",
            "marketingActionRefs": ["https://platform.example:443/data/foundation/dulepolicy/marketingActions/core/emailTargeting"],
        });
        let created = client.post(PATH, &body).await;
        assert_eq!((created.status, &created.body["status"]), (201, &json!("DRAFT")), "{}", created.text);
        let reference = format!("{}/data/foundation/dulepolicy/marketingActions/core/emailTargeting", server.url());
        assert_eq!(created.body["marketingActionRefs"], json!([reference]));
        assert_eq!((&created.body["team"], &created.body["createdUser"]), (&json!("CRM"), &json!("admin")));
        assert_eq!(client.get(&format!("{PATH}/{}", created.id())).await.body, created.body);
    }

    #[tokio::test]
    async fn what_is_wrong_and_what_there_is_not_is_told_by_field() {
        let server = Server::start().await;
        for (body, fields) in [
            (json!({}), vec!["/name", "/marketingActionRefs", "/deny"]),
            (
                json!({"name": "P", "marketingActionRefs": ["/dulepolicy/marketingActions/custom/none"],
                    "deny": {"operator": "OR", "operands": [{"label": "C1"}, {"label": "L2"}]}}),
                vec!["/marketingActionRefs", "/deny/operands/1/label"],
            ),
        ] {
            let refused = server.client().post(PATH, &body).await;
            assert_eq!(refused.status, 400, "{}", refused.text);
            assert_eq!(refused.fields(), fields, "{}", refused.text);
        }
        let large = json!({"name": "P", "marketingActionRefs": ["/dulepolicy/marketingActions/core/analytics"],
            "deny": {"label": "C1"}, "note": "x".repeat(64 << 10)});
        let refused = server.client().post(PATH, &large).await;
        assert_eq!(refused.status, 400, "{}", refused.status);
    }
}
