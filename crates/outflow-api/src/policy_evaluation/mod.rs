//! Which policies a marketing action would violate on data with these labels, or on these datasets: asked one by one at the
//! action's `constraints`, or many at a time at `bulk-eval`. Nothing is changed by asking.

mod bulk;
mod datasets;
mod labels;

use std::collections::HashMap;

use outflow_governance::judge::{
    EntityRequest, EvaluationRequest, EvaluationSubject, constraints_of_datasets, constraints_of_labels,
};
use outflow_governance::labels::EntityName;
use outflow_governance::{DatasetLabels, Label, LabelledDataset};
use outflow_store::{Dataset, Reader};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::context::Api;
use crate::document::millis;
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;
use crate::policies::ShownPolicy;
use crate::policy_service::{Base, Known, Policies};

/// Datasets that one request names, each as often as it does: labels of all of them are in the answer.
const DATASETS_MAX: usize = 100;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        labels::core_operation(),
        datasets::core_operation(),
        labels::custom_operation(),
        datasets::custom_operation(),
        bulk::operation(),
    ]
}

/// What an action would violate. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Constraints", example = json!({
    "timestamp": 1670284443204_i64, "clientId": "admin", "userId": "admin", "imsOrg": "outflow", "sandboxName": "prod",
    "marketingActionRef": "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting",
    "duleLabels": ["C1", "C3"], "violatedPolicies": []
}))]
pub(crate) struct Constraints {
    /// When it was asked, in milliseconds since 1970.
    timestamp: i64,
    /// The client that asked.
    #[serde(rename = "clientId")]
    client_id: String,
    /// The same.
    #[serde(rename = "userId")]
    user_id: String,
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// The sandbox that was asked about.
    #[serde(rename = "sandboxName")]
    sandbox_name: String,
    /// The action's address.
    #[serde(rename = "marketingActionRef")]
    marketing_action_ref: String,
    /// The labels that were asked about, or found on the datasets.
    #[serde(rename = "duleLabels")]
    dule_labels: Vec<String>,
    /// Where they were found, where datasets were asked about: each with `entityType`, `entityId` and `dataSetLabels`.
    #[serde(rename = "discoveredLabels")]
    discovered_labels: Option<Vec<Value>>,
    /// The policies that the action would violate.
    #[serde(rename = "violatedPolicies")]
    violated_policies: Vec<ShownPolicy>,
    /// What is odd about the question: labels that there are not.
    warnings: Option<Vec<Problem>>,
}

/// What evaluations of a sandbox look at.
struct Evaluator {
    policies: Policies,
    known: Known,
    datasets: HashMap<String, LabelledDataset>,
}

impl Evaluator {
    /// Reads it, with the datasets that the requests name.
    ///
    /// # Errors
    /// 400 where they name too many; as of the store.
    async fn load(reader: &mut Reader, sandbox: &str, requests: &[EvaluationRequest]) -> ApiResult<Evaluator> {
        let named: Vec<&str> = requests.iter().flat_map(datasets_of).map(|entity| entity.entity_id.as_str()).collect();
        if named.len() > DATASETS_MAX {
            let text = format!("the request names datasets {} times; it may {DATASETS_MAX} times", named.len());
            return Err(ApiError::bad_request(text));
        }
        let mut datasets = HashMap::new();
        for id in named {
            if !datasets.contains_key(id)
                && let Some(dataset) = labelled(reader, sandbox, id).await?
            {
                datasets.insert(id.to_owned(), dataset);
            }
        }
        let policies = Policies::load(reader, sandbox).await?;
        Ok(Evaluator { policies, known: Known::load(reader, sandbox).await?, datasets })
    }

    /// Answers one request.
    ///
    /// # Errors
    /// 404 for an action, 400 for datasets that there are not; `at` leads to the list of datasets.
    fn answer(&self, asking: &Asking<'_>, request: &EvaluationRequest, at: &str) -> ApiResult<Value> {
        let Asking { api, base, caller } = asking;
        if !self.known.has_action(&request.action) {
            return Err(ApiError::not_found("marketing action", &request.action.name));
        }
        let policies = &self.policies.policies;
        let mut warnings = Vec::new();
        let constraints = match &request.subject {
            EvaluationSubject::Labels(labels) => {
                warnings = self.unknown(labels);
                constraints_of_labels(&request.action, labels, policies, request.include_drafts)
            }
            EvaluationSubject::Entities(entities) => {
                let found = self.found(entities, at)?;
                constraints_of_datasets(&request.action, &found, policies, request.include_drafts)
            }
        };
        let violated = constraints.violated_policies.iter().map(|policy| self.policies.show(api, base, policy));
        let mut answer = Map::from_iter([
            ("timestamp".to_owned(), json!(millis(api.now()))),
            ("clientId".to_owned(), json!(caller.client)),
            ("userId".to_owned(), json!(caller.client)),
            ("imsOrg".to_owned(), json!(api.settings.organization)),
            ("sandboxName".to_owned(), json!(caller.sandbox)),
            ("marketingActionRef".to_owned(), json!(base.action(&request.action))),
            ("duleLabels".to_owned(), json!(constraints.dule_labels)),
        ]);
        if let Some(discovered) = &constraints.discovered_labels {
            answer.insert("discoveredLabels".to_owned(), json!(discovered));
        }
        answer.insert("violatedPolicies".to_owned(), violated.collect());
        if !warnings.is_empty() {
            answer.insert("warnings".to_owned(), json!(warnings));
        }
        Ok(Value::Object(answer))
    }

    fn found<'e>(
        &'e self,
        entities: &'e [EntityRequest],
        at: &str,
    ) -> ApiResult<Vec<(&'e EntityRequest, &'e LabelledDataset)>> {
        let mut found = Vec::with_capacity(entities.len());
        let mut problems = Vec::new();
        for (number, entity) in entities.iter().enumerate() {
            match self.datasets.get(&entity.entity_id) {
                Some(dataset) => found.push((entity, dataset)),
                None => {
                    problems.push(Problem::new(format!("{at}/{number}/entityId"), "is no dataset of this sandbox"));
                }
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(ApiError::invalid(problems)) }
    }

    /// Labels that no policy can name: whoever misspells one should not take the answer for an all-clear.
    fn unknown(&self, labels: &[Label]) -> Vec<Problem> {
        let unknown = labels.iter().filter(|label| !self.known.has_label(label));
        unknown.map(|label| Problem::new("duleLabels", format!("there is no label {label}"))).collect()
    }
}

/// Who asks.
struct Asking<'a> {
    api: &'a Api,
    base: &'a Base,
    caller: &'a Caller,
}

fn datasets_of(request: &EvaluationRequest) -> &[EntityRequest] {
    match &request.subject {
        EvaluationSubject::Labels(_) => &[],
        EvaluationSubject::Entities(entities) => entities,
    }
}

/// A dataset with its labels, where there is one.
async fn labelled(reader: &mut Reader, sandbox: &str, id: &str) -> ApiResult<Option<LabelledDataset>> {
    let Some(document) = reader.find::<Dataset>(sandbox, id).await? else { return Ok(None) };
    let labels = match reader.find::<outflow_store::DatasetLabels>(sandbox, id).await? {
        Some(labels) => {
            let unreadable = |_| ApiError::internal("labels that were saved cannot be read");
            DatasetLabels::parse(&labels.body).map_err(unreadable)?
        }
        None => DatasetLabels::default(),
    };
    let dataset = EntityName { id: document.id.clone(), name: document.name.clone() };
    Ok(Some(LabelledDataset { dataset, labels, schema: None, identities: Vec::new() }))
}
