//! Several workers and one store: every run is carried out once, and a worker that lost its lease writes nothing.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::run::RunState;
use serde_json::Value;

use crate::gate::{Place, gated};
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, names, until};

fn activated(segment: &str) -> Activated<'_> {
    Activated { segment, mode: "DAILY_FULL_EXPORT", schedule: daily("2026-02-01", "06:00"), template: DATED }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_carry_every_run_out_once() {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let other = world.reopened().await;
    let servers = [world.runner(), world.runner_on(&other, &world.clock)].map(|runner| Server::start(&runner));
    let mut runs = Vec::new();
    for n in 0..8 {
        let flow = world.flow(&format!("flow{n}"), &[activated(&segment)], &["email"]).await;
        runs.extend(servers[n % 2].runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap());
    }
    world.idle().await;
    for server in servers {
        server.stop().await;
    }
    for run in &runs {
        let run = world.run_body(run).await;
        assert_eq!(run.state, RunState::Success, "{run:?}");
    }
    assert_eq!(gate.opens.load(std::sync::atomic::Ordering::SeqCst), 8);
    assert_eq!(names(&world.out()).len(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schedulers_make_one_run_of_a_slot() {
    let world = World::new().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let schedule = daily("2026-01-03", "06:00");
    let activated = Activated { schedule, ..activated(&segment) };
    world.flow("acme", &[activated], &["email"]).await;
    let other = world.reopened().await;
    let runners = [world.runner(), world.runner_on(&other, &world.clock)];
    runners[0].reconcile().await.unwrap();
    world.advance(TimeDelta::days(3));
    let (one, two) = tokio::join!(runners[0].reconcile(), runners[1].reconcile());
    // Both may meet in the database; whoever gives way looks again.
    assert!(one.is_ok() || two.is_ok());
    runners[1].reconcile().await.unwrap();
    assert_eq!(world.runs().await.len(), 1);
}

/// The first worker is held up until its lease has run out and another one has delivered. When it goes on, nothing of it
/// is seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_that_thaws_changes_nothing() {
    for place in [Place::Open, Place::Stage, Place::Staged, Place::Publish] {
        let (connectors, gate) = gated();
        let world = World::with(connectors).await;
        world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
        world.attach().await;
        world.work().await;
        let segment = world.segment("Americans", "country = \"US\"").await;
        let flow = world.flow("acme", &[activated(&segment)], &["email"]).await;
        gate.close(place);
        let frozen = Server::start(&world.runner());
        let runs = frozen.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        until("the run is held up", async || gate.is_waited_at()).await;
        // Nobody renews within a moment of this clock.
        world.advance(TimeDelta::seconds(10));
        gate.open_for_others();
        let other = world.reopened().await;
        let successor = Server::start(&world.runner_on(&other, &world.clock));
        world.until_state(&runs[0], RunState::Success).await;
        let delivered = world.run_body(&runs[0]).await;
        let before: Vec<(String, String)> = contents(&world);
        gate.open();
        until("the frozen worker is free", async || !gate.is_waited_at()).await;
        frozen.stop().await;
        successor.stop().await;
        assert_eq!(world.run_body(&runs[0]).await, delivered, "{place:?}");
        assert_eq!(contents(&world), before, "{place:?}");
        assert_eq!(before.len(), 2);
        let manifest = before.iter().find(|(name, _)| name.contains("manifest")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest.1).unwrap();
        assert_eq!(manifest["files"].as_array().unwrap().len(), 1);
    }
}

/// Under a static name, what a frozen worker has staged is older than what is there when it thaws.
#[tokio::test(flavor = "multi_thread")]
async fn a_thawed_worker_puts_no_older_file_over_a_newer_one() {
    let (connectors, gate) = gated();
    let mut world = World::with(connectors).await;
    // The lease ends by the clock; nobody looks at it meanwhile.
    world.settings.lease_secs = 3000;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    let dataset = world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world
        .flow("acme", &[Activated { template: "%DESTINATION_NAME%_%SEGMENT_ID%", ..activated(&segment) }], &["email"])
        .await;
    gate.close(Place::Staged);
    let frozen = Server::start(&world.runner());
    let older = frozen.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    until("the run is held up", async || gate.is_waited_at()).await;
    world.advance(TimeDelta::seconds(3001));
    gate.open_for_others();
    let other = world.reopened().await;
    let successor = Server::start(&world.runner_on(&other, &world.clock));
    world.until_state(&older[0], RunState::Success).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "US", 20)]);
    successor.runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
    world.idle().await;
    successor.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.idle().await;
    let newer = successor.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.until_state(&newer[0], RunState::Success).await;
    let before = contents(&world);
    gate.open();
    until("the frozen worker is free", async || !gate.is_waited_at()).await;
    frozen.stop().await;
    successor.stop().await;
    assert_eq!(contents(&world), before);
    let (_, members) = before.iter().find(|(name, _)| name.ends_with(".csv")).unwrap();
    assert_eq!(members.lines().count(), 3, "{members}");
    let manifest = before.iter().find(|(name, _)| name.contains("manifest")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest.1).unwrap();
    let newer = world.run_body(&newer[0]).await;
    assert_eq!(manifest["files"][0]["sha256"].as_str(), Some(newer.files[0].sha256.as_str()));
}

fn contents(world: &World) -> Vec<(String, String)> {
    world.names("acme").into_iter().map(|name| (name.clone(), world.read("acme", &name))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_shutdown_hands_the_run_back_and_the_next_start_ends_it() {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[activated(&segment)], &["email"]).await;
    gate.close(Place::Stage);
    let server = Server::start(&world.runner());
    let runs = server.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    until("the run is held up", async || gate.is_waited_at()).await;
    let opening = Arc::clone(&gate);
    let opened = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        opening.open();
    });
    server.stop().await;
    opened.await.unwrap();
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Processing, "{run:?}");
    assert!(world.names("acme").is_empty(), "{:?}", world.names("acme"));
    // No lease to wait for: the time has not moved.
    world.work().await;
    assert_eq!(world.run_body(&runs[0]).await.state, RunState::Success);
    assert_eq!(world.names("acme").len(), 2);
}
