//! What is special about data: `/data/foundation/dulepolicy/labels`. Which datasets and fields have them is in
//! `dataset_labels`.

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
    ]
}

/// A label as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Label", example = json!({
    "name": "L2", "category": "Custom", "friendlyName": "Purchase history", "description": "Tells what somebody bought"
}))]
pub(crate) struct Label {
    /// What everything refers to it by: without blanks and commas; upper and lower case differ.
    name: String,
    /// `Custom`; of core labels `Contract`, `Identity`, `Sensitive` or `Partner Ecosystem`.
    category: String,
    /// A short name for people; the name without it.
    #[serde(rename = "friendlyName")]
    friendly_name: Option<String>,
    /// What it means.
    description: Option<String>,
}

/// A label of the product. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CoreLabel", example = json!({
    "name": "C1", "category": "Contract", "friendlyName": "Aggregate export only", "description": "Leaves only aggregated",
    "imsOrg": "core", "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/labels/core/C1"}}
}))]
pub(crate) struct CoreLabel {
    #[serde(flatten)]
    label: Label,
    /// Always `core`.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// Where it is found.
    _links: SelfLinks,
}

/// A label of the organisation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CustomLabel", example = json!({
    "name": "L2", "category": "Custom", "friendlyName": "Purchase history", "description": "Tells what somebody bought",
    "imsOrg": "outflow", "sandboxName": "prod", "created": 1670284443204_i64, "createdClient": "admin",
    "createdUser": "admin", "updated": 1670284443204_i64, "updatedClient": "admin", "updatedUser": "admin",
    "etag": "\"1\"", "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/labels/custom/L2"}}
}))]
pub(crate) struct CustomLabel {
    #[serde(flatten)]
    label: Label,
    #[serde(flatten)]
    custom: Custom,
}

/// A page of labels of the product. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CoreLabels", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct CoreLabels {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The labels.
    children: Vec<CoreLabel>,
}

/// A page of labels of the organisation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CustomLabels", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct CustomLabels {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The labels.
    children: Vec<CustomLabel>,
}

const CORE: &str = "/labels/core";
const CUSTOM: &str = "/labels/custom";

/// A custom label as answers show it.
fn show(api: &Api, base: &Base, document: &Document) -> Value {
    Value::Object(custom(api, document, &base.object(CUSTOM, &document.id)))
}
