//! `POST /segment/definitions`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Segment, ShownSegment, check, own_members, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::{datasets, document};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Create a segment
///
/// The rule is checked, against the profiles where there are some. It has members once it is evaluated: by a job, or by
/// the next scheduled evaluation.
#[utoipa::path(
    post,
    path = "/data/core/ups/segment/definitions",
    tag = "segments",
    request_body = Segment,
    responses((status = 200, description = "The segment is saved.", body = ShownSegment))
)]
async fn create(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Value>> {
    let body = own_members(body);
    let schema = {
        let mut reader = api.store.read().await?;
        datasets::union_schema(&mut reader, &caller.sandbox).await?
    };
    check(&body, schema.as_ref())?;
    let mut tx = api.begin(&caller).await?;
    let created = document::insert::<outflow_store::Segment>(&mut tx, &caller, None, body).await?;
    tx.commit().await?;
    Ok(Answer(show(&api, &created, None)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/segment/definitions";

    #[tokio::test]
    async fn a_segment_is_answered_whole() {
        let server = Server::start().await;
        let body = server.segment_body("Adults");
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 200, "{}", created.text);
        assert_eq!(created.body["expression"], body["expression"]);
        assert_eq!(
            (created.body["profileInstanceId"].as_str(), created.body["name"].as_str()),
            (Some("ups"), Some("Adults"))
        );
        let (time, epoch) =
            (created.body["updateTime"].as_i64().unwrap(), created.body["updateEpoch"].as_i64().unwrap());
        assert_eq!(time / 1000, epoch);
    }

    #[tokio::test]
    async fn a_rule_is_refused_with_its_place() {
        let server = Server::start().await;
        let mut body = server.segment_body("Adults");
        body["expression"]["value"] = json!("age >=");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/expression/value".to_owned()]));
        assert!(answer.text.contains("line 1"), "{}", answer.text);
    }

    #[tokio::test]
    async fn once_profiles_are_known_a_rule_must_fit_them() {
        let server = Server::start().await;
        server.refreshed().await;
        let mut body = server.segment_body("Adults");
        body["expression"]["value"] = json!("agee >= 18");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.fields(), ["/expression/value"]);
        assert!(answer.text.contains("`age`"), "a near name helps: {}", answer.text);
    }

    #[tokio::test]
    async fn names_are_unique() {
        let server = Server::start().await;
        let body = server.segment_body("Adults");
        assert_eq!(server.client().post(PATH, &body).await.status, 200);
        assert_eq!(server.client().post(PATH, &body).await.status, 409);
        assert_eq!(server.client().in_sandbox("dev").post(PATH, &body).await.status, 200);
    }
}
