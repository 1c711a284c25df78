//! What happens to runs when somebody stops them, and when what they are for goes away.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunState};
use outflow_runner::SubmitError;
use outflow_store::{Expected, Flow, Segment};
use serde_json::{Value, json};

use crate::gate::{Gate, Place, gated};
use crate::world::{Activated, DATED, SANDBOX, Server, World, after_evaluation, daily, time, until};

async fn gated_world() -> (World, Arc<Gate>) {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    world.attach().await;
    world.work().await;
    (world, gate)
}

async fn flow(world: &World, schedule: Value) -> (String, String) {
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated { segment: &segment, mode: "DAILY_FULL_EXPORT", schedule, template: DATED };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    (flow, segment)
}

/// A run that is held up at `place`.
async fn held_up(world: &World, gate: &Gate, flow: &str, place: Place) -> (Server, String) {
    gate.close(place);
    let server = Server::start(&world.runner());
    let runs = server.runner.submit_run_now(SANDBOX, flow, "me").await.unwrap();
    until("the run is held up", async || gate.is_waited_at()).await;
    (server, runs[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_leaves_nothing_visible() {
    let (world, gate) = gated_world().await;
    let (flow, _) = flow(&world, daily("2026-02-01", "06:00")).await;
    let (server, run) = held_up(&world, &gate, &flow, Place::Stage).await;
    server.runner.cancel(SANDBOX, &run, "me", Expected::Any).await.unwrap();
    assert_eq!(world.run_body(&run).await.state, RunState::Processing);
    gate.open();
    world.until_state(&run, RunState::Cancelled).await;
    server.stop().await;
    assert_eq!(world.run_body(&run).await.reason.as_deref(), Some("cancelled by me"));
    assert!(world.names("acme").is_empty(), "{:?}", world.names("acme"));
    // It is queued again by the same plan.
    world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    world.work().await;
    assert_eq!(world.run_body(&run).await.state, RunState::Success);
    assert_eq!(world.names("acme").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_works_on_is_cancelled_at_once() {
    let (world, _) = gated_world().await;
    let (flow, _) = flow(&world, daily("2026-02-01", "06:00")).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    // Whoever saw another version means another state.
    let stale = world.runner().cancel(SANDBOX, &runs[0], "me", Expected::Version(7)).await;
    assert!(matches!(stale, Err(SubmitError::Stale { .. })), "{stale:?}");
    assert_eq!(world.run_body(&runs[0]).await.state, RunState::Queued);
    world.runner().cancel(SANDBOX, &runs[0], "me", Expected::Any).await.unwrap();
    let stale = world.runner().submit_retry(SANDBOX, &runs[0], Expected::Version(7)).await;
    assert!(matches!(stale, Err(SubmitError::Stale { .. })), "{stale:?}");
    assert_eq!(world.run_body(&runs[0]).await.state, RunState::Cancelled);
    world.work().await;
    assert_eq!(world.run_body(&runs[0]).await.state, RunState::Cancelled);
    // It is in nobody's way.
    world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_or_deleting_ends_a_run_that_is_going_and_says_why() {
    for (change, reason) in [
        ("disable", "its flow was disabled"),
        ("take out", "its segment was taken out of the flow"),
        ("delete", "its flow was deleted"),
    ] {
        let (world, gate) = gated_world().await;
        let (flow, _) = flow(&world, daily("2026-02-01", "06:00")).await;
        let (server, run) = held_up(&world, &gate, &flow, Place::Stage).await;
        match change {
            "disable" => world.change::<Flow>(&flow, |body| body["state"] = json!("disabled")).await,
            "delete" => world.delete::<Flow>(&flow).await,
            _ => {
                let other = world.segment("Others", "country = \"DE\"").await;
                let pointer = "/transformations/0/params/segmentSelectors/selectors/0/value/id";
                world.change::<Flow>(&flow, |body| *body.pointer_mut(pointer).unwrap() = json!(other)).await;
            }
        }
        server.runner.wake();
        until("the run is asked to stop", async || world.run_body(&run).await.cancel_request.is_some()).await;
        gate.open();
        world.until_state(&run, RunState::Cancelled).await;
        server.stop().await;
        assert_eq!(world.run_body(&run).await.reason.as_deref(), Some(reason));
        assert!(world.names("acme").is_empty(), "{change}: {:?}", world.names("acme"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_run_whose_flow_is_disabled_never_begins() {
    let (world, gate) = gated_world().await;
    let (flow, _) = flow(&world, daily("2026-02-01", "06:00")).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.change::<Flow>(&flow, |body| body["state"] = json!("disabled")).await;
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!((run.state, run.reason.as_deref()), (RunState::Cancelled, Some("its flow was disabled")));
    assert_eq!(gate.opens.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_of_a_disabled_flow_pass_and_missed_ones_become_one_run() {
    let (world, _) = gated_world().await;
    let (flow, _) = flow(&world, daily("2026-01-03", "06:00")).await;
    let runner = world.runner();
    runner.reconcile().await.unwrap();
    assert!(world.runs().await.is_empty());
    // The server was away for four slots.
    world.clock.set(time("2026-01-06T07:00:00Z"));
    world.work().await;
    let runs = world.runs().await;
    let seen: Vec<_> = runs.iter().map(|(_, r)| (r.kind, r.slot, r.coalesced, r.state)).collect();
    assert_eq!(seen, [(RunKind::Scheduled, time("2026-01-06T06:00:00Z"), 3, RunState::Success)]);
    world.change::<Flow>(&flow, |body| body["state"] = json!("disabled")).await;
    runner.reconcile().await.unwrap();
    world.clock.set(time("2026-01-10T07:00:00Z"));
    runner.reconcile().await.unwrap();
    world.change::<Flow>(&flow, |body| body["state"] = json!("enabled")).await;
    runner.reconcile().await.unwrap();
    assert_eq!(world.runs().await.len(), 1);
    world.clock.set(time("2026-01-11T06:00:00Z"));
    world.work().await;
    let runs = world.runs().await;
    assert_eq!((runs[1].1.slot, runs[1].1.coalesced), (time("2026-01-11T06:00:00Z"), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_waits_for_the_run_that_is_going() {
    let (mut world, gate) = gated_world().await;
    // Days pass on the clock while it is held up.
    world.settings.lease_secs = 30 * 86_400;
    let (flow, _) = flow(&world, daily("2026-01-03", "06:00")).await;
    world.runner().reconcile().await.unwrap();
    let (server, first) = held_up(&world, &gate, &flow, Place::Stage).await;
    // Two slots come while it is held up.
    for day in ["2026-01-03T06:00:00Z", "2026-01-04T06:00:00Z"] {
        world.clock.set(time(day));
        server.runner.reconcile().await.unwrap();
    }
    assert_eq!(world.runs().await.len(), 1);
    gate.open();
    until("the slots have their run", async || world.runs().await.len() == 2).await;
    world.idle().await;
    server.stop().await;
    let runs = world.runs().await;
    let slot = (runs[1].1.slot, runs[1].1.coalesced, runs[1].1.state);
    assert_eq!(slot, (time("2026-01-04T06:00:00Z"), 1, RunState::Success));
    assert!(runs[0].0.id == first && runs[0].1.state == RunState::Success, "{:?}", runs[0].1);
}

/// Evaluates a segment on a server that works, a minute from now.
async fn evaluate(world: &World, server: &Server, segment: &String) {
    let before = world.latest_evaluation(segment).await;
    world.advance(TimeDelta::minutes(1));
    server.runner.submit_segment_job(SANDBOX, Some(std::slice::from_ref(segment)), "me").await.unwrap();
    until("the segment is evaluated", async || world.latest_evaluation(segment).await != before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_evaluation_of_the_segment_starts_a_run_and_missed_ones_are_counted() {
    let (mut world, gate) = gated_world().await;
    // Minutes pass on the clock while a run is held up.
    world.settings.lease_secs = 86_400;
    let (flow, segment) = flow(&world, after_evaluation("2026-01-02")).await;
    let runner = world.runner();
    runner.reconcile().await.unwrap();
    assert!(world.runs().await.is_empty());
    gate.close(Place::Stage);
    let server = Server::start(&runner);
    evaluate(&world, &server, &segment).await;
    until("the run is held up", async || gate.is_waited_at()).await;
    // Three more while it is held up.
    for _ in 0..3 {
        evaluate(&world, &server, &segment).await;
    }
    gate.open();
    until("the others have their run", async || world.runs().await.len() == 2).await;
    world.idle().await;
    server.stop().await;
    let runs = world.runs().await;
    let seen: Vec<_> = runs.iter().map(|(_, r)| (r.kind, r.slot, r.coalesced, r.state)).collect();
    let of = |minute, missed| (RunKind::AfterEvaluation, time(minute), missed, RunState::Success);
    assert_eq!(seen, [of("2026-01-02T03:05:05Z", 0), of("2026-01-02T03:08:05Z", 2)]);
    assert_eq!(runs[1].1.evaluation_id, world.latest_evaluation(&segment).await);
    // No evaluation, no run.
    world.advance(TimeDelta::days(1));
    world.work().await;
    assert_eq!(world.runs().await.len(), 2);
    // Those before the start date start nothing, and are not missed either.
    world
        .change::<Flow>(&flow, |body| {
            let pointer = "/transformations/0/params/segmentSelectors/selectors/0/value/schedule/startDate";
            *body.pointer_mut(pointer).unwrap() = json!("2026-01-04");
        })
        .await;
    let server = Server::start(&world.runner());
    evaluate(&world, &server, &segment).await;
    world.clock.set(time("2026-01-04T00:00:00Z"));
    evaluate(&world, &server, &segment).await;
    until("it has its run", async || world.runs().await.len() == 3).await;
    world.idle().await;
    server.stop().await;
    let last = &world.runs().await[2].1;
    assert_eq!((last.slot, last.coalesced), (time("2026-01-04T00:01:00Z"), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waited_stands_for_evaluations_that_ended_meanwhile() {
    let (world, _) = gated_world().await;
    let (_, segment) = flow(&world, after_evaluation("2026-01-02")).await;
    world.runner().reconcile().await.unwrap();
    let ended = time("2026-01-02T03:10:00Z");
    world.clock.set(ended);
    // Its files are lost: the run, when somebody takes it, evaluates the segment anew.
    world.found(&[segment.as_str()], "lost", ended - TimeDelta::minutes(1), ended).await;
    world.runner().reconcile().await.unwrap();
    world.advance(TimeDelta::minutes(5));
    world.work().await;
    world.advance(TimeDelta::minutes(5));
    world.work().await;
    let runs = world.runs().await;
    let seen: Vec<_> = runs.iter().map(|(_, r)| (r.slot, r.coalesced, r.state)).collect();
    assert_eq!(seen, [(ended, 1, RunState::Success)]);
    assert_eq!(runs[0].1.evaluation_id, world.latest_evaluation(&segment).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_evaluation_decides_when_and_whether_it_starts_a_run() {
    let (world, _) = gated_world().await;
    // It began eight minutes to midnight, on the day before the schedule begins, and the segment is activated meanwhile.
    let [began, ended] = ["2026-01-02T23:52:00Z", "2026-01-03T00:04:00Z"].map(time);
    world.clock.set(began + TimeDelta::minutes(5));
    let (_, segment) = flow(&world, after_evaluation("2026-01-03")).await;
    world.runner().reconcile().await.unwrap();
    world.clock.set(ended);
    world.found(&[segment.as_str()], "found", began, ended).await;
    world.runner().reconcile().await.unwrap();
    let runs = world.runs().await;
    assert_eq!(runs.iter().map(|(_, r)| (r.kind, r.slot)).collect::<Vec<_>>(), [(RunKind::AfterEvaluation, ended)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_ends_after_it_began() {
    let (mut world, _) = gated_world().await;
    world.settings.lease_secs = 86_400;
    let segment = world.segment("Americans", "country = \"US\"").await;
    world.clock.tick(TimeDelta::milliseconds(1));
    world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    let latest = world.store.read().await.unwrap().segment_evaluation(&segment).await.unwrap().unwrap();
    assert!(latest.counts.ended > latest.counts.time, "{latest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_evaluated_daily_over_datasets_read_anew() {
    let (world, _) = gated_world().await;
    let (_, segment) = flow(&world, after_evaluation("2026-01-01")).await;
    world.schedule("0 0 1 * * ?").await;
    world.runner().reconcile().await.unwrap();
    world.write_people(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]);
    world.clock.set(time("2026-01-05T01:00:00Z"));
    world.work().await;
    let runs = world.runs().await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    let name = runs[0].1.files[0].name.clone();
    assert_eq!(world.read("acme", &name), "email\na@x\nb@x\nc@x\n");
    let jobs = world
        .store
        .read()
        .await
        .unwrap()
        .all::<outflow_store::SegmentJob>(outflow_store::Scope::All, Vec::new())
        .await
        .unwrap();
    assert_eq!(jobs.len(), 1);
    let body = &jobs[0].body;
    assert_eq!((body["status"].as_str(), body["source"].as_str()), (Some("SUCCEEDED"), Some("scheduler")), "{body}");
    assert_eq!(body["metrics"]["segmentedProfileCounter"][&segment], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_does_not_fit_the_profiles_is_named_and_the_others_are_evaluated() {
    let (world, _) = gated_world().await;
    let good = world.segment("Good", "points > 15").await;
    let bad = world.segment("Bad", "nosuchfield = 1").await;
    let job = world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    let mut reader = world.store.read().await.unwrap();
    let body = reader.get::<outflow_store::SegmentJob>(SANDBOX, &job.id).await.unwrap().body.clone();
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
    assert_eq!(body["metrics"]["segmentedProfileCounter"], json!({&good: 1}));
    assert_eq!(body["problems"][0]["segmentId"], json!(bad));
    assert!(reader.segment_evaluation(&bad).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_segment_ends_its_runs_and_its_slots_pass() {
    let (world, gate) = gated_world().await;
    let (flow, segment) = flow(&world, daily("2026-01-03", "06:00")).await;
    let (server, run) = held_up(&world, &gate, &flow, Place::Open).await;
    // Whoever deletes a segment asks first whether a flow activates it; here one does since.
    world.delete::<Segment>(&segment).await;
    server.runner.wake();
    until("the run is asked to stop", async || world.run_body(&run).await.cancel_request.is_some()).await;
    gate.open();
    world.until_state(&run, RunState::Cancelled).await;
    assert_eq!(world.run_body(&run).await.reason.as_deref(), Some("its segment was deleted"));
    world.clock.set(time("2026-01-05T07:00:00Z"));
    server.runner.reconcile().await.unwrap();
    assert_eq!(world.runs().await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_waited_for_with_growing_patience_and_in_the_end_given_up() {
    let (world, gate) = gated_world().await;
    let (flow, _) = flow(&world, daily("2026-02-01", "06:00")).await;
    for _ in 0..10 {
        gate.fail(Place::Open, FaultClass::Unavailable);
    }
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    let begun = world.clock.peek();
    let mut waits = Vec::new();
    let run = loop {
        world.work().await;
        let run = world.run_body(&runs[0]).await;
        let (RunState::Queued, Some(next)) = (run.state, run.next_attempt_at) else { break run };
        waits.push((next - world.clock.peek()).num_seconds());
        world.clock.set(next);
    };
    // The tenth try is the last one, if time has not run out before.
    assert_eq!((run.state, run.attempts.len()), (RunState::Failed, waits.len() + 1));
    assert!((9..=10).contains(&run.attempts.len()), "{waits:?}");
    assert_eq!(run.error.unwrap().class, FaultClass::Unavailable);
    for (wait, full) in waits.iter().zip([10, 40, 160, 640].into_iter().chain(std::iter::repeat(1_800))) {
        assert!((full / 2 - 1..=full).contains(wait), "{waits:?}");
    }
    let metrics = run.metrics;
    let told = (metrics.duration_summary.started_at_utc, metrics.duration_summary.completed_at_utc);
    assert_eq!(told, (Some(begun.timestamp_millis()), Some(world.clock.peek().timestamp_millis())));
}
