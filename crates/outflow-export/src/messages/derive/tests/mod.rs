//! Derivations over small worlds, with a consumer that keeps what a far end would.

mod cases;
mod histories;
mod sizes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::rule::{bind, parse_pql};
use outflow_model::{Fault, FieldPath};
use outflow_profiles::dataset::{DatasetSpec, IdentitySpec, normalise};
use outflow_profiles::membership::{Previous, SegmentRule, Standings, evaluate};
use outflow_profiles::scan::Profiles;
use outflow_profiles::snapshot::{hash_of, merge};
use outflow_profiles::source::{LocalStorage, pin};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::shape::SegmentTold;
use super::*;
use crate::messages::Acks;

const FLOW: &str = "flow";

/// Segments, with their rules.
const SEGMENTS: [(&str, &str); 3] = [("big", "points > 10"), ("small", "points < 5"), ("vip", "person.vip = true")];

fn no_check() -> Result<(), Fault> {
    Ok(())
}

fn work(folder: &Path) -> Work<'_> {
    Work { threads: 2, memory_bytes: 1 << 30, folder, check: &no_check, progress: &|_| {} }
}

fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

/// A profile. It is `CRMID:c…`.
#[derive(Clone, Debug, PartialEq)]
struct Person {
    mail: Option<String>,
    points: i64,
    name: Option<String>,
    vip: bool,
    /// Minute of its record.
    at: i64,
}

fn person(points: i64) -> Person {
    Person { mail: None, points, name: None, vip: false, at: 0 }
}

impl Person {
    fn line(&self, crm: &str) -> String {
        let person = json!({"name": self.name, "vip": self.vip});
        let at = minute(self.at).to_rfc3339();
        format!("{}\n", json!({"crm": crm, "mail": self.mail, "points": self.points, "person": person, "at": at}))
    }

    fn is_in(&self, segment: &str) -> bool {
        match segment {
            "big" => self.points > 10,
            "small" => self.points < 5,
            _ => self.vip,
        }
    }

    /// What a message has of it.
    fn attributes(&self, mapping: &[&str]) -> Value {
        let mut all = serde_json::Map::new();
        for path in mapping {
            match *path {
                "points" => drop(all.insert("points".into(), json!(self.points))),
                "person.vip" => all.entry("person").or_insert_with(|| json!({}))["vip"] = json!(self.vip),
                _ => {
                    if let Some(name) = &self.name {
                        all.entry("person").or_insert_with(|| json!({}))["name"] = json!(name);
                    }
                }
            }
        }
        Value::Object(all)
    }

    fn identities(&self, crm: u32) -> Value {
        let mut all = json!({"CRMID": [{"id": format!("c{crm}")}]});
        if let Some(mail) = &self.mail {
            all["Email"] = json!([{"id": mail}]);
        }
        all
    }
}

/// Profiles by number.
type People = BTreeMap<u32, Person>;

fn id(number: u32) -> String {
    format!("CRMID:c{number}")
}

/// A data folder, its evaluations, what a flow was told and what the far end has.
struct World {
    dir: TempDir,
    people: People,
    /// Parts of snapshots are a power of two.
    parts: usize,
    evaluations: Vec<Evaluation>,
    /// By segment and profile: the minute of entering.
    since: BTreeMap<(String, u32), i64>,
    told: Option<(ToldState, usize)>,
    sequence: u64,
    far_end: FarEnd,
}

/// Keeps of each profile the message with the highest sequence.
#[derive(Default)]
struct FarEnd {
    profiles: BTreeMap<String, (u64, Value)>,
    /// The bytes of every message that ever came.
    events: BTreeMap<String, Vec<u8>>,
}

impl FarEnd {
    fn take(&mut self, key: &[u8], event_id: &[u8], body: &[u8]) {
        let value: Value = serde_json::from_slice(body).expect("a message is JSON");
        assert_eq!(value["eventId"].as_str().unwrap().as_bytes(), event_id);
        assert_eq!(value["profileId"].as_str().unwrap().as_bytes(), key);
        let event_id = String::from_utf8(event_id.to_vec()).unwrap();
        let known = self.events.entry(event_id).or_insert_with(|| body.to_vec());
        assert_eq!(known, body, "an event id has one message");
        let sequence = value["sequence"].as_u64().unwrap();
        let kept = self.profiles.entry(String::from_utf8(key.to_vec()).unwrap()).or_insert((0, Value::Null));
        if sequence >= kept.0 {
            *kept = (sequence, value);
        }
    }
}

/// How a derivation differs from the usual one.
#[derive(Clone, Copy)]
struct How<'a> {
    mapping: &'a [&'a str],
    segments: &'a [&'a str],
    triggers: Triggers,
    resend: Resend<'a>,
    set_bytes_max: u64,
    threads: usize,
}

const USUAL: How<'static> = How {
    mapping: &["points", "person.name"],
    segments: &["big", "small"],
    triggers: Triggers { segmentation: true, attributes: true, identities: true, rewrites: false },
    resend: Resend::None,
    set_bytes_max: 1 << 30,
    threads: 2,
};

impl World {
    fn new(people: People) -> World {
        let dir = tempfile::tempdir().unwrap();
        let (since, far_end) = (BTreeMap::new(), FarEnd::default());
        World { dir, people, parts: 1, evaluations: Vec::new(), since, told: None, sequence: 0, far_end }
    }

    /// The profiles as a snapshot. Each part has somebody in no segment, so that all have one schema.
    fn snapshot(&self) -> Snapshot {
        let parts = (0..self.parts).map(|part| {
            let hashes = Standings::hashes(part, self.parts);
            let lines = self.people.iter().map(|(number, person)| (format!("c{number}"), person.clone()));
            let anchor = Person { mail: Some("anchor@x".into()), name: Some("Anchor".into()), at: 0, ..person(7) };
            let anchor = (0..).map(|n| (format!("z{n}"), anchor.clone()));
            let is_here = |crm: &str| hashes.contains(&hash_of(&format!("CRMID:{crm}")));
            let anchor = anchor.filter(|(crm, _)| is_here(crm)).take(1);
            let lines = lines.filter(|(crm, _)| is_here(crm)).chain(anchor).map(|(crm, person)| person.line(&crm));
            self.dataset(part, &lines.collect::<String>())
        });
        let parts: Vec<Snapshot> = parts.collect();
        Snapshot {
            id: parts.iter().map(|part| part.id.as_str()).collect::<Vec<_>>().join("-"),
            profiles: parts.iter().map(|part| part.profiles).sum(),
            schema: parts[0].schema.clone(),
            parts: parts.into_iter().flat_map(|part| part.parts).collect(),
        }
    }

    fn dataset(&self, part: usize, lines: &str) -> Snapshot {
        let folder = self.dir.path();
        let source = folder.join(format!("people{part}.ndjson"));
        std::fs::write(&source, lines).unwrap();
        let pinned = pin(&[source.display().to_string()], &[Arc::new(LocalStorage)]).unwrap();
        let identity = |path: &str, namespace: &str, primary| IdentitySpec {
            path: FieldPath::parse(path).unwrap(),
            namespace: namespace.into(),
            primary,
        };
        let spec = DatasetSpec {
            name: "people".into(),
            identities: vec![identity("crm", "CRMID", true), identity("mail", "Email", false)],
            timestamp: Some(FieldPath::parse("at").unwrap()),
        };
        let version = normalise(&spec, &Profiles::open(pinned).unwrap(), None, &work(folder)).unwrap();
        merge(&[version], None, &work(folder)).unwrap()
    }

    /// Evaluates all segments over the people; answers the minute.
    fn evaluate(&mut self) -> i64 {
        let snapshot = self.snapshot();
        let at = self.evaluations.len() as i64 + 1;
        let rule = |text: &str| bind(&parse_pql(text).unwrap(), &snapshot.schema, minute(at)).unwrap();
        let rules = SEGMENTS.map(|(id, text)| SegmentRule { id: id.into(), rule: rule(text) });
        let ids: Vec<String> = SEGMENTS.iter().map(|(id, _)| (*id).to_string()).collect();
        let previous = self.evaluations.last().map(|evaluation| Previous { evaluation, segments: ids });
        let previous: Vec<Previous<'_>> = previous.into_iter().collect();
        let done = evaluate(&snapshot, &rules, &previous, minute(0), minute(at), &work(self.dir.path())).unwrap();
        self.evaluations.push(done);
        let people = &self.people;
        self.since.retain(|(segment, number), _| people.get(number).is_some_and(|person| person.is_in(segment)));
        for (segment, _) in SEGMENTS {
            for (number, _) in self.people.iter().filter(|(_, person)| person.is_in(segment)) {
                self.since.entry((segment.to_string(), *number)).or_insert(at);
            }
        }
        at
    }

    fn folder(&self, sequence: u64) -> PathBuf {
        self.dir.path().join(format!("streams/{sequence:08}"))
    }

    /// Derives from the newest evaluation. The state is not advanced.
    fn try_derive(&self, how: How<'_>, sequence: u64) -> Result<Derived, Fault> {
        self.derive_from(self.evaluations.last().unwrap(), &[], how, sequence)
    }

    /// Derives from an evaluation, from which these are withheld. The state is not advanced.
    fn derive_from(
        &self,
        evaluation: &Evaluation,
        withheld: &[ExclusionRule],
        how: How<'_>,
        sequence: u64,
    ) -> Result<Derived, Fault> {
        let mapping: Vec<FieldPath> = how.mapping.iter().map(|path| FieldPath::parse(path).unwrap()).collect();
        let segment = |id: &&str| SegmentTold { id: (*id).into(), name: None, timestamps: None };
        let profiles = evaluation.snapshot.open()?;
        let shape = MessageShape::new(&mapping, &profiles, how.segments.iter().map(segment).collect())?;
        let into = self.folder(sequence);
        let derivation = Derivation {
            withheld,
            flow_id: FLOW,
            run_id: "run",
            sequence,
            evaluation,
            shape: &shape,
            triggers: how.triggers,
            told: self.told.as_ref().map(|(told, _)| told),
            told_over: self.told.as_ref().map(|(_, over)| &self.evaluations[*over].snapshot),
            resend: how.resend,
            set_bytes_max: how.set_bytes_max,
            into: &into,
        };
        derive(&derivation, &Work { threads: how.threads, ..work(self.dir.path()) })
    }

    /// Derives from the newest evaluation, and lets the far end have the messages: profiles by their numbers, each with
    /// its memberships.
    fn tell(&mut self, how: How<'_>) -> Vec<(u32, String)> {
        let derived = self.derive(how);
        let messages = derived.set.map(|set| self.deliver(&set)).unwrap_or_default();
        let mut told: Vec<(u32, String)> = messages.iter().map(|body| (number_of(body), statuses(body))).collect();
        told.sort();
        told
    }

    /// Derives from the newest evaluation; the next one goes on from there.
    fn derive(&mut self, how: How<'_>) -> Derived {
        self.sequence += 1;
        let derived = self.try_derive(how, self.sequence).unwrap();
        assert_eq!(ToldState::load(&derived.told.folder).unwrap(), derived.told);
        if let Some(set) = &derived.set {
            assert_eq!(OpenSet::load(&set.folder).unwrap(), *set);
        }
        self.told = Some((derived.told.clone(), self.evaluations.len() - 1));
        derived
    }

    /// Every message of a set arrives; answers them.
    fn deliver(&mut self, set: &OpenSet) -> Vec<Value> {
        let mut bodies = Vec::new();
        let mut last = None;
        for message in set.reader(0) {
            let (_, message) = message.unwrap();
            let id = String::from_utf8(message.key.to_vec()).unwrap();
            let order = Some((hash_of(&id), id));
            assert!(last < order, "messages are in the global order");
            last = order;
            self.far_end.take(&message.key, &message.event_id, &message.body);
            bodies.push(serde_json::from_slice(&message.body).unwrap());
        }
        assert_eq!(bodies.len() as u64, set.messages);
        bodies
    }

    /// That the far end knows every member, and nobody else as one.
    fn check(&self, how: How<'_>) {
        for (number, person) in &self.people {
            let segments: Vec<&str> = how.segments.iter().copied().filter(|segment| person.is_in(segment)).collect();
            if segments.is_empty() {
                continue;
            }
            let (_, known) = self.far_end.profiles.get(&id(*number)).unwrap_or_else(|| panic!("{number} is unknown"));
            let mut attributes = known.clone();
            let members = attributes.as_object_mut().unwrap();
            for own in ["segmentMembership", "profileId", "eventId", "sequence", "runId"] {
                members.shift_remove(own).unwrap();
            }
            assert_eq!(members.shift_remove("identityMap"), Some(person.identities(*number)), "{number}");
            assert_eq!(attributes, person.attributes(how.mapping), "{number}");
            for segment in segments {
                let since = minute(self.since[&(segment.to_string(), *number)]);
                let told = &known["segmentMembership"]["ups"][segment];
                assert_eq!(told["status"], "realized", "{number} in {segment}");
                let time: DateTime<Utc> = told["lastQualificationTime"].as_str().unwrap().parse().unwrap();
                assert_eq!(time, since, "{number} in {segment}");
            }
        }
        for (profile, (_, known)) in &self.far_end.profiles {
            let number: u32 = profile.strip_prefix("CRMID:c").unwrap().parse().unwrap();
            for segment in how.segments {
                if known["segmentMembership"]["ups"][segment]["status"] == "realized" {
                    assert!(self.people.get(&number).is_some_and(|p| p.is_in(segment)), "{number} is in {segment}");
                }
            }
        }
    }

    /// The set that a derivation made is sent in part, and folded back.
    fn fold(&mut self, before: Option<(ToldState, usize)>, set: &OpenSet, acks: &Acks) {
        let (after, over) = self.told.take().unwrap();
        let into = self.dir.path().join(format!("folded/{:08}", self.sequence));
        let before = before.map(|(told, _)| told);
        let state = crate::messages::rebase(before.as_ref(), &after, set, acks, &into, &work(self.dir.path())).unwrap();
        assert_eq!(ToldState::load(&state.folder).unwrap(), state);
        self.told = Some((state, over));
    }

    /// The set that a derivation made is closed; answers whether what was told is not what was to be told.
    fn close(&mut self, before: Option<(ToldState, usize)>, set: &OpenSet, acks: &Acks) -> bool {
        let (after, over) = self.told.take().unwrap();
        let into = self.dir.path().join(format!("closed/{:08}", self.sequence));
        let before = before.map(|(told, _)| told);
        let state = crate::messages::close(before.as_ref(), &after, set, acks, &into, &work(self.dir.path())).unwrap();
        assert_eq!(state.is_some(), into.exists());
        let is_other = state.is_some();
        self.told = Some((state.unwrap_or(after), over));
        is_other
    }

    /// Derives, and the far end takes no message about these profiles; the set is closed. Answers as `close`.
    fn refuse(&mut self, how: How<'_>, numbers: &[u32]) -> bool {
        let before = self.told.clone();
        let set = self.derive(how).set.unwrap();
        let mut acks = Acks::open(&set.folder).unwrap();
        acks.attempt(set.messages).unwrap();
        for message in set.reader(0) {
            let (number, message) = message.unwrap();
            if numbers.iter().any(|refused| message.key == id(*refused)) {
                acks.refuse(number);
            } else {
                self.far_end.take(&message.key, &message.event_id, &message.body);
                acks.accept(number, message.body.len() as u64).unwrap();
            }
        }
        assert_eq!(acks.refused().len(), numbers.len() as u64);
        self.close(before, &set, &acks)
    }
}

fn number_of(body: &Value) -> u32 {
    let id = body["identityMap"]["CRMID"][0]["id"].as_str().unwrap();
    id.strip_prefix('c').unwrap().parse().unwrap()
}

/// The memberships of a message: `big=realized@1 small=exited@2`, with minutes.
fn statuses(body: &Value) -> String {
    let ups = body["segmentMembership"]["ups"].as_object().unwrap();
    let each = ups.iter().map(|(segment, told)| {
        let time: DateTime<Utc> = told["lastQualificationTime"].as_str().unwrap().parse().unwrap();
        format!("{segment}={}@{}", told["status"].as_str().unwrap(), (time - minute(0)).num_minutes())
    });
    each.collect::<Vec<_>>().join(" ")
}

fn people(points: &[(u32, i64)]) -> People {
    points.iter().map(|(number, points)| (*number, person(*points))).collect()
}

fn keys(numbers: &[u32]) -> ProfileKeys {
    let sorted: BTreeSet<(i64, String)> = numbers.iter().map(|number| (hash_of(&id(*number)), id(*number))).collect();
    let mut keys = ProfileKeys::default();
    sorted.iter().for_each(|(hash, id)| keys.push(*hash, id));
    keys
}

/// What [`World::tell`] answers.
fn told(expected: &[(u32, &str)]) -> Vec<(u32, String)> {
    expected.iter().map(|(number, statuses)| (*number, (*statuses).to_string())).collect()
}
