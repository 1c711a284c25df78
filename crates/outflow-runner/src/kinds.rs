//! Whether a flow exports files or sends messages, which its target decides.

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::DeliveryKind;
use outflow_model::flow::FlowKind;
use outflow_store::{Document, Reader, StoreError, TargetConnection};
use serde_json::Value;

/// The kind of a flow; files, where its target is not there or not known.
///
/// # Errors
/// Those of the store.
pub(crate) async fn kind_of(
    reader: &mut Reader,
    connectors: &[Box<dyn Connector>],
    flow: &Document,
) -> Result<FlowKind, StoreError> {
    let Some(id) = target_id(flow) else { return Ok(FlowKind::Batch) };
    let target = reader.find::<TargetConnection>(&flow.sandbox, id).await?;
    Ok(target.map_or(FlowKind::Batch, |target| kind_to(connectors, &target)))
}

/// The kind of the flows to a target.
pub(crate) fn kind_to(connectors: &[Box<dyn Connector>], target: &Document) -> FlowKind {
    let spec = target.body.pointer("/connectionSpec/id").and_then(Value::as_str).unwrap_or_default();
    match connectors.iter().find(|connector| connector.catalog().is_named(spec)) {
        Some(connector) if connector.catalog().delivery == DeliveryKind::Streaming => FlowKind::Streaming,
        _ => FlowKind::Batch,
    }
}

/// The id of a flow's target connection.
pub(crate) fn target_id(flow: &Document) -> Option<&str> {
    flow.body.get("targetConnectionIds")?.get(0)?.as_str()
}
