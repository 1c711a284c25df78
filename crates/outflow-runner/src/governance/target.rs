//! The target of an export as its decision names it: whoever asks later where data went is told what the target was then.

use outflow_model::Fault;
use outflow_store::{Connection, Document, Reader, TargetConnection};
use serde_json::{Value, json};

use crate::context::Inner;
use crate::kinds::target_id;
use crate::steps::run::{account, connector, target};

/// Id, name and URL of a flow's target; null where it has none. The URL is null where the account cannot be read: nothing
/// is delivered then.
///
/// # Errors
/// Those of the store.
pub(super) async fn told(inner: &Inner, reader: &mut Reader, flow: &Document) -> Result<Value, Fault> {
    let Some(id) = target_id(flow) else { return Ok(Value::Null) };
    let Some(found) = reader.find::<TargetConnection>(&flow.sandbox, id).await? else { return Ok(Value::Null) };
    let base = found.body.get("baseConnectionId").and_then(Value::as_str).unwrap_or_default();
    let url = match reader.find::<Connection>(&flow.sandbox, base).await? {
        Some(_) => reader.opened::<Connection>(&flow.sandbox, base).await.ok(),
        None => None,
    };
    let url = url.and_then(|opened| url_of(inner, &found, &opened).ok());
    Ok(json!({"id": found.id, "name": found.name, "url": url}))
}

fn url_of(inner: &Inner, found: &Document, opened: &Value) -> Result<String, Fault> {
    let spec = found.body.pointer("/connectionSpec/id").and_then(Value::as_str).unwrap_or_default();
    let connector = connector(inner, spec)?;
    let params = found.body.get("params").cloned().unwrap_or_default();
    let (target, _) = target(connector.catalog(), &params)?;
    connector.url(&account(connector.catalog(), opened)?, &target)
}
