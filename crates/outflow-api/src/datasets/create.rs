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
    let mut body = document::own_members(body);
    body.retain(|name, _| !super::SHOWN_BESIDE.contains(&name.as_str()));
    let definition = read(&body)?;
    check_files(&api, &definition).await?;
    let mut tx = api.begin(&caller).await?;
    let created = document::insert::<outflow_store::Dataset>(&mut tx, &caller, None, body).await?;
    let submitted = outflow_runner::submit::refresh(&mut tx, &caller.sandbox, &created.id, api.now()).await?;
    add_daily_evaluation(&mut tx, &caller).await?;
    tx.commit().await?;
    api.runner.wake();
    let answer = Refreshing {
        id: created.id.clone(),
        etag: etag(created.version),
        is_new: submitted.is_new,
        paused_flows: Vec::new(),
    };
    Ok((StatusCode::CREATED, Answer(answer)))
}

/// Without a schedule no segment would ever be evaluated by itself.
async fn add_daily_evaluation(tx: &mut Tx, caller: &Caller) -> ApiResult<()> {
    let sandbox = caller.sandbox.as_str();
    let everything = ListQuery::default();
    let is_first = tx.count::<outflow_store::Dataset>(Scope::Sandbox(sandbox), &everything).await?.documents == 1;
    if !is_first || tx.count::<ScheduleConfig>(Scope::Sandbox(sandbox), &everything).await?.documents > 0 {
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use outflow_model::{Fault, FaultClass};
    use outflow_profiles::source::{ListedFile, RandomAccess, SourceFile, Storage};
    use outflow_store::NewDocument;
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
    async fn files_whose_names_do_not_tell_are_read_as_the_format_says() {
        let server = Server::start().await;
        let file = server.path("people.txt");
        std::fs::copy(server.dataset_file(), &file).unwrap();
        let mut body = server.dataset_body("CRM");
        body["source"]["urls"] = json!([file]);
        assert_eq!(server.client().post(PATH, &body).await.fields(), ["/source/urls"]);
        body["source"]["format"] = json!("csv");
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let path = format!("{PATH}/{}", created.id());
        let preview = server.client().get(&format!("{path}/preview")).await;
        assert_eq!(preview.body["items"][0]["crmId"], "c-1", "{}", preview.text);
        assert_eq!(server.client().get(&format!("{path}/schema")).await.status, 200);
        server.work_is_done().await;
        let shown = server.client().get(&path).await;
        assert_eq!(shown.body["items"][0]["refresh"]["state"], "success", "{}", shown.text);
    }

    #[tokio::test]
    async fn a_copy_does_not_have_the_counts_of_what_it_was_copied_from() {
        let server = Server::start().await;
        let mut body = server.dataset_body("CRM");
        body["counts"] = json!({"records": 7});
        body["refresh"] = json!({"state": "success"});
        let created = server.client().post(PATH, &body).await;
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await.body["items"][0].clone();
        assert_eq!((shown.get("counts"), &shown["refresh"]["state"]), (None, &json!("queued")));
    }

    /// A place that does not answer, or not before it is let go.
    struct Away {
        let_go: std::sync::Mutex<std::sync::mpsc::Receiver<()>>,
        asked: Arc<AtomicUsize>,
    }

    impl Storage for Away {
        fn handles(&self, pattern: &str) -> bool {
            pattern.starts_with("s3://")
        }

        fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
            if pattern.contains("silent") {
                self.asked.fetch_add(1, Ordering::Relaxed);
                // An error says the same: nobody waits for an answer any more.
                let _ = self.let_go.lock().unwrap().recv();
            }
            Err(Fault::new(FaultClass::Unavailable, "nobody answers"))
        }

        fn open(&self, _file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
            Err(Fault::new(FaultClass::Unavailable, "nobody answers"))
        }
    }

    #[tokio::test]
    async fn a_place_that_does_not_answer_is_the_requests_fault_and_is_not_waited_for() {
        let (let_go, silent) = std::sync::mpsc::channel();
        let asked = Arc::new(AtomicUsize::new(0));
        let away = Away { let_go: std::sync::Mutex::new(silent), asked: Arc::clone(&asked) };
        let server = Server::start_in(|context| {
            context.settings.probe_timeout_secs = 1;
            context.storages.push(Arc::new(away));
        })
        .await;
        let mut body = server.dataset_body("CRM");
        for url in ["s3://bucket/a.csv", "s3://silent/a.csv"] {
            body["source"]["urls"] = json!([url]);
            let answer = server.client().post(PATH, &body).await;
            assert_eq!((answer.status, answer.fields()), (400, vec!["/source/urls".to_owned()]), "{}", answer.text);
        }
        assert_eq!(server.client().get(PATH).await.body["items"], json!([]));
        // One that answered when it was attached, and does not any more.
        let new = NewDocument { id: Some("d".into()), sandbox: "prod", name: "CRM", body, by: "admin" };
        let mut tx = server.store().begin().await.unwrap();
        tx.insert::<outflow_store::Dataset>(new).await.unwrap();
        tx.commit().await.unwrap();
        // One thread waits already. Three more may, and then nobody.
        for statuses in [[409, 409, 409, 503], [503; 4]] {
            let [schema, preview] = ["schema", "preview"].map(|what| format!("{PATH}/d/{what}"));
            let client = server.client();
            let answers =
                tokio::join!(client.get(&schema), client.get(&preview), client.get(&schema), client.get(&preview));
            let mut answers = [answers.0, answers.1, answers.2, answers.3];
            answers.sort_by_key(|answer| answer.status);
            for (answer, status) in answers.iter().zip(statuses) {
                let text =
                    if status == 409 { "could not be looked at within 1 seconds" } else { "looks into other files" };
                assert_eq!(answer.status, status, "{}", answer.text);
                assert!(answer.text.contains(text), "{}", answer.text);
            }
        }
        // Nor may anybody look into profiles.
        let person = json!({"namespace": "CRMID", "id": "c-1"});
        let answer = server.client().post("/data/core/ups/profiles/find", &person).await;
        assert!(answer.status == 503 && answer.text.contains("looks into other files"), "{}", answer.text);
        assert_eq!(asked.load(Ordering::Relaxed), 4);
        drop(let_go);
    }

    #[tokio::test]
    async fn much_text_is_not_read_while_a_client_waits() {
        let server = Server::start().await;
        let large = server.path("large.csv");
        let file = std::fs::File::create(&large).unwrap();
        file.set_len(super::super::TEXT_BYTES_MAX + 1).unwrap();
        let mut body = server.dataset_body("CRM");
        body["source"]["urls"] = json!([large]);
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        for what in ["schema", "preview"] {
            let answer = server.client().get(&format!("{PATH}/{}/{what}", created.id())).await;
            assert_eq!(answer.status, 409, "{what}: {}", answer.text);
            assert!(answer.text.contains("64 MiB") && answer.text.contains("Wait for its refresh"), "{}", answer.text);
        }
    }

    #[tokio::test]
    async fn two_datasets_of_one_name_are_refused() {
        let server = Server::start().await;
        let body = server.dataset_body("CRM");
        assert_eq!(server.client().post(PATH, &body).await.status, 201);
        assert_eq!(server.client().post(PATH, &body).await.status, 409);
    }
}
