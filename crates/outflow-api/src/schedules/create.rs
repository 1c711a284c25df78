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
    let mut tx = api.begin(&caller).await?;
    let body = checked(&mut tx, &caller.sandbox, own_members(body), None).await?;
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
    async fn a_segment_that_is_none_is_named_and_one_that_went_is_not_in_the_way() {
        let server = Server::start().await;
        let segment = server.segment("Of age").await;
        let mut body = json!({
            "name": "Nightly", "type": "batch_segmentation", "schedule": "0 0 1 * * ?",
            "properties": {"segments": [segment, "none"]}
        });
        assert_eq!(server.client().post(PATH, &body).await.fields(), ["/properties/segments/1"]);
        body["properties"]["segments"] = json!([segment]);
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let removed = server.client().delete(&format!("/data/core/ups/segment/definitions/{segment}")).await;
        assert_eq!(removed.status, 200, "{}", removed.text);
        let path = format!("{PATH}/{}", created.id());
        let active = json!([{"op": "replace", "path": "/state", "value": "active"}]);
        assert_eq!(server.client().patch(&path, Some("*"), &active).await.status, 204);
        let more = json!([{"op": "add", "path": "/properties/segments/-", "value": "none"}]);
        assert_eq!(server.client().patch(&path, Some("*"), &more).await.fields(), ["/properties/segments/1"]);
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
