//! What flows activate, read once for each of their versions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::Guardrails;
use outflow_store::Document;

/// Flows whose activations are kept: a thousand take a few megabytes. With more, those of this look are kept.
const KEPT_MAX: usize = 10_000;

/// A flow's version and kind, and what it activates.
type Known = (i64, FlowKind, Option<Arc<Activation>>);

/// Activations by flow and version.
#[derive(Default)]
pub(crate) struct Activations {
    known: Mutex<HashMap<String, Known>>,
}

impl Activations {
    /// What `flow` activates as one of this kind; `None` when its body cannot be read so, which the log says once.
    pub fn of(&self, flow: &Document, kind: FlowKind) -> Option<Arc<Activation>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, as_kind, activation)) = known.get(&flow.id)
            && (*version, *as_kind) == (flow.version, kind)
        {
            return activation.clone();
        }
        let activation = match Activation::parse(&flow.body, kind, &Guardrails::default()) {
            Ok(activation) => Some(Arc::new(activation)),
            Err(problems) => {
                tracing::warn!(flow = %flow.id, problems = problems.0.len(), "the flow's activation cannot be read");
                None
            }
        };
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert(flow.id.clone(), (flow.version, kind, activation.clone()));
        activation
    }
}
