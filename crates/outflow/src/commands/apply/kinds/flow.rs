//! Flows: sources, targets and segments by name.

use outflow_model::Fault;
use serde_json::{Map, Value, json};

use super::super::Action;
use super::super::diff::changes;
use super::super::load::Kind;
use super::super::sandbox::Sandbox;
use super::{change, create, resolve_purposes};

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
        if !dry {
            complete(sandbox, &mut wanted, &targets).await?;
            create(sandbox, Kind::Flow, wanted).await?;
        }
        return Ok(Action::Create);
    };
    let found = changes(current, &wanted);
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        change(sandbox, Kind::Flow, current, &found).await?;
    }
    Ok(Action::Update(found))
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
