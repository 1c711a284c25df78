//! `POST /data/foundation/clients/{id}/login-link`: a link that signs in to the console once.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{changeable, visible};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::millis;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_login_link, _, _>(login_link)
}

/// A link that signs in to the console once.
#[derive(Serialize, ToSchema)]
#[schema(title = "LoginLink", example = json!({
    "id": "reporting", "link": "kX3…", "url": "https://outflow.example.com/console/sign-in#link=kX3…",
    "expiresAt": 1670284443204_i64
}))]
#[serde(rename_all = "camelCase")]
struct LoginLink {
    /// The client that it signs in as.
    id: String,
    /// Its token, as `POST /console/session` takes it: this answer is the only one that shows it.
    link: String,
    /// Where a person opens it. What stands behind `#` is not sent, so that no log has it.
    url: String,
    /// When it ends, in milliseconds since 1970, unless it is used before.
    expires_at: i64,
}

/// Make a login link
///
/// Whoever opens it within `access.login_link_secs` is signed in to the console as the client; once. Only `admin` makes
/// links for `admin`. They end with the client's secret.
#[utoipa::path(
    post,
    path = "/data/foundation/clients/{id}/login-link",
    tag = "clients",
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 201, description = "The link.", body = LoginLink),
        (status = 409, description = "It is the server's own client, and not the caller.")
    )
)]
async fn login_link(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Id(id): Id,
) -> ApiResult<(StatusCode, Answer<LoginLink>)> {
    // Whoever may give a client a new secret could sign in as it anyway.
    let is_own = id == caller.client;
    let client = if is_own { visible(&api, &caller, &id).await? } else { changeable(&api, &caller, &id).await? };
    let lifetime = Duration::from_secs(api.settings.login_link_secs);
    let link = api.store.issue_login_link(&client.id, Some(&caller.client), lifetime).await?;
    let token = link.token.expose_secret();
    let url = format!("{}{}", api.base_url(&headers), crate::login_path(token));
    let shown = LoginLink { id: client.id, link: token.to_owned(), url, expires_at: millis(link.expires_at) };
    Ok((StatusCode::CREATED, Answer(shown)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_link_leads_to_the_console_of_this_server() {
        let server = Server::start().await;
        let path = "/data/foundation/clients/admin/login-link";
        let answer = server.client().post_empty(path).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let link = answer.body["link"].as_str().unwrap();
        assert_eq!(answer.body["url"], format!("{}/console/sign-in#link={link}", server.url()));
        let minutes = (answer.body["expiresAt"].as_i64().unwrap() - server.now().timestamp_millis()) / 60_000;
        assert!((14..=15).contains(&minutes), "{minutes}");
        let public = Server::start_with(|s| s.public_url = Some("https://outflow.example.com/".into())).await;
        let url = public.client().post_empty(path).await.body["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with("https://outflow.example.com/console/sign-in#link="), "{url}");
    }

    #[tokio::test]
    async fn nobody_becomes_more_by_a_link() {
        let server = Server::start().await;
        server.new_client("reporting", &["read"]).await;
        let made = server.client().post_empty("/data/foundation/clients/reporting/login-link").await;
        let body = json!({ "link": made.body["link"] });
        let session = server.page().post("/console/session", &body).await;
        assert_eq!((&session.body["clientId"], &session.body["scopes"]), (&json!("reporting"), &json!(["read"])));
        let other = server.as_client("other", &["*"]).await;
        for (id, status) in [("admin", 409), ("none", 404), ("other", 201), ("reporting", 201)] {
            let answer = other.post_empty(&format!("/data/foundation/clients/{id}/login-link")).await;
            assert_eq!(answer.status, status, "{id}: {}", answer.text);
        }
        let writer = server.as_client("writer", &["write"]).await;
        assert_eq!(writer.post_empty("/data/foundation/clients/writer/login-link").await.status, 403);
    }
}
