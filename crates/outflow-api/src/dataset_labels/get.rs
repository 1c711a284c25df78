//! `GET /datasets/{id}/labels`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use outflow_governance::DatasetLabels as GovernanceLabels;
use outflow_store::{Dataset, DatasetLabels};

use super::{LabelPayload, LabelsProblem, answer, no_dataset, unlabelled};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::page::Parameters;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a dataset's labels
///
/// The header `ETag` has their version, which `If-Match` takes. A dataset that nobody has labelled has none, which is 404 with
/// the version 0; with `empty=true` it is answered with empty ones instead.
#[utoipa::path(
    get,
    path = "/data/foundation/dataset/datasets/{id}/labels",
    tag = "dataset labels",
    params(
        ("id" = String, Path, description = "The dataset's id."),
        ("empty" = Option<bool>, Query, description = "Whether labels that are not there are empty ones.")
    ),
    responses(
        (status = 200, description = "The labels.", body = LabelPayload),
        (status = 404, description = "There is no such dataset, or nobody has labelled it.", body = LabelsProblem, content_type = "application/problem+json")
    )
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id, parameters: Parameters) -> ApiResult<Response> {
    let empty = parameters.flag("empty")?.unwrap_or(false);
    let mut reader = api.store.read().await?;
    if let Some(labels) = reader.find::<DatasetLabels>(&caller.sandbox, &id).await? {
        return Ok(answer(&labels, &[], StatusCode::OK));
    }
    let Some(dataset) = reader.find::<Dataset>(&caller.sandbox, &id).await? else {
        return Err(no_dataset(&api, &id));
    };
    let mut response = match empty {
        true => Json(GovernanceLabels::default().to_value(&dataset.id)).into_response(),
        false => unlabelled(&api, &id).into_response(),
    };
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
        let empty = server.client().get(&format!("{base}/{dataset}/labels?empty=true")).await;
        assert_eq!((empty.status, empty.header("etag")), (200, "\"0\""), "{}", empty.text);
        assert_eq!((&empty.body["labels"], &empty.body["optionalLabels"]), (&json!([]), &json!([])), "{}", empty.text);
        let path = format!("{base}/{dataset}/labels");
        let first = server.client().put(&path, Some(empty.header("etag")), &json!({"labels": ["C2"]})).await;
        assert_eq!((first.status, first.header("etag")), (200, "\"1\""), "{}", first.text);
        assert_eq!(first.body["entityId"], empty.body["entityId"], "{}", empty.text);
        let unknown = server.client().get(&format!("{base}/none/labels")).await;
        assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!("PES-404")), "{}", unknown.text);
        assert_eq!(unknown.body["message"], "there is no dataset none");
    }
}
