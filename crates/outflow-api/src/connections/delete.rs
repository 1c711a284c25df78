//! `DELETE /connections/{id}`.

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

/// Remove an account
///
/// Refused while a flow uses it.
#[utoipa::path(
    delete,
    path = "/data/foundation/flowservice/connections/{id}",
    tag = "connections",
    params(
        ("id" = String, Path, description = "The account's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since."),
        (status = 409, description = "Flows use it; the answer names them.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    document::remove::<outflow_store::Connection>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn what_is_removed_is_gone() {
        let server = Server::start().await;
        let created = server.client().post(PATH, &folder_account("Local")).await;
        let path = format!("{PATH}/{}", created.id());
        // A trailing slash is the same path.
        assert_eq!(server.client().delete(&format!("{path}/")).await.status, 204);
        assert_eq!(server.client().get(&path).await.status, 404);
        assert_eq!(server.client().delete(&path).await.status, 404);
    }

    #[tokio::test]
    async fn an_account_that_a_flow_uses_stays_and_the_flow_is_named() {
        let server = Server::start().await;
        let flow = server.flow("Loyal customers").await;
        let path = format!("{PATH}/{}", flow.connection);
        let answer = server.client().delete(&path).await;
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert!(answer.body["detail"].as_str().unwrap().contains("Loyal customers"), "{}", answer.text);
        assert_eq!(server.client().get(&path).await.status, 200);
    }
}
