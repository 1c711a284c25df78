//! The records that are looked at: those of the datasets' current versions, or those that evaluations are over.
//!
//! A snapshot that is exported may be older than the datasets: one was read anew since, with other fields, or was detached
//! together with its labels. What its records were labelled when it was detached counts as long as they are exported: a
//! snapshot names the datasets whose records it has, and their shapes, which outlive the versions that they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use outflow_governance::labels::EntityName;
use outflow_governance::{DatasetLabels, LabelledDataset};
use outflow_model::dataset::{DatasetDefinition, DatasetIdentity};
use outflow_model::schema::{Field, FieldType, Schema};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::dataset::DatasetVersion;
use outflow_store::{Artifact, AuditQuery, Reader};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::known::Known;
use super::past::audited;
use super::rules::Rules;
use crate::steps::blocking;

/// What the audit log calls the labels of datasets.
const LABELS: &str = "datasetLabels";

/// Detached datasets that are looked at where a snapshot does not name those that it has records of.
const DETACHED_MAX: usize = 1_000;

/// Records of the audit log that are read at a time.
const READ_AT_ONCE: usize = 1_000;

/// The shape of a dataset's version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Records {
    schema: Schema,
    identities: Vec<DatasetIdentity>,
}

impl Records {
    /// The shape of a version.
    pub fn of(version: DatasetVersion) -> Records {
        let identities = version.spec.identities.into_iter();
        let identities =
            identities.map(|of| DatasetIdentity { path: of.path, namespace: of.namespace, primary: of.primary });
        Records { schema: version.schema, identities: identities.collect() }
    }

    pub(super) fn weight_bytes(&self) -> usize {
        weight_of_fields(&self.schema.fields) + self.identities.len() * FIELD_BYTES
    }
}

/// What a field takes beside its name.
const FIELD_BYTES: usize = 128;

fn weight_of_fields(fields: &[Field]) -> usize {
    fields.iter().map(|field| FIELD_BYTES + field.name.len() + weight_of_type(&field.field_type)).sum()
}

fn weight_of_type(of: &FieldType) -> usize {
    match of {
        FieldType::Struct(fields) => weight_of_fields(fields),
        FieldType::List(item) | FieldType::Map(item) => FIELD_BYTES + weight_of_type(item),
        _ => 0,
    }
}

/// A version of whose records a snapshot is, as the store keeps it with the snapshot.
#[derive(Serialize, Deserialize)]
pub(crate) struct Merged {
    /// The version.
    pub version: String,
    /// Its dataset.
    pub dataset: String,
    /// Its shape.
    pub records: Records,
}

/// A version that a snapshot was merged of.
#[derive(Clone)]
pub(crate) struct Version {
    id: String,
    /// `None` where a release that did not say merged it, and its row is gone.
    dataset: Option<String>,
    shape: Shape,
}

/// Where the shape of a version is known from.
#[derive(Clone)]
enum Shape {
    Known(Arc<Records>),
    /// A file.
    At(String),
    /// It is not known any more.
    Lost,
    /// Not even which data it is of is known.
    Anything,
}

/// The shapes of one dataset's versions; one that cannot be read may hold anything.
type Shapes = Vec<Option<Arc<Records>>>;

/// The labelled datasets as they are. Of one that was not read yet nobody knows what it will hold.
///
/// # Errors
/// Those of the store.
pub(super) async fn current(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    rules: &Rules,
) -> Result<Vec<LabelledDataset>, Fault> {
    let mut datasets = Vec::new();
    let mut shapes = current_shapes(known, reader, sandbox, rules).await?;
    for (id, labels) in &rules.labels {
        if rules.datasets.contains_key(id) {
            let shapes = shapes.remove(id).unwrap_or_else(|| vec![None]);
            datasets.push(labelled(rules, id, labels, shapes));
        }
    }
    Ok(datasets)
}

/// The labelled datasets of whose records the snapshots of these evaluations are made.
///
/// # Errors
/// Those of the store.
pub(super) async fn of_evaluations(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    rules: &Rules,
    evaluations: &[&str],
) -> Result<Vec<LabelledDataset>, Fault> {
    let versions = versions(known, reader, sandbox, evaluations).await?;
    of_versions(known, reader, sandbox, rules, versions).await
}

/// The labelled datasets of whose records a snapshot is made.
///
/// # Errors
/// Those of the store.
pub(super) async fn of_snapshot(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    rules: &Rules,
    snapshot: &str,
) -> Result<Vec<LabelledDataset>, Fault> {
    let versions = merged(known, reader, sandbox, snapshot).await?.to_vec();
    of_versions(known, reader, sandbox, rules, versions).await
}

async fn of_versions(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    rules: &Rules,
    versions: Vec<Version>,
) -> Result<Vec<LabelledDataset>, Fault> {
    // Where a row of a version is gone already, its dataset has one of much the same shape.
    let mut shapes = current_shapes(known, reader, sandbox, rules).await?;
    let mut gone = BTreeSet::new();
    if versions.iter().any(|version| matches!(version.shape, Shape::Anything)) {
        // It may be of any that is there, when that had other fields.
        for dataset in rules.labels.keys().filter(|dataset| rules.datasets.contains_key(*dataset)) {
            shapes.entry(dataset.clone()).or_default().push(None);
        }
    }
    if versions.iter().any(|version| version.dataset.is_none()) {
        // It may be of any that was detached since.
        for dataset in detached(reader, sandbox, rules).await? {
            shapes.entry(dataset.clone()).or_default().push(None);
            gone.insert(dataset);
        }
    }
    for version in versions {
        let Some(dataset) = version.dataset else { continue };
        if rules.labels.contains_key(&dataset) || !rules.datasets.contains_key(&dataset) {
            let read = match version.shape {
                Shape::Known(records) => Some(records),
                Shape::At(path) => records(known, &version.id, &path).await?,
                Shape::Lost | Shape::Anything => None,
            };
            shapes.entry(dataset.clone()).or_default().push(read);
        }
        if !rules.datasets.contains_key(&dataset) {
            gone.insert(dataset);
        }
    }
    let mut datasets = Vec::new();
    for (id, labels) in &rules.labels {
        if let Some(shapes) = shapes.remove(id).filter(|_| rules.datasets.contains_key(id)) {
            datasets.push(labelled(rules, id, labels, shapes));
        }
    }
    for id in gone {
        if let (Some(labels), Some(shapes)) = (last_labels(reader, sandbox, &id).await?, shapes.remove(&id)) {
            datasets.push(labelled(rules, &id, &labels, shapes));
        }
    }
    Ok(datasets)
}

fn labelled(rules: &Rules, id: &str, labels: &DatasetLabels, shapes: Shapes) -> LabelledDataset {
    let document = rules.datasets.get(id);
    let name = document.map_or_else(|| format!("{id} (detached)"), |document| document.name.clone());
    let own = document.and_then(|document| DatasetDefinition::parse(&document.body).ok());
    let mut identities = own.map(|definition| definition.identities).unwrap_or_default();
    for identity in shapes.iter().flatten().flat_map(|records| &records.identities) {
        if !identities.iter().any(|of| of.path == identity.path && of.namespace == identity.namespace) {
            identities.push(identity.clone());
        }
    }
    let united = |all: Option<Schema>, one: Option<Arc<Records>>| {
        let (mut all, one) = (all?, one?);
        unite(&mut all.fields, &one.schema.fields);
        Some(all)
    };
    LabelledDataset {
        dataset: EntityName { id: id.to_owned(), name },
        labels: labels.clone(),
        schema: shapes.into_iter().fold(Some(Schema::default()), united),
        identities,
    }
}

/// Adds the fields of `more` that are not there.
fn unite(fields: &mut Vec<Field>, more: &[Field]) {
    for field in more {
        match fields.iter_mut().find(|there| there.name == field.name) {
            Some(there) => unite_types(&mut there.field_type, &field.field_type),
            None => fields.push(field.clone()),
        }
    }
}

fn unite_types(there: &mut FieldType, more: &FieldType) {
    match (there, more) {
        (FieldType::Struct(fields), FieldType::Struct(more)) => unite(fields, more),
        (FieldType::List(item), FieldType::List(more)) | (FieldType::Map(item), FieldType::Map(more)) => {
            unite_types(item, more);
        }
        // A field with parts may be used by its parts.
        (there, more) if there.is_scalar() => *there = more.clone(),
        _ => {}
    }
}

/// The shapes of the current versions of labelled datasets.
async fn current_shapes(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    rules: &Rules,
) -> Result<BTreeMap<String, Shapes>, Fault> {
    let mut shapes = BTreeMap::new();
    for id in rules.labels.keys() {
        if let Some(row) = reader.current_version(sandbox, id).await? {
            shapes.insert(id.clone(), vec![records(known, &row.id, &row.path).await?]);
        }
    }
    Ok(shapes)
}

/// The versions that the snapshots of evaluations were merged of, as far as their rows are there.
async fn versions(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    evaluations: &[&str],
) -> Result<Vec<Version>, Fault> {
    let (mut snapshots, mut versions) = (BTreeSet::new(), Vec::new());
    for evaluation in evaluations {
        let row = reader.artifact(Artifact::Evaluation, sandbox, evaluation).await?;
        match row.and_then(|row| row.parent) {
            Some(snapshot) => drop(snapshots.insert(snapshot)),
            // Nobody knows what it is over.
            None => versions.push(Version { id: (*evaluation).to_owned(), dataset: None, shape: Shape::Anything }),
        }
    }
    for snapshot in snapshots {
        versions.extend(merged(known, reader, sandbox, &snapshot).await?.iter().cloned());
    }
    Ok(versions)
}

/// The versions that a snapshot was merged of, as far as that is known.
async fn merged(known: &Known, reader: &mut Reader, sandbox: &str, snapshot: &str) -> Result<Arc<Vec<Version>>, Fault> {
    let key = format!("{sandbox}/{snapshot}");
    if let Some(found) = known.snapshots.get(&key) {
        return Ok(found);
    }
    let Some(found) = versions_of(reader, sandbox, snapshot).await? else {
        // Nobody knows what it was merged of.
        return Ok(Arc::new(vec![Version { id: snapshot.to_owned(), dataset: None, shape: Shape::Lost }]));
    };
    let weight = found.iter().map(Version::weight_bytes).sum();
    let found = Arc::new(found);
    known.snapshots.put(key, Arc::clone(&found), weight);
    Ok(found)
}

/// The versions that a snapshot was merged of; `None` where it is not there.
async fn versions_of(reader: &mut Reader, sandbox: &str, snapshot: &str) -> Result<Option<Vec<Version>>, Fault> {
    let Some(row) = reader.artifact(Artifact::Snapshot, sandbox, snapshot).await? else { return Ok(None) };
    let merged = reader.snapshot_records(sandbox, snapshot).await?;
    let merged = merged.and_then(|merged| Vec::<Merged>::deserialize(merged).ok());
    if let Some(merged) = merged {
        let version = |of: Merged| Version {
            id: of.version,
            dataset: Some(of.dataset),
            shape: Shape::Known(Arc::new(of.records)),
        };
        return Ok(Some(merged.into_iter().map(version).collect()));
    }
    // A release merged it that said no more.
    let ids = row.body.get("versions").and_then(Value::as_array);
    let mut versions = Vec::new();
    for id in ids.into_iter().flatten().filter_map(Value::as_str) {
        let row = reader.artifact(Artifact::DatasetVersion, sandbox, id).await?;
        versions.push(match row {
            Some(row) => Version { id: row.id, dataset: Some(row.subject), shape: Shape::At(row.path) },
            None => Version { id: id.to_owned(), dataset: None, shape: Shape::Lost },
        });
    }
    Ok(Some(versions))
}

impl Version {
    fn weight_bytes(&self) -> usize {
        let shape = match &self.shape {
            Shape::Known(records) => records.weight_bytes(),
            Shape::At(path) => path.len(),
            Shape::Lost | Shape::Anything => 0,
        };
        FIELD_BYTES + self.id.len() + shape
    }
}

/// The datasets that had labels and were detached.
///
/// # Errors
/// `Refused` where they are too many to be looked at; those of the store.
async fn detached(reader: &mut Reader, sandbox: &str, rules: &Rules) -> Result<BTreeSet<String>, Fault> {
    let mut query =
        AuditQuery { noun: Some(LABELS), action: Some("deleted"), limit: READ_AT_ONCE, ..AuditQuery::default() };
    let mut detached = BTreeSet::new();
    loop {
        let page = reader.audit(sandbox, &query).await?;
        let deleted = page.records.into_iter().map(|record| record.object_id);
        detached.extend(deleted.filter(|dataset| !rules.datasets.contains_key(dataset)));
        if detached.len() > DETACHED_MAX {
            let what = format!("more than {DETACHED_MAX} datasets were detached, of any of which the records may be");
            return Err(Fault::new(FaultClass::Refused, what)
                .tried("find the labels of what is exported")
                .hint("evaluate the segments again, then run the flow anew"));
        }
        match page.next {
            Some(next) => query.after_seq = Some(next),
            None => return Ok(detached),
        }
    }
}

/// The shape of a version; `None` where it cannot be read.
async fn records(known: &Known, version: &str, path: &str) -> Result<Option<Arc<Records>>, Fault> {
    if let Some(records) = known.records.get(version) {
        return Ok(Some(records));
    }
    let path = path.to_owned();
    let Some(loaded) = blocking(move || Ok(DatasetVersion::load(path.as_ref()).ok())).await? else { return Ok(None) };
    let records = Arc::new(Records::of(loaded));
    known.records.put(version.to_owned(), Arc::clone(&records), records.weight_bytes());
    Ok(Some(records))
}

/// The labels that a dataset had when it was detached.
async fn last_labels(reader: &mut Reader, sandbox: &str, dataset: &str) -> Result<Option<DatasetLabels>, Fault> {
    let query = AuditQuery {
        noun: Some(LABELS),
        object_id: Some(dataset),
        newest_first: true,
        limit: 1,
        ..AuditQuery::default()
    };
    let last = audited(reader, sandbox, query).await?.pop();
    let Some(body) = last.and_then(|record| record.after.or(record.before)) else { return Ok(None) };
    DatasetLabels::parse(&body).map(Some).map_err(|problems| {
        Fault::internal(format!("the labels of the detached dataset {dataset} cannot be read")).because(problems)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, field_type: FieldType) -> Field {
        Field { name: name.into(), field_type }
    }

    #[test]
    fn schemas_are_united_field_by_field() {
        let inner = |name: &str| FieldType::Struct(vec![field(name, FieldType::String)]);
        let mut fields = vec![
            field("a", inner("x")),
            field("b", FieldType::List(Box::new(inner("x")))),
            field("c", FieldType::String),
            field("d", inner("x")),
        ];
        let more = [
            field("a", inner("y")),
            field("b", FieldType::List(Box::new(inner("y")))),
            field("c", inner("x")),
            field("d", FieldType::String),
            field("e", FieldType::Date),
        ];
        unite(&mut fields, &more);
        let both = || FieldType::Struct(vec![field("x", FieldType::String), field("y", FieldType::String)]);
        assert_eq!(
            fields,
            [
                field("a", both()),
                field("b", FieldType::List(Box::new(both()))),
                field("c", inner("x")),
                field("d", inner("x")),
                field("e", FieldType::Date),
            ]
        );
    }
}
