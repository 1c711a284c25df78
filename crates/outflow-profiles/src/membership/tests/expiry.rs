//! Who left is told of as long as somebody needs to know, and forgotten then.

use super::*;

/// Evaluates over `profiles` at a minute, and forgets who left before another.
fn after(place: &Place, before: &Evaluation, profiles: &Profiles, at: i64, keep_since: i64) -> Evaluation {
    let previous = [Previous { evaluation: before, segments: vec!["all".into()] }];
    let (snapshot, folder) = (place.snapshot(profiles, 0), work(place.folder(), 1));
    evaluate(&snapshot, &rules(&[("all", "n > 0")]), &previous, minute(keep_since), minute(at), &folder).unwrap()
}

#[test]
fn ghosts_and_exits_are_kept_to_the_minute() {
    let place = Place::new();
    let first = place.evaluate(&numbered(&[("a", 1), ("b", 1), ("c", 1)]), &[("all", "n > 0")], None, 1);
    // b leaves, c vanishes.
    let left = numbered(&[("a", 1), ("b", 0)]);
    let second = after(&place, &first, &left, 5, 0);
    assert_eq!(second.ghosts(), 1);
    let told_of = |evaluation: &Evaluation| {
        let changes = evaluation.changes("all", &first, true, &work(place.folder(), 1)).unwrap();
        told(evaluation, changes).into_iter().map(|(id, _, at)| (id, at)).collect::<Vec<_>>()
    };
    let both = [("b".to_string(), 5), ("c".to_string(), 5)];
    assert_eq!(told_of(&second), both);
    let third = after(&place, &second, &left, 9, 5);
    assert_eq!((third.ghosts(), told_of(&third)), (1, both.to_vec()));
    let fourth = after(&place, &third, &left, 10, 6);
    // The ghost is gone. b is in the snapshot and is found by its id; that it left is told with the time of this one.
    assert_eq!((fourth.ghosts(), told_of(&fourth)), (0, vec![("b".to_string(), 10)]));
    // c comes back as somebody new.
    let fifth = after(&place, &fourth, &numbered(&[("a", 1), ("c", 1)]), 11, 6);
    assert_eq!(told(&fifth, fifth.full("all").unwrap())[1], ("c".to_string(), "realized", 11));
}

#[test]
fn ghosts_of_many_parts_are_found_again() {
    let place = Place::new();
    let ids: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
    let everybody: Profiles = ids.iter().map(|id| (id.clone(), (Some(1), None))).collect();
    let few: Profiles = ids[..20].iter().map(|id| (id.clone(), (Some(1), None))).collect();
    let folder = work(place.folder(), 2);
    let evaluate_small = |profiles: &Profiles, before: Option<&Evaluation>, at| {
        let previous = before.map(|evaluation| Previous { evaluation, segments: vec!["all".into(), "odd".into()] });
        let previous: Vec<Previous<'_>> = previous.into_iter().collect();
        let (snapshot, segments) = (place.snapshot(profiles, 2), rules(&[("all", "n > 0"), ("odd", "n > 1")]));
        super::super::evaluate::evaluate_with(&snapshot, &segments, &previous, (minute(0), minute(at)), &folder, 32)
            .unwrap()
    };
    let first = evaluate_small(&everybody, None, 1);
    let second = evaluate_small(&few, Some(&first), 2);
    assert_eq!(second.ghosts(), 180);
    // 5 full parts of 32, and one with the rest.
    assert_eq!(second.open().unwrap().morsels().len(), 4 + 6);
    let gone = second.changes("all", &first, true, &folder).unwrap();
    assert_eq!((gone.len(), told(&second, gone).len()), (180, 180));
    // Half of the ghosts come back, with another rule's number.
    let half: Profiles = ids[..110].iter().map(|id| (id.clone(), (Some(2), None))).collect();
    let third = evaluate_small(&half, Some(&second), 3);
    assert_eq!(third.ghosts(), 90);
    let counts = third.counts("all").unwrap();
    assert_eq!((counts.realized, counts.existing, counts.exited), (90, 20, 0));
    assert_eq!(third.counts("odd").unwrap().realized, 110);
    let since_first = told(&third, third.changes("all", &first, true, &folder).unwrap());
    assert_eq!(since_first.iter().filter(|(_, status, at)| (*status, *at) == ("exited", 2)).count(), 90);
    assert_eq!(since_first.iter().filter(|(_, status, at)| (*status, *at) == ("realized", 3)).count(), 90);
}
