//! What differs between an object and its description: only what the description names counts.

use serde_json::{Map, Value, json};

/// Shown in place of a secret.
const MASK: &str = "(secret)";

/// A member that is to be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// JSON Pointer.
    pub path: String,
    /// What is there; none where nothing is.
    pub from: Option<Value>,
    /// What shall be there.
    pub to: Value,
    /// Whether its values are kept from everyone's eyes.
    pub is_secret: bool,
}

impl Change {
    /// For people.
    pub fn line(&self) -> String {
        let from = match &self.from {
            None => "nothing".to_owned(),
            Some(value) => self.shown(value).to_string(),
        };
        format!("    {}: {from} -> {}", self.path, self.shown(&self.to))
    }

    /// For machines.
    pub fn json(&self) -> Value {
        json!({
            "path": self.path,
            "from": self.from.as_ref().map(|from| self.shown(from)),
            "to": self.shown(&self.to),
        })
    }

    /// The operation that makes the change: `add` replaces what is there.
    pub fn operation(&self) -> Value {
        json!({"op": "add", "path": self.path, "value": self.to})
    }

    fn shown(&self, value: &Value) -> Value {
        if self.is_secret { MASK.into() } else { value.clone() }
    }
}

/// The members of `wanted` that `current` has not, or has otherwise. Lists are compared, and changed, whole.
pub fn changes(current: &Value, wanted: &Map<String, Value>) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", current, wanted, &mut found);
    found
}

/// What differs where `wanted` is all that shall be there: members that it has not are changed to nothing.
pub fn replacing(current: &Value, wanted: &Value) -> Vec<Change> {
    changes(current, with_gone(current, wanted).as_object().unwrap_or(&Map::new()))
}

fn with_gone(current: &Value, wanted: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (current, wanted) else { return wanted.clone() };
    let mut all = after.clone();
    for (name, value) in before {
        all.insert(name.clone(), with_gone(value, after.get(name).unwrap_or(&Value::Null)));
    }
    Value::Object(all)
}

fn compare(path: &str, current: &Value, wanted: &Map<String, Value>, found: &mut Vec<Change>) {
    for (name, value) in wanted {
        let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (current.get(name), value) {
            (Some(inner), Value::Object(members)) if inner.is_object() => compare(&path, inner, members, found),
            (Some(inner), value) if equal(inner, value) => {}
            // Absent and null are the same to whoever describes an object.
            (None, Value::Null) => {}
            (inner, value) => {
                found.push(Change { path, from: inner.cloned(), to: value.clone(), is_secret: false });
            }
        }
    }
}

/// Whether both say the same. Elements of lists are described whole: what one of them no longer has was taken out.
fn equal(current: &Value, wanted: &Value) -> bool {
    match (current, wanted) {
        (Value::Object(current), Value::Object(wanted)) => {
            let of = |members: &Map<String, Value>, name: &String| members.get(name).cloned().unwrap_or(Value::Null);
            current.keys().chain(wanted.keys()).all(|name| equal(&of(current, name), &of(wanted, name)))
        }
        (Value::Array(current), Value::Array(wanted)) => {
            current.len() == wanted.len() && current.iter().zip(wanted).all(|(a, b)| equal(a, b))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (current, wanted) => current == wanted,
    }
}

/// What is there with the changes made.
pub fn applied(current: &Value, changes: &[Change]) -> Value {
    let mut all = current.clone();
    for change in changes {
        let Some((parent, member)) = change.path.rsplit_once('/') else { continue };
        if let Some(members) = all.pointer_mut(parent).and_then(Value::as_object_mut) {
            members.insert(member.replace("~1", "/").replace("~0", "~"), change.to.clone());
        }
    }
    all
}

/// The change as a body that holds nothing else: for what is changed by naming members.
pub fn partial(changes: &[Change], wanted: &Map<String, Value>) -> Value {
    let top = changes.iter().filter_map(|change| change.path[1..].split('/').next());
    let members = top.filter_map(|name| Some((name.to_owned(), wanted.get(name)?.clone())));
    Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(current: &Value, wanted: &Value) -> Vec<String> {
        changes(current, wanted.as_object().unwrap()).into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn only_what_is_described_counts() {
        let current = json!({"id": 1, "a": {"b": 1, "c": [1, {"x": 1, "y": 2}]}, "n": 1.0});
        let same = json!({"a": {"c": [1, {"x": 1, "y": 2.0, "z": null}]}, "n": 1, "gone": null});
        assert!(paths(&current, &same).is_empty());
        // What was taken out of an element is a change.
        assert_eq!(paths(&current, &json!({"a": {"c": [1, {"x": 1}]}})), ["/a/c"]);
        let wanted = json!({"a": {"b": 2, "c": [1], "d/e": {"f": 1}}, "new": 3});
        assert_eq!(paths(&current, &wanted), ["/a/b", "/a/c", "/a/d~1e", "/new"]);
    }

    #[test]
    fn what_is_replaced_whole_loses_what_is_not_described() {
        let current = json!({"a": {"b": 1, "c": 2}, "d": 3, "e": null});
        let found = replacing(&current, &json!({"a": {"b": 1, "x": 4}}));
        let lines: Vec<String> = found.iter().map(Change::line).collect();
        assert_eq!(lines, ["    /a/x: nothing -> 4", "    /a/c: 2 -> null", "    /d: 3 -> null"]);
    }

    #[test]
    fn a_secret_is_not_shown_and_is_sent() {
        let change = Change { path: "/p".into(), from: Some("old".into()), to: "hush".into(), is_secret: true };
        assert_eq!(change.line(), "    /p: \"(secret)\" -> \"(secret)\"");
        assert!(!change.json().to_string().contains("hush"));
        assert_eq!(change.operation()["value"], "hush");
    }

    #[test]
    fn a_partial_body_has_the_members_that_differ_whole() {
        let wanted = json!({"expression": {"format": "pql/text", "value": "a = 2"}, "description": "same"});
        let found = changes(
            &json!({"expression": {"format": "pql/text", "value": "a = 1"}, "description": "same"}),
            wanted.as_object().unwrap(),
        );
        assert_eq!(partial(&found, wanted.as_object().unwrap()), json!({"expression": wanted["expression"]}));
    }
}
