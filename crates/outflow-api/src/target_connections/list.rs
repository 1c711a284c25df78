//! `GET /targetConnections`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{TargetConnections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List targets
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/targetConnections",
    tag = "target connections",
    params(ListParameters),
    responses((status = 200, description = "A page of the targets that match.", body = TargetConnections))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::TargetConnection>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/targetConnections")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn targets_are_found_by_their_account() {
        let server = Server::start().await;
        let flow = server.flow("One").await;
        server.flow("Two").await;
        let path = "/data/foundation/flowservice/targetConnections";
        let answer = server.client().get(&format!("{path}?property=baseConnectionId=={}", flow.connection)).await;
        assert_eq!(answer.body["items"][0]["id"], flow.target.as_str());
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 1);
        let inherited = format!("{path}?property=inheritedAttributes.baseConnection.id=={}", flow.connection);
        assert_eq!(server.client().get(&inherited).await.body["items"].as_array().unwrap().len(), 1);
    }
}
