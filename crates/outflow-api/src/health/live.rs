//! `GET /healthz`.

use axum::Json as Answer;
use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_live, _, _>(live)
}

/// How the server is.
#[derive(Serialize, ToSchema)]
#[schema(title = "Health", example = json!({"status": "ok"}))]
pub(super) struct Health {
    /// `ok`.
    pub(super) status: &'static str,
}

/// Whether the server lives
///
/// It answers, and that is all that is said: who restarts it when this fails does not help against a database that is
/// away.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "It lives.", body = Health)))]
async fn live() -> Answer<Health> {
    Answer(Health { status: "ok" })
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn anybody_may_ask_whether_it_lives() {
        let server = Server::start().await;
        let answer = server.anonymous().get("/healthz").await;
        assert_eq!((answer.status, answer.body["status"].as_str()), (200, Some("ok")));
        assert_eq!(server.anonymous().head("/healthz/").await.status, 200);
    }
}
