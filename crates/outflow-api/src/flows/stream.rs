//! What only flows of messages have.

use outflow_model::flow::FlowKind;
use outflow_runner::SubmitError;
use outflow_store::Document;
use serde_json::{Value, json};

use super::check::{kind_of, text_at};
use crate::context::Api;
use crate::error::{ApiError, ApiResult};

/// Whether a flow delivers files or sends messages, by the kind of its target.
pub(super) fn kind_of_flow(api: &Api, flow: &Document) -> FlowKind {
    let spec = text_at(&flow.details, "/inheritedAttributes/targetConnections/0/connectionSpec/id");
    api.connector(spec).map_or(FlowKind::Batch, kind_of)
}

/// Refuses a flow of files.
///
/// # Errors
/// 409.
pub(super) fn check_stream(api: &Api, flow: &Document) -> ApiResult<()> {
    match kind_of_flow(api, flow) {
        FlowKind::Streaming => Ok(()),
        FlowKind::Batch => Err(ApiError::conflict(format!("flow {} delivers files and sends no messages", flow.id))
            .hint("Only a flow to a stream has messages: its target's connection spec says `isBatch: false`.")),
    }
}

/// Puts into a shown flow how its stream is. A flow of files has none, and one of messages none before its first look.
/// Whoever calls holds no connection to the database: the runner takes one.
///
/// # Errors
/// As of the runner.
pub(super) async fn add_status(api: &Api, flow: &Document, shown: &mut Value) -> ApiResult<()> {
    if kind_of_flow(api, flow) == FlowKind::Batch {
        return Ok(());
    }
    match api.runner.stream_status(&flow.sandbox, &flow.id).await {
        Ok(Some(status)) => shown["streamStatus"] = json!(status),
        // It may have been deleted since it was read.
        Ok(None) | Err(SubmitError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
