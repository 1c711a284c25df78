//! A violation as the clients of the Policy Service and the Dataset Service read it: beside what we say of it, the members
//! that those services' violations have.

use outflow_governance::{SchemaPath, Violation};
use serde_json::{Value, json};

use crate::policy_service::Base;

/// What has a label on the way to a violation.
struct Labelled<'v> {
    /// A field; none is the whole dataset.
    field: Option<&'v SchemaPath>,
    labels: Vec<&'v str>,
}

/// The violation with `enforcementRef`, `entities` and `violatedPolicies`, whose references are addresses as those of the
/// Policy Service are.
pub(super) fn published(violation: &Violation, base: &Base) -> Value {
    let mut told = json!(violation);
    // The rule about C12 is not about an action.
    let action = violation.actions.first().map(|action| format!("{action}/constraints")).unwrap_or_default();
    told["enforcementRef"] = json!(action);
    told["entities"] = json!(entities(violation));
    let mut policy = json!(violation.policy);
    let actions: Vec<String> = violation.policy.actions.iter().map(|action| base.action(action)).collect();
    policy["marketingActionRefs"] = json!(actions);
    told["violatedPolicies"] = json!([policy]);
    told
}

/// The datasets that bring the labels, with those labels.
fn entities(violation: &Violation) -> Vec<Value> {
    let mut datasets: Vec<(&str, &str, Vec<Labelled<'_>>)> = Vec::new();
    for origin in violation.lineage.iter().map(|way| &way.origin) {
        let at = match datasets.iter().position(|(id, ..)| *id == origin.dataset.id) {
            Some(at) => at,
            None => {
                datasets.push((&origin.dataset.id, &origin.dataset.name, Vec::new()));
                datasets.len() - 1
            }
        };
        let labelled = &mut datasets[at].2;
        let (field, label) = (origin.schema_path.as_ref(), origin.label.as_str());
        match labelled.iter_mut().find(|labelled| labelled.field == field) {
            Some(there) if there.labels.contains(&label) => {}
            Some(there) => there.labels.push(label),
            None => labelled.push(Labelled { field, labels: vec![label] }),
        }
    }
    datasets.into_iter().map(|(id, name, labelled)| entity(id, name, &labelled)).collect()
}

fn entity(id: &str, name: &str, labelled: &[Labelled<'_>]) -> Value {
    let whole = labelled.iter().find(|labelled| labelled.field.is_none());
    let field = |labelled: &Labelled<'_>| {
        let option = labelled.field.map(|path| json!({"schemaPath": path}))?;
        Some(json!({"option": option, "labels": labelled.labels}))
    };
    json!({
        "name": name,
        "entityId": {"namespace": "AEP", "id": id, "type": "dataset"},
        "labels": whole.map(|whole| whole.labels.as_slice()).unwrap_or_default(),
        "optionalLabels": labelled.iter().filter_map(field).collect::<Vec<_>>(),
    })
}
