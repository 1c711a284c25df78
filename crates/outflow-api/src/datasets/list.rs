//! `GET /data/foundation/datasets`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Datasets, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List datasets
#[utoipa::path(
    get,
    path = "/data/foundation/datasets",
    tag = "datasets",
    params(ListParameters),
    responses((status = 200, description = "A page of the datasets that match.", body = Datasets))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::Dataset>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/datasets")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn datasets_are_found_by_name() {
        let server = Server::start().await;
        for name in ["CRM", "Web"] {
            server.client().post("/data/foundation/datasets", &server.dataset_body(name)).await;
        }
        let answer = server.client().get("/data/foundation/datasets?property=name==Web").await;
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (answer.body["items"][0]["name"].as_str(), &answer.body["_links"]),
            (Some("Web"), &serde_json::json!({}))
        );
    }
}
