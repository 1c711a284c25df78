//! `GET /datasets/{id}/labels`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use outflow_store::{Dataset, DatasetLabels};

use super::{LabelPayload, LabelsProblem, answer, no_dataset, unlabelled};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a dataset's labels
///
/// The header `ETag` has their version, which `If-Match` takes. Those of a dataset that nobody has labelled are empty, with
/// the version 0.
#[utoipa::path(
    get,
    path = "/data/foundation/dataset/datasets/{id}/labels",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses(
        (status = 200, description = "The labels.", body = LabelPayload),
        (status = 404, description = "There is no such dataset.", body = LabelsProblem, content_type = "application/problem+json")
    )
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let mut reader = api.store.read().await?;
    if let Some(labels) = reader.find::<DatasetLabels>(&caller.sandbox, &id).await? {
        return Ok(answer(&labels, &[], StatusCode::OK));
    }
    match reader.find::<Dataset>(&caller.sandbox, &id).await? {
        Some(dataset) => Ok(unlabelled(&dataset.id)),
        None => Err(no_dataset(&api, &id)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn labels_of_a_dataset_that_nobody_labelled_are_empty_and_can_be_put() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let none = server.client().get(&path).await;
        assert_eq!((none.status, none.header("etag")), (200, "\"0\""), "{}", none.text);
        assert_eq!((&none.body["labels"], &none.body["optionalLabels"]), (&json!([]), &json!([])), "{}", none.text);
        let body = json!({"labels": ["C2"], "optionalLabels": []});
        let first = server.client().put(&path, Some(none.header("etag")), &body).await;
        assert_eq!((first.status, first.header("etag")), (200, "\"1\""), "{}", first.text);
        assert_eq!(first.body["entityId"], none.body["entityId"], "{}", none.text);
    }

    #[tokio::test]
    async fn a_dataset_that_is_not_there_has_the_services_shape() {
        let server = Server::start().await;
        let unknown = server.client().get("/data/foundation/dataset/datasets/none/labels").await;
        assert_eq!((unknown.status, unknown.header("etag")), (404, ""), "{}", unknown.text);
        assert_eq!((&unknown.body["status"], &unknown.body["code"]), (&json!("NOT_FOUND"), &json!("PES-404")));
        assert_eq!(unknown.body["path"], "/entities/AEP:dataset:none");
        assert_eq!(unknown.body["message"], "there is no dataset none");
    }
}
