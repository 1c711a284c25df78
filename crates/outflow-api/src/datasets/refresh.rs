//! `POST /data/foundation/datasets/{id}/refresh`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;

use super::Refreshing;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::etag::etag;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_refresh, _, _>(refresh)
}

/// Refresh a dataset
///
/// Its files are read anew and the profiles merged. `refresh` of the dataset says how it goes.
#[utoipa::path(
    post,
    path = "/data/foundation/datasets/{id}/refresh",
    tag = "datasets",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses((status = 202, description = "A refresh waits or begins.", body = Refreshing))
)]
async fn refresh(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<(StatusCode, Answer<Refreshing>)> {
    let document = api.store.read().await?.get::<outflow_store::Dataset>(&caller.sandbox, &id).await?;
    let submitted = api.runner.submit_refresh(&caller.sandbox, &id).await?;
    let answer = Refreshing { id, etag: etag(document.version), is_new: submitted.is_new, paused_flows: Vec::new() };
    Ok((StatusCode::ACCEPTED, Answer(answer)))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_refresh_reads_what_has_changed() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        server.append_record("c-9", "new@example.org");
        let path = format!("/data/foundation/datasets/{dataset}");
        let asked = server.client().post_empty(&format!("{path}/refresh")).await;
        assert_eq!((asked.status, asked.body["isNew"].as_bool()), (202, Some(true)), "{}", asked.text);
        let twice = server.client().post_empty(&format!("{path}/refresh")).await;
        assert_eq!((twice.status, twice.body["isNew"].as_bool()), (202, Some(false)));
        server.work_is_done().await;
        let shown = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(shown["counts"]["profiles"], 5, "{shown}");
        assert_eq!(server.client().post_empty("/data/foundation/datasets/none/refresh").await.status, 404);
    }
}
