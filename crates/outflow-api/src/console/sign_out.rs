//! `DELETE /console/session`: signs out.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use crate::auth::{cookie, origin};
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_sign_out, _, _>(sign_out).public()
}

/// Sign out of the console
///
/// Ends the session of the cookie, and has the browser forget it. A session that is over, or none, is fine too.
#[utoipa::path(
    delete,
    path = "/console/session",
    tag = "console",
    responses(
        (status = 204, description = "Nobody is signed in any more."),
        (status = 403, description = "Another site may have had the browser send it.")
    )
)]
async fn sign_out(State(api): State<Api>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(token) = cookie::read(&api.settings, &headers) {
        origin::check(&api, &headers)?;
        api.store.revoke_token(token).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cleared) = cookie::clear(&api.settings) {
        response.headers_mut().insert(header::SET_COOKIE, cleared);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    const SESSION: &str = "/console/session";

    #[tokio::test]
    async fn a_session_is_over_for_whoever_has_its_cookie() {
        let server = Server::start().await;
        let browser = server.browser().await;
        assert_eq!(browser.get(SESSION).await.status, 200);
        let stranger = browser.without_mark().delete(SESSION).await;
        assert_eq!((stranger.status, stranger.header("set-cookie")), (403, ""));
        assert_eq!(browser.get(SESSION).await.status, 200);
        let answer = browser.delete(SESSION).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        assert!(answer.header("set-cookie").starts_with("outflow-session=; Path=/; Max-Age=0;"));
        assert_eq!(browser.get(SESSION).await.status, 401);
        assert_eq!(browser.delete(SESSION).await.status, 204);
    }
}
