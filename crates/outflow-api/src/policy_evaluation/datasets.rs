//! `POST /marketingActions/core/{id}/constraints` and `POST /marketingActions/custom/{id}/constraints`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::judge::{EntityRequest, EvaluationRequest, EvaluationSubject};
use outflow_model::access::AccessScope;
use outflow_model::flow::{ActionOwner, MarketingAction};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Asking, Constraints, Evaluator};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::{Base, invalid};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_evaluate_core_by_datasets, _, _>(evaluate_core_by_datasets).needs(AccessScope::Read)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_evaluate_custom_by_datasets, _, _>(evaluate_custom_by_datasets).needs(AccessScope::Read)
}

/// A dataset that is asked about. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AskedDataset", example = json!({
    "entityType": "dataSet", "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a", "entityMeta": {"fields": ["/properties/email"]}
}))]
pub(super) struct AskedDataset {
    /// Always `dataSet`.
    #[serde(rename = "entityType")]
    entity_type: String,
    /// The dataset's id.
    #[serde(rename = "entityId")]
    entity_id: String,
    /// `fields`: those that count; all without it.
    #[serde(rename = "entityMeta")]
    entity_meta: Option<Value>,
}

/// Ask what a core action would violate on datasets
///
/// On the data of these datasets put together, as they are labelled.
#[utoipa::path(
    post,
    path = "/data/foundation/dulepolicy/marketingActions/core/{id}/constraints",
    tag = "policy evaluation",
    params(
        ("id" = String, Path, description = "The action's name."),
        ("includeDraft" = Option<bool>, Query, description = "Whether policies that are drafts have a say, too.")
    ),
    request_body(content = Vec<AskedDataset>, example = json!([{"entityType": "dataSet", "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a"}])),
    responses((status = 200, description = "The policies that it would violate.", body = Constraints))
)]
async fn evaluate_core_by_datasets(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(name): Id,
    parameters: Parameters,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let action = MarketingAction { owner: ActionOwner::Core, name };
    evaluate(&Asking { api: &api, base: &base, caller: &caller }, action, &parameters, &body).await
}

/// Ask what a custom action would violate on datasets
///
/// On the data of these datasets put together, as they are labelled.
#[utoipa::path(
    post,
    path = "/data/foundation/dulepolicy/marketingActions/custom/{id}/constraints",
    tag = "policy evaluation",
    params(
        ("id" = String, Path, description = "The action's name."),
        ("includeDraft" = Option<bool>, Query, description = "Whether policies that are drafts have a say, too.")
    ),
    request_body(content = Vec<AskedDataset>, example = json!([{"entityType": "dataSet", "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a"}])),
    responses((status = 200, description = "The policies that it would violate.", body = Constraints))
)]
async fn evaluate_custom_by_datasets(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(name): Id,
    parameters: Parameters,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let action = MarketingAction { owner: ActionOwner::Custom, name };
    evaluate(&Asking { api: &api, base: &base, caller: &caller }, action, &parameters, &body).await
}

async fn evaluate(
    asking: &Asking<'_>,
    action: MarketingAction,
    parameters: &Parameters,
    body: &Value,
) -> ApiResult<Answer<Value>> {
    let include_drafts = parameters.flag("includeDraft")?.unwrap_or(false);
    let subject = EvaluationSubject::Entities(EntityRequest::parse_list(body).map_err(invalid)?);
    let requests = [EvaluationRequest { action, include_drafts, subject }];
    let evaluator = {
        let mut reader = asking.api.store.read().await?;
        Evaluator::load(&mut reader, &asking.caller.sandbox, &requests).await?
    };
    let [request] = &requests;
    evaluator.answer(asking, request, "").map(Answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const SERVICE: &str = "/data/foundation/dulepolicy";

    #[tokio::test]
    async fn a_dataset_answers_with_its_labels() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let labels = json!({"labels": ["C2"], "optionalLabels": [
            {"option": {"schemaPath": "/properties/email"}, "labels": ["I1", "C4"]}
        ]});
        let put = client.put(&format!("/data/foundation/dataset/datasets/{dataset}/labels"), Some("*"), &labels).await;
        assert_eq!(put.status, 200, "{}", put.text);
        let path = format!("{SERVICE}/marketingActions/core/emailTargeting/constraints?includeDraft=true");
        let whole = json!([{"entityType": "dataSet", "entityId": dataset}]);
        let answer = client.post(&path, &whole).await;
        assert_eq!((answer.status, &answer.body["duleLabels"]), (200, &json!(["C2", "C4", "I1"])), "{}", answer.text);
        assert_eq!(answer.body["violatedPolicies"][0]["id"], "corepolicy_0003");
        let one = json!([{"entityType": "dataSet", "entityId": dataset, "entityMeta": {"fields": ["crmId"]}}]);
        let answer = client.post(&path, &one).await;
        assert_eq!((&answer.body["duleLabels"], &answer.body["violatedPolicies"]), (&json!(["C2"]), &json!([])));
        let asked = format!("{path}&dataSetId={dataset}&fields=email");
        assert_eq!(client.get(&asked).await.body["duleLabels"], json!(["C2", "C4", "I1"]));
        let other = client.in_sandbox("dev").post(&path, &whole).await;
        assert_eq!((other.status, other.fields()), (400, vec!["/0/entityId".to_owned()]), "{}", other.text);
    }

    #[tokio::test]
    async fn a_reader_may_ask_and_nobody_may_ask_for_everything() {
        let server = Server::start().await;
        let reader = server.as_client("reader", &["read"]).await;
        let path = format!("{SERVICE}/marketingActions/core/emailTargeting/constraints");
        assert_eq!(reader.post(&path, &json!([])).await.status, 200);
        let many: Vec<_> = (0..101).map(|n| json!({"entityType": "dataSet", "entityId": n.to_string()})).collect();
        assert_eq!(reader.post(&path, &json!(many)).await.status, 400);
        assert_eq!(reader.post(&path, &json!({})).await.status, 400);
    }
}
