//! Where which labels meet, which marketing actions are denied: `/data/foundation/dulepolicy/policies`, and which core
//! policies are on.

mod create;
mod delete;
mod enabled_get;
mod enabled_put;
mod get;
mod list;
mod patch;
mod put;

use outflow_governance::Policy as GovernancePolicy;
use outflow_model::problem::Problem;
use outflow_store::{Document, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};
use crate::governance::PausedFlow;
use crate::operation::Operation;
use crate::policy_service::{Custom, Known, PageInfo, PageLinks, SelfLinks, invalid, none, own_members};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::core_operation(),
        get::core_operation(),
        list::custom_operation(),
        create::operation(),
        get::custom_operation(),
        put::operation(),
        patch::operation(),
        delete::operation(),
        enabled_get::operation(),
        enabled_put::operation(),
    ]
}

/// A policy as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Policy", example = json!({
    "name": "Email Policy", "status": "ENABLED",
    "marketingActionRefs": ["/dulepolicy/marketingActions/core/emailTargeting"],
    "description": "Where nobody is written to",
    "deny": {"operator": "AND", "operands": [{"label": "C1"}, {"operator": "OR", "operands": [{"label": "C3"}, {"label": "C7"}]}]}
}))]
pub(crate) struct Policy {
    /// What people call it.
    name: String,
    /// `DRAFT` without it: only enabled ones are enforced.
    status: Option<PolicyStatus>,
    /// The actions that it denies, each by its address.
    #[serde(rename = "marketingActionRefs")]
    marketing_action_refs: Vec<String>,
    /// Why.
    description: Option<String>,
    /// Where it denies them.
    deny: LabelExpression,
}

/// Whether a policy has a say. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(title = "PolicyStatus")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) enum PolicyStatus {
    Draft,
    Enabled,
    Disabled,
}

/// How conditions are joined. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(title = "Operator")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) enum Operator {
    And,
    Or,
}

/// A condition of labels. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(title = "LabelExpression")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum LabelExpression {
    /// Data has a label.
    Label { label: String },
    /// All of several conditions, or one of them.
    Joined {
        operator: Operator,
        #[schema(no_recursion)]
        operands: Vec<LabelExpression>,
    },
}

/// A policy as it is shown; core ones have no more than `imsOrg` and `_links` beside their own members. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownPolicy", example = json!({
    "id": "corepolicy_0003", "name": "Restrict email targeting", "status": "ENABLED",
    "marketingActionRefs": ["https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting"],
    "description": "Keeps data out of targeting by e-mail", "deny": {"label": "C4"}, "imsOrg": "core",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/policies/core/corepolicy_0003"}}
}))]
pub(crate) struct ShownPolicy {
    /// The policy's id.
    id: String,
    #[serde(flatten)]
    policy: Policy,
    /// The organisation, as the server is set up; `core` for those of the product.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// Where it is found.
    _links: SelfLinks,
}

/// A policy of the organisation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "CustomPolicy", example = json!({
    "id": "76131228-7654-11e8-adc0-fa7ae01bbebc", "name": "Email Policy", "status": "ENABLED",
    "marketingActionRefs": ["https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting"],
    "description": "Where nobody is written to", "deny": {"label": "C4"},
    "imsOrg": "outflow", "sandboxName": "prod", "created": 1670284443204_i64, "createdClient": "admin",
    "createdUser": "admin", "updated": 1670284443204_i64, "updatedClient": "admin", "updatedUser": "admin", "etag": "\"1\"",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/policies/custom/76131228-7654-11e8-adc0-fa7ae01bbebc"}}
}))]
pub(crate) struct CustomPolicy {
    /// The policy's id.
    id: String,
    #[serde(flatten)]
    policy: Policy,
    #[serde(flatten)]
    custom: Custom,
    /// Flows that the change paused, where it was asked to.
    #[serde(rename = "pausedFlows")]
    paused_flows: Option<Vec<PausedFlow>>,
}

/// A page of policies. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Policies", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct PolicyPage {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The policies.
    children: Vec<ShownPolicy>,
}

/// Which core policies are on. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "EnabledCorePolicies", example = json!({"policyIds": ["corepolicy_0001"]}))]
pub(crate) struct EnabledCorePolicies {
    /// Their ids; all others are off.
    #[serde(rename = "policyIds")]
    policy_ids: Vec<String>,
}

/// The same as it is shown: who changed it and when only where somebody did. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownEnabledCorePolicies", example = json!({
    "policyIds": ["corepolicy_0001"], "imsOrg": "outflow", "sandboxName": "prod", "etag": "\"1\"",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/enabledCorePolicies"}}
}))]
pub(crate) struct ShownEnabledCorePolicies {
    #[serde(flatten)]
    enabled: EnabledCorePolicies,
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// The sandbox it is in.
    #[serde(rename = "sandboxName")]
    sandbox_name: String,
    /// Its version, in quotes, as `If-Match` takes it; `"0"` where nobody changed it yet.
    etag: String,
    /// Where it is found.
    _links: SelfLinks,
    /// Flows that the change paused, where it was asked to.
    #[serde(rename = "pausedFlows")]
    paused_flows: Option<Vec<PausedFlow>>,
}

const CORE: &str = "/policies/core";
const CUSTOM: &str = "/policies/custom";

/// A policy that may be saved, and its body as it is kept: references without an address, and everything that may be left
/// out.
struct Read {
    policy: GovernancePolicy,
    body: Map<String, Value>,
}

/// Reads a body.
///
/// # Errors
/// 400 with every problem.
fn read(id: &str, body: Map<String, Value>) -> ApiResult<Read> {
    let mut body = own_members(body)?;
    let policy = GovernancePolicy::parse(id, &Value::Object(body.clone())).map_err(invalid)?;
    if let Value::Object(mut members) = json!(policy) {
        members.remove("id");
        body.extend(members);
    }
    Ok(Read { policy, body })
}

/// The policy of a document.
///
/// # Errors
/// 500 where it is none.
fn stored(document: &Document) -> ApiResult<GovernancePolicy> {
    let unreadable = |_| ApiError::internal("a policy that was saved cannot be read");
    GovernancePolicy::parse(&document.id, &document.body).map_err(unreadable)
}

/// Checks that there is what a policy names. In the transaction that saves it, after the look at the flows, so that nothing
/// of it goes away meanwhile.
///
/// # Errors
/// 400 with every problem.
async fn check(tx: &mut Tx, sandbox: &str, policy: &GovernancePolicy) -> ApiResult<()> {
    let known = Known::load(tx, sandbox).await?;
    let problems: Vec<Problem> =
        policy.check(&|label: &_| known.has_label(label), &|action: &_| known.has_action(action));
    none(problems)
}
