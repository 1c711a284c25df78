//! Runs: one at a time for a flow's segment, planned once, with files and attempts.

use chrono::TimeDelta;
use outflow_store::{Change, Conflict, Expected, Flow, Run, RunFile, Scope, StoreError};
use serde_json::{Value, json};

use crate::bed::{Bed, LEASE, PROD, new, on_both};

on_both!(
    a_segment_of_a_flow_has_one_run_at_a_time,
    the_runs_of_an_hour_are_counted,
    a_run_is_planned_once,
    files_and_attempts_are_kept,
    the_newest_run_of_each_flow_is_found,
    runs_that_ended_long_ago_are_found_and_go_whole,
);

fn run(flow: &str, segment: &str, state: &str) -> Value {
    json!({"flowId": flow, "segmentId": segment, "state": state, "slot": "2026-01-02T03:00:00Z", "kind": "scheduled"})
}

fn change(body: Value) -> Change<'static> {
    Change { name: None, body, by: "b" }
}

async fn the_runs_of_an_hour_are_counted(bed: Bed) {
    for (segment, state) in [("a", "success"), ("b", "queued"), ("c", "failed")] {
        bed.make::<Run>("", run("f", segment, state)).await;
        bed.wait(1_200);
    }
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.runs_made_since(PROD, bed.now() - TimeDelta::hours(1)).await.unwrap(), 3);
    assert_eq!(reader.runs_made_since(PROD, bed.now() - TimeDelta::minutes(59)).await.unwrap(), 2);
    assert_eq!(reader.runs_made_since("dev", bed.now() - TimeDelta::hours(1)).await.unwrap(), 0);
}

async fn a_segment_of_a_flow_has_one_run_at_a_time(bed: Bed) {
    let first = bed.make::<Run>("", run("f", "s", "queued")).await;
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.insert::<Run>(new("", run("f", "s", "processing"))).await.unwrap_err();
    let StoreError::Conflict(Conflict::LiveRun { flow_id, segment_id, run: live }) = &error else { panic!("{error}") };
    assert_eq!((flow_id.as_str(), segment_id.as_str(), live.as_ref()), ("f", "s", Some(&first.id)));
    // The transaction is as it was: others of it may go on.
    tx.insert::<Run>(new("", run("f", "other", "queued"))).await.unwrap();
    let ended = tx.insert::<Run>(new("", run("f", "s", "failed"))).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.live_run("f", "s").await.unwrap().unwrap().id, first.id);
    assert_eq!(reader.live_run("g", "s").await.unwrap(), None);
    let states = reader.runs_by_state(Scope::All).await.unwrap();
    assert_eq!(states, [("failed".to_owned(), 1), ("queued".to_owned(), 2)]);
    assert_eq!(reader.runs_by_state(Scope::Sandbox("dev")).await.unwrap(), []);
    drop(reader);

    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.update::<Run>(PROD, &ended.id, Expected::Any, change(run("f", "s", "queued"))).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::LiveRun { .. })), "{error}");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    tx.update::<Run>(PROD, &first.id, Expected::Any, change(run("f", "s", "success"))).await.unwrap();
    tx.update::<Run>(PROD, &ended.id, Expected::Any, change(run("f", "s", "queued"))).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_run_is_planned_once(bed: Bed) {
    let job = bed.job("export", "r").await;
    assert_eq!(bed.store.read().await.unwrap().plan("r").await.unwrap(), None);
    let plan = format!("{{\"names\":\"{}\"}}", "é".repeat(300_000));
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.set_plan("r", &plan).await.unwrap();
    let error = tx.set_plan("r", "{}").await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::Exists { .. })), "{error}");
    tx.commit().await.unwrap();
    assert_eq!(bed.store.read().await.unwrap().plan("r").await.unwrap(), Some(plan));
    let mut tx = bed.store.begin().await.unwrap();
    tx.drop_plan("r").await.unwrap();
    assert_eq!(tx.plan("r").await.unwrap(), None);
}

async fn files_and_attempts_are_kept(bed: Bed) {
    let first = bed.job("export", "r").await;
    let mut tx = bed.store.begin_fenced(&first.lease()).await.unwrap();
    assert_eq!(tx.begin_attempt("r").await.unwrap(), 1);
    assert_eq!(tx.begin_attempt("r").await.unwrap(), 1, "the same attempt");
    let error = json!({"class": "unavailable"});
    tx.end_attempt("r", 1, "failed", Some(&error)).await.unwrap();
    tx.retry_job(bed.now(), "unavailable").await.unwrap();
    tx.commit().await.unwrap();
    bed.wait(3);
    let second = bed.store.claim("w2", LEASE, &["export"]).await.unwrap().unwrap();
    let file = |n: u64| RunFile {
        name: format!("a_{n}.csv"),
        url: format!("s3://exports/a_{n}.csv"),
        rows: n,
        bytes: u64::from(u32::MAX) + n,
        sha256: "ab".repeat(32),
    };
    let files: Vec<RunFile> = (0..250).map(file).collect();
    let mut tx = bed.store.begin_fenced(&second.lease()).await.unwrap();
    assert_eq!(tx.begin_attempt("r").await.unwrap(), 2);
    tx.put_run_files("r", &files[..10]).await.unwrap();
    tx.put_run_files("r", &files).await.unwrap();
    tx.end_attempt("r", 2, "success", None).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.run_files("r").await.unwrap(), files);
    assert_eq!(reader.run_files("other").await.unwrap(), []);
    let attempts = reader.run_attempts("r").await.unwrap();
    let told: Vec<_> =
        attempts.iter().map(|a| (a.number, a.worker.as_str(), a.outcome.as_deref(), a.error.as_ref())).collect();
    assert_eq!(told, [(1, "w", Some("failed"), Some(&error)), (2, "w2", Some("success"), None)]);
    assert_eq!(attempts[1].started_at, bed.now());
    assert_eq!(attempts[0].ended_at, Some(bed.now() - TimeDelta::seconds(3)));
}

async fn the_newest_run_of_each_flow_is_found(bed: Bed) {
    let mut ids = Vec::new();
    for n in 0..200 {
        let flow = bed.make::<Flow>(&n.to_string(), json!({})).await;
        ids.push(flow.id.clone());
    }
    let mut newest = Vec::new();
    for state in ["failed", "success"] {
        newest.clear();
        for id in &ids[..3] {
            bed.wait(1);
            newest.push(bed.make::<Run>("", run(id, "s", state)).await);
        }
    }
    let found = bed.store.read().await.unwrap().latest_runs(&ids).await.unwrap();
    assert_eq!(found.len(), 3);
    for (id, run) in ids.iter().zip(&newest) {
        assert_eq!(found.get(id), Some(run));
    }
}

async fn runs_that_ended_long_ago_are_found_and_go_whole(bed: Bed) {
    let old = bed.make::<Run>("", run("f", "a", "success")).await;
    let live = bed.make::<Run>("", run("f", "b", "queued")).await;
    bed.wait(100);
    let young = bed.make::<Run>("", run("f", "c", "failed")).await;
    let job = bed.job("export", &old.id).await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.set_plan(&old.id, "{}").await.unwrap();
    tx.begin_attempt(&old.id).await.unwrap();
    let file = RunFile { name: "n".to_owned(), url: "u".to_owned(), rows: 1, bytes: 2, sha256: "x".to_owned() };
    tx.put_run_files(&old.id, &[file]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    let found = tx.runs_ended_before(bed.now() - TimeDelta::seconds(50), 10).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&old), "neither {} nor {}", live.id, young.id);
    tx.delete::<Run>(PROD, &old.id, Expected::Any).await.unwrap();
    assert_eq!(tx.plan(&old.id).await.unwrap(), None);
    assert_eq!(tx.run_files(&old.id).await.unwrap(), []);
    assert_eq!(tx.run_attempts(&old.id).await.unwrap(), []);
}
