//! `POST /ims/revoke`: ends a token before its time.

use axum::extract::State;
use http::StatusCode;
use utoipa::ToSchema;

use super::{form, member};
use crate::body::Raw;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::invalid;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_revoke, _, _>(revoke).public()
}

/// The form. Documentation only.
#[derive(ToSchema)]
#[schema(title = "RevokeRequest", example = json!({"token": "kX3…"}))]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct RevokeRequest {
    /// The token.
    token: String,
}

/// Revoke a token
///
/// Who holds a token may end it. A token that is not valid any more is fine too.
#[utoipa::path(
    post,
    path = "/ims/revoke",
    tag = "tokens",
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token is not valid any more."))
)]
async fn revoke(State(api): State<Api>, Raw(body): Raw) -> ApiResult<StatusCode> {
    let form = form(body).await?;
    let token = member(&form, "token").ok_or_else(|| invalid("token", "is missing"))?;
    api.store.revoke_token(token).await?;
    Ok(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_revoked_token_opens_nothing() {
        let server = Server::start().await;
        let token = server.new_token().await;
        let client = server.with_token(&format!("Bearer {token}"));
        assert_eq!(client.get("/data/foundation/flowservice/flows").await.status, 200);
        let form = format!("token={token}");
        let answer = server.anonymous().post_text("/ims/revoke", "application/x-www-form-urlencoded", &form).await;
        assert_eq!(answer.status, 200);
        let answer = client.get("/data/foundation/flowservice/flows").await;
        assert_eq!((answer.status, answer.body["error_code"].as_str()), (401, Some("401013")));
    }
}
