//! What becomes of profiles over several evaluations.

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "what was told is looked at once")]
fn expect(told: Vec<Told>, expected: &[(&str, &'static str, i64)]) {
    let expected: Vec<Told> = expected.iter().map(|(id, status, at)| ((*id).to_string(), *status, *at)).collect();
    assert_eq!(told, expected);
}

fn counts(evaluation: &Evaluation, segment: &str) -> (u64, u64, u64) {
    let counts = evaluation.counts(segment).unwrap();
    (counts.realized, counts.existing, counts.exited)
}

#[test]
fn who_enters_stays_and_leaves() {
    let place = Place::new();
    let big = [("big", "n > 10")];
    let first = place.evaluate(&numbered(&[("a", 20), ("b", 30), ("c", 1), ("d", 40)]), &big, None, 1);
    expect(
        told(&first, first.full("big").unwrap()),
        &[("a", "realized", 1), ("b", "realized", 1), ("d", "realized", 1)],
    );
    assert_eq!(counts(&first, "big"), (3, 0, 0));

    // b leaves, c enters, d vanishes.
    let second = place.evaluate(&numbered(&[("a", 20), ("b", 3), ("c", 11)]), &big, Some(&first), 2);
    expect(told(&second, second.full("big").unwrap()), &[("a", "existing", 1), ("c", "realized", 2)]);
    assert_eq!(counts(&second, "big"), (1, 1, 2));
    let changes = |exits| second.changes("big", &first, exits, &work(place.folder(), 1)).unwrap();
    expect(told(&second, changes(true)), &[("b", "exited", 2), ("c", "realized", 2), ("d", "exited", 2)]);
    expect(told(&second, changes(false)), &[("c", "realized", 2)]);

    // b and d come back; nothing else happens.
    let third = place.evaluate(&numbered(&[("a", 20), ("b", 12), ("c", 11), ("d", 99)]), &big, Some(&second), 5);
    let members = [("a", "existing", 1), ("b", "realized", 5), ("c", "existing", 2), ("d", "realized", 5)];
    expect(told(&third, third.full("big").unwrap()), &members);
    assert_eq!(counts(&third, "big"), (2, 2, 0));
    assert_eq!(third.ghosts(), 0);
    // Since the first, b and d left and came back: they entered anew. Nobody is out who was in then.
    let since_first = third.changes("big", &first, true, &work(place.folder(), 1)).unwrap();
    expect(told(&third, since_first), &[("b", "realized", 5), ("c", "existing", 2), ("d", "realized", 5)]);
}

#[test]
fn a_ghost_has_its_identities_and_nothing_else() {
    let place = Place::new();
    let all = [("all", "true")];
    let first = place.evaluate(&numbered(&[("a", 1), ("b", 2)]), &all, None, 1);
    let second = place.evaluate(&numbered(&[("a", 1)]), &all, Some(&first), 2);
    let (rows, read, selected) = scan(&second, second.changes("all", &first, true, &work(place.folder(), 1)).unwrap());
    let expected = ("b".to_string(), MembershipStatus::Exited, minute(2), Some("b".to_string()), None);
    assert_eq!(rows, [expected]);
    // The profile that is left, and the ghost.
    assert_eq!((read, selected), (2, 1));
    // It stays as long as it is told of, whatever else happens.
    let third = place.evaluate(&numbered(&[("a", 1), ("c", 1)]), &all, Some(&second), 3);
    let since_first = third.changes("all", &first, true, &work(place.folder(), 1)).unwrap();
    expect(told(&third, since_first), &[("b", "exited", 2), ("c", "realized", 3)]);
    // Since the second, it was out already.
    let since_second = third.changes("all", &second, true, &work(place.folder(), 1)).unwrap();
    expect(told(&third, since_second), &[("c", "realized", 3)]);
}

#[test]
fn who_came_and_went_in_between_is_not_told_of() {
    let place = Place::new();
    let big = [("big", "n > 10")];
    let first = place.evaluate(&numbered(&[("a", 1)]), &big, None, 1);
    let second = place.evaluate(&numbered(&[("a", 11), ("b", 12)]), &big, Some(&first), 2);
    let third = place.evaluate(&numbered(&[("a", 1)]), &big, Some(&second), 3);
    assert_eq!(counts(&third, "big"), (0, 0, 2));
    expect(told(&third, third.changes("big", &first, true, &work(place.folder(), 1)).unwrap()), &[]);
    let since_second = third.changes("big", &second, true, &work(place.folder(), 1)).unwrap();
    expect(told(&third, since_second), &[("a", "exited", 3), ("b", "exited", 3)]);
}

#[test]
fn a_changed_rule_is_compared_like_any_other() {
    let place = Place::new();
    let profiles = numbered(&[("a", 1), ("b", 2), ("c", 3)]);
    let first = place.evaluate(&profiles, &[("s", "n < 3")], None, 1);
    let second = place.evaluate(&profiles, &[("s", "n > 1")], Some(&first), 2);
    expect(told(&second, second.full("s").unwrap()), &[("b", "existing", 1), ("c", "realized", 2)]);
    let changes = second.changes("s", &first, true, &work(place.folder(), 1)).unwrap();
    expect(told(&second, changes), &[("a", "exited", 2), ("c", "realized", 2)]);
}

#[test]
fn each_segment_is_compared_with_its_own_evaluation() {
    let place = Place::new();
    let folder = work(place.folder(), 2);
    let everybody = numbered(&[("a", 1), ("b", 2), ("c", 3)]);
    let one = place.evaluate(&everybody, &[("one", "n <= 2"), ("two", "n >= 2")], None, 1);
    let two = place.evaluate(&numbered(&[("a", 1), ("b", 2), ("c", 1)]), &[("two", "n >= 2")], Some(&one), 2);
    // c is a ghost of neither: it is in the snapshot. Then it vanishes.
    let snapshot = place.snapshot(&numbered(&[("a", 1), ("b", 2)]), 2);
    let previous = [
        Previous { evaluation: &one, segments: vec!["one".into()] },
        Previous { evaluation: &two, segments: vec!["two".into()] },
    ];
    let segments = rules(&[("two", "n >= 1"), ("one", "n <= 2"), ("new", "n = 1")]);
    let all = evaluate(&snapshot, &segments, &previous, minute(0), minute(3), &folder).unwrap();
    let names: Vec<&str> = all.segments.iter().map(|counts| counts.id.as_str()).collect();
    assert_eq!(names, ["two", "one", "new"]);
    expect(told(&all, all.full("one").unwrap()), &[("a", "existing", 1), ("b", "existing", 1)]);
    expect(told(&all, all.full("two").unwrap()), &[("a", "realized", 3), ("b", "existing", 1)]);
    expect(told(&all, all.full("new").unwrap()), &[("a", "realized", 3)]);
    // c left `two` at 2, when it was still there; it is known as a ghost for that alone.
    assert_eq!(all.ghosts(), 1);
    expect(told(&all, all.changes("two", &one, true, &folder).unwrap()), &[("a", "realized", 3), ("c", "exited", 2)]);
    assert!(all.changes("one", &one, true, &folder).unwrap().is_empty());
    assert!(all.changes("new", &one, true, &folder).is_err());
    assert!(all.full("three").is_err());
}

#[test]
fn a_clock_that_was_set_back_does_not_undo_what_happened() {
    let place = Place::new();
    let all = [("all", "true")];
    let first = place.evaluate(&numbered(&[("a", 1)]), &all, None, 10);
    let second = place.evaluate(&numbered(&[("a", 1), ("b", 1)]), &all, Some(&first), 7);
    assert_eq!(second.time, minute(10) + TimeDelta::microseconds(1));
    let changes = second.changes("all", &first, true, &work(place.folder(), 1)).unwrap();
    expect(told(&second, changes), &[("b", "realized", 10)]);
}

#[test]
fn nothing_is_left_when_the_last_dataset_is_gone() {
    let place = Place::new();
    let all = [("all", "true")];
    let first = place.evaluate(&numbered(&[("a", 1), ("b", 2)]), &all, None, 1);
    let nobody =
        Snapshot { id: "nobody".into(), profiles: 0, schema: first.snapshot.schema.clone(), parts: Vec::new() };
    let previous = [Previous { evaluation: &first, segments: vec!["all".into()] }];
    let folder = work(place.folder(), 2);
    let second = evaluate(&nobody, &rules(&all), &previous, minute(0), minute(2), &folder).unwrap();
    assert_eq!(counts(&second, "all"), (0, 0, 2));
    let changes = second.changes("all", &first, true, &folder).unwrap();
    expect(told(&second, changes), &[("a", "exited", 2), ("b", "exited", 2)]);
}

#[test]
fn an_evaluation_is_read_back_as_it_was() {
    let place = Place::new();
    let first = place.evaluate(&numbered(&[("a", 1), ("b", 2)]), &[("all", "true")], None, 1);
    let second = place.evaluate(&numbered(&[("a", 1)]), &[("all", "true")], Some(&first), 2);
    assert_eq!(Evaluation::load(&second.folder).unwrap(), second);
    assert!(second.files().all(|file| file.is_file() && file.is_absolute()));
    assert_eq!(second.files().count(), 3);
    std::fs::write(second.manifest(), "{").unwrap();
    let fault = Evaluation::load(&second.folder).unwrap_err();
    assert!(fault.message.contains("evaluation.json cannot be read"), "{}", fault.message);
}

#[test]
fn misuse_is_told() {
    let place = Place::new();
    let first = place.evaluate(&numbered(&[("a", 1)]), &[("s", "true")], None, 1);
    let try_with = |segments: &[(&str, &str)], of: &str| {
        let previous = [Previous { evaluation: &first, segments: vec![of.into()] }];
        let folder = work(place.folder(), 1);
        evaluate(&first.snapshot, &rules(segments), &previous, minute(0), minute(2), &folder).unwrap_err().message
    };
    assert_eq!(try_with(&[("s", "true"), ("s", "n = 1")], "s"), "the segment `s` is to be evaluated twice at once");
    assert!(try_with(&[("s", "true")], "t").ends_with("is not one of `t`"));
}
