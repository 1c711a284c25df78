//! Who is left out of which exports: `/data/foundation/dulepolicy/consentPolicies`. They forbid no flow; profiles that have not
//! agreed are withheld from what they apply to.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod put;

use outflow_governance::ConsentPolicy as GovernancePolicy;
use outflow_model::schema::Schema;
use outflow_store::{Document, Reader, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::context::Api;
use crate::datasets;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::policies::{Operator, PolicyStatus};
use crate::policy_service::{Base, Custom, Known, PageInfo, PageLinks, custom, invalid, none, own_members};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        put::operation(),
        patch::operation(),
        delete::operation(),
    ]
}

/// A consent policy as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ConsentPolicy", example = json!({
    "name": "E-mail needs consent", "description": "Who has not agreed is not written to", "status": "DISABLED",
    "if": {"marketingActionRef": "/dulepolicy/marketingActions/core/emailTargeting"},
    "then": {"path": "consents.marketing.email", "values": ["y"]}
}))]
pub(crate) struct ConsentPolicy {
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// `DISABLED` without it: only enabled ones apply.
    status: Option<PolicyStatus>,
    /// When it applies.
    #[serde(rename = "if")]
    when: ConsentCondition,
    /// What a profile must say then. Who says nothing has not agreed.
    then: ConsentAgreement,
}

/// When a consent policy applies. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(title = "ConsentCondition")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum ConsentCondition {
    /// A flow has a marketing action.
    Action {
        #[serde(rename = "marketingActionRef")]
        marketing_action_ref: String,
    },
    /// An export uses data with a label.
    Label { label: String },
    /// All of several conditions, or one of them.
    Joined {
        operator: Operator,
        #[schema(no_recursion)]
        operands: Vec<ConsentCondition>,
    },
}

/// What a profile must say. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(title = "ConsentAgreement")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum ConsentAgreement {
    /// A field has one of some values.
    Field { path: String, values: Vec<String> },
    /// All of several, or one of them.
    Joined {
        operator: Operator,
        #[schema(no_recursion)]
        operands: Vec<ConsentAgreement>,
    },
}

/// A consent policy as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownConsentPolicy", example = json!({
    "id": "0b1c3d5e-7654-41e8-adc0-fa7ae01bbebc", "name": "E-mail needs consent", "description": "", "status": "DISABLED",
    "if": {"label": "I1"}, "then": {"path": "consents.marketing.email", "values": ["y"]},
    "imsOrg": "outflow", "sandboxName": "prod", "created": 1670284443204_i64, "createdClient": "admin",
    "createdUser": "admin", "updated": 1670284443204_i64, "updatedClient": "admin", "updatedUser": "admin", "etag": "\"1\"",
    "_links": {"self": {"href": "https://outflow.example/data/foundation/dulepolicy/consentPolicies/0b1c3d5e-7654-41e8-adc0-fa7ae01bbebc"}}
}))]
pub(crate) struct ShownConsentPolicy {
    /// The policy's id.
    id: String,
    #[serde(flatten)]
    policy: ConsentPolicy,
    #[serde(flatten)]
    custom: Custom,
}

/// A page of consent policies. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ConsentPolicies", example = json!({"_page": {"count": 0, "totalCount": 0}, "_links": {
    "page": {"href": ""}, "_page": {"href": "", "templated": "true"}
}, "children": []}))]
pub(crate) struct ConsentPolicies {
    /// What the page says of itself.
    _page: PageInfo,
    /// The next page.
    _links: PageLinks,
    /// The policies.
    children: Vec<ShownConsentPolicy>,
}

const PATH: &str = "/consentPolicies";

/// A consent policy as answers show it.
fn show(api: &Api, base: &Base, document: &Document) -> Value {
    let mut shown = Map::from_iter([("id".to_owned(), json!(document.id))]);
    shown.extend(custom(api, document, &base.object(PATH, &document.id)));
    Value::Object(shown)
}

/// A consent policy that may be saved, and its body as it is kept, with everything that may be left out.
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

/// The fields of profiles. Read before the transaction, in which nobody else can write, begins.
async fn schema(api: &Api, sandbox: &str) -> ApiResult<Option<Schema>> {
    let mut reader: Reader = api.store.read().await?;
    datasets::union_schema(&mut reader, sandbox).await
}

/// Checks that there is what a policy names. Holds the sandbox's governance until `tx` ends, so that nothing of it goes away
/// meanwhile. What it named `before` is not looked for: its attributes may have gone away since, or the profiles may not be
/// readable, and it is renamed and switched off all the same.
///
/// # Errors
/// 400 with every problem; where the fields are asked for, why they are not known.
async fn check(
    tx: &mut Tx,
    sandbox: &str,
    read: &Read,
    schema: &ApiResult<Option<Schema>>,
    before: Option<&Document>,
) -> ApiResult<()> {
    tx.lock_governance(sandbox).await?;
    let is_same = |member: &str| before.is_some_and(|before| before.body.get(member) == read.body.get(member));
    let schema = match is_same("then") {
        true if is_same("if") => return Ok(()),
        true => None,
        false => schema.as_ref().map_err(ApiError::clone)?.as_ref(),
    };
    let known = Known::load(tx, sandbox).await?;
    none(read.policy.check(schema, &|label: &_| known.has_label(label), &|action: &_| known.has_action(action)))
}
