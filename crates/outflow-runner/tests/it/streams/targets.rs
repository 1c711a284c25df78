//! Targets that are away, closed or slow, and flows that are stopped.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunState};
use outflow_runner::SubmitError;
use outflow_store::{Alert, Connection, Expected, Flow, Scope};
use serde_json::json;

use super::bed::{Bed, FIRST, stream_flow};
use super::far::RIGHT_KEY;
use crate::world::{SANDBOX, Server, names, until};

const NEXT: super::bed::People<'static> = &[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 31)];

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_was_away_gets_everything_and_what_may_have_arrived_twice() {
    let bed = Bed::begun(json!({})).await;
    bed.far.answers_lost.store(1, Ordering::SeqCst);
    bed.far.away_after(2);
    bed.evaluate(NEXT).await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.messages), ("blocked", 3));
    assert_eq!(status.fault.unwrap().class, FaultClass::Unavailable);
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(6));
    bed.world.work().await;
    assert_eq!(bed.status().await.state, "idle");
    let known = bed.far.known();
    assert_eq!(known.into_values().collect::<Vec<_>>(), ["b@x US 20 in 1", "c@x US 31 in 1"]);
    let run = &bed.runs(RunKind::Window).await[0];
    assert_eq!(run.counts.as_ref().map(|counts| (counts.messages, counts.accepted)), Some((5, 5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_blocks_until_the_right_one_is_given() {
    let bed = Bed::of(FIRST, json!({}), "wrong").await;
    bed.world.work().await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.pending), ("blocked", 2));
    let fault = status.fault.unwrap();
    assert_eq!((fault.class, fault.hint.as_str()), (FaultClass::Credentials, "give another key"));
    let alerts = async |state: &str| {
        let alerts = bed.world.store.read().await.unwrap().all::<Alert>(Scope::All, Vec::new()).await.unwrap();
        alerts.iter().filter(|alert| alert.name == "runFailure" && alert.body["state"] == state).count()
    };
    assert_eq!((alerts("open").await, alerts("recovered").await), (1, 0));
    // It is tried again from time to time, and told once.
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
    assert_eq!((bed.far.opens.load(Ordering::SeqCst), alerts("open").await), (2, 1));
    // With another account at once.
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["key"] = json!(RIGHT_KEY)).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(0), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    assert_eq!((bed.status().await.state.as_str(), alerts("recovered").await), ("idle", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_disabled_sends_no_more_and_goes_on_with_what_is_so_by_then() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(1);
    bed.evaluate(NEXT).await;
    assert_eq!(bed.status().await.pending, 2);
    let told = bed.far.count();
    bed.set_state("disabled").await;
    bed.world.work().await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.messages, status.pending), ("disabled", 0, 0));
    assert_eq!(
        status.fault.map(|fault| fault.class),
        Some(FaultClass::Unavailable),
        "why it did not send stays to be seen"
    );
    let run = &bed.runs(RunKind::Window).await[0];
    assert_eq!((run.state, run.counts.as_ref().unwrap().messages), (RunState::Success, 3));
    bed.far.back();
    bed.evaluate(FIRST).await;
    assert_eq!(bed.far.count(), told, "a disabled flow sends nothing");
    let refused = bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await;
    assert!(matches!(refused, Err(SubmitError::Conflict { .. })), "{refused:?}");
    bed.set_state("enabled").await;
    bed.world.work().await;
    let known = bed.far.known();
    assert_eq!(known.into_values().collect::<Vec<_>>(), ["a@x US 10 in 1", "c@x US 30 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_flow_says_that_it_is_disabled_at_once_and_not_why_it_is_tried_no_more() {
    let bed = Bed::of(FIRST, json!({}), "wrong").await;
    bed.world.work().await;
    assert_eq!(bed.status().await.state, "blocked");
    bed.set_state("disabled").await;
    for _ in 0..2 {
        let status = bed.status().await;
        assert_eq!((status.state.as_str(), status.next_try_at), ("disabled", None));
        assert_eq!(status.fault.map(|fault| fault.class), Some(FaultClass::Credentials));
        bed.world.work().await;
    }
    bed.set_state("enabled").await;
    assert_ne!(bed.status().await.state, "idle", "it is not known yet whether everything is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn evaluations_that_come_while_a_flow_is_blocked_are_counted() {
    for (coalesce, expected) in [(false, [1, 2, 24]), (true, [1, 1, 1])] {
        let bed = Bed::begun(json!({"coalesce": coalesce})).await;
        bed.far.away_after(0);
        bed.evaluate(NEXT).await;
        let mut waiting = Vec::new();
        for round in 0..26 {
            // Nobody looks at the flow meanwhile: it is tried again later.
            bed.evaluate_now().await;
            if [0, 1, 25].contains(&round) {
                waiting.push(bed.status().await.waiting);
            }
        }
        let status = bed.status().await;
        assert_eq!((waiting, status.complete, status.state.as_str()), (expected.to_vec(), false, "blocked"));
        bed.far.back();
        bed.world.advance(TimeDelta::minutes(10));
        bed.world.work().await;
        let status = bed.status().await;
        assert_eq!((status.waiting, status.complete, status.state.as_str()), (0, true, "idle"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_lacks_what_is_mapped_stops_the_flow_until_it_is_back() {
    let bed = Bed::begun(json!({})).await;
    bed.write_lake("email,country\na@x,US\nc@x,US\n").await;
    let status = bed.status().await;
    let fault = status.fault.unwrap();
    assert_eq!((status.state.as_str(), fault.class), ("blocked", FaultClass::Input));
    assert!(fault.message.contains("`points`"), "{fault:?}");
    assert!(fault.tried.contains("flow acme") && fault.hint.contains("outflow flows activate \"acme\""), "{fault:?}");
    // A later evaluation has it: the one that lacks it is left out.
    bed.evaluate(&[("a@x", "US", 11), ("c@x", "US", 30)]).await;
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.left_out, status.fault), ("idle", 1, None));
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_made_anew_is_no_older_than_the_one_before() {
    let bed = Bed::begun(json!({})).await;
    bed.evaluate(NEXT).await;
    bed.world.delete::<Flow>(&bed.flow).await;
    bed.world.advance(TimeDelta::minutes(1));
    stream_flow(&bed.world, "anew", &[&bed.segment], &["country", "points"], json!({}), RIGHT_KEY).await;
    bed.world.work().await;
    // Who reads both keeps what the second says; who left before that has left.
    let known = bed.far.known();
    assert_eq!(known.into_values().collect::<Vec<_>>(), ["b@x US 20 in 1", "c@x US 31 in 1"]);
    let newest = bed.far.bodies(bed.far.count() - 1)[0]["sequence"].as_i64().unwrap();
    assert_eq!(newest, bed.world.clock.peek().timestamp());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_disabled_while_it_sends_stops() {
    let bed = Bed::begun(json!({})).await;
    bed.far.hold();
    let server = Server::start(&bed.world.runner());
    bed.world.write_people(NEXT);
    bed.world.advance(TimeDelta::minutes(1));
    server.runner.submit_refresh(SANDBOX, &bed.dataset).await.unwrap();
    until("the people are read", async || {
        let reader = bed.world.store.read().await;
        reader.unwrap().job(outflow_runner::jobs::REFRESH, &bed.dataset).await.unwrap().is_none()
    })
    .await;
    server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    until("messages are on their way", async || bed.far.waiting.load(Ordering::SeqCst) > 0).await;
    bed.set_state("disabled").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    bed.far.release();
    until("it has stopped", async || {
        server.runner.wake();
        let status = bed.status().await;
        status.state == "disabled" && status.messages == 0
    })
    .await;
    server.stop().await;
    assert!(bed.runs(RunKind::Window).await.iter().all(|run| run.state == RunState::Success));
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "modification times are the machine's")]
async fn a_flow_that_is_deleted_leaves_nothing() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(NEXT).await;
    bed.world.delete::<Flow>(&bed.flow).await;
    bed.world.work().await;
    let window = bed.runs(RunKind::Window).await.remove(0);
    assert_eq!((window.state, window.reason.as_deref()), (RunState::Cancelled, Some("its flow was deleted")));
    assert!(bed.world.store.read().await.unwrap().all_streams().await.unwrap().is_empty());
    let folder = bed.world.dir.path().join("data").join(SANDBOX).join("streams");
    assert!(!names(&folder).is_empty());
    bed.world.clock.set(chrono::Utc::now() + TimeDelta::days(2));
    bed.world.runner().clean_up().await.unwrap();
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_goes_on_with_what_the_first_sent() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(1);
    bed.evaluate(NEXT).await;
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(6));
    let other = bed.world.reopened().await;
    let server = Server::start(&bed.world.runner_on(&other, &bed.world.clock));
    until("everything is sent", async || bed.status().await.state == "idle").await;
    server.stop().await;
    assert_eq!(bed.far.known().into_values().collect::<Vec<_>>(), ["b@x US 20 in 1", "c@x US 31 in 1"]);
    let cancelled =
        bed.world.runner().cancel(SANDBOX, &bed.runs(RunKind::Window).await[0].id, "me", Expected::Any).await;
    assert!(matches!(cancelled, Err(SubmitError::Conflict { .. })), "{cancelled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_takes_long_does_not_keep_other_flows_waiting() {
    let mut bed = Bed::new(json!({})).await;
    (bed.world.settings.stream_workers, bed.world.settings.stream_turn_secs) = (1, 0);
    stream_flow(&bed.world, "other", &[&bed.segment], &["points"], json!({}), RIGHT_KEY).await;
    bed.far.hold();
    let server = Server::start(&bed.world.runner());
    server.runner.reconcile().await.unwrap();
    until("one flow sends", async || bed.far.opens.load(Ordering::SeqCst) == 1).await;
    until("the other sends, too", async || bed.far.opens.load(Ordering::SeqCst) > 1).await;
    bed.far.release();
    until("both have told everybody", async || {
        server.runner.wake();
        bed.far.told(0).len() >= 4 && bed.status().await.state == "idle"
    })
    .await;
    server.stop().await;
    let told: std::collections::BTreeSet<String> = bed.far.told(0).into_iter().collect();
    assert_eq!(told.len(), 4, "{told:?}");
}
