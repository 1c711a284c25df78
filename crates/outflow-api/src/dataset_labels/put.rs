//! `PUT /datasets/{id}/labels`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use outflow_governance::DatasetLabels;
use outflow_model::schema::Schema;
use outflow_store::Document;

use super::{Change, LabelPayload, LabelsProblem, answer, read, schema, unlabelled};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::change::IfMatchHeader;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::{IfMatch, RequiredIfMatch};
use crate::governance::{OnViolation, OnViolationParameter, PausedFlow};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put, _, _>(put)
}

/// Label a dataset
///
/// Labels that are left out are taken off. Of fields only those that the dataset has can be labelled; one that a refresh lost keeps its labels as long
/// as they are sent. Labels after which
/// enabled flows would violate a policy are refused unless those are to be paused.
#[utoipa::path(
    put,
    path = "/data/foundation/dataset/datasets/{id}/labels",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id."), IfMatchHeader, OnViolationParameter),
    request_body = LabelPayload,
    responses(
        (status = 200, description = "The labels are saved.", body = LabelPayload),
        (status = 404, description = "There is no such dataset, or it has no labels of this etag.", body = LabelsProblem, content_type = "application/problem+json"),
        (status = 409, description = "Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet.")
    )
)]
async fn put(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    RequiredIfMatch(condition): RequiredIfMatch,
    on: OnViolation,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let labels = read(&body)?;
    let schema = schema(&api, &caller.sandbox, &id, &labels).await?;
    let order = Order { id: &id, condition: &condition, labels: &labels, schema: schema.as_ref(), on };
    let (saved, paused) = document::retrying(&condition, || save(&api, &caller, &order)).await?;
    Ok(answer(&saved, &paused, StatusCode::OK))
}

struct Order<'o> {
    id: &'o str,
    condition: &'o IfMatch,
    labels: &'o DatasetLabels,
    schema: Option<&'o Schema>,
    on: OnViolation,
}

async fn save(api: &Api, caller: &Caller, order: &Order<'_>) -> ApiResult<(Arc<Document>, Vec<PausedFlow>)> {
    let change = Change::begin(api, caller, order.id).await?;
    match &change.there {
        Some(there) => order.condition.check(there.version)?,
        // The etag of labels that are not there yet is 0; any other one names what is not there.
        None => order.condition.check(0).map_err(|_| unlabelled(api, order.id))?,
    }
    change.save(order.labels, order.schema, order.on).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn labels_are_put_under_the_etag_that_was_read() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let body = json!({"labels": ["C1", "C1"], "optionalLabels": [
            {"option": {"id": "https://other.example/schemas/1", "contentType": "application/json;version=1", "schemaPath": "/properties/email"}, "labels": ["I1"]}
        ]});
        assert_eq!(client.put(&path, None, &body).await.status, 428);
        let early = client.put(&path, Some("\"1\""), &body).await;
        assert_eq!((early.status, &early.body["code"]), (404, &json!("PES-404")), "{}", early.text);
        let first = client.put(&path, Some("\"0\""), &body).await;
        assert_eq!((first.status, first.header("etag")), (200, "\"1\""), "{}", first.text);
        assert_eq!((&first.body["labels"], &first.body["optionalLabels"]), (&json!(["C1"]), &body["optionalLabels"]));
        let again = client.put(&path, Some("1"), &first.body).await;
        assert_eq!((again.status, again.header("etag")), (200, "\"1\""), "nothing changes: {}", again.text);
        assert_eq!(client.put(&path, Some("\"0\""), &body).await.status, 412);
        let emptied = client.put(&path, Some("*"), &json!({"labels": []})).await;
        assert_eq!((&emptied.body["optionalLabels"], emptied.header("etag")), (&json!([]), "\"2\""));
        let read = client.get(&path).await;
        assert_eq!((read.status, read.header("etag"), &read.body), (200, "\"2\"", &emptied.body));
        assert_eq!(client.in_sandbox("dev").put(&path, Some("*"), &body).await.status, 404);
    }

    #[tokio::test]
    async fn labels_and_fields_that_there_are_not_are_refused() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let body = json!({"labels": ["C1", "L9"], "optionalLabels": [
            {"option": {"schemaPath": "/properties/emial"}, "labels": ["I1"]},
            {"option": {"schemaPath": "/properties/age"}, "labels": ["L8"]},
        ]});
        let refused = client.put(&path, Some("*"), &body).await;
        let fields = ["/labels/1", "/optionalLabels/1/labels/0", "/optionalLabels/0/option/schemaPath"];
        assert_eq!((refused.status, refused.fields()), (400, fields.map(str::to_owned).to_vec()), "{}", refused.text);
        assert!(refused.text.contains("/properties/email"), "{}", refused.text);
        let malformed = json!({"labels": [""], "optionalLabels": [{"labels": []}]});
        assert_eq!(client.put(&path, Some("*"), &malformed).await.fields(), ["/labels/0", "/optionalLabels/0/option"]);
        assert_eq!(client.get(&path).await.status, 404);
        let own = json!({"name": "L9", "category": "Custom"});
        client.put("/data/foundation/dulepolicy/labels/custom/L9", None, &own).await;
        assert_eq!(client.put(&path, Some("*"), &json!({"labels": ["L9"]})).await.status, 200);
    }

    #[tokio::test]
    async fn labels_of_a_field_that_a_refresh_lost_stay_and_new_ones_of_it_are_refused() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let field = |name: &str| json!({"option": {"schemaPath": format!("/properties/{name}")}, "labels": ["I1"]});
        let put = client.put(&path, Some("*"), &json!({"optionalLabels": [field("email")]})).await;
        assert_eq!(put.status, 200, "{}", put.text);
        std::fs::write(server.dataset_file(), "crmId,age\nc-2,25\n").unwrap();
        server.evaluated().await;
        let mut read = client.get(&path).await.body;
        read["labels"] = json!(["C1"]);
        let kept = client.put(&path, Some("*"), &read).await;
        assert_eq!((kept.status, &kept.body["optionalLabels"]), (200, &read["optionalLabels"]), "{}", kept.text);
        let other = client.put(&path, Some("*"), &json!({"optionalLabels": [field("email"), field("phone")]})).await;
        assert_eq!(other.fields(), ["/optionalLabels/1/option/schemaPath"], "{}", other.text);
        assert_eq!(client.put(&path, Some("*"), &json!({"optionalLabels": []})).await.status, 200);
        let again = client.put(&path, Some("*"), &json!({"optionalLabels": [field("email")]})).await;
        assert_eq!(again.fields(), ["/optionalLabels/0/option/schemaPath"], "{}", again.text);
    }

    #[tokio::test]
    async fn labels_go_with_their_dataset() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        assert_eq!(client.put(&path, Some("*"), &json!({"labels": ["C1"]})).await.status, 200);
        assert_eq!(client.delete(&format!("/data/foundation/datasets/{dataset}")).await.status, 204);
        let gone = client.get(&path).await;
        assert_eq!((gone.status, gone.header("etag")), (404, ""), "{}", gone.text);
    }
}
