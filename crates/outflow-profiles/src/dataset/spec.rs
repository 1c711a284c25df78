//! What a dataset's records are: which fields identify a profile, and which says how new a record is.

use outflow_model::schema::{FieldType, Schema};
use outflow_model::{Fault, FieldPath};
use serde::{Deserialize, Serialize};

use crate::schema::with_article;
use crate::snapshot::INTERNAL_COLUMNS;

/// The records of one dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetSpec {
    /// What messages call it.
    pub name: String,
    /// The fields that identify a profile. One is primary.
    pub identities: Vec<IdentitySpec>,
    /// The time of a record: a timestamp, a date, or a text in ISO 8601. Of the records of one profile the newest wins;
    /// without this field, the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<FieldPath>,
}

/// A field that identifies a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentitySpec {
    /// Where the id is: text or a whole number.
    pub path: FieldPath,
    /// The system whose id it is, such as `Email` or `CRMID`.
    pub namespace: String,
    /// Whether the profile's own id is `namespace:value` of this identity.
    #[serde(default)]
    pub primary: bool,
}

/// Something that is wrong with a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecProblem {
    /// The member, such as `identities[0].path`.
    pub member: String,
    /// What is wrong with it, without a final period.
    pub message: String,
}

impl DatasetSpec {
    /// Compares the specification with the fields that the dataset's files have.
    ///
    /// # Errors
    /// Every problem, in the order of the members.
    pub fn check(&self, schema: &Schema) -> Result<(), Vec<SpecProblem>> {
        let mut problems = Vec::new();
        let mut add = |member: String, message: String| problems.push(SpecProblem { member, message });
        let primary = self.identities.iter().filter(|identity| identity.primary).count();
        if primary != 1 {
            add("identities".into(), format!("{primary} identities are primary; it must be one"));
        }
        for (n, identity) in self.identities.iter().enumerate() {
            if let Err(message) = check_namespace(&identity.namespace) {
                add(format!("identities[{n}].namespace"), message);
            }
            if self.identities[..n].iter().any(|i| i.path == identity.path && i.namespace == identity.namespace) {
                add(format!("identities[{n}]"), "is there twice".into());
            }
            if let Err(message) = check_type(schema, &identity.path, is_id, "an id is text or a whole number") {
                add(format!("identities[{n}].path"), message);
            }
        }
        if let Some(path) = &self.timestamp
            && let Err(message) = check_type(schema, path, is_time, "a time is a timestamp, a date or text in ISO 8601")
        {
            add("timestamp".into(), message);
        }
        for field in &schema.fields {
            if INTERNAL_COLUMNS.contains(&field.name.as_str()) {
                add("source".into(), format!("the field `{}` has a name that is reserved", field.name));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// [`DatasetSpec::check`] as one fault.
    pub(super) fn demand(&self, schema: &Schema) -> Result<(), Fault> {
        self.check(schema).map_err(|problems| {
            let each: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.member, p.message)).collect();
            Fault::input(format!("the dataset {} does not fit its files: {}", self.name, each.join("; ")))
                .hint("change the dataset's identities and timestamp, or the files")
        })
    }

    /// The identity that is the profile's own.
    pub(super) fn primary(&self) -> Option<usize> {
        self.identities.iter().position(|identity| identity.primary)
    }
}

fn check_namespace(namespace: &str) -> Result<(), String> {
    if namespace.is_empty() {
        return Err("is empty".into());
    }
    // `a:b:c` must not be an id of two namespaces.
    if namespace.contains(':') {
        return Err("holds a colon, which ends the namespace in a profile's id".into());
    }
    Ok(())
}

fn check_type(schema: &Schema, path: &FieldPath, fits: fn(&FieldType) -> bool, rule: &str) -> Result<(), String> {
    let found = path.resolve(schema).map_err(|e| match e.near.first() {
        Some(near) => format!("{}; did you mean `{near}`?", e.message),
        None => e.message,
    })?;
    if fits(found) { Ok(()) } else { Err(format!("`{path}` is {}; {rule}", with_article(&found.name()))) }
}

fn is_id(field_type: &FieldType) -> bool {
    matches!(field_type, FieldType::String | FieldType::Integer | FieldType::Decimal { scale: 0, .. })
}

fn is_time(field_type: &FieldType) -> bool {
    matches!(field_type, FieldType::Timestamp | FieldType::Date | FieldType::String)
}

#[cfg(test)]
mod tests {
    use super::*;
    use outflow_model::schema::Field;

    fn identity(path: &str, namespace: &str, primary: bool) -> IdentitySpec {
        IdentitySpec { path: FieldPath::parse(path).unwrap(), namespace: namespace.into(), primary }
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let field = |name: &str, field_type| Field { name: name.into(), field_type };
        let schema = Schema {
            fields: vec![
                field("crmId", FieldType::Integer),
                field("score", FieldType::Float),
                field("_outflow_id", FieldType::String),
            ],
        };
        let spec = DatasetSpec {
            name: "crm".into(),
            identities: vec![
                identity("crmId", "CRM:ID", true),
                identity("crmid", "", true),
                identity("score", "Score", false),
                identity("score", "Score", false),
            ],
            timestamp: Some(FieldPath::parse("score").unwrap()),
        };
        let problems = spec.check(&schema).unwrap_err();
        let members: Vec<&str> = problems.iter().map(|p| p.member.as_str()).collect();
        let expected = [
            "identities",
            "identities[0].namespace",
            "identities[1].namespace",
            "identities[1].path",
            "identities[2].path",
            "identities[3]",
            "identities[3].path",
            "timestamp",
            "source",
        ];
        assert_eq!(members, expected);
        assert!(problems[3].message.ends_with("did you mean `crmId`?"), "{}", problems[3].message);
        let fine = DatasetSpec { identities: vec![identity("crmId", "CRMID", true)], timestamp: None, ..spec };
        assert!(fine.check(&Schema { fields: schema.fields[..2].to_vec() }).is_ok());
    }
}
