//! `GET /data/foundation/datasets/{id}/preview`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::Json as Answer;
use axum::extract::State;
use outflow_profiles::dataset::{DatasetVersion, preview as rows};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{blocking, look_before_refresh, read};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::page::Parameters;

/// Records when nothing else is asked for.
pub(super) const ROWS_DEFAULT: u32 = 10;
/// Records at most: what fits a screen.
pub(crate) const ROWS_MAX: u32 = 100;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_preview, _, _>(preview)
}

/// The first records. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RecordPreview", example = json!({"items": [{"crmId": "c-1", "email": "ada@example.org"}]}))]
struct RecordPreview {
    /// The records as JSON objects, nulls left out.
    items: Vec<BTreeMap<String, Value>>,
}

/// Look at a dataset's records
///
/// The first ones, as of the last refresh; before the first one, as its files have them where that takes a bounded time.
#[utoipa::path(
    get,
    path = "/data/foundation/datasets/{id}/preview",
    tag = "datasets",
    params(
        ("id" = String, Path, description = "The dataset's id."),
        ("limit" = Option<u64>, Query, description = "Records, 1 to 100; 10 without it.")
    ),
    responses(
        (status = 200, description = "The first records.", body = RecordPreview),
        (status = 409, description = "It is not refreshed yet, and its files are too large to look into or do not answer.")
    )
)]
async fn preview(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(ROWS_DEFAULT, ROWS_MAX)? as usize;
    let items = first_records(&api, &caller.sandbox, &id, limit).await?;
    Ok(Answer(json!({"items": items})))
}

/// A dataset's first records, as the operation shows them.
///
/// # Errors
/// 404; 409 where it is not refreshed, and its files are too large to look into or do not answer.
pub(crate) async fn first_records(api: &Api, sandbox: &str, id: &str, limit: usize) -> ApiResult<Vec<Value>> {
    let (document, version) = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::Dataset>(sandbox, id).await?;
        (document, reader.current_version(sandbox, id).await?)
    };
    let definition = read(document.body.as_object().unwrap_or(&serde_json::Map::new()))?;
    match version {
        Some(row) => blocking(move || rows(&DatasetVersion::load(&PathBuf::from(row.path))?.open()?, limit)).await,
        None => look_before_refresh(api, &definition.source, move |profiles| rows(profiles, limit)).await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn the_first_records_are_shown() {
        let server = Server::start().await;
        let created = server.client().post("/data/foundation/datasets", &server.dataset_body("CRM")).await;
        let path = format!("/data/foundation/datasets/{}/preview", created.id());
        let answer = server.client().get(&format!("{path}?limit=2")).await;
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 2, "{}", answer.text);
        assert!(answer.body["items"][0]["crmId"].is_string());
        for limit in ["many", "0"] {
            assert_eq!(server.client().get(&format!("{path}?limit={limit}")).await.fields(), ["limit"]);
        }
    }
}
