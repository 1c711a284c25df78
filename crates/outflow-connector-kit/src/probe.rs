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
#[derive(Clone, Debug, Serialize)]
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

/// Hears of a probe's steps.
pub type StepWatch = Box<dyn FnMut(&ProbeStep) + Send>;

/// All steps of a probe, in order, up to the first that failed.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    /// The steps.
    pub steps: Vec<ProbeStep>,
    #[serde(skip)]
    watch: Option<StepWatch>,
}

impl std::fmt::Debug for ProbeReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProbeReport").field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl ProbeReport {
    /// A report of which `watch` hears each step as soon as it is over.
    pub fn watched(watch: StepWatch) -> ProbeReport {
        ProbeReport { steps: Vec::new(), watch: Some(watch) }
    }

    fn note(&mut self, name: &str, outcome: StepOutcome) {
        let step = ProbeStep { name: name.into(), outcome };
        if let Some(watch) = &mut self.watch {
            watch(&step);
        }
        self.steps.push(step);
    }

    /// Notes a step that worked.
    pub fn passed(&mut self, name: &str, found: impl Into<String>) {
        self.note(name, StepOutcome::Passed { found: found.into() });
    }

    /// Notes a step that worked less well than it could.
    pub fn limited(&mut self, name: &str, found: impl Into<String>) {
        self.note(name, StepOutcome::Limited { found: found.into() });
    }

    /// Notes the step that failed.
    pub fn failed(&mut self, name: &str, fault: &Fault) {
        let outcome = StepOutcome::Failed {
            class: fault.class,
            message: outflow_model::fault::chain(fault),
            tried: fault.tried.clone(),
            hint: fault.hint.clone(),
        };
        self.note(name, outcome);
    }

    /// The class of the failed step, or `None` when all passed.
    pub fn failure(&self) -> Option<FaultClass> {
        self.steps.iter().find_map(|s| match &s.outcome {
            StepOutcome::Failed { class, .. } => Some(*class),
            _ => None,
        })
    }
}
