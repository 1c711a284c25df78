//! `POST /flows/policyCheck`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::judge::VIOLATIONS_TOLD_MAX;
use outflow_model::access::AccessScope;
use outflow_runner::governance::{FlowFacts, Ground};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Flow;
use super::assumed::{self, Taken};
use super::check::{Checked, checked, schema};
use super::govern::{facts_assuming, keep_pause};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::datasets::blocking;
use crate::document;
use crate::error::{ApiResult, Problem};
use crate::governance::{ShownViolation, told};
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_check, _, _>(check).needs(AccessScope::Read)
}

/// What saving a flow would say.
#[derive(Serialize, ToSchema)]
#[schema(title = "PolicyCheck", example = json!({
    "allowed": true, "violations": [], "violationsTotal": 0, "consent": [{"segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "policies": [
        {"id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11", "name": "E-mail only with consent", "allowed": "consents.email = \"y\""}
    ]}]
}))]
struct PolicyCheck {
    /// Whether it violates nothing.
    allowed: bool,
    /// The policies that it violates, by segment, the first 100: why, the way of the data, and what would resolve it.
    #[schema(value_type = Vec<ShownViolation>)]
    violations: Vec<Value>,
    /// How many there are in all.
    #[serde(rename = "violationsTotal")]
    violations_total: usize,
    /// The consent policies that leave profiles out, of each segment that has any.
    consent: Vec<SegmentConsent>,
    /// What is allowed but unwise, or not there yet, by its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Problem>,
}

/// What consent policies ask of the profiles of a segment.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentConsent")]
struct SegmentConsent {
    /// The segment.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// The policies, all of which a profile must satisfy.
    policies: Vec<AskedConsent>,
}

/// What one consent policy asks.
#[derive(Serialize, ToSchema)]
#[schema(title = "AskedConsent")]
struct AskedConsent {
    /// The policy's id.
    id: String,
    /// Its name.
    name: String,
    /// The rule that is true of profiles that are exported.
    allowed: String,
}

/// Check a flow against policies
///
/// Saves nothing. The body is a flow as it would be created, or one as it is shown, changed or not: what is wrong with it is
/// answered as saving would. Saving refuses a new flow, or one that is enabled, for any of `violations`, and another one for
/// those that it did not have before. With the member `assumed` it says what policies would say if that were so: `policies`
/// (custom ones as they are shown, by their `id`), `enabledCorePolicies` (all ids that are on), `datasetLabels` (all labels
/// of datasets, by the dataset's id), `segments` (as they are shown, by their `id`), `marketingActions` (references to
/// those that there are not yet), and `targetActions` (references to all marketing actions of targets, by the target's id).
/// An id that names nothing of the sandbox is answered with 400.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows/policyCheck",
    tag = "flows",
    request_body = Flow,
    responses((status = 200, description = "What policies say.", body = PolicyCheck))
)]
async fn check(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(mut body): JsonObject,
) -> ApiResult<Answer<PolicyCheck>> {
    let taken = assumed::take(&mut body)?;
    let Examined { flow, facts, ground, .. } = examine(&api, &caller, body, &taken).await?;
    let judge = move || {
        let verdict = ground.judge(&facts);
        Ok(PolicyCheck {
            allowed: verdict.is_allowed(),
            violations: told(&caller, &verdict, VIOLATIONS_TOLD_MAX),
            violations_total: verdict.violations_total(),
            consent: flow.segments.iter().filter_map(|segment| consent(&ground, &facts, segment)).collect(),
            warnings: flow.warnings,
        })
    };
    blocking(judge).await.map(Answer)
}

/// A flow as it is sent, and what its judgement looks at.
pub(super) struct Examined {
    /// What it would be saved as.
    pub(super) flow: Checked,
    /// Its body.
    pub(super) body: Value,
    /// What it uses.
    pub(super) facts: FlowFacts,
    /// What is so.
    pub(super) ground: Ground,
}

/// Reads a flow that is not saved: as it would be created, or as it is shown. `taken` is what counts as if it were so.
///
/// # Errors
/// 400 as saving it would answer, and where `taken` names what is not there.
pub(super) async fn examine(
    api: &Api,
    caller: &Caller,
    body: Map<String, Value>,
    taken: &Taken,
) -> ApiResult<Examined> {
    let sandbox = caller.sandbox.as_str();
    let schema = schema(api, sandbox).await?;
    let mut reader = api.store.read().await?;
    taken.check(&mut reader, sandbox).await?;
    let saved = match body.get("id").and_then(Value::as_str) {
        Some(id) => reader.find::<outflow_store::Flow>(sandbox, id).await?,
        None => None,
    };
    let mut body = document::own_members(body);
    body.retain(|name, _| !super::SHOWN_BESIDE.contains(&name.as_str()));
    keep_pause(&mut body, None);
    let mut flow = checked(api, &mut reader, sandbox, saved.as_deref(), body, schema.as_ref()).await?;
    let name = document::name_of(&flow.body).to_owned();
    let body = Value::Object(std::mem::take(&mut flow.body));
    let id = saved.as_ref().map_or("", |flow| &flow.id);
    let mut facts = facts_assuming(api, &mut reader, sandbox, id, &name, &body, &taken.purposes).await?;
    let more: Vec<_> = taken.actions.iter().filter(|action| !facts.actions.contains(action)).cloned().collect();
    facts.actions.extend(more);
    let ground = api.runner.ground_assuming(&mut reader, sandbox, &taken.assumed).await?;
    Ok(Examined { flow, body, facts, ground })
}

fn consent(ground: &Ground, facts: &FlowFacts, segment: &str) -> Option<SegmentConsent> {
    let asked = ground.consent(facts, segment).into_iter().map(|rule| AskedConsent {
        id: rule.policy_id,
        name: rule.policy_name,
        allowed: rule.allowed.to_string(),
    });
    let policies: Vec<AskedConsent> = asked.collect();
    (!policies.is_empty()).then(|| SegmentConsent { segment_id: segment.to_owned(), policies })
}
