//! `GET /marketingActions/core` and `GET /marketingActions/custom`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::action::core_actions;
use outflow_store::Document;
use serde_json::Value;

use super::{CORE, CUSTOM, CoreMarketingActions, CustomMarketingActions, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::{Base, Listing, PolicyListParameters, core, list as page};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_list_core, _, _>(list_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_list_custom, _, _>(list_custom)
}

/// List core marketing actions
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/core",
    tag = "marketing actions",
    params(PolicyListParameters),
    responses((status = 200, description = "A page of the actions that match.", body = CoreMarketingActions))
)]
async fn list_core(base: Base, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let listing = Listing::read(&parameters)?;
    let items = core_actions();
    let items = items.iter().map(|action| Value::Object(core(&base, CORE, &action.name, action))).collect();
    Ok(Answer(listing.page(items, &parameters, &base, CORE)))
}

/// List custom marketing actions
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/custom",
    tag = "marketing actions",
    params(PolicyListParameters),
    responses((status = 200, description = "A page of the actions that match.", body = CustomMarketingActions))
)]
async fn list_custom(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let show = |document: &Document| show(&api, &base, document);
    page::<outflow_store::MarketingAction>(&api, &caller, &parameters, (&base, CUSTOM), show).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn core_and_custom_actions_are_two_lists() {
        let server = Server::start().await;
        let base = "/data/foundation/dulepolicy/marketingActions";
        let made =
            server.client().put(&format!("{base}/custom/analyticsDB"), None, &json!({"name": "analyticsDB"})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let custom = server.client().get(&format!("{base}/custom")).await;
        assert_eq!(custom.body["children"], json!([made.body]), "{}", custom.text);
        let core = server.client().get(&format!("{base}/core?limit=10")).await;
        assert_eq!(
            (core.body["_page"]["count"].as_u64(), &core.body["_links"]["page"]["href"]),
            (Some(10), &json!(""))
        );
        let found = server.client().get(&format!("{base}/core?property=name==emailTargeting,analytics")).await;
        assert_eq!(found.body["_page"]["totalCount"], 2);
    }
}
