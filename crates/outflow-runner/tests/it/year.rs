//! A year of schedules on a clock that is moved, with a server that is away now and then.
//!
//! Whatever the schedule and the outages: every slot has exactly one run that stands for it, runs come in order, none
//! begins while another one of the same segment is going, and none is made for a time in which the flow was disabled.

use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::Guardrails;
use outflow_model::run::{RunBody, RunState};
use outflow_model::schedule::Schedule;
use outflow_store::{Change, Expected, Flow, Run, Scope};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Activated, DATED, SANDBOX, World, time};

const BEGIN: &str = "2026-01-02T03:04:05Z";
const END: &str = "2027-01-02T03:04:05Z";

#[derive(Clone, Debug)]
enum Step {
    /// The server looks after so many minutes.
    Look(i64),
    /// It is away for so many hours.
    Away(i64),
    /// The run that is going ends.
    End,
    /// The flow is disabled for so many hours, in which the server looks.
    Disabled(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (1i64..2_000).prop_map(Step::Look),
        2 => (1i64..1_500).prop_map(Step::Away),
        12 => Just(Step::End),
        1 => (1i64..200).prop_map(Step::Disabled),
    ]
}

fn schedule() -> impl Strategy<Value = (Value, &'static str)> {
    let incremental = prop_oneof![
        Just("EVERY_3_HOURS"),
        Just("EVERY_6_HOURS"),
        Just("EVERY_8_HOURS"),
        Just("EVERY_12_HOURS"),
        Just("DAILY")
    ];
    let full = prop_oneof![Just("ONCE"), Just("DAILY"), Just("WEEKLY"), Just("MONTHLY")];
    let frequency = prop_oneof![
        incremental.prop_map(|f| (f, "FIRST_FULL_THEN_INCREMENTAL")),
        full.prop_map(|f| (f, "DAILY_FULL_EXPORT")),
    ];
    (frequency, 1u32..29, 0u32..24, 0u32..60, proptest::option::of(2u32..12)).prop_map(
        |((frequency, mode), day, hour, minute, end)| {
            let mut schedule = json!({
                "frequency": frequency, "triggerType": "SCHEDULED",
                "startDate": format!("2026-01-{day:02}"), "startTime": format!("{hour:02}:{minute:02}"),
            });
            if let (Some(month), true) = (end, frequency != "ONCE") {
                schedule["endDate"] = json!(format!("2026-{month:02}-15"));
            }
            (schedule, mode)
        },
    )
}

/// Ends the run that is going, as a worker would.
async fn end_run(world: &World, flow: &str, segment: &str) {
    let Some(document) = world.store.read().await.unwrap().live_run(flow, segment).await.unwrap() else { return };
    let mut run: RunBody = serde_json::from_value(document.body.clone()).unwrap();
    run.enter(RunState::Processing).unwrap();
    run.enter(RunState::Success).unwrap();
    let mut tx = world.store.begin().await.unwrap();
    let change = Change { name: None, body: serde_json::to_value(&run).unwrap(), by: "test" };
    tx.update::<Run>(SANDBOX, &document.id, Expected::Any, change).await.unwrap();
    assert!(tx.drop_job("run", &document.id).await.unwrap());
    tx.commit().await.unwrap();
}

/// Times in which slots count: from, until.
type Enabled = Vec<(DateTime<Utc>, DateTime<Utc>)>;

async fn live_through(steps: &[Step], schedule: &Value, mode: &str) -> (Schedule, Vec<RunBody>, Enabled) {
    let world = World::new().await;
    let segment = world.segment("S", "points > 1").await;
    let activated = Activated { segment: &segment, mode, schedule: schedule.clone(), template: DATED };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    let document = world.store.read().await.unwrap().get::<Flow>(SANDBOX, &flow).await.unwrap();
    let activation = Activation::parse(&document.body, FlowKind::Batch, &Guardrails::default()).unwrap();
    let parsed = activation.segments[0].export.clone().unwrap().schedule;
    let runner = world.runner();
    let mut enabled = Vec::new();
    let mut since = time(BEGIN);
    for step in steps.iter().cycle() {
        if world.clock.peek() >= time(END) {
            break;
        }
        match step {
            Step::Look(minutes) => {
                world.advance(TimeDelta::minutes(*minutes));
                runner.reconcile().await.unwrap();
            }
            Step::Away(hours) => world.advance(TimeDelta::hours(*hours)),
            Step::End => end_run(&world, &flow, &segment).await,
            Step::Disabled(hours) => {
                // What is due until then has its run.
                end_run(&world, &flow, &segment).await;
                runner.reconcile().await.unwrap();
                end_run(&world, &flow, &segment).await;
                enabled.push((since, world.clock.peek()));
                world.change::<Flow>(&flow, |body| body["state"] = json!("disabled")).await;
                runner.reconcile().await.unwrap();
                world.advance(TimeDelta::hours(*hours));
                runner.reconcile().await.unwrap();
                world.change::<Flow>(&flow, |body| body["state"] = json!("enabled")).await;
                since = world.clock.peek();
                runner.reconcile().await.unwrap();
            }
        }
        let states = world.store.read().await.unwrap().runs_by_state(Scope::All).await.unwrap();
        let going: u64 = states.iter().filter(|(state, _)| state != "success").map(|(_, count)| count).sum();
        assert!(going <= 1, "{going} runs are going");
    }
    end_run(&world, &flow, &segment).await;
    runner.reconcile().await.unwrap();
    end_run(&world, &flow, &segment).await;
    enabled.push((since, world.clock.peek()));
    (parsed, world.runs().await.into_iter().map(|(_, run)| run).collect(), enabled)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, max_shrink_iters: 10, ..ProptestConfig::default() })]

    #[test]
    fn every_slot_of_a_year_has_one_run_that_stands_for_it(
        steps in proptest::collection::vec(step(), 5..40), (schedule, mode) in schedule(),
    ) {
        // Steps that never move the clock would be a long year.
        prop_assume!(steps.iter().any(|step| matches!(step, Step::Look(_))));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (schedule, runs, enabled) = runtime.block_on(live_through(&steps, &schedule, mode));
        let slots: Vec<DateTime<Utc>> =
            enabled.iter().flat_map(|(from, until)| schedule.slots(*from, *until).collect::<Vec<_>>()).collect();
        // Each run stands for its own slot and those before it that no other run stands for.
        let mut next = 0;
        for run in &runs {
            let missed = usize::try_from(run.coalesced).unwrap();
            prop_assert_eq!(slots.get(next + missed), Some(&run.slot), "{:?}", run);
            next += missed + 1;
        }
        prop_assert_eq!(next, slots.len(), "slots without a run: {:?}", &slots[next..]);
    }
}
