//! Files of a stream that cannot be read any more.

use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunState};
use outflow_store::NewJob;
use serde_json::json;

use super::bed::{Bed, People, stream_flow};
use super::far::RIGHT_KEY;
use crate::world::{SANDBOX, Server, until};

const NEXT: People<'static> = &[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 31)];

/// A flow whose open set is damaged.
async fn damaged() -> Bed {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(NEXT).await;
    std::fs::write(bed.newest_folder().join("set").join("set.json"), "x").unwrap();
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.fault.unwrap().class), ("blocked", FaultClass::Input));
    bed
}

async fn all_is_told(bed: &Bed) {
    assert_eq!(bed.far.known().into_values().collect::<Vec<_>>(), ["b@x US 20 in 1", "c@x US 31 in 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_set_is_given_up_when_everybody_is_asked_for() {
    let bed = damaged().await;
    let run = bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    bed.world.work().await;
    all_is_told(&bed).await;
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_set_is_given_up_when_the_flow_is_disabled() {
    let bed = damaged().await;
    bed.set_state("disabled").await;
    bed.world.work().await;
    assert_eq!((bed.status().await.state.as_str(), bed.status().await.messages), ("disabled", 0));
    assert!(bed.runs(RunKind::Window).await.iter().all(|run| run.state == RunState::Success));
    bed.set_state("enabled").await;
    bed.world.work().await;
    all_is_told(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_was_told_everybody_is_told_on_demand() {
    let bed = Bed::begun(json!({})).await;
    std::fs::write(bed.newest_folder().join("told").join("told.json"), "x").unwrap();
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "US", 20)]).await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.fault.unwrap().class), ("blocked", FaultClass::Input));
    bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "modification times are the machine's")]
async fn a_row_that_cannot_be_read_stops_no_other_flow_and_costs_no_folder() {
    let bed = Bed::begun(json!({})).await;
    let store = &bed.world.store;
    let mut tx = store.begin().await.unwrap();
    let job = NewJob {
        kind: "test",
        subject: "x",
        sandbox: SANDBOX,
        payload: json!({}),
        run_at: bed.world.clock.peek(),
        priority: 0,
    };
    tx.enqueue(&job).await.unwrap();
    tx.commit().await.unwrap();
    let job = store.claim("me", Duration::from_secs(60), &["test"]).await.unwrap().unwrap();
    let mut tx = store.begin_fenced(&job.lease()).await.unwrap();
    tx.put_stream(SANDBOX, &bed.flow, &json!({"sequence": "x"}), &[]).await.unwrap();
    tx.finish_job().await.unwrap();
    tx.commit().await.unwrap();
    stream_flow(&bed.world, "other", &[&bed.segment], &["points"], json!({}), RIGHT_KEY).await;
    let server = Server::start(&bed.world.runner());
    assert!(server.runner.reconcile().await.is_err());
    until("the other flow has told everybody", async || bed.far.count() == 4).await;
    bed.world.idle().await;
    server.stop().await;
    let folder = bed.newest_folder();
    bed.world.clock.set(chrono::Utc::now() + TimeDelta::days(2));
    bed.world.runner().clean_up().await.unwrap();
    assert!(folder.exists());
}
