//! The first members: those of a scan without who is withheld, and those that a rule would select.

use std::collections::BTreeSet;

use outflow_model::balance::ExclusionReason;

use super::super::{Exclusion, ExclusionRule, FirstWanted};
use super::*;

const SEGMENTS: [(&str, &str); 2] = [("sa", "n < 30"), ("sb", "s = \"x\"")];

fn everybody() -> Profiles {
    (0..60).map(|n| (format!("p{n}"), (Some(n), (n % 3 == 0).then_some("x")))).collect()
}

/// Withholds profiles with small numbers from one of the segments.
fn exclusion(segment: &str, text: &str) -> Exclusion {
    let rule = ExclusionRule::Where(rule(text));
    Exclusion { reason: ExclusionReason::NoConsent, policy: None, segments: vec![segment.into()], rule }
}

fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.0.as_str()).collect()
}

#[test]
fn the_first_members_are_those_that_a_scan_begins_with() {
    let (place, profiles) = (Place::new(), everybody());
    let earlier = place.evaluate(&profiles, &SEGMENTS, None, 1);
    let evaluation = place.evaluate(&profiles, &SEGMENTS, Some(&earlier), 2);
    let segments = SEGMENTS.map(|(id, _)| id.to_owned());
    let exclusions = [exclusion("sa", "n < 10"), exclusion("sb", "n < 20")];
    let first = |members_max| {
        let wanted = FirstWanted {
            segments: &segments,
            selecting: 0,
            exclusions: &exclusions,
            members_max,
            profiles_max: 1_000,
        };
        evaluation.first_members(&wanted, &work(place.folder(), 1)).unwrap()
    };
    let all: Vec<Row> = scan(&evaluation, evaluation.full("sa").unwrap()).0;
    let allowed: Vec<Row> = all.into_iter().filter(|row| row.4.is_some_and(|n| n >= 10)).collect();
    assert_eq!(allowed.len(), 20);
    for count in [0, 1, 7, 20, 50] {
        let found = first(count);
        let rows = scan(&evaluation, found.rows).0;
        assert_eq!(rows, allowed[..allowed.len().min(count as usize)], "{count}");
        assert_eq!(found.is_cut, count < 20, "{count}");
        let since = minute(1).timestamp_micros();
        let of = |row: &Row| match row.4 {
            // In the other segment too, unless withheld from it.
            Some(n) if n % 3 == 0 && n >= 20 => vec![(0, since), (1, since)],
            _ => vec![(0, since)],
        };
        assert_eq!(found.memberships, rows.iter().map(of).collect::<Vec<_>>());
    }
}

#[test]
fn a_rule_that_was_not_evaluated_has_the_same_first_members() {
    let (place, profiles) = (Place::new(), everybody());
    let evaluation = place.evaluate(&profiles, &SEGMENTS[..1], None, 1);
    let (segments, exclusions) = (["sa".to_owned()], [exclusion("sa", "s = \"x\"")]);
    let wanted =
        FirstWanted { segments: &segments, selecting: 0, exclusions: &exclusions, members_max: 9, profiles_max: 1_000 };
    let work = work(place.folder(), 1);
    let known = scan(&evaluation, evaluation.first_members(&wanted, &work).unwrap().rows).0;
    // Parts that nobody looked at may have more, if everybody is wanted.
    let few = FirstWanted { members_max: 1_000, profiles_max: 1, ..wanted };
    assert!(evaluation.first_members(&few, &work).unwrap().is_cut);
    assert!(!evaluation.first_members(&FirstWanted { profiles_max: 1_000, ..few }, &work).unwrap().is_cut);
    let ruled = evaluation.snapshot.first_selected(&rule("n < 30"), minute(1), &wanted, &work).unwrap();
    assert_eq!(scan(&evaluation, ruled.rows).0, known);
    assert_eq!((known.len(), ids(&known).into_iter().collect::<BTreeSet<_>>().len()), (9, 9));
    assert!(known.iter().all(|row| row.1 == MembershipStatus::Realized));
}
