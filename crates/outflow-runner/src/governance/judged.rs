//! Judging every flow of a sandbox, and what a change brings about.

use std::collections::HashMap;
use std::sync::Arc;

use outflow_connector_kit::Connector;
use outflow_governance::judge::{Verdict, Violation};
use outflow_model::flow::FlowKind;
use outflow_model::{Fault, Problems};
use outflow_store::{Document, Flow, Reader, Scope, TargetConnection};
use serde_json::Value;

use super::facts::FlowFacts;
use super::ground::Ground;
use super::known::Known;
use crate::kinds::{kind_to, target_id};
use crate::ledger;

/// A flow and what is said of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The flow.
    pub flow: Arc<Document>,
    /// What it uses.
    pub facts: Arc<FlowFacts>,
    /// What is said.
    pub verdict: Verdict,
}

/// Judges every enabled flow, oldest first. One that cannot be read exports nothing, and is left out.
///
/// # Errors
/// Those of [`Ground::load`] and of the store.
pub(crate) async fn judge_all(
    known: &Known,
    connectors: &[Box<dyn Connector>],
    reader: &mut Reader,
    sandbox: &str,
) -> Result<Vec<Judged>, Fault> {
    let ground = Ground::load(known, reader, sandbox).await?;
    let scope = Scope::Sandbox(sandbox);
    let targets = reader.all::<TargetConnection>(scope, Vec::new()).await?;
    let targets: HashMap<&str, &Arc<Document>> = targets.iter().map(|target| (target.id.as_str(), target)).collect();
    let mut judged = Vec::new();
    for flow in reader.all::<Flow>(scope, Vec::new()).await? {
        if !ledger::is_enabled(&flow) {
            continue;
        }
        let target = target_id(&flow).and_then(|id| targets.get(id).copied());
        if let Ok(facts) = facts_of(known, connectors, &flow, target) {
            let verdict = ground.judge(&facts);
            judged.push(Judged { flow, facts, verdict });
        }
    }
    Ok(judged)
}

/// What a flow uses.
///
/// # Errors
/// What is wrong with its body or its target's.
pub(crate) fn facts_of(
    known: &Known,
    connectors: &[Box<dyn Connector>],
    flow: &Arc<Document>,
    target: Option<&Arc<Document>>,
) -> Result<Arc<FlowFacts>, Problems> {
    known.flows.of(&[Some(flow), target], || {
        let kind = target.map_or(FlowKind::Batch, |target| kind_to(connectors, target));
        let body = target.map_or(&Value::Null, |target| &target.body);
        FlowFacts::of(&flow.id, &flow.name, &flow.body, body, kind)
    })
}

/// The flows that violate in `after` what they did not violate in `before`, with those violations alone. A flow that was not
/// enabled before violated nothing.
pub fn new_violations(before: &[Judged], after: Vec<Judged>) -> Vec<Judged> {
    let known: HashMap<&str, &Verdict> =
        before.iter().map(|judged| (judged.flow.id.as_str(), &judged.verdict)).collect();
    let mut found = Vec::new();
    for mut judged in after {
        if let Some(earlier) = known.get(judged.flow.id.as_str()) {
            judged.verdict.violations.retain(|new| !earlier.violations.iter().any(|old| are_one(old, new)));
        }
        if !judged.verdict.is_allowed() {
            found.push(judged);
        }
    }
    found
}

/// Whether two violations are of one policy by the same segment, actions and labels.
fn are_one(old: &Violation, new: &Violation) -> bool {
    old.policy.id == new.policy.id
        && old.segment.id == new.segment.id
        && new.actions.iter().all(|action| old.actions.contains(action))
        && new.labels.iter().all(|label| old.labels.contains(label))
}
