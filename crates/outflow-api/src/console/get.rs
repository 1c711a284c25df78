//! `GET /console/session`: who is signed in.

use axum::Json as Answer;
use axum::extract::State;

use super::{Session, shown};
use crate::auth::Holder;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get).anywhere()
}

/// Look who is signed in
///
/// Tells of the session, or of the bearer token, whose it is, what it opens and when it ends, whichever sandboxes these are.
#[utoipa::path(
    get,
    path = "/console/session",
    tag = "console",
    responses((status = 200, description = "Who it is.", body = Session))
)]
async fn get(State(api): State<Api>, Holder(access): Holder) -> ApiResult<Answer<Session>> {
    Ok(Answer(shown(&api, access).await?))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use outflow_model::access::AccessScope;

    use crate::testing::Server;

    const SESSION: &str = "/console/session";
    const FLOWS: &str = "/data/foundation/flowservice/flows";

    #[tokio::test]
    async fn any_token_may_ask_what_it_is() {
        let server = Server::start().await;
        let new = outflow_store::NewClient {
            id: "limited".into(),
            name: "Limited".into(),
            scopes: vec![AccessScope::Write],
            sandboxes: vec!["dev".into()],
        };
        server.store().create_client(new, "tester").await.unwrap();
        let client = server.with_token(&format!("Bearer {}", server.token_of("limited").await));
        let answer = client.get(SESSION).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!((&answer.body["clientId"], &answer.body["name"]), (&"limited".into(), &"Limited".into()));
        assert_eq!(answer.body["scopes"], serde_json::json!(["write"]));
        assert_eq!(answer.body["sandboxes"], serde_json::json!(["dev"]), "though it may not use prod");
        assert_eq!(answer.body["version"], env!("CARGO_PKG_VERSION"));
        let odd = server.with_token("Bearer odd").get(SESSION).await;
        assert_eq!((odd.status, odd.body["error_code"].as_str()), (401, Some("401013")));
    }

    #[tokio::test]
    async fn who_may_use_every_sandbox_is_told_which_there_are() {
        let server = Server::start().await;
        let client = server.client();
        assert_eq!(client.get(SESSION).await.body["sandboxes"], serde_json::json!(["prod"]));
        let segments = "/data/core/ups/segment/definitions";
        client.in_sandbox("dev").post(segments, &server.segment_body("Somebody")).await;
        assert_eq!(client.get(segments).await.status, 200);
        assert_eq!(client.in_sandbox("seen").get(segments).await.status, 200);
        assert_eq!(client.get(SESSION).await.body["sandboxes"], serde_json::json!(["dev", "prod"]));
    }

    #[tokio::test]
    async fn a_session_lasts_while_it_is_used_and_a_week_at_most() {
        let server = Server::start().await;
        let browser = server.browser().await;
        let first = browser.get(SESSION).await.body["expiresAt"].as_i64().unwrap();
        server.later(TimeDelta::minutes(30));
        assert_eq!(browser.get(SESSION).await.body["expiresAt"], first, "it is not put off at every request");
        for _ in 0..16 {
            server.later(TimeDelta::hours(10));
            assert_eq!(browser.get(FLOWS).await.status, 200);
        }
        let last = browser.get(SESSION).await;
        assert_eq!(last.body["expiresAt"].as_i64().unwrap() - first, TimeDelta::hours(156).num_milliseconds());
        server.later(TimeDelta::hours(8));
        let over = browser.get(FLOWS).await;
        assert_eq!((over.status, over.body["error_code"].as_str()), (401, Some("401013")), "{}", over.text);
        let idle = server.browser().await;
        server.later(TimeDelta::hours(12));
        assert_eq!(idle.get(SESSION).await.status, 401);
    }
}
