//! `GET /readyz`.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;

use super::live::Health;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// Who asks wants an answer soon.
const WAIT: Duration = Duration::from_secs(3);

pub(super) fn operation() -> Operation {
    Operation::new::<__path_ready, _, _>(ready)
}

/// Whether the server can work
///
/// The database answers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "It cannot at the moment.")
    )
)]
async fn ready(State(api): State<Api>) -> ApiResult<Answer<Health>> {
    match tokio::time::timeout(WAIT, api.store.ping()).await {
        Ok(Ok(())) => Ok(Answer(Health { status: "ok" })),
        Ok(Err(error)) => Err(ApiError::unavailable("the database does not answer at the moment", error.to_string())),
        Err(_) => Err(ApiError::unavailable("the database does not answer in time", "a ping took too long")),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn it_is_ready_as_long_as_the_database_answers() {
        let server = Server::start().await;
        assert_eq!(server.anonymous().get("/readyz").await.status, 200);
        server.close_store().await;
        let answer = server.anonymous().get("/readyz").await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.body["reference"].is_string());
        assert_eq!(server.anonymous().get("/healthz").await.status, 200);
    }
}
