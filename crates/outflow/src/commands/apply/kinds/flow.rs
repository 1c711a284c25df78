//! Flows: sources, targets and segments by name.

use outflow_model::Fault;
use serde_json::{Map, Value, json};

use super::super::Action;
use super::super::diff::{applied, changes};
use super::super::load::Kind;
use super::super::sandbox::Sandbox;
use super::{change, create, resolve_purposes};
use crate::client::nouns::{id, name};

/// Puts a flow.
///
/// # Errors
/// As [`super::put`].
pub async fn put(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    dry: bool,
) -> Result<Action, Fault> {
    check_state(&wanted)?;
    let targets = targets(sandbox, &mut wanted)?;
    segments(sandbox, &mut wanted)?;
    let current = resolve_purposes(sandbox, current, &mut wanted)?;
    let Some(current) = &current else {
        if dry {
            assume_new(sandbox, wanted, &targets).await?;
        } else {
            complete(sandbox, &mut wanted, &targets).await?;
            create(sandbox, Kind::Flow, wanted).await?;
        }
        return Ok(Action::Create);
    };
    if dry && wanted.get("state").is_some_and(|state| state == "enabled") {
        sandbox.assumed.enabled(id(current));
    }
    let found = changes(current, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        change(sandbox, Kind::Flow, current, &found).await?;
    } else if is_there(sandbox, &wanted, &targets) {
        sandbox.assumed.flow(applied(current, &found), Some(current.clone()));
    } else {
        sandbox.assumed.unasked(name(current));
    }
    Ok(Action::Update(found))
}

/// Has policies asked about a flow that is to be made, where what it refers to is there.
async fn assume_new(
    sandbox: &mut Sandbox<'_>,
    mut wanted: Map<String, Value>,
    targets: &[String],
) -> Result<(), Fault> {
    let has_source = wanted.contains_key("sourceConnectionIds");
    // It is not made for a look.
    let source = if has_source { None } else { sandbox.client.found_profile_store().await? };
    if let Some(source) = &source {
        wanted.insert("sourceConnectionIds".into(), json!([source]));
    }
    if (has_source || source.is_some()) && is_there(sandbox, &wanted, targets) {
        complete(sandbox, &mut wanted, targets).await?;
        sandbox.assumed.flow(wanted.into(), None);
    } else {
        sandbox.assumed.unasked(wanted.get("name").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(())
}

/// Whether the targets and segments of a flow are there already.
fn is_there(sandbox: &Sandbox<'_>, wanted: &Map<String, Value>, targets: &[String]) -> bool {
    let transformations = wanted.get("transformations").and_then(Value::as_array).into_iter().flatten();
    let selectors = transformations.filter_map(|of| of.pointer("/params/segmentSelectors/selectors")?.as_array());
    let mut segments = selectors.flatten().filter_map(|selector| selector.pointer("/value/id")?.as_str());
    targets.iter().all(|target| sandbox.by_id(Kind::Destination, target).is_some())
        && segments.all(|segment| sandbox.by_id(Kind::Segment, segment).is_some())
}

/// The state is part of the body: a flow that is described as disabled is never enabled, not even while it is made.
fn check_state(wanted: &Map<String, Value>) -> Result<(), Fault> {
    match wanted.get("state").map(Value::as_str) {
        None | Some(Some("enabled" | "disabled")) => Ok(()),
        Some(_) => Err(Fault::input("state is enabled or disabled")),
    }
}

/// Resolves the targets; answers their ids.
fn targets(sandbox: &Sandbox<'_>, wanted: &mut Map<String, Value>) -> Result<Vec<String>, Fault> {
    let named = wanted.get("targetConnectionIds").and_then(Value::as_array);
    let named = named.ok_or_else(|| Fault::input("targetConnectionIds is missing: the destination, by name"))?;
    let named = named.iter().map(|target| target.as_str().unwrap_or_default());
    let ids = named.map(|target| sandbox.reference(Kind::Destination, target)).collect::<Result<Vec<_>, _>>()?;
    wanted.insert("targetConnectionIds".into(), ids.clone().into());
    Ok(ids)
}

/// Resolves the segments that selectors name.
fn segments(sandbox: &Sandbox<'_>, wanted: &mut Map<String, Value>) -> Result<(), Fault> {
    let transformations = wanted.get_mut("transformations").and_then(Value::as_array_mut);
    for transformation in transformations.into_iter().flatten() {
        let selectors = transformation.pointer_mut("/params/segmentSelectors/selectors").and_then(Value::as_array_mut);
        for selector in selectors.into_iter().flatten() {
            if let Some(Value::String(segment)) = selector.pointer_mut("/value/id") {
                *segment = sandbox.reference(Kind::Segment, segment)?;
            }
        }
    }
    Ok(())
}

/// Fills in what every flow of this program has.
async fn complete(sandbox: &Sandbox<'_>, wanted: &mut Map<String, Value>, targets: &[String]) -> Result<(), Fault> {
    if !wanted.contains_key("sourceConnectionIds") {
        let source = sandbox.client.profile_store().await?;
        wanted.insert("sourceConnectionIds".into(), json!([source]));
    }
    if !wanted.contains_key("flowSpec") {
        let target = targets.first().and_then(|target| sandbox.by_id(Kind::Destination, target));
        let spec = target.and_then(|target| target["connectionSpec"]["id"].as_str());
        let spec = sandbox.spec(spec.unwrap_or_default())?;
        wanted.insert("flowSpec".into(), json!({"id": spec["attributes"]["flowSpecId"], "version": "1.0"}));
    }
    if !wanted.contains_key("transformations") {
        let params = json!({"profileSelectors": {"selectors": []}, "segmentSelectors": {"selectors": []}});
        wanted.insert("transformations".into(), json!([{"name": "GeneralTransform", "params": params}]));
    }
    Ok(())
}
