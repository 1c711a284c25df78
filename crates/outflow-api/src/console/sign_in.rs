//! `POST /console/session`: signs in by a client's secret, or by a login link.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use outflow_store::{IssuedToken, SessionLifetime, StoreError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Session, shown};
use crate::auth::{cookie, origin};
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::error::{ApiError, ApiResult, TOKEN_INVALID};
use crate::observe::ClientName;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_sign_in, _, _>(sign_in).public()
}

/// A client's id and secret, or the token of a login link. Documentation only.
#[derive(ToSchema)]
#[schema(title = "SignIn", example = json!({"clientId": "admin", "clientSecret": "…"}))]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
struct SignIn {
    /// The client; with `clientSecret`.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
    /// In place of the two: what stands behind `#link=` in a login link.
    link: Option<String>,
}

/// Sign in to the console
///
/// Begins a session and sets its cookie, which is `HttpOnly` and `SameSite=Strict`. It ends when nobody uses it for
/// `access.session_idle_secs`, and after `access.session_max_secs`. A login link is good for one session. The header
/// `x-outflow-console: 1` is needed, which no page of another origin can send.
#[utoipa::path(
    post,
    path = "/console/session",
    tag = "console",
    request_body = SignIn,
    responses(
        (status = 200, description = "Who is signed in now.", body = Session),
        (status = 400, description = "The body is wrong."),
        (status = 401, description = "The client is unknown or its secret is wrong; or the link was used, or has expired."),
        (status = 403, description = "Another site may have had the browser send it."),
        (status = 503, description = "Too many sign in at the moment.")
    )
)]
async fn sign_in(State(api): State<Api>, headers: HeaderMap, JsonObject(body): JsonObject) -> ApiResult<Response> {
    let given = given(&body)?;
    origin::check(&api, &headers)?;
    let issued = begin(&api, given).await?;
    let access = api.store.authenticate(issued.token.expose_secret()).await?;
    // Only somebody who ends the client's sessions at this very moment comes between.
    let access = access.ok_or_else(|| refused("the session was ended at once"))?;
    let session = shown(&api, access).await?;
    let client = ClientName(session.client_id.clone());
    let mut response = Answer(session).into_response();
    let set = cookie::set(&api.settings, &issued.token);
    let set = set.ok_or_else(|| ApiError::internal("a token that is no cookie"))?;
    response.headers_mut().insert(header::SET_COOKIE, set);
    response.extensions_mut().insert(client);
    Ok(response)
}

/// How somebody signs in.
enum Given {
    Secret { client: String, secret: SecretString },
    Link(SecretString),
}

fn given(body: &Map<String, Value>) -> ApiResult<Given> {
    let mut fields = Fields::of(body);
    fields.only(&["clientId", "clientSecret", "link"]);
    if fields.get("link").is_some() {
        let link = fields.needed_text("link").unwrap_or("").trim();
        for name in ["clientId", "clientSecret"] {
            if fields.get(name).is_some() {
                fields.problem(name, "is of no use beside a link");
            }
        }
        fields.finish()?;
        return Ok(Given::Link(SecretString::from(link)));
    }
    let client = fields.needed_text("clientId").unwrap_or("").trim().to_owned();
    let secret = fields.needed_text("clientSecret").unwrap_or("");
    fields.finish()?;
    Ok(Given::Secret { client, secret: SecretString::from(secret) })
}

async fn begin(api: &Api, given: Given) -> ApiResult<IssuedToken> {
    let settings = &api.settings;
    let lifetime = SessionLifetime {
        idle: Duration::from_secs(settings.session_idle_secs),
        longest: Duration::from_secs(settings.session_max_secs),
    };
    match given {
        Given::Secret { client, secret } => match api.store.begin_session(&client, &secret, lifetime).await {
            Err(StoreError::Denied) => Err(refused("the client is unknown or its secret is wrong")
                .hint("The secret of admin is in the server's data folder: admin-secret.")),
            begun => Ok(begun?),
        },
        Given::Link(link) => match api.store.begin_session_by_link(&link, lifetime).await {
            Err(StoreError::Denied) => Err(refused("the link is not valid: it was used, or its time is over")
                .hint("`outflow login-link --data-dir DIR` on the server's machine prints another.")),
            begun => Ok(begun?),
        },
    }
}

fn refused(text: &str) -> ApiError {
    ApiError::access(StatusCode::UNAUTHORIZED, TOKEN_INVALID, text)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use http::Method;
    use serde_json::json;

    use crate::testing::{Client, Server};

    const SESSION: &str = "/console/session";
    const SEGMENTS: &str = "/data/core/ups/segment/definitions";

    #[tokio::test]
    async fn a_secret_gives_a_cookie_that_opens_the_api() {
        let server = Server::start().await;
        let page = server.page();
        let answer = page.post(SESSION, &json!({"clientId": "admin", "clientSecret": server.admin_secret()})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!((&answer.body["clientId"], &answer.body["scopes"]), (&json!("admin"), &json!(["*"])));
        let cookie = answer.header("set-cookie");
        for flag in ["Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict"] {
            assert!(cookie.split("; ").any(|one| one == flag), "{flag}");
        }
        assert!(!answer.text.contains(cookie.split_once('=').unwrap().1.split(';').next().unwrap()));
        assert_eq!(answer.header("cache-control"), "no-store");
        let browser = server.signed_in(cookie);
        assert_eq!(browser.get("/data/foundation/flowservice/flows").await.status, 200);
        let made = browser.post(SEGMENTS, &server.segment_body("By cookie")).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }

    #[tokio::test]
    async fn what_is_not_right_gives_none() {
        let server = Server::start().await;
        let page = server.page();
        for (body, status) in [
            (json!({"clientId": "admin", "clientSecret": "wrong"}), 401),
            (json!({"clientId": "nobody", "clientSecret": server.admin_secret()}), 401),
            (json!({"link": "wrong"}), 401),
            (json!({}), 400),
            (json!({"clientId": "admin"}), 400),
            (json!({"clientId": "admin", "clientSecret": ["x"]}), 400),
            (json!({"link": "x", "clientId": "admin"}), 400),
            (json!({"link": "x", "linc": "y"}), 400),
            (json!([]), 400),
        ] {
            let answer = page.post(SESSION, &body).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (status, ""), "{body}: {}", answer.text);
            assert!(!answer.text.contains(server.admin_secret()));
        }
        let missing = page.post(SESSION, &json!({})).await;
        assert_eq!(missing.fields(), ["/clientId", "/clientSecret"]);
    }

    #[tokio::test]
    async fn a_link_signs_in_once_and_in_its_time() {
        let server = Server::start().await;
        let link = async || {
            let answer = server.client().post_empty("/data/foundation/clients/admin/login-link").await;
            answer.body["link"].as_str().unwrap().to_owned()
        };
        let sign_in = async |link: &str| server.page().post(SESSION, &json!({ "link": link })).await;
        let first = link().await;
        let answer = sign_in(&first).await;
        assert_eq!((answer.status, &answer.body["clientId"]), (200, &json!("admin")), "{}", answer.text);
        let again = sign_in(&first).await;
        assert_eq!((again.status, again.header("set-cookie")), (401, ""), "{}", again.text);
        assert!(again.body["hint"].as_str().unwrap().contains("login-link"), "{}", again.text);
        let late = link().await;
        server.later(TimeDelta::minutes(15));
        assert_eq!(sign_in(&late).await.status, 401);
    }

    #[tokio::test]
    async fn another_site_cannot_have_a_browser_change_anything_or_sign_in() {
        let server = Server::start().await;
        let browser = server.browser().await;
        let secret = json!({"clientId": "admin", "clientSecret": server.admin_secret()});
        let refused = async |client: &Client, headers: &[(&str, &str)]| {
            for (method, path, body) in [
                (Method::POST, SEGMENTS, server.segment_body("Forged")),
                (Method::POST, SESSION, secret.clone()),
                (Method::DELETE, "/data/core/ups/segment/definitions/none", json!(null)),
                (Method::DELETE, SESSION, json!(null)),
            ] {
                let answer = client.send(method.clone(), path, headers, Some(body.to_string())).await;
                let code = answer.body["error_code"].as_str();
                assert_eq!((answer.status, code), (403, Some("403027")), "{method} {path}: {}", answer.text);
                assert_eq!(answer.header("set-cookie"), "");
            }
        };
        refused(&browser.without_mark(), &[]).await;
        refused(&browser, &[("sec-fetch-site", "same-site")]).await;
        refused(&browser, &[("origin", "http://127.0.0.1:1")]).await;
        // What only looks needs no mark: an event stream cannot send one.
        assert_eq!(browser.without_mark().get(SEGMENTS).await.status, 200);
        let own = [("sec-fetch-site", "same-origin"), ("origin", &*server.url())];
        let made = browser.send(Method::POST, SEGMENTS, &own, Some(server.segment_body("Own").to_string())).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }

    #[tokio::test]
    async fn a_bearer_token_counts_before_a_cookie_and_needs_no_mark() {
        let server = Server::start().await;
        let browser = server.browser().await.without_mark();
        let token = format!("Bearer {}", server.new_token().await);
        let headers = [("authorization", &*token), ("origin", "https://elsewhere.example.com")];
        let body = || Some(server.segment_body("By token").to_string());
        assert_eq!(browser.send(Method::POST, SEGMENTS, &headers, body()).await.status, 200);
        let odd = browser.send(Method::GET, SEGMENTS, &[("authorization", "Bearer odd")], None).await;
        assert_eq!(odd.status, 401, "the cookie does not make up for it");
        // What a proxy in front asks of its users is none of ours.
        let basic = browser.send(Method::GET, SEGMENTS, &[("authorization", "Basic dTpw")], None).await;
        assert_eq!(basic.status, 200);
    }

    #[tokio::test]
    async fn over_tls_the_cookie_is_bound_to_it() {
        let server = Server::start_with(|settings| settings.is_https = true).await;
        let secret = json!({"clientId": "admin", "clientSecret": server.admin_secret()});
        let answer = server.page().post(SESSION, &secret).await;
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.starts_with("__Host-outflow-session=") && cookie.ends_with("; Secure"),
            "the flags are not these"
        );
        assert_eq!(server.signed_in(cookie).get(SESSION).await.status, 200);
        let plain = cookie.trim_start_matches("__Host-").to_owned();
        assert_eq!(server.signed_in(&plain).get(SESSION).await.status, 403);
    }
}
