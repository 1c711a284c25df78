//! `DELETE /flows/{id}`.

use axum::extract::State;
use http::StatusCode;

use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Delete a flow
///
/// Its exports end, one that is going on included, and so do its messages: a stream is not told that anybody left. Files that
/// were delivered stay, and so do the runs' records.
#[utoipa::path(
    delete,
    path = "/data/foundation/flowservice/flows/{id}",
    tag = "flows",
    params(
        ("id" = String, Path, description = "The flow's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    let mut tx = api.begin(&caller).await?;
    document::delete::<outflow_store::Flow>(&mut tx, &caller, &id, &condition).await?;
    for state in tx.flow_states(&id).await? {
        tx.delete_flow_state(&id, &state.segment_id).await?;
    }
    tx.commit().await?;
    api.runner.wake();
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_flow_that_changed_since_is_not_deleted() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let client = server.client();
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let delete =
            async |tag: &str| client.send(http::Method::DELETE, &path, &[("if-match", tag)], None).await.status;
        let rename = serde_json::json!([{"op": "replace", "path": "/name", "value": "New"}]);
        let changed = client.patch(&path, Some("*"), &rename).await;
        assert_eq!(delete(&flow.etag).await, 412);
        assert_eq!(client.get(&path).await.status, 200);
        assert_eq!(delete(changed.etag()).await, 204);
    }

    #[tokio::test]
    async fn a_deleted_flow_is_gone_and_lets_its_parts_go() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let client = server.client();
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        assert_eq!(client.delete(&path).await.status, 204);
        assert_eq!(client.get(&path).await.status, 404);
        assert_eq!(client.delete(&path).await.status, 404);
        let base = "/data/foundation/flowservice";
        assert_eq!(client.delete(&format!("{base}/targetConnections/{}", flow.target)).await.status, 204);
        assert_eq!(client.delete(&format!("{base}/sourceConnections/{}", flow.source)).await.status, 204);
        assert_eq!(client.delete(&format!("{base}/connections/{}", flow.connection)).await.status, 204);
    }
}
