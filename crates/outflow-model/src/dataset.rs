//! Datasets: where profile records lie, and what identifies a person in them.
//!
//! `{name, description?, source: {format?, urls[]}, identities: [{path, namespace, primary?}], timestamp?}`. One identity
//! is primary, the first unless another is marked: `namespace:value` of it is the profile's id. Within a dataset the newest
//! record of a primary identity wins, by `timestamp`; without one it is the last in file order. Whether the paths lead
//! somewhere is found when the records are read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::Node;
use crate::path::FieldPath;
use crate::problem::{Findings, Problems};

/// The longest name of a dataset, in characters.
pub const DATASET_NAME_CHARS_MAX: usize = 255;

/// The most places that a dataset reads from; each may be a glob.
pub const DATASET_URLS_MAX: usize = 1_000;

/// How the records of a dataset are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// Where the records of a dataset lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetSource {
    /// How they are written; where it is not said, the names of the files tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<DatasetFormat>,
    /// Absolute paths, globs, `file://` and `s3://` URLs.
    pub urls: Vec<String>,
}

impl DatasetSource {
    /// Reads the member `source` of a body.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(body: &Value) -> Result<DatasetSource, Problems> {
        let mut findings = Findings::default();
        let body = Node::at(body, "");
        let found = body.required("source", &mut findings).and_then(|member| source(&member, &mut findings));
        findings.into_result(found).map(|(source, _)| source)
    }
}

/// A field that identifies a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetIdentity {
    /// Where the identity stands in a record.
    pub path: FieldPath,
    /// The system it belongs to, for example `Email`.
    pub namespace: String,
    /// Whether it is the one that profiles are known by.
    pub primary: bool,
}

/// A dataset as it is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetDefinition {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where its records lie.
    pub source: DatasetSource,
    /// What identifies a person, in order; exactly one is primary.
    pub identities: Vec<DatasetIdentity>,
    /// When a record was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<FieldPath>,
}

impl DatasetDefinition {
    /// Reads the body with which a dataset is attached.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(body: &Value) -> Result<DatasetDefinition, Problems> {
        let mut findings = Findings::default();
        let definition = definition(&Node::at(body, ""), &mut findings);
        findings.into_result(definition).map(|(definition, _)| definition)
    }

    /// The identity that profiles are known by; a definition that was read has one.
    pub fn primary(&self) -> Option<&DatasetIdentity> {
        self.identities.iter().find(|identity| identity.primary)
    }
}

fn definition(body: &Node<'_>, findings: &mut Findings) -> Option<DatasetDefinition> {
    body.object(findings)?;
    let name = body.required("name", findings).and_then(|member| name(&member, findings));
    let description = body.member("description").and_then(|member| member.text(findings)).map(str::to_string);
    let source = body.required("source", findings).and_then(|member| source(&member, findings));
    let identities = body.required("identities", findings).and_then(|member| identities(&member, findings));
    let timestamp = body.member("timestamp").and_then(|member| member.path(findings));
    Some(DatasetDefinition { name: name?, description, source: source?, identities: identities?, timestamp })
}

fn name(member: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = member.filled_text(findings)?;
    if name.chars().count() > DATASET_NAME_CHARS_MAX {
        findings.add(&member.pointer, format!("has more than {DATASET_NAME_CHARS_MAX} characters"));
    }
    if name.chars().any(char::is_control) {
        findings.add(&member.pointer, "holds a control character or line break");
    }
    Some(name.to_string())
}

fn source(member: &Node<'_>, findings: &mut Findings) -> Option<DatasetSource> {
    const FORMATS: [(&str, DatasetFormat); 4] = [
        ("parquet", DatasetFormat::Parquet),
        ("csv", DatasetFormat::Csv),
        ("ndjson", DatasetFormat::Ndjson),
        ("json", DatasetFormat::Ndjson),
    ];
    member.object(findings)?;
    let format = member.member("format").and_then(|format| format.one_of(&FORMATS, findings));
    let urls_member = member.required("urls", findings)?;
    let items = urls_member.items(findings)?;
    if items.is_empty() {
        findings.add(&urls_member.pointer, "is empty: name at least one path, glob or URL");
    }
    if items.len() > DATASET_URLS_MAX {
        findings.add(&urls_member.pointer, format!("names more than {DATASET_URLS_MAX} places; use globs"));
    }
    let urls = items.iter().filter_map(|item| url(item, findings)).collect();
    Some(DatasetSource { format, urls })
}

/// Messages do not repeat a URL, for some people write passwords into them.
fn url(item: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = item.filled_text(findings)?;
    let problem = if let Some(rest) = text.strip_prefix("s3://") {
        match rest.split('/').next().unwrap_or_default() {
            "" => Some("names no bucket"),
            bucket if bucket.contains('@') => {
                Some("holds a user or password: credentials belong in the server's settings")
            }
            _ => None,
        }
    } else {
        let path = text.strip_prefix("file://").unwrap_or(text);
        let is_place = path.starts_with('/') && !path.trim_matches('/').is_empty();
        (!is_place).then_some("must be an absolute path, or a file:// or s3:// URL; globs are allowed")
    };
    if let Some(problem) = problem {
        findings.add(&item.pointer, problem);
    }
    Some(text.to_string())
}

fn identities(member: &Node<'_>, findings: &mut Findings) -> Option<Vec<DatasetIdentity>> {
    let items = member.items(findings)?;
    if items.is_empty() {
        findings.add(&member.pointer, "is empty: name at least one field that identifies a person");
    }
    let mut identities: Vec<DatasetIdentity> = Vec::new();
    for item in &items {
        let Some(identity) = identity(item, findings) else { continue };
        if identities.iter().any(|other| other.path == identity.path && other.namespace == identity.namespace) {
            findings.add(&item.pointer, format!("`{}` is named twice for {}", identity.path, identity.namespace));
        }
        if identity.primary && identities.iter().any(|other| other.primary) {
            findings.add(item.pointer_to("primary"), "is the second primary identity: exactly one is");
        }
        identities.push(identity);
    }
    if let (true, Some(first)) = (identities.iter().all(|identity| !identity.primary), identities.first_mut()) {
        first.primary = true;
    }
    Some(identities)
}

fn identity(item: &Node<'_>, findings: &mut Findings) -> Option<DatasetIdentity> {
    item.object(findings)?;
    let path = item.required("path", findings).and_then(|member| member.path(findings));
    let namespace = item.required("namespace", findings).and_then(|member| {
        let namespace = member.filled_text(findings)?;
        // `namespace:value` is a profile's id, so that a colon would make two profiles one.
        if namespace.contains(|c: char| c == ':' || c.is_control() || c.is_whitespace()) {
            findings.add(&member.pointer, "must not hold a colon, blanks or control characters");
        }
        Some(namespace.to_string())
    });
    let primary = item.member("primary").map(|member| member.boolean(findings));
    Some(DatasetIdentity { path: path?, namespace: namespace?, primary: primary.flatten().unwrap_or(false) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(changes: &Value) -> Value {
        let mut body = json!({
            "name": "crm",
            "source": {"format": "parquet", "urls": ["/lake/crm/*.parquet", "s3://lake/crm/", "file:///lake/x.csv"]},
            "identities": [{"path": "crmId", "namespace": "CRMID"}, {"path": "email.address", "namespace": "Email"}],
            "timestamp": "updatedAt",
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn parse(changes: &Value) -> Result<DatasetDefinition, Problems> {
        DatasetDefinition::parse(&body(changes))
    }

    fn fields(changes: &Value) -> Vec<String> {
        parse(changes).unwrap_err().0.into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn the_first_identity_is_primary_unless_another_is_marked() {
        let primary = |changes: &Value| parse(changes).unwrap().primary().unwrap().namespace.clone();
        assert_eq!(primary(&json!({})), "CRMID");
        let marked = json!({"identities": [
            {"path": "a", "namespace": "A", "primary": false}, {"path": "b", "namespace": "B", "primary": true},
        ]});
        assert_eq!(primary(&marked), "B");
        let definition = parse(&marked).unwrap();
        assert_eq!(definition.identities.iter().filter(|identity| identity.primary).count(), 1);
        let text = serde_json::to_string(&definition).unwrap();
        assert_eq!(serde_json::from_str::<DatasetDefinition>(&text).unwrap(), definition);
    }

    #[test]
    fn every_problem_has_its_field() {
        for (changes, expected) in [
            (
                json!({"name": null, "source": null, "identities": null, "timestamp": "a..b"}),
                vec!["/name", "/source", "/identities", "/timestamp"],
            ),
            (json!({"name": " ", "description": 1}), vec!["/name", "/description"]),
            (json!({"name": "x".repeat(256)}), vec!["/name"]),
            (json!({"source": {"format": "orc"}}), vec!["/source/format", "/source/urls"]),
            (json!({"source": {"urls": []}}), vec!["/source/urls"]),
            (
                json!({"source": {"urls": ["", "crm.csv", 7, "file://x", "s3://", "https://a/b", "s3://k:s@b/c"]}}),
                vec![
                    "/source/urls/0",
                    "/source/urls/1",
                    "/source/urls/2",
                    "/source/urls/3",
                    "/source/urls/4",
                    "/source/urls/5",
                    "/source/urls/6",
                ],
            ),
            (json!({"identities": []}), vec!["/identities"]),
            (json!({"identities": [{}, 3]}), vec!["/identities/0/path", "/identities/0/namespace", "/identities/1"]),
            (
                json!({"identities": [{"path": "a", "namespace": "E:m"}, {"path": "b", "namespace": "E m", "primary": "yes"}]}),
                vec!["/identities/0/namespace", "/identities/1/namespace", "/identities/1/primary"],
            ),
            (
                json!({"identities": [
                    {"path": "a", "namespace": "A", "primary": true}, {"path": "b", "namespace": "B", "primary": true},
                    {"path": "a", "namespace": "A"},
                ]}),
                vec!["/identities/1/primary", "/identities/2"],
            ),
        ] {
            assert_eq!(fields(&changes), expected, "{changes}");
        }
        assert!(DatasetDefinition::parse(&json!("x")).is_err());
        let secret = parse(&json!({"source": {"urls": ["s3://key:hunter2@b/c"]}})).unwrap_err();
        assert!(!secret.to_string().contains("hunter2"));
    }
}
