//! What data will be used for: `/data/foundation/dulepolicy/marketingActions`. Which policies an action would violate says
//! `policy_evaluation`.

mod delete;
mod get;
mod list;
mod put;

use outflow_store::Document;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::context::Api;
use crate::operation::Operation;
use crate::policy_service::{Base, Custom, PageInfo, PageLinks, SelfLinks, custom};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::core_operation(),
        get::core_operation(),
        list::custom_operation(),
        get::custom_operation(),
        put::operation(),
        delete::operation(),
    ]
}

/// A marketing action as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "MarketingAction", example = json!({"name": "analyticsDB", "description": "Push data to an external database"}))]
pub(crate) struct MarketingAction {
    /// What everything refers to it by: without blanks and slashes.
    name: String,
    /// What it means.
    description: Option<String>,
}

/// A marketing action of the product. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CoreMarketingAction", example = json!({
    "name": "exportToThirdParty", "friendlyName": "Export to Third Party", "description": "Hand data to another company",
    "imsOrg": "core",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/exportToThirdParty"}}
}))]
pub(crate) struct CoreMarketingAction {
    #[serde(flatten)]
    action: MarketingAction,
    /// A short name for people.
    #[serde(rename = "friendlyName")]
    friendly_name: String,
    /// Always `core`.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// Where it is found.
    _links: SelfLinks,
}

/// A marketing action of the organisation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CustomMarketingAction", example = json!({
    "name": "analyticsDB", "description": "Push data to an external database",
    "imsOrg": "outflow", "sandboxName": "prod", "created": 1670284443204_i64, "createdClient": "admin",
    "createdUser": "admin", "updated": 1670284443204_i64, "updatedClient": "admin", "updatedUser": "admin", "etag": "\"1\"",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/marketingActions/custom/analyticsDB"}}
}))]
pub(crate) struct CustomMarketingAction {
    #[serde(flatten)]
    action: MarketingAction,
    #[serde(flatten)]
    custom: Custom,
}

/// A page of marketing actions of the product. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CoreMarketingActions", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct CoreMarketingActions {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The actions.
    children: Vec<CoreMarketingAction>,
}

/// A page of marketing actions of the organisation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CustomMarketingActions", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct CustomMarketingActions {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The actions.
    children: Vec<CustomMarketingAction>,
}

const CORE: &str = "/marketingActions/core";
const CUSTOM: &str = "/marketingActions/custom";

/// A custom marketing action as answers show it.
fn show(api: &Api, base: &Base, document: &Document) -> Value {
    Value::Object(custom(api, document, &base.object(CUSTOM, &document.id)))
}
