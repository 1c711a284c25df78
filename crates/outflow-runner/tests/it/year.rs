//! A year of schedules on a clock that is moved, with a server that is away now and then.
//!
//! Whatever the schedules and the outages: every slot and every evaluation that starts exports has exactly one run that
//! stands for it, runs come in order, none begins while another one of the same segment is going, and none is made for a
//! time in which the flow was disabled.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::Guardrails;
use outflow_model::run::{RunBody, RunState};
use outflow_model::schedule::{Frequency, Schedule, TriggerType};
use outflow_runner::Runner;
use outflow_store::{Change, Equals, Expected, Flow, Run, Scope};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::world::{Activated, DATED, SANDBOX, World, time};

const BEGIN: &str = "2026-01-02T03:04:05Z";
const END: &str = "2027-01-02T03:04:05Z";

/// Evaluations in a year. A run counts at most a hundred that it stands for.
const EVALUATIONS_MAX: usize = 90;

#[derive(Clone, Debug)]
enum Step {
    /// The server looks after so many minutes.
    Look(i64),
    /// It is away for so many hours.
    Away(i64),
    /// The runs of some segments end.
    End(u8),
    /// Some segments are evaluated, which takes half an hour.
    Evaluate(u8),
    /// The flow is disabled for so many hours, in which the server looks.
    Disabled(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (1i64..2_000).prop_map(Step::Look),
        2 => (1i64..1_500).prop_map(Step::Away),
        12 => (1u8..8).prop_map(Step::End),
        4 => (1u8..8).prop_map(Step::Evaluate),
        1 => (1i64..200).prop_map(Step::Disabled),
    ]
}

/// A schedule and its mode. It begins on any day of a year, and goes on or ends on any day later.
fn schedule() -> impl Strategy<Value = (Value, &'static str)> {
    let incremental = select(vec!["EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS", "DAILY"]);
    let full = select(vec!["ONCE", "DAILY", "WEEKLY", "MONTHLY", "MONTHLY"]);
    let after = select(vec!["ONCE", "DAILY"]);
    let kind = prop_oneof![
        2 => incremental.prop_map(|frequency| (frequency, "SCHEDULED", "FIRST_FULL_THEN_INCREMENTAL")),
        3 => full.prop_map(|frequency| (frequency, "SCHEDULED", "DAILY_FULL_EXPORT")),
        2 => after.prop_map(|frequency| (frequency, "AFTER_SEGMENT_EVAL", "DAILY_FULL_EXPORT")),
    ];
    (kind, 0u64..365, 0u32..24, 0u32..60, proptest::option::of(1u64..300)).prop_map(
        |((frequency, trigger, mode), day, hour, minute, days)| {
            let start = NaiveDate::from_ymd_opt(2025, 12, 1).unwrap() + Days::new(day);
            let mut schedule = json!({"frequency": frequency, "triggerType": trigger, "startDate": start});
            if trigger == "SCHEDULED" {
                schedule["startTime"] = json!(format!("{hour:02}:{minute:02}"));
            }
            if let (Some(days), true) = (days, frequency != "ONCE") {
                schedule["endDate"] = json!(start + Days::new(days));
            }
            (schedule, mode)
        },
    )
}

/// A flow's segment, and what happened to it.
struct Lived {
    id: String,
    schedule: Schedule,
    /// When its evaluations ended.
    evaluated: Vec<DateTime<Utc>>,
}

/// A flow that is lived through.
struct Year {
    world: World,
    runner: Runner,
    flow: String,
    segments: Vec<Lived>,
    /// Times in which slots count: from, until.
    enabled: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    since: DateTime<Utc>,
}

const ALL: u8 = u8::MAX;

impl Year {
    async fn new(schedules: &[(Value, &'static str)]) -> Year {
        let world = World::new().await;
        let mut ids = Vec::new();
        for number in 0..schedules.len() {
            ids.push(world.segment(&format!("S{number}"), "points > 1").await);
        }
        let activated = ids.iter().zip(schedules).map(|(segment, (schedule, mode))| Activated {
            segment,
            mode,
            schedule: schedule.clone(),
            template: DATED,
        });
        let flow = world.flow("acme", &activated.collect::<Vec<_>>(), &["email"]).await;
        let document = world.store.read().await.unwrap().get::<Flow>(SANDBOX, &flow).await.unwrap();
        let activation = Activation::parse(&document.body, FlowKind::Batch, &Guardrails::default()).unwrap();
        let lived = |id: String| {
            let schedule = activation.segment(&id).unwrap().export.clone().unwrap().schedule;
            Lived { id, schedule, evaluated: Vec::new() }
        };
        let segments = ids.into_iter().map(lived).collect();
        Year { runner: world.runner(), world, flow, segments, enabled: Vec::new(), since: time(BEGIN) }
    }

    async fn live_through(&mut self, steps: &[Step]) {
        for step in steps.iter().cycle() {
            if self.world.clock.peek() >= time(END) {
                break;
            }
            match step {
                Step::Look(minutes) => {
                    self.world.advance(TimeDelta::minutes(*minutes));
                    self.look().await;
                }
                Step::Away(hours) => self.world.advance(TimeDelta::hours(*hours)),
                Step::End(which) => self.end(*which).await,
                Step::Evaluate(which) => self.evaluate(*which).await,
                Step::Disabled(hours) => self.disable(*hours).await,
            }
            self.at_most_one_is_going().await;
        }
        self.catch_up().await;
        self.enabled.push((self.since, self.world.clock.peek()));
    }

    async fn look(&self) {
        self.runner.reconcile().await.unwrap();
    }

    /// What is due until now has its run.
    async fn catch_up(&self) {
        self.end(ALL).await;
        self.look().await;
        self.end(ALL).await;
    }

    fn some(&self, which: u8) -> impl Iterator<Item = usize> {
        (0..self.segments.len()).filter(move |number| (which >> number) & 1 == 1)
    }

    /// Ends the runs that are going, as workers would.
    async fn end(&self, which: u8) {
        let store = &self.world.store;
        for number in self.some(which) {
            let segment = &self.segments[number].id;
            let live = store.read().await.unwrap().live_run(&self.flow, segment).await.unwrap();
            let Some(document) = live else { continue };
            let mut run: RunBody = serde_json::from_value(document.body.clone()).unwrap();
            run.enter(RunState::Processing).unwrap();
            run.enter(RunState::Success).unwrap();
            let mut tx = store.begin().await.unwrap();
            let change = Change { name: None, body: serde_json::to_value(&run).unwrap(), by: "test" };
            tx.update::<Run>(SANDBOX, &document.id, Expected::Any, change).await.unwrap();
            assert!(tx.drop_job("run", &document.id).await.unwrap());
            tx.commit().await.unwrap();
        }
    }

    async fn evaluate(&mut self, which: u8) {
        let left = |number: &usize| self.segments[*number].evaluated.len() < EVALUATIONS_MAX;
        let which: Vec<usize> = self.some(which).filter(left).collect();
        let began = self.world.clock.peek();
        self.world.advance(TimeDelta::minutes(30));
        let ended = self.world.clock.peek();
        let ids: Vec<&str> = which.iter().map(|number| self.segments[*number].id.as_str()).collect();
        self.world.found(&ids, &format!("e{}", ended.timestamp()), began, ended).await;
        for number in which {
            self.segments[number].evaluated.push(ended);
        }
    }

    async fn disable(&mut self, hours: i64) {
        self.catch_up().await;
        self.enabled.push((self.since, self.world.clock.peek()));
        self.world.change::<Flow>(&self.flow, |body| body["state"] = json!("disabled")).await;
        self.look().await;
        self.world.advance(TimeDelta::hours(hours));
        self.evaluate(ALL).await;
        self.look().await;
        self.world.advance(TimeDelta::minutes(1));
        self.world.change::<Flow>(&self.flow, |body| body["state"] = json!("enabled")).await;
        self.since = self.world.clock.peek();
        self.look().await;
    }

    async fn at_most_one_is_going(&self) {
        let states = [RunState::Queued, RunState::Processing].map(|state| state.as_str().to_owned()).to_vec();
        let live = Equals { column: "state", any_of: states };
        let live = self.world.store.read().await.unwrap().all::<Run>(Scope::All, vec![live]).await.unwrap();
        for segment in &self.segments {
            let of_it = live.iter().filter(|run| run.body["segmentId"] == json!(segment.id)).count();
            assert!(of_it <= 1, "{of_it} runs of a segment are going");
        }
    }

    /// What runs of a segment are to stand for.
    fn wanted(&self, segment: &Lived) -> Vec<DateTime<Utc>> {
        let windows = self.enabled.iter().copied();
        if segment.schedule.trigger_type == TriggerType::Scheduled {
            return windows.flat_map(|(from, until)| segment.schedule.slots(from, until).collect::<Vec<_>>()).collect();
        }
        let counts = |ended: &DateTime<Utc>| windows.clone().any(|(from, until)| from < *ended && *ended <= until);
        let starts = |ended: &DateTime<Utc>| segment.schedule.follows_evaluation(*ended, None);
        segment.evaluated.iter().copied().filter(|ended| counts(ended) && starts(ended)).collect()
    }

    fn check(&self, segment: &Lived, runs: &[RunBody]) -> Result<(), TestCaseError> {
        let wanted = self.wanted(segment);
        // Each run stands for its own slot and those before it that no other run stands for.
        let mut next = 0;
        for run in runs.iter().filter(|run| run.segment_id == segment.id) {
            let missed = usize::try_from(run.coalesced).unwrap();
            prop_assert_eq!(wanted.get(next + missed), Some(&run.slot), "{:?}", run);
            next += missed + 1;
        }
        let rest = &wanted[next..];
        let Schedule { frequency, trigger_type, end_date, .. } = segment.schedule;
        if trigger_type == TriggerType::AfterSegmentEval {
            if frequency == Frequency::Once {
                let count = runs.iter().filter(|run| run.segment_id == segment.id).count();
                prop_assert_eq!(count, usize::from(!wanted.is_empty()), "{:?}", wanted);
                return Ok(());
            }
            // The latest evaluation is what counts: one after the last day hides those before it that still waited.
            let is_over =
                segment.evaluated.last().is_some_and(|last| end_date.is_some_and(|end| end <= last.date_naive()));
            prop_assert!(rest.is_empty() || is_over, "evaluations without a run: {:?}", rest);
        } else {
            prop_assert!(rest.is_empty(), "slots without a run: {:?}", rest);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, max_shrink_iters: 10, ..ProptestConfig::default() })]

    #[test]
    fn every_slot_of_a_year_has_one_run_that_stands_for_it(
        steps in proptest::collection::vec(step(), 5..40), schedules in proptest::collection::vec(schedule(), 1..4),
    ) {
        // Steps that hardly move the clock would be a long year.
        let moved = steps.iter().map(|step| match step {
            Step::Look(minutes) => *minutes,
            Step::Away(hours) => hours * 60,
            _ => 0,
        });
        prop_assume!(moved.sum::<i64>() >= 200 * i64::try_from(steps.len()).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (year, runs) = runtime.block_on(async {
            let mut year = Year::new(&schedules).await;
            year.live_through(&steps).await;
            let runs: Vec<RunBody> = year.world.runs().await.into_iter().map(|(_, run)| run).collect();
            (year, runs)
        });
        for segment in &year.segments {
            year.check(segment, &runs)?;
        }
    }
}
