//! `POST /targetConnections`.

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};

use super::{TargetConnection, read};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::connections::{Probed, probed};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::probe;
use crate::probe::{Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Set a destination up
///
/// A delivery to the bucket or folder is tried before anything is saved: what is missing or not allowed is answered with
/// 400, the reason and the steps. Nothing is left behind.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/targetConnections",
    tag = "target connections",
    request_body = TargetConnection,
    responses((
        status = 201,
        description = "The target is saved.",
        content((Probed = "application/json"), (Value = "text/event-stream"))
    ))
)]
async fn create(State(api): State<Api>, caller: Caller, watched: Watched, JsonObject(body): JsonObject) -> Response {
    watched.answer(api, |api, steps| set_up(api, caller, body, steps)).await
}

async fn set_up(
    api: Api,
    caller: Caller,
    body: Map<String, Value>,
    steps: Steps,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let body = document::own_members(body);
    let target = {
        let mut reader = api.store.read().await?;
        read(&api, &mut reader, &caller.sandbox, body, None).await?
    };
    let probe = probe::target(&api, target.connector, &target.account, &target.target, &steps).await?;
    let mut tx = api.begin(&caller).await?;
    let created = document::insert::<outflow_store::TargetConnection>(&mut tx, &caller, None, target.body).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Answer(probed(&created, Some(probe)))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/targetConnections";

    #[tokio::test]
    async fn a_bucket_is_tried_before_it_is_saved() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let account = server.client().post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
        let mut body = s3.target(account.id(), "Loyal");
        let saved = server.client().post(PATH, &body).await;
        assert_eq!(saved.status, 201, "{}", saved.text);
        assert!(saved.body["probe"]["steps"].as_array().unwrap().len() > 2);
        assert_eq!(s3.objects(), Vec::<String>::new(), "the probe leaves nothing behind");
        body["params"]["bucketName"] = json!("no-such-bucket");
        let refused = server.client().post(PATH, &body).await;
        assert_eq!((refused.status, refused.body["class"].as_str()), (400, Some("config")), "{}", refused.text);
        let listed = server.client().get(&format!("{PATH}?count=true")).await;
        assert_eq!(listed.body["count"], 1);
    }

    #[tokio::test]
    async fn every_problem_of_the_params_is_named_by_its_field() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let account = server.client().post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
        let mut body = s3.target(account.id(), "Loyal");
        body["params"] = json!({
            "bucketName": "Not_A_Bucket", "path": "loyal/%NOPE%", "fileType": "XLSX", "compression": "RAR",
            "csvOptions": {"delimiter": "::::"}
        });
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.status, 400);
        let fields = answer.fields();
        for field in ["/params/fileType", "/params/compression", "/params/csvOptions/delimiter", "/params/path"] {
            assert!(fields.contains(&field.to_owned()), "{field} is missing in {fields:?}");
        }
    }

    #[tokio::test]
    async fn a_missing_name_and_an_unknown_account_hide_nothing() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let mut body = s3.target("69f188b6-af07-4587-8061-e94d34637b41", "Loyal");
        body["name"] = json!("");
        body["params"]["bucketName"] = json!("Not_A_Bucket");
        body["params"]["fileType"] = json!("XLSX");
        let mut fields = server.client().post(PATH, &body).await.fields();
        fields.sort();
        assert_eq!(fields, ["/baseConnectionId", "/name", "/params/bucketName", "/params/fileType"]);
    }

    #[tokio::test]
    async fn members_of_another_type_are_named_one_by_one() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let account = server.client().post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
        let mut body = s3.target(account.id(), "Loyal");
        body["params"]["bucketName"] = json!(5);
        body["params"]["path"] = json!(7);
        let mut fields = server.client().post(PATH, &body).await.fields();
        fields.sort();
        assert_eq!(fields, ["/params/bucketName", "/params/path"]);
        body["params"].as_object_mut().unwrap().remove("bucketName");
        let mut fields = server.client().post(PATH, &body).await.fields();
        fields.sort();
        assert_eq!(fields, ["/params/bucketName", "/params/path"]);
        body["params"]["bucketName"] = json!("exports");
        body["params"]["path"] = json!("a b/%SEGMENT_NAME%");
        assert_eq!(server.client().post(PATH, &body).await.fields(), ["/params/path"]);
    }

    #[tokio::test]
    async fn an_unknown_account_and_another_kind_are_refused() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let unknown = client.post(PATH, &s3.target("69f188b6-af07-4587-8061-e94d34637b41", "Loyal")).await;
        assert_eq!(unknown.fields(), ["/baseConnectionId"]);
        let account = client.post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
        let mut body = s3.target(account.id(), "Loyal");
        body["connectionSpec"]["id"] = json!("36965a81-b1c6-401b-99f8-22508f1e6a26");
        assert!(client.post(PATH, &body).await.fields().contains(&"/connectionSpec".to_owned()));
    }

    #[tokio::test]
    async fn a_folder_outside_of_the_servers_root_is_refused() {
        let server = Server::start().await;
        let account = server.folder_account_id("Local").await;
        let mut body = server.folder_target(&account, "Here");
        assert_eq!(server.client().post(PATH, &body).await.status, 201);
        body["params"]["path"] = json!("/etc");
        assert_eq!(server.client().post(PATH, &body).await.status, 400);
    }

    #[tokio::test]
    async fn a_stream_is_tried_and_takes_no_file_options() {
        let server = Server::start().await;
        let account = server.stream_account_id("Streams").await;
        let mut body = server.stream_target(&account, "live");
        body["params"]["includeSegmentNames"] = json!(true);
        let saved = server.client().post(PATH, &body).await;
        assert_eq!(
            (saved.status, saved.body["probe"]["steps"].as_array().map(Vec::len)),
            (201, Some(1)),
            "{}",
            saved.text
        );
        body["params"]["stream"] = json!("missing");
        let missing = server.client().post(PATH, &body).await;
        assert_eq!((missing.status, missing.body["class"].as_str()), (400, Some("config")), "{}", missing.text);
        body["params"] = json!({"stream": "", "fileType": "CSV", "includeSegmentNames": 1});
        let mut fields = server.client().post(PATH, &body).await.fields();
        fields.sort_unstable();
        assert_eq!(fields, ["/params/fileType", "/params/includeSegmentNames", "/params/stream"]);
    }
}
