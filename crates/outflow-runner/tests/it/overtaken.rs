//! Work that is overtaken by other work: what is newer stays, and nothing that was asked for is dropped.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::Fault;
use outflow_store::{Dataset, Scope, Segment, SegmentJob};
use serde_json::{Value, json};

use crate::held::{HeldFile, HeldStorage};
use crate::world::{SANDBOX, Server, World, time, until};

/// A world whose time may pass while a job is held up, with a dataset of every CSV file of the lake.
async fn world() -> (World, Arc<HeldStorage>, String) {
    let mut world = World::new().await;
    world.settings.lease_secs = 30 * 86_400;
    let storage = HeldStorage::new();
    world.storages = vec![Arc::clone(&storage) as _];
    world.write_people(&[("a@x", "US", 10)]);
    let dataset = attach(&world, "people", "*.csv").await;
    world.work().await;
    (world, storage, dataset)
}

async fn attach(world: &World, name: &str, files: &str) -> String {
    let body = json!({
        "name": name,
        "source": {"urls": [world.dir.path().join("lake").join(files)]},
        "identities": [{"path": "email", "namespace": "Email", "primary": true}],
    });
    let id = world.insert::<Dataset>(name, body).await;
    world.runner().submit_refresh(SANDBOX, &id).await.unwrap();
    id
}

async fn details(world: &World, dataset: &str) -> Value {
    world.store.read().await.unwrap().get::<Dataset>(SANDBOX, dataset).await.unwrap().details.clone()
}

async fn status(world: &World, job: &str) -> Value {
    world.body::<SegmentJob>(job).await["status"].clone()
}

/// The only segment job.
async fn scheduled_job(world: &World) -> Value {
    let jobs = world.store.read().await.unwrap().all::<SegmentJob>(Scope::All, Vec::new()).await.unwrap();
    jobs.first().map(|job| job.body.clone()).unwrap_or_default()
}

async fn snapshot(world: &World) -> std::path::PathBuf {
    world.store.read().await.unwrap().current_snapshot(SANDBOX).await.unwrap().unwrap().path.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_reading_does_not_replace_a_newer_one() {
    let (world, storage, dataset) = world().await;
    world.segment("Americans", "country = \"US\"").await;
    world.schedule("0 0 1 * * ?").await;
    world.runner().reconcile().await.unwrap();
    storage.hold();
    let server = Server::start(&world.runner());
    server.runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
    storage.reached().await;
    // The refresh has its list of files; an evaluation finds another one and reads it first.
    std::fs::write(world.dir.path().join("lake/more.csv"), "email,country,points\nb@x,DE,2\n").unwrap();
    world.clock.set(time("2026-01-05T01:00:00Z"));
    server.runner.reconcile().await.unwrap();
    until("the segments are evaluated", async || scheduled_job(&world).await["status"] == "SUCCEEDED").await;
    assert_eq!(details(&world, &dataset).await["counts"]["profiles"], 2);
    storage.release(None);
    world.idle().await;
    server.stop().await;
    let details = details(&world, &dataset).await;
    assert_eq!((&details["counts"]["profiles"], &details["refresh"]["state"]), (&json!(2), &json!("success")));
    let text = std::fs::read_to_string(snapshot(&world).await).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["profiles"], 2, "{manifest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_is_changed_while_it_is_read_is_read_anew() {
    let (world, storage, dataset) = world().await;
    std::fs::write(world.dir.path().join("lake/other.ndjson"), "{\"email\":\"b@x\"}\n{\"email\":\"c@x\"}\n").unwrap();
    storage.hold();
    let server = Server::start(&world.runner());
    server.runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
    storage.reached().await;
    let other = world.dir.path().join("lake/other.ndjson");
    world.change::<Dataset>(&dataset, |body| body["source"]["urls"] = json!([other])).await;
    storage.release(None);
    world.idle().await;
    server.stop().await;
    assert_eq!(details(&world, &dataset).await["counts"]["profiles"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_is_asked_for_during_one_that_fails_happens() {
    let (world, storage, dataset) = world().await;
    storage.hold();
    let server = Server::start(&world.runner());
    server.runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
    storage.reached().await;
    std::fs::write(world.dir.path().join("lake/more.csv"), "email,country,points\nb@x,DE,2\n").unwrap();
    assert!(!server.runner.submit_refresh(SANDBOX, &dataset).await.unwrap().is_new);
    storage.release(Some(Fault::input("the files cannot be listed because a test says so")));
    until("the second refresh is over", async || details(&world, &dataset).await["refresh"]["state"] == "success")
        .await;
    server.stop().await;
    let details = details(&world, &dataset).await;
    assert_eq!((&details["counts"]["profiles"], details.get("refreshAgain")), (&json!(2), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_is_renamed_while_it_is_evaluated_keeps_its_result() {
    let (world, _, _) = world().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let held = HeldFile::new(&snapshot(&world).await);
    let server = Server::start(&world.runner());
    let job = server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    let reader = held.reached().await;
    world.change::<Segment>(&segment, |body| body["name"] = json!("People of America")).await;
    reader.release();
    world.idle().await;
    server.stop().await;
    let body = world.body::<SegmentJob>(&job.id).await;
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
    assert_eq!(json!(world.latest_evaluation(&segment).await), body["evaluationId"], "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_changed_while_it_is_evaluated_is_evaluated_before_the_job_is_a_success() {
    let (world, _, _) = world().await;
    let (changed, other) = (world.segment("S", "country = \"US\"").await, world.segment("Rich", "points > 5").await);
    let unknown = world.segment("Bad", "nosuchfield = 1").await;
    let held = HeldFile::new(&snapshot(&world).await);
    let server = Server::start(&world.runner());
    let job = server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    let reader = held.reached().await;
    for (segment, rule) in [(&changed, "country = \"DE\""), (&unknown, "points = 10")] {
        world.change::<Segment>(segment, |body| body["expression"]["value"] = json!(rule)).await;
    }
    reader.release();
    world.idle().await;
    server.stop().await;
    let body = world.body::<SegmentJob>(&job.id).await;
    assert_eq!((&body["status"], body.get("problems")), (&json!("SUCCEEDED"), None), "{body}");
    let wanted = json!({&changed: 0, &other: 1, &unknown: 1});
    assert_eq!(body["metrics"]["segmentedProfileCounter"], wanted, "{body}");
    assert_eq!(body["segments"].as_array().unwrap().len(), 3, "{body}");
    let mut reader = world.store.read().await.unwrap();
    let counts = reader.segment_evaluation(&changed).await.unwrap().unwrap().counts;
    assert_eq!((counts.realized, counts.segment_version), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_evaluations_with_the_same_ground_the_second_counts_too() {
    let (world, _, _) = world().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    world.advance(TimeDelta::minutes(1));
    let held = HeldFile::new(&snapshot(&world).await);
    let server = Server::start(&world.runner());
    let slow = server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    let reader = held.reached().await;
    world.advance(TimeDelta::minutes(1));
    let fast = server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    until("the other evaluation is done", async || status(&world, &fast.id).await == "SUCCEEDED").await;
    reader.release();
    world.idle().await;
    server.stop().await;
    let body = world.body::<SegmentJob>(&slow.id).await;
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
    assert_eq!(json!(world.latest_evaluation(&segment).await), body["evaluationId"], "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_contradicts_another_one_stops_no_evaluation() {
    let (world, _, dataset) = world().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    std::fs::write(world.dir.path().join("lake/other.ndjson"), "{\"email\":\"z@x\",\"points\":{\"a\":1}}\n").unwrap();
    let other = attach(&world, "other", "other.ndjson").await;
    world.work().await;
    assert_eq!(details(&world, &other).await["refresh"]["error"]["class"], "input");
    world.schedule("0 0 1 * * ?").await;
    world.runner().reconcile().await.unwrap();
    world.clock.set(time("2026-01-05T01:00:00Z"));
    world.work().await;
    let body = scheduled_job(&world).await;
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
    assert_eq!(body["metrics"]["segmentedProfileCounter"], json!({&segment: 1}));
    // What the datasets hold is merged again as soon as they agree.
    std::fs::write(world.dir.path().join("lake/other.ndjson"), "{\"email\":\"z@x\",\"points\":1}\n").unwrap();
    world.runner().submit_refresh(SANDBOX, &other).await.unwrap();
    world.work().await;
    assert_eq!(details(&world, &other).await["refresh"]["state"], "success");
    assert_eq!(details(&world, &dataset).await["refresh"]["state"], "success");
}
