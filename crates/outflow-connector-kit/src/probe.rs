//! What a probe found, step by step.

use outflow_model::fault::HostKey;
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
        /// Members of account or target that may be at fault, by the connector's names for them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<String>,
        /// The key of the server, where nothing is wrong but that nobody has approved it.
        #[serde(rename = "hostKey", skip_serializing_if = "Option::is_none")]
        host_key: Option<HostKey>,
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

/// What is heard of a probe while it goes.
#[derive(Clone, Copy, Debug)]
pub enum ProbeNews<'a> {
    /// The step of this name has begun.
    Begun(&'a str),
    /// A step is over. Not every one was heard to begin.
    Over(&'a ProbeStep),
}

/// Hears of a probe's steps.
pub type StepWatch = Box<dyn FnMut(ProbeNews<'_>) + Send>;

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
    /// A report of which `watch` hears each step when it begins and as soon as it is over.
    pub fn watched(watch: StepWatch) -> ProbeReport {
        ProbeReport { steps: Vec::new(), watch: Some(watch) }
    }

    fn note(&mut self, name: &str, outcome: StepOutcome) {
        let step = ProbeStep { name: name.into(), outcome };
        if let Some(watch) = &mut self.watch {
            watch(ProbeNews::Over(&step));
        }
        self.steps.push(step);
    }

    /// Tells who watches that a step begins, where it may take a while.
    pub fn begins(&mut self, name: &str) {
        if let Some(watch) = &mut self.watch {
            watch(ProbeNews::Begun(name));
        }
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
        self.failed_about(name, fault, &[]);
    }

    /// Notes the step that failed. Where the fault does not say what it is about, it may be about `suspects`, members of
    /// account and target.
    pub fn failed_about(&mut self, name: &str, fault: &Fault, suspects: &[&str]) {
        let fields = match fault.fields() {
            [] => suspects.iter().map(|&field| field.to_owned()).collect(),
            known => known.to_vec(),
        };
        let outcome = StepOutcome::Failed {
            class: fault.class,
            message: outflow_model::fault::chain(fault),
            tried: fault.tried.clone(),
            hint: fault.hint.clone(),
            fields,
            host_key: fault.host_key().cloned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failed_step_names_what_may_be_at_fault() {
        let mut report = ProbeReport::default();
        let fault = Fault::new(FaultClass::Credentials, "refused");
        report.failed_about("Sign in", &fault, &["username", "password"]);
        report.failed_about("Sign in", &fault.about(["password"]), &["username", "password"]);
        report.failed("Sign in", &Fault::input("odd"));
        let told = json!(report.steps);
        assert_eq!(told[0]["fields"], json!(["username", "password"]));
        assert_eq!(told[1]["fields"], json!(["password"]));
        assert!(told[2].get("fields").is_none() && told[2].get("hostKey").is_none(), "{told}");
    }
}
