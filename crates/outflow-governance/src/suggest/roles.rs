//! What fields of files that are not attached yet could be: identities, each with a namespace, and the time of a record.
//! They are guesses, for a person to take or leave.

use outflow_model::schema::{Field, FieldType, Schema};
use outflow_model::{FieldPath, PathElement};
use serde::Serialize;

use super::{BARE, Likeness, Reason, SUGGESTIONS_MAX, Suggestion, words};
use crate::labels::{SchemaPath, SchemaStep};

/// A field that looks like it says who a record is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LikelyIdentity {
    /// Where it is.
    pub path: FieldPath,
    /// The system that it seems to belong to.
    pub namespace: String,
    /// What it looks like.
    pub likeness: Likeness,
    /// Why, each reason once.
    pub reasons: Vec<Reason>,
}

/// Namespaces that names tell by a word of theirs.
const NAMESPACES: [(&str, &str); 8] = [
    ("ecid", "ECID"),
    ("gaid", "GAID"),
    ("idfa", "IDFA"),
    ("crm", "CRMID"),
    ("customer", "CRMID"),
    ("profile", "CRMID"),
    ("person", "CRMID"),
    ("loyalty", "LOYALTYID"),
];

/// Fields that look like identities, in the order of the schema: those of `labels` that identify somebody directly or
/// indirectly, as [`super::suggestions`] found them, and on the outermost level those that are called `id`.
pub fn likely_identities(schema: &Schema, labels: &[Suggestion]) -> Vec<LikelyIdentity> {
    let mut found: Vec<LikelyIdentity> = Vec::new();
    for field in &schema.fields {
        let own = labels.iter().filter(|label| {
            label.likeness != Likeness::Coordinates
                && label.schema_path.steps().first() == Some(&SchemaStep::Property(field.name.clone()))
        });
        let before = found.len();
        for label in own {
            let Some(path) = path_of(&label.schema_path) else { continue };
            if found.iter().all(|other| other.path != path) {
                let (likeness, reasons) = (label.likeness, label.reasons.clone());
                found.push(LikelyIdentity { namespace: namespace(&path, likeness), path, likeness, reasons });
            }
        }
        if found.len() == before && is_bare_id(field) {
            let path = FieldPath::of_names(&field.name, &[]);
            let (likeness, reasons) = (Likeness::Identifier, vec![Reason::Name]);
            found.push(LikelyIdentity { namespace: "CRMID".into(), path, likeness, reasons });
        }
    }
    found
}

/// Of a list the first element: the values of a map have no path that a dataset could name.
fn path_of(place: &SchemaPath) -> Option<FieldPath> {
    let element = |step: &SchemaStep| match step {
        SchemaStep::Property(name) => Some(PathElement::Name(name.clone())),
        SchemaStep::Items => Some(PathElement::Index(0)),
        SchemaStep::Values => None,
    };
    FieldPath::new(place.steps().iter().map(element).collect::<Option<_>>()?)
}

fn is_bare_id(field: &Field) -> bool {
    matches!(field.field_type, FieldType::String | FieldType::Integer)
        && matches!(words(&field.name).as_slice(), [word] if word == "id" || word == "crm")
}

/// The namespace that a field's name speaks of: a known one, else the name itself as namespaces are written.
fn namespace(path: &FieldPath, likeness: Likeness) -> String {
    match likeness {
        Likeness::Email => return "Email".into(),
        Likeness::Phone => return "Phone".into(),
        Likeness::Coordinates | Likeness::Identifier => {}
    }
    let names = path.elements().iter().rev().filter_map(|element| match element {
        PathElement::Name(name) => Some(words(name)),
        PathElement::Index(_) => None,
    });
    let mut said: Vec<String> = Vec::new();
    for words in names {
        let says_nothing = words.iter().all(|word| word == "id" || BARE.contains(&word.as_str()));
        said.splice(0..0, words);
        if !says_nothing {
            break;
        }
    }
    let known = NAMESPACES.iter().find(|(word, _)| said.iter().any(|other| other == word));
    known.map_or_else(|| said.concat().to_uppercase(), |(_, namespace)| (*namespace).to_string())
}

/// Words of names of times that say when a record was written, and behind them those of when it was made.
const WRITTEN: [&str; 7] = ["modified", "updated", "changed", "timestamp", "recorded", "ingested", "written"];
const MADE: [&str; 2] = ["created", "inserted"];

/// Fields that could say when a record was written, the likeliest first: by their names, then timestamps of any name.
pub fn likely_times(schema: &Schema) -> Vec<FieldPath> {
    let mut found = Vec::new();
    times(&schema.fields, &[], &mut found);
    // Of equals the order of the schema stays.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().take(SUGGESTIONS_MAX).map(|(_, path)| path).collect()
}

fn times(fields: &[Field], around: &[PathElement], found: &mut Vec<(u8, FieldPath)>) {
    for field in fields {
        let elements = [around, &[PathElement::Name(field.name.clone())]].concat();
        if let FieldType::Struct(inside) = &field.field_type {
            times(inside, &elements, found);
        } else if let (Some(rank), Some(path)) = (time_rank(field), FieldPath::new(elements)) {
            found.push((rank, path));
        }
    }
}

fn time_rank(field: &Field) -> Option<u8> {
    let words = words(&field.name);
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let is_time = matches!(field.field_type, FieldType::Timestamp | FieldType::Date | FieldType::String);
    match (is_time, any(&WRITTEN), any(&MADE)) {
        (true, true, _) => Some(0),
        (true, _, true) => Some(1),
        _ => (field.field_type == FieldType::Timestamp).then_some(2),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::suggestions;
    use super::*;
    use crate::labels::DatasetLabels;
    use crate::labels::tests_support::{field, texts};

    fn told(fields: Vec<Field>) -> Vec<String> {
        let schema = Schema { fields };
        let labels = suggestions(&schema, &[], &BTreeMap::new(), &DatasetLabels::default(), &[]);
        likely_identities(&schema, &labels).iter().map(|one| format!("{}={}", one.path, one.namespace)).collect()
    }

    #[test]
    fn fields_that_identify_people_are_found_with_a_namespace() {
        let text = |name: &str| field(name, FieldType::String);
        let float = |name: &str| field(name, FieldType::Float);
        let told = told(vec![
            text("firstName"),
            field("id", FieldType::Integer),
            text("crmId"),
            text("profileId"),
            text("loyalty_id"),
            text("device-id"),
            text("orderId"),
            field("personalEmail", texts(&["address"])),
            field("phones", FieldType::List(Box::new(texts(&["number"])))),
            field("emails", FieldType::Map(Box::new(FieldType::String))),
            field("identities", FieldType::Struct(vec![field("ecid", texts(&["id"]))])),
            float("latitude"),
        ]);
        let expected = [
            "id=CRMID",
            "crmId=CRMID",
            "profileId=CRMID",
            "loyalty_id=LOYALTYID",
            "`device-id`=DEVICEID",
            "personalEmail.address=Email",
            "phones[0].number=Phone",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn times_are_found_by_name_first() {
        let text = |name: &str| field(name, FieldType::String);
        let time = |name: &str| field(name, FieldType::Timestamp);
        let fields = vec![
            time("lastPurchase"),
            text("createdAt"),
            field("birthDate", FieldType::Date),
            field("updatedCount", FieldType::Integer),
            field("meta", FieldType::Struct(vec![time("modifiedAt")])),
            text("updated_at"),
        ];
        let told: Vec<String> = likely_times(&Schema { fields }).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["meta.modifiedAt", "updated_at", "createdAt", "lastPurchase"]);
    }
}
