//! What the audit log says was so at a time, judged by an evaluator of its own.

use std::collections::{BTreeMap, BTreeSet};

use outflow_store::AuditRecord;
use serde_json::Value;

use super::race::RULES;

/// What the audit log says was so at a time.
#[derive(Default)]
pub struct So {
    /// Bodies by noun and id.
    pub bodies: BTreeMap<(String, String), Value>,
}

impl So {
    pub fn body(&self, noun: &str, id: &str) -> &Value {
        self.bodies.get(&(noun.to_owned(), id.to_owned())).unwrap_or(&Value::Null)
    }

    pub fn take(&mut self, record: &AuditRecord) {
        let key = (record.noun.clone(), record.object_id.clone());
        match record.action.as_str() {
            "created" | "updated" => drop(self.bodies.insert(key, record.after.clone().unwrap())),
            "deleted" => drop(self.bodies.remove(&key)),
            _ => {}
        }
    }

    /// Whether data of these fields may leave with a flow.
    pub fn allows(&self, dataset: &str, flow: &str, fields: &BTreeSet<String>) -> bool {
        let labels = self.labels(dataset, fields);
        let actions = texts(&self.body("flow", flow)["policy"]["enforcementRefs"]);
        let custom = self.body("policy", "p");
        let denies = |refs: &[String]| refs.iter().any(|action| actions.contains(action));
        let is_custom = custom["status"] == "ENABLED"
            && denies(&texts(&custom["marketingActionRefs"]))
            && is_met(&custom["deny"], &labels);
        let enabled = texts(&self.body("enabledCorePolicies", "core")["policyIds"]);
        let is_core = |id: &str, action: &str, any_of: &[&str]| {
            enabled.iter().any(|enabled| enabled == id)
                && denies(&[format!("/dulepolicy/marketingActions/core/{action}")])
                && any_of.iter().any(|label| labels.contains(*label))
        };
        !labels.contains("C12")
            && !is_custom
            && !is_core("corepolicy_0001", "exportToThirdParty", &["C2", "C12"])
            && !is_core("corepolicy_0003", "emailTargeting", &["C4"])
    }

    /// The countries whose people agree to what the flows are for; all where nobody is asked.
    pub fn agreed(&self) -> Option<Vec<String>> {
        let policy = self.body("consentPolicy", "c");
        (policy["status"] == "ENABLED").then(|| texts(&policy["then"]["values"]))
    }

    pub fn labels(&self, dataset: &str, fields: &BTreeSet<String>) -> BTreeSet<String> {
        let body = self.body("datasetLabels", dataset);
        let mut labels: BTreeSet<String> = texts(&body["labels"]).into_iter().collect();
        for own in body["optionalLabels"].as_array().into_iter().flatten() {
            let path = own["option"]["schemaPath"].as_str().unwrap();
            if fields.iter().any(|field| path == format!("/properties/{field}")) {
                labels.extend(texts(&own["labels"]));
            }
        }
        labels
    }

    /// What the rule of a segment reads.
    pub fn rule(&self, segment: &str) -> Vec<String> {
        let rule = self.body("segment", segment)["expression"]["value"].as_str().unwrap().to_owned();
        let (_, fields) = RULES.iter().find(|(text, _)| *text == rule).unwrap();
        fields.iter().map(|field| (*field).to_owned()).collect()
    }
}

pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn is_met(deny: &Value, labels: &BTreeSet<String>) -> bool {
    let mut operands = deny["operands"].as_array().into_iter().flatten();
    match deny["operator"].as_str() {
        Some("AND") => operands.all(|operand| is_met(operand, labels)),
        Some(_) => operands.any(|operand| is_met(operand, labels)),
        None => labels.contains(deny["label"].as_str().unwrap()),
    }
}
