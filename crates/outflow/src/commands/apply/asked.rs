//! What policies would say of flows once the files are applied: `--dry-run` asks the server, which saves nothing.

use std::collections::BTreeMap;

use outflow_model::{Fault, FaultClass};
use serde_json::{Map, Value, json};

use super::load::Kind;
use super::sandbox::Sandbox;
use crate::client::at;
use crate::client::nouns::{id, name};
use crate::client::violation::Violations;

const CHECK: &str = "/data/foundation/flowservice/flows/policyCheck";

/// What the files make of what flows are judged by.
#[derive(Default)]
pub struct Assumed {
    policies: Vec<Value>,
    /// The core policies that are on; none where the files change none.
    core: Option<Vec<String>>,
    labels: Map<String, Value>,
    segments: Vec<Value>,
    /// References to marketing actions that are to be made.
    actions: Vec<String>,
    /// What destinations will be for: references to marketing actions, by id.
    purposes: BTreeMap<String, Value>,
    /// Flows as they will be, with what they are; nothing of those that are new.
    flows: Vec<(Value, Option<Value>)>,
    /// Flows that cannot be judged before other objects are made.
    unasked: Vec<String>,
}

impl Assumed {
    /// A policy as it will be; one that is new has its name for an id.
    pub fn policy(&mut self, mut body: Value) {
        if body["id"].as_str().is_none() {
            body["id"] = body["name"].clone();
        }
        self.policies.push(body);
    }

    /// Whether a core policy will be on; `all` are the core policies as they are.
    pub fn core_policy(&mut self, all: &[Value], policy: &str, on: bool) {
        let are_on = all.iter().filter(|policy| policy["status"] == "ENABLED").map(|policy| id(policy).to_owned());
        let enabled = self.core.get_or_insert_with(|| are_on.collect());
        enabled.retain(|enabled| enabled != policy);
        enabled.extend(on.then(|| policy.to_owned()));
    }

    /// All labels that a dataset will have.
    pub fn labels(&mut self, dataset: &str, labels: &Value) {
        self.labels.insert(dataset.to_owned(), labels.clone());
    }

    /// A segment as it will be.
    pub fn segment(&mut self, body: Value) {
        self.segments.push(body);
    }

    /// A marketing action of one's own that is to be made.
    pub fn action(&mut self, name: &str) {
        self.actions.push(format!("/dulepolicy/marketingActions/custom/{name}"));
    }

    /// What a destination will be for.
    pub fn purpose(&mut self, target: &str, policy: &Value) {
        self.purposes.insert(target.to_owned(), policy["enforcementRefs"].clone());
    }

    /// A flow as it will be, and as it is.
    pub fn flow(&mut self, body: Value, before: Option<Value>) {
        self.flows.push((body, before));
    }

    /// A flow that refers to what is not there yet.
    pub fn unasked(&mut self, flow: &str) {
        self.unasked.push(flow.to_owned());
    }

    /// Whether flows that the files do not change may be judged otherwise.
    fn changes_others(&self) -> bool {
        self.core.is_some()
            || !(self.policies.is_empty()
                && self.labels.is_empty()
                && self.segments.is_empty()
                && self.purposes.is_empty())
    }

    /// The body that asks about a flow.
    fn question(&self, flow: &Value) -> Value {
        let mut body = flow.clone();
        let targets = flow["targetConnectionIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let more: Vec<Value> =
            targets.filter_map(|target| self.purposes.get(target)?.as_array()).flatten().cloned().collect();
        if !more.is_empty() {
            let mut all = body["policy"]["enforcementRefs"].as_array().cloned().unwrap_or_default();
            all.extend(more.into_iter().filter(|action| !all.contains(action)).collect::<Vec<_>>());
            body["policy"] = json!({"enforcementRefs": all});
        }
        let mut assumed = json!({
            "policies": self.policies,
            "datasetLabels": self.labels,
            "segments": self.segments,
            "marketingActions": self.actions,
        });
        if let Some(core) = &self.core {
            assumed["enabledCorePolicies"] = json!(core);
        }
        body["assumed"] = assumed;
        body
    }
}

/// What was found out.
#[derive(Default)]
pub struct Said {
    /// For people, and scripts: what would be paused, and what cannot be told yet.
    pub notes: Vec<String>,
    /// What would be refused.
    pub fault: Option<Fault>,
}

/// Asks about the flows of the files and, where those change what governs, about every other one that is enabled.
///
/// # Errors
/// `Input` for a flow that saving would refuse for another reason; what the server answers, or that it does not.
pub async fn ask(sandbox: &Sandbox<'_>, pauses: bool) -> Result<Said, Fault> {
    let assumed = &sandbox.assumed;
    let mut flows = assumed.flows.clone();
    if assumed.changes_others() {
        let is_changed = |flow: &Value| flows.iter().any(|(body, _)| id(body) == id(flow));
        let others = sandbox.of(Kind::Flow).iter().filter(|flow| is_enabled(flow) && !is_changed(flow));
        let others: Vec<_> = others.map(|flow| (flow.clone(), Some(flow.clone()))).collect();
        flows.extend(others);
    }
    let mut said = Said::default();
    let unasked = |flow: &String| format!("what policies say of flow {flow} is known once what it refers to is made");
    said.notes.extend(assumed.unasked.iter().map(unasked));
    let mut refused = Vec::new();
    for (flow, before) in &flows {
        let answer = match sandbox.client.post(at(CHECK), Some(&assumed.question(flow))).await {
            // What is to be made may be what it lacks.
            Err(fault) if fault.class == FaultClass::Input && sandbox.promises() => {
                said.notes.push(format!(
                    "what policies say of flow {} is not known yet: {}",
                    name(flow),
                    fault.message
                ));
                continue;
            }
            Err(mut fault) => {
                fault.message = format!("flow {:?}: {}", name(flow), fault.message);
                return Err(fault);
            }
            Ok(answer) => answer,
        };
        let mut violations = answer["violations"].as_array().cloned().unwrap_or_default();
        if let Some(before) = before.as_ref().filter(|before| is_enabled(before) || !is_enabled(flow))
            && !violations.is_empty()
        {
            let was = sandbox.client.post(at(CHECK), Some(before)).await?;
            let was = was["violations"].as_array().cloned().unwrap_or_default();
            violations.retain(|violation| !was.iter().any(|was| key(was) == key(violation)));
        }
        if violations.is_empty() {
            continue;
        }
        if pauses && before.is_some() {
            said.notes.push(format!("flow {} would be paused, for it would violate a policy", name(flow)));
        } else {
            refused.extend(violations);
        }
    }
    if let Some(violations) = Violations::of(&json!({"violations": refused})) {
        let fault =
            Fault::new(FaultClass::Refused, "flows would violate policies, and applying the files would be refused");
        let tried = format!("POST {CHECK}");
        said.fault = Some(
            fault.tried(tried).hint("follow one way out of each violation, or change the files").because(violations),
        );
    }
    Ok(said)
}

fn is_enabled(flow: &Value) -> bool {
    flow["state"] != "disabled"
}

/// What makes two violations of a flow the same.
fn key(violation: &Value) -> [&Value; 4] {
    [&violation["policy"]["id"], &violation["segment"]["id"], &violation["labels"], &violation["actions"]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_assumes_what_the_files_say() {
        let mut assumed = Assumed::default();
        assert!(!assumed.changes_others());
        assumed.policy(json!({"name": "No mail"}));
        let core = [json!({"id": "a", "status": "ENABLED"}), json!({"id": "b", "status": "DRAFT"})];
        assumed.core_policy(&core, "b", true);
        assumed.core_policy(&core, "a", false);
        assumed.purpose("t", &json!({"enforcementRefs": ["/y"]}));
        let flow = json!({"targetConnectionIds": ["t"], "policy": {"enforcementRefs": ["/x"]}});
        let asked = assumed.question(&flow);
        assert_eq!(asked["policy"]["enforcementRefs"], json!(["/x", "/y"]));
        assert_eq!(asked["assumed"]["enabledCorePolicies"], json!(["b"]));
        assert_eq!(asked["assumed"]["policies"], json!([{"name": "No mail", "id": "No mail"}]));
        assert!(assumed.changes_others());
    }
}
