//! `POST /data/foundation/clients/{id}/secret`: a new secret in place of the old one.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret as _;

use super::{ClientSecret, changeable};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_rotate, _, _>(rotate)
}

/// Give a client a new secret
///
/// The old one and the client's tokens are not valid any more. The new one is answered this once.
#[utoipa::path(
    post,
    path = "/data/foundation/clients/{id}/secret",
    tag = "clients",
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 201, description = "The new secret.", body = ClientSecret),
        (status = 409, description = "It is the server's own client.")
    )
)]
async fn rotate(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<(StatusCode, Answer<ClientSecret>)> {
    let client = changeable(&api, &caller, &id).await?;
    let secret = api.store.reset_secret(&client.id, &caller.client).await?;
    Ok((StatusCode::CREATED, Answer(ClientSecret { id: client.id, secret: secret.expose_secret().to_owned() })))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn the_old_secret_and_its_tokens_end() {
        let server = Server::start().await;
        let old = server.new_client("reporting", &["read"]).await;
        let token = server.token_of("reporting").await;
        let path = "/data/foundation/clients/reporting/secret";
        let answer = server.client().post_empty(path).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let new = answer.body["secret"].as_str().unwrap();
        let sign_in = async |secret: &str| {
            let form = format!("grant_type=client_credentials&client_id=reporting&client_secret={secret}");
            server.anonymous().post_text("/ims/token/v3", "text/plain", &form).await.status
        };
        assert_eq!((sign_in(&old).await, sign_in(new).await), (401, 200));
        let flows = server.with_token(&format!("Bearer {token}")).get("/data/foundation/flowservice/flows").await;
        assert_eq!(flows.body["error_code"], "401013");
        assert_eq!(server.client().post_empty("/data/foundation/clients/admin/secret").await.status, 409);
        assert_eq!(server.client().post_empty("/data/foundation/clients/none/secret").await.status, 404);
    }
}
