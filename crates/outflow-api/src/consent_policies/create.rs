//! `POST /consentPolicies`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use serde_json::Value;

use super::{ConsentPolicy, ShownConsentPolicy, check, read, schema, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::policy_service::{Base, insert};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Create a consent policy
///
/// It is off unless it says that it is enabled. Its attributes must be fields of the profiles, once there are profiles: one
/// that nobody has would withhold everybody.
#[utoipa::path(
    post,
    path = "/data/foundation/dulepolicy/consentPolicies",
    tag = "consent policies",
    request_body = ConsentPolicy,
    responses(
        (status = 201, description = "The policy is saved.", body = ShownConsentPolicy),
        (status = 409, description = "The sandbox has as many as it may have.")
    )
)]
async fn create(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let read = read("", body)?;
    let schema = schema(&api, &caller.sandbox).await;
    let mut tx = api.begin(&caller).await?;
    check(&mut tx, &caller.sandbox, &read, &schema, None).await?;
    let created = insert::<outflow_store::ConsentPolicy>(&mut tx, &caller, None, read.body).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok((StatusCode::CREATED, Answer(show(&api, &base, &created))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/consentPolicies";

    #[tokio::test]
    async fn a_consent_policy_is_off_at_first() {
        let server = Server::start().await;
        let action = "https://other.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting";
        let body = json!({"name": "Mail", "if": {"marketingActionRef": action}, "then": {"path": "consent", "values": ["y", "dy"]}});
        let created = server.client().post(PATH, &body).await;
        assert_eq!((created.status, &created.body["status"]), (201, &json!("DISABLED")), "{}", created.text);
        assert_eq!(
            created.body["if"],
            json!({"marketingActionRef": "/dulepolicy/marketingActions/core/emailTargeting"})
        );
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await;
        assert_eq!(shown.body, created.body);
    }

    #[tokio::test]
    async fn what_there_is_not_is_refused() {
        let server = Server::start().await;
        server.refreshed().await;
        let body = json!({
            "name": "Mail",
            "if": {"operator": "OR", "operands": [{"label": "L9"}, {"marketingActionRef": "/dulepolicy/marketingActions/custom/none"}]},
            "then": {"operator": "AND", "operands": [{"path": "emial", "values": ["y"]}, {"path": "age", "values": ["y"]}]},
        });
        let refused = server.client().post(PATH, &body).await;
        let fields = [
            "/if/operands/0/label",
            "/if/operands/1/marketingActionRef",
            "/then/operands/0/path",
            "/then/operands/1/path",
        ];
        assert_eq!(refused.fields(), fields, "{}", refused.text);
        assert!(refused.text.contains("did you mean `email`"), "{}", refused.text);
    }
}
