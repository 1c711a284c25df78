//! Deliveries to real servers: sealed secrets open the way, and a wrong one can be put right.

use std::path::Path;
use std::time::Duration;

use outflow_model::FaultClass;
use outflow_model::run::{RunBody, RunKind, RunState};
use outflow_runner::{jobs, submit};
use outflow_store::{Connection, DatabaseUrl, NewDocument, NewJob, Run, SegmentJob};
use outflow_testkit::database::TestDatabase;
use outflow_testkit::servers;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{self, Activated, DATED, SANDBOX, World, daily, names, time};

const S3: &str = "4fce964d-3f37-408f-9778-e597338a21ee";
const SFTP: &str = "36965a81-b1c6-401b-99f8-22508f1e6a26";

async fn world() -> (World, String) {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    (world, segment)
}

fn activated(segment: &str) -> Activated<'_> {
    let schedule = daily("2027-01-01", "06:00");
    Activated { segment, mode: "DAILY_FULL_EXPORT", schedule, template: DATED }
}

/// Seals a member of the account of the world's only connection.
async fn seal(world: &World, member: &str, secret: &str) {
    let mut tx = world.store.begin().await.unwrap();
    let connections = tx.all::<Connection>(outflow_store::Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
    let pointer = format!("/auth/params/{member}");
    tx.put_secret(SANDBOX, &connections[0].id, &pointer, &SecretString::from(secret)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn verified(world: &World, run: &str) {
    world.runner().submit_verify(SANDBOX, run).await.unwrap();
    world.work().await;
    let document = world.store.read().await.unwrap().get::<Run>(SANDBOX, run).await.unwrap();
    assert_eq!(document.details["verification"]["state"], "success", "{}", document.details);
}

#[expect(clippy::disallowed_methods, reason = "signatures are checked against the machine's clock")]
fn machines_time() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}

fn only_file(folder: &Path, ending: &str) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.ends_with(ending)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_gets_the_files_and_nothing_else() {
    let server = servers::rclone();
    let (world, segment) = world().await;
    // The store looks at when a request was signed.
    world.clock.set(machines_time());
    let connection = json!({
        "name": "bucket", "connectionSpec": {"id": S3, "version": "1.0"},
        "auth": {"specName": "Access Key", "params": {
            "s3AccessKey": server.access_key_id, "endpoint": server.endpoint, "region": "us-east-1", "pathStyle": true,
        }},
    });
    let path = format!("runner/{segment}/%SEGMENT_NAME%");
    let params = json!({"bucketName": server.bucket, "path": path, "fileType": "CSV", "compression": "GZIP"});
    let flow = world.flow_to("bucket", connection, S3, params, &[activated(&segment)], &["email"]).await;
    seal(&world, "s3SecretKey", &server.secret_access_key).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
    let folder = server.folder.join("runner").join(&segment).join("Americans");
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    assert_eq!(only_file(&folder, ".csv.gz"), [run.files[0].name.clone()]);
    verified(&world, &runs[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_fails_the_run_and_the_right_one_lets_it_be_tried_again() {
    let server = servers::sshd();
    let (world, segment) = world().await;
    let connection = json!({
        "name": "server", "connectionSpec": {"id": SFTP, "version": "1.0"},
        "auth": {"specName": "SFTP with Password", "params": {
            "domain": server.host, "port": server.port, "username": server.user, "hostKey": server.host_key,
        }},
    });
    let params = json!({"remotePath": "/upload/%SEGMENT_ID%", "fileType": "PARQUET"});
    let flow = world.flow_to("server", connection, SFTP, params, &[activated(&segment)], &["email", "points"]).await;
    seal(&world, "password", "not the password").await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    let error = run.error.unwrap();
    assert_eq!((run.state, error.class), (RunState::Failed, FaultClass::Credentials), "{error:?}");
    let told: Value = serde_json::to_value(&error).unwrap();
    assert!(!told.to_string().contains("not the password"), "{told}");
    let folder = server.upload_dir.join(&segment);
    assert!(names(&folder).is_empty());
    seal(&world, "password", &server.password).await;
    world.runner().submit_retry(SANDBOX, &runs[0], "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    assert_eq!(only_file(&folder, ".parquet").len(), 1);
    assert_eq!(run.files[0].rows, 2);
    verified(&world, &runs[0]).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Who takes a run's row and its job's in another order than its worker waits for it while it waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn cancelling_waits_for_the_worker_and_never_the_other_way_round() {
    let database = TestDatabase::postgres();
    let store = world::open_store_at(DatabaseUrl::parse(database.url()).unwrap()).await;
    let body = RunBody::queued("r", "f", "s", RunKind::Now, store_time(), 0);
    let mut tx = store.begin().await.unwrap();
    let body = serde_json::to_value(body).unwrap();
    tx.insert::<Run>(NewDocument { id: Some("r".into()), sandbox: SANDBOX, name: "", body, by: "test" }).await.unwrap();
    let body = json!({"status": "PROCESSING"});
    tx.insert::<SegmentJob>(NewDocument { id: Some("e".into()), sandbox: SANDBOX, name: "", body, by: "test" })
        .await
        .unwrap();
    for (kind, subject) in [(jobs::RUN, "r"), (jobs::EVALUATION, "e")] {
        let (payload, run_at) = (json!({}), store_time());
        tx.enqueue(&NewJob { kind, subject, sandbox: SANDBOX, payload, run_at, priority: 0 }).await.unwrap();
    }
    tx.commit().await.unwrap();
    for kind in [jobs::RUN, jobs::EVALUATION] {
        let job = store.claim("w", Duration::from_secs(600), &[kind]).await.unwrap().unwrap();
        let mut worker = store.begin_fenced(&job.lease()).await.unwrap();
        let canceller = store.clone();
        let cancelling = tokio::spawn(async move {
            let mut tx = canceller.begin().await.unwrap();
            match kind {
                jobs::RUN => submit::cancel(&mut tx, SANDBOX, "r", "me", "why", store_time()).await.unwrap(),
                _ => submit::cancel_segment_job(&mut tx, SANDBOX, "e", "me", store_time()).await.unwrap(),
            }
            tx.commit().await.unwrap();
        });
        // By then it waits for the job's row; were it later, this would find nothing.
        tokio::time::sleep(Duration::from_millis(500)).await;
        match kind {
            jobs::RUN => drop(worker.lock::<Run>(SANDBOX, "r").await.unwrap()),
            _ => drop(worker.lock::<SegmentJob>(SANDBOX, "e").await.unwrap()),
        }
        worker.commit().await.unwrap();
        cancelling.await.unwrap();
    }
}

fn store_time() -> chrono::DateTime<chrono::Utc> {
    time("2026-01-02T03:04:05Z")
}
