//! `DELETE /segment/definitions/{id}`.

use axum::Json as Answer;
use axum::extract::State;

use super::Removed;
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

/// Delete a segment
///
/// Refused while a flow exports it.
#[utoipa::path(
    delete,
    path = "/data/core/ups/segment/definitions/{id}",
    tag = "segments",
    params(
        ("id" = String, Path, description = "The segment's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 200, description = "It is gone.", body = Removed),
        (status = 412, description = "It has changed since."),
        (status = 409, description = "Flows export it; the answer names them.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<Answer<Removed>> {
    let mut tx = api.begin(&caller).await?;
    tx.get::<outflow_store::Segment>(&caller.sandbox, &id).await?;
    let by = tx.flows_using::<outflow_store::Segment>(&caller.sandbox, &id).await?;
    if !by.is_empty() {
        return Err(outflow_store::Conflict::InUse { noun: "segment", id, by }.into());
    }
    document::delete::<outflow_store::Segment>(&mut tx, &caller, &id, &condition).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(Answer(Removed { status: true, message: "Segment Definition removed" }))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_segment_goes_when_no_flow_exports_it() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/core/ups/segment/definitions/{}", flow.segment);
        let refused = server.client().delete(&path).await;
        assert_eq!(
            (refused.status, refused.body["usedBy"][0]["id"].as_str()),
            (409, Some(flow.id.as_str())),
            "{}",
            refused.text
        );
        server.client().delete(&format!("/data/foundation/flowservice/flows/{}", flow.id)).await;
        let removed = server.client().delete(&path).await;
        assert_eq!((removed.status, removed.body["status"].as_bool()), (200, Some(true)));
        assert!(removed.body["message"].is_string());
        assert_eq!(server.client().get(&path).await.status, 404);
    }
}
