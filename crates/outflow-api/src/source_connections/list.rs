//! `GET /sourceConnections`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{SourceConnections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List sources
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/sourceConnections",
    tag = "source connections",
    params(ListParameters),
    responses((status = 200, description = "A page of the sources that match.", body = SourceConnections))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::SourceConnection>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/sourceConnections")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn sources_are_listed_with_their_spec() {
        let server = Server::start().await;
        server.flow("Loyal").await;
        let path = "/data/foundation/flowservice/sourceConnections?property=connectionSpec.id==8a9c3494-9708-43d7-ae3f-cda01e5030e1";
        let answer = server.client().get(path).await;
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(answer.body["_links"], serde_json::json!({}));
    }
}
