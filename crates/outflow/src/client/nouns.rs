//! The API's kinds of objects, and finding one by name or id.

use outflow_model::{Fault, FaultClass};
use serde_json::Value;

use super::{At, Client, at, unexpected};
use crate::near::suggestion;
use crate::table::text;

/// A kind of objects.
#[derive(Debug)]
pub struct Noun {
    /// What people call one: `account`.
    pub one: &'static str,
    /// What people call several.
    pub many: &'static str,
    /// Path of the collection.
    pub path: &'static str,
    /// Member of a list's answer that holds the objects.
    pub list_member: &'static str,
}

const fn noun(one: &'static str, many: &'static str, path: &'static str, list_member: &'static str) -> Noun {
    Noun { one, many, path, list_member }
}

/// Kinds of destinations on offer.
pub const CONNECTION_SPECS: Noun =
    noun("kind of destination", "kinds of destinations", "/data/foundation/flowservice/connectionSpecs", "items");
/// Base connections.
pub const ACCOUNTS: Noun = noun("account", "accounts", "/data/foundation/flowservice/connections", "items");
/// Source connections: the profile store.
pub const SOURCES: Noun =
    noun("source connection", "source connections", "/data/foundation/flowservice/sourceConnections", "items");
/// Target connections.
pub const DESTINATIONS: Noun =
    noun("destination", "destinations", "/data/foundation/flowservice/targetConnections", "items");
/// Flows.
pub const FLOWS: Noun = noun("flow", "flows", "/data/foundation/flowservice/flows", "items");
/// Runs.
pub const RUNS: Noun = noun("run", "runs", "/data/foundation/flowservice/runs", "items");
/// Datasets.
pub const DATASETS: Noun = noun("dataset", "datasets", "/data/foundation/datasets", "items");
/// Segments.
pub const SEGMENTS: Noun = noun("segment", "segments", "/data/core/ups/segment/definitions", "segments");
/// Evaluations.
pub const SEGMENT_JOBS: Noun = noun("evaluation", "evaluations", "/data/core/ups/segment/jobs", "children");

/// When segments are evaluated by themselves.
pub const SCHEDULES: Noun = noun("schedule", "schedules", "/data/core/ups/config/schedules", "children");
/// What happened.
pub const ALERTS: Noun = noun("alert", "alerts", "/data/foundation/alerts", "items");
/// Who is told of what happens.
pub const SUBSCRIPTIONS: Noun = noun("subscription", "subscriptions", "/data/foundation/alerts/subscriptions", "items");
/// Who may ask for tokens.
pub const CLIENTS: Noun = noun("client", "clients", "/data/foundation/clients", "items");

impl Noun {
    /// The object with this id.
    pub fn id(&self, id: &str) -> At {
        at(self.path).then(id)
    }
}

/// An object's id.
pub fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_default()
}

/// An object's name.
pub fn name(object: &Value) -> &str {
    object["name"].as_str().unwrap_or_default()
}

/// The name of the object with this id; the id where the object is gone.
pub fn name_of(objects: &[Value], wanted: &Value) -> String {
    let found = objects.iter().find(|object| object["id"] == *wanted);
    found.map_or_else(|| text(wanted), |object| name(object).to_owned())
}

/// An object's etag.
pub fn etag(object: &Value) -> &str {
    object["etag"].as_str().unwrap_or("*")
}

impl Client {
    /// The object with this id: of answers that wrap it in a list, the first.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn one(&self, noun: &Noun, id: &str) -> Result<Value, Fault> {
        let mut answer = self.get(noun.id(id)).await?;
        match answer.get_mut("items") {
            Some(Value::Array(items)) if !items.is_empty() => Ok(items.swap_remove(0)),
            Some(_) => Err(unexpected(&format!("a {}", noun.one))),
            None => Ok(answer),
        }
    }

    /// Those of this name.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn named(&self, noun: &Noun, name: &str) -> Result<Vec<Value>, Fault> {
        // Commas and quotes have a meaning in filters; such names are looked for here.
        let plain = !name.contains([',', '"', '\'', '&']) && name.trim() == name;
        let filter = format!("name=={name}");
        let query = [("property", filter.as_str())];
        let mut found = self.list(noun, if plain { &query } else { &[] }).await?;
        found.retain(|object| self::name(object) == name);
        Ok(found)
    }

    /// The object that `text` names or is the id of.
    ///
    /// # Errors
    /// `Input` when there is none, with a name that is near, or when several have the name.
    pub async fn find(&self, noun: &Noun, text: &str) -> Result<Value, Fault> {
        let mut found = self.named(noun, text).await?;
        match found.len() {
            1 => return Ok(found.swap_remove(0)),
            0 => {}
            n => {
                let ids: Vec<&str> = found.iter().map(id).collect();
                return Err(Fault::input(format!("{n} {} are called {text}", noun.many))
                    .hint(format!("name the one you mean by its id: {}", ids.join(", "))));
            }
        }
        if looks_like_an_id(text) {
            match self.one(noun, text).await {
                Err(fault) if fault.class == FaultClass::Input => {}
                found => return found,
            }
        }
        let all = self.list(noun, &[]).await?;
        let near = suggestion(text, all.iter().map(name));
        Err(Fault::input(format!("there is no {} {text:?}{near}", noun.one))
            .tried(format!("GET {}", noun.path))
            .hint(if all.is_empty() { format!("there are no {} in this sandbox", noun.many) } else { String::new() }))
    }
}

/// Whether a text may be an id: ids are made by the server, and have no blanks.
fn looks_like_an_id(text: &str) -> bool {
    text.len() >= 16 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_gone_is_told_by_its_id() {
        let flows = [json!({"id": "1", "name": "acme"})];
        assert_eq!((name_of(&flows, &json!("1")), name_of(&flows, &json!("2"))), ("acme".into(), "2".into()));
    }
}
