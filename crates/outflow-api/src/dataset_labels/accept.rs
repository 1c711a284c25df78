//! `POST /datasets/{id}/labels/suggestions/accept`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::decisions::{Decision, NamedSuggestions, check, decide, read};
use super::{Change, LabelPayload, answer};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::datasets::known_schema;
use crate::error::ApiResult;
use crate::governance::{OnViolation, OnViolationParameter};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_accept, _, _>(accept)
}

/// Accept suggested labels
///
/// The fields have the labels from now on, beside those they have. Labels after which enabled flows would violate a policy
/// are refused unless those are to be paused.
#[utoipa::path(
    post,
    path = "/data/foundation/dataset/datasets/{id}/labels/suggestions/accept",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id."), OnViolationParameter),
    request_body = NamedSuggestions,
    responses(
        (status = 200, description = "The labels of the dataset now.", body = LabelPayload),
        (status = 409, description = "Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet.")
    )
)]
async fn accept(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    on: OnViolation,
    Json(body): Json,
) -> ApiResult<Response> {
    let named = read(&body)?;
    let (_, schema) = known_schema(&api, &caller.sandbox, &id).await?;
    check(&named, &schema)?;
    let mut change = Change::begin(&api, &caller, &id).await?;
    let mut labels = change.labels()?;
    for suggestion in &named {
        labels.add(&suggestion.schema_path, &suggestion.label);
    }
    decide(&mut change.tx, &caller, &change.dataset, &named, Decision::Accepted).await?;
    // Fields that were labelled before and went away since stay labelled.
    let (saved, paused) = change.save(&labels, None, on).await?;
    Ok(answer(&saved, &paused, StatusCode::OK))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn an_accepted_suggestion_is_a_label() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let base = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        client.put(&base, Some("*"), &json!({"labels": ["C2"]})).await;
        let named = json!({"suggestions": [{"schemaPath": "/properties/email", "label": "I1"}]});
        let labels = client.post(&format!("{base}/suggestions/accept"), &named).await;
        assert_eq!((labels.status, labels.header("etag")), (200, "\"2\""), "{}", labels.text);
        assert_eq!(labels.body["labels"], json!(["C2"]));
        assert_eq!(
            labels.body["optionalLabels"],
            json!([{"option": {"schemaPath": "/properties/email"}, "labels": ["I1"]}])
        );
        let left = client.get(&format!("{base}/suggestions")).await;
        assert!(!left.text.contains("/properties/email"), "{}", left.text);
        for (body, field) in [
            (json!({}), "/suggestions"),
            (json!({"suggestions": [{"schemaPath": "/properties/none", "label": "I1"}]}), "/suggestions/0/schemaPath"),
            (json!({"suggestions": [{"schemaPath": "/properties/age", "label": "I 1"}]}), "/suggestions/0/label"),
        ] {
            let refused = client.post(&format!("{base}/suggestions/accept"), &body).await;
            assert_eq!((refused.status, refused.fields()), (400, vec![field.to_owned()]), "{}", refused.text);
        }
    }
}
