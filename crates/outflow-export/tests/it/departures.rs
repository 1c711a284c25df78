//! Who leaves is who is in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use outflow_connector_kit::Session;
use outflow_export::departures::Departures;
use outflow_export::{
    BeforePublishing, DedupKey, ExportOutcome, ExportPlan, FileFormat, Progress, Resources, Run, VerifyLevel,
    WholePart, run,
};
use outflow_model::dialect::CsvDialect;
use outflow_model::template::PartNames;
use outflow_model::{Fault, FaultClass, FieldPath};
use outflow_profiles::scan::{Profiles, RowSelection};
use outflow_profiles::snapshot::hash_of;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::members::{STATUS, evaluated, person, plan, work};
use crate::memory::Memory;

const ID: &str = "identityMap.CRMID[0].id";

/// Carries a plan out with departures in `folder`.
fn exported(
    profiles: &Profiles,
    rows: &RowSelection,
    plan: &ExportPlan,
    how: (usize, u64),
    folder: &Path,
) -> (ExportOutcome, BTreeMap<String, Vec<u8>>) {
    exported_if(profiles, rows, plan, how, folder, &|_| Ok(()))
}

/// The same, if whoever is asked before anything is published agrees.
fn exported_if(
    profiles: &Profiles,
    rows: &RowSelection,
    plan: &ExportPlan,
    (threads, memory_bytes): (usize, u64),
    folder: &Path,
    ask: &BeforePublishing<'_>,
) -> (ExportOutcome, BTreeMap<String, Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let memory = Arc::new(Memory::default());
    let spill = tempfile::tempdir().unwrap();
    let outcome = run(&Run {
        plan,
        profiles,
        rule: None,
        rows: Some(Arc::new(rows.clone())),
        session: Arc::clone(&memory) as Arc<dyn Session>,
        runtime: runtime.handle().clone(),
        resources: Resources { threads, memory_bytes, spill_folder: spill.path().to_path_buf() },
        progress: &Progress::default(),
        encryption: None,
        verify: VerifyLevel::Receipt,
        departures: Some(&folder.join("r")),
        before_publishing: Some(ask),
        clock: &|| chrono::DateTime::UNIX_EPOCH,
    });
    (outcome, memory.files())
}

/// The profiles of a file, by the column with their ids.
fn profiles_in(format: &FileFormat, content: Vec<u8>) -> BTreeSet<String> {
    match format {
        FileFormat::Csv(_) => {
            let mut reader = csv::Reader::from_reader(content.as_slice());
            let at = reader.headers().unwrap().iter().position(|header| header == ID).unwrap();
            reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
        }
        FileFormat::Json => {
            let text = String::from_utf8(content).unwrap();
            let id = |line: &str| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                row[ID].as_str().unwrap().to_owned()
            };
            text.lines().map(id).collect()
        }
        FileFormat::Parquet => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(content)).unwrap().build().unwrap();
            let mut found = BTreeSet::new();
            for batch in reader {
                let batch = batch.unwrap();
                let ids = arrow::compute::cast(batch.column_by_name(ID).unwrap(), &arrow::datatypes::DataType::Utf8);
                let ids = ids.unwrap();
                let ids = arrow::array::AsArray::as_string::<i32>(&ids);
                found.extend(ids.iter().map(|id| id.unwrap().to_owned()));
            }
            found
        }
    }
}

#[test]
fn of_every_file_exactly_those_left_who_are_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    // Of three that follow each other two share an address, and some have none.
    let mail = |n: u32| (!n.is_multiple_of(5)).then(|| format!("m{}@x", n - u32::from(n % 3 == 1)));
    let people = |range: std::ops::Range<u32>| -> Vec<String> {
        range.map(|n| person(n, mail(n).as_deref(), i64::from(n % 40))).collect()
    };
    let first = evaluated(folder, &people(0..3_000), None, 1);
    // A thousand are gone from the data, a thousand are new.
    let second = evaluated(folder, &people(1_000..4_000), Some(&first), 2);
    let profiles = second.open().unwrap();
    let selections = [
        second.full(crate::members::SEGMENT).unwrap(),
        second.changes(crate::members::SEGMENT, &first, true, &work(folder)).unwrap(),
    ];
    let path = |text: &str| FieldPath::parse(text).unwrap();
    let dedups = [
        None,
        Some(DedupKey::Attributes(vec![path("mail")])),
        Some(DedupKey::Attributes(vec![path("points")])),
        Some(DedupKey::Namespace("Email".into())),
    ];
    let formats = [FileFormat::Csv(CsvDialect::default()), FileFormat::Json, FileFormat::Parquet];
    for (number, rows) in selections.iter().enumerate() {
        for (dedup, key) in dedups.iter().enumerate() {
            for (format, file_format) in formats.iter().enumerate() {
                let mut plan = plan(&profiles, rows, &[STATUS, ID, "points"]);
                plan.dedup = key.clone();
                plan.format = file_format.clone();
                plan.rows_per_file = 307;
                plan.names.parts = PartNames::new("out", "x", None, false).unwrap();
                plan.names.run_id = Some(format!("r{number}{dedup}{format}"));
                if number == 0 {
                    plan.require = vec![path("mail")];
                }
                let departures = dir.path().join(format!("d{number}{dedup}{format}"));
                std::fs::create_dir(&departures).unwrap();
                // With little memory rows wait on disk.
                let how = [(1, 128 << 20), (3, 1 << 20)][(dedup + format) % 2];
                let (outcome, files) = exported(&profiles, rows, &plan, how, &departures);
                assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
                check(&outcome, files, file_format, &departures);
                // The same without, and nothing of the profiles' hashes is in it.
                let (without, _) = crate::members::exported(&profiles, rows, &plan, 2);
                let hashes =
                    |outcome: &ExportOutcome| outcome.files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>();
                assert_eq!(hashes(&without), hashes(&outcome));
                assert!(without.files.iter().all(|file| file.departures.is_none()));
            }
        }
    }
}

fn check(outcome: &ExportOutcome, mut files: BTreeMap<String, Vec<u8>>, format: &FileFormat, folder: &Path) {
    let mut all = BTreeSet::new();
    for file in &outcome.files {
        let inside = profiles_in(format, files.remove(&file.name).unwrap());
        let left = file.departures.as_ref().unwrap();
        let opened = Departures::open(&left.path).unwrap();
        assert_eq!((left.profiles, opened.profiles()), (inside.len() as u64, inside.len() as u64));
        for n in 0..4_500 {
            let id = format!("c{n}");
            let has_left = opened.contains(hash_of(&format!("CRMID:{id}"))).unwrap();
            assert_eq!(has_left, inside.contains(&id), "{id} {}", file.name);
        }
        all.extend(inside);
    }
    // Whoever lost to a duplicate, or was left out, has not left.
    assert_eq!(all.len() as u64, outcome.balance.profiles_written);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), outcome.files.len());
}

#[test]
fn nothing_is_published_before_whoever_is_asked_agrees() {
    let dir = tempfile::tempdir().unwrap();
    let people: Vec<String> = (0..50).map(|n| person(n, None, 20)).collect();
    let evaluation = evaluated(dir.path(), &people, None, 1);
    let (profiles, rows) = (evaluation.open().unwrap(), evaluation.full(crate::members::SEGMENT).unwrap());
    let mut plan = plan(&profiles, &rows, &[ID]);
    plan.rows_per_file = 20;
    let departures = dir.path().join("departures");
    std::fs::create_dir(&departures).unwrap();
    for agrees in [false, true] {
        let asked = Mutex::new(Vec::new());
        let ask = |parts: &[WholePart<'_>]| {
            let on_disk = |part: &WholePart<'_>| {
                let left = part.departures.unwrap();
                assert_eq!(Departures::open(&left.path).unwrap().profiles(), left.profiles);
                (part.name.to_owned(), left.profiles)
            };
            asked.lock().unwrap().extend(parts.iter().map(on_disk));
            if agrees { Ok(()) } else { Err(Fault::new(FaultClass::Refused, "no")) }
        };
        let (outcome, files) = exported_if(&profiles, &rows, &plan, (2, 128 << 20), &departures, &ask);
        let asked = asked.into_inner().unwrap();
        assert_eq!(asked.iter().map(|(_, profiles)| *profiles).collect::<Vec<_>>(), [20, 20, 10]);
        match agrees {
            true => {
                let names: Vec<String> = outcome.files.iter().map(|file| file.name.clone()).collect();
                assert_eq!(asked.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
                assert_eq!((outcome.published_at_most, outcome.fault.is_none()), (3, true));
            }
            false => {
                assert_eq!(outcome.fault.unwrap().message, "no");
                assert!(files.is_empty() && outcome.files.is_empty() && outcome.published_at_most == 0);
            }
        }
    }
}

#[test]
fn whoever_asks_for_departures_exports_profiles_that_have_hashes() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("people.csv");
    std::fs::write(&source, "a\n1\n").unwrap();
    let storage: Arc<dyn outflow_profiles::source::Storage> = Arc::new(outflow_profiles::source::LocalStorage);
    let pinned = outflow_profiles::source::pin(&[source.display().to_string()], &[storage]).unwrap();
    let raw = Profiles::open(pinned).unwrap();
    let evaluation = evaluated(dir.path(), &[person(1, None, 20)], None, 1);
    let rows = evaluation.full(crate::members::SEGMENT).unwrap();
    let plan = plan(&raw, &rows, &["a"]);
    let (outcome, files) = exported(&raw, &rows, &plan, (1, 128 << 20), dir.path());
    assert!(outcome.fault.unwrap().message.contains("hashes"));
    assert!(files.is_empty());
}
