//! What may be exported, against a model that does it profile by profile; and the same bytes whoever makes it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::Array;
use outflow_model::balance::ExclusionReason;
use proptest::prelude::*;

use super::super::{Exclusion, ExclusionRule, ProfileKeys, permit};
use super::*;
use crate::snapshot::{IdentityKeys, identity_key};

const SEGMENTS: [&str; 2] = ["sa", "sb"];
const RULES: [&str; 5] = ["n > 3", "true", "s = \"x\"", "n is null or n < 5", "n in [1, 4, 7]"];
const TEXTS: [Option<&str>; 3] = [Some("x"), Some("y"), None];

fn holds(rule: &str, (n, s): (Option<i64>, Option<&str>)) -> bool {
    match rule {
        "n > 3" => n.is_some_and(|n| n > 3),
        "true" => true,
        "s = \"x\"" => s == Some("x"),
        "n is null or n < 5" => n.is_none_or(|n| n < 5),
        _ => n.is_some_and(|n| [1, 4, 7].contains(&n)),
    }
}

/// An exclusion as the model has it.
#[derive(Clone, Debug)]
struct Excluded {
    /// The numbers of its segments.
    segments: BTreeSet<usize>,
    rule: Result<usize, BTreeSet<u8>>,
}

impl Excluded {
    fn is_about(&self, segment: usize, id: &str, profiles: &Profiles) -> bool {
        let is_one = match &self.rule {
            Ok(rule) => profiles.get(id).is_some_and(|fields| holds(RULES[*rule], *fields)),
            Err(ids) => ids.iter().any(|n| *id == name(*n)),
        };
        is_one && self.segments.contains(&segment)
    }

    fn real(&self, number: usize) -> Exclusion {
        Exclusion {
            reason: if self.rule.is_ok() { ExclusionReason::NoConsent } else { ExclusionReason::Suppressed },
            policy: Some(number.to_string()),
            segments: self.segments.iter().map(|segment| SEGMENTS[*segment].to_string()).collect(),
            rule: match &self.rule {
                Ok(of) => ExclusionRule::Where(rule(RULES[*of])),
                Err(ids) => ExclusionRule::Identities(Arc::new(keys(ids))),
            },
        }
    }
}

/// The profile ids of tests are also their e-mails.
fn keys(ids: &BTreeSet<u8>) -> IdentityKeys {
    IdentityKeys::new(ids.iter().map(|n| identity_key("Email", &name(*n))).collect())
}

fn name(n: u8) -> String {
    format!("ECID:{n}")
}

#[derive(Clone, Debug)]
enum Step {
    Change(Vec<(u8, Option<i64>, usize)>),
    Remove(Vec<u8>),
    Parts(u32),
    Rule(usize, usize),
    Exclude(Vec<Excluded>),
    Evaluate(i64),
    Permit(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let number = prop_oneof![4 => (0i64..8).prop_map(Some), 1 => Just(None)];
    let profile = (0u8..24, number, 0usize..3);
    let who = prop_oneof![(0..RULES.len()).prop_map(Ok), prop::collection::btree_set(0u8..24, 1..8).prop_map(Err),];
    let excluded =
        (prop::collection::btree_set(0usize..2, 1..3), who).prop_map(|(segments, rule)| Excluded { segments, rule });
    prop_oneof![
        3 => prop::collection::vec(profile, 1..12).prop_map(Step::Change),
        2 => prop::collection::vec(0u8..24, 1..6).prop_map(Step::Remove),
        1 => (0u32..3).prop_map(Step::Parts),
        1 => (0usize..2, 0..RULES.len()).prop_map(|(segment, rule)| Step::Rule(segment, rule)),
        3 => prop::collection::vec(excluded, 0..3).prop_map(Step::Exclude),
        5 => (-1i64..4).prop_map(Step::Evaluate),
        5 => any::<bool>().prop_map(Step::Permit),
    ]
}

type Members = BTreeMap<String, DateTime<Utc>>;

struct World {
    place: Place,
    profiles: Profiles,
    bits: u32,
    now: i64,
    rules: [usize; 2],
    exclusions: Vec<Excluded>,
    evaluation: Option<Evaluation>,
    /// The profiles that it was over.
    evaluated: Profiles,
    /// What was exported last, and what a consumer has of it.
    exported: Option<Evaluation>,
    consumers: [Members; 2],
}

impl World {
    fn new() -> World {
        World {
            place: Place::new(),
            profiles: Profiles::new(),
            bits: 0,
            now: 10,
            rules: [0, 1],
            exclusions: Vec::new(),
            evaluation: None,
            evaluated: Profiles::new(),
            exported: None,
            consumers: Default::default(),
        }
    }

    fn evaluate(&mut self, minutes: i64) {
        self.now += minutes;
        let segments = [(SEGMENTS[0], RULES[self.rules[0]]), (SEGMENTS[1], RULES[self.rules[1]])];
        let previous: Vec<Previous<'_>> = (self.evaluation.iter())
            .map(|evaluation| Previous { evaluation, segments: SEGMENTS.map(String::from).to_vec() })
            .collect();
        let (snapshot, folder) = (self.place.snapshot(&self.profiles, self.bits), work(self.place.folder(), 2));
        let keep = minute(self.now - 2);
        let made = evaluate(&snapshot, &rules(&segments), &previous, keep, minute(self.now), &folder).unwrap();
        self.evaluation = Some(made);
        self.evaluated = self.profiles.clone();
    }

    fn permit(&mut self, begins_anew: bool) -> Result<(), TestCaseError> {
        let Some(of) = self.evaluation.clone() else { return Ok(()) };
        let previous = self.exported.clone().filter(|_| !begins_anew);
        let real: Vec<Exclusion> = self.exclusions.iter().enumerate().map(|(n, one)| one.real(n)).collect();
        let ids = SEGMENTS.map(String::from);
        let other = Place::new();
        let make = |folder: &Path, threads, memory_bytes| {
            let work = Work { memory_bytes, ..work(folder, threads) };
            permit(&of, &ids, &real, previous.as_ref(), &work).unwrap()
        };
        let permitted = make(self.place.folder(), 3, 256 << 20);
        let again = make(other.folder(), 1, 1);
        prop_assert_eq!(&permitted.id, &again.id);
        prop_assert_eq!(content(&permitted), content(&again));
        prop_assert_eq!(&Evaluation::load(&permitted.folder).unwrap(), &permitted);
        prop_assert!(permitted.is_permitted_from(&of, &ids, &real));
        permitted.check().unwrap();
        for segment in 0..2 {
            self.check(&of, &permitted, previous.as_ref(), segment)?;
        }
        self.check_standings(&permitted)?;
        self.exported = Some(permitted);
        Ok(())
    }

    /// One segment against the model.
    fn check(
        &mut self,
        of: &Evaluation,
        permitted: &Evaluation,
        previous: Option<&Evaluation>,
        segment: usize,
    ) -> Result<(), TestCaseError> {
        let id = SEGMENTS[segment];
        let times = |evaluation: &Evaluation| -> Members {
            scan(evaluation, evaluation.full(id).unwrap()).0.into_iter().map(|(id, _, time, ..)| (id, time)).collect()
        };
        let (all, before) = (times(of), previous.map(times).unwrap_or_default());
        let since = previous.map(|previous| previous.time);
        let is_withheld = |id: &String| self.exclusions.iter().any(|one| one.is_about(segment, id, &self.evaluated));
        let mut expected = Members::new();
        for (id, arrived) in all.iter().filter(|(id, _)| !is_withheld(id)) {
            let time = match (since, before.get(id)) {
                (Some(since), _) if *arrived > since => *arrived,
                (None, _) => *arrived,
                (Some(_), Some(known)) if arrived <= known => *known,
                _ => permitted.time,
            };
            expected.insert(id.clone(), time);
        }
        prop_assert_eq!(&times(permitted), &expected);
        let counts = permitted.counts(id).unwrap();
        let realized = expected.values().filter(|time| **time == permitted.time).count() as u64;
        let exited = before.keys().filter(|id| !expected.contains_key(*id)).count() as u64;
        prop_assert_eq!((counts.realized, counts.members()), (realized, expected.len() as u64));
        prop_assert_eq!(counts.exited, exited);
        self.check_counts(permitted, &all, since, segment)?;
        let consumer = &mut self.consumers[segment];
        let rows = match previous {
            None => {
                consumer.clear();
                permitted.full(id).unwrap()
            }
            Some(since) => permitted.changes(id, since, true, &work(self.place.folder(), 2)).unwrap(),
        };
        for (id, status, time, email, number) in scan(permitted, rows).0 {
            prop_assert_eq!(email.as_ref(), Some(&id), "identities are known of everybody");
            if status == MembershipStatus::Exited {
                prop_assert!(consumer.remove(&id).is_some(), "{} was not told of", id);
                prop_assert!(since.is_some_and(|since| time > since));
                let fields = self
                    .evaluated
                    .get(&id)
                    .filter(|_| !self.exclusions.iter().any(|one| one.is_about(segment, &id, &self.evaluated)));
                prop_assert_eq!(number, fields.and_then(|(n, _)| *n), "of {} that exited", id);
            } else {
                consumer.insert(id, time);
            }
        }
        prop_assert_eq!(&self.consumers[segment], &expected);
        Ok(())
    }

    fn check_counts(
        &self,
        permitted: &Evaluation,
        all: &Members,
        since: Option<DateTime<Utc>>,
        segment: usize,
    ) -> Result<(), TestCaseError> {
        let mut expected: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (number, one) in self.exclusions.iter().enumerate().filter(|(_, one)| one.segments.contains(&segment)) {
            let counts = expected.entry(number.to_string()).or_default();
            for (id, arrived) in all {
                let is_first = self.exclusions[..number].iter().all(|b| !b.is_about(segment, id, &self.evaluated));
                if is_first && one.is_about(segment, id, &self.evaluated) {
                    counts.0 += 1;
                    counts.1 += u64::from(since.is_none_or(|since| *arrived > since));
                }
            }
        }
        let own = permitted.withheld.iter().filter(|counts| counts.segment == SEGMENTS[segment]);
        let found: BTreeMap<String, (u64, u64)> =
            own.map(|counts| (counts.policy.clone().unwrap(), (counts.profiles, counts.entered))).collect();
        prop_assert_eq!(&found, &expected);
        let selected = permitted.full(SEGMENTS[segment]).unwrap();
        let (kept, withheld) = (selected.len(), selected.withheld().values().sum::<u64>());
        prop_assert_eq!(kept + withheld, all.len() as u64);
        Ok(())
    }

    /// Whoever tells of profiles knows which are withheld, members or not.
    fn check_standings(&self, permitted: &Evaluation) -> Result<(), TestCaseError> {
        let mut sorted: Vec<(i64, String)> = (0..24).map(name).map(|id| (hash_of(&id), id)).collect();
        sorted.sort();
        let mut known = ProfileKeys::default();
        sorted.iter().for_each(|(hash, id)| known.push(*hash, id));
        for (only, segments) in [(Some(0), vec!["sa".to_string()]), (None, SEGMENTS.map(String::from).to_vec())] {
            let standings = permitted.standings(&segments).unwrap();
            let pieces = standings.parts();
            let mut found = BTreeMap::new();
            for piece in 0..pieces {
                let mut own = ProfileKeys::default();
                for (hash, id) in (0..known.len()).map(|number| known.at(number)) {
                    if super::super::Standings::hashes(piece, pieces).contains(&hash) {
                        own.push(hash, id);
                    }
                }
                let mut rows = standings.read((piece, pieces), &[], &own).unwrap();
                while let Some(batch) = rows.next_batch().unwrap() {
                    for row in 0..batch.ids.len() {
                        found.insert(batch.ids.value(row).to_string(), batch.withheld[row]);
                    }
                }
            }
            let is_withheld = |id: &String| {
                let about = |segment| self.exclusions.iter().any(|one| one.is_about(segment, id, &self.evaluated));
                (0..2).filter(|segment| only.is_none_or(|only| only == *segment)).any(about)
            };
            let expected: BTreeMap<String, bool> =
                self.evaluated.keys().map(|id| (id.clone(), is_withheld(id))).collect();
            prop_assert_eq!(found, expected);
        }
        Ok(())
    }
}

/// What stands in an evaluation's files.
fn content(evaluation: &Evaluation) -> Vec<Vec<u8>> {
    evaluation.files().filter(|file| *file != evaluation.manifest()).map(|file| std::fs::read(file).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn what_is_permitted_is_what_a_model_permits(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::Change(profiles) => {
                    world.profiles.extend(profiles.into_iter().map(|(id, n, s)| (name(id), (n, TEXTS[s]))));
                }
                Step::Remove(ids) => world.profiles.retain(|id, _| !ids.iter().any(|gone| *id == name(*gone))),
                Step::Parts(bits) => world.bits = bits,
                Step::Rule(segment, rule) => world.rules[segment] = rule,
                Step::Exclude(exclusions) => world.exclusions = exclusions,
                Step::Evaluate(minutes) => world.evaluate(minutes),
                Step::Permit(begins_anew) => {
                    // Most go on where the last one ended.
                    world.permit(begins_anew && world.now % 3 == 0)?;
                }
            }
        }
    }
}

#[test]
fn whoever_is_withheld_leaves_with_identities_and_enters_again() {
    let place = Place::new();
    let folder = work(place.folder(), 2);
    let ids = ["all".to_string()];
    let first = place.evaluate(&numbered(&[("a", 1), ("b", 2), ("c", 3)]), &[("all", "true")], None, 1);
    let b = Arc::new(IdentityKeys::new(vec![identity_key("Email", "b")]));
    let suppressed = [Exclusion {
        reason: ExclusionReason::Suppressed,
        policy: None,
        segments: ids.to_vec(),
        rule: ExclusionRule::Identities(b),
    }];
    let without = permit(&first, &ids, &suppressed, Some(&first), &folder).unwrap();
    assert_eq!(without.time, first.time + TimeDelta::microseconds(1));
    assert_eq!((without.ghosts(), without.withheld[0].profiles, without.withheld[0].entered), (1, 1, 0));
    let (rows, ..) = scan(&without, without.changes("all", &first, true, &folder).unwrap());
    assert_eq!(rows, [("b".into(), MembershipStatus::Exited, without.time, Some("b".into()), None)]);
    assert!(without.changes("all", &first, false, &folder).unwrap().is_empty());
    assert!(without.changes("all", &without, true, &folder).is_err());
    let full = without.full("all").unwrap();
    assert_eq!((full.len(), full.withheld()[&ExclusionReason::Suppressed]), (2, 1));
    // Withheld still, and gone from the data.
    let second = place.evaluate(&numbered(&[("a", 1), ("c", 3)]), &[("all", "true")], Some(&first), 2);
    let later = permit(&second, &ids, &suppressed, Some(&without), &folder).unwrap();
    assert!(later.changes("all", &without, true, &folder).unwrap().is_empty());
    assert_eq!(later.ghosts(), 0);
    let again = permit(&first, &ids, &[], Some(&without), &folder).unwrap();
    let (rows, ..) = scan(&again, again.changes("all", &without, true, &folder).unwrap());
    assert_eq!(rows, [("b".into(), MembershipStatus::Realized, again.time, Some("b".into()), Some(2))]);
    assert!(again.is_permitted() && again.withheld.is_empty() && !again.withholds("all"));
    assert_eq!((again.permitted_of(), without.withholds("all")), (Some(first.id.as_str()), true));
    let compared = Previous { evaluation: &again, segments: ids.to_vec() };
    let all = rules(&[("all", "true")]);
    assert!(evaluate(&first.snapshot, &all, &[compared], minute(0), minute(9), &folder).is_err());
}

#[test]
fn of_selected_rows_it_is_known_whether_any_is_to_be_withheld() {
    let place = Place::new();
    let folder = work(place.folder(), 2);
    let all = [("s", "n > 0")];
    let first = place.evaluate(&numbered(&[("stays", 1), ("leaves", 2), ("goes", 3)]), &all, None, 1);
    let then = numbered(&[("stays", 1), ("leaves", 0), ("enters", 4), ("never", 0)]);
    let second = place.evaluate(&then, &all, Some(&first), 2);
    let exclusion = |rule| Exclusion { reason: ExclusionReason::Suppressed, policy: None, segments: Vec::new(), rule };
    let by_email = |id: &str| ExclusionRule::Identities(Arc::new(IdentityKeys::new(vec![identity_key("Email", id)])));
    let is_any = |rows: RowSelection, rule| second.would_withhold_of(&rows, &[exclusion(rule)], &folder).unwrap();
    let changes = |with_exits| second.changes("s", &first, with_exits, &folder).unwrap();
    // Whoever is gone from the data is told of by identities alone, which are never withheld.
    for (id, in_full, in_entries, in_changes) in [
        ("stays", true, false, false),
        ("leaves", false, false, true),
        ("goes", false, false, false),
        ("enters", true, true, true),
        ("never", false, false, false),
    ] {
        assert_eq!(is_any(second.full("s").unwrap(), by_email(id)), in_full, "{id}");
        assert_eq!(is_any(changes(false), by_email(id)), in_entries, "{id}");
        assert_eq!(is_any(changes(true), by_email(id)), in_changes, "{id}");
    }
    assert!(is_any(changes(true), ExclusionRule::Where(rule("n = 0"))));
    assert!(!is_any(changes(false), ExclusionRule::Where(rule("n = 0"))));
    assert!(!second.would_withhold_of(&changes(true), &[], &folder).unwrap());
    assert!(second.would_withhold_of(&first.full("s").unwrap(), &[], &folder).is_err());
}

#[test]
fn a_preview_is_exact_over_all_and_a_range_over_some() {
    let place = Place::new();
    let all: Profiles = (0..4_000).map(|n| (format!("p{n}"), (Some(n % 10), Some("x")))).collect();
    let (snapshot, folder) = (place.snapshot(&all, 4), work(place.folder(), 1));
    let made = evaluate(&snapshot, &rules(&[("s", "n > 3")]), &[], minute(0), minute(1), &folder).unwrap();
    let some = IdentityKeys::new((0..100).map(|n| identity_key("Email", &format!("p{n}"))).collect());
    let exclusion = |rule| Exclusion { reason: ExclusionReason::NoConsent, policy: None, segments: Vec::new(), rule };
    let exclusions =
        [exclusion(ExclusionRule::Where(rule("n in [3, 4, 5]"))), exclusion(ExclusionRule::Identities(Arc::new(some)))];
    let exact = made.would_withhold("s", &exclusions, 4_000, 1, &folder).unwrap();
    let shares: Vec<_> = exact.each.iter().chain([&exact.all]).map(|of| (of.low, of.profiles, of.high)).collect();
    assert_eq!((exact.members, exact.read), (2_400, 2_400));
    assert_eq!(shares, [(800, 800, 800), (60, 60, 60), (840, 840, 840)]);
    let some = made.would_withhold("s", &exclusions, 500, 1, &folder).unwrap();
    assert!(some.read < 1_000 && some.each[0].low < 800 && some.each[0].high > 800, "{some:?}");
    assert!(made.would_withhold("t", &exclusions, 500, 1, &folder).is_err());
}

#[test]
fn of_picked_profiles_it_is_known_whether_they_are_withheld() {
    let place = Place::new();
    let snapshot = place.snapshot(&numbered(&[("a", 1), ("b", 2), ("c", 3)]), 1);
    let mut sorted: Vec<(i64, &str)> = ["a", "b", "c", "d"].map(|id| (hash_of(id), id)).to_vec();
    sorted.sort_unstable();
    let mut known = ProfileKeys::default();
    sorted.iter().for_each(|(hash, id)| known.push(*hash, id));
    let withheld = |rules: &[ExclusionRule]| {
        let mut picker = snapshot.picker(&[path("s")]).unwrap().withholding(rules).unwrap();
        let picked = picker.pick(&known, &[0, 1, 2, 3], &no_check).unwrap();
        let each = picked.iter().flat_map(|of| of.known.iter().zip(&of.withheld));
        each.filter(|(_, is)| **is).map(|(number, _)| known.at(*number as usize).1).collect::<BTreeSet<&str>>()
    };
    assert!(withheld(&[]).is_empty());
    let keys = ExclusionRule::Identities(Arc::new(IdentityKeys::new(vec![identity_key("Email", "b")])));
    assert_eq!(withheld(&[ExclusionRule::Where(rule("n = 1")), keys]), ["a", "b"].into());
    // A field that is not there, or is of another type.
    let other = |text: &str, data_type| {
        let schema = profile_schema(&Schema::new(vec![
            Field::new("m", data_type, true),
            Field::new("s", DataType::Int64, true),
        ]));
        ExclusionRule::Where(bind(&parse_pql(text).unwrap(), &schema, DateTime::UNIX_EPOCH).unwrap())
    };
    assert_eq!(withheld(&[other("m is null or m not in [1]", DataType::Int64)]).len(), 3);
    assert_eq!(withheld(&[other("s is null or s not in [1]", DataType::Int64)]).len(), 3);
}
