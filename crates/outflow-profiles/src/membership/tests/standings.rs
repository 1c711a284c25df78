//! Members of several segments side by side, and values by keys.

use arrow::array::Array;

use super::super::{ProfileKeys, Standings};
use super::*;

/// What was read of a profile: id, number if known, since when in `big` and `small`, when it left `big`, and `n`.
type Standing = (String, Option<u32>, [Option<i64>; 3], Option<i64>);

fn since_minute(time: Option<i64>) -> Option<i64> {
    time.map(|time| (DateTime::from_timestamp_micros(time).unwrap() - minute(0)).num_minutes())
}

fn keys(ids: &[&str]) -> ProfileKeys {
    let mut sorted: Vec<(i64, &str)> = ids.iter().map(|id| (hash_of(id), *id)).collect();
    sorted.sort_unstable();
    let mut keys = ProfileKeys::default();
    sorted.iter().for_each(|(hash, id)| keys.push(*hash, id));
    keys
}

/// Those of `keys` that are of a piece.
fn of_piece(keys: &ProfileKeys, piece: usize, pieces: usize) -> ProfileKeys {
    let mut own = ProfileKeys::default();
    for (hash, id) in (0..keys.len()).map(|number| keys.at(number)) {
        if Standings::hashes(piece, pieces).contains(&hash) {
            own.push(hash, id);
        }
    }
    own
}

/// All that is read of an evaluation in so many pieces, and who vanished; each in the order in which it was told.
fn read(evaluation: &Evaluation, known: &ProfileKeys, pieces: usize) -> (Vec<Standing>, Vec<String>) {
    let standings = evaluation.standings(&["big".into(), "small".into()]).unwrap();
    let (mut found, mut vanished) = (Vec::new(), Vec::new());
    for piece in 0..pieces {
        let own = of_piece(known, piece, pieces);
        let mut rows = standings.read((piece, pieces), &[path("n")], &own).unwrap();
        while let Some(batch) = rows.next_batch().unwrap() {
            vanished.extend(batch.vanished.iter().map(|number| own.at(*number as usize).1.to_string()));
            for row in 0..batch.hashes.len() {
                let id = batch.ids.value(row);
                assert_eq!(batch.hashes[row], hash_of(id));
                assert!(batch.times.is_null(row));
                if let Some(number) = batch.known[row] {
                    assert_eq!(own.at(number as usize).1, id);
                }
                let times = [&batch.memberships[0], &batch.memberships[1], &batch.exits[0]];
                let times = times.map(|times| since_minute(times[row]));
                let n = batch.columns[0].as_primitive::<Int64Type>();
                found.push((id.to_string(), batch.known[row], times, n.is_valid(row).then(|| n.value(row))));
            }
        }
        assert!(rows.next_batch().unwrap().is_none());
    }
    (found, vanished)
}

#[test]
fn members_stand_side_by_side_with_those_who_are_known() {
    let place = Place::new();
    let segments = [("big", "n > 10"), ("small", "n < 15")];
    let first = place.evaluate(&numbered(&[("a", 20), ("b", 30), ("c", 12)]), &segments, None, 1);
    let now = numbered(&[("a", 12), ("b", 7), ("c", 12), ("d", 20), ("e", 15), ("f", 16)]);
    let second = place.evaluate(&now, &[("big", "n > 15"), ("small", "n < 15")], Some(&first), 2);
    let known = keys(&["b", "e", "gone", "f"]);
    for pieces in [2, 4, 64] {
        let (mut found, vanished) = read(&second, &known, pieces);
        assert!(found.is_sorted_by_key(|(id, ..)| (hash_of(id), id.clone())));
        found.sort();
        let seen: Vec<_> =
            found.iter().map(|(id, known, times, n)| (id.as_str(), known.is_some(), *times, *n)).collect();
        let expected = [
            ("a", false, [None, Some(2), Some(2)], Some(12)),
            ("b", true, [None, Some(2), Some(2)], Some(7)),
            ("c", false, [None, Some(1), Some(2)], Some(12)),
            ("d", false, [Some(2), None, None], Some(20)),
            // Known, and in no segment.
            ("e", true, [None, None, None], Some(15)),
            ("f", true, [Some(2), None, None], Some(16)),
        ];
        assert_eq!(seen, expected);
        assert_eq!(vanished, ["gone"]);
    }
    assert!(second.standings(&["none".into()]).is_err());
}

#[test]
fn of_no_profiles_all_known_ones_vanished() {
    let place = Place::new();
    let empty = Snapshot { parts: Vec::new(), profiles: 0, ..place.snapshot(&Profiles::new(), 0) };
    let segments = rules(&[("big", "n > 10"), ("small", "n < 15")]);
    let evaluation = evaluate(&empty, &segments, &[], minute(0), minute(1), &work(place.folder(), 1)).unwrap();
    let known = keys(&["a", "b", "c"]);
    for pieces in [1, 2] {
        let (found, mut vanished) = read(&evaluation, &known, pieces);
        vanished.sort();
        assert_eq!((found, vanished), (Vec::new(), vec!["a".into(), "b".into(), "c".into()]));
    }
}

#[test]
fn many_profiles_come_in_order_with_those_who_vanished_between_them() {
    let place = Place::new();
    let all: Profiles = (0..9_000).map(|n| (format!("p{n}"), (Some(n % 20), None))).collect();
    let evaluation = place.evaluate(&all, &[("big", "n > 10"), ("small", "n < 2")], None, 1);
    let ids: Vec<String> = (0..9_000).map(|n| if n % 3 == 0 { format!("q{n}") } else { format!("p{n}") }).collect();
    let ids: Vec<&str> = ids.iter().step_by(2).map(String::as_str).collect();
    let known = keys(&ids);
    let (found, vanished) = read(&evaluation, &known, 2);
    let expected = |n: i64| n % 20 > 10 || n % 20 < 2 || (n % 2 == 0 && n % 3 != 0);
    assert_eq!(found.len(), (0..9_000).filter(|n| expected(*n)).count());
    assert!(found.iter().all(|(id, ..)| expected(id[1..].parse().unwrap())));
    assert!(vanished.iter().all(|id| id.starts_with('q')));
    assert_eq!(vanished.len(), 1_500);
    for ids in [found.iter().map(|(id, ..)| id).collect::<Vec<_>>(), vanished.iter().collect()] {
        assert!(ids.is_sorted_by_key(|id| hash_of(id)));
    }
}

#[test]
fn values_are_picked_by_key() {
    let place = Place::new();
    let all: Profiles = (0..600).map(|n| (format!("p{n}"), (Some(n), Some("x")))).collect();
    let snapshot = place.snapshot(&all, 2);
    let keys = keys(&["p1", "p7", "gone", "p599", "p30", "p31"]);
    let columns = [path("n"), path("identityMap.Email[0].id"), path("not.there"), path("n")];
    let mut picker = snapshot.picker(&columns).unwrap();
    for wanted in [(0..6).collect::<Vec<u32>>(), vec![2], vec![0, 5], Vec::new()] {
        let mut found = Vec::new();
        for picked in picker.pick(&keys, &wanted, &no_check).unwrap() {
            let n = picked.columns[0].as_primitive::<Int64Type>();
            let mail = cast(&picked.columns[1], &DataType::Utf8).unwrap();
            for (row, number) in picked.known.iter().enumerate() {
                let id = keys.at(*number as usize).1;
                assert_eq!((mail.as_string::<i32>().value(row), format!("p{}", n.value(row))), (id, id.to_string()));
                assert!(picked.columns[2].is_null(row) || picked.columns[2].data_type() == &DataType::Null);
                found.push(*number);
            }
        }
        let there: Vec<u32> = wanted.into_iter().filter(|number| keys.at(*number as usize).1 != "gone").collect();
        assert_eq!(found, there);
    }
}
