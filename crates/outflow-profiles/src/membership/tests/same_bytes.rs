//! The bytes of an evaluation depend on what it is made from, and nothing of one that ended early is to be seen.

use std::sync::atomic::{AtomicUsize, Ordering};

use outflow_model::FaultClass;

use super::*;

fn many(from: usize, to: usize) -> Profiles {
    (from..to).map(|n| (format!("p{n}"), (Some((n % 17) as i64), Some(["x", "y"][n % 2])))).collect()
}

const SEGMENTS: [(&str, &str); 4] =
    [("one", "n > 3"), ("two", "n <= 8 and s = \"x\""), ("three", "true"), ("four", "not s = \"x\"")];

/// What stands in an evaluation's files.
fn content(evaluation: &Evaluation) -> Vec<Vec<u8>> {
    evaluation.files().filter(|file| *file != evaluation.manifest()).map(|file| std::fs::read(file).unwrap()).collect()
}

/// Files below a folder that are no parts of snapshots, by name.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path.file_name().unwrap().to_string_lossy().into_owned()),
        }
    }
    found.sort();
    found
}

#[test]
fn threads_and_memory_do_not_show() {
    let place = Place::new();
    let (before, after) = (place.snapshot(&many(0, 900), 2), place.snapshot(&many(300, 1_100), 3));
    let mut seen: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for (threads, memory_bytes) in [(1, 256 << 20), (2, 256 << 20), (7, 1 << 30), (7, 1)] {
        let other = Place::new();
        let work = Work { memory_bytes, ..work(other.folder(), threads) };
        let first = evaluate(&before, &rules(&SEGMENTS), &[], minute(0), minute(1), &work).unwrap();
        let ids = SEGMENTS.map(|(id, _)| id.to_string()).to_vec();
        let previous = [Previous { evaluation: &first, segments: ids }];
        let second = evaluate(&after, &rules(&SEGMENTS), &previous, minute(0), minute(2), &work).unwrap();
        assert_eq!(second.ghosts(), 300);
        seen.push((second.id.clone(), content(&second)));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    assert_eq!(seen[0].1.len(), 2);
}

#[test]
fn the_order_of_segments_does_not_show_in_files() {
    let place = Place::new();
    let profiles = many(0, 300);
    let one = place.evaluate(&profiles, &SEGMENTS, None, 1);
    let mut turned = SEGMENTS;
    turned.reverse();
    let two = place.evaluate(&profiles, &turned, None, 1);
    assert_eq!((&one.id, content(&one)), (&two.id, content(&two)));
    assert_eq!(two.segments[0].id, "four");
}

#[test]
fn what_differs_has_another_id() {
    let place = Place::new();
    let profiles = many(0, 30);
    let first = place.evaluate(&profiles, &SEGMENTS, None, 1);
    let ids = [
        first.id.clone(),
        place.evaluate(&profiles, &SEGMENTS, None, 2).id,
        place.evaluate(&profiles, &SEGMENTS[..3], None, 1).id,
        place.evaluate(&profiles, &[("one", "n > 4")], None, 1).id,
        place.evaluate(&many(0, 31), &SEGMENTS, None, 1).id,
        place.evaluate(&profiles, &SEGMENTS, Some(&first), 3).id,
        place.evaluate(&profiles, &SEGMENTS, None, 3).id,
    ];
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
}

#[test]
fn who_is_cancelled_leaves_no_evaluation() {
    let place = Place::new();
    let (before, after) = (place.snapshot(&many(0, 900), 2), place.snapshot(&many(300, 1_100), 2));
    let first = evaluate(&before, &rules(&SEGMENTS), &[], minute(0), minute(1), &work(place.folder(), 2)).unwrap();
    let ids = SEGMENTS.map(|(id, _)| id.to_string()).to_vec();
    let mut cancelled = 0;
    for at in 0.. {
        let previous = [Previous { evaluation: &first, segments: ids.clone() }];
        let calls = AtomicUsize::new(0);
        let check = || match calls.fetch_add(1, Ordering::Relaxed) >= at {
            true => Err(Fault::new(FaultClass::Interrupted, "cancelled by the test")),
            false => Ok(()),
        };
        let work = Work { check: &check, ..work(place.folder(), 2) };
        match evaluate(&after, &rules(&SEGMENTS), &previous, minute(0), minute(2), &work) {
            Ok(second) => {
                assert_eq!(Evaluation::load(&second.folder).unwrap(), second);
                break;
            }
            Err(fault) => {
                assert_eq!(fault.message, "cancelled by the test", "the cause is told, at {at}");
                cancelled += 1;
            }
        }
        let evaluations = files(&place.folder().join("evaluations"));
        assert_eq!(evaluations, ["evaluation.json", "membership.parquet"], "those of the first, at {at}");
        assert!(files(place.folder()).iter().all(|name| !name.ends_with(".part")), "at {at}");
    }
    assert!(cancelled > 5, "{cancelled}");
}

#[test]
fn damaged_files_are_told_by_name() {
    let place = Place::new();
    let first = place.evaluate(&many(0, 50), &SEGMENTS, None, 1);
    let membership = first.folder.join("membership.parquet");
    let whole = std::fs::read(&membership).unwrap();
    std::fs::write(&membership, &whole[..whole.len() / 2]).unwrap();
    let fault = first.full("one").unwrap_err();
    assert!(fault.message.contains("membership.parquet cannot be read"), "{}", fault.message);
    std::fs::remove_file(&membership).unwrap();
    assert_eq!(first.full("one").unwrap_err().class, FaultClass::Input);
}
