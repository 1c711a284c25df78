//! Snapshots of several datasets, compared with the plainest way to the same answer.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use outflow_model::{FaultClass, FieldPath};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dataset::tests::{MEMORY, files, merged, naive, open, refreshed, with_types, work};
use crate::dataset::{DatasetSpec, DatasetVersion, IdentitySpec, normalise, preview};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_field_comes_from_the_newest_record_that_has_it(
        sets in prop::collection::vec((files(), any::<bool>()), 2..4),
        threads in 1usize..4,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let work = work(dir.path(), threads, MEMORY);
        let sets: Vec<_> = sets.into_iter().map(|(files, with_time)| (with_types(files), with_time)).collect();
        let versions: Vec<DatasetVersion> = sets.iter().enumerate().map(|(number, (files, with_time))| {
            refreshed(dir.path(), &format!("set{number}"), files, *with_time, &work).unwrap()
        }).collect();
        let snapshot = merge(&versions, None, &work).unwrap();
        let winners: Vec<_> = sets.iter().map(|(files, with_time)| naive(files, *with_time)).collect();
        let ids: BTreeSet<&String> = winners.iter().flat_map(|winners| winners.keys()).collect();
        prop_assert_eq!(snapshot.profiles, ids.len() as u64);
        for id in ids {
            let records = winners.iter().zip(&sets).filter_map(|(winners, (_, with_time))| {
                Some((winners.get(id)?.clone(), *with_time))
            });
            let records: Vec<_> = records.collect();
            let found = snapshot.find(id).unwrap().unwrap();
            let newest = records.iter().filter(|(_, with_time)| *with_time).filter_map(|(record, _)| record.updated).max();
            prop_assert_eq!(found.time.map(|t| t.timestamp()), newest.map(|s| 1_767_225_600 + i64::from(s)));
            prop_assert_eq!(found.profile, merged(&records), "{}", id);
        }
    }
}

/// A dataset of the numbers `from..to` with one field of its own, `name`.
fn numbers(folder: &Path, name: &str, numbers: impl Iterator<Item = i64> + Clone) -> DatasetVersion {
    let source = folder.join(name);
    std::fs::create_dir_all(&source).unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("number", Arc::new(Int64Array::from_iter_values(numbers.clone()))),
        (name, Arc::new(StringArray::from_iter_values(numbers.map(|n| format!("{name} {n}"))))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(source.join("a.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let path = FieldPath::parse("number").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "N".into(), primary: true }];
    let spec = DatasetSpec { name: name.into(), identities, timestamp: None };
    normalise(&spec, &open(&source), None, &work(folder, 2, MEMORY)).unwrap()
}

#[test]
fn parts_of_different_widths_join_and_unchanged_ones_are_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let large = numbers(dir.path(), "large", 0..500_000);
    let small = numbers(dir.path(), "small", (0..1_000_000).step_by(100));
    assert_eq!((large.parts.len(), small.parts.len()), (8, 1));
    let versions = [large.clone(), small.clone()];
    let first = merge(&versions, None, &work(dir.path(), 2, MEMORY)).unwrap();
    assert_eq!((first.parts.len(), first.profiles), (8, 505_000));
    for threads in [1, 7] {
        assert_eq!(merge(&versions, None, &work(dir.path(), threads, 1)).unwrap(), first);
    }
    let profile = |snapshot: &Snapshot, id: &str| snapshot.find(id).unwrap().map(|found| found.profile);
    let identity_map = |n: i64| json!({"N": [{"id": n.to_string()}]});
    let both = json!({"number": 500, "large": "large 500", "identityMap": identity_map(500), "small": "small 500"});
    assert_eq!(profile(&first, "N:500"), Some(both));
    let one = json!({"number": 501, "large": "large 501", "identityMap": identity_map(501)});
    assert_eq!(profile(&first, "N:501"), Some(one));
    let other = json!({"number": 500_000, "identityMap": identity_map(500_000), "small": "small 500000"});
    assert_eq!(profile(&first, "N:500000"), Some(other));
    assert_eq!(profile(&first, "N:500001"), None);

    // Nothing is read where the inputs are the same.
    let files: Vec<_> = versions.iter().flat_map(|v| v.parts[1..].iter().map(|part| part.file.clone())).collect();
    files.iter().for_each(|file| std::fs::write(file, "").unwrap());
    let again = merge(&versions, Some(&first), &work(dir.path(), 2, MEMORY)).unwrap();
    assert_eq!(again, first);
    assert_eq!(merge(&versions, None, &work(dir.path(), 2, MEMORY)).unwrap_err().class, FaultClass::Input);
}

#[test]
fn one_changed_part_is_merged_anew() {
    let dir = tempfile::tempdir().unwrap();
    let one = numbers(dir.path(), "one", 0..260_000);
    let two = numbers(dir.path(), "two", 0..250_000);
    let less = numbers(dir.path(), "two", (0..250_000).filter(|n| *n != 4_711));
    let first = merge(&[one.clone(), two], None, &work(dir.path(), 2, MEMORY)).unwrap();
    let second = merge(&[one.clone(), less.clone()], Some(&first), &work(dir.path(), 2, MEMORY)).unwrap();
    let changed: Vec<usize> = (0..first.parts.len()).filter(|n| first.parts[*n] != second.parts[*n]).collect();
    assert_eq!(changed, [first.part_of(hash_of("N:4711"))]);
    assert!(second.find("N:4711").unwrap().unwrap().profile.get("two").is_none());
    assert_eq!(merge(&[one, less], None, &work(dir.path(), 2, MEMORY)).unwrap(), second);
}

fn lines(folder: &Path, name: &str, lines: &str) -> DatasetVersion {
    let source = folder.join(name);
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(source.join("a.ndjson"), lines).unwrap();
    let path = FieldPath::parse("id").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "N".into(), primary: true }];
    let spec = DatasetSpec { name: name.into(), identities, timestamp: None };
    normalise(&spec, &open(&source), None, &work(folder, 1, MEMORY)).unwrap()
}

#[test]
fn structs_unite_and_contradictions_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let work = work(dir.path(), 1, MEMORY);
    let one = lines(dir.path(), "crm", r#"{"id":"1","person":{"age":1,"name":"a"},"none":null}"#);
    let two = lines(dir.path(), "web", r#"{"id":"2","person":{"age":1.5,"first":"b"},"none":3}"#);
    let fault = merge(&[one.clone(), two], None, &work).unwrap_err();
    assert_eq!(fault.class, FaultClass::Input);
    assert_eq!(fault.message, "`person.age` is an integer in the dataset crm and a float in the dataset web");
    let two = lines(dir.path(), "web", r#"{"id":"2","person":{"age":2,"first":"b"},"none":3}"#);
    let snapshot = merge(&[one, two], None, &work).unwrap();
    let mut found = preview(&snapshot.open().unwrap(), 5).unwrap();
    found.sort_by_key(|profile| profile["id"].to_string());
    assert_eq!(
        found,
        [
            json!({"id": "1", "person": {"age": 1, "name": "a"}, "identityMap": {"N": [{"id": "1"}]}}),
            json!({"id": "2", "person": {"age": 2, "first": "b"}, "none": 3, "identityMap": {"N": [{"id": "2"}]}}),
        ]
    );
}

#[test]
fn without_datasets_there_is_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = merge(&[], None, &work(dir.path(), 1, MEMORY)).unwrap();
    assert_eq!((snapshot.profiles, snapshot.parts.len()), (0, 0));
    assert!(snapshot.open().unwrap().morsels().is_empty());
    assert!(snapshot.find("N:1").unwrap().is_none());
    let path = snapshot.save(dir.path()).unwrap();
    assert_eq!(Snapshot::load(&path).unwrap(), snapshot);
}

#[test]
fn a_part_that_is_not_what_it_was_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let version = lines(dir.path(), "crm", r#"{"id":"1"}"#);
    let snapshot = merge(&[version], None, &work(dir.path(), 1, MEMORY)).unwrap();
    let file = &snapshot.parts[0].file;
    let content = std::fs::read(file).unwrap();
    std::fs::write(file, &content[1..]).unwrap();
    let fault = snapshot.open().err().unwrap();
    assert!(fault.message.contains(snapshot.parts[0].name()), "{}", fault.message);
    std::fs::remove_file(file).unwrap();
    assert_eq!(snapshot.find("N:1").unwrap_err().class, FaultClass::Input);
}
