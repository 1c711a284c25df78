//! `GET /datasets/{id}/labels`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
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
/// The header `ETag` has their version, which `If-Match` takes.
#[utoipa::path(
    get,
    path = "/data/foundation/dataset/datasets/{id}/labels",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses(
        (status = 200, description = "The labels.", body = LabelPayload),
        (status = 404, description = "There is no such dataset, or nobody has labelled it.", body = LabelsProblem, content_type = "application/problem+json")
    )
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let mut reader = api.store.read().await?;
    if let Some(labels) = reader.find::<DatasetLabels>(&caller.sandbox, &id).await? {
        return Ok(answer(&labels, &[], StatusCode::OK));
    }
    if reader.find::<Dataset>(&caller.sandbox, &id).await?.is_none() {
        return Err(no_dataset(&api, &id));
    }
    let mut response = unlabelled(&api, &id).into_response();
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"0\""));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn what_is_not_there_has_the_services_shape() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let base = "/data/foundation/dataset/datasets";
        let none = server.client().get(&format!("{base}/{dataset}/labels")).await;
        assert_eq!((none.status, none.header("etag")), (404, "\"0\""), "{}", none.text);
        assert_eq!((&none.body["status"], &none.body["code"]), (&json!("NOT_FOUND"), &json!("PES-404")));
        assert_eq!(none.body["path"], format!("/entities/AEP:dataset:{dataset}"));
        let unknown = server.client().get(&format!("{base}/none/labels")).await;
        assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!("PES-404")), "{}", unknown.text);
        assert_eq!(unknown.body["message"], "there is no dataset none");
    }
}
