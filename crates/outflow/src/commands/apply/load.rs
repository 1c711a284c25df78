//! Reading the files: YAML or JSON, kinds, names, and a body each.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use outflow_model::Fault;
use serde_json::{Map, Value};

use crate::near::suggestion;
use crate::secrets;
use crate::settings::read;

/// Bytes of a file at most.
const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A kind of objects, in the order in which they refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Custom labels.
    Label,
    /// Custom marketing actions.
    MarketingAction,
    /// Datasets.
    Dataset,
    /// Labels of datasets, by the dataset's name.
    DatasetLabels,
    /// Policies, of the product's their status alone.
    Policy,
    /// Consent policies.
    Consent,
    /// Segment definitions.
    Segment,
    /// Base connections.
    Account,
    /// Target connections.
    Destination,
    /// Flows.
    Flow,
}

const KINDS: [Kind; 10] = [
    Kind::Label,
    Kind::MarketingAction,
    Kind::Dataset,
    Kind::DatasetLabels,
    Kind::Policy,
    Kind::Consent,
    Kind::Segment,
    Kind::Account,
    Kind::Destination,
    Kind::Flow,
];

impl Kind {
    /// What one is called.
    pub fn one(self) -> &'static str {
        match self {
            Kind::Label => "label",
            Kind::MarketingAction => "marketing action",
            Kind::Dataset => "dataset",
            Kind::DatasetLabels => "labels of dataset",
            Kind::Policy => "policy",
            Kind::Consent => "consent policy",
            Kind::Segment => "segment",
            Kind::Account => "account",
            Kind::Destination => "destination",
            Kind::Flow => "flow",
        }
    }

    /// Whether it is one of those that say what may be exported.
    pub fn governs(self) -> bool {
        matches!(self, Kind::Label | Kind::MarketingAction | Kind::DatasetLabels | Kind::Policy | Kind::Consent)
    }

    /// What several are called, as in files.
    pub fn many(self) -> &'static str {
        match self {
            Kind::Label => "labels",
            Kind::MarketingAction => "marketingActions",
            Kind::Dataset => "datasets",
            Kind::DatasetLabels => "datasetLabels",
            Kind::Policy => "policies",
            Kind::Consent => "consentPolicies",
            Kind::Segment => "segments",
            Kind::Account => "accounts",
            Kind::Destination => "destinations",
            Kind::Flow => "flows",
        }
    }
}

/// One object as a file describes it.
#[derive(Debug)]
pub struct Document {
    pub kind: Kind,
    pub name: String,
    /// The API's body, with variables put in. Not shown anywhere: it may hold secrets.
    pub body: Map<String, Value>,
    /// Where it stands.
    pub file: PathBuf,
}

/// Every object of the files, in the order in which they refer to each other.
///
/// # Errors
/// `Input` when a file cannot be read or holds something else, a variable is not set, or two objects share a name.
pub fn load(places: &[PathBuf]) -> Result<Vec<Document>, Fault> {
    let mut documents: BTreeMap<(Kind, String), Document> = BTreeMap::new();
    for file in files(places)? {
        let text = if file.as_os_str() == "-" { stdin()? } else { read(&file)? };
        for document in parse(&file, &text)? {
            let key = (document.kind, document.name.clone());
            if let Some(other) = documents.get(&key) {
                return Err(Fault::input(format!(
                    "two {} are called {:?}: in {} and {}",
                    document.kind.many(),
                    document.name,
                    other.file.display(),
                    file.display()
                ))
                .tried(format!("read {}", file.display())));
            }
            documents.insert(key, document);
        }
    }
    Ok(documents.into_values().collect())
}

fn files(places: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    for place in places {
        if !place.is_dir() {
            files.push(place.clone());
            continue;
        }
        let unreadable = |e| Fault::input(format!("cannot read the folder {}", place.display())).because(e);
        let mut found = Vec::new();
        for entry in std::fs::read_dir(place).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("yaml" | "yml" | "json")) && path.is_file() {
                found.push(path);
            }
        }
        if found.is_empty() {
            return Err(Fault::input(format!("{} has no .yaml, .yml or .json file", place.display())).tried("--file"));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn stdin() -> Result<String, Fault> {
    let mut text = String::new();
    let failed = |e| Fault::input("stdin cannot be read as text").tried("--file -").because(e);
    std::io::stdin().lock().take(FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn parse(file: &Path, text: &str) -> Result<Vec<Document>, Fault> {
    let wrong = |message: String| {
        Fault::input(format!("{}: {message}", file.display()))
            .tried(format!("read {}", file.display()))
            .hint("see outflow apply --help")
    };
    if text.len() > FILE_BYTES_MAX {
        return Err(wrong("is larger than 16 MiB".into()));
    }
    // JSON is YAML. The parser's own message may quote a value; the place is enough.
    let root: Value = yaml_serde::from_str(text).map_err(|e| {
        let place = e.location().map(|at| format!(": line {}, column {}", at.line(), at.column()));
        wrong(format!("is neither YAML nor JSON{}", place.unwrap_or_default()))
    })?;
    let Value::Object(kinds) = root else { return Err(wrong("has no kinds of objects".into())) };
    let mut documents = Vec::new();
    for (word, objects) in kinds {
        let Some(kind) = KINDS.into_iter().find(|kind| kind.many() == word) else {
            let near = suggestion(&word, KINDS.into_iter().map(Kind::many));
            return Err(wrong(format!("there is no kind {word:?}{near}")));
        };
        let Value::Object(objects) = objects else {
            return Err(wrong(format!("{word} are given by name: {word}: {{NAME: {{…}}}}")));
        };
        for (name, body) in objects {
            let place = format!("{word} {name:?}");
            let Value::Object(body) = body else { return Err(wrong(format!("{place} has no members"))) };
            if body.get("name").is_some_and(|inner| inner.as_str() != Some(name.as_str())) {
                return Err(wrong(format!("{place} has another name inside; leave that one out")));
            }
            let body = expand(Value::Object(body), &crate::environment::variable);
            let Value::Object(body) = body.map_err(|fault| wrong(format!("{place}: {}", fault.message)))? else {
                continue;
            };
            documents.push(Document { kind, name, body, file: file.to_path_buf() });
        }
    }
    Ok(documents)
}

/// Puts variables into every text.
fn expand(value: Value, variable: &dyn Fn(&str) -> Option<String>) -> Result<Value, Fault> {
    Ok(match value {
        Value::String(text) => Value::String(secrets::expand(&text, variable)?),
        Value::Array(items) => items.into_iter().map(|item| expand(item, variable)).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let expanded = members.into_iter().map(|(name, value)| Ok((name, expand(value, variable)?)));
            Value::Object(expanded.collect::<Result<_, Fault>>()?)
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(text: &str) -> Result<Vec<Document>, String> {
        parse(Path::new("a.yaml"), text).map_err(|fault| fault.message)
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = parsed("segments:\n  gold:\n    expression: {value: \"a = 1\"}\n").unwrap();
        let json = parsed(r#"{"segments": {"gold": {"expression": {"value": "a = 1"}}}}"#).unwrap();
        assert_eq!(yaml[0].body, json[0].body);
        assert_eq!((yaml[0].kind, yaml[0].name.as_str()), (Kind::Segment, "gold"));
    }

    #[test]
    fn what_is_wrong_is_told_without_values() {
        for (text, told) in [
            ("segmets: {}", "did you mean segments?"),
            ("- hush", "no kinds"),
            ("accounts: [hush]", "by name"),
            ("accounts: {a: hush}", "no members"),
            ("accounts: {a: {name: hush}}", "another name"),
            ("accounts: {a: {x: \"${NOT_SET_ANYWHERE}\"}}", "NOT_SET_ANYWHERE is not set"),
            ("accounts: {a: \"hush\n  b: [", "line"),
        ] {
            let message = parsed(text).unwrap_err();
            assert!(message.contains(told) && !message.contains("hush"), "{text}: {message}");
        }
    }

    #[test]
    fn a_folder_is_its_files_and_a_name_is_given_once() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("b.yml"), "flows: {f: {state: enabled}}").unwrap();
        std::fs::write(temp.path().join("a.json"), r#"{"datasets": {"d": {"x": 1}}}"#).unwrap();
        std::fs::write(temp.path().join("readme.md"), "no").unwrap();
        let found = load(&[temp.path().to_path_buf()]).unwrap();
        assert_eq!(found.iter().map(|d| d.kind).collect::<Vec<_>>(), [Kind::Dataset, Kind::Flow]);
        std::fs::write(temp.path().join("c.yaml"), "flows: {f: {}}").unwrap();
        assert!(load(&[temp.path().to_path_buf()]).unwrap_err().message.contains("two flows are called \"f\""));
    }

    #[test]
    fn variables_are_put_in_at_any_depth() {
        let known = |name: &str| (name == "A").then(|| "1".to_owned());
        let expanded = expand(json!({"x": ["${A}", {"y": "$${A}"}], "n": 3}), &known).unwrap();
        assert_eq!(expanded, json!({"x": ["1", {"y": "${A}"}], "n": 3}));
    }
}
