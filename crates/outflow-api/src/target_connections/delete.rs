//! `DELETE /targetConnections/{id}`.

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

/// Remove a target
///
/// Refused while a flow delivers to it. Files that were delivered stay.
#[utoipa::path(
    delete,
    path = "/data/foundation/flowservice/targetConnections/{id}",
    tag = "target connections",
    params(
        ("id" = String, Path, description = "The target's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since."),
        (status = 409, description = "A flow delivers to it; the answer names it.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    document::remove::<outflow_store::TargetConnection>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_target_stays_as_long_as_its_flow() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let answer = server.client().delete(&path).await;
        assert_eq!(answer.status, 409);
        assert_eq!(answer.body["usedBy"][0]["id"], flow.id.as_str());
        let removed = server.client().delete(&format!("/data/foundation/flowservice/flows/{}", flow.id)).await;
        assert_eq!(removed.status, 204);
        assert_eq!(server.client().delete(&path).await.status, 204);
    }
}
