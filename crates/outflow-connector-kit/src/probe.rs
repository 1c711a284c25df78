//! What a probe found, step by step.

use outflow_model::{Fault, FaultClass};
use serde::Serialize;

/// A problem with one field of an account or target, found without any input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldProblem {
    /// The field, as the account or target names it (`bucketName`).
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// How one step of a probe went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub enum StepOutcome {
    /// It worked.
    Passed {
        /// What was learned, for example the server's software or the region. May be empty.
        found: String,
    },
    /// It worked less well than it could; deliveries go a safe way round.
    Limited {
        /// What the target cannot do and what is done instead.
        found: String,
    },
    /// It failed; later steps were not tried.
    Failed {
        /// Whose move is next.
        class: FaultClass,
        /// What came back.
        message: String,
        /// What was tried.
        tried: String,
        /// What to do.
        hint: String,
    },
}

/// One step of a probe.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeStep {
    /// What was done, in the words a person would use: "Reach the endpoint", "Write a test object".
    pub name: String,
    /// How it went.
    #[serde(flatten)]
    pub outcome: StepOutcome,
}

/// All steps of a probe, in order, up to the first that failed.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    /// The steps.
    pub steps: Vec<ProbeStep>,
}

impl ProbeReport {
    /// Notes a step that worked.
    pub fn passed(&mut self, name: &str, found: impl Into<String>) {
        self.steps.push(ProbeStep { name: name.into(), outcome: StepOutcome::Passed { found: found.into() } });
    }

    /// Notes a step that worked less well than it could.
    pub fn limited(&mut self, name: &str, found: impl Into<String>) {
        self.steps.push(ProbeStep { name: name.into(), outcome: StepOutcome::Limited { found: found.into() } });
    }

    /// Notes the step that failed.
    pub fn failed(&mut self, name: &str, fault: &Fault) {
        let outcome = StepOutcome::Failed {
            class: fault.class,
            message: outflow_model::fault::chain(fault),
            tried: fault.tried.clone(),
            hint: fault.hint.clone(),
        };
        self.steps.push(ProbeStep { name: name.into(), outcome });
    }

    /// The class of the failed step, or `None` when all passed.
    pub fn failure(&self) -> Option<FaultClass> {
        self.steps.iter().find_map(|s| match &s.outcome {
            StepOutcome::Failed { class, .. } => Some(*class),
            _ => None,
        })
    }
}
