//! Whatever happens to profiles, rules and clocks: exports of changes, applied one after the other by a consumer that
//! knows nothing, give the members, and statuses are those of a simple model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const SEGMENTS: [&str; 3] = ["sa", "sb", "sc"];
const RULES: [&str; 7] =
    ["n > 3", "n <= 5 and s = \"x\"", "s != \"y\"", "n is null", "not (n > 2 or s = \"y\")", "true", "n in [1, 4, 7]"];
const TEXTS: [Option<&str>; 3] = [Some("x"), Some("y"), None];

/// Minutes that those who left are kept in any case.
const KEPT: i64 = 4;

#[derive(Clone, Debug)]
enum Step {
    /// Gives profiles new fields; those that were not there come, or come back.
    Change(Vec<(u8, Option<i64>, usize)>),
    Remove(Vec<u8>),
    /// The number of parts, as a power of two.
    Parts(u32),
    Rule(usize, usize),
    /// Evaluates some of the segments, so many minutes later.
    Evaluate(BTreeSet<usize>, i64),
    /// Brings a consumer of a segment up to date.
    Export(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let number = prop_oneof![4 => (0i64..8).prop_map(Some), 1 => Just(None)];
    let profile = (0u8..30, number, 0usize..3);
    prop_oneof![
        3 => prop::collection::vec(profile, 1..12).prop_map(Step::Change),
        2 => prop::collection::vec(0u8..30, 1..8).prop_map(Step::Remove),
        1 => (0u32..3).prop_map(Step::Parts),
        1 => (0usize..3, 0..RULES.len()).prop_map(|(segment, rule)| Step::Rule(segment, rule)),
        5 => (prop::collection::btree_set(0usize..3, 1..4), -1i64..4)
            .prop_map(|(segments, minutes)| Step::Evaluate(segments, minutes)),
        4 => (0usize..2, 0usize..3).prop_map(|(consumer, segment)| Step::Export(consumer, segment)),
    ]
}

/// The membership of a segment: members with the time of their entry.
type Members = BTreeMap<String, DateTime<Utc>>;

#[derive(Default)]
struct Segment {
    rule: usize,
    members: Members,
    evaluation: Option<Evaluation>,
}

/// What a consumer was sent, and how far it is.
#[derive(Default)]
struct Consumer {
    members: Members,
    since: Option<Evaluation>,
}

struct World {
    place: Place,
    profiles: Profiles,
    bits: u32,
    now: i64,
    segments: [Segment; 3],
    consumers: BTreeMap<(usize, usize), Consumer>,
}

fn is_member(rule: &str, (n, s): (Option<i64>, Option<&str>)) -> bool {
    match rule {
        "n > 3" => n.is_some_and(|n| n > 3),
        "n <= 5 and s = \"x\"" => n.is_some_and(|n| n <= 5) && s == Some("x"),
        "s != \"y\"" => s.is_some_and(|s| s != "y"),
        "n is null" => n.is_none(),
        // Unknown or false is unknown, and unknown is not selected.
        "not (n > 2 or s = \"y\")" => n.is_some_and(|n| n <= 2) && s.is_some_and(|s| s != "y"),
        "true" => true,
        _ => n.is_some_and(|n| [1, 4, 7].contains(&n)),
    }
}

impl World {
    fn evaluate(&mut self, chosen: &BTreeSet<usize>, minutes: i64) -> Result<(), TestCaseError> {
        self.now += minutes;
        let earlier: BTreeMap<String, Evaluation> = chosen
            .iter()
            .filter_map(|number| self.segments[*number].evaluation.clone())
            .map(|evaluation| (evaluation.id.clone(), evaluation))
            .collect();
        let of = |id: &str| {
            let is_latest = |number: &&usize| self.segments[**number].evaluation.as_ref().is_some_and(|e| e.id == id);
            chosen.iter().filter(is_latest).map(|number| SEGMENTS[*number].to_string()).collect()
        };
        let previous: Vec<Previous<'_>> =
            earlier.values().map(|evaluation| Previous { evaluation, segments: of(&evaluation.id) }).collect();
        let referred = self.consumers.values().filter_map(|consumer| consumer.since.as_ref()).map(|e| e.time).min();
        let keep_since = referred.map_or(minute(self.now - KEPT), |time| time.min(minute(self.now - KEPT)));
        let segments: Vec<(&str, &str)> =
            chosen.iter().map(|number| (SEGMENTS[*number], RULES[self.segments[*number].rule])).collect();
        let (snapshot, folder) = (self.place.snapshot(&self.profiles, self.bits), work(self.place.folder(), 2));
        let evaluation =
            evaluate(&snapshot, &rules(&segments), &previous, keep_since, minute(self.now), &folder).unwrap();
        for number in chosen {
            let segment = &mut self.segments[*number];
            let (before, rule) = (std::mem::take(&mut segment.members), RULES[segment.rule]);
            let selected = self.profiles.iter().filter(|(_, fields)| is_member(rule, **fields));
            segment.members =
                selected.map(|(id, _)| (id.clone(), before.get(id).copied().unwrap_or(evaluation.time))).collect();
            segment.evaluation = Some(evaluation.clone());
            check(&evaluation, SEGMENTS[*number], &before, &segment.members)?;
        }
        Ok(())
    }

    fn export(&mut self, consumer: usize, number: usize) -> Result<(), TestCaseError> {
        let Some(evaluation) = &self.segments[number].evaluation else { return Ok(()) };
        let consumer = self.consumers.entry((consumer, number)).or_default();
        let segment = SEGMENTS[number];
        let rows = match &consumer.since {
            None => evaluation.full(segment).unwrap(),
            Some(since) => evaluation.changes(segment, since, true, &work(self.place.folder(), 2)).unwrap(),
        };
        let (count, is_first) = (rows.len(), consumer.since.is_none());
        let (found, read, selected) = scan(evaluation, rows);
        prop_assert_eq!((count, read), (selected, evaluation.snapshot.profiles + evaluation.ghosts()));
        for (id, status, time, email, number) in found {
            prop_assert_eq!(email.as_ref(), Some(&id), "identities are known of everybody");
            match status {
                MembershipStatus::Exited => {
                    prop_assert!(consumer.members.remove(&id).is_some(), "{} was not a member", id);
                    prop_assert!(!is_first && time > consumer.since.as_ref().unwrap().time);
                    let fields = evaluation.snapshot.find(&id).unwrap();
                    prop_assert!(fields.is_some() || number.is_none(), "{} is a ghost with fields", id);
                }
                _ => {
                    consumer.members.insert(id, time);
                }
            }
        }
        prop_assert_eq!(&consumer.members, &self.segments[number].members);
        consumer.since = Some(evaluation.clone());
        Ok(())
    }
}

/// Counts, statuses and times against those of the model.
fn check(evaluation: &Evaluation, segment: &str, before: &Members, members: &Members) -> Result<(), TestCaseError> {
    let (found, ..) = scan(evaluation, evaluation.full(segment).unwrap());
    let times: Members = found.iter().map(|(id, _, time, ..)| (id.clone(), *time)).collect();
    prop_assert_eq!(&times, members);
    for (id, status, time, ..) in found {
        let is_new = time == evaluation.time;
        prop_assert_eq!(is_new, !before.contains_key(&id));
        prop_assert_eq!(status == MembershipStatus::Realized, is_new);
    }
    let counts = evaluation.counts(segment).unwrap();
    let realized = members.keys().filter(|id| !before.contains_key(*id)).count() as u64;
    let exited = before.keys().filter(|id| !members.contains_key(*id)).count() as u64;
    prop_assert_eq!((counts.realized, counts.exited, counts.members()), (realized, exited, members.len() as u64));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn changes_fold_to_the_members(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World {
            place: Place::new(),
            profiles: Profiles::new(),
            bits: 0,
            now: 10,
            segments: Default::default(),
            consumers: BTreeMap::new(),
        };
        for step in steps {
            match step {
                Step::Change(profiles) => {
                    for (id, n, s) in profiles {
                        world.profiles.insert(format!("ECID:{id}"), (n, TEXTS[s]));
                    }
                }
                Step::Remove(ids) => world.profiles.retain(|id, _| !ids.iter().any(|gone| *id == format!("ECID:{gone}"))),
                Step::Parts(bits) => world.bits = bits,
                Step::Rule(segment, rule) => world.segments[segment].rule = rule,
                Step::Evaluate(segments, minutes) => world.evaluate(&segments, minutes)?,
                Step::Export(consumer, segment) => world.export(consumer, segment)?,
            }
        }
    }
}
