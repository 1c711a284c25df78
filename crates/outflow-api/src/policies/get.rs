//! `GET /policies/core/{id}` and `GET /policies/custom/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{CustomPolicy, ShownPolicy, stored};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, Policies, show_policy};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_get_core, _, _>(get_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_get_custom, _, _>(get_custom)
}

/// Get a core policy
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/policies/core/{id}",
    tag = "policies",
    params(("id" = String, Path, description = "The policy's id.")),
    responses((status = 200, description = "The policy.", body = ShownPolicy))
)]
async fn get_core(State(api): State<Api>, base: Base, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let policies = Policies::load(&mut api.store.read().await?, &caller.sandbox).await?;
    let policy = policies.core(&id).ok_or_else(|| ApiError::not_found("core policy", &id))?;
    Ok(Answer(policies.show(&api, &base, policy)))
}

/// Get a custom policy
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/policies/custom/{id}",
    tag = "policies",
    params(("id" = String, Path, description = "The policy's id.")),
    responses((status = 200, description = "The policy.", body = CustomPolicy))
)]
async fn get_custom(State(api): State<Api>, base: Base, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::Policy>(&caller.sandbox, &id).await?;
    Ok(Answer(show_policy(&api, &base, &document, &stored(&document)?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_core_policy_says_whether_it_is_on() {
        let server = Server::start().await;
        let client = server.client();
        let base = "/data/foundation/dulepolicy";
        let path = format!("{base}/policies/core/corepolicy_0003");
        assert_eq!(client.get(&path).await.body["status"], "DRAFT");
        let on = json!({"policyIds": ["corepolicy_0003"]});
        assert_eq!(client.put(&format!("{base}/enabledCorePolicies"), None, &on).await.status, 200);
        let shown = client.get(&path).await;
        assert_eq!((&shown.body["status"], &shown.body["deny"]), (&json!("ENABLED"), &json!({"label": "C4"})));
        assert_eq!(client.in_sandbox("dev").get(&path).await.body["status"], "DRAFT");
        for id in ["core/corepolicy_9999", "custom/corepolicy_0003"] {
            assert_eq!(client.get(&format!("{base}/policies/{id}")).await.status, 404, "{id}");
        }
    }
}
