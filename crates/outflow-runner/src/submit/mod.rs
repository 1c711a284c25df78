//! Asking for work: each function queues a job in a transaction of the caller's, together with the change that it
//! follows from. Whoever commits then wakes the runner.

mod adhoc;
mod cancel;
mod data;
pub(crate) mod evaluation;
mod now;
mod redeliver;
mod retry;

use std::sync::Arc;

use outflow_connector_kit::Connector;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::Guardrails;
use outflow_model::{Fault, run::RunKind};
use outflow_store::{Conflict, Document, Expected, Flow, Reader, Segment, StoreError, Tx};

pub use adhoc::{AdhocOrder, adhoc};
pub use cancel::cancel;
pub use data::{refresh, verify};
pub use evaluation::{cancel_segment_job, segment_job};
pub use now::run_now;
pub use redeliver::Redelivery;
pub(crate) use redeliver::{letters, redeliver};
pub use retry::retry;

use crate::kinds::kind_of;
use crate::ledger::{self, NewRun};

/// What was queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The job, or the noun that it is for.
    pub id: String,
    /// Whether it is new; otherwise the same was asked for before and is not done yet.
    pub is_new: bool,
}

/// What is wrong with what was asked of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowProblem {
    /// The flow.
    pub flow: String,
    /// Says so.
    pub message: String,
}

/// Why something is not queued.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A run of the same flow and segment is going.
    #[error("{message}")]
    Busy {
        /// Says so.
        message: String,
        /// The run, where it is known.
        run: Option<String>,
    },
    /// It does not go in this state of things: the flow is disabled, the run has not failed.
    #[error("{message}")]
    Conflict {
        /// Says so.
        message: String,
    },
    /// Somebody else changed it since the version that was expected.
    #[error("{what} {id} has changed")]
    Stale {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// What was asked for is not right: a segment that is not in the flow, too many of them.
    #[error("{message}")]
    Invalid {
        /// Says so.
        message: String,
        /// What of it, by flow; empty where it is no flow's.
        problems: Vec<FlowProblem>,
    },
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl SubmitError {
    pub(crate) fn conflict(message: impl Into<String>) -> SubmitError {
        SubmitError::Conflict { message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> SubmitError {
        SubmitError::Invalid { message: message.into(), problems: Vec::new() }
    }
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> SubmitError {
        match error {
            StoreError::NotFound { noun, id } => SubmitError::NotFound { what: noun, id },
            StoreError::Stale { noun, id, .. } => SubmitError::Stale { what: noun, id },
            StoreError::Conflict(Conflict::LiveRun { flow_id, segment_id, run }) => {
                let message = match segment_id.is_empty() {
                    true => format!("a run of flow {flow_id} is going"),
                    false => format!("a run of segment {segment_id} in flow {flow_id} is going"),
                };
                SubmitError::Busy { message, run }
            }
            other => SubmitError::Fault(other.into()),
        }
    }
}

/// A flow that may run, with what it activates, and its kind.
///
/// # Errors
/// `NotFound`; `Conflict` when it is disabled; `Fault` of class `Input` when its body cannot be read.
async fn runnable(
    reader: &mut Reader,
    connectors: &[Box<dyn Connector>],
    sandbox: &str,
    flow: &str,
) -> Result<(Arc<Document>, Activation, FlowKind), SubmitError> {
    let document = reader.get::<Flow>(sandbox, flow).await?;
    if !ledger::is_enabled(&document) {
        let flow = &document.name;
        let message = match document.body.pointer("/pause/reason").and_then(serde_json::Value::as_str) {
            Some(reason) => format!("flow {flow} is paused, because it {reason}; resolve that and enable it first"),
            None => format!("flow {flow} is disabled; enable it first"),
        };
        return Err(SubmitError::conflict(message));
    }
    let kind = kind_of(reader, connectors, &document).await?;
    let activation = Activation::parse(&document.body, kind, &Guardrails::default())
        .map_err(|problems| problems.fault(format!("read flow {flow}")))?;
    Ok((document, activation, kind))
}

/// Queues one run; refuses it where one of the same flow and segment is going.
async fn queue_run(tx: &mut Tx, run: &NewRun<'_>) -> Result<String, SubmitError> {
    let flow = &run.flow.id;
    if let Some(live) = tx.live_run(flow, run.segment_id).await? {
        let message = format!("run {} of segment {} in flow {flow} is going", live.id, run.segment_id);
        return Err(SubmitError::Busy { message, run: Some(live.id.clone()) });
    }
    if tx.find::<Segment>(&run.flow.sandbox, run.segment_id).await?.is_none() {
        return Err(SubmitError::conflict(format!("segment {} of flow {flow} was deleted", run.segment_id)));
    }
    Ok(ledger::queue(tx, run, priority(run.kind)).await?)
}

/// Whether a locked object is of the version expected.
fn check_version(document: &Document, expected: Expected) -> Result<(), SubmitError> {
    match expected {
        Expected::Any => Ok(()),
        Expected::Version(version) if version == document.version => Ok(()),
        _ => Err(SubmitError::Stale { what: "run", id: document.id.clone() }),
    }
}

fn priority(kind: RunKind) -> i64 {
    match kind {
        RunKind::Now | RunKind::Adhoc => crate::jobs::priority::BY_HAND,
        RunKind::Scheduled | RunKind::AfterEvaluation | RunKind::Window => crate::jobs::priority::SCHEDULED,
    }
}
