//! `GET /marketingActions/core/{id}` and `GET /marketingActions/custom/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::action::core_actions;
use serde_json::Value;

use super::{CORE, CoreMarketingAction, CustomMarketingAction, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, core};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_get_core, _, _>(get_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_get_custom, _, _>(get_custom)
}

/// Get a core marketing action
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/core/{id}",
    tag = "marketing actions",
    params(("id" = String, Path, description = "The action's name.")),
    responses((status = 200, description = "The action.", body = CoreMarketingAction))
)]
async fn get_core(base: Base, Id(name): Id) -> ApiResult<Answer<Value>> {
    let action = core_actions().into_iter().find(|action| action.name == name);
    let action = action.ok_or_else(|| ApiError::not_found("core marketing action", &name))?;
    Ok(Answer(Value::Object(core(&base, CORE, &name, &action))))
}

/// Get a custom marketing action
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/custom/{id}",
    tag = "marketing actions",
    params(("id" = String, Path, description = "The action's name.")),
    responses((status = 200, description = "The action.", body = CustomMarketingAction))
)]
async fn get_custom(State(api): State<Api>, base: Base, caller: Caller, Id(name): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::MarketingAction>(&caller.sandbox, &name).await?;
    Ok(Answer(show(&api, &base, &document)))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn an_action_is_found_by_its_name() {
        let server = Server::start().await;
        let base = "/data/foundation/dulepolicy/marketingActions";
        let action = server.client().get(&format!("{base}/core/exportToThirdParty")).await;
        assert_eq!(action.body["friendlyName"], "Export to Third Party", "{}", action.text);
        for path in ["core/none", "custom/exportToThirdParty"] {
            assert_eq!(server.client().get(&format!("{base}/{path}")).await.status, 404, "{path}");
        }
    }
}
