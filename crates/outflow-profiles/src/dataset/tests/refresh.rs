use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use outflow_model::FaultClass;
use parquet::arrow::ArrowWriter;

use super::*;
use crate::dataset::preview;
use crate::generate::{GenerateOptions, generate};
use crate::json::object;
use crate::scan::ScanRequest;
use crate::snapshot::{HASH_COLUMN, ID_COLUMN, TIME_COLUMN, hash_of, merge};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_newest_record_of_each_profile_wins(
        files in files(),
        with_time in any::<bool>(),
        threads in 1usize..4,
        memory in prop::sample::select(vec![1u64, 1 << 20, MEMORY]),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let files = with_types(files);
        let data = dir.path().join("data");
        let version = refreshed(dir.path(), "set", &files, with_time, &work(&data, threads, memory)).unwrap();
        let expected = naive(&files, with_time);
        let records = files.iter().map(Vec::len).sum::<usize>() as u64;
        let without = files.iter().flatten().filter(|r| r.crm.as_deref().unwrap_or_default().is_empty()).count() as u64;
        prop_assert_eq!(version.records, records);
        prop_assert_eq!(version.profiles, expected.len() as u64);
        prop_assert_eq!(version.without_identity, without);
        prop_assert_eq!(version.superseded, records - without - version.profiles);
        let snapshot = merge(std::slice::from_ref(&version), None, &work(&data, 1, MEMORY)).unwrap();
        prop_assert_eq!(&snapshot.parts, &version.parts);
        for (id, record) in &expected {
            let found = snapshot.find(id).unwrap().unwrap();
            prop_assert_eq!(found.profile, merged(&[(record.clone(), with_time)]), "{}", id);
            let seconds = record.updated.filter(|_| with_time).map(|s| 1_767_225_600 + i64::from(s));
            prop_assert_eq!(found.time.map(|time| time.timestamp()), seconds);
        }
        prop_assert!(snapshot.find("CRMID:").unwrap().is_none());
        prop_assert!(snapshot.find("CRMID:z").unwrap().is_none());
        prop_assert_eq!(preview(&version.open().unwrap(), 100).unwrap().len(), expected.len());
    }
}

fn generated(folder: &Path, count: u64) -> PathBuf {
    let source = folder.join("source");
    let options = GenerateOptions { files: 3, row_group_rows: 10_000, ..GenerateOptions::new(count, &source) };
    generate(&options, &|_| std::ops::ControlFlow::Continue(())).unwrap();
    source
}

fn generated_spec() -> DatasetSpec {
    let path = FieldPath::parse("profileId").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "Own".into(), primary: true }];
    DatasetSpec { name: "generated".into(), identities, timestamp: None }
}

/// Every profile as JSON, by its id; with the internal columns where there are some.
fn all(profiles: &Profiles, id: &str) -> BTreeMap<String, Value> {
    let names: Vec<String> = profiles.schema().fields.iter().map(|field| field.name.clone()).collect();
    let columns = names.iter().map(String::as_str).chain([id]).map(|name| FieldPath::parse(name).unwrap()).collect();
    let request = ScanRequest { columns, ..ScanRequest::default() };
    let mut found = BTreeMap::new();
    for morsel in profiles.morsels() {
        let mut scan = profiles.scan(*morsel, &request).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            let (ids, columns) = batch.columns.split_last().unwrap();
            for row in 0..batch.read as usize {
                let profile = object(names.iter().map(String::as_str).zip(columns), row);
                found.insert(crate::json::value(ids, row).as_str().unwrap().to_string(), profile);
            }
        }
    }
    found
}

#[test]
fn every_generated_profile_is_found_with_equal_values() {
    let dir = tempfile::tempdir().unwrap();
    let source = open(&generated(dir.path(), 100_000));
    let version = normalise(&generated_spec(), &source, None, &work(dir.path(), 2, MEMORY)).unwrap();
    assert_eq!((version.records, version.profiles, version.superseded), (100_000, 100_000, 0));
    let mut expected = all(&source, "profileId");
    for (id, profile) in &mut expected {
        profile["identityMap"]["Own"] = json!([{ "id": id }]);
    }
    let found = all(&version.open().unwrap(), "profileId");
    assert_eq!(found.len(), 100_000);
    assert!(found == expected);
    let snapshot = merge(&[version], None, &work(dir.path(), 2, MEMORY)).unwrap();
    for (id, profile) in expected.iter().step_by(4_999) {
        assert_eq!(snapshot.find(&format!("Own:{id}")).unwrap().unwrap().profile, *profile);
    }
}

#[test]
fn bytes_depend_on_the_records_alone() {
    let dir = tempfile::tempdir().unwrap();
    let source = open(&generated(dir.path(), 30_000));
    let mut ids = Vec::new();
    // With a byte of memory every batch is spilled by itself, and every range is cut again.
    for (threads, memory) in [(1, MEMORY), (2, MEMORY), (7, MEMORY), (2, 1), (1, 4 << 20)] {
        let folder = tempfile::tempdir().unwrap();
        let version = normalise(&generated_spec(), &source, None, &work(folder.path(), threads, memory)).unwrap();
        let names: Vec<String> = version.parts.iter().map(|part| part.name().to_string()).collect();
        ids.push((version.id, names));
    }
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}

/// Parquet with numbers as ids, which `value` says more of.
fn numbers(path: &Path, count: i64, value: impl Fn(i64) -> i64) {
    let texts = StringArray::from_iter_values((0..count).map(|n| format!("text {n}")));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("number", Arc::new(Int64Array::from_iter_values(0..count))),
        ("value", Arc::new(Int64Array::from_iter_values((0..count).map(value)))),
        ("text", Arc::new(texts)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    std::fs::create_dir_all(path).unwrap();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(path.join("a.parquet")).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn numbers_spec() -> DatasetSpec {
    let path = FieldPath::parse("number").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "N".into(), primary: true }];
    DatasetSpec { name: "numbers".into(), identities, timestamp: None }
}

#[test]
fn parts_are_ordered_and_those_without_a_change_are_shared() {
    const COUNT: i64 = 300_000;
    let dir = tempfile::tempdir().unwrap();
    let (source, data) = (dir.path().join("source"), dir.path().join("data"));
    let work = work(&data, 2, MEMORY);
    numbers(&source, COUNT, |n| n);
    let first = normalise(&numbers_spec(), &open(&source), None, &work).unwrap();
    assert_eq!(first.parts.len(), 4);
    assert!(first.parts.iter().all(|part| part.rows > 70_000 && part.filled == [part.rows; 4]), "{:?}", first.parts);
    // Nothing changed: the same version, and at once.
    let again =
        normalise(&numbers_spec(), &open(&source), Some(&first), &Work { check: &|| panic!(), ..work }).unwrap();
    assert_eq!(again, first);
    numbers(&source, COUNT, |n| if n == 77 { -1 } else { n });
    let second = normalise(&numbers_spec(), &open(&source), Some(&first), &work).unwrap();
    assert_ne!(first.id, second.id);
    let changed: Vec<usize> = (0..4).filter(|n| first.parts[*n] != second.parts[*n]).collect();
    let snapshot = merge(std::slice::from_ref(&second), None, &work).unwrap();
    assert_eq!(changed, [snapshot.part_of(hash_of("N:77"))]);
    assert_eq!(std::fs::read_dir(data.join("parts")).unwrap().count(), 5);
    // A part that is lost is made again.
    std::fs::remove_file(&second.parts[1].file).unwrap();
    let third = normalise(&numbers_spec(), &open(&source), Some(&second), &work).unwrap();
    assert_eq!(third.id, second.id);
    assert!(third.parts[1].file.exists());
    ordered(&snapshot.open().unwrap(), COUNT as usize);
    assert_eq!(snapshot.find("N:77").unwrap().unwrap().profile["value"], -1);
}

/// The internal columns are hidden, and right.
fn ordered(profiles: &Profiles, count: usize) {
    let names: Vec<&str> = profiles.schema().fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["number", "value", "text", "identityMap"]);
    let columns = [HASH_COLUMN, ID_COLUMN, TIME_COLUMN, "number"].map(|name| FieldPath::parse(name).unwrap());
    let request = ScanRequest { columns: columns.to_vec(), ..ScanRequest::default() };
    let mut last = (i64::MIN, String::new());
    let mut rows = 0;
    for (number, morsel) in profiles.morsels().iter().enumerate() {
        assert_eq!((morsel.file, morsel.group), (number, 0));
        let mut scan = profiles.scan(*morsel, &request).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            for row in 0..batch.read as usize {
                let [hash, id, time, number] =
                    [0, 1, 2, 3].map(|column| crate::json::value(&batch.columns[column], row));
                let next = (hash.as_i64().unwrap(), id.as_str().unwrap().to_string());
                assert_eq!(next.1, format!("N:{number}"));
                assert_eq!(next.0, hash_of(&next.1));
                assert!(next > last && time.is_null());
                last = next;
                rows += 1;
            }
        }
    }
    assert_eq!(rows, count);
}

#[test]
fn what_is_stopped_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    numbers(&source, 300_000, |n| n);
    let folder = dir.path().join("data");
    let calls = AtomicU64::new(0);
    let count = || {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let whole = Work { check: &count, ..work(&folder, 2, MEMORY) };
    let version = normalise(&numbers_spec(), &open(&source), None, &whole).unwrap();
    let calls = calls.into_inner();
    assert!(calls > 20, "{calls}");
    for stop_at in [0, 1, calls / 2, calls - 2, calls - 1] {
        let folder = dir.path().join(format!("data{stop_at}"));
        let calls = AtomicU64::new(0);
        let check = || match calls.fetch_add(1, Ordering::Relaxed) {
            n if n >= stop_at => Err(Fault::new(FaultClass::Interrupted, "stopped")),
            _ => Ok(()),
        };
        let stopped = Work { check: &check, ..work(&folder, 2, MEMORY) };
        let fault = normalise(&numbers_spec(), &open(&source), None, &stopped).unwrap_err();
        assert_eq!(fault.class, FaultClass::Interrupted);
        for part in std::fs::read_dir(folder.join("parts")).into_iter().flatten() {
            let name = part.unwrap().file_name().into_string().unwrap();
            // What a part says it is, it is: whole and as the next attempt makes it.
            assert!(version.parts.iter().any(|part| part.name() == name), "{name}");
        }
        let folder = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(folder.into_iter().all(|name| name == "in-use.lock" || name == "parts"));
    }
}

#[test]
fn manifests_are_read_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    numbers(&source, 10, |n| n);
    let data = dir.path().join("data");
    let version = normalise(&numbers_spec(), &open(&source), None, &work(&data, 1, MEMORY)).unwrap();
    let path = version.save(&data).unwrap();
    assert_eq!(path, data.join(format!("versions/{}.json", version.id)));
    assert_eq!(DatasetVersion::load(&path).unwrap(), version);
    let summary = version.summary();
    assert_eq!(summary["profiles"], 10);
    assert_eq!(summary["filled"], json!({"number": 10, "value": 10, "text": 10, "identityMap": 10}));
    std::fs::write(&path, "{").unwrap();
    assert_eq!(DatasetVersion::load(&path).unwrap_err().class, FaultClass::Input);
}

#[test]
fn nobody_is_a_version_too() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    numbers(&source, 0, |n| n);
    let version = normalise(&numbers_spec(), &open(&source), None, &work(dir.path(), 2, MEMORY)).unwrap();
    assert_eq!((version.parts.len(), version.profiles), (1, 0));
    let profiles = version.open().unwrap();
    assert!(profiles.morsels().is_empty());
    assert_eq!(profiles.schema().fields.len(), 4);
    let snapshot = merge(&[version], None, &work(dir.path(), 2, MEMORY)).unwrap();
    assert!(snapshot.find("N:1").unwrap().is_none());
}

#[test]
fn identities_come_in_many_forms() {
    let dir = tempfile::tempdir().unwrap();
    let write = |lines: &str| std::fs::write(dir.path().join("a.ndjson"), lines).unwrap();
    let source =
        || pin(&[dir.path().join("*.ndjson").to_str().unwrap().to_string()], &[Arc::new(LocalStorage)]).unwrap();
    let path = FieldPath::parse("id").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "N".into(), primary: true }];
    let spec = DatasetSpec { name: "forms".into(), identities, timestamp: None };
    let identity_map = |lines: &str| {
        write(lines);
        let profiles = Profiles::open(source()).unwrap();
        let version = normalise(&spec, &profiles, None, &work(dir.path(), 1, MEMORY))?;
        Ok::<Value, Fault>(preview(&version.open()?, 1)?[0]["identityMap"].clone())
    };
    let forms = [
        (r#"{"id":7}"#, json!({"N": [{"id": "7"}]})),
        (r#"{"id":7,"identityMap":null}"#, json!({"N": [{"id": "7"}]})),
        (r#"{"id":7,"identityMap":{}}"#, json!({"N": [{"id": "7"}]})),
        (r#"{"id":7,"identityMap":{"E":"x","N":"7"}}"#, json!({"E": [{"id": "x"}], "N": [{"id": "7"}]})),
        (
            r#"{"id":7,"identityMap":{"E":["x","","x",null,"y"]}}"#,
            json!({"E": [{"id": "x"}, {"id": "y"}], "N": [{"id": "7"}]}),
        ),
        (
            r#"{"id":7,"identityMap":{"E":{"id":8,"state":"s"}}}"#,
            json!({"E": [{"id": "8", "state": "s"}], "N": [{"id": "7"}]}),
        ),
        (
            r#"{"id":7,"identityMap":{"N":[{"id":"7","primary":true}],"E":[{"state":"s","id":"8"},{"id":null}]}}"#,
            json!({"N": [{"id": "7", "primary": true}], "E": [{"id": "8", "state": "s"}]}),
        ),
    ];
    for (line, expected) in forms {
        assert_eq!(identity_map(line).unwrap(), expected, "{line}");
    }
    for line in [
        r#"{"id":7,"identityMap":"x"}"#,
        r#"{"id":7,"identityMap":{"E":[{"name":"x"}]}}"#,
        r#"{"id":7,"identityMap":[1]}"#,
    ] {
        assert_eq!(identity_map(line).unwrap_err().class, FaultClass::Input, "{line}");
    }
}

#[test]
fn times_are_read_from_texts_and_days() {
    let dir = tempfile::tempdir().unwrap();
    let newest = |times: [&str; 3]| {
        let lines = times.iter().enumerate().map(|(n, time)| format!("x,{n},{time}\n"));
        std::fs::write(dir.path().join("a.csv"), format!("id,n,time\n{}", lines.collect::<String>())).unwrap();
        let source = pin(&[dir.path().join("*.csv").to_str().unwrap().to_string()], &[Arc::new(LocalStorage)]).unwrap();
        let path = |text: &str| FieldPath::parse(text).unwrap();
        let identities = vec![IdentitySpec { path: path("id"), namespace: "N".into(), primary: true }];
        let spec = DatasetSpec { name: "times".into(), identities, timestamp: Some(path("time")) };
        let version = normalise(&spec, &Profiles::open(source).unwrap(), None, &work(dir.path(), 1, MEMORY))?;
        Ok::<Value, Fault>(preview(&version.open()?, 1)?[0]["n"].clone())
    };
    assert_eq!(newest(["2026-01-02", "2026-01-03", "2026-01-01"]).unwrap(), 1);
    assert_eq!(newest(["2026-01-02T00:00:00.250+02:00", "", "2026-01-01T23:00:00.000Z"]).unwrap(), 2);
    assert_eq!(newest(["", "", ""]).unwrap(), 2);
    let fault = newest(["2026-01-02T00:00:00.000Z", "secret", ""]).unwrap_err();
    assert_eq!(fault.class, FaultClass::Input);
    assert!(!outflow_model::fault::chain(&fault).contains("secret"));
}
