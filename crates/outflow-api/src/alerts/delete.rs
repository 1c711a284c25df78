//! `DELETE /data/foundation/alerts/subscriptions/{id}`.

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

/// Unsubscribe from alerts
#[utoipa::path(
    delete,
    path = "/data/foundation/alerts/subscriptions/{id}",
    tag = "alerts",
    params(
        ("id" = String, Path, description = "The subscription's id."),
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
    document::remove::<outflow_store::AlertSubscription>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::alerts::webhook;
    use crate::testing::Server;

    #[tokio::test]
    async fn a_removed_subscription_is_gone() {
        let server = Server::start().await;
        let created = server.client().post("/data/foundation/alerts/subscriptions", &webhook()).await;
        let path = format!("/data/foundation/alerts/subscriptions/{}", created.id());
        assert_eq!(server.client().delete(&path).await.status, 204);
        assert_eq!(server.client().get(&path).await.status, 404);
    }
}
