//! `DELETE /sourceConnections/{id}`.

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

/// Remove a source
///
/// Refused while a flow reads from it.
#[utoipa::path(
    delete,
    path = "/data/foundation/flowservice/sourceConnections/{id}",
    tag = "source connections",
    params(
        ("id" = String, Path, description = "The source's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since."),
        (status = 409, description = "A flow reads from it; the answer names it.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    document::remove::<outflow_store::SourceConnection>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_source_stays_as_long_as_its_flow() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/sourceConnections/{}", flow.source);
        let answer = server.client().delete(&path).await;
        assert_eq!((answer.status, answer.body["usedBy"][0]["name"].as_str()), (409, Some("Loyal")));
    }
}
