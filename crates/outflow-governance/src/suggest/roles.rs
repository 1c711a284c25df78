//! What fields of files that are not attached yet could be: identities, each with a namespace, and the time of a record.
//! They are guesses, for a person to take or leave.

use std::collections::BTreeMap;

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
    ("crm", CRM),
    ("customer", CRM),
    ("profile", CRM),
    ("person", CRM),
    ("loyalty", "LOYALTYID"),
];

/// The namespace of the system that knows customers.
const CRM: &str = "CRMID";

/// Fields that look like identities, in the order of the schema: those of `labels` that identify somebody directly or
/// indirectly, as [`super::suggestions`] found them, and on the outermost level those that are called `id`.
pub fn likely_identities(schema: &Schema, labels: &[Suggestion]) -> Vec<LikelyIdentity> {
    let mut by_field: BTreeMap<&str, Vec<&Suggestion>> = BTreeMap::new();
    for label in labels.iter().filter(|label| label.likeness != Likeness::Coordinates) {
        if let Some(SchemaStep::Property(name)) = label.schema_path.steps().first() {
            by_field.entry(name).or_default().push(label);
        }
    }
    let mut found: Vec<LikelyIdentity> = Vec::new();
    for field in &schema.fields {
        let before = found.len();
        for label in by_field.get(field.name.as_str()).into_iter().flatten() {
            let Some(path) = path_of(&label.schema_path) else { continue };
            if found[before..].iter().all(|other| other.path != path) {
                let (likeness, reasons) = (label.likeness, label.reasons.clone());
                found.push(LikelyIdentity { namespace: namespace(&path, likeness), path, likeness, reasons });
            }
        }
        if found.len() == before && is_bare_id(field) {
            let path = FieldPath::of_names(&field.name, &[]);
            let (likeness, reasons) = (Likeness::Identifier, vec![Reason::Name]);
            found.push(LikelyIdentity { namespace: CRM.into(), path, likeness, reasons });
        }
    }
    one_of_crm(&mut found);
    found
}

/// Leaves the guess of the customers' system to one field, the first that names it or else the first of all: ids of several
/// kinds in one namespace would make one person of two. The others go by their own names.
fn one_of_crm(found: &mut [LikelyIdentity]) {
    let is_crm = |one: &LikelyIdentity| one.namespace == CRM;
    let names_it = |one: &LikelyIdentity| is_crm(one) && own_words(&one.path).iter().any(|word| word == "crm");
    let kept = found.iter().position(names_it).or_else(|| found.iter().position(is_crm));
    for (at, one) in found.iter_mut().enumerate() {
        if is_crm(one) && Some(at) != kept {
            one.namespace = own_words(&one.path).concat().to_uppercase();
        }
    }
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
    let said = own_words(path);
    let known = NAMESPACES.iter().find(|(word, _)| said.iter().any(|other| other == word));
    known.map_or_else(|| said.concat().to_uppercase(), |(_, namespace)| (*namespace).to_string())
}

/// The words of a field's name, with those of what is around it where it says nothing by itself.
fn own_words(path: &FieldPath) -> Vec<String> {
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
    said
}

/// Words of names of times that say when a record was written, and behind them those of when it was made.
const WRITTEN: [&str; 7] = ["modified", "updated", "changed", "timestamp", "recorded", "ingested", "written"];
const MADE: [&str; 2] = ["created", "inserted"];

/// How a text's name of several words ends that says a time.
const OF_TIME: [&str; 5] = ["at", "on", "time", "date", "timestamp"];

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

/// By the words of the name, and of equal ones the texts behind the times: those may hold anything.
fn time_rank(field: &Field) -> Option<u8> {
    let words = words(&field.name);
    let any = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let by_name = match (any(&WRITTEN), any(&MADE)) {
        (true, _) => Some(0),
        (_, true) => Some(2),
        _ => None,
    };
    match field.field_type {
        FieldType::Timestamp | FieldType::Date => by_name.or((field.field_type == FieldType::Timestamp).then_some(4)),
        // `updatedBy` names somebody, and `addressChanged` says whether.
        FieldType::String => {
            let last = words.last().map(String::as_str);
            let is_of_time = words.len() == 1 || last.is_some_and(|word| OF_TIME.contains(&word));
            by_name.filter(|_| is_of_time).map(|rank| rank + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
            "id=ID",
            "crmId=CRMID",
            "profileId=PROFILEID",
            "loyalty_id=LOYALTYID",
            "`device-id`=DEVICEID",
            "personalEmail.address=Email",
            "phones[0].number=Phone",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_customers_system_is_guessed_once() {
        let text = |name: &str| field(name, FieldType::String);
        assert_eq!(told(vec![text("customerId"), text("profileId")]), ["customerId=CRMID", "profileId=PROFILEID"]);
        assert_eq!(told(vec![text("id"), text("name")]), ["id=CRMID"]);
    }

    #[test]
    fn times_are_found_by_name_first() {
        let text = |name: &str| field(name, FieldType::String);
        let time = |name: &str| field(name, FieldType::Timestamp);
        let fields = vec![
            time("lastPurchase"),
            text("updatedBy"),
            text("addressChanged"),
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
