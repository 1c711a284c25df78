//! A schema as a tree of fields, each with the path that rules and mappings use.

use outflow_model::schema::{Field, FieldType, Schema};
use outflow_model::{FieldPath, PathElement};
use outflow_profiles::snapshot::Snapshot;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A field. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FieldNode")]
pub(crate) struct FieldNode {
    /// Its name.
    name: String,
    /// Its path, as rules and mappings write it.
    path: String,
    /// Its type: `string`, `integer`, `list<string>` and so on.
    #[serde(rename = "type")]
    field_type: String,
    /// Of the fields of profiles: how many profiles have a value.
    #[schema(required = false)]
    filled: Option<u64>,
    /// The fields inside, where there are some.
    #[schema(no_recursion, required = false)]
    fields: Vec<FieldNode>,
}

/// The fields of profiles or records. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SchemaTree", example = json!({"fields": [
    {"name": "crmId", "path": "crmId", "type": "string"},
    {"name": "person", "path": "person", "type": "struct", "fields": [
        {"name": "birthYear", "path": "person.birthYear", "type": "integer"}
    ]}
]}))]
pub(crate) struct SchemaTree {
    /// The outermost fields.
    fields: Vec<FieldNode>,
}

/// The fields of profiles, and how many fill each. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ProfileFields", example = json!({"profiles": 1000, "fields": [
    {"name": "crmId", "path": "crmId", "type": "string", "filled": 1000},
    {"name": "person", "path": "person", "type": "struct", "filled": 990, "fields": [
        {"name": "birthYear", "path": "person.birthYear", "type": "integer", "filled": 412}
    ]}
]}))]
pub(crate) struct ProfileFields {
    /// How many profiles there are.
    profiles: u64,
    /// The outermost fields. An empty text is a value, an empty list or map is none; of what is in a list, the first
    /// element counts. Without `filled` where an earlier release merged the profiles, and behind the first 2,000 fields.
    fields: Vec<FieldNode>,
}

/// What [`SchemaTree`] describes.
pub(crate) fn tree(schema: &Schema) -> Value {
    json!({"fields": nodes(&schema.fields, &[], &mut std::iter::empty())})
}

/// What [`ProfileFields`] describes.
pub(super) fn counted(snapshot: &Snapshot) -> Value {
    let counts = snapshot.field_counts().unwrap_or_default();
    let fields = nodes(&snapshot.schema.fields, &[], &mut counts.into_iter());
    json!({"profiles": snapshot.profiles, "fields": fields})
}

/// The counts of fields, each before those in it.
type Counts<'c> = &'c mut dyn Iterator<Item = u64>;

fn nodes(fields: &[Field], above: &[PathElement], counts: Counts<'_>) -> Vec<Value> {
    fields.iter().map(|field| node(field, above, counts)).collect()
}

fn node(field: &Field, above: &[PathElement], counts: Counts<'_>) -> Value {
    let mut elements = above.to_vec();
    elements.push(PathElement::Name(field.name.clone()));
    let path = FieldPath::new(elements.clone()).map(|path| path.to_string()).unwrap_or_default();
    let mut node = json!({"name": field.name, "path": path, "type": field.field_type.name()});
    if let Some(filled) = counts.next() {
        node["filled"] = filled.into();
    }
    let below = match &field.field_type {
        FieldType::Struct(fields) => nodes(fields, &elements, counts),
        // Of a list, its first element: that is what a mapping picks.
        FieldType::List(item) => {
            elements.push(PathElement::Index(0));
            inside(item, &elements, counts)
        }
        _ => Vec::new(),
    };
    if !below.is_empty() {
        node["fields"] = Value::Array(below);
    }
    node
}

fn inside(item: &FieldType, elements: &[PathElement], counts: Counts<'_>) -> Vec<Value> {
    match item {
        FieldType::Struct(fields) => nodes(fields, elements, counts),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_rules() {
        let field = |name: &str, field_type| Field { name: name.into(), field_type };
        let schema = Schema {
            fields: vec![
                field("odd name", FieldType::String),
                field("phones", FieldType::List(Box::new(FieldType::Struct(vec![field("number", FieldType::String)])))),
            ],
        };
        let tree = tree(&schema);
        assert_eq!(tree["fields"][0]["path"], "`odd name`");
        assert_eq!(tree["fields"][1]["fields"][0]["path"], "phones[0].number");
    }
}
