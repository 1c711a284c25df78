//! Power cuts: wherever one comes, the next start delivers exactly what was planned, once, and the ledger says so.
//!
//! A clock that has run out panics at every reading, in the runner and in the store, on every thread. So the process ends
//! between two steps, and its database transactions with it; the next one opens the same data folder.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use chrono::TimeDelta;
use outflow_model::run::{RunBody, RunState};
use serde_json::Value;

use crate::clock::TestClock;
use crate::departures::asked;
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, until};

const MEMBERS: &str = "email,segmentMembership_status\n";

struct Prepared {
    world: World,
    flow: String,
    segment: String,
}

/// A flow that has delivered once, and then two people changed.
async fn prepared() -> Prepared {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "FIRST_FULL_THEN_INCREMENTAL",
        schedule: daily("2026-02-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["email", "segmentMembership.status"]).await;
    world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    world.advance(TimeDelta::hours(1));
    world.write_people(&[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 30)]);
    Prepared { world, flow, segment }
}

/// Everything that is to happen: read the people anew, evaluate, deliver the changes.
async fn all_of_it(prepared: &Prepared, server: &Server) -> Result<(), ()> {
    let Prepared { world, flow, segment } = prepared;
    let datasets = {
        let mut reader = world.store.read().await.map_err(drop)?;
        reader.all::<outflow_store::Dataset>(outflow_store::Scope::All, Vec::new()).await.map_err(drop)?
    };
    server.runner.submit_refresh(SANDBOX, &datasets[0].id).await.map_err(drop)?;
    settled(world, server).await?;
    server.runner.submit_segment_job(SANDBOX, Some(std::slice::from_ref(segment)), "me").await.map_err(drop)?;
    settled(world, server).await?;
    server.runner.submit_run_now(SANDBOX, flow, "me").await.map_err(drop)?;
    settled(world, server).await
}

/// Waits until nothing is to be done, or the power is cut.
pub async fn settled(world: &World, server: &Server) -> Result<(), ()> {
    loop {
        if server.is_over() {
            return Err(());
        }
        let depth = async { world.store.read().await.ok()?.queue_depth().await.ok() }.await;
        match depth {
            Some(depth) if depth.iter().all(|kind| kind.due == 0 && kind.running == 0) => return Ok(()),
            _ => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
        }
    }
}

/// `again`: the people were evaluated anew once before the evaluation that is delivered, in which nobody is new any more.
fn check(prepared: &Prepared, runs: &[(Arc<outflow_store::Document>, RunBody)], again: bool, cut: i64) {
    let Prepared { world, segment, .. } = prepared;
    assert_eq!(runs.len(), 2, "cut {cut}");
    for (_, run) in runs {
        assert_eq!(run.state, RunState::Success, "cut {cut}: {run:?}");
    }
    let (first, second) = (&runs[0].1, &runs[1].1);
    assert_eq!(second.since_evaluation_id, first.evaluation_id, "cut {cut}");
    let name = |run: &RunBody| run.files[0].name.clone();
    let manifest = |run: &RunBody| format!("manifest-{}-{}.json", run.flow_id, run.id);
    let mut wanted = vec![name(first), name(second), manifest(first), manifest(second)];
    wanted.sort();
    assert_eq!(world.names("acme"), wanted, "cut {cut}");
    assert!(name(second).starts_with(&format!("acme_{segment}_")));
    let mut rows: Vec<String> = world.read("acme", &name(second)).lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    assert_eq!(rows, ["a@x,exited", if again { "b@x,existing" } else { "b@x,realized" }], "cut {cut}");
    assert!(world.read("acme", &name(first)).starts_with(MEMBERS));
    let told: Value = serde_json::from_str(&world.read("acme", &manifest(second))).unwrap();
    assert_eq!(told["files"][0]["sha256"].as_str(), Some(second.files[0].sha256.as_str()), "cut {cut}");
}

/// Every file has one departure, whatever was cut, and those left with it who are in it.
async fn check_departures(prepared: &Prepared, runs: &[(Arc<outflow_store::Document>, RunBody)], cut: i64) {
    let page = prepared.world.store.read().await.unwrap().departures(SANDBOX, None, 100).await.unwrap();
    let mut found: Vec<_> =
        page.departures.iter().map(|row| (row.run_id.as_str(), row.file_name.as_deref().unwrap())).collect();
    found.sort_unstable();
    let mut wanted: Vec<_> =
        runs.iter().flat_map(|(_, run)| run.files.iter().map(|file| (run.id.as_str(), file.name.as_str()))).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "cut {cut}");
    for (email, times) in [("a@x", 2), ("b@x", 1), ("c@x", 1), ("d@x", 0)] {
        assert_eq!(asked(&prepared.world, email).await.departures.len(), times, "cut {cut}: {email}");
    }
}

/// How often the clock is read when nothing is cut.
async fn readings_of_a_whole_run() -> i64 {
    let prepared = prepared().await;
    let before = prepared.world.clock.readings();
    let server = Server::start(&prepared.world.runner());
    all_of_it(&prepared, &server).await.unwrap();
    server.stop().await;
    check(&prepared, &prepared.world.runs().await, false, -1);
    check_departures(&prepared, &prepared.world.runs().await, -1).await;
    prepared.world.clock.readings() - before
}

#[test]
fn a_power_cut_between_any_two_steps_loses_nothing_and_repeats_nothing() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let readings = runtime().block_on(readings_of_a_whole_run());
    // Each reading of the clock is a place to be cut at; they are too many for every run of the tests.
    let step = (readings / repeats(40)).max(1);
    for cut in (1..readings).step_by(usize::try_from(step).unwrap()) {
        let runtime = runtime();
        runtime.block_on(cut_and_resumed(cut));
        runtime.shutdown_background();
    }
}

async fn cut_and_resumed(cut: i64) {
    let mut prepared = prepared().await;
    let doomed = Arc::new(TestClock::at(prepared.world.clock.peek()));
    prepared.world.clock = Arc::clone(&doomed);
    prepared.world.store = prepared.world.reopened().await;
    let server = Server::start(&prepared.world.runner());
    doomed.cut_after(cut);
    // The test asks the doomed store too, and is cut off like everybody.
    match caught(all_of_it(&prepared, &server)).await {
        Ok(()) => server.stop_or_be_cut().await,
        Err(()) => {
            until("the power is cut", async || doomed.is_cut()).await;
            server.ended().await;
        }
    }
    // The next start, when the lease of the dead has run out.
    prepared.world.clock = Arc::new(TestClock::at(doomed.peek() + TimeDelta::seconds(30)));
    prepared.world.store = prepared.world.reopened().await;
    let server = Server::start(&prepared.world.runner());
    settled(&prepared.world, &server).await.unwrap();
    let runs = prepared.world.runs().await;
    let latest = prepared.world.latest_evaluation(&prepared.segment).await;
    let is_evaluated = latest != runs[0].1.evaluation_id;
    // What nobody had asked for yet is asked for.
    let again = runs.len() < 2;
    if again {
        all_of_it(&prepared, &server).await.unwrap();
    }
    server.stop().await;
    check(&prepared, &prepared.world.runs().await, again && is_evaluated, cut);
    check_departures(&prepared, &prepared.world.runs().await, cut).await;
}

/// The outcome of work that may be cut off by a panic.
pub async fn caught(work: impl Future<Output = Result<(), ()>>) -> Result<(), ()> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(Err(())))
    })
    .await
}

/// How often a test repeats what it does: `usual` times, or as `OUTFLOW_SOAK` says times as often.
#[expect(clippy::disallowed_methods, reason = "the environment is how `make soak` asks for more")]
pub fn repeats(usual: i64) -> i64 {
    std::env::var("OUTFLOW_SOAK").ok().and_then(|times| times.parse::<i64>().ok()).map_or(usual, |times| usual * times)
}
