//! Exports of the members of a segment, and of who entered and left.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_export::{
    Compression, DedupKey, ExportOutcome, ExportPlan, FileFormat, MappedField, Names, Progress, Resources, Run,
    VerifyLevel, run,
};
use outflow_model::balance::ExclusionReason;
use outflow_model::dialect::CsvDialect;
use outflow_model::membership::activated_path;
use outflow_model::rule::{bind, parse_pql};
use outflow_model::template::PartNames;
use outflow_model::{Fault, FieldPath};
use outflow_profiles::Work;
use outflow_profiles::dataset::{DatasetSpec, IdentitySpec, normalise};
use outflow_profiles::membership::{Evaluation, Previous, SegmentRule, evaluate};
use outflow_profiles::scan::{Profiles, RowSelection};
use outflow_profiles::snapshot::{Snapshot, merge};
use outflow_profiles::source::{LocalStorage, pin};

use crate::memory::Memory;

pub const SEGMENT: &str = "81af1551-0000";

fn no_check() -> Result<(), Fault> {
    Ok(())
}

pub fn work(folder: &Path) -> Work<'_> {
    Work { threads: 2, memory_bytes: 64 << 20, folder, check: &no_check, progress: &|_| {} }
}

fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

/// The profiles of a file of JSON lines.
fn snapshot(folder: &Path, lines: &[String]) -> Snapshot {
    let source = folder.join("people.ndjson");
    std::fs::write(&source, lines.concat()).unwrap();
    let profiles = Profiles::open(pin(&[source.display().to_string()], &[Arc::new(LocalStorage)]).unwrap()).unwrap();
    let identity = |path: &str, namespace: &str, primary| IdentitySpec {
        path: FieldPath::parse(path).unwrap(),
        namespace: namespace.into(),
        primary,
    };
    let spec = DatasetSpec {
        name: "people".into(),
        identities: vec![identity("crm", "CRMID", true), identity("mail", "Email", false)],
        timestamp: None,
    };
    let version = normalise(&spec, &profiles, None, &work(folder)).unwrap();
    merge(&[version], None, &work(folder)).unwrap()
}

pub fn person(crm: u32, mail: Option<&str>, points: i64) -> String {
    let mail = mail.map_or("null".to_string(), |mail| format!("{mail:?}"));
    format!("{{\"crm\":\"c{crm}\",\"mail\":{mail},\"points\":{points}}}\n")
}

pub fn evaluated(folder: &Path, lines: &[String], before: Option<&Evaluation>, at: i64) -> Evaluation {
    let snapshot = snapshot(folder, lines);
    let rule = bind(&parse_pql("points > 10").unwrap(), &snapshot.schema, minute(at)).unwrap();
    let previous = before.map(|evaluation| Previous { evaluation, segments: vec![SEGMENT.into()] });
    let previous: Vec<Previous<'_>> = previous.into_iter().collect();
    let segments = [SegmentRule { id: SEGMENT.into(), rule }];
    evaluate(&snapshot, &segments, &previous, minute(0), minute(at), &work(folder)).unwrap()
}

fn path(text: &str) -> FieldPath {
    activated_path(FieldPath::parse(text).unwrap(), SEGMENT)
}

pub fn plan(profiles: &Profiles, rows: &RowSelection, paths: &[&str]) -> ExportPlan {
    let mapping = paths.iter().map(|text| MappedField { path: path(text), header: (*text).to_string() }).collect();
    ExportPlan {
        sources: profiles.sources().files().cloned().collect(),
        rule: None,
        members: Some(rows.members().clone()),
        now: minute(0),
        mapping,
        require: Vec::new(),
        dedup: None,
        newest_by: None,
        format: FileFormat::Csv(CsvDialect::default()),
        compression: Compression::None,
        encryption: None,
        rows_per_file: 1_000_000,
        names: Names {
            parts: PartNames::new("out", "csv", None, false).unwrap(),
            dated: false,
            flow_id: None,
            segment_id: SEGMENT.into(),
            run_id: None,
        },
        target: "memory:///".into(),
    }
}

/// What a plan came to, and the lines of its file behind the header.
pub fn exported(
    profiles: &Profiles,
    rows: &RowSelection,
    plan: &ExportPlan,
    threads: usize,
) -> (ExportOutcome, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let memory = Arc::new(Memory::default());
    let spill = tempfile::tempdir().unwrap();
    let outcome = run(&Run {
        plan,
        profiles,
        rule: None,
        rows: Some(Arc::new(rows.clone())),
        session: Arc::clone(&memory) as Arc<dyn outflow_connector_kit::Session>,
        runtime: runtime.handle().clone(),
        resources: Resources { threads, memory_bytes: 128 << 20, spill_folder: spill.path().to_path_buf() },
        progress: &Progress::default(),
        encryption: None,
        verify: VerifyLevel::Full,
        departures: None,
        before_publishing: None,
        clock: &|| minute(9),
    });
    let file = memory.files().remove("out.csv").unwrap_or_default();
    let lines = String::from_utf8(file).unwrap().lines().skip(1).map(str::to_string).collect();
    (outcome, lines)
}

fn lines(evaluation: &Evaluation, rows: &RowSelection, paths: &[&str]) -> Vec<String> {
    let profiles = evaluation.open().unwrap();
    let (outcome, mut lines) = exported(&profiles, rows, &plan(&profiles, rows, paths), 2);
    assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    lines.sort();
    lines
}

pub const STATUS: &str = "segmentMembership.seg_namespace.seg_id.status";
const TIME: &str = "segmentMembership.lastQualificationTime";

#[test]
fn members_are_exported_with_status_and_time() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let first = evaluated(folder, &[person(1, Some("a@x"), 20), person(2, None, 30), person(3, None, 1)], None, 1);
    let paths = ["crm", STATUS, TIME, "points"];
    let expected = ["c1,realized,2024-10-04T00:01:00Z,20", "c2,realized,2024-10-04T00:01:00Z,30"];
    assert_eq!(lines(&first, &first.full(SEGMENT).unwrap(), &paths), expected);

    // c1 leaves, c2 vanishes, c3 enters, c4 is new.
    let now = [person(1, Some("a@x"), 5), person(3, None, 11), person(4, None, 99)];
    let second = evaluated(folder, &now, Some(&first), 2);
    let changes = second.changes(SEGMENT, &first, true, &work(folder)).unwrap();
    let expected = [
        ",exited,2024-10-04T00:02:00Z,",
        "c1,exited,2024-10-04T00:02:00Z,5",
        "c3,realized,2024-10-04T00:02:00Z,11",
        "c4,realized,2024-10-04T00:02:00Z,99",
    ];
    assert_eq!(lines(&second, &changes, &paths), expected);
    // A profile that vanished is still known by its identities.
    let ids = ["identityMap.CRMID[0].id", "segmentMembership.status"];
    let expected = ["c1,exited", "c2,exited", "c3,realized", "c4,realized"];
    assert_eq!(lines(&second, &changes, &ids), expected);
}

#[test]
fn the_balance_counts_the_row_space_and_mandatory_attributes_hold_for_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let people = |range: std::ops::Range<u32>| -> Vec<String> {
        range.map(|n| person(n, (n % 2 == 0).then_some("m@x"), 50)).collect()
    };
    let first = evaluated(folder, &people(0..100), None, 1);
    let second = evaluated(folder, &people(40..120), Some(&first), 2);
    let rows = second.changes(SEGMENT, &first, true, &work(folder)).unwrap();
    let profiles = second.open().unwrap();
    let mut plan = plan(&profiles, &rows, &["identityMap.CRMID[0].id", "segmentMembership.status"]);
    plan.require = vec![path("mail")];
    let (outcome, lines) = exported(&profiles, &rows, &plan, 2);
    let balance = outcome.balance;
    // 80 profiles and 40 ghosts; 20 entered and 40 left.
    assert_eq!((balance.profiles_read, balance.not_selected, balance.profiles_selected), (120, 60, 60));
    // Ghosts have no mail any more, and no file has a row without what the importer needs.
    assert_eq!(balance.excluded[&ExclusionReason::MissingMandatory], 50);
    assert_eq!((balance.profiles_written, lines.len()), (10, 10));
    assert!(lines.iter().all(|line| line.ends_with(",realized")));
    // An identity is known of ghosts too, and nobody lacks a status.
    plan.require = vec![path("identityMap.CRMID[0].id"), path("segmentMembership.status")];
    let (outcome, lines) = exported(&profiles, &rows, &plan, 2);
    assert_eq!((outcome.balance.excluded.len(), lines.len()), (0, 60));
    plan.require = vec![path("identityMap.Email[0].id")];
    let (outcome, _) = exported(&profiles, &rows, &plan, 2);
    assert_eq!(outcome.balance.profiles_written, 30);
}

#[test]
fn the_newest_entry_stands_for_those_that_share_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let first = evaluated(folder, &[person(1, Some("a@x"), 20), person(2, Some("b@x"), 30)], None, 1);
    let now = [person(1, Some("a@x"), 20), person(2, Some("b@x"), 30), person(3, Some("a@x"), 11)];
    let second = evaluated(folder, &now, Some(&first), 2);
    let (rows, profiles) = (second.full(SEGMENT).unwrap(), second.open().unwrap());
    let mut plan = plan(&profiles, &rows, &["mail", "crm", STATUS]);
    plan.dedup = Some(DedupKey::Attributes(vec![path("mail")]));
    plan.newest_by = Some(path(TIME));
    let (outcome, mut lines) = exported(&profiles, &rows, &plan, 2);
    lines.sort();
    assert_eq!(lines, ["a@x,c3,realized", "b@x,c2,existing"]);
    assert_eq!(outcome.balance.duplicates, 1);
}

/// A key has not left while a member has it, whatever the columns say that decide ties.
#[test]
fn whoever_left_gives_way_to_members_of_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let first = [person(1, Some("a@x"), 20), person(2, Some("b@x"), 20), person(3, Some("c@x"), 20)];
    let first = evaluated(folder, &first, None, 1);
    // 1 leaves and 4 enters with its key; 2 leaves, and nobody has its key; 3 is gone from the data.
    let now = [person(1, Some("a@x"), 5), person(2, Some("b@x"), 5), person(4, Some("a@x"), 20)];
    let second = evaluated(folder, &now, Some(&first), 2);
    let rows = second.changes(SEGMENT, &first, true, &work(folder)).unwrap();
    let profiles = second.open().unwrap();
    for (key, newest) in [("mail", true), ("mail", false), ("identityMap.Email[0].id", true)] {
        let mut plan = plan(&profiles, &rows, &[STATUS, "identityMap.Email[0].id", "identityMap.CRMID[0].id"]);
        plan.dedup = Some(DedupKey::Attributes(vec![path(key)]));
        plan.newest_by = newest.then(|| path(TIME));
        let (outcome, mut lines) = exported(&profiles, &rows, &plan, 2);
        lines.sort();
        assert_eq!(lines, ["exited,b@x,c2", "exited,c@x,c3", "realized,a@x,c4"], "{key} {:?}", outcome.fault);
        assert_eq!(outcome.balance.duplicates, 1);
    }
}

#[test]
fn the_plan_says_who_is_exported() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let first = evaluated(folder, &[person(1, None, 20)], None, 1);
    let second = evaluated(folder, &[person(1, None, 20), person(2, None, 20)], Some(&first), 2);
    let profiles = second.open().unwrap();
    let changes = |exits| second.changes(SEGMENT, &first, exits, &work(folder)).unwrap();
    let selections = [second.full(SEGMENT).unwrap(), changes(true), changes(false)];
    let ids: BTreeMap<String, ()> =
        selections.iter().map(|rows| (plan(&profiles, rows, &["crm"]).run_id().unwrap(), ())).collect();
    assert_eq!(ids.len(), 3);
    // Without members a plan is what it always was.
    let mut without = plan(&profiles, &selections[0], &["crm"]);
    without.members = None;
    assert!(serde_json::to_value(&without).unwrap().get("members").is_none());
    // Rows of another plan are refused before anything is written.
    let (outcome, lines) = exported(&profiles, &selections[1], &plan(&profiles, &selections[0], &["crm"]), 1);
    assert_eq!(outcome.fault.unwrap().message, "the plan names other members than those that are given to the run");
    assert!(lines.is_empty());
}

#[test]
fn threads_do_not_show() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let people =
        |range: std::ops::Range<u32>| -> Vec<String> { range.map(|n| person(n, None, i64::from(n % 40))).collect() };
    let first = evaluated(folder, &people(0..3_000), None, 1);
    let second = evaluated(folder, &people(1_000..4_000), Some(&first), 2);
    let rows = second.changes(SEGMENT, &first, true, &work(folder)).unwrap();
    let profiles = second.open().unwrap();
    let plan = plan(&profiles, &rows, &["identityMap.CRMID[0].id", STATUS, TIME, "points"]);
    let (one, lines) = exported(&profiles, &rows, &plan, 1);
    assert_eq!(lines.len() as u64, rows.len());
    for threads in [2, 7] {
        let (other, same) = exported(&profiles, &rows, &plan, threads);
        assert_eq!((&same, &other.run_id, &other.balance), (&lines, &one.run_id, &one.balance));
    }
}
