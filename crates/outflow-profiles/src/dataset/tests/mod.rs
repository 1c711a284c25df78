//! Versions of datasets, compared with the plainest way to the same answer.

mod refresh;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use outflow_model::{Fault, FieldPath};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{DatasetSpec, DatasetVersion, IdentitySpec, normalise};
use crate::scan::Profiles;
use crate::source::{LocalStorage, pin};
use crate::work::Work;

/// One record, by its members.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub crm: Option<String>,
    pub email: Option<String>,
    /// Seconds of a minute.
    pub updated: Option<u32>,
    pub own: Vec<(&'static str, Vec<String>)>,
    /// Fields without a meaning.
    pub fields: Map<String, Value>,
}

impl Record {
    fn time(&self) -> Option<String> {
        self.updated.map(|second| format!("2026-01-01T00:00:{second:02}Z"))
    }

    fn json(&self) -> Value {
        let own = self.own.iter().map(|(namespace, ids)| {
            let ids = ids.iter().map(|id| json!({"id": id, "primary": id == "a"})).collect();
            ((*namespace).to_string(), Value::Array(ids))
        });
        let mut json = json!({"crmId": self.crm, "email": self.email, "updated": self.time()});
        json["identityMap"] = if self.own.is_empty() { Value::Null } else { own.collect::<Map<_, _>>().into() };
        self.fields.iter().for_each(|(name, value)| json[name] = value.clone());
        json
    }

    /// The identities as the product keeps them: namespace, id, and whether it is said to be primary.
    fn identities(&self) -> Vec<(String, String, Option<bool>)> {
        let own = self
            .own
            .iter()
            .flat_map(|(namespace, ids)| ids.iter().map(|id| ((*namespace).to_string(), id.clone(), Some(id == "a"))));
        let declared = [("CRMID", &self.crm), ("Email", &self.email)].into_iter();
        let declared = declared.filter_map(|(n, id)| Some((n.to_string(), id.clone()?, None)));
        own.chain(declared).filter(|(_, id, _)| !id.is_empty()).collect()
    }
}

/// Records of one dataset, file by file. The name of the field with the time is part of the records.
pub(crate) type Files = Vec<Vec<Record>>;

/// The specification that goes with [`Record`].
pub(crate) fn spec(name: &str, with_time: bool) -> DatasetSpec {
    let path = |text: &str| FieldPath::parse(text).unwrap();
    let identity =
        |text: &str, namespace: &str, primary| IdentitySpec { path: path(text), namespace: namespace.into(), primary };
    DatasetSpec {
        name: name.into(),
        identities: vec![identity("crmId", "CRMID", true), identity("email", "Email", false)],
        timestamp: with_time.then(|| path("updated")),
    }
}

/// Writes the files of a dataset as NDJSON.
pub(crate) fn write(folder: &Path, files: &Files) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    for (number, records) in files.iter().enumerate() {
        let lines: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
        std::fs::write(folder.join(format!("{number}.ndjson")), lines.join("\n")).unwrap();
    }
    folder.to_path_buf()
}

pub(crate) fn open(folder: &Path) -> Profiles {
    let pattern = folder.join("*").to_str().unwrap().to_string();
    Profiles::open(pin(&[pattern], &[Arc::new(LocalStorage)]).unwrap()).unwrap()
}

/// Work that nobody looks at.
pub(crate) fn work(folder: &Path, threads: usize, memory_bytes: u64) -> Work<'_> {
    Work { threads, memory_bytes, folder, check: &|| Ok(()), progress: &|_| {} }
}

/// Memory that nothing here fills.
pub(crate) const MEMORY: u64 = 256 << 20;

/// The winner of every profile id.
pub(crate) fn naive(files: &Files, with_time: bool) -> BTreeMap<String, Record> {
    let mut winners: BTreeMap<String, Record> = BTreeMap::new();
    for record in files.iter().flatten() {
        let Some(id) = record.crm.clone().filter(|id| !id.is_empty()) else { continue };
        let is_newer = |old: &Record| !with_time || record.updated >= old.updated;
        if winners.get(&format!("CRMID:{id}")).is_none_or(is_newer) {
            winners.insert(format!("CRMID:{id}"), record.clone());
        }
    }
    winners
}

/// The profile that records make, the first attached first.
pub(crate) fn merged(records: &[(Record, bool)]) -> Value {
    let mut newest: Vec<&(Record, bool)> = records.iter().collect();
    newest.sort_by_key(|(record, with_time)| std::cmp::Reverse(record.updated.filter(|_| *with_time)));
    let mut profile = Map::new();
    for (record, _) in newest {
        let Value::Object(members) = record.json() else { panic!() };
        for (name, value) in members {
            if !value.is_null() && name != "identityMap" && !profile.contains_key(&name) {
                profile.insert(name, without_nulls(value));
            }
        }
    }
    let mut seen = Vec::new();
    let mut map: Map<String, Value> = Map::new();
    for (namespace, id, primary) in records.iter().flat_map(|(record, _)| record.identities()) {
        if seen.contains(&(namespace.clone(), id.clone())) {
            continue;
        }
        seen.push((namespace.clone(), id.clone()));
        let item = without_nulls(json!({"id": id, "primary": primary}));
        match map.entry(namespace).or_insert(json!([])) {
            Value::Array(items) => items.push(item),
            _ => panic!(),
        }
    }
    profile.insert("identityMap".into(), map.into());
    profile.into()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn id() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.9, prop::sample::select(vec!["", "a", "b", "c", "d", "é", "x:y"]).prop_map(String::from))
}

prop_compose! {
    fn record()(
        crm in id(),
        email in id(),
        updated in prop::option::weighted(0.8, 0u32..4),
        own in prop::collection::vec((prop::sample::select(vec!["Email", "Phone"]), prop::collection::vec("[ab]", 0..3)), 0..3),
        first in prop::option::of("[k-m]"),
        score in prop::option::of(0i64..5),
        city in prop::option::of((prop::option::of("[u-w]"), 1i64..9)),
        tags in prop::option::of(prop::collection::vec("[k-m]", 0..3)),
        shape in 0u8..4,
    ) -> Record {
        let mut fields = Map::new();
        let mut own_once: Vec<(&'static str, Vec<String>)> = Vec::new();
        for (namespace, ids) in own {
            if own_once.iter().all(|(known, _)| *known != namespace) {
                own_once.push((namespace, ids));
            }
        }
        // A struct of members for the namespaces has them in the order of the files' schema, not of the record.
        own_once.sort_by_key(|(namespace, _)| *namespace == "Phone");
        let city = city.map(|(name, zip)| json!({"name": name, "zip": zip}));
        fields.insert("first".into(), json!(first));
        fields.insert("score".into(), json!(score));
        fields.insert("city".into(), json!(city));
        if shape > 0 {
            fields.insert("tags".into(), json!(tags));
        }
        Record { crm, email, updated, own: own_once, fields }
    }
}

pub(crate) fn files() -> impl Strategy<Value = Files> {
    prop::collection::vec(prop::collection::vec(record(), 0..8), 1..4)
}

/// Makes sure that the types of the fields are the same whatever was drawn: a first record has everything. It has no
/// identity.
pub(crate) fn with_types(mut files: Files) -> Files {
    let fields = json!({"first": "k", "score": 1, "city": {"name": "u", "zip": 1}, "tags": ["k"]});
    let Value::Object(fields) = fields else { panic!() };
    let own = vec![("Email", vec!["a".to_string()]), ("Phone", vec!["a".to_string()])];
    files[0].insert(0, Record { crm: None, email: Some("a".into()), updated: Some(0), own, fields });
    files
}

pub(crate) fn refreshed(
    folder: &Path,
    name: &str,
    files: &Files,
    with_time: bool,
    work: &Work<'_>,
) -> Result<DatasetVersion, Fault> {
    let source = write(&folder.join(name), files);
    normalise(&spec(name, with_time), &open(&source), None, work)
}
