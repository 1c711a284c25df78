//! Incremental exports fold to the full membership, whatever happens in between.
//!
//! A consumer adds who is realized or existing and drops who has exited, file by file in the order of the runs. After
//! every delivery it holds exactly the people of whom the segment's rule is true in the data that was evaluated, and who
//! are not on the suppression list.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunMode, RunState};
use outflow_store::{Expected, Segment};
use proptest::prelude::*;
use serde_json::json;

use crate::gate::{Place, gated};
use crate::governance::withheld::suppress;
use crate::world::{Activated, DATED, SANDBOX, World, daily};

const PEOPLE: usize = 6;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// A person is somewhere else from now on, or vanishes from the data.
    Move { who: usize, to: Option<&'static str> },
    /// The segment is about another country.
    Rule(&'static str),
    /// A person is put on the suppression list, or taken off.
    Suppress { who: usize, is_on: bool },
    /// The data is read and the segment evaluated.
    Evaluate,
    /// The flow is run, and fails at a place where there is one.
    Run(Option<Place>),
    /// An extra full export, which changes nothing.
    Adhoc,
    /// Days pass, in which exits become old.
    Days(i64),
    /// One of the runs that failed is tried again, the newest being 0.
    Retry(usize),
    /// The janitor comes.
    CleanUp,
}

fn event() -> impl Strategy<Value = Event> {
    let country = prop_oneof![Just("US"), Just("DE")];
    let place = prop_oneof![3 => Just(None), 1 => Just(Some(Place::Stage)), 1 => Just(Some(Place::Publish))];
    prop_oneof![
        6 => (0..PEOPLE, proptest::option::weighted(0.8, country.clone())).prop_map(|(who, to)| Event::Move { who, to }),
        1 => country.prop_map(Event::Rule),
        2 => (0..PEOPLE, any::<bool>()).prop_map(|(who, is_on)| Event::Suppress { who, is_on }),
        4 => Just(Event::Evaluate),
        5 => place.prop_map(Event::Run),
        1 => Just(Event::Adhoc),
        1 => (1i64..40).prop_map(Event::Days),
        3 => (0usize..3).prop_map(Event::Retry),
        1 => Just(Event::CleanUp),
    ]
}

/// Who is where, as the data says.
type People = [Option<&'static str>; PEOPLE];

struct Story {
    world: World,
    gate: std::sync::Arc<crate::gate::Gate>,
    dataset: String,
    segment: String,
    flow: String,
    people: People,
    rule: &'static str,
    /// Who was in the segment when it was evaluated last.
    members: BTreeSet<String>,
    /// Who is on the suppression list.
    suppressed: BTreeSet<String>,
    /// Runs that the consumer has seen.
    seen: usize,
    folded: BTreeSet<String>,
}

impl Story {
    async fn begin() -> Story {
        let (connectors, gate) = gated();
        let mut world = World::with(connectors).await;
        // The consumer counts on seeing every run.
        world.settings.run_history_days = 100_000;
        let people = [Some("US"), Some("DE"), None, Some("US"), None, Some("DE")];
        write(&world, &people);
        let dataset = world.attach().await;
        world.work().await;
        let segment = world.segment("S", "country = \"US\"").await;
        let activated = Activated {
            segment: &segment,
            mode: "FIRST_FULL_THEN_INCREMENTAL",
            schedule: daily("2026-01-01", "06:00"),
            template: DATED,
        };
        let flow = world.flow("acme", &[activated], &["identityMap.Email[0].id", "segmentMembership.status"]).await;
        let (seen, folded, members, suppressed) = (0, BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut story =
            Story { world, gate, dataset, segment, flow, people, rule: "US", members, suppressed, seen, folded };
        story.evaluate().await;
        story
    }

    async fn evaluate(&mut self) {
        write(&self.world, &self.people);
        self.world.runner().submit_refresh(SANDBOX, &self.dataset).await.unwrap();
        self.world.work().await;
        self.world.advance(TimeDelta::seconds(1));
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
        let is_member = |(_, place): &(usize, &Option<&str>)| **place == Some(self.rule);
        self.members = self.people.iter().enumerate().filter(is_member).map(|(who, _)| name(who)).collect();
    }

    async fn happen(&mut self, event: &Event) {
        self.world.advance(TimeDelta::minutes(1));
        match event {
            Event::Move { who, to } => self.people[*who] = *to,
            Event::Rule(country) => {
                self.rule = country;
                let rule = format!("country = \"{country}\"");
                self.world.change::<Segment>(&self.segment, |body| body["expression"]["value"] = json!(rule)).await;
            }
            Event::Suppress { who, is_on } => {
                suppress(&self.world, &[&name(*who)], *is_on).await;
                match is_on {
                    true => self.suppressed.insert(name(*who)),
                    false => self.suppressed.remove(&name(*who)),
                };
            }
            Event::Evaluate => self.evaluate().await,
            Event::Run(place) => {
                if let Some(place) = place {
                    self.gate.fail(*place, FaultClass::Refused);
                }
                self.world.runner().submit_run_now(SANDBOX, &self.flow, "me").await.unwrap();
                self.world.work().await;
            }
            Event::Adhoc => {
                let order = [(self.flow.clone(), vec![self.segment.clone()])];
                self.world.runner().submit_adhoc(SANDBOX, &order, "me").await.unwrap();
                self.world.work().await;
            }
            Event::Days(days) => self.world.advance(TimeDelta::days(*days)),
            Event::Retry(back) => {
                let runs = self.world.runs().await;
                let failed = runs.iter().rev().filter(|(_, run)| run.state == RunState::Failed).nth(*back);
                if let Some((run, _)) = failed {
                    // Refused when another one has delivered since it was planned.
                    let _ = self.world.runner().submit_retry(SANDBOX, &run.id, Expected::Any).await;
                    self.world.work().await;
                }
            }
            Event::CleanUp => self.world.runner().clean_up().await.unwrap(),
        }
        self.consume().await;
    }

    /// Takes what was delivered since the last look, as a consumer would.
    async fn consume(&mut self) {
        let mut delivered: Vec<_> = self.world.runs().await.into_iter().map(|(_, run)| run).collect();
        // An extra full export stands beside the others, and is not folded with them.
        delivered.retain(|run| run.state == RunState::Success && run.kind != RunKind::Adhoc);
        delivered.sort_by_key(|run| run.completed_at);
        for run in &delivered[self.seen..] {
            let mut rows = Vec::new();
            for file in &run.files {
                let text = self.world.read("acme", &file.name);
                rows.extend(text.lines().skip(1).map(|line| {
                    let (who, status) = line.rsplit_once(',').unwrap();
                    (who.to_owned(), status.to_owned())
                }));
            }
            let people: BTreeSet<String> = rows.iter().map(|(who, _)| who.clone()).collect();
            assert_eq!(people.len(), rows.len(), "somebody is there twice: {rows:?}");
            if run.mode == Some(RunMode::Full) {
                assert!(rows.iter().all(|(_, status)| status != "exited"), "{rows:?}");
                self.folded.clear();
            }
            for (who, status) in rows {
                match status.as_str() {
                    "realized" | "existing" => drop(self.folded.insert(who)),
                    "exited" => assert!(self.folded.remove(&who), "{who} left without having been there"),
                    other => panic!("{other} is no status"),
                }
            }
            if run.evaluation_id == self.latest().await {
                assert_eq!(self.folded, self.permitted(), "{run:?}");
            }
        }
        self.seen = delivered.len();
    }

    /// The members that may be exported.
    fn permitted(&self) -> BTreeSet<String> {
        &self.members - &self.suppressed
    }

    async fn latest(&self) -> Option<String> {
        let mut reader = self.world.store.read().await.unwrap();
        reader.segment_evaluation(&self.segment).await.unwrap().map(|latest| latest.evaluation_id)
    }
}

fn name(who: usize) -> String {
    format!("p{who}@x")
}

fn write(world: &World, people: &People) {
    let names: Vec<String> = (0..PEOPLE).map(name).collect();
    let rows = people.iter().zip(&names).filter_map(|(place, name)| Some((name.as_str(), (*place)?, 1)));
    world.write_people(&rows.collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_files_fold_to_the_membership(events in proptest::collection::vec(event(), 8..24)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut story = Story::begin().await;
            for event in &events {
                story.happen(event).await;
            }
            // In the end everything is evaluated and delivered.
            story.gate.faults.lock().unwrap().clear();
            story.happen(&Event::Evaluate).await;
            story.happen(&Event::Run(None)).await;
            assert_eq!(story.folded, story.permitted());
        });
    }
}
