//! `DELETE /segment/jobs/{id}`.

use axum::extract::State;
use http::StatusCode;

use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_cancel, _, _>(cancel)
}

/// Cancel an evaluation
///
/// One that has ended stays as it is, which is answered with 409. What it would have found is not kept.
#[utoipa::path(
    delete,
    path = "/data/core/ups/segment/jobs/{id}",
    tag = "segment jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 204, description = "It is cancelled or about to stop."))
)]
async fn cancel(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<StatusCode> {
    api.runner.cancel_segment_job(&caller.sandbox, &id, &caller.client).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn an_evaluation_that_waits_is_cancelled_at_once() {
        let server = Server::start().await;
        server.segment("Adults").await;
        let asked = server.client().post_empty("/data/core/ups/segment/jobs").await;
        let path = format!("/data/core/ups/segment/jobs/{}", asked.id());
        assert_eq!(server.client().delete(&path).await.status, 204);
        assert_eq!(server.client().get(&path).await.body["status"], "CANCELLED");
        assert_eq!(server.client().delete(&path).await.status, 409);
    }
}
