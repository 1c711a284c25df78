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

/// Labels of the product.
pub const CORE_LABELS: Noun = noun("core label", "core labels", "/data/foundation/dulepolicy/labels/core", "children");
/// Labels of the organisation.
pub const LABELS: Noun = noun("label", "labels", "/data/foundation/dulepolicy/labels/custom", "children");
/// Marketing actions of the product.
pub const CORE_ACTIONS: Noun = noun(
    "core marketing action",
    "core marketing actions",
    "/data/foundation/dulepolicy/marketingActions/core",
    "children",
);
/// Marketing actions of the organisation.
pub const ACTIONS: Noun =
    noun("marketing action", "marketing actions", "/data/foundation/dulepolicy/marketingActions/custom", "children");
/// Policies of the product.
pub const CORE_POLICIES: Noun =
    noun("core policy", "core policies", "/data/foundation/dulepolicy/policies/core", "children");
/// Policies of the organisation.
pub const POLICIES: Noun = noun("policy", "policies", "/data/foundation/dulepolicy/policies/custom", "children");
/// Which profiles must have agreed to what.
pub const CONSENT_POLICIES: Noun =
    noun("consent policy", "consent policies", "/data/foundation/dulepolicy/consentPolicies", "children");
/// Labels of datasets are below these.
pub const LABELLED_DATASETS: Noun = noun("dataset", "datasets", "/data/foundation/dataset/datasets", "items");
/// Who is in no export.
pub const SUPPRESSIONS: Noun = noun("suppression", "suppressions", "/data/core/ups/suppressions", "items");

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

/// Something of the product's, or of the organisation's.
#[derive(Debug)]
pub struct Owned {
    /// Whether it comes with the product.
    pub is_core: bool,
    /// The object.
    pub object: Value,
}

impl Owned {
    /// In a word.
    pub fn owner(&self) -> &'static str {
        if self.is_core { "core" } else { "custom" }
    }
}

impl Client {
    /// The product's and the organisation's objects of a kind, in this order.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn owned(&self, core: &Noun, custom: &Noun) -> Result<Vec<Owned>, Fault> {
        let of = |objects: Vec<Value>, is_core| objects.into_iter().map(move |object| Owned { is_core, object });
        let core = of(self.list(core, &[]).await?, true);
        Ok(core.chain(of(self.list(custom, &[]).await?, false)).collect())
    }

    /// The one of them that `text` names or is the id of.
    ///
    /// # Errors
    /// `Input` when there is none, with a name that is near, or when several have the name.
    pub async fn find_owned(&self, core: &Noun, custom: &Noun, text: &str) -> Result<Owned, Fault> {
        let all = self.owned(core, custom).await?;
        let known = all.iter().flat_map(|owned| [name(&owned.object), id(&owned.object)]);
        let near = suggestion(text, known.filter(|known| !known.is_empty()));
        let is_meant = |owned: &Owned| name(&owned.object) == text || id(&owned.object) == text;
        let mut found: Vec<Owned> = all.into_iter().filter(is_meant).collect();
        match found.len() {
            0 => Err(Fault::input(format!("there is no {} {text:?}{near}", custom.one))
                .tried(format!("GET {} and {}", core.path, custom.path))),
            1 => Ok(found.swap_remove(0)),
            n => {
                let ids: Vec<&str> = found.iter().map(|owned| id(&owned.object)).collect();
                Err(Fault::input(format!("{n} {} are called {text}", custom.many))
                    .hint(format!("name the one you mean by its id: {}", ids.join(", "))))
            }
        }
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
