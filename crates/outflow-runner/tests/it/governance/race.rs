//! Labels, policies, consent, the suppression list, rules and mappings change while runs start and streams tell. Whatever
//! left was allowed by what the audit log says was so when it was decided: an evaluator of its own, over the replayed log,
//! agrees with every decision, and finds nobody in what left who was to be withheld. On both databases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_governance::action::core;
use outflow_model::run::RunState;
use outflow_profiles::snapshot::identity_key;
use outflow_runner::Runner;
use outflow_store::{
    AuditQuery, AuditRecord, Change, ConsentPolicy, DatasetLabels, EnabledCorePolicies, Expected, Flow, NewSuppression,
    Noun, Policy, Reader, Segment, Tx,
};
use outflow_testkit::database::TestDatabase;
use serde_json::{Value, json};

use super::bed::{act, audit, joined, labels_of, leaf, put_in};
use super::replay::So;
use crate::streams::bed::stream_flow;
use crate::streams::far::{Far, RIGHT_KEY, with_far};
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, names};

/// Changes of a test.
const CHANGES: usize = 120;

const PEOPLE: [&str; 5] = ["a@x", "b@x", "c@x", "d@x", "e@x"];

const FIELDS: [&str; 3] = ["email", "country", "points"];

/// Rules with what they read.
pub const RULES: [(&str, &[&str]); 4] = [
    ("country = \"US\"", &["country"]),
    ("points >= 15", &["points"]),
    ("email is not null", &["email"]),
    ("country = \"US\" or points >= 30", &["country", "points"]),
];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        of.iter().copied().filter(|_| self.roll(3) == 0).collect()
    }
}

struct Bed {
    world: World,
    far: Arc<Far>,
    dataset: String,
    segments: Vec<String>,
    flows: Vec<String>,
    streams: Vec<String>,
    /// Who is on the suppression list from which record of the audit log on: the log does not say who.
    suppressed: Mutex<Vec<(i64, BTreeSet<&'static str>)>>,
}

impl Bed {
    async fn new(database: &TestDatabase) -> Bed {
        let far = Far::new();
        let mut world = World::with(with_far(&far)).await.on(database.url()).await;
        assert!(far.store.set(world.store.clone()).is_ok());
        world.settings.lease_secs = 30 * 86_400;
        world.settings.workers = 2;
        world.clock.tick(TimeDelta::microseconds(20));
        world.write_people(&people(&mut Dice(1)));
        let dataset = world.attach().await;
        world.work().await;
        let mut segments = Vec::new();
        for (number, (rule, _)) in RULES.iter().enumerate().take(2) {
            segments.push(world.segment(&format!("segment {number}"), rule).await);
        }
        let (mut flows, mut streams) = (Vec::new(), Vec::new());
        for name in ["one", "two"] {
            let activated = |segment| Activated {
                segment,
                mode: "FIRST_FULL_THEN_INCREMENTAL",
                schedule: daily("2027-01-01", "06:00"),
                template: DATED,
            };
            let of: Vec<Activated<'_>> = segments.iter().map(|segment| activated(segment)).collect();
            flows.push(world.flow(name, &of, &["email", "country"]).await);
            let of: Vec<&str> = segments.iter().map(String::as_str).collect();
            let name = format!("stream {name}");
            streams.push(stream_flow(&world, &name, &of, &["country", "points"], json!({}), RIGHT_KEY).await.0);
        }
        for flow in flows.iter().chain(&streams) {
            act(&world, flow, &["emailTargeting", "exportToThirdParty"]).await;
        }
        Bed { world, far, dataset, segments, flows, streams, suppressed: Mutex::default() }
    }

    /// Changes something of what governs, or enables what was paused.
    async fn change(&self, dice: &mut Dice) {
        let mut tx = self.world.store.begin().await.unwrap();
        match dice.roll(14) {
            0..=2 => {
                let whole = if dice.roll(6) == 0 { dice.some(&["C1", "C2"]) } else { Vec::new() };
                let own: Vec<(&str, Vec<&str>)> =
                    FIELDS.iter().map(|field| (*field, dice.some(&["C1", "C2", "C3", "C4"]))).collect();
                let mut own: Vec<(&str, &[&str])> = own.iter().map(|(f, labels)| (*f, labels.as_slice())).collect();
                if dice.roll(8) == 0 {
                    own.push(("country", &["C12"]));
                    own.remove(1);
                }
                put_in::<DatasetLabels>(&mut tx, &self.dataset, labels_of(&whole, &own)).await;
            }
            3..=4 => {
                let deny = match dice.roll(3) {
                    0 => leaf("C4"),
                    1 => joined("AND", &["C1", "C3"]),
                    _ => joined("OR", &["C3", "C4"]),
                };
                let status = ["ENABLED", "DISABLED", "DRAFT"][dice.roll(3)];
                let actions = [core("emailTargeting").to_string()];
                let body = json!({"name": "p", "status": status, "marketingActionRefs": actions, "deny": deny});
                put_in::<Policy>(&mut tx, "p", body).await;
            }
            5 => {
                let ids = dice.some(&["corepolicy_0001", "corepolicy_0003"]);
                put_in::<EnabledCorePolicies>(&mut tx, "core", json!({"policyIds": ids})).await;
            }
            6 => {
                let rule = RULES[dice.roll(RULES.len())].0;
                let segment = &self.segments[dice.roll(self.segments.len())];
                update::<Segment>(&mut tx, segment, |body| body["expression"]["value"] = json!(rule)).await;
            }
            7 => {
                let all: Vec<&String> = self.flows.iter().chain(&self.streams).collect();
                let columns: Vec<Value> = FIELDS[dice.roll(3)..]
                    .iter()
                    .map(|path| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}}))
                    .collect();
                let pointer = "/transformations/0/params/profileSelectors/selectors";
                let flow = all[dice.roll(all.len())];
                update::<Flow>(&mut tx, flow, |body| *body.pointer_mut(pointer).unwrap() = json!(columns)).await;
            }
            8..=9 => {
                let status = ["ENABLED", "ENABLED", "DISABLED"][dice.roll(3)];
                let countries = [vec!["US"], vec!["DE"], vec!["US", "DE"]][dice.roll(3)].clone();
                let when = json!({"marketingActionRef": core("emailTargeting").to_string()});
                let then = json!({"path": "country", "values": countries});
                let body = json!({"name": "c", "status": status, "if": when, "then": then});
                put_in::<ConsentPolicy>(&mut tx, "c", body).await;
            }
            10..=11 => return self.suppress(tx, PEOPLE[dice.roll(PEOPLE.len())]).await,
            _ => {
                // Whoever enables has resolved nothing.
                for flow in self.flows.iter().chain(&self.streams) {
                    update::<Flow>(&mut tx, flow, |body| {
                        body["state"] = json!("enabled");
                        body.as_object_mut().unwrap().remove("pause");
                    })
                    .await;
                }
            }
        }
        tx.commit().await.unwrap();
    }

    /// Puts somebody on the suppression list, or takes them off.
    async fn suppress(&self, mut tx: Tx, who: &'static str) {
        let key = identity_key("Email", who);
        if tx.unsuppress(SANDBOX, &[key]).await.unwrap() == 0 {
            let new = NewSuppression { key, namespace: "Email".into(), reason: "asked".into() };
            assert_eq!(tx.suppress(SANDBOX, &[new]).await.unwrap(), 1);
        }
        let newest = AuditQuery { newest_first: true, limit: 1, ..AuditQuery::default() };
        let reader: &mut Reader = &mut tx;
        let seq = reader.audit(SANDBOX, &newest).await.unwrap().records[0].seq;
        tx.commit().await.unwrap();
        let mut suppressed = self.suppressed.lock().unwrap();
        let mut now = suppressed.last().map(|(_, now)| now.clone()).unwrap_or_default();
        if !now.remove(who) {
            now.insert(who);
        }
        suppressed.push((seq, now));
    }

    /// Whether somebody was on the suppression list at a record of the audit log.
    fn is_suppressed(&self, who: &str, seq: i64) -> bool {
        let suppressed = self.suppressed.lock().unwrap();
        suppressed.iter().rev().find(|(since, _)| *since <= seq).is_some_and(|(_, now)| now.contains(who))
    }

    /// Whether a file and a message have left.
    fn has_sent(&self) -> bool {
        let folders = ["one", "two"].map(|name| names(&self.world.out().join(name)));
        folders.iter().flatten().any(|file| file.ends_with(".csv")) && self.far.count() > 0
    }

    /// Asks for exports, and for evaluations of other people.
    async fn ask(&self, runner: &Runner, dice: &mut Dice) {
        match dice.roll(4) {
            0 => {
                self.world.write_people(&people(dice));
                runner.submit_refresh(SANDBOX, &self.dataset).await.unwrap();
            }
            1 => drop(runner.submit_segment_job(SANDBOX, None, "me").await),
            2 => drop(runner.submit_run_now(SANDBOX, &self.streams[dice.roll(2)], "me").await),
            // One that is paused, or goes already, does not.
            _ => drop(runner.submit_run_now(SANDBOX, &self.flows[dice.roll(2)], "me").await),
        }
    }
}

fn people(dice: &mut Dice) -> Vec<(&'static str, &'static str, i64)> {
    PEOPLE.iter().map(|id| (*id, ["US", "DE"][dice.roll(2)], dice.roll(50) as i64)).collect()
}

async fn update<N: Noun>(tx: &mut Tx, id: &str, change: impl FnOnce(&mut Value)) {
    let mut body = tx.find::<N>(SANDBOX, id).await.unwrap().unwrap().body.clone();
    change(&mut body);
    tx.update::<N>(SANDBOX, id, Expected::Any, Change { name: None, body, by: "test" }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_leaves_that_was_forbidden_when_it_was_decided() {
    for seed in [1, 2, 3] {
        println!("seed {seed}");
        race(seed, &TestDatabase::sqlite()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_leaves_that_was_forbidden_on_postgresql_when_it_was_decided() {
    for seed in [4, 5] {
        println!("seed {seed}");
        race(seed, &TestDatabase::postgres()).await;
    }
}

async fn race(seed: u64, database: &TestDatabase) {
    let bed = Arc::new(Bed::new(database).await);
    let server = Server::start(&bed.world.runner());
    let is_over = Arc::new(AtomicBool::new(false));
    let (asking, over, runner) = (Arc::clone(&bed), Arc::clone(&is_over), server.runner.clone());
    let asks = tokio::spawn(async move {
        let mut dice = Dice(seed ^ 0xaaaa);
        while !over.load(Ordering::SeqCst) {
            asking.ask(&runner, &mut dice).await;
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    });
    let mut dice = Dice(seed);
    // Dice may forbid everything for long: they are thrown on until something has left.
    for thrown in 0..10 * CHANGES {
        if thrown >= CHANGES && bed.has_sent() {
            break;
        }
        bed.change(&mut dice).await;
        server.runner.wake();
        tokio::time::sleep(Duration::from_millis(dice.roll(60) as u64)).await;
    }
    is_over.store(true, Ordering::SeqCst);
    asks.await.unwrap();
    server.stop().await;
    Proof::of(&bed).await.check(&bed).await;
}

/// The fields of the messages of a run and sequence; they always have the identity.
fn sent(bed: &Bed, run: &Value, sequence: &Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::from(["email".to_owned()]);
    for body in bed.far.bodies(0) {
        if body["runId"] == *run && body["sequence"] == *sequence {
            let own = FIELDS.iter().filter(|field| !body[**field].is_null());
            fields.extend(own.map(|field| (*field).to_owned()));
        }
    }
    fields
}

/// The audit log, and what left.
struct Proof {
    log: Vec<AuditRecord>,
    /// The plans of runs, by the runs' ids.
    plans: BTreeMap<String, Value>,
    /// When evaluations ended, by segment and evaluation.
    ended: BTreeMap<(String, String), DateTime<Utc>>,
}

impl Proof {
    async fn of(bed: &Bed) -> Proof {
        let mut reader = bed.world.store.read().await.unwrap();
        let mut plans = BTreeMap::new();
        for (document, _) in bed.world.runs().await {
            if let Some(plan) = reader.plan(&document.id).await.unwrap() {
                plans.insert(document.id.clone(), serde_json::from_str(&plan).unwrap());
            }
        }
        let mut ended = BTreeMap::new();
        for segment in &bed.segments {
            for of in reader.segment_history(segment, 10_000).await.unwrap() {
                ended.insert((segment.clone(), of.evaluation_id), of.counts.ended);
            }
        }
        assert!(reader.check_audit(SANDBOX).await.unwrap().broken_at.is_none());
        Proof { log: audit(&bed.world).await, plans, ended }
    }

    /// What was so at a record.
    fn so_at(&self, seq: i64) -> So {
        let mut so = So::default();
        self.log.iter().take_while(|record| record.seq <= seq).for_each(|record| so.take(record));
        so
    }

    /// What was so when an evaluation of a segment ended: its members were found by that.
    fn so_when_found(&self, segment: &str, evaluation: &str) -> So {
        let ended = self.ended[&(segment.to_owned(), evaluation.to_owned())];
        let mut so = So::default();
        self.log.iter().take_while(|record| record.at <= ended).for_each(|record| so.take(record));
        so
    }

    /// The fields that decide who is in the segments, by their rules now and when they were evaluated.
    fn rules(&self, so: &So, segment: &str, evaluation: &str) -> Vec<String> {
        [so.rule(segment), self.so_when_found(segment, evaluation).rule(segment)].concat()
    }

    async fn check(&self, bed: &Bed) {
        let decisions: Vec<&AuditRecord> = self.log.iter().filter(|record| record.action == "exportAllowed").collect();
        let refused = self.log.iter().filter(|record| record.action == "exportRefused").count();
        let (mut of_files, mut of_messages) = (0, 0);
        for decision in &decisions {
            let detail = decision.detail.as_ref().unwrap();
            let (flow, so) = (detail["flow"].as_str().unwrap(), self.so_at(decision.seq));
            let evaluation = detail["evaluation"].as_str().unwrap();
            match detail["segment"].as_str() {
                Some(segment) => {
                    // A run whose plan was dropped and that got no other has left nothing: every file is of a plan.
                    let Some(plan) = self.plans.get(detail["run"].as_str().unwrap()) else { continue };
                    let columns = plan["mapping"].clone();
                    let columns =
                        columns.as_array().unwrap().iter().map(|column| column["path"].as_str().unwrap().to_owned());
                    let fields = columns.chain(self.rules(&so, segment, evaluation)).collect();
                    assert!(so.allows(&bed.dataset, flow, &fields), "{decision:?} {fields:?}");
                    of_files += 1;
                }
                None => {
                    for segment in &bed.segments {
                        // Labels of two segments are not put together.
                        let sent = sent(bed, &detail["run"], &detail["sequence"]).into_iter();
                        let fields = sent.chain(self.rules(&so, segment, evaluation)).collect();
                        assert!(so.allows(&bed.dataset, flow, &fields), "{decision:?} {fields:?}");
                    }
                    of_messages += 1;
                }
            }
        }
        self.check_files(bed, &decisions).await;
        self.check_messages(bed, &decisions);
        let (files, messages) = (bed.flows.len(), bed.far.count());
        println!(
            "{of_files} decisions on files of {files} flows, {of_messages} on {messages} messages, {refused} refusals"
        );
        assert!(of_files > 0 && of_messages > 0 && refused > 0 && messages > 0);
    }

    /// Every file is of a plan that was decided on, and has its columns.
    async fn check_files(&self, bed: &Bed, decisions: &[&AuditRecord]) {
        let mut files = 0;
        for name in ["one", "two"] {
            for file in names(&bed.world.out().join(name)).iter().filter(|file| file.ends_with(".csv")) {
                let of = |plan: &&Value| file.starts_with(plan["names"]["name"].as_str().unwrap());
                let plan = self.plans.values().find(of).unwrap_or_else(|| panic!("{file} is of no plan"));
                let decision = plan["decision"].as_i64().unwrap();
                assert!(decisions.iter().any(|record| record.seq == decision), "{file}");
                let columns: Vec<String> = plan["mapping"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c["header"].as_str().unwrap().to_owned())
                    .collect();
                let text = bed.world.read(name, file);
                assert_eq!(text.lines().next().unwrap(), columns.join(","));
                let place = |name: &str| columns.iter().position(|column| column == name);
                let agreed = self.so_at(decision).agreed();
                for row in text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
                    let is_withheld = place("email").is_some_and(|at| bed.is_suppressed(row[at], decision));
                    let has_agreed = match (place("country"), &agreed) {
                        (Some(at), Some(agreed)) => agreed.iter().any(|country| country == row[at]),
                        _ => true,
                    };
                    assert!(!is_withheld && has_agreed, "{file} {row:?} {decision} {agreed:?}");
                }
                files += 1;
            }
        }
        let runs = bed.world.runs().await;
        let delivered = runs.iter().filter(|(_, run)| run.state == RunState::Success && !run.is_stream());
        println!("{files} files, {} runs delivered of {}", delivered.count(), runs.len());
        assert!(files > 0);
    }

    /// Every message is of a set that was decided on.
    fn check_messages(&self, bed: &Bed, decisions: &[&AuditRecord]) {
        let agreed: BTreeMap<i64, Option<Vec<String>>> =
            decisions.iter().map(|record| (record.seq, self.so_at(record.seq).agreed())).collect();
        for (body, newest) in bed.far.bodies(0).into_iter().zip(bed.far.arrived()) {
            let is_of = |record: &&&AuditRecord| {
                let detail = record.detail.as_ref().unwrap();
                detail["sequence"] == body["sequence"] && detail["run"] == body["runId"] && record.seq <= newest
            };
            // It was sent by the last one before it arrived.
            let record = decisions.iter().rfind(is_of).unwrap_or_else(|| panic!("{newest} {body}"));
            // Who has left every segment is told so whoever they are; who is in one was not withheld by that.
            let memberships = body["segmentMembership"]["ups"].as_object().unwrap();
            if memberships.values().all(|membership| membership["status"] == "exited") {
                continue;
            }
            let who = body["identityMap"]["Email"][0]["id"].as_str().unwrap();
            let agreed = agreed[&record.seq].as_ref().filter(|_| !body["country"].is_null());
            let has_agreed = agreed.is_none_or(|agreed| agreed.iter().any(|country| body["country"] == **country));
            assert!(!bed.is_suppressed(who, record.seq) && has_agreed, "{} {body}", record.seq);
        }
    }
}
