//! `GET /data/foundation/datasets/{id}/schema`.

use std::path::PathBuf;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::dataset::DatasetDefinition;
use outflow_model::schema::Schema;
use outflow_profiles::dataset::DatasetVersion;
use serde_json::Value;

use super::tree::SchemaTree;
use super::{blocking, look_before_refresh, read, tree};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_schema, _, _>(schema)
}

/// Get a dataset's fields
///
/// As of the last refresh; before the first one, as its files have them where that takes a bounded time.
#[utoipa::path(
    get,
    path = "/data/foundation/datasets/{id}/schema",
    tag = "datasets",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses(
        (status = 200, description = "The fields as a tree.", body = SchemaTree),
        (status = 409, description = "It is not refreshed yet, and its files are too large to look into or do not answer.")
    )
)]
async fn schema(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let (_, schema) = known_schema(&api, &caller.sandbox, &id).await?;
    Ok(Answer(tree(&schema)))
}

/// A dataset's definition and fields: as of its last refresh, before the first one as its files have them.
///
/// # Errors
/// 404; 409 where its files are too large to look into, or do not answer; else what looking into them says.
pub(crate) async fn known_schema(api: &Api, sandbox: &str, id: &str) -> ApiResult<(DatasetDefinition, Schema)> {
    let (document, version) = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::Dataset>(sandbox, id).await?;
        (document, reader.current_version(sandbox, id).await?)
    };
    let definition = read(document.body.as_object().unwrap_or(&serde_json::Map::new()))?;
    let schema = match version {
        Some(row) => blocking(move || Ok(DatasetVersion::load(&PathBuf::from(row.path))?.schema)).await?,
        None => look_before_refresh(api, &definition.source, |profiles| Ok(profiles.schema().clone())).await?,
    };
    Ok((definition, schema))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn fields_are_known_before_and_after_the_first_refresh() {
        let server = Server::start().await;
        let created = server.client().post("/data/foundation/datasets", &server.dataset_body("CRM")).await;
        let path = format!("/data/foundation/datasets/{}/schema", created.id());
        let before = server.client().get(&path).await;
        assert_eq!(before.body["fields"][0]["path"], "crmId", "{}", before.text);
        server.work_is_done().await;
        let after = server.client().get(&path).await;
        assert_eq!(after.body["fields"][0], before.body["fields"][0]);
    }
}
