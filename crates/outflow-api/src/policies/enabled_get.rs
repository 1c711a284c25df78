//! `GET /enabledCorePolicies`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{Document, EnabledCorePolicies};
use serde_json::{Value, json};

use super::ShownEnabledCorePolicies;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::etag::etag;
use crate::operation::Operation;
use crate::policy_service::{Base, ENABLED_ID, custom};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get_enabled, _, _>(get_enabled)
}

/// Get which core policies are on
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/enabledCorePolicies",
    tag = "policies",
    responses((status = 200, description = "Their ids.", body = ShownEnabledCorePolicies))
)]
async fn get_enabled(State(api): State<Api>, base: Base, caller: Caller) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.find::<EnabledCorePolicies>(&caller.sandbox, ENABLED_ID).await?;
    Ok(Answer(show(&api, &base, &caller, document.as_deref())))
}

/// The list as answers show it.
pub(super) fn show(api: &Api, base: &Base, caller: &Caller, document: Option<&Document>) -> Value {
    let href = base.url("/enabledCorePolicies");
    match document {
        Some(document) => Value::Object(custom(api, document, &href)),
        None => json!({
            "policyIds": [],
            "imsOrg": api.settings.organization,
            "sandboxName": caller.sandbox,
            "etag": etag(0),
            "_links": {"self": {"href": href}},
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn no_core_policy_is_on_at_first() {
        let server = Server::start().await;
        let shown = server.client().get("/data/foundation/dulepolicy/enabledCorePolicies").await;
        assert_eq!((shown.status, &shown.body["policyIds"]), (200, &json!([])), "{}", shown.text);
    }
}
