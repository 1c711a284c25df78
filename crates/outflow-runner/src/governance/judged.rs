//! Judging every flow of a sandbox, and what a change brings about.

use std::collections::HashMap;
use std::sync::Arc;

use outflow_connector_kit::Connector;
use outflow_governance::judge::{Breach, Verdict};
use outflow_model::flow::FlowKind;
use outflow_model::{Fault, Problems};
use outflow_store::{Document, Flow, Reader, Scope, TargetConnection};
use serde_json::Value;

use super::facts::FlowFacts;
use super::ground::Ground;
use super::known::Known;
use crate::kinds::{kind_to, target_id};
use crate::ledger;
use crate::steps::blocking;

/// A flow and what is said of it.
#[derive(Clone)]
pub struct Judged {
    /// The flow.
    pub flow: Arc<Document>,
    /// What it uses.
    pub facts: Arc<FlowFacts>,
    /// What it violates.
    pub breaches: Vec<Breach>,
    ground: Arc<Ground>,
}

impl Judged {
    /// Judges a flow.
    pub fn of(ground: &Arc<Ground>, flow: Arc<Document>, facts: Arc<FlowFacts>) -> Judged {
        let breaches = ground.breaches(&facts);
        Judged { flow, facts, breaches, ground: Arc::clone(ground) }
    }

    /// Its breaches in many words: the first ones, and of those the first `explained` with lineage and ways out. Takes its
    /// time.
    pub fn verdict(&self, explained: usize) -> Verdict {
        self.ground.explain(&self.facts, &self.breaches, explained)
    }
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
    let ground = Arc::new(Ground::load(known, reader, sandbox).await?);
    let scope = Scope::Sandbox(sandbox);
    let targets = reader.all::<TargetConnection>(scope, Vec::new()).await?;
    let targets: HashMap<&str, &Arc<Document>> = targets.iter().map(|target| (target.id.as_str(), target)).collect();
    let mut flows = Vec::new();
    for flow in reader.all::<Flow>(scope, Vec::new()).await? {
        if !ledger::is_enabled(&flow) {
            continue;
        }
        let target = target_id(&flow).and_then(|id| targets.get(id).copied());
        if let Ok(facts) = facts_of(known, connectors, &flow, target) {
            flows.push((flow, facts));
        }
    }
    blocking(move || Ok(flows.into_iter().map(|(flow, facts)| Judged::of(&ground, flow, facts)).collect())).await
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

/// The flows that violate in `after` what they did not violate in `before`, with those breaches alone. A flow that was not
/// enabled before violated nothing. A breach is known by policy, segment, actions and labels.
pub fn new_breaches(before: &[Judged], after: Vec<Judged>) -> Vec<Judged> {
    let known: HashMap<&str, &[Breach]> =
        before.iter().map(|judged| (judged.flow.id.as_str(), judged.breaches.as_slice())).collect();
    let mut found = Vec::new();
    for mut judged in after {
        if let Some(earlier) = known.get(judged.flow.id.as_str()) {
            let earlier: HashMap<_, &Breach> = earlier.iter().map(|breach| (breach.key(), breach)).collect();
            judged.breaches.retain(|new| earlier.get(&new.key()).is_none_or(|old| !new.is_part_of(old)));
        }
        if !judged.breaches.is_empty() {
            found.push(judged);
        }
    }
    found
}
