//! `GET /runs/{id}/files`.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shown::RunFile;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_files, _, _>(files)
}

/// Files of a run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RunFiles", example = json!({"items": [
    {"name": "loyal.csv", "url": "s3://exports/loyal.csv", "rows": 2, "bytes": 80, "sha256": "9f86d081884c7d65"}
], "manifest": "s3://exports/manifest-3d17a4ff-7af3ba45.json", "_links": {}}))]
struct RunFiles {
    /// In the order of the parts.
    items: Vec<RunFile>,
    /// Where the manifest is.
    manifest: Option<String>,
    /// Empty.
    _links: Value,
}

/// List the files of a run
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/runs/{id}/files",
    tag = "runs",
    params(("id" = String, Path, description = "The run's id.")),
    responses((status = 200, description = "The files that were delivered; none before the run is a success.", body = RunFiles))
)]
async fn files(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let run = reader.get::<outflow_store::Run>(&caller.sandbox, &id).await?;
    let files = reader.run_files(&id).await?;
    let items: Vec<Value> = files
        .iter()
        .map(|file| json!({"name": file.name, "url": file.url, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}))
        .collect();
    Ok(Answer(json!({"items": items, "manifest": run.body.get("manifest"), "_links": {}})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn delivered_files_are_listed_with_their_hashes() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        let path = format!("/data/foundation/flowservice/runs/{run}/files");
        assert_eq!(server.client().get(&path).await.body["items"], serde_json::json!([]));
        server.work_is_done().await;
        let answer = server.client().get(&path).await;
        let file = &answer.body["items"][0];
        assert_eq!(
            (file["rows"].as_u64(), file["sha256"].as_str().map(str::len)),
            (Some(3), Some(64)),
            "{}",
            answer.text
        );
        assert!(server.exported().iter().any(|name| Some(name.as_str()) == file["name"].as_str()));
        assert!(answer.body["manifest"].is_string());
    }
}
