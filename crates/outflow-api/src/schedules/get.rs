//! `GET /config/schedules/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{ShownSchedule, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a schedule
#[utoipa::path(
    get,
    path = "/data/core/ups/config/schedules/{id}",
    tag = "schedules",
    params(("id" = String, Path, description = "The schedule's id.")),
    responses((status = 200, description = "The schedule.", body = ShownSchedule))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::ScheduleConfig>(&caller.sandbox, &id).await?;
    Ok(Answer(show(&api, &document)))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_schedule_is_shown_as_it_was_answered() {
        let server = Server::start().await;
        let id = server.schedule("Nightly").await;
        let shown = server.client().get(&format!("/data/core/ups/config/schedules/{id}")).await;
        assert_eq!((shown.status, shown.body["id"].as_str()), (200, Some(id.as_str())));
        assert_eq!(server.client().get("/data/core/ups/config/schedules/none").await.status, 404);
    }
}
