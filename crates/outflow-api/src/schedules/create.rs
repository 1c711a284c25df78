//! `POST /config/schedules`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Schedule, ShownSchedule, checked, own_members, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Schedule evaluations
///
/// Datasets are read anew before a scheduled evaluation.
#[utoipa::path(
    post,
    path = "/data/core/ups/config/schedules",
    tag = "schedules",
    request_body = Schedule,
    responses((status = 200, description = "The schedule is saved.", body = ShownSchedule))
)]
async fn create(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Value>> {
    let body = checked(own_members(body))?;
    let mut tx = api.store.begin().await?;
    let created = document::insert::<outflow_store::ScheduleConfig>(&mut tx, &caller, None, body).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(Answer(show(&api, &created)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/config/schedules";

    #[tokio::test]
    async fn a_schedule_is_answered_whole() {
        let server = Server::start().await;
        let body = json!({
            "name": "Nightly", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "properties": {"segments": ["*"]}
        });
        let created = server.client().post(PATH, &body).await;
        assert_eq!((created.status, created.body["state"].as_str()), (200, Some("inactive")), "{}", created.text);
        assert_eq!(created.body["schedule"], body["schedule"]);
        assert!(created.body["createEpoch"].as_i64().unwrap() > 1_500_000_000);
    }

    #[tokio::test]
    async fn every_problem_is_named() {
        let server = Server::start().await;
        let body = json!({"type": "export", "schedule": "every day", "state": "on", "properties": {"segments": []}});
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(
            answer.fields(),
            ["/name", "/type", "/schedule", "/state", "/properties/segments"],
            "{}",
            answer.text
        );
    }
}
