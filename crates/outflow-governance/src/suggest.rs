//! Suggested labels: fields that look like e-mail addresses, phone numbers, places or identifiers, by their name and by the
//! shape of sampled values. A person accepts or refuses each; nothing is labelled by itself.
//!
//! Values are counted by shape as they are seen and not kept, so that none can reach a message.

mod roles;

use std::collections::BTreeMap;

use outflow_model::dataset::DatasetIdentity;
use outflow_model::schema::{FieldType, Schema};
use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::labels::{DatasetLabels, SchemaPath, SchemaStep};

pub use roles::{LikelyIdentity, likely_identities, likely_times};

/// From how many sampled values on their shape counts against a name.
pub const SAMPLE_VALUES_MIN: u64 = 20;

/// The longest value that is looked at, in bytes; longer ones have no shape.
const VALUE_BYTES_MAX: usize = 256;

/// The most suggestions for one dataset.
pub const SUGGESTIONS_MAX: usize = 1_000;

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Likeness {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// Latitude, longitude, or both.
    Coordinates,
    /// An id of a person, a device or a browser.
    Identifier,
}

impl Likeness {
    /// The label that is suggested.
    fn label(self) -> &'static str {
        match self {
            Likeness::Email | Likeness::Phone => "I1",
            Likeness::Coordinates => "S1",
            Likeness::Identifier => "I2",
        }
    }
}

/// Why a label is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// The dataset names the field as an identity.
    Identity,
    /// The field's name says so.
    Name,
    /// Most of the sampled values have the shape.
    Values,
}

/// A suggested label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The field.
    pub schema_path: SchemaPath,
    /// The label.
    pub label: Label,
    /// What the field looks like.
    pub likeness: Likeness,
    /// Why, each reason once.
    pub reasons: Vec<Reason>,
    /// How many values were sampled.
    pub values_sampled: u64,
    /// How many of them have the shape.
    pub values_alike: u64,
}

/// A suggestion that a person refused. It is not made again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedSuggestion {
    /// The field.
    pub schema_path: SchemaPath,
    /// The label.
    pub label: Label,
}

/// Shapes of the sampled values of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    seen: u64,
    alike: BTreeMap<Likeness, u64>,
}

impl Shapes {
    /// Counts a value that is not null.
    pub fn observe(&mut self, value: &str) {
        self.seen += 1;
        if value.len() > VALUE_BYTES_MAX {
            return;
        }
        if let Some(likeness) = shape_of(value.trim()) {
            *self.alike.entry(likeness).or_default() += 1;
        }
    }

    fn alike(&self, likeness: Likeness) -> u64 {
        self.alike.get(&likeness).copied().unwrap_or(0)
    }

    /// Whether any value looked like it tells of somebody.
    fn has_any(&self) -> bool {
        !self.alike.is_empty()
    }
}

/// Suggestions for a dataset, in the order of its fields. Fields that have the label, by themselves or inherited, and
/// suggestions that were refused are left out. `samples` are shapes of values, by field; any may be missing.
pub fn suggestions(
    schema: &Schema,
    identities: &[DatasetIdentity],
    samples: &BTreeMap<SchemaPath, Shapes>,
    labels: &DatasetLabels,
    refused: &[RefusedSuggestion],
) -> Vec<Suggestion> {
    let mut walk = Walk { identities, samples, labels, refused, found: Vec::new() };
    each_scalar(schema, &mut |place, field_type, names| walk.scalar(place, field_type, names));
    walk.found
}

/// Fields that may tell of somebody, in the order of the schema: any whose name looks like it, whatever its values say, and
/// any that has a value which does. For hiding values; many are not worth a suggestion.
pub fn telling(schema: &Schema, samples: &BTreeMap<SchemaPath, Shapes>) -> Vec<SchemaPath> {
    let mut found = Vec::new();
    each_scalar(schema, &mut |place, field_type, names| {
        if likeness_of_name(names, field_type).is_some() || samples.get(place).is_some_and(Shapes::has_any) {
            found.push(place.clone());
        }
    });
    found
}

/// Accepts a suggestion: the field has the label from now on.
pub fn accept(suggestion: &Suggestion, labels: &mut DatasetLabels) {
    labels.add(&suggestion.schema_path, &suggestion.label);
}

struct Walk<'w> {
    identities: &'w [DatasetIdentity],
    samples: &'w BTreeMap<SchemaPath, Shapes>,
    labels: &'w DatasetLabels,
    refused: &'w [RefusedSuggestion],
    found: Vec<Suggestion>,
}

/// Takes the place of a scalar, its type, and the names of what is around it and its own, outermost first.
type VisitScalar<'v> = dyn FnMut(&SchemaPath, &FieldType, &[&str]) + 'v;

fn each_scalar(schema: &Schema, visit: &mut VisitScalar<'_>) {
    for field in &schema.fields {
        let place = SchemaPath(vec![SchemaStep::Property(field.name.clone())]);
        scalars(&place, &field.field_type, &[field.name.as_str()], visit);
    }
}

fn scalars(place: &SchemaPath, field_type: &FieldType, names: &[&str], visit: &mut VisitScalar<'_>) {
    match field_type {
        FieldType::Struct(fields) => {
            for field in fields {
                let names: Vec<&str> = names.iter().copied().chain([field.name.as_str()]).collect();
                scalars(&place.then(SchemaStep::Property(field.name.clone())), &field.field_type, &names, visit);
            }
        }
        FieldType::List(item) => scalars(&place.then(SchemaStep::Items), item, names, visit),
        FieldType::Map(value) => scalars(&place.then(SchemaStep::Values), value, names, visit),
        scalar => visit(place, scalar, names),
    }
}

impl Walk<'_> {
    fn scalar(&mut self, place: &SchemaPath, field_type: &FieldType, names: &[&str]) {
        let shapes = self.samples.get(place);
        let seen = shapes.map_or(0, |shapes| shapes.seen);
        let alike = |likeness| shapes.map_or(0, |shapes| shapes.alike(likeness));
        let mut reasons: BTreeMap<Likeness, Vec<Reason>> = BTreeMap::new();
        if let Some(identity) = self.identities.iter().find(|identity| SchemaPath::of(&identity.path) == *place) {
            reasons.entry(likeness_of_namespace(&identity.namespace)).or_default().push(Reason::Identity);
        }
        // A name counts unless most of the values speak against it.
        if let Some(likeness) = likeness_of_name(names, field_type).filter(|likeness| {
            *likeness == Likeness::Identifier || seen < SAMPLE_VALUES_MIN || alike(*likeness) * 2 > seen
        }) {
            reasons.entry(likeness).or_default().push(Reason::Name);
        }
        let is_typical = |likeness: &Likeness| seen >= SAMPLE_VALUES_MIN && alike(*likeness) * 10 >= seen * 8;
        let shaped = [Likeness::Email, Likeness::Phone, Likeness::Coordinates, Likeness::Identifier];
        if *field_type == FieldType::String
            && let Some(likeness) = shaped.into_iter().find(is_typical)
        {
            reasons.entry(likeness).or_default().push(Reason::Values);
        }
        for (likeness, reasons) in reasons {
            self.add(place, likeness, reasons, (seen, alike(likeness)));
        }
    }

    fn add(&mut self, place: &SchemaPath, likeness: Likeness, reasons: Vec<Reason>, (seen, alike): (u64, u64)) {
        let Ok(label) = Label::new(likeness.label()) else { return };
        let around = self.labels.fields.iter().filter(|field| field.schema_path.covers(place));
        let has_label = around.flat_map(|field| &field.labels).chain(&self.labels.labels).any(|other| *other == label);
        let is_refused = self.refused.iter().any(|refused| refused.schema_path == *place && refused.label == label);
        let is_there = self.found.iter().any(|found| found.schema_path == *place && found.label == label);
        if has_label || is_refused || is_there || self.found.len() >= SUGGESTIONS_MAX {
            return;
        }
        let schema_path = place.clone();
        self.found.push(Suggestion {
            schema_path,
            label,
            likeness,
            reasons,
            values_sampled: seen,
            values_alike: alike,
        });
    }
}

fn likeness_of_namespace(namespace: &str) -> Likeness {
    match namespace.to_lowercase().as_str() {
        "email" => Likeness::Email,
        "phone" => Likeness::Phone,
        _ => Likeness::Identifier,
    }
}

/// Words of names that say what is known of a thing rather than the thing.
const ABOUT: [&str; 23] = [
    "consent",
    "consents",
    "opt",
    "optin",
    "optout",
    "type",
    "kind",
    "format",
    "status",
    "count",
    "flag",
    "domain",
    "verified",
    "valid",
    "subscribed",
    "preference",
    "preferred",
    "date",
    "time",
    "timestamp",
    "at",
    "hash",
    "sent",
];

/// Names that say nothing without what is around them.
const BARE: [&str; 6] = ["address", "value", "number", "text", "raw", "full"];

/// What the name of a scalar field says. `names` are those of what is around it and its own, outermost first.
fn likeness_of_name(names: &[&str], field_type: &FieldType) -> Option<Likeness> {
    let own = words(names.last()?);
    let mut said = own.clone();
    if own.iter().all(|word| BARE.contains(&word.as_str()))
        && let Some(around) = names.len().checked_sub(2).and_then(|at| names.get(at))
    {
        said.extend(words(around));
    }
    if names.iter().flat_map(|name| words(name)).any(|word| ABOUT.contains(&word.as_str())) {
        return None;
    }
    let has = |word: &str| said.iter().any(|other| other == word);
    let any = |known: &[&str]| known.iter().any(|word| has(word));
    let is_text = *field_type == FieldType::String;
    let is_number = matches!(field_type, FieldType::Float | FieldType::Decimal { .. });
    if is_text && (any(&["email", "emails", "mail"])) {
        return Some(Likeness::Email);
    }
    if (is_text || *field_type == FieldType::Integer)
        && any(&["phone", "phones", "mobile", "telephone", "msisdn", "cellphone"])
    {
        return Some(Likeness::Phone);
    }
    if (is_text || is_number) && any(&["lat", "latitude", "lon", "lng", "longitude", "coordinates", "geopoint"]) {
        return Some(Likeness::Coordinates);
    }
    let is_id = any(&["ecid", "gaid", "idfa", "imei", "uuid", "guid", "cookie", "ssn", "passport", "ip"]);
    let is_someones = has("id")
        && any(&[
            "crm", "customer", "person", "profile", "user", "device", "visitor", "account", "loyalty", "member",
            "client",
        ]);
    ((is_text || *field_type == FieldType::Integer) && (is_id || is_someones)).then_some(Likeness::Identifier)
}

/// The words of a name in lower case: `personalEmail_address2` has personal, email and address.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphabetic(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The shape of a value.
fn shape_of(value: &str) -> Option<Likeness> {
    if is_email(value) {
        return Some(Likeness::Email);
    }
    if is_coordinate(value) {
        return Some(Likeness::Coordinates);
    }
    if is_phone(value) {
        return Some(Likeness::Phone);
    }
    is_identifier(value).then_some(Likeness::Identifier)
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let is_word = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    !local.is_empty()
        && local.chars().all(is_word)
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

/// A leading plus or zero, or brackets and blanks as people write them: a bare number is not taken for a phone's.
fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_written = value.chars().all(|c| c.is_ascii_digit() || "+-() ./".contains(c));
    let is_marked =
        value.starts_with(['+', '(']) || value.starts_with('0') && !value.contains('.') || value.contains(' ');
    // A day such as 2026-11-25 has digits and hyphens, too, and no mark.
    (7..=15).contains(&digits) && is_written && is_marked && value.rfind('+').is_none_or(|at| at == 0)
}

/// One number with three digits behind the point, or two of them: a hundred metres is precise.
fn is_coordinate(value: &str) -> bool {
    let is_one = |text: &str| {
        let text = text.trim();
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let is_plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        is_plain && decimals >= 3 && text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 180.0)
    };
    match value.split_once([',', ';']) {
        Some((latitude, longitude)) => is_one(latitude) && is_one(longitude),
        None => is_one(value),
    }
}

/// A UUID, a hash of 32, 40 or 64 hexadecimal digits, an IPv4 address, or the 38 digits of an ECID.
fn is_identifier(value: &str) -> bool {
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    let is_uuid = groups == [8, 4, 4, 4, 12] && value.split('-').all(is_hex);
    let is_hash = matches!(value.len(), 32 | 40 | 64) && is_hex(value);
    let is_ecid = value.len() == 38 && value.bytes().all(|b| b.is_ascii_digit());
    is_uuid || is_hash || is_ecid || value.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests;
