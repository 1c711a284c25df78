//! `DELETE /config/schedules/{id}`.

use axum::extract::State;
use http::StatusCode;
use outflow_store::Expected;

use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Delete a schedule
#[utoipa::path(
    delete,
    path = "/data/core/ups/config/schedules/{id}",
    tag = "schedules",
    params(("id" = String, Path, description = "The schedule's id.")),
    responses((status = 204, description = "It is gone."))
)]
async fn delete(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<StatusCode> {
    let mut tx = api.store.begin().await?;
    tx.delete::<outflow_store::ScheduleConfig>(&caller.sandbox, &id, Expected::Any).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_deleted_schedule_is_gone() {
        let server = Server::start().await;
        let path = format!("/data/core/ups/config/schedules/{}", server.schedule("Nightly").await);
        assert_eq!(server.client().delete(&path).await.status, 204);
        assert_eq!(server.client().get(&path).await.status, 404);
    }
}
