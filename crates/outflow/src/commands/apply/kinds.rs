//! Putting one object: its body with references resolved, then create, change, or nothing.

mod account;
mod flow;
mod governed;

use std::path::Path;

use outflow_model::Fault;
use serde_json::{Map, Value, json};

use super::diff::{Change, applied, changes, partial};
use super::load::{Document, Kind};
use super::sandbox::Sandbox;
use super::{Action, Outcome};
use crate::client::nouns::{etag, id, name};
use crate::client::{At, at, references};
use crate::commands::datasets::{absolute, settled};

/// Puts an object. With `dry`, only finds out what would be done.
///
/// # Errors
/// `Input` where the description is wrong; what the server answers.
pub async fn put(sandbox: &mut Sandbox<'_>, document: &Document, dry: bool) -> Result<Outcome, Fault> {
    if document.kind == Kind::DatasetLabels {
        let action = governed::put_labels(sandbox, document, dry).await?;
        let id = sandbox.named(Kind::Dataset, &document.name)?.map(|dataset| id(dataset).to_owned());
        return Ok(outcome(sandbox, document, id, action));
    }
    let current = sandbox.named(document.kind, &document.name)?.cloned();
    let mut wanted = document.body.clone();
    wanted.insert("name".into(), document.name.as_str().into());
    let action = match document.kind {
        Kind::Dataset => dataset(sandbox, current.as_ref(), wanted, document, dry).await?,
        kind @ (Kind::Label | Kind::MarketingAction) => {
            governed::put_named(sandbox, kind, current.as_ref(), wanted, dry).await?
        }
        // Done above: they are an object of their dataset's id.
        Kind::DatasetLabels => Action::Keep,
        Kind::Policy => governed::put_policy(sandbox, current.as_ref(), wanted, document, dry).await?,
        Kind::Consent => governed::put_consent(sandbox, current.as_ref(), wanted, dry).await?,
        Kind::Segment => segment(sandbox, current.as_ref(), wanted, dry).await?,
        Kind::Account => account::put(sandbox, current.as_ref(), wanted, document, dry).await?,
        Kind::Destination => destination(sandbox, current.as_ref(), wanted, dry).await?,
        Kind::Flow => flow::put(sandbox, current.as_ref(), wanted, dry).await?,
    };
    if dry && matches!(action, Action::Create) {
        sandbox.will_be(document.kind, &document.name);
    }
    let now = sandbox.named(document.kind, &document.name)?;
    let id = now.map(|object| if id(object).is_empty() { name(object) } else { id(object) }.to_owned());
    Ok(outcome(sandbox, document, id, action))
}

fn outcome(sandbox: &mut Sandbox<'_>, document: &Document, id: Option<String>, action: Action) -> Outcome {
    let warnings = std::mem::take(&mut sandbox.warnings);
    Outcome { kind: document.kind, name: document.name.clone(), id, action, warnings }
}

/// Makes an object.
async fn create(sandbox: &mut Sandbox<'_>, kind: Kind, wanted: Map<String, Value>) -> Result<Value, Fault> {
    let body = Value::Object(wanted);
    let made = sandbox.client.post(violating(sandbox, kind, at(kind.noun().path)), Some(&body)).await?;
    sandbox.hear(&made).await?;
    let made = sandbox.client.one(kind.noun(), id(&made)).await?;
    sandbox.add(kind, made.clone());
    Ok(made)
}

/// Changes an object by JSON Patch.
async fn change(sandbox: &mut Sandbox<'_>, kind: Kind, current: &Value, found: &[Change]) -> Result<(), Fault> {
    let patch: Value = found.iter().map(Change::operation).collect();
    let place = violating(sandbox, kind, kind.noun().id(id(current)));
    let changed = sandbox.client.patch(place, etag(current), &patch).await?;
    sandbox.hear(&changed).await?;
    Ok(())
}

/// The place of a change that may make flows violate policies, with what is to become of it then.
fn violating(sandbox: &Sandbox<'_>, kind: Kind, place: At) -> At {
    let can = matches!(kind, Kind::Dataset | Kind::Destination | Kind::Policy);
    if can { sandbox.on_violation.at(place) } else { place }
}

/// Creates, changes by JSON Patch, or keeps.
async fn put_plain(
    sandbox: &mut Sandbox<'_>,
    kind: Kind,
    current: Option<&Value>,
    wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    let Some(current) = current else {
        if !dry {
            create(sandbox, kind, wanted).await?;
        }
        return Ok(Action::Create);
    };
    let found = changes(current, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        change(sandbox, kind, current, &found).await?;
    }
    Ok(Action::Update(found))
}

async fn dataset(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    document: &Document,
    dry: bool,
) -> Result<Action, Fault> {
    let folder = document.file.parent().unwrap_or(Path::new("."));
    let urls = wanted.get_mut("source").and_then(|source| source.get_mut("urls")).and_then(Value::as_array_mut);
    for url in urls.into_iter().flatten() {
        if let Value::String(path) = url
            && !path.contains("://")
        {
            *path = absolute(&folder.join(&*path).to_string_lossy())?;
        }
    }
    let action = put_plain(sandbox, Kind::Dataset, current, wanted, dry).await?;
    if !dry
        && !matches!(action, Action::Keep)
        && let Some(dataset) = sandbox.named(Kind::Dataset, &document.name)?
        // What comes after may need its fields.
        && let Some(fault) = settled(sandbox.client, id(dataset)).await?.fault
    {
        return Err(fault);
    }
    Ok(action)
}

async fn segment(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    if let Some(expression) = wanted.get_mut("expression").and_then(Value::as_object_mut) {
        expression.entry("type").or_insert_with(|| "PQL".into());
        expression.entry("format").or_insert_with(|| "pql/text".into());
    }
    let Some(current) = current else {
        wanted.entry("schema").or_insert_with(|| json!({"name": "_xdm.context.profile"}));
        if !dry {
            create(sandbox, Kind::Segment, wanted).await?;
        }
        return Ok(Action::Create);
    };
    let found = changes(current, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        let changed = sandbox.client.change_segment(current, &partial(&found, &wanted), sandbox.on_violation).await?;
        sandbox.hear(&changed).await?;
    } else {
        sandbox.assumed.segment(applied(current, &found));
    }
    Ok(Action::Update(found))
}

async fn destination(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    let account = text_member(&wanted, "baseConnectionId")?;
    let account_id = sandbox.reference(Kind::Account, &account)?;
    let known = sandbox.by_id(Kind::Account, &account_id).map(|account| account["connectionSpec"].clone());
    wanted.insert("baseConnectionId".into(), account_id.into());
    match wanted.get("connectionSpec").and_then(|spec| spec["id"].as_str()) {
        Some(given) => {
            let spec = id(sandbox.spec(given)?).to_owned();
            wanted.insert("connectionSpec".into(), json!({"id": spec, "version": "1.0"}));
        }
        // An account that is only promised has its kind in the files; the second pass knows it.
        None => {
            if let Some(spec) = known {
                wanted.insert("connectionSpec".into(), spec);
            }
        }
    }
    let current = resolve_purposes(sandbox, current, &mut wanted)?;
    if let (true, Some(current), Some(policy)) = (dry, &current, wanted.get("policy"))
        && current["policy"]["enforcementRefs"] != policy["enforcementRefs"]
    {
        sandbox.assumed.purpose(id(current), policy);
    }
    put_plain(sandbox, Kind::Destination, current.as_ref(), wanted, dry).await
}

/// What data is used for: names of marketing actions become references, and `current`, which is answered, shows them so
/// as well.
fn resolve_purposes(
    sandbox: &Sandbox<'_>,
    current: Option<&Value>,
    wanted: &mut Map<String, Value>,
) -> Result<Option<Value>, Fault> {
    if let Some(policy) = wanted.get_mut("policy") {
        references::each(policy, &mut |given| sandbox.action(given))?;
    }
    let mut current = current.cloned();
    current.iter_mut().for_each(references::settle);
    Ok(current)
}

/// A member that must be a text.
fn text_member(body: &Map<String, Value>, member: &str) -> Result<String, Fault> {
    let text = body.get(member).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Fault::input(format!("{member} is missing, or is no text")))
}
