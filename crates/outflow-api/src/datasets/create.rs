//! `POST /data/foundation/datasets`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_store::{ListQuery, NewDocument, ScheduleConfig, Scope, Tx};
use serde_json::json;

use super::{Dataset, Refreshing, check_files, read};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::etag;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Attach a dataset
///
/// Its files stay where they are. A refresh begins at once; `refresh` of the dataset says how it goes. The first dataset
/// of a sandbox also brings a daily evaluation of its segments, at midnight UTC.
#[utoipa::path(
    post,
    path = "/data/foundation/datasets",
    tag = "datasets",
    request_body = Dataset,
    responses((status = 201, description = "The dataset is attached and a refresh begins.", body = Refreshing))
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Refreshing>)> {
    let body = document::own_members(body);
    let definition = read(&body)?;
    check_files(&api, &definition).await?;
    let mut tx = api.store.begin().await?;
    let created = document::insert::<outflow_store::Dataset>(&mut tx, &caller, None, body).await?;
    let submitted = outflow_runner::submit::refresh(&mut tx, &caller.sandbox, &created.id, api.now()).await?;
    add_daily_evaluation(&mut tx, &caller).await?;
    tx.commit().await?;
    api.runner.wake();
    let answer = Refreshing { id: created.id.clone(), etag: etag(created.version), is_new: submitted.is_new };
    Ok((StatusCode::CREATED, Answer(answer)))
}

/// Without a schedule no segment would ever be evaluated by itself.
async fn add_daily_evaluation(tx: &mut Tx, caller: &Caller) -> ApiResult<()> {
    let sandbox = caller.sandbox.as_str();
    let everything = ListQuery::default();
    let is_first = tx.count::<outflow_store::Dataset>(Scope::Sandbox(sandbox), &everything).await? == 1;
    if !is_first || tx.count::<ScheduleConfig>(Scope::Sandbox(sandbox), &everything).await? > 0 {
        return Ok(());
    }
    let name = "Daily evaluation";
    let body = json!({
        "name": name, "type": "batch_segmentation", "schedule": "0 0 0 * * ?", "state": "active",
        "properties": {"segments": ["*"]},
    });
    tx.insert::<ScheduleConfig>(NewDocument { id: None, sandbox, name, body, by: &caller.client }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/datasets";

    #[tokio::test]
    async fn an_attached_dataset_is_refreshed_and_evaluated_daily() {
        let server = Server::start().await;
        let body = server.dataset_body("CRM");
        let created = server.client().post(PATH, &body).await;
        assert_eq!((created.status, created.body["isNew"].as_bool()), (201, Some(true)), "{}", created.text);
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await.body["items"][0].clone();
        assert_eq!((&shown["source"], &shown["identities"]), (&body["source"], &body["identities"]));
        assert_eq!(shown["refresh"]["state"], "queued");
        let schedules = server.client().get("/data/core/ups/config/schedules").await;
        assert_eq!(schedules.body["children"][0]["state"], "active");
    }

    #[tokio::test]
    async fn what_the_files_do_not_hold_is_told_by_field() {
        let server = Server::start().await;
        let mut body = server.dataset_body("CRM");
        body["identities"][0]["path"] = json!("crmID");
        body["timestamp"] = json!("nowhere");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.fields(), ["/identities/0/path", "/timestamp"], "{}", answer.text);
    }

    #[tokio::test]
    async fn files_that_are_not_there_and_bodies_without_sense_are_refused() {
        let server = Server::start().await;
        let mut body = server.dataset_body("CRM");
        body["source"]["urls"] = json!(["/no/such/folder/*.parquet"]);
        let answer = server.client().post(PATH, &body).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/source/urls".to_owned()]), "{}", answer.text);
        let answer = server.client().post(PATH, &json!({"source": 7})).await;
        assert_eq!(answer.fields(), ["/name", "/source", "/identities"]);
    }

    #[tokio::test]
    async fn two_datasets_of_one_name_are_refused() {
        let server = Server::start().await;
        let body = server.dataset_body("CRM");
        assert_eq!(server.client().post(PATH, &body).await.status, 201);
        assert_eq!(server.client().post(PATH, &body).await.status, 409);
    }
}
