//! `POST /datasets/{id}/labels`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::{Change, LabelPayload, LabelsProblem, answer, problem, read, schema};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::governance::{OnViolation, OnViolationParameter};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Label a dataset for the first time
///
/// PUT does the same, and changes labels too. Labels after which enabled flows would violate a policy are refused unless
/// those are to be paused.
#[utoipa::path(
    post,
    path = "/data/foundation/dataset/datasets/{id}/labels",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id."), OnViolationParameter),
    request_body = LabelPayload,
    responses(
        (status = 201, description = "The labels are saved.", body = LabelPayload),
        (status = 403, description = "The dataset has labels already: PUT changes them. Or the token is missing or lacks the scope `write`.", body = LabelsProblem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such dataset.", body = LabelsProblem, content_type = "application/problem+json"),
        (status = 409, description = "Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet.")
    )
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    on: OnViolation,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let labels = read(&body)?;
    let schema = schema(&api, &caller.sandbox, &id, &labels).await?;
    let change = Change::begin(&api, &caller, &id).await?;
    if change.there.is_some() {
        let text = "the dataset has labels already";
        return Err(problem(&api, StatusCode::FORBIDDEN, &id, text).hint("Send a PUT with their etag."));
    }
    let (saved, paused) = change.save(&labels, schema.as_ref(), on).await?;
    Ok(answer(&saved, &paused, StatusCode::CREATED))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn labels_are_added_once() {
        let server = Server::start().await;
        let client = server.client();
        // Labels of the whole need no fields, so the dataset need not be refreshed.
        let dataset = client.post("/data/foundation/datasets", &server.dataset_body("CRM")).await.id().to_owned();
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let first = client.post(&path, &json!({"labels": ["C2"]})).await;
        assert_eq!((first.status, first.header("etag")), (201, "\"1\""), "{}", first.text);
        let second = client.post(&path, &json!({"labels": ["C3"]})).await;
        assert_eq!((second.status, &second.body["status"]), (403, &json!("FORBIDDEN")), "{}", second.text);
        assert_eq!(client.get(&path).await.body["labels"], json!(["C2"]));
        assert_eq!(client.post("/data/foundation/dataset/datasets/none/labels", &json!({})).await.status, 404);
    }
}
