//! `POST /bulk-eval`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::judge::EvaluationRequest;
use outflow_model::access::AccessScope;
use outflow_model::problem::{Problem, Problems};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Asking, Constraints, Evaluator};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::datasets::blocking;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::policy_service::{Base, invalid};

/// Evaluations of one request.
const EVALUATIONS_MAX: usize = 100;
/// Policies that all answers of one request name together.
const VIOLATED_MAX: usize = 2_000;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_bulk_evaluate, _, _>(bulk_evaluate).needs(AccessScope::Read)
}

/// One evaluation of many. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Evaluation", example = json!({
    "evalRef": "/dulepolicy/marketingActions/core/emailTargeting/constraints", "includeDraft": false, "labels": ["C1", "C3"]
}))]
struct Evaluation {
    /// The action's address with `/constraints` behind it.
    #[serde(rename = "evalRef")]
    eval_ref: String,
    /// Whether policies that are drafts have a say, too.
    #[serde(rename = "includeDraft")]
    include_draft: Option<bool>,
    /// Labels that the data would have.
    labels: Option<Vec<String>>,
    /// Instead of labels: datasets, as in a request for one evaluation.
    #[serde(rename = "entityList")]
    entity_list: Option<Vec<super::datasets::AskedDataset>>,
}

/// The answer to one evaluation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Evaluated", example = json!({"status": 404, "error": {
    "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is no marketing action none"
}}))]
struct Evaluated {
    /// The status that it would have alone.
    status: u16,
    /// What it would answer alone.
    body: Option<Constraints>,
    /// Why it has none.
    error: Option<Value>,
}

/// Ask what many actions would violate
///
/// The answers are in the order of the questions.
#[utoipa::path(
    post,
    path = "/data/foundation/dulepolicy/bulk-eval",
    tag = "policy evaluation",
    request_body(content = Vec<Evaluation>, example = json!([{"evalRef": "/dulepolicy/marketingActions/core/emailTargeting/constraints", "labels": ["C1"]}])),
    responses((status = 200, description = "An answer for each.", body = Vec<Evaluated>, example = json!([])))
)]
async fn bulk_evaluate(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let requests = read(&body)?;
    let evaluator = {
        let mut reader = api.store.read().await?;
        Evaluator::load(&mut reader, &caller.sandbox, &requests).await?
    };
    let answers = blocking(move || {
        let asking = Asking { api: &api, base: &base, caller: &caller };
        let mut answers: Vec<Value> = Vec::with_capacity(requests.len());
        let mut violated = 0;
        for request in &requests {
            let answer = match evaluator.answer(&asking, request, "/entityList") {
                Ok(body) => {
                    violated += body["violatedPolicies"].as_array().map_or(0, Vec::len);
                    json!({"status": 200, "body": body})
                }
                Err(error) => {
                    let (status, body) = error.told();
                    json!({"status": status, "error": body})
                }
            };
            if violated > VIOLATED_MAX {
                return Ok(None);
            }
            answers.push(answer);
        }
        Ok(Some(answers))
    })
    .await?;
    let answers = answers.ok_or_else(|| {
        let text = format!("the answers name more than {VIOLATED_MAX} policies");
        ApiError::bad_request(text).hint("Ask for fewer at a time.")
    })?;
    Ok(Answer(Value::Array(answers)))
}

/// The questions, each whole.
fn read(body: &Value) -> ApiResult<Vec<EvaluationRequest>> {
    let Some(items) = body.as_array() else {
        return Err(ApiError::bad_request("the body must be a list of evaluations"));
    };
    if items.len() > EVALUATIONS_MAX {
        return Err(ApiError::bad_request(format!("a request has at most {EVALUATIONS_MAX} evaluations")));
    }
    let mut requests = Vec::with_capacity(items.len());
    let mut problems: Vec<Problem> = Vec::new();
    for (number, item) in items.iter().enumerate() {
        match EvaluationRequest::parse(item) {
            Ok(request) => requests.push(request),
            Err(Problems(found)) => problems.extend(
                found.into_iter().map(|problem| Problem { field: format!("/{number}{}", problem.field), ..problem }),
            ),
        }
    }
    if problems.is_empty() { Ok(requests) } else { Err(invalid(Problems(problems))) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/bulk-eval";

    #[tokio::test]
    async fn each_question_has_its_own_answer() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let action = |name: &str| {
            format!("https://other.example:443/data/foundation/dulepolicy/marketingActions/{name}/constraints")
        };
        let asked = json!([
            {"evalRef": action("core/combineData"), "includeDraft": true, "labels": ["C3"]},
            {"evalRef": action("custom/none"), "labels": ["C3"]},
            {"evalRef": action("core/combineData"), "entityList": [{"entityType": "dataSet", "entityId": dataset}]},
            {"evalRef": action("core/combineData"), "entityList": [{"entityType": "dataSet", "entityId": "none"}]},
        ]);
        let answer = server.client().post(PATH, &asked).await;
        let told: Vec<u64> =
            answer.body.as_array().unwrap().iter().map(|each| each["status"].as_u64().unwrap()).collect();
        assert_eq!(told, [200, 404, 200, 400], "{}", answer.text);
        assert_eq!(answer.body[0]["body"]["violatedPolicies"][0]["id"], "corepolicy_0002");
        assert_eq!(answer.body[3]["error"]["problems"][0]["field"], "/entityList/0/entityId");
        let wrong = json!([asked[0], {"evalRef": "x", "labels": []}, {"evalRef": action("core/analytics"), "labels": [], "entityList": []}]);
        let refused = server.client().post(PATH, &wrong).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/1/evalRef".to_owned(), "/2".to_owned()]));
        assert_eq!(server.client().post(PATH, &json!(vec![&asked[0]; 101])).await.status, 400);
        assert_eq!(server.client().post(PATH, &asked[0]).await.status, 400);
    }
}
