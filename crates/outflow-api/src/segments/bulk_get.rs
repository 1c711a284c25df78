//! `POST /segment/definitions/bulk-get`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_model::access::AccessScope;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{evaluations, show};
use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

/// Objects of one call.
const IDS_MAX: usize = 1_000;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_bulk_get, _, _>(bulk_get).needs(AccessScope::Read)
}

/// Ids of objects. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Ids", example = json!({"ids": [{"id": "54669488-03ab-4e0d-a694-37fe49e32be8"}]}))]
pub(crate) struct Ids {
    /// Each with `id`.
    ids: Vec<Value>,
}

/// Objects by their ids. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Results", example = json!({"results": {"54669488-03ab-4e0d-a694-37fe49e32be8": {"name": "Loyal customers"}}}))]
pub(crate) struct Results {
    /// The objects that there are, by id; those that there are not are missing.
    results: Value,
}

/// Get several segments
#[utoipa::path(
    post,
    path = "/data/core/ups/segment/definitions/bulk-get",
    tag = "segments",
    request_body = Ids,
    responses((status = 207, description = "The segments that there are, by id.", body = Results))
)]
async fn bulk_get(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let ids = ids(&body)?;
    let mut reader = api.store.read().await?;
    let counts = evaluations(&mut reader, &caller.sandbox).await?;
    let found = reader.get_many::<outflow_store::Segment>(&caller.sandbox, &ids).await?;
    let results: Map<String, Value> =
        found.iter().map(|document| (document.id.clone(), show(&api, document, counts.get(&document.id)))).collect();
    Ok((StatusCode::MULTI_STATUS, Answer(json!({"results": results}))))
}

/// The ids of a bulk request, each once.
pub(crate) fn ids(body: &Map<String, Value>) -> ApiResult<Vec<String>> {
    let mut fields = Fields::of(body);
    if fields.get("ids").is_none() {
        fields.problem("ids", "is missing");
    }
    let items = fields.list("ids").map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<String> = Vec::new();
    for item in items {
        match item.get("id").and_then(Value::as_str).or_else(|| item.as_str()) {
            Some(id) if ids.iter().any(|known| known == id) => {}
            Some(id) => ids.push(id.to_owned()),
            None => {
                fields.problem("ids", "must be a list of objects with id");
                break;
            }
        }
    }
    if items.len() > IDS_MAX {
        fields.problem("ids", format!("has more than {IDS_MAX} ids"));
    }
    fields.finish()?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/segment/definitions/bulk-get";

    #[tokio::test]
    async fn those_that_there_are_come_by_id() {
        let server = Server::start().await;
        let segment = server.segment("Adults").await;
        let answer = server.client().post(PATH, &json!({"ids": [{"id": segment}, {"id": "none"}]})).await;
        assert_eq!(answer.status, 207, "{}", answer.text);
        assert_eq!(answer.body["results"][&segment]["name"], "Adults");
        assert_eq!(answer.body["results"].as_object().unwrap().len(), 1);
        assert_eq!(server.client().post(PATH, &json!({"ids": [7]})).await.fields(), ["/ids"]);
    }
}
