//! `POST /ims/token/v3`: a token for a client that knows its secret.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_model::access::AccessScope;
use outflow_store::StoreError;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{form, member};
use crate::body::Raw;
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem, TOKEN_INVALID};
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_token, _, _>(token).public()
}

/// The form. Documentation only: it is read whatever its `Content-Type` says.
#[derive(ToSchema)]
#[schema(title = "TokenRequest", example = json!({
    "grant_type": "client_credentials", "client_id": "admin", "client_secret": "…", "scope": "read"
}))]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// The client's id.
    client_id: String,
    /// The client's secret.
    client_secret: String,
    /// Scopes that the token shall have, with blanks or commas between them: `read`, `write`, `*`. Without one of them,
    /// all of the client's; what other services call scopes is not looked at.
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
#[schema(title = "Token", example = json!({"access_token": "kX3…", "token_type": "bearer", "expires_in": 86399, "scope": "read"}))]
struct Token {
    /// The token, opaque.
    access_token: String,
    /// `bearer`.
    token_type: &'static str,
    /// Seconds for which it is valid.
    expires_in: i64,
    /// What it may be used for.
    scope: String,
}

/// Get a token
///
/// A client's id and secret for a bearer token. The client `admin` is made at the first start of a server; its secret
/// lies in the data folder. A token may do what its client may, or less: `read` looks at everything, `write` also
/// changes, runs and tries, `*` also makes clients.
#[utoipa::path(
    post,
    path = "/ims/token/v3",
    tag = "tokens",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token.", body = Token),
        (status = 400, description = "The form is wrong, or the client has none of the scopes."),
        (status = 401, description = "The client is unknown or its secret is wrong.")
    )
)]
async fn token(State(api): State<Api>, Raw(body): Raw) -> ApiResult<Answer<Token>> {
    let form = form(body).await?;
    let mut problems = Vec::new();
    if member(&form, "grant_type") != Some("client_credentials") {
        problems.push(Problem::new("grant_type", "must be client_credentials"));
    }
    for name in ["client_id", "client_secret"] {
        if member(&form, name).is_none() {
            problems.push(Problem::new(name, "is missing"));
        }
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems).with("error", json!("invalid_request")));
    }
    let (client, secret) = (member(&form, "client_id").unwrap_or(""), member(&form, "client_secret").unwrap_or(""));
    let lifetime = Duration::from_secs(api.settings.token_lifetime_secs);
    let scopes = scopes(member(&form, "scope").unwrap_or(""));
    let issued = api.store.issue_token(client, &SecretString::from(secret), &scopes, lifetime).await;
    let issued = match issued {
        Err(StoreError::Denied) => {
            let text = "the client is unknown or its secret is wrong";
            let refused = ApiError::access(StatusCode::UNAUTHORIZED, TOKEN_INVALID, text);
            return Err(refused.with("error", json!("invalid_client")));
        }
        Err(error @ StoreError::Invalid(_)) => {
            return Err(ApiError::from(error).with("error", json!("invalid_scope")));
        }
        issued => issued?,
    };
    let scopes: Vec<&str> = issued.scopes.iter().map(|scope| scope.name()).collect();
    Ok(Answer(Token {
        access_token: issued.token.expose_secret().to_owned(),
        token_type: "bearer",
        expires_in: (issued.expires_at - api.now()).num_seconds().max(0),
        scope: scopes.join(" "),
    }))
}

/// The scopes that are asked for. Clients of other services ask for theirs, which mean nothing here.
fn scopes(text: &str) -> Vec<AccessScope> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter_map(AccessScope::named).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_client_gets_a_token_that_opens_the_api() {
        let server = Server::start().await;
        let form = format!(
            "grant_type=client_credentials&client_id=admin&client_secret={}&scope=openid,AdobeID,read_organizations",
            server.admin_secret()
        );
        let answer = server.anonymous().post_text("/ims/token/v3", "application/x-www-form-urlencoded", &form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["scope"], "*", "what is no scope of ours does not narrow");
        assert!(answer.body["expires_in"].as_i64().unwrap() > 86_000);
        let token = answer.body["access_token"].as_str().unwrap();
        let with = server.with_token(&format!("bearer {token}"));
        assert_eq!(with.get("/data/foundation/flowservice/flows").await.status, 200);
    }

    #[tokio::test]
    async fn a_wrong_secret_and_an_unknown_client_look_the_same() {
        let server = Server::start().await;
        for form in ["client_id=admin&client_secret=wrong", "client_id=nobody&client_secret=wrong"] {
            let form = format!("grant_type=client_credentials&{form}");
            let answer = server.anonymous().post_text("/ims/token/v3", "text/plain", &form).await;
            assert_eq!(answer.status, 401);
            assert_eq!(answer.body["error"], "invalid_client");
            assert_eq!(answer.body["error_code"], "401013");
        }
    }

    #[tokio::test]
    async fn a_token_has_the_scopes_asked_for_and_never_more_than_its_client() {
        let server = Server::start().await;
        let secret = server.new_client("reporting", &["read"]).await;
        for (client, secret, scope, granted) in [
            ("admin", server.admin_secret(), "openid read", "read"),
            ("admin", server.admin_secret(), "read,write", "read write"),
            ("reporting", secret.as_str(), "", "read"),
            ("reporting", secret.as_str(), "read write", "read"),
            ("reporting", secret.as_str(), "write", ""),
            ("reporting", secret.as_str(), "*", ""),
        ] {
            let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={scope}");
            let answer = server.anonymous().post_text("/ims/token/v3", "text/plain", &form).await;
            if granted.is_empty() {
                assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_scope")), "{scope}");
            } else {
                assert_eq!(answer.body["scope"], granted, "{scope}: {}", answer.text);
            }
        }
    }

    #[tokio::test]
    async fn every_missing_member_is_named() {
        let server = Server::start().await;
        let answer = server.anonymous().post_text("/ims/token/v3", "application/json", "{}").await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["problems"].as_array().unwrap().len(), 3);
    }
}
