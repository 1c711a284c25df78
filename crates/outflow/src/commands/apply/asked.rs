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
    /// Flows that the files want enabled, by id.
    enabled: Vec<String>,
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

    /// A flow that the files want enabled.
    pub fn enabled(&mut self, flow: &str) {
        self.enabled.push(flow.to_owned());
    }

    /// Whether flows may be judged otherwise by labels, policies and segments.
    fn governs(&self) -> bool {
        self.core.is_some() || !(self.policies.is_empty() && self.labels.is_empty() && self.segments.is_empty())
    }

    /// Whether flows that the files do not change may be judged otherwise.
    fn changes_others(&self) -> bool {
        self.governs() || !self.purposes.is_empty()
    }

    /// The bodies that ask about a flow as it is, in the order of what is applied around it: destinations come last. None
    /// where nothing of that may make a difference.
    fn steps(&self, flow: &Value) -> Vec<Value> {
        let mut targets = flow["targetConnectionIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let is_repurposed = targets.any(|target| self.purposes.contains_key(target));
        let mut steps = Vec::new();
        if self.governs() {
            steps.push(self.body(flow));
        }
        if is_repurposed {
            steps.push(self.question(flow));
        }
        steps
    }

    /// The body that asks about a flow once all is applied.
    fn question(&self, flow: &Value) -> Value {
        let mut body = self.body(flow);
        body["assumed"]["targetActions"] = json!(self.purposes);
        body
    }

    /// The same before destinations are changed.
    fn body(&self, flow: &Value) -> Value {
        let mut body = flow.clone();
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
    let mut asking = Asking { sandbox, pauses, notes: Vec::new(), refused: Vec::new(), left_out: 0 };
    let unasked = |flow: &String| format!("what policies say of flow {flow} is known once what it refers to is made");
    asking.notes.extend(assumed.unasked.iter().map(unasked));
    for (flow, before) in &flows {
        match asking.flow(flow, before.as_ref()).await {
            Ok(()) => {}
            // What is to be made may be what it lacks.
            Err(fault) if fault.class == FaultClass::Input && sandbox.promises() => {
                asking.note(flow, &format!("is not known yet: {}", fault.message));
            }
            Err(mut fault) => {
                fault.message = format!("flow {:?}: {}", name(flow), fault.message);
                return Err(fault);
            }
        }
    }
    let refused = json!({"violations": asking.refused, "violationsLeftOut": asking.left_out});
    let mut said = Said { notes: asking.notes, fault: None };
    if let Some(violations) = Violations::of(&refused) {
        let fault =
            Fault::new(FaultClass::Refused, "flows would violate policies, and applying the files would be refused");
        let tried = format!("POST {CHECK}");
        said.fault = Some(
            fault.tried(tried).hint("follow one way out of each violation, or change the files").because(violations),
        );
    }
    Ok(said)
}

/// What is found out, flow by flow.
struct Asking<'a> {
    sandbox: &'a Sandbox<'a>,
    pauses: bool,
    notes: Vec<String>,
    refused: Vec<Value>,
    /// Violations that would be refused as well, and that the server did not tell.
    left_out: u64,
}

impl Asking<'_> {
    /// Asks about a flow in the two ways in which applying may find violations: what is changed around the flow as it is
    /// `before`, which may pause it, and then the flow's own change, which is saved or refused and never pauses.
    async fn flow(&mut self, flow: &Value, before: Option<&Value>) -> Result<(), Fault> {
        let is_changed = before != Some(flow);
        let was = match before {
            Some(before) => match self.around(before, is_changed).await {
                // It may be wrong as it is; then it violates nothing, for it cannot go.
                Err(fault) if fault.class == FaultClass::Input && is_changed => Value::Null,
                answer => answer?,
            },
            None => Value::Null,
        };
        if !is_changed {
            return Ok(());
        }
        let now = self.check(&self.sandbox.assumed.question(flow)).await?;
        let goes_anew = is_enabled(flow) && before.is_some_and(|before| !is_enabled(before));
        let was = if goes_anew { &Value::Null } else { &was };
        match added(&now, was) {
            None => self.unknown(flow),
            Some(new) => self.refuse(new, &now),
        }
        Ok(())
    }

    /// Asks about a flow as it is while all around it is changed; answers what it violates at the end.
    async fn around(&mut self, flow: &Value, is_changed: bool) -> Result<Value, Fault> {
        let assumed = &self.sandbox.assumed;
        let steps = assumed.steps(flow);
        if steps.is_empty() && !is_changed {
            return Ok(Value::Null);
        }
        let mut goes = is_enabled(flow);
        // Who wants it enabled has it enabled again, which is refused.
        let may_pause = self.pauses && !assumed.enabled.iter().any(|enabled| enabled == id(flow));
        let mut was = self.check(flow).await?;
        for step in &steps {
            let now = self.check(step).await?;
            match added(&now, &was) {
                _ if !goes => {}
                None => self.unknown(flow),
                Some(new) if new.is_empty() => {}
                Some(_) if may_pause => {
                    self.notes.push(format!("flow {} would be paused, for it would violate a policy", name(flow)));
                    goes = false;
                }
                Some(new) => self.refuse(new, &now),
            }
            was = now;
        }
        Ok(was)
    }

    async fn check(&self, body: &Value) -> Result<Value, Fault> {
        self.sandbox.client.post(at(CHECK), Some(body)).await
    }

    fn refuse(&mut self, new: Vec<Value>, answer: &Value) {
        if !new.is_empty() {
            self.left_out += total(answer) - told(answer).len() as u64;
        }
        self.refused.extend(new);
    }

    fn unknown(&mut self, flow: &Value) {
        self.note(flow, "is not known: it violates so much already that the server does not tell all of it");
    }

    fn note(&mut self, flow: &Value, what: &str) {
        self.notes.push(format!("what policies say of flow {} {what}", name(flow)));
    }
}

fn is_enabled(flow: &Value) -> bool {
    flow["state"] != "disabled"
}

/// The violations of an answer that the server told: the first ones.
fn told(answer: &Value) -> &[Value] {
    answer["violations"].as_array().map_or(&[], Vec::as_slice)
}

/// How many there are, which may be more.
fn total(answer: &Value) -> u64 {
    let told = told(answer).len() as u64;
    answer["violationsTotal"].as_u64().map_or(told, |total| total.max(told))
}

/// The violations of `now` that are not in `was`. None where that cannot be told, for a list is cut. Where they are more than
/// they were, some must be new: then all of them, if it cannot be told which.
fn added(now: &Value, was: &Value) -> Option<Vec<Value>> {
    let is_cut = |answer: &Value| total(answer) > told(answer).len() as u64;
    let is_new = |violation: &&Value| !told(was).iter().any(|was| key(was) == key(violation));
    let new: Vec<Value> = told(now).iter().filter(is_new).cloned().collect();
    match (is_cut(now), is_cut(was)) {
        (false, false) => Some(new),
        (true, false) if !new.is_empty() => Some(new),
        (false, true) if new.is_empty() => Some(new),
        _ => (total(now) > total(was)).then(|| told(now).to_vec()),
    }
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
        assert_eq!((&asked["policy"], &asked["assumed"]["targetActions"]), (&flow["policy"], &json!({"t": ["/y"]})));
        let steps = assumed.steps(&flow);
        assert_eq!((steps.len(), &steps[0]["assumed"]["targetActions"], &steps[1]), (2, &Value::Null, &asked));
        assert_eq!(assumed.steps(&json!({"targetConnectionIds": ["u"]})).len(), 1);
        assert_eq!(asked["assumed"]["enabledCorePolicies"], json!(["b"]));
        assert_eq!(asked["assumed"]["policies"], json!([{"name": "No mail", "id": "No mail"}]));
        assert!(assumed.changes_others());
    }

    #[test]
    fn a_list_that_is_cut_hides_what_is_new_and_no_more_than_that() {
        let answer = |policies: std::ops::Range<u64>, total: u64| {
            let violations: Vec<Value> = policies.map(|policy| json!({"policy": {"id": policy}})).collect();
            json!({"violations": violations, "violationsTotal": total})
        };
        let new = |now: &Value, was: &Value| added(now, was).map(|new| new.len());
        assert_eq!(new(&answer(0..3, 3), &answer(0..2, 2)), Some(1));
        assert_eq!(new(&answer(0..3, 3), &Value::Null), Some(3));
        assert_eq!(new(&Value::Null, &answer(0..100, 120)), Some(0));
        assert_eq!(new(&answer(0..100, 101), &answer(1..3, 2)), Some(98), "these are new whatever is not told");
        assert_eq!(
            new(&answer(0..100, 101), &answer(0..100, 100)),
            Some(100),
            "one of them, or the one that is not told"
        );
        assert_eq!(new(&answer(0..100, 120), &answer(0..100, 120)), None);
        assert_eq!(new(&answer(50..100, 50), &answer(0..100, 120)), Some(0), "all of them were told before");
        assert_eq!(new(&answer(90..110, 20), &answer(0..100, 120)), None);
    }
}
