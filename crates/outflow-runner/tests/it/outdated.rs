//! What was planned may not leave any more as it is, or has left before it was planned anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunBody, RunState};
use outflow_profiles::snapshot::identity_key;
use outflow_store::{AuditQuery, Dataset, Expected, Flow, NewSuppression, Run, Scope, TargetConnection};
use serde_json::json;

use crate::clock::TestClock;
use crate::departures::asked;
use crate::gate::{Gate, Place, gated};
use crate::governance::bed::act;
use crate::governance::withheld::{consent, suppress};
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, until};

struct Bed {
    world: World,
    gate: Arc<Gate>,
    flow: String,
    /// The emails of all members.
    people: Vec<String>,
}

impl Bed {
    async fn new(rows_per_file: u64) -> Bed {
        Bed::of(rows_per_file, "DAILY_FULL_EXPORT", &["email"]).await
    }

    async fn incremental(fields: &[&str]) -> Bed {
        Bed::of(100, "FIRST_FULL_THEN_INCREMENTAL", fields).await
    }

    async fn of(rows_per_file: u64, mode: &str, fields: &[&str]) -> Bed {
        let (connectors, gate) = gated();
        let mut world = World::with(connectors).await;
        world.settings.lease_secs = 30 * 86_400;
        let people: Vec<String> = (0..6).map(|n| format!("p{n}@x")).collect();
        let lines: Vec<(&str, &str, i64)> =
            people.iter().map(|who| (who.as_str(), if who == "p5@x" { "DE" } else { "US" }, 10)).collect();
        world.write_people(&lines);
        world.attach().await;
        world.work().await;
        let segment = world.segment("Everybody", "points > 0").await;
        let activated = Activated { segment: &segment, mode, schedule: daily("2027-01-01", "06:00"), template: DATED };
        let flow = world.flow("acme", &[activated], fields).await;
        let target = world.body::<Flow>(&flow).await["targetConnectionIds"][0].as_str().unwrap().to_owned();
        world.change::<TargetConnection>(&target, |body| body["params"]["rowsPerFile"] = json!(rows_per_file)).await;
        Bed { world, gate, flow, people }
    }

    async fn submit(&self) -> String {
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_run_now(SANDBOX, &self.flow, "me").await.unwrap().remove(0)
    }

    /// Waits until the files of export number `n`, from 1, are whole, and nothing is published.
    async fn whole(&self, n: usize) {
        let is_whole = || self.gate.opens.load(Ordering::SeqCst) == n && self.gate.is_waited_at();
        until(&format!("export {n} is whole"), async || is_whole()).await;
    }

    /// Lets these people take the place of those in the data, and finds the members anew.
    async fn read_again(&self, people: &[(&str, &str, i64)]) {
        self.world.write_people(people);
        let dataset = self.dataset().await;
        self.world.runner().submit_refresh(SANDBOX, &dataset).await.unwrap();
        self.world.work().await;
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
    }

    async fn dataset(&self) -> String {
        self.world.store.read().await.unwrap().all::<Dataset>(Scope::All, Vec::new()).await.unwrap()[0].id.clone()
    }

    /// Exports, and suppresses somebody when the files are whole. Answers the rows that left, and how often files were made.
    async fn suppressed_meanwhile(&self, key: [u8; 16]) -> (Vec<String>, usize) {
        self.gate.opens.store(0, Ordering::SeqCst);
        self.gate.close(Place::Staged);
        let run = self.submit().await;
        let server = Server::start(&self.world.runner());
        self.whole(1).await;
        let new = NewSuppression { key, namespace: "Email".into(), reason: "asked".into() };
        let mut tx = self.world.store.begin().await.unwrap();
        tx.suppress(SANDBOX, &[new]).await.unwrap();
        tx.commit().await.unwrap();
        self.gate.open();
        self.world.until_state(&run, RunState::Success).await;
        server.stop().await;
        (self.inside(&self.world.run_body(&run).await), self.gate.opens.load(Ordering::SeqCst))
    }

    /// Who is in the files of a run.
    fn inside(&self, run: &RunBody) -> Vec<String> {
        let read = |name: &str| self.world.read("acme", name).lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        let mut inside: Vec<String> = run.files.iter().flat_map(|file| read(&file.name)).collect();
        inside.sort_unstable();
        inside
    }

    /// The files and whether it is certain that somebody left with them, by name.
    async fn left(&self, email: &str) -> Vec<(String, bool)> {
        let found = asked(&self.world, email).await;
        assert!(found.unreadable.is_empty());
        let mut left: Vec<_> =
            found.departures.into_iter().map(|row| (row.file_name.unwrap(), row.confirmed)).collect();
        left.sort_unstable();
        left
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suppressed_while_files_are_made_is_not_in_them() {
    let bed = Bed::new(100).await;
    bed.gate.close(Place::Staged);
    let run = bed.submit().await;
    let server = Server::start(&bed.world.runner());
    bed.whole(1).await;
    suppress(&bed.world, &["p3@x"], true).await;
    bed.gate.open();
    bed.world.until_state(&run, RunState::Success).await;
    server.stop().await;
    let run = bed.world.run_body(&run).await;
    assert_eq!(bed.inside(&run), ["p0@x", "p1@x", "p2@x", "p4@x", "p5@x"]);
    assert_eq!(bed.gate.opens.load(Ordering::SeqCst), 2);
    assert_eq!(bed.world.names("acme").len(), 2, "one file and its manifest");
    assert!(bed.left("p3@x").await.is_empty());
    assert_eq!(bed.left("p0@x").await, [(run.files[0].name.clone(), true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_agreed_to_a_policy_made_meanwhile_is_not_in_the_files() {
    let bed = Bed::new(100).await;
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    bed.gate.close(Place::Staged);
    let run = bed.submit().await;
    let server = Server::start(&bed.world.runner());
    bed.whole(1).await;
    consent(&bed.world, "ENABLED", &["US"]).await;
    bed.gate.open();
    bed.world.until_state(&run, RunState::Success).await;
    server.stop().await;
    let run = bed.world.run_body(&run).await;
    assert_eq!(bed.inside(&run), bed.people[..5]);
    assert!(bed.left("p5@x").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_file_keeps_none_back() {
    let bed = Bed::new(100).await;
    bed.gate.close(Place::Staged);
    let run = bed.submit().await;
    let server = Server::start(&bed.world.runner());
    bed.whole(1).await;
    suppress(&bed.world, &["nobody@x"], true).await;
    bed.gate.open();
    bed.world.until_state(&run, RunState::Success).await;
    server.stop().await;
    let run = bed.world.run_body(&run).await;
    assert_eq!((bed.inside(&run), bed.gate.opens.load(Ordering::SeqCst)), (bed.people.clone(), 1));
    // It left by a decision that knew.
    let decision = asked(&bed.world, "p0@x").await.departures.remove(0).decision;
    let mut reader = bed.world.store.read().await.unwrap();
    let query = AuditQuery { after_seq: Some(decision - 1), limit: 1, ..AuditQuery::default() };
    let record = reader.audit(SANDBOX, &query).await.unwrap().records.remove(0);
    let revision = reader.governance(SANDBOX).await.unwrap().suppression_revision;
    assert_eq!(record.detail.unwrap()["suppressionRevision"].as_i64(), Some(revision));
}

/// Columns by which it shows what is told of whom.
const TOLD: &[&str] = &["identityMap.Email[0].id", "country", "segmentMembership.status"];

#[tokio::test(flavor = "multi_thread")]
async fn who_left_the_segment_and_is_suppressed_meanwhile_leaves_with_identities_alone() {
    let bed = Bed::incremental(TOLD).await;
    bed.submit().await;
    bed.world.work().await;
    bed.read_again(&[("p0@x", "US", 10), ("p1@x", "US", 0), ("p2@x", "US", 0), ("p3@x", "US", 10)]).await;
    let (inside, made) = bed.suppressed_meanwhile(identity_key("Email", "p1@x")).await;
    assert!(inside.contains(&"p1@x,,exited".to_owned()) && inside.contains(&"p2@x,US,exited".to_owned()), "{inside:?}");
    assert_eq!(made, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_new_with_who_left_the_segment_is_asked() {
    let bed = Bed::incremental(TOLD).await;
    let phone = json!({"path": "country", "namespace": "Phone"});
    let dataset = bed.dataset().await;
    bed.world.change::<Dataset>(&dataset, |body| body["identities"].as_array_mut().unwrap().push(phone)).await;
    bed.read_again(&[("p0@x", "+1000", 10), ("p1@x", "+1001", 10)]).await;
    bed.submit().await;
    bed.world.work().await;
    bed.read_again(&[("p0@x", "+1000", 10), ("p1@x", "+2001", 0)]).await;
    let (inside, made) = bed.suppressed_meanwhile(identity_key("Phone", "+2001")).await;
    assert_eq!((inside, made), (vec!["p1@x,,exited".to_owned()], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_is_not_among_the_changes_keeps_none_of_them_back() {
    let bed = Bed::incremental(TOLD).await;
    bed.submit().await;
    bed.world.work().await;
    let mut people: Vec<(&str, &str, i64)> = bed.people.iter().map(|who| (who.as_str(), "US", 10)).collect();
    people.push(("p6@x", "US", 10));
    bed.read_again(&people).await;
    let (inside, made) = bed.suppressed_meanwhile(identity_key("Email", "p1@x")).await;
    assert_eq!((inside, made), (vec!["p6@x,US,realized".to_owned()], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_suppressed_each_time_does_not_keep_the_others_back_for_ever() {
    let bed = Bed::new(100).await;
    bed.gate.close(Place::Staged);
    let run = bed.submit().await;
    let server = Server::start(&bed.world.runner());
    for n in 1..=4 {
        bed.whole(n).await;
        suppress(&bed.world, &[&bed.people[n]], true).await;
        match n {
            4 => bed.gate.open(),
            _ => bed.gate.let_go(),
        }
    }
    bed.world.until_state(&run, RunState::Success).await;
    server.stop().await;
    let run = bed.world.run_body(&run).await;
    // The last one came when the files had been made anew often enough.
    assert_eq!(bed.inside(&run), ["p0@x", "p4@x", "p5@x"]);
    assert_eq!(bed.gate.opens.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_grows_all_the_time_keeps_nothing_from_leaving() {
    let bed = Bed::new(100).await;
    let run = bed.submit().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let (store, stop) = (bed.world.store.clone(), Arc::clone(&is_over));
    let growing = tokio::spawn(async move {
        let mut n = 0_u64;
        while !stop.load(Ordering::SeqCst) {
            n += 1;
            let key = identity_key("Email", &format!("n{n}@y"));
            let new = NewSuppression { key, namespace: "Email".into(), reason: "asked".into() };
            let mut tx = store.begin().await.unwrap();
            tx.suppress(SANDBOX, &[new]).await.unwrap();
            tx.commit().await.unwrap();
            // Others have their turn at the database.
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        n
    });
    let server = Server::start(&bed.world.runner());
    until("the run is over", async || bed.world.run_body(&run).await.state.is_final()).await;
    server.stop().await;
    is_over.store(true, Ordering::SeqCst);
    assert!(growing.await.unwrap() > 0);
    assert_eq!(bed.inside(&bed.world.run_body(&run).await), bed.people);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_made_anew_after_a_part_left_is_another_departure() {
    let bed = Bed::new(3).await;
    bed.gate.spared.store(1, Ordering::SeqCst);
    bed.gate.fail(Place::Publish, FaultClass::Refused);
    let run = bed.submit().await;
    bed.world.work().await;
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Failed);
    let first: Vec<String> = bed.world.names("acme").into_iter().filter(|name| name.ends_with(".csv")).collect();
    assert_eq!(first.len(), 1);
    let gone: Vec<String> = bed.world.read("acme", &first[0]).lines().skip(1).map(str::to_owned).collect();
    let kept = bed.people.iter().find(|who| !gone.contains(who)).unwrap();
    suppress(&bed.world, &[&gone[0], kept], true).await;
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!(body.state, RunState::Success, "{body:?}");
    assert_eq!(bed.inside(&body).len(), 4);
    // No name was taken.
    assert!(body.files.iter().all(|file| !first.contains(&file.name)), "{:?} {first:?}", body.files);
    assert_eq!(bed.left(&gone[0]).await, [(first[0].clone(), true)], "who was withheld later has left all the same");
    let left = bed.left(&gone[1]).await;
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().all(|(_, confirmed)| *confirmed) && left.iter().any(|(name, _)| *name == first[0]), "{left:?}");
    // The file that they were in was about to become visible when its server failed.
    let kept = bed.left(kept).await;
    let [advice] = &body.advice[..] else { panic!("{:?}", body.advice) };
    assert!(advice.contains(&first[0]) && advice.contains(&kept[0].0), "{advice}");
    assert!(matches!(&kept[..], [(name, false)] if body.files.iter().all(|file| file.name != *name)), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_names_the_target_that_was_planned() {
    let bed = Bed::new(100).await;
    bed.gate.fail(Place::Publish, FaultClass::Refused);
    let run = bed.submit().await;
    bed.world.work().await;
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Failed);
    let id = bed.world.body::<Flow>(&bed.flow).await["targetConnectionIds"][0].as_str().unwrap().to_owned();
    let elsewhere = bed.world.out().join("elsewhere");
    bed.world.change::<TargetConnection>(&id, |body| body["params"]["path"] = json!(elsewhere)).await;
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!((body.state, bed.world.names("elsewhere").len()), (RunState::Success, 0), "{body:?}");
    let mut reader = bed.world.store.read().await.unwrap();
    let query = AuditQuery { action: Some("exportAllowed"), limit: 10, ..AuditQuery::default() };
    let decisions = reader.audit(SANDBOX, &query).await.unwrap().records;
    assert_eq!(decisions.len(), 2);
    for decision in decisions {
        let target = decision.detail.unwrap()["target"].take();
        assert_eq!((target["id"].as_str(), target["name"].as_str()), (Some(&*id), Some("acme")));
        assert!(target["url"].as_str().unwrap().ends_with("/out/acme"), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_have_left_before_a_power_cut_is_told_for_ever() {
    let mut bed = Bed::new(100).await;
    bed.gate.close(Place::Published);
    let run = bed.submit().await;
    let doomed = Arc::new(TestClock::at(bed.world.clock.peek()));
    bed.world.clock = Arc::clone(&doomed);
    bed.world.store = bed.world.reopened().await;
    let server = Server::start(&bed.world.runner());
    until("the file is there", async || bed.gate.is_waited_at()).await;
    // Nobody is there any more to say so.
    doomed.cut_after(0);
    bed.gate.open();
    server.ended().await;
    bed.world.clock = Arc::new(TestClock::at(doomed.peek() + TimeDelta::days(60)));
    bed.world.store = bed.world.reopened().await;
    for is_there in [true, false] {
        let left = bed.left("p0@x").await;
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(!left[0].1 && bed.world.names("acme").contains(&left[0].0), "{left:?}");
        if is_there {
            // Nor is it forgotten with its flow and its run.
            bed.world.delete::<Flow>(&bed.flow).await;
            bed.world.delete::<Run>(&run).await;
        }
    }
}
