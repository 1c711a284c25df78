//! Tries of a run: which there were, what each may follow, and how one that waits for its target is stopped.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunBody, RunMode, RunState};
use outflow_runner::SubmitError;
use outflow_store::Run;

use crate::gate::{Gate, Place, gated};
use crate::held::HeldStorage;
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, until};

struct Bed {
    world: World,
    gate: Arc<Gate>,
    dataset: String,
    flow: String,
}

impl Bed {
    async fn new() -> Bed {
        let (connectors, gate) = gated();
        let mut world = World::with(connectors).await;
        world.settings.lease_secs = 30 * 86_400;
        world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
        let dataset = world.attach().await;
        world.work().await;
        let segment = world.segment("Americans", "country = \"US\"").await;
        let activated = Activated {
            segment: &segment,
            mode: "FIRST_FULL_THEN_INCREMENTAL",
            schedule: daily("2027-01-01", "06:00"),
            template: DATED,
        };
        let flow = world.flow("acme", &[activated], &["email", "segmentMembership.status"]).await;
        Bed { world, gate, dataset, flow }
    }

    async fn evaluate(&self, people: &[(&str, &str, i64)]) {
        self.world.write_people(people);
        self.world.runner().submit_refresh(SANDBOX, &self.dataset).await.unwrap();
        self.world.work().await;
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
    }

    async fn submit(&self) -> String {
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_run_now(SANDBOX, &self.flow, "me").await.unwrap().remove(0)
    }

    async fn run(&self) -> (String, RunBody) {
        let run = self.submit().await;
        self.world.work().await;
        let body = self.world.run_body(&run).await;
        (run, body)
    }

    async fn failed(&self) -> String {
        self.gate.fail(Place::Stage, FaultClass::Refused);
        let (run, body) = self.run().await;
        assert_eq!((body.state, body.mode), (RunState::Failed, Some(RunMode::Incremental)), "{body:?}");
        run
    }
}

fn outcomes(run: &RunBody) -> Vec<&str> {
    run.attempts.iter().map(|attempt| attempt.outcome.as_deref().unwrap_or("none")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_since_what_is_not_the_last_delivery_are_not_delivered() {
    let bed = Bed::new().await;
    assert_eq!(bed.run().await.1.mode, Some(RunMode::Full));
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "US", 20)]).await;
    let first = bed.failed().await;
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "DE", 20)]).await;
    let second = bed.failed().await;
    bed.world.runner().submit_retry(SANDBOX, &first, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.world.run_body(&first).await.state, RunState::Success);
    // Its plan does not know that b@x was told to have entered.
    let refused = bed.world.runner().submit_retry(SANDBOX, &second, "me").await;
    let Err(SubmitError::Conflict { message }) = refused else { panic!("{refused:?}") };
    assert!(message.contains("run the flow instead"), "{message}");
    let (_, run) = bed.run().await;
    assert_eq!(bed.world.read("acme", &run.files[0].name).lines().skip(1).collect::<Vec<_>>(), ["b@x,exited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_its_target_is_cancelled_and_handed_back() {
    let bed = Bed::new().await;
    bed.gate.close(Place::Open);
    for end in ["cancel", "stop"] {
        let server = Server::start(&bed.world.runner());
        let run = bed.submit().await;
        server.runner.wake();
        let opens = || bed.gate.opens.load(std::sync::atomic::Ordering::SeqCst);
        let before = opens();
        until("the target is being opened", async || opens() > before || bed.gate.is_waited_at()).await;
        if end == "cancel" {
            server.runner.cancel(SANDBOX, &run, "me").await.unwrap();
            bed.world.until_state(&run, RunState::Cancelled).await;
        }
        server.stop().await;
        bed.gate.waiting.store(false, std::sync::atomic::Ordering::SeqCst);
        if end == "stop" {
            bed.gate.open();
            bed.world.work().await;
            let body = bed.world.run_body(&run).await;
            assert_eq!((body.state, outcomes(&body)), (RunState::Success, vec!["handed back", "success"]), "{body:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_back_that_waits_for_its_target_is_handed_back() {
    let bed = Bed::new().await;
    let (run, _) = bed.run().await;
    bed.gate.close(Place::Open);
    let server = Server::start(&bed.world.runner());
    server.runner.submit_verify(SANDBOX, &run).await.unwrap();
    until("the target is being opened", async || bed.gate.is_waited_at()).await;
    server.stop().await;
    bed.gate.open();
    bed.world.work().await;
    let document = bed.world.store.read().await.unwrap().get::<Run>(SANDBOX, &run).await.unwrap();
    assert_eq!(document.details["verification"]["state"], "success", "{}", document.details);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_try_is_listed_and_waiting_is_none() {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Open, FaultClass::Unavailable);
    let run = bed.submit().await;
    // A worker that was never heard of again.
    let lease = Duration::from_secs(60);
    let job = bed.world.store.claim("dead", lease, &[outflow_runner::jobs::RUN]).await.unwrap().unwrap();
    let mut tx = bed.world.store.begin_fenced(&job.lease()).await.unwrap();
    tx.begin_attempt(&run).await.unwrap();
    tx.commit().await.unwrap();
    bed.world.advance(TimeDelta::minutes(2));
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!(outcomes(&body), ["lost", "retry"], "{body:?}");
    bed.world.advance(TimeDelta::minutes(2));
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!((body.state, outcomes(&body)), (RunState::Success, vec!["lost", "retry", "success"]));
    let errors: Vec<_> = body.attempts.iter().map(|a| a.error.as_ref().map(|e| e.class)).collect();
    assert_eq!(errors, [None, Some(FaultClass::Unavailable), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_profiles_has_one_try() {
    let (connectors, _) = gated();
    let mut world = World::with(connectors).await;
    world.settings.lease_secs = 30 * 86_400;
    let storage = HeldStorage::new();
    world.storages = vec![Arc::clone(&storage) as _];
    world.write_people(&[("a@x", "US", 10)]);
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "DAILY_FULL_EXPORT",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    storage.hold();
    let server = Server::start(&world.runner());
    world.attach().await;
    server.runner.wake();
    storage.reached().await;
    let run = server.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap().remove(0);
    for waits in 1..4 {
        let waited = async || {
            let job = world.store.read().await.unwrap().job(outflow_runner::jobs::RUN, &run).await.unwrap().unwrap();
            job.payload["waits"] == waits && job.worker.is_none()
        };
        until("the run waits", waited).await;
        world.advance(TimeDelta::seconds(3));
        server.runner.wake();
    }
    storage.release(None);
    until("the run is done", async || {
        world.advance(TimeDelta::seconds(3));
        server.runner.wake();
        world.run_body(&run).await.state == RunState::Success
    })
    .await;
    server.stop().await;
    assert_eq!(outcomes(&world.run_body(&run).await), ["success"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_job_waited_before_its_first_try_takes_no_later_one_away() {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Open, FaultClass::Unavailable);
    let run = bed.submit().await;
    bed.world.advance(TimeDelta::hours(5));
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!(body.state, RunState::Queued, "{body:?}");
    // A server that is away counts, from the first failed try.
    bed.gate.fail(Place::Open, FaultClass::Unavailable);
    bed.world.advance(TimeDelta::hours(3));
    bed.world.work().await;
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Failed);
}
