//! Evaluations over small snapshots, written part by part.

mod estimates;
mod expiry;
mod first;
mod fold;
mod lookup;
mod permit;
mod same_bytes;
mod scans;
mod standings;
mod statuses;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Int64Array, ListBuilder, MapBuilder, MapFieldNames, RecordBatch, StringArray, StringBuilder,
    StructBuilder, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Int64Type, Schema, TimestampMicrosecondType};
use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::membership::MembershipStatus;
use outflow_model::rule::{BoundRule, bind, parse_pql};
use outflow_model::{Fault, FieldPath};
use tempfile::TempDir;

use super::{Evaluation, Previous, SegmentRule, evaluate};
use crate::Work;
use crate::folder::{Folder, name_of};
use crate::scan::{RowSelection, ScanRequest};
use crate::schema::{list_of, map_of, profile_schema};
use crate::snapshot::{ID_COLUMN, IDENTITY_MAP, Part, PartWriter, Snapshot, hash_of, internal_fields, range_of};

/// Profiles by id: a number and a text.
type Profiles = BTreeMap<String, (Option<i64>, Option<&'static str>)>;

/// A data folder.
struct Place {
    dir: TempDir,
}

fn no_check() -> Result<(), Fault> {
    Ok(())
}

fn work(folder: &Path, threads: usize) -> Work<'_> {
    Work { threads, memory_bytes: 256 << 20, folder, check: &no_check, progress: &|_| {} }
}

/// So many minutes after the tests began.
fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn fields() -> Fields {
    let id = Field::new("id", DataType::Utf8, true);
    Fields::from(vec![
        Field::new(IDENTITY_MAP, map_of(DataType::Utf8, list_of(DataType::Struct(vec![id].into()))), true),
        Field::new("n", DataType::Int64, true),
        Field::new("s", DataType::Utf8, true),
    ])
}

fn rule(text: &str) -> BoundRule {
    bind(&parse_pql(text).unwrap(), &profile_schema(&Schema::new(fields())), DateTime::UNIX_EPOCH).unwrap()
}

/// `(id, rule)` of each segment.
fn rules(segments: &[(&str, &str)]) -> Vec<SegmentRule> {
    segments.iter().map(|(id, text)| SegmentRule { id: (*id).into(), rule: rule(text) }).collect()
}

/// Each profile has its id as its only e-mail.
fn identities(ids: &[&String]) -> ArrayRef {
    let id = StructBuilder::new(vec![Field::new("id", DataType::Utf8, true)], vec![Box::new(StringBuilder::new())]);
    let lists = ListBuilder::new(id);
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut maps = MapBuilder::new(Some(names), StringBuilder::new(), lists);
    for id in ids {
        maps.keys().append_value("Email");
        let list = maps.values();
        list.values().field_builder::<StringBuilder>(0).unwrap().append_value(id);
        list.values().append(true);
        list.append(true);
        maps.append(true).unwrap();
    }
    let built: ArrayRef = Arc::new(maps.finish());
    crate::schema::exactly(&built, fields()[0].data_type()).unwrap()
}

impl Place {
    fn new() -> Place {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A snapshot of `profiles` in `2^bits` parts.
    fn snapshot(&self, profiles: &Profiles, bits: u32) -> Snapshot {
        let folder = Folder::open(self.folder()).unwrap();
        let mut ids: Vec<&String> = profiles.keys().collect();
        ids.sort_by_key(|id| (hash_of(id), *id));
        let part = |number: usize| -> Part {
            let ids: Vec<&String> = ids.iter().filter(|id| range_of(hash_of(id), bits) == number).copied().collect();
            let schema = Arc::new(Schema::new(
                internal_fields().into_iter().chain(fields().iter().cloned()).collect::<Fields>(),
            ));
            let mut writer = PartWriter::new(&folder, &schema);
            if !ids.is_empty() {
                let columns: Vec<ArrayRef> = vec![
                    Arc::new(ids.iter().map(|id| Some(hash_of(id))).collect::<Int64Array>()),
                    Arc::new(StringArray::from_iter_values(&ids)),
                    new_null_array(schema.field(2).data_type(), ids.len()),
                    identities(&ids),
                    Arc::new(ids.iter().map(|id| profiles[*id].0).collect::<Int64Array>()),
                    Arc::new(ids.iter().map(|id| profiles[*id].1).collect::<StringArray>()),
                ];
                writer.push(RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()).unwrap();
            }
            writer.finish(None).unwrap()
        };
        let parts: Vec<Part> = (0..1 << bits).map(part).collect();
        let names: Vec<&str> = parts.iter().map(|part| part.file.file_name().unwrap().to_str().unwrap()).collect();
        Snapshot {
            id: name_of(names.join("\n").as_bytes()),
            profiles: profiles.len() as u64,
            schema: profile_schema(&Schema::new(fields())),
            parts,
        }
    }

    /// Evaluates at a minute, compared with `before`, and keeps everybody who left.
    fn evaluate(
        &self,
        profiles: &Profiles,
        segments: &[(&str, &str)],
        before: Option<&Evaluation>,
        at: i64,
    ) -> Evaluation {
        let previous = before.map(|evaluation| Previous {
            segments: evaluation.segments.iter().map(|counts| counts.id.clone()).collect(),
            evaluation,
        });
        let snapshot = self.snapshot(profiles, 1);
        let previous: Vec<Previous<'_>> = previous.into_iter().collect();
        evaluate(&snapshot, &rules(segments), &previous, minute(0), minute(at), &work(self.folder(), 2)).unwrap()
    }
}

/// A selected row: id, status, time, e-mail, number.
type Row = (String, MembershipStatus, DateTime<Utc>, Option<String>, Option<i64>);

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

/// The rows of a selection, and how many profiles were read and selected.
fn scan(evaluation: &Evaluation, rows: RowSelection) -> (Vec<Row>, u64, u64) {
    let profiles = evaluation.open().unwrap();
    let columns = vec![
        path(ID_COLUMN),
        rows.status_path().clone(),
        rows.time_path().clone(),
        path("identityMap.Email[0].id"),
        path("n"),
    ];
    let request = ScanRequest { columns, rows: Some(Arc::new(rows)), ..ScanRequest::default() };
    let (mut found, mut read, mut selected) = (Vec::new(), 0, 0);
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, &request).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            read += batch.read;
            selected += batch.selected;
            let text = |number: usize| cast(&batch.columns[number], &DataType::Utf8).unwrap();
            let (ids, statuses, emails) = (text(0), text(1), text(3));
            let times = batch.columns[2].as_primitive::<TimestampMicrosecondType>();
            let numbers = cast(&batch.columns[4], &DataType::Int64).unwrap();
            for row in 0..ids.len() {
                let status = match statuses.as_string::<i32>().value(row) {
                    "realized" => MembershipStatus::Realized,
                    "existing" => MembershipStatus::Existing,
                    "exited" => MembershipStatus::Exited,
                    other => panic!("{other} is no status"),
                };
                let emails = emails.as_string::<i32>();
                found.push((
                    ids.as_string::<i32>().value(row).to_string(),
                    status,
                    DateTime::from_timestamp_micros(times.value(row)).unwrap(),
                    emails.iter().nth(row).flatten().map(str::to_string),
                    numbers.as_primitive::<Int64Type>().iter().nth(row).flatten(),
                ));
            }
        }
    }
    (found, read, selected)
}

/// Id, status and minute of a selected row.
type Told = (String, &'static str, i64);

/// What is told of every selected row, by id.
fn told(evaluation: &Evaluation, rows: RowSelection) -> Vec<Told> {
    let (rows, ..) = scan(evaluation, rows);
    let since = |time: DateTime<Utc>| (time - minute(0)).num_minutes();
    let mut told: Vec<_> = rows.into_iter().map(|(id, status, time, ..)| (id, status.as_str(), since(time))).collect();
    told.sort();
    told
}

/// Profiles with these ids and numbers.
fn numbered(profiles: &[(&str, i64)]) -> Profiles {
    profiles.iter().map(|(id, n)| ((*id).to_string(), (Some(*n), Some("x")))).collect()
}
