//! `DELETE /data/foundation/clients/{id}`.

use axum::extract::State;
use http::StatusCode;

use super::changeable;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Delete a client
///
/// Its tokens end with it. What it made stays.
#[utoipa::path(
    delete,
    path = "/data/foundation/clients/{id}",
    tag = "clients",
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 204, description = "It is gone, and so are its tokens."),
        (status = 409, description = "It is the server's own client.")
    )
)]
async fn delete(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<StatusCode> {
    let client = changeable(&api, &caller, &id).await?;
    api.store.delete_client(&client.id, &caller.client).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn tokens_end_with_their_client_and_admin_stays() {
        let server = Server::start().await;
        let client = server.as_client("reporting", &["read"]).await;
        let flows = "/data/foundation/flowservice/flows";
        assert_eq!(client.get(flows).await.status, 200);
        assert_eq!(server.client().delete("/data/foundation/clients/reporting").await.status, 204);
        assert_eq!(client.get(flows).await.body["error_code"], "401013");
        assert_eq!(server.client().delete("/data/foundation/clients/reporting").await.status, 404);
        let kept = server.client().delete("/data/foundation/clients/admin").await;
        assert_eq!(kept.status, 409, "{}", kept.text);
        assert!(kept.body["hint"].as_str().unwrap().contains("reset-admin"), "{}", kept.text);
    }
}
