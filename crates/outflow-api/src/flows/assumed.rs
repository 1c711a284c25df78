//! What a check of a flow takes for so, in place of what is: changes that nobody has saved yet.

use outflow_governance::labels::EntityName;
use outflow_governance::usage::SegmentRule;
use outflow_governance::{DatasetLabels, Policy};
use outflow_model::flow::MarketingAction;
use outflow_model::problem::Problems;
use outflow_model::segment::SegmentDefinition;
use outflow_runner::governance::Assumed;
use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult, Problem};

/// The member of a request that holds it.
const ASSUMED: &str = "assumed";

/// Members of it.
const MEMBERS: [&str; 5] = ["policies", "enabledCorePolicies", "datasetLabels", "segments", "marketingActions"];

/// What is taken out of a request.
#[derive(Default)]
pub(super) struct Taken {
    /// What is taken for so.
    pub(super) assumed: Assumed,
    /// The marketing actions of the flow that there are not yet: the flow is checked without them, and judged with them.
    pub(super) actions: Vec<MarketingAction>,
}

/// Takes it out of a request; nothing where it is not there.
///
/// # Errors
/// 400 with every problem.
pub(super) fn take(body: &mut Map<String, Value>) -> ApiResult<Taken> {
    let given = body.remove(ASSUMED).filter(|given| !given.is_null());
    let Some(given) = given else { return Ok(Taken::default()) };
    let mut reading = Reading::default();
    reading.read(&given);
    if !reading.problems.is_empty() {
        return Err(ApiError::invalid(reading.problems));
    }
    let mut actions = Vec::new();
    let refs = body.get_mut("policy").and_then(|policy| policy.get_mut("enforcementRefs"));
    if let Some(refs) = refs.and_then(Value::as_array_mut) {
        refs.retain(|text| {
            let assumed = text.as_str().and_then(MarketingAction::parse);
            let assumed = assumed.filter(|action| reading.actions.contains(action));
            let stays = assumed.is_none();
            actions.extend(assumed);
            stays
        });
    }
    Ok(Taken { assumed: reading.assumed, actions })
}

#[derive(Default)]
struct Reading {
    assumed: Assumed,
    actions: Vec<MarketingAction>,
    problems: Vec<Problem>,
}

impl Reading {
    fn read(&mut self, given: &Value) {
        let Some(members) = given.as_object() else {
            self.problems.push(Problem::new(format!("/{ASSUMED}"), "must be an object"));
            return;
        };
        for member in members.keys().filter(|member| !MEMBERS.contains(&member.as_str())) {
            let pointer = format!("/{ASSUMED}/{}", member.replace('~', "~0").replace('/', "~1"));
            self.problems.push(Problem::new(pointer, format!("is none of {}", MEMBERS.join(", "))));
        }
        for (pointer, id, body) in self.bodies(members, "policies") {
            match Policy::parse(&id, &body) {
                Ok(policy) => self.assumed.policies.push(policy),
                Err(problems) => self.wrong(&pointer, problems),
            }
        }
        for (pointer, id, body) in self.bodies(members, "segments") {
            let rule = SegmentDefinition::parse(&body)
                .and_then(|definition| Ok((definition.name.clone(), definition.expression.rule()?)));
            match rule {
                Ok((name, rule)) => {
                    self.assumed.segments.push(SegmentRule { segment: EntityName { id, name }, rule });
                }
                Err(problems) => self.wrong(&pointer, problems),
            }
        }
        if let Some(ids) = members.get("enabledCorePolicies") {
            let ids: Option<Vec<String>> = serde_json::from_value(ids.clone()).ok();
            if ids.is_none() {
                self.problems.push(Problem::new(
                    format!("/{ASSUMED}/enabledCorePolicies"),
                    "must be a list of ids of core policies",
                ));
            }
            self.assumed.core_policies = ids;
        }
        let actions = members.get("marketingActions").and_then(Value::as_array).into_iter().flatten();
        for (at, action) in actions.enumerate() {
            match action.as_str().and_then(MarketingAction::parse) {
                Some(action) => self.actions.push(action),
                None => {
                    let pointer = format!("/{ASSUMED}/marketingActions/{at}");
                    self.problems.push(Problem::new(pointer, "is no reference to a marketing action"));
                }
            }
        }
        let labels = members.get("datasetLabels").and_then(Value::as_object);
        for (dataset, body) in labels.into_iter().flatten() {
            match DatasetLabels::parse(body) {
                Ok(labels) => drop(self.assumed.labels.insert(dataset.clone(), labels)),
                Err(problems) => self.wrong(&format!("/{ASSUMED}/datasetLabels/{dataset}"), problems),
            }
        }
    }

    /// The objects of a list: where each stands, its id, and itself.
    fn bodies(&mut self, members: &Map<String, Value>, member: &str) -> Vec<(String, String, Value)> {
        let Some(given) = members.get(member) else { return Vec::new() };
        let Some(given) = given.as_array() else {
            self.problems.push(Problem::new(format!("/{ASSUMED}/{member}"), "must be a list"));
            return Vec::new();
        };
        let mut bodies = Vec::new();
        for (at, body) in given.iter().enumerate() {
            let pointer = format!("/{ASSUMED}/{member}/{at}");
            match body.get("id").and_then(Value::as_str) {
                Some(id) => bodies.push((pointer, id.to_owned(), body.clone())),
                None => self.problems.push(Problem::new(format!("{pointer}/id"), "is missing")),
            }
        }
        bodies
    }

    fn wrong(&mut self, pointer: &str, problems: Problems) {
        let at = |problem: outflow_model::Problem| {
            let problem = Problem::from(problem);
            Problem::new(format!("{pointer}{}", problem.field), problem.message)
        };
        self.problems.extend(problems.0.into_iter().map(at));
    }
}
