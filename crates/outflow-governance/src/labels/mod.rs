//! The labels of a dataset: of the whole, and of fields.
//!
//! In the API's form (`{labels[], optionalLabels[{option{id, contentType, schemaPath}, labels[]}]}`) a field is named by its
//! place in the dataset's JSON Schema, see [`SchemaPath`]. A field has its own labels, those of every struct, list or map
//! around it, and those of the dataset ([`trace`]).

mod schema_path;
mod shown;
mod trace;

use std::collections::BTreeSet;

use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problem, Problems};
use outflow_model::schema::Schema;
use serde_json::{Map, Value, json};

use crate::label::Label;

pub use schema_path::{SchemaPath, SchemaStep};
pub use shown::{ShownField, shown_fields};
pub use trace::{Bearing, EntityName, LabelOrigin, LabelledDataset, trace};

/// The most fields of one dataset that have labels of their own.
pub const LABELLED_FIELDS_MAX: usize = 10_000;

/// The most labels that one dataset and its fields have together. As many are looked at whenever a flow is judged.
pub const LABELLINGS_MAX: usize = 50_000;

/// The most problems that are told of one dataset's labels: names that look alike are sought for each.
const PROBLEMS_MAX: usize = 100;

/// The labels of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLabels {
    /// Which field.
    pub schema_path: SchemaPath,
    /// Its own labels, each once.
    pub labels: Vec<Label>,
    /// Members of `option` other than the path (`id`, `contentType`), as they were sent.
    pub option: Map<String, Value>,
}

/// The labels of one dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetLabels {
    /// Those of the whole, each once.
    pub labels: Vec<Label>,
    /// Those of fields; no two name the same field.
    pub fields: Vec<FieldLabels>,
}

impl DatasetLabels {
    /// Reads the body `{labels[], optionalLabels[]}`. Members that are absent are empty.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(body: &Value) -> Result<DatasetLabels, Problems> {
        let mut findings = Findings::default();
        let labels = read(&Node::at(body, ""), &mut findings);
        findings.into_result(labels).map(|(labels, _)| labels)
    }

    /// What is wrong for a dataset of this `schema`: labels that `is_known` does not know, and paths that lead nowhere but
    /// for those in `there`, as of fields that were labelled before they went away. Of very much the first problems. Fields
    /// lead into the body that [`to_value`](Self::to_value) gives.
    pub fn check(
        &self,
        schema: Option<&Schema>,
        there: &DatasetLabels,
        is_known: &dyn Fn(&Label) -> bool,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut look = |labels: &[Label], pointer: &str| {
            let unknown = labels.iter().enumerate().filter(|(_, label)| !is_known(label));
            for (i, label) in unknown.take(PROBLEMS_MAX.saturating_sub(problems.len())) {
                problems.push(Problem::new(format!("{pointer}/{i}"), format!("there is no label {label}")));
            }
        };
        look(&self.labels, "/labels");
        for (i, field) in self.fields.iter().enumerate() {
            look(&field.labels, &format!("/optionalLabels/{i}/labels"));
        }
        let there: BTreeSet<&SchemaPath> = there.fields.iter().map(|field| &field.schema_path).collect();
        let new = self.fields.iter().enumerate().filter(|(_, field)| !there.contains(&field.schema_path));
        let odd = new.filter_map(|(i, field)| {
            let field_of = || format!("/optionalLabels/{i}/option/schemaPath");
            Some(Problem { field: field_of(), ..field.schema_path.check(schema?).err()? })
        });
        problems.extend(odd.take(PROBLEMS_MAX.saturating_sub(problems.len())));
        problems
    }

    /// The body in the API's form, for the dataset `dataset_id`.
    pub fn to_value(&self, dataset_id: &str) -> Value {
        let field = |field: &FieldLabels| {
            let mut option = field.option.clone();
            option.insert("schemaPath".to_string(), json!(field.schema_path));
            json!({"option": option, "labels": field.labels})
        };
        json!({
            "entityId": {"namespace": "AEP", "id": dataset_id, "type": "dataset"},
            "labels": self.labels,
            "optionalLabels": self.fields.iter().map(field).collect::<Vec<_>>(),
            "parents": [],
        })
    }

    /// The own labels of a field.
    pub fn of_field(&self, schema_path: &SchemaPath) -> &[Label] {
        self.fields.iter().find(|field| field.schema_path == *schema_path).map_or(&[], |field| &field.labels)
    }

    /// Gives a field a label more.
    pub fn add(&mut self, schema_path: &SchemaPath, label: &Label) {
        let field = match self.fields.iter().position(|field| field.schema_path == *schema_path) {
            Some(there) => &mut self.fields[there],
            None => {
                let field =
                    FieldLabels { schema_path: schema_path.clone(), labels: Vec::new(), option: Map::default() };
                self.fields.push(field);
                let last = self.fields.len() - 1;
                &mut self.fields[last]
            }
        };
        if !field.labels.contains(label) {
            field.labels.push(label.clone());
        }
    }
}

fn read(body: &Node<'_>, findings: &mut Findings) -> Option<DatasetLabels> {
    body.object(findings)?;
    let labels = body.member("labels").map(|member| Label::read_all(&member, findings)).unwrap_or_default();
    let member = body.member("optionalLabels");
    let items = member.as_ref().and_then(|member| member.items(findings)).unwrap_or_default();
    if let (Some(member), true) = (&member, items.len() > LABELLED_FIELDS_MAX) {
        findings.add(&member.pointer, format!("names more than {LABELLED_FIELDS_MAX} fields"));
        return None;
    }
    let mut fields: Vec<FieldLabels> = Vec::with_capacity(items.len());
    let mut seen = std::collections::BTreeMap::new();
    for item in &items {
        let Some(field) = read_field(item, findings) else { continue };
        if let Some(first) = seen.insert(field.schema_path.clone(), item.pointer.clone()) {
            findings.add(item.pointer_to("option"), format!("names the field of {first} again"));
        }
        fields.push(field);
    }
    if labels.len() + fields.iter().map(|field| field.labels.len()).sum::<usize>() > LABELLINGS_MAX {
        findings.add(
            &body.pointer,
            format!("has more than {LABELLINGS_MAX} labels on the dataset and its fields together"),
        );
    }
    Some(DatasetLabels { labels, fields })
}

fn read_field(item: &Node<'_>, findings: &mut Findings) -> Option<FieldLabels> {
    item.object(findings)?;
    let option = item.required("option", findings)?;
    let mut members = option.object(findings)?.clone();
    members.remove("schemaPath");
    let path = option.required("schemaPath", findings).and_then(|member| {
        let text = member.filled_text(findings)?;
        SchemaPath::parse(text).map_err(|problem| findings.add(&member.pointer, problem)).ok()
    });
    let labels = item.required("labels", findings).map(|member| Label::read_all(&member, findings));
    Some(FieldLabels { schema_path: path?, labels: labels?, option: members })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use trace::tests as tests_support;
