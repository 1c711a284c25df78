//! `GET /marketingActions/core/{id}/constraints` and `GET /marketingActions/custom/{id}/constraints`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::judge::{EntityRequest, EvaluationRequest, EvaluationSubject};
use outflow_governance::{Label, SchemaPath};
use outflow_model::flow::{ActionOwner, MarketingAction};
use serde_json::Value;
use utoipa::IntoParams;

use super::{Asking, Constraints, Evaluator};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};
use crate::id::Id;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::Base;

/// Labels, or fields of a dataset, that a request names.
const NAMED_MAX: usize = 1_000;

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_evaluate_core_by_labels, _, _>(evaluate_core_by_labels)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_evaluate_custom_by_labels, _, _>(evaluate_custom_by_labels)
}

/// What is asked about. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct Question {
    /// Labels that the data would have, with commas between them.
    #[param(rename = "duleLabels", example = "C1,C3")]
    dule_labels: Option<String>,
    /// Instead of labels: a dataset whose labels count.
    #[param(rename = "dataSetId")]
    data_set_id: Option<String>,
    /// With a dataset: its fields that count, with commas between them; all without it.
    #[param(example = "/properties/personalEmail/properties/address")]
    fields: Option<String>,
    /// Whether policies that are drafts have a say, too.
    #[param(rename = "includeDraft", example = false)]
    include_draft: Option<bool>,
}

/// Ask what a core action would violate
///
/// On data with these labels, or on a dataset as it is labelled.
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/core/{id}/constraints",
    tag = "policy evaluation",
    params(("id" = String, Path, description = "The action's name."), Question),
    responses((status = 200, description = "The policies that it would violate.", body = Constraints))
)]
async fn evaluate_core_by_labels(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(name): Id,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let action = MarketingAction { owner: ActionOwner::Core, name };
    evaluate(&Asking { api: &api, base: &base, caller: &caller }, action, &parameters).await
}

/// Ask what a custom action would violate
///
/// On data with these labels, or on a dataset as it is labelled.
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/marketingActions/custom/{id}/constraints",
    tag = "policy evaluation",
    params(("id" = String, Path, description = "The action's name."), Question),
    responses((status = 200, description = "The policies that it would violate.", body = Constraints))
)]
async fn evaluate_custom_by_labels(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(name): Id,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let action = MarketingAction { owner: ActionOwner::Custom, name };
    evaluate(&Asking { api: &api, base: &base, caller: &caller }, action, &parameters).await
}

async fn evaluate(asking: &Asking<'_>, action: MarketingAction, parameters: &Parameters) -> ApiResult<Answer<Value>> {
    let include_drafts = parameters.flag("includeDraft")?.unwrap_or(false);
    let requests = [EvaluationRequest { action, include_drafts, subject: subject(parameters)? }];
    let evaluator = {
        let mut reader = asking.api.store.read().await?;
        Evaluator::load(&mut reader, &asking.caller.sandbox, &requests).await?
    };
    let [request] = &requests;
    evaluator.answer(asking, request, "dataSetId").map(Answer)
}

/// What the parameters ask about.
fn subject(parameters: &Parameters) -> ApiResult<EvaluationSubject> {
    let (labels, fields) = (listed(parameters, "duleLabels")?, listed(parameters, "fields")?);
    match (labels.as_slice(), parameters.last("dataSetId")) {
        ([], Some(id)) => {
            let paths = read(&fields, "fields", SchemaPath::parse_field)?;
            let fields = (!paths.is_empty()).then_some(paths);
            Ok(EvaluationSubject::Entities(vec![EntityRequest { entity_id: id.to_owned(), fields }]))
        }
        ([_, ..], None) if fields.is_empty() => read(&labels, "duleLabels", Label::new).map(EvaluationSubject::Labels),
        ([_, ..], None) => Err(crate::page::invalid("fields", "needs dataSetId")),
        ([], None) => Err(crate::page::invalid("duleLabels", "is missing: give labels, or dataSetId")),
        ([_, ..], Some(_)) => {
            Err(crate::page::invalid("dataSetId", "is given beside duleLabels: give the one or the other"))
        }
    }
}

/// The values of a parameter, with commas between them or given several times.
fn listed(parameters: &Parameters, name: &str) -> ApiResult<Vec<String>> {
    let values = parameters.all(name).flat_map(|text| text.split(',')).map(str::trim);
    let values: Vec<String> = values.filter(|value| !value.is_empty()).map(str::to_owned).collect();
    match values.len() > NAMED_MAX {
        true => Err(crate::page::invalid(name, &format!("has more than {NAMED_MAX} values"))),
        false => Ok(values),
    }
}

fn read<T>(values: &[String], name: &str, parse: impl Fn(&str) -> Result<T, String>) -> ApiResult<Vec<T>> {
    let mut read = Vec::with_capacity(values.len());
    let mut problems = Vec::new();
    for value in values {
        match parse(value) {
            Ok(value) => read.push(value),
            Err(problem) => {
                problems.push(Problem::new(name, format!("`{}` {problem}", crate::error::printable(value))));
            }
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(ApiError::invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const SERVICE: &str = "/data/foundation/dulepolicy";

    #[tokio::test]
    async fn labels_are_held_against_enabled_policies_and_drafts_where_asked() {
        let server = Server::start().await;
        let client = server.client();
        let path = format!("{SERVICE}/marketingActions/core/exportToThirdParty/constraints");
        let violated = async |query: &str| {
            let answer = client.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body["violatedPolicies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| p["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert!(violated("duleLabels=C1,C2").await.is_empty());
        assert_eq!(violated("duleLabels=C1,C2&includeDraft=true").await, ["corepolicy_0001"]);
        let enabled = client
            .put(&format!("{SERVICE}/enabledCorePolicies"), None, &json!({"policyIds": ["corepolicy_0001"]}))
            .await;
        assert_eq!(enabled.status, 200, "{}", enabled.text);
        assert_eq!(violated("duleLabels=C2").await, ["corepolicy_0001"]);
        assert!(violated("duleLabels=C1").await.is_empty());
        let answer = client.get(&format!("{path}?duleLabels=C2,Nope")).await;
        assert_eq!(answer.body["warnings"][0]["message"], "there is no label Nope", "{}", answer.text);
        let reference = answer.body["marketingActionRef"].as_str().unwrap();
        assert!(path.contains(reference.strip_prefix(&server.url()).unwrap()), "{reference}");
    }

    #[tokio::test]
    async fn odd_questions_are_refused() {
        let server = Server::start().await;
        let base = format!("{SERVICE}/marketingActions");
        for (query, field) in [
            ("", "duleLabels"),
            ("duleLabels=", "duleLabels"),
            ("duleLabels=a%20b,C1", "duleLabels"),
            ("duleLabels=C1&dataSetId=x", "dataSetId"),
            ("duleLabels=C1&fields=a", "fields"),
            ("dataSetId=x&fields=a..b", "fields"),
            ("duleLabels=C1&includeDraft=maybe", "includeDraft"),
            ("dataSetId=x", "dataSetId/0/entityId"),
        ] {
            let refused = server.client().get(&format!("{base}/core/analytics/constraints?{query}")).await;
            assert_eq!((refused.status, refused.fields()), (400, vec![field.to_owned()]), "{query}: {}", refused.text);
        }
        for name in ["core/none", "custom/analytics"] {
            let missing = server.client().get(&format!("{base}/{name}/constraints?duleLabels=C1")).await;
            assert_eq!(missing.status, 404, "{name}: {}", missing.text);
        }
    }
}
