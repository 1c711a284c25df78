//! What governs: labels, marketing actions, labels of datasets, policies and consent policies. They come before what they
//! govern, so that nothing is made that they forbid.

use outflow_governance::SchemaPath;
use outflow_model::Fault;
use serde_json::{Map, Value, json};

use super::super::Action;
use super::super::diff::{Change, applied, changes, replacing};
use super::super::load::{Document, Kind};
use super::super::sandbox::Sandbox;
use super::{change, create};
use crate::client::nouns::{LABELLED_DATASETS, etag, id, name};
use crate::client::references;
use crate::commands::expression;

/// Puts a label or a marketing action, which is found at its name.
///
/// # Errors
/// As [`super::put`].
pub async fn put_named(
    sandbox: &mut Sandbox<'_>,
    kind: Kind,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    if kind == Kind::Label {
        wanted.entry("category").or_insert_with(|| "Custom".into());
    }
    let named = wanted.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    sandbox.check_own(kind, &named)?;
    let place = kind.noun().id(&named);
    let Some(current) = current else {
        if !dry {
            let made = sandbox.client.put(place, None, &Value::Object(wanted)).await?;
            sandbox.add(kind, made);
        } else if kind == Kind::MarketingAction {
            sandbox.assumed.action(&named);
        }
        return Ok(Action::Create);
    };
    let found = changes(current, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        let mut body = current.as_object().cloned().unwrap_or_default();
        body.extend(wanted);
        sandbox.client.put(place, Some(etag(current)), &Value::Object(body)).await?;
    }
    Ok(Action::Update(found))
}

/// Puts a policy. One that comes with the product has nothing but a status here.
///
/// # Errors
/// As [`super::put`].
pub async fn put_policy(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    document: &Document,
    dry: bool,
) -> Result<Action, Fault> {
    if let Some(core) = sandbox.core_policy(&document.name).cloned() {
        return put_core_policy(sandbox, &core, &document.body, dry).await;
    }
    if let Some(Value::String(text)) = wanted.get("deny") {
        let deny = expression::labels(text)?;
        wanted.insert("deny".into(), deny);
    }
    if let Some(deny) = wanted.get("deny") {
        check_labels(sandbox, deny)?;
    }
    let mut body = Value::Object(wanted);
    references::each(&mut body, &mut |given| sandbox.action(given))?;
    let wanted = body.as_object().cloned().unwrap_or_default();
    put_governing(sandbox, Kind::Policy, current, wanted, dry).await
}

/// Puts a consent policy.
///
/// # Errors
/// As [`super::put`].
pub async fn put_consent(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    if let Some(when) = wanted.get_mut("if") {
        references::each(when, &mut |given| sandbox.action(given))?;
        check_labels(sandbox, when)?;
    }
    put_governing(sandbox, Kind::Consent, current, wanted, dry).await
}

async fn put_governing(
    sandbox: &mut Sandbox<'_>,
    kind: Kind,
    current: Option<&Value>,
    wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    let Some(current) = current else {
        match (dry, kind) {
            (false, _) => drop(create(sandbox, kind, wanted).await?),
            (true, Kind::Policy) => sandbox.assumed.policy(wanted.into()),
            (true, _) => {}
        }
        return Ok(Action::Create);
    };
    // Shown with addresses, compared without.
    let mut compared = current.clone();
    references::settle(&mut compared);
    let found = changes(&compared, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    // A condition is replaced whole: a part of the old one beside the new one would be neither.
    let found = whole(found, &compared, &wanted);
    match (dry, kind) {
        (false, _) => change(sandbox, kind, current, &found).await?,
        (true, Kind::Policy) => sandbox.assumed.policy(applied(&compared, &found)),
        (true, _) => {}
    }
    Ok(Action::Update(found))
}

/// Changes inside a member as one change of the member.
fn whole(found: Vec<Change>, current: &Value, wanted: &Map<String, Value>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for change in found {
        let member = change.path[1..].split('/').next().unwrap_or_default().to_owned();
        let path = format!("/{member}");
        if changes.iter().any(|change| change.path == path) {
            continue;
        }
        let to = wanted.get(&member).cloned().unwrap_or_default();
        changes.push(Change { path, from: current.get(&member).cloned(), to, is_secret: false });
    }
    changes
}

fn check_labels(sandbox: &Sandbox<'_>, condition: &Value) -> Result<(), Fault> {
    if let Some(label) = condition["label"].as_str() {
        sandbox.check_label(label)?;
    }
    condition["operands"].as_array().into_iter().flatten().try_for_each(|operand| check_labels(sandbox, operand))
}

async fn put_core_policy(
    sandbox: &mut Sandbox<'_>,
    core: &Value,
    wanted: &Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    if let Some(other) = wanted.keys().find(|member| *member != "status") {
        return Err(Fault::input(format!("{other} of a policy that comes with the product cannot be changed"))
            .hint("give its status alone: ENABLED or DISABLED"));
    }
    let on = match wanted.get("status").and_then(Value::as_str) {
        Some("ENABLED") => true,
        Some("DISABLED" | "DRAFT") => false,
        _ => return Err(Fault::input("status is ENABLED or DISABLED")),
    };
    if on == (core["status"] == "ENABLED") {
        return Ok(Action::Keep);
    }
    if !dry {
        let on_violation = sandbox.on_violation;
        let saved = sandbox.client.switch_core_policy(id(core), on, |place| on_violation.at(place)).await?;
        sandbox.hear(&saved).await?;
    } else {
        sandbox.assumed.core_policy(&sandbox.core.policies, id(core), on);
    }
    let to = wanted.get("status").cloned().unwrap_or_default();
    Ok(Action::Update(vec![Change {
        path: "/status".into(),
        from: Some(core["status"].clone()),
        to,
        is_secret: false,
    }]))
}

/// Puts the labels of a dataset. Fields are named as in the API's body, or shorter: `fields: {personalEmail.address: [I1]}`,
/// beside which other fields stay as they are.
///
/// # Errors
/// As [`super::put`].
pub async fn put_labels(sandbox: &mut Sandbox<'_>, document: &Document, dry: bool) -> Result<Action, Fault> {
    let dataset = sandbox.reference(Kind::Dataset, &document.name)?;
    let wanted = &document.body;
    if let Some(other) = wanted.keys().find(|member| !["labels", "optionalLabels", "fields"].contains(&member.as_str()))
    {
        return Err(Fault::input(format!("labels of a dataset have no {other}")).hint("they have labels and fields"));
    }
    // One that is only promised has none, and its name in place of an id.
    let is_there = sandbox.by_id(Kind::Dataset, &dataset).is_some();
    let (current, tag) =
        if is_there { sandbox.client.dataset_labels(&dataset).await? } else { (json!({}), "\"0\"".to_owned()) };
    let mut next = merged(&current, wanted)?;
    let fields = next["optionalLabels"].as_array().into_iter().flatten().map(|at| &at["labels"]);
    for label in std::iter::once(&next["labels"]).chain(fields).filter_map(Value::as_array).flatten() {
        sandbox.check_label(label.as_str().unwrap_or_default())?;
    }
    let found = replacing(&by_field(&current), &by_field(&next));
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        if let Some(members) = next.as_object_mut() {
            members.remove("pausedFlows");
        }
        let place = sandbox.on_violation.at(LABELLED_DATASETS.id(&dataset).then("labels"));
        let saved = sandbox.client.put(place, Some(&tag), &next).await?;
        sandbox.hear(&saved).await?;
    } else if is_there {
        sandbox.assumed.labels(&dataset, &next);
    }
    Ok(if tag == "\"0\"" { Action::Create } else { Action::Update(found) })
}

/// The labels that are there with those of the file over them.
fn merged(current: &Value, wanted: &Map<String, Value>) -> Result<Value, Fault> {
    let mut next = json!({"labels": [], "optionalLabels": []});
    for member in ["labels", "optionalLabels"] {
        if let Some(value) = wanted.get(member).or_else(|| current.get(member)) {
            next[member] = value.clone();
        }
    }
    let mut fields = next["optionalLabels"].as_array().cloned().unwrap_or_default();
    for (path, labels) in wanted.get("fields").and_then(Value::as_object).into_iter().flatten() {
        let place =
            SchemaPath::parse_field(path).map_err(|problem| Fault::input(format!("fields: {path:?} {problem}")))?;
        let place = place.to_string();
        let there = fields.iter().position(|at| at["option"]["schemaPath"] == *place);
        match (there, labels.as_array().is_none_or(Vec::is_empty)) {
            (Some(at), true) => drop(fields.remove(at)),
            (Some(at), false) => fields[at]["labels"] = labels.clone(),
            (None, true) => {}
            (None, false) => fields.push(json!({"option": {"schemaPath": place}, "labels": labels})),
        }
    }
    next["optionalLabels"] = fields.into();
    Ok(next)
}

/// Labels by place, so that a change is told by field; what the whole dataset has is at `labels`.
fn by_field(labels: &Value) -> Value {
    let mut fields = Map::new();
    for at in labels["optionalLabels"].as_array().into_iter().flatten() {
        let place = crate::client::violation::shown_field(at["option"]["schemaPath"].as_str().unwrap_or_default());
        fields.insert(place, at["labels"].clone());
    }
    json!({"labels": labels["labels"].as_array().cloned().unwrap_or_default(), "fields": fields})
}

impl Sandbox<'_> {
    /// The policy of the product that is called so, or has this id.
    fn core_policy(&self, wanted: &str) -> Option<&Value> {
        self.core.policies.iter().find(|policy| name(policy) == wanted || id(policy) == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn labels_of_fields_that_are_not_named_stay() {
        let current = json!({"labels": ["C1"], "optionalLabels": [
            {"option": {"schemaPath": "/properties/a", "id": "x"}, "labels": ["I1"]},
            {"option": {"schemaPath": "/properties/b"}, "labels": ["I2"]}]});
        let next = merged(&current, &object(&json!({"fields": {"a": ["S1"], "b": [], "c.d": ["C2"]}}))).unwrap();
        assert_eq!(by_field(&next), json!({"labels": ["C1"], "fields": {"a": ["S1"], "c.d": ["C2"]}}));
        assert_eq!(next["optionalLabels"][0]["option"]["id"], "x");
        let off = merged(&current, &object(&json!({"fields": {"b": []}}))).unwrap();
        let found = replacing(&by_field(&current), &by_field(&off));
        assert_eq!(found.iter().map(Change::line).collect::<Vec<_>>(), ["    /fields/b: [\"I2\"] -> null"]);
        let whole = merged(&current, &object(&json!({"labels": [], "optionalLabels": []}))).unwrap();
        assert_eq!(by_field(&whole), json!({"labels": [], "fields": {}}));
        assert!(merged(&current, &object(&json!({"fields": {"a..b": []}}))).is_err());
    }

    #[test]
    fn a_condition_is_changed_whole() {
        let current = json!({"deny": {"label": "C1"}, "status": "DRAFT"});
        let wanted = object(&json!({"deny": {"operator": "OR", "operands": [{"label": "C1"}]}, "status": "DRAFT"}));
        let found = whole(changes(&current, &wanted), &current, &wanted);
        assert_eq!(found.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["/deny"]);
    }
}
