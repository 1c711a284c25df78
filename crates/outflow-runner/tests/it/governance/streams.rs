//! Flows to streams.

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunState};
use outflow_store::Flow;
use serde_json::{Value, json};

use super::bed::{act, enable, enable_core, label, leaf, policy, told};
use crate::streams::bed::{Bed, FIRST};
use crate::world::SANDBOX;

async fn bed() -> Bed {
    let bed = Bed::new(json!({})).await;
    bed.world.clock.tick(TimeDelta::microseconds(3));
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    policy(&bed.world, "p", &leaf("C4")).await;
    bed
}

async fn begun() -> Bed {
    let bed = bed().await;
    bed.world.work().await;
    assert_eq!(bed.far.count(), 2);
    bed
}

async fn flow(bed: &Bed) -> Value {
    bed.world.body::<Flow>(&bed.flow).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_sent_by_a_decision_of_its_own() {
    let bed = begun().await;
    let records = told(&bed.world, "exportAllowed").await;
    let [record] = &records[..] else { panic!("{records:?}") };
    let detail = record.detail.as_ref().unwrap();
    assert_eq!((detail["flow"].as_str(), detail["messages"].as_i64()), (Some(&*bed.flow), Some(2)));
    assert_eq!(detail["sequence"], bed.far.bodies(0)[0]["sequence"]);
    assert_eq!(detail["run"], bed.far.bodies(0)[0]["runId"]);
    // Nothing to tell, nothing to decide.
    bed.evaluate(FIRST).await;
    assert_eq!(told(&bed.world, "exportAllowed").await.len(), 1);
    bed.evaluate(&[("a@x", "US", 11)]).await;
    assert_eq!(told(&bed.world, "exportAllowed").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_may_not_tell_is_paused_and_sends_nothing() {
    let bed = bed().await;
    label(&bed.world, &bed.dataset, &[], &[("points", &["C4"])]).await;
    bed.world.work().await;
    assert_eq!(bed.far.count(), 0);
    let body = flow(&bed).await;
    assert_eq!(
        (body["state"].as_str(), body["pause"]["violations"][0]["policyId"].as_str()),
        (Some("disabled"), Some("p"))
    );
    assert_eq!((told(&bed.world, "exportRefused").await.len(), told(&bed.world, "paused").await.len()), (1, 1));
    bed.evaluate(&[("a@x", "US", 11)]).await;
    bed.world.advance(TimeDelta::hours(1));
    bed.world.work().await;
    assert_eq!((bed.far.count(), told(&bed.world, "exportRefused").await.len()), (0, 1));
    label(&bed.world, &bed.dataset, &[], &[]).await;
    enable(&bed.world, &bed.flow).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(0), ["a@x US 11 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_target_is_not_sent_once_it_may_not_leave() {
    let bed = begun().await;
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "US", 20), ("c@x", "US", 31)]).await;
    assert_eq!(bed.status().await.pending, 3);
    enable_core(&bed.world, &["corepolicy_0003"]).await;
    label(&bed.world, &bed.dataset, &["C4"], &[]).await;
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    assert_eq!(bed.far.count(), 2);
    assert_eq!(flow(&bed).await["pause"]["violations"].as_array().unwrap().len(), 2, "both policies are named");
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.pending), ("disabled", 0));
    // Resolved, what is so by then is told.
    label(&bed.world, &bed.dataset, &[], &[]).await;
    enable(&bed.world, &bed.flow).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1", "c@x US 31 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_with_another_mapping_is_taken_back() {
    let bed = begun().await;
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    assert_eq!(bed.status().await.pending, 1);
    let columns = "/transformations/0/params/profileSelectors/selectors";
    bed.world
        .change::<Flow>(&bed.flow, |body| {
            body.pointer_mut(columns).unwrap().as_array_mut().unwrap().pop();
        })
        .await;
    label(&bed.world, &bed.dataset, &[], &[("points", &["C4"])]).await;
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    assert_eq!(flow(&bed).await["state"], "enabled");
    assert_eq!(bed.far.told(2), ["a@x US - in 1", "c@x US - in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_allows_it_still_is_decided_again_and_sent_on() {
    let bed = begun().await;
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    let before = told(&bed.world, "exportAllowed").await.len();
    label(&bed.world, &bed.dataset, &["C5"], &[]).await;
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1"]);
    let records = told(&bed.world, "exportAllowed").await;
    assert_eq!(records.len(), before + 1);
    let sequence = |of: usize| records[records.len() - of].detail.as_ref().unwrap()["sequence"].clone();
    assert_eq!(sequence(1), sequence(2), "both are about the same set");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_that_may_not_leave_fails() {
    let bed = begun().await;
    let run = bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    label(&bed.world, &bed.dataset, &["C12"], &[]).await;
    bed.world.work().await;
    let body = bed.runs(RunKind::Now).await.remove(0);
    assert_eq!((body.id == run, body.state), (true, RunState::Failed), "{body:?}");
    assert_eq!(body.error.unwrap().class, FaultClass::Refused);
    assert_eq!(bed.far.count(), 2);
    assert!(bed.runs(RunKind::Window).await.iter().all(|run| !run.state.is_live()));
}
