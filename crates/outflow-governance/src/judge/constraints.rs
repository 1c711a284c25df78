//! The Policy Service's evaluation: which policies an action would violate where these labels are, or on these datasets.
//! Policies alone have a say here; that data with the label C12 never leaves is for the judgement of a flow.

use std::collections::BTreeSet;

use outflow_model::flow::MarketingAction;
use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problems};
use serde::Serialize;
use serde_json::{Value, json};

use crate::label::Label;
use crate::labels::{LabelledDataset, SchemaPath};
use crate::policy::Policy;

/// The most datasets, and the most fields of one, that a request names.
const NAMED_MAX: usize = 1_000;

/// A dataset that an evaluation asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRequest {
    /// The dataset's id.
    pub entity_id: String,
    /// Its fields that count; all where none are named.
    pub fields: Option<Vec<SchemaPath>>,
}

/// What an evaluation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationSubject {
    /// These labels.
    Labels(Vec<Label>),
    /// The labels of these datasets.
    Entities(Vec<EntityRequest>),
}

/// One evaluation of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationRequest {
    /// The action.
    pub action: MarketingAction,
    /// Whether drafts have a say.
    pub include_drafts: bool,
    /// What it is about.
    pub subject: EvaluationSubject,
}

impl EvaluationRequest {
    /// Reads one element of a bulk request: `{evalRef, includeDraft?, labels[] or entityList[]}`.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(body: &Value) -> Result<EvaluationRequest, Problems> {
        let mut findings = Findings::default();
        let request = request(&Node::at(body, ""), &mut findings);
        findings.into_result(request).map(|(request, _)| request)
    }
}

impl EntityRequest {
    /// Reads a list of datasets: `[{entityType, entityId, entityMeta?: {fields[]}}]`.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse_list(body: &Value) -> Result<Vec<EntityRequest>, Problems> {
        let mut findings = Findings::default();
        let entities = entities(&Node::at(body, ""), &mut findings);
        findings.into_result(entities).map(|(entities, _)| entities)
    }
}

fn request(body: &Node<'_>, findings: &mut Findings) -> Option<EvaluationRequest> {
    body.object(findings)?;
    let action = body.required("evalRef", findings).and_then(|member| {
        let text = member.text(findings)?;
        let action = text.strip_suffix("/constraints").and_then(MarketingAction::parse);
        if action.is_none() {
            findings
                .add(&member.pointer, "is no evaluation: write …/marketingActions/core/NAME/constraints or …/custom/…");
        }
        action
    });
    let drafts = body.member("includeDraft").and_then(|member| member.boolean(findings));
    let subject = match (body.member("labels"), body.member("entityList")) {
        (Some(labels), None) => Some(EvaluationSubject::Labels(Label::read_all(&labels, findings))),
        (None, Some(list)) => entities(&list, findings).map(EvaluationSubject::Entities),
        (Some(_), Some(_)) => {
            findings.add(&body.pointer, "has both `labels` and `entityList`: give the one or the other");
            None
        }
        (None, None) => {
            findings.add(&body.pointer, "must have `labels` or `entityList`");
            None
        }
    };
    Some(EvaluationRequest { action: action?, include_drafts: drafts.unwrap_or(false), subject: subject? })
}

fn entities(list: &Node<'_>, findings: &mut Findings) -> Option<Vec<EntityRequest>> {
    let items = list.items(findings)?;
    if items.len() > NAMED_MAX {
        findings.add(&list.pointer, format!("names more than {NAMED_MAX} datasets"));
        return None;
    }
    Some(items.iter().filter_map(|item| entity(item, findings)).collect())
}

fn entity(item: &Node<'_>, findings: &mut Findings) -> Option<EntityRequest> {
    item.object(findings)?;
    if let Some(kind) = item.required("entityType", findings) {
        kind.one_of(&[("dataSet", ())], findings);
    }
    let entity_id = item.required("entityId", findings).and_then(|member| member.filled_text(findings));
    let meta = item.member("entityMeta").filter(|meta| meta.object(findings).is_some());
    let fields = meta.and_then(|meta| meta.member("fields")).map(|member| fields(&member, findings));
    Some(EntityRequest { entity_id: entity_id?.to_string(), fields })
}

fn fields(member: &Node<'_>, findings: &mut Findings) -> Vec<SchemaPath> {
    let items = member.items(findings).unwrap_or_default();
    if items.len() > NAMED_MAX {
        findings.add(&member.pointer, format!("names more than {NAMED_MAX} fields"));
        return Vec::new();
    }
    let mut read = |item: &Node<'_>| {
        let text = item.filled_text(findings)?;
        SchemaPath::parse_field(text).map_err(|problem| findings.add(&item.pointer, problem)).ok()
    };
    items.iter().filter_map(&mut read).collect()
}

/// The answer of an evaluation. Who answers adds time, client and organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Constraints {
    /// The reference to the action.
    pub marketing_action_ref: String,
    /// The labels that were asked about, or found.
    pub dule_labels: Vec<Label>,
    /// Where they were found; absent where labels were asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovered_labels: Option<Vec<DiscoveredLabels>>,
    /// The policies that the action would violate.
    pub violated_policies: Vec<Policy>,
}

/// The labels that were found on a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredLabels {
    /// The dataset's id.
    pub entity_id: String,
    /// The labels of the whole.
    pub whole: Vec<Label>,
    /// The labels of fields that count.
    pub fields: Vec<DatasetFieldLabels>,
}

/// The labels that were found on a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatasetFieldLabels {
    /// The field.
    pub path: SchemaPath,
    /// Its labels but for those of the dataset.
    pub labels: Vec<Label>,
}

impl Serialize for DiscoveredLabels {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels = json!({
            "connection": {"labels": []}, "dataSet": {"labels": self.whole}, "fields": self.fields,
        });
        json!({"entityType": "dataSet", "entityId": self.entity_id, "dataSetLabels": labels}).serialize(serializer)
    }
}

/// Which policies `action` would violate where `labels` are.
pub fn constraints_of_labels(
    action: &MarketingAction,
    labels: &[Label],
    policies: &[Policy],
    include_drafts: bool,
) -> Constraints {
    let set: BTreeSet<Label> = labels.iter().cloned().collect();
    let counted = policies.iter().filter(|policy| policy.status.counts(include_drafts));
    let violated = counted.filter(|policy| !policy.denied(std::slice::from_ref(action), &set).is_empty());
    Constraints {
        marketing_action_ref: action.to_string(),
        dule_labels: labels.to_vec(),
        discovered_labels: None,
        violated_policies: violated.cloned().collect(),
    }
}

/// Which policies `action` would violate on the data of these datasets put together.
pub fn constraints_of_datasets(
    action: &MarketingAction,
    asked: &[(&EntityRequest, &LabelledDataset)],
    policies: &[Policy],
    include_drafts: bool,
) -> Constraints {
    let found: Vec<DiscoveredLabels> = asked.iter().map(|(request, dataset)| discover(request, dataset)).collect();
    let all = found.iter().flat_map(|d| d.whole.iter().chain(d.fields.iter().flat_map(|field| &field.labels)));
    let labels: BTreeSet<Label> = all.cloned().collect();
    let labels: Vec<Label> = labels.into_iter().collect();
    let answer = constraints_of_labels(action, &labels, policies, include_drafts);
    Constraints { discovered_labels: Some(found), ..answer }
}

fn discover(request: &EntityRequest, dataset: &LabelledDataset) -> DiscoveredLabels {
    let labels = &dataset.labels;
    let field = |path: &SchemaPath| {
        // Of what is around the field, and of what is inside.
        let bearing = labels.fields.iter().filter(|f| f.schema_path.covers(path) || path.covers(&f.schema_path));
        let found: BTreeSet<Label> = bearing.flat_map(|field| field.labels.iter().cloned()).collect();
        DatasetFieldLabels { path: path.clone(), labels: found.into_iter().collect() }
    };
    let fields = match &request.fields {
        Some(fields) => fields.iter().map(field).collect(),
        None => {
            let own = |f: &crate::labels::FieldLabels| DatasetFieldLabels {
                path: f.schema_path.clone(),
                labels: f.labels.clone(),
            };
            labels.fields.iter().map(own).collect()
        }
    };
    DiscoveredLabels { entity_id: request.entity_id.clone(), whole: labels.labels.clone(), fields }
}

#[cfg(test)]
mod tests {
    use outflow_model::schema::FieldType;

    use super::*;
    use crate::action::core;
    use crate::expression::tests::label;
    use crate::labels::tests_support::{dataset, field, texts};
    use crate::policy::core_policies;

    #[test]
    fn labels_are_held_against_policies_that_count() {
        let action = core("exportToThirdParty");
        let ids = |labels: &[&str], enabled: &[String], drafts| {
            let labels: Vec<Label> = labels.iter().map(|name| label(name)).collect();
            let answer = constraints_of_labels(&action, &labels, &core_policies(enabled), drafts);
            answer.violated_policies.into_iter().map(|policy| policy.id).collect::<Vec<_>>()
        };
        let on = ["corepolicy_0001".to_string()];
        assert_eq!(ids(&["C2"], &on, false), on);
        assert_eq!(ids(&["C2"], &[], true), on);
        assert!(ids(&["C2"], &[], false).is_empty());
        assert!(ids(&["c2", "C4"], &on, true).is_empty());
    }

    #[test]
    fn datasets_answer_with_what_was_found_where() {
        let fields = vec![field("email", FieldType::String), field("person", texts(&["name"]))];
        let crm = dataset(
            "crm",
            fields,
            &["C9"],
            &[("/properties/email", &["I1", "C2"]), ("/properties/person/properties/name", &["C3"])],
        );
        let body =
            json!([{"entityType": "dataSet", "entityId": "crm", "entityMeta": {"fields": ["/properties/person"]}}]);
        let requests = EntityRequest::parse_list(&body).unwrap();
        let policies = core_policies(&["corepolicy_0002".to_string(), "corepolicy_0001".to_string()]);
        let answer = constraints_of_datasets(&core("combineData"), &[(&requests[0], &crm)], &policies, false);
        assert_eq!(
            serde_json::to_value(&answer.discovered_labels).unwrap(),
            json!([{"entityType": "dataSet", "entityId": "crm", "dataSetLabels": {
                "connection": {"labels": []}, "dataSet": {"labels": ["C9"]},
                "fields": [{"path": "/properties/person", "labels": ["C3"]}],
            }}])
        );
        assert_eq!(answer.dule_labels, [label("C3"), label("C9")]);
        assert_eq!(answer.violated_policies[0].id, "corepolicy_0002");
        let whole = EntityRequest { entity_id: "crm".into(), fields: None };
        let answer = constraints_of_datasets(&core("exportToThirdParty"), &[(&whole, &crm)], &policies, false);
        assert_eq!(answer.dule_labels.len(), 4);
        assert_eq!(answer.violated_policies[0].id, "corepolicy_0001");
    }

    #[test]
    fn bulk_requests_are_read_with_every_problem() {
        let reference = "https://example.org/dulepolicy/marketingActions/custom/crmSync/constraints";
        let request = EvaluationRequest::parse(&json!({"evalRef": reference, "labels": ["C1"], "includeDraft": true}));
        let request = request.unwrap();
        assert_eq!(request.action.to_string(), "/dulepolicy/marketingActions/custom/crmSync");
        assert!(request.include_drafts);
        for (body, expected) in [
            (json!({}), vec!["/evalRef", ""]),
            (json!({"evalRef": "x", "labels": [1], "entityList": []}), vec!["/evalRef", ""]),
            (json!({"evalRef": reference, "includeDraft": "x", "labels": ["a b"]}), vec!["/includeDraft", "/labels/0"]),
            (
                json!({"evalRef": reference, "entityList": [{"entityType": "schema", "entityMeta": {"fields": ["a..b"]}}]}),
                vec!["/entityList/0/entityType", "/entityList/0/entityId", "/entityList/0/entityMeta/fields/0"],
            ),
        ] {
            let problems = EvaluationRequest::parse(&body).unwrap_err().0;
            assert_eq!(problems.into_iter().map(|p| p.field).collect::<Vec<_>>(), expected, "{body}");
        }
    }
}
