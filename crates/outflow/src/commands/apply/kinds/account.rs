//! Accounts: secrets come from where the file says, are compared by the server, and are never shown.

use std::path::Path;

use outflow_model::Fault;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};

use super::super::Action;
use super::super::diff::{Change, changes};
use super::super::load::{Document, Kind};
use super::super::sandbox::Sandbox;
use super::{change, create};
use crate::client::nouns::{id, name};
use crate::near::suggestion;
use crate::secrets::Source;

/// Puts an account.
///
/// # Errors
/// As [`super::put`].
pub async fn put(
    sandbox: &mut Sandbox<'_>,
    current: Option<&Value>,
    mut wanted: Map<String, Value>,
    document: &Document,
    dry: bool,
) -> Result<Action, Fault> {
    let secrets = resolve(sandbox, &mut wanted, document)?;
    let Some(current) = current else {
        if !dry {
            create(sandbox, Kind::Account, wanted).await?;
        }
        return Ok(Action::Create);
    };
    let found = compared(sandbox, current, wanted, &secrets).await?;
    if found.is_empty() {
        return Ok(Action::Keep);
    }
    if !dry {
        change(sandbox, Kind::Account, current, &found).await?;
    }
    Ok(Action::Update(found))
}

/// Resolves kind and secrets; answers the names of the secret members.
fn resolve(sandbox: &Sandbox<'_>, wanted: &mut Map<String, Value>, document: &Document) -> Result<Vec<String>, Fault> {
    let kind = wanted.get("connectionSpec").and_then(|spec| spec["id"].as_str());
    let kind = kind.ok_or_else(|| Fault::input("connectionSpec.id is missing: the kind of destination, as in s3"))?;
    let spec = sandbox.spec(kind)?;
    let spec_id = if kind.len() == 36 { kind.to_owned() } else { id(spec).to_owned() };
    let called = wanted.get("auth").and_then(|auth| auth["specName"].as_str());
    let called = called.ok_or_else(|| Fault::input("auth.specName is missing: the way to sign in"))?;
    let ways = spec["authSpec"].as_array().map_or(&[][..], Vec::as_slice);
    let way = ways.iter().find(|way| name(way) == called).ok_or_else(|| {
        let near = suggestion(called, ways.iter().map(name));
        Fault::input(format!("{} has no way {called:?} to sign in{near}", name(spec)))
    })?;
    let folder = document.file.parent().unwrap_or(Path::new("."));
    if let Some(key) = wanted.get_mut("encryption").and_then(|encryption| encryption.pointer_mut("/params/publicKey"))
        && let Some(Ok(source @ Source::File(_))) = key.as_str().map(Source::parse)
    {
        *key = source.read("publicKey", folder)?.expose_secret().into();
    }
    // A member that the server does not describe is not shown either.
    let is_plain =
        |member: &str| way["spec"]["properties"].get(member).is_some_and(|schema| schema["format"] != "password");
    let mut secrets = Vec::new();
    wanted.insert("connectionSpec".into(), json!({"id": spec_id, "version": "1.0"}));
    let params = wanted.get_mut("auth").and_then(|auth| auth.get_mut("params")).and_then(Value::as_object_mut);
    for (member, value) in params.into_iter().flatten() {
        let is_secret = !is_plain(member);
        match value.as_str().map(Source::parse) {
            Some(Ok(source @ Source::File(_))) => *value = source.read(member, folder)?.expose_secret().into(),
            Some(Ok(source @ Source::Variable(_))) if is_secret => {
                *value = source.read(member, folder)?.expose_secret().into();
            }
            _ => {}
        }
        if is_secret {
            secrets.push(member.clone());
        }
    }
    Ok(secrets)
}

/// What differs: plain members here, secret ones at the server, which alone knows them.
async fn compared(
    sandbox: &Sandbox<'_>,
    current: &Value,
    wanted: Map<String, Value>,
    secrets: &[String],
) -> Result<Vec<Change>, Fault> {
    let mut plain = Value::Object(wanted.clone());
    // Another way to sign in has other members: nothing of the old one is kept, and the server has nothing to compare.
    let is_other_way = plain.pointer("/auth/specName") != current.pointer("/auth/specName");
    if let Some(auth) = plain.as_object_mut().filter(|_| is_other_way) {
        auth.remove("auth");
    }
    if let Some(params) = plain.pointer_mut("/auth/params").and_then(Value::as_object_mut) {
        params.retain(|member, _| !secrets.contains(member));
    }
    let encryption = plain.as_object_mut().and_then(|members| members.remove("encryption"));
    let mut found = changes(current, plain.as_object().unwrap_or(&Map::new()));
    // The kind may have been given by an older id, which means the same.
    found.retain(|change| !change.path.starts_with("/connectionSpec") || !same_kind(sandbox, current, &wanted));
    if is_other_way {
        let to = wanted.get("auth").cloned().unwrap_or_default();
        found.push(Change { path: "/auth".into(), from: current.get("auth").cloned(), to, is_secret: true });
    }
    if (secrets.is_empty() || is_other_way) && encryption.is_none() {
        return Ok(found);
    }
    let auth = wanted.get("auth").filter(|_| !is_other_way);
    let asked = json!({"auth": auth, "encryption": encryption});
    let place = Kind::Account.noun().id(id(current)).then("compare");
    let asked = Value::Object(
        asked
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, v)| !v.is_null())
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect(),
    );
    let answer = sandbox.client.post(place, Some(&asked)).await?;
    let whole = Value::Object(wanted);
    for path in answer["changed"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let member = path.strip_prefix("/auth/params/").map(|member| member.replace("~1", "/").replace("~0", "~"));
        let is_secret = member.is_some_and(|member| secrets.contains(&member));
        let is_encryption = path.starts_with("/encryption");
        if !is_secret && !is_encryption {
            continue;
        }
        let path = if is_encryption { "/encryption" } else { path };
        if found.iter().any(|change| change.path == path) {
            continue;
        }
        if let Some(to) = whole.pointer(path) {
            let from = Some(current.pointer(path).cloned().unwrap_or(Value::Null));
            found.push(Change { path: path.to_owned(), from, to: to.clone(), is_secret });
        }
    }
    Ok(found)
}

fn same_kind(sandbox: &Sandbox<'_>, current: &Value, wanted: &Map<String, Value>) -> bool {
    let kind = |body: &Value| body["id"].as_str().and_then(|id| sandbox.spec(id).ok()).map(|spec| id(spec).to_owned());
    let wanted = wanted.get("connectionSpec").and_then(kind);
    wanted.is_some() && wanted == kind(&current["connectionSpec"])
}
