//! `POST /runs/{id}/verify`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;

use crate::auth::Caller;
use crate::context::Api;
use crate::document::Created;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_verify, _, _>(verify)
}

/// Verify a run
///
/// Every file of a successful run is read back from the destination and hashed, as a job: `verification` of the run says
/// how it goes and what was found.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/runs/{id}/verify",
    tag = "runs",
    params(("id" = String, Path, description = "The run's id.")),
    responses(
        (status = 202, description = "The job waits or begins.", body = Created),
        (status = 409, description = "The run has delivered nothing, or messages, which cannot be read back.")
    )
)]
async fn verify(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<(StatusCode, Answer<Created>)> {
    let run = api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, &id).await?;
    api.runner.submit_verify(&caller.sandbox, &id).await?;
    Ok((StatusCode::ACCEPTED, Answer(Created::from(&*run))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/runs";

    async fn verified(server: &Server, run: &str) -> serde_json::Value {
        let asked = server.client().post_empty(&format!("{PATH}/{run}/verify")).await;
        assert_eq!((asked.status, asked.id()), (202, run), "{}", asked.text);
        server.work_is_done().await;
        server.client().get(&format!("{PATH}/{run}")).await.body["items"][0]["verification"].clone()
    }

    #[tokio::test]
    async fn a_file_that_was_touched_is_found_out() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        assert_eq!(server.client().post_empty(&format!("{PATH}/{run}/verify")).await.status, 409);
        server.work_is_done().await;
        assert_eq!(verified(&server, &run).await["state"], "success");
        server.damage_export();
        assert_eq!(verified(&server, &run).await["state"], "failed");
    }
}
