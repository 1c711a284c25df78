//! `GET /policies/core` and `GET /policies/custom`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::Policy;
use outflow_model::flow::{ActionOwner, MarketingAction};
use serde_json::Value;
use utoipa::IntoParams;

use super::{CORE, CUSTOM, PolicyPage};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::{Base, Listing, Policies, PolicyListParameters};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_list_core, _, _>(list_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_list_custom, _, _>(list_custom)
}

/// Which policies. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct Which {
    /// Labels, with commas between them: policies whose condition names any of them.
    #[param(rename = "duleLabels", example = "C1,C3")]
    dule_labels: Option<String>,
    /// A marketing action's name or address: policies that deny it.
    #[param(rename = "marketingAction", example = "emailTargeting")]
    marketing_action: Option<String>,
}

/// List core policies
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/policies/core",
    tag = "policies",
    params(PolicyListParameters, Which),
    responses((status = 200, description = "A page of the policies that match.", body = PolicyPage))
)]
async fn list_core(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    list(&api, &base, &caller, &parameters, (ActionOwner::Core, CORE)).await
}

/// List custom policies
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/policies/custom",
    tag = "policies",
    params(PolicyListParameters, Which),
    responses((status = 200, description = "A page of the policies that match.", body = PolicyPage))
)]
async fn list_custom(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    list(&api, &base, &caller, &parameters, (ActionOwner::Custom, CUSTOM)).await
}

async fn list(
    api: &Api,
    base: &Base,
    caller: &Caller,
    parameters: &Parameters,
    (owner, path): (ActionOwner, &str),
) -> ApiResult<Answer<Value>> {
    let listing = Listing::read(parameters)?;
    let policies = Policies::load(&mut api.store.read().await?, &caller.sandbox).await?;
    let labels: Vec<&str> = parameters.all("duleLabels").flat_map(|names| names.split(',')).map(str::trim).collect();
    let action = parameters.last("marketingAction");
    let is_wanted = |policy: &Policy| {
        policy.owner == owner
            && (labels.is_empty() || policy.deny.labels().iter().any(|label| labels.contains(&label.as_str())))
            && action.is_none_or(|action| policy.actions.iter().any(|named| is_named(named, action)))
    };
    let items = policies.shown(api, base, is_wanted);
    Ok(Answer(listing.page(items, parameters, base, path)))
}

/// Whether `text` is the name or an address of the action.
fn is_named(action: &MarketingAction, text: &str) -> bool {
    match MarketingAction::parse(text) {
        Some(named) => named == *action,
        None => action.name == text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const SERVICE: &str = "/data/foundation/dulepolicy";

    #[tokio::test]
    async fn policies_are_found_by_labels_actions_and_members() {
        let server = Server::start().await;
        let client = server.client();
        for (name, label, action) in
            [("A", "C1", "analytics"), ("B", "C2", "emailTargeting"), ("C", "C1", "emailTargeting")]
        {
            let body = json!({"name": name, "deny": {"label": label}, "status": "DISABLED",
                "marketingActionRefs": [format!("https://other.example/data/foundation/dulepolicy/marketingActions/core/{action}")]});
            assert_eq!(client.post(&format!("{SERVICE}/policies/custom"), &body).await.status, 201);
        }
        let names = async |query: &str| {
            let page = client.get(&format!("{SERVICE}/policies/custom?{query}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            page.body["children"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect::<String>()
        };
        assert_eq!(names("").await, "ABC");
        assert_eq!(names("duleLabels=C1").await, "AC");
        assert_eq!(names("duleLabels=C2,C9").await, "B");
        assert_eq!(names("marketingAction=emailTargeting&orderby=-name").await, "CB");
        assert_eq!(names("marketingAction=/dulepolicy/marketingActions/custom/emailTargeting").await, "");
        assert_eq!(names("property=status==DISABLED&property=name==B&property=createdUser==admin").await, "B");
        assert_eq!(names("limit=1&start=1&duleLabels=C1").await, "C");
        let page = client.get(&format!("{SERVICE}/policies/custom?limit=1&duleLabels=C1")).await;
        assert_eq!(page.body["_links"]["page"]["href"], "/policies/custom?start=1&limit=1&duleLabels=C1");
        let core = client.get(&format!("{SERVICE}/policies/core?duleLabels=C4")).await;
        assert_eq!(core.body["_page"]["totalCount"], 4, "{}", core.text);
        assert_eq!(core.body["children"][0]["status"], "DRAFT");
    }
}
