//! One profile in all segments of an evaluation.

use super::*;

/// Segment, status and minute of everything that an evaluation says of a profile.
fn stands(evaluation: &Evaluation, id: &str) -> Vec<Told> {
    let place = evaluation.snapshot.find(id).unwrap();
    let Some(place) = place else { return Vec::new() };
    let told = evaluation.standing_of(place.part, place.row).unwrap();
    let since = |time: DateTime<Utc>| (time - minute(0)).num_minutes();
    told.into_iter().map(|one| (one.segment, one.status.as_str(), since(one.since))).collect()
}

fn expect(told: &[Told], expected: &[(&str, &'static str, i64)]) {
    let expected: Vec<Told> = expected.iter().map(|(id, status, at)| ((*id).to_string(), *status, *at)).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_profile_stands_where_selections_say() {
    let place = Place::new();
    let segments = [("all", "true"), ("big", "n > 10"), ("none", "n > 99")];
    let first = place.evaluate(&numbered(&[("a", 20), ("b", 30), ("c", 1)]), &segments, None, 1);
    expect(&stands(&first, "a"), &[("all", "realized", 1), ("big", "realized", 1)]);
    expect(&stands(&first, "c"), &[("all", "realized", 1)]);
    let second = place.evaluate(&numbered(&[("a", 20), ("b", 3), ("c", 11)]), &segments, Some(&first), 2);
    expect(&stands(&second, "a"), &[("all", "existing", 1), ("big", "existing", 1)]);
    expect(&stands(&second, "b"), &[("all", "existing", 1), ("big", "exited", 2)]);
    expect(&stands(&second, "c"), &[("all", "existing", 1), ("big", "realized", 2)]);
    assert_eq!(stands(&second, "d"), []);
    assert_eq!(second.standing_of(7, 0).unwrap(), []);
}

#[test]
fn memberships_that_are_damaged_are_named() {
    let place = Place::new();
    let evaluation = place.evaluate(&numbered(&[("a", 1)]), &[("all", "true")], None, 1);
    std::fs::write(evaluation.folder.join("membership.parquet"), "nothing").unwrap();
    let found = evaluation.snapshot.find("a").unwrap().unwrap();
    assert!(evaluation.standing_of(found.part, found.row).unwrap_err().message.contains("membership.parquet"));
}
