//! `GET /data/foundation/datasets/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Datasets, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a dataset
#[utoipa::path(
    get,
    path = "/data/foundation/datasets/{id}",
    tag = "datasets",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses((status = 200, description = "The dataset, as a list of one.", body = Datasets))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::Dataset>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_refreshed_dataset_says_what_it_holds() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let shown = server.client().get(&format!("/data/foundation/datasets/{dataset}")).await.body["items"][0].clone();
        assert_eq!(shown["refresh"]["state"], "success", "{shown}");
        assert_eq!(shown["counts"]["profiles"], 4);
    }
}
