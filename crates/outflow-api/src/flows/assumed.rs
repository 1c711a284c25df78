//! What a check of a flow takes for so, in place of what is: changes that nobody has saved yet.

use std::collections::BTreeSet;

use outflow_governance::labels::EntityName;
use outflow_governance::policy::core_policies;
use outflow_governance::usage::SegmentRule;
use outflow_governance::{DatasetLabels, Policy};
use outflow_model::flow::MarketingAction;
use outflow_model::problem::Problems;
use outflow_model::segment::SegmentDefinition;
use outflow_runner::governance::Assumed;
use outflow_store::{Dataset, Noun, Reader, Segment, TargetConnection};
use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult, Problem};
use crate::policy_service::Known;

/// The member of a request that holds it.
const ASSUMED: &str = "assumed";

/// Members of it.
const MEMBERS: [&str; 6] =
    ["policies", "enabledCorePolicies", "datasetLabels", "segments", "marketingActions", "targetActions"];

/// What is taken out of a request.
#[derive(Default)]
pub(super) struct Taken {
    /// What is taken for so.
    pub(super) assumed: Assumed,
    /// The marketing actions of the flow that there are not yet: the flow is checked without them, and judged with them.
    pub(super) actions: Vec<MarketingAction>,
    /// What targets are for, in place of what they are for: references to marketing actions, by the target's id.
    pub(super) purposes: Map<String, Value>,
    /// All marketing actions that there are not yet.
    made: Vec<MarketingAction>,
}

impl Taken {
    /// Refuses what names nothing of the sandbox: it would count for nothing, and nobody would know.
    ///
    /// # Errors
    /// 400 with every such id; those of the store.
    pub(super) async fn check(&self, reader: &mut Reader, sandbox: &str) -> ApiResult<()> {
        let mut problems = Vec::new();
        let core = core_policies(&[]);
        for (at, id) in self.assumed.core_policies.iter().flatten().enumerate() {
            if !core.iter().any(|policy| policy.id == *id) {
                let pointer = format!("/{ASSUMED}/enabledCorePolicies/{at}");
                problems.push(Problem::new(pointer, "names no policy of the product"));
            }
        }
        let datasets: Vec<String> = self.assumed.labels.keys().cloned().collect();
        for at in unknown::<Dataset>(reader, sandbox, &datasets).await? {
            let pointer = pointer_to("datasetLabels", &datasets[at]);
            problems.push(Problem::new(pointer, "names no dataset of this sandbox"));
        }
        let segments: Vec<String> = self.assumed.segments.iter().map(|rule| rule.segment.id.clone()).collect();
        for at in unknown::<Segment>(reader, sandbox, &segments).await? {
            let pointer = format!("/{ASSUMED}/segments/{at}/id");
            problems.push(Problem::new(pointer, "names no segment of this sandbox"));
        }
        let targets: Vec<String> = self.purposes.keys().cloned().collect();
        for at in unknown::<TargetConnection>(reader, sandbox, &targets).await? {
            let pointer = pointer_to("targetActions", &targets[at]);
            problems.push(Problem::new(pointer, "names no target connection of this sandbox"));
        }
        if !targets.is_empty() {
            self.check_purposes(&Known::load(reader, sandbox).await?, &mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(problems)) }
    }

    fn check_purposes(&self, known: &Known, problems: &mut Vec<Problem>) {
        for (target, refs) in &self.purposes {
            for (at, action) in refs.as_array().into_iter().flatten().enumerate() {
                let action = action.as_str().and_then(MarketingAction::parse);
                if let Some(action) = action.filter(|action| !known.has_action(action) && !self.made.contains(action)) {
                    let pointer = format!("{}/{at}", pointer_to("targetActions", target));
                    problems.push(Problem::new(pointer, format!("there is no {action}")));
                }
            }
        }
    }
}

/// Where those of `ids` stand that are not there.
async fn unknown<N: Noun>(reader: &mut Reader, sandbox: &str, ids: &[String]) -> ApiResult<Vec<usize>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = reader.get_many::<N>(sandbox, ids).await?;
    let found: BTreeSet<&str> = found.iter().map(|document| document.id.as_str()).collect();
    Ok((0..ids.len()).filter(|at| !found.contains(ids[*at].as_str())).collect())
}

/// The place of a name below a member.
fn pointer_to(member: &str, name: &str) -> String {
    format!("/{ASSUMED}/{member}/{}", name.replace('~', "~0").replace('/', "~1"))
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
    Ok(Taken { assumed: reading.assumed, actions, purposes: reading.purposes, made: reading.actions })
}

#[derive(Default)]
struct Reading {
    assumed: Assumed,
    actions: Vec<MarketingAction>,
    purposes: Map<String, Value>,
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
        if let Some(given) = members.get("marketingActions") {
            self.actions = self.references(&format!("/{ASSUMED}/marketingActions"), given);
        }
        for (target, given) in self.members_of(members, "targetActions") {
            self.references(&pointer_to("targetActions", &target), &given);
            self.purposes.insert(target, given);
        }
        for (dataset, body) in self.members_of(members, "datasetLabels") {
            match DatasetLabels::parse(&body) {
                Ok(labels) => drop(self.assumed.labels.insert(dataset, labels)),
                Err(problems) => self.wrong(&pointer_to("datasetLabels", &dataset), problems),
            }
        }
    }

    /// References to marketing actions.
    fn references(&mut self, pointer: &str, given: &Value) -> Vec<MarketingAction> {
        let Some(given) = given.as_array() else {
            self.problems.push(Problem::new(pointer, "must be a list of references to marketing actions"));
            return Vec::new();
        };
        let mut actions = Vec::new();
        for (at, action) in given.iter().enumerate() {
            match action.as_str().and_then(MarketingAction::parse) {
                Some(action) => actions.push(action),
                None => {
                    let pointer = format!("{pointer}/{at}");
                    self.problems.push(Problem::new(pointer, "is no reference to a marketing action"));
                }
            }
        }
        actions
    }

    /// What an object holds, by id.
    fn members_of(&mut self, members: &Map<String, Value>, member: &str) -> Map<String, Value> {
        match members.get(member) {
            None => Map::new(),
            Some(Value::Object(given)) => given.clone(),
            Some(_) => {
                self.problems.push(Problem::new(format!("/{ASSUMED}/{member}"), "must be an object, by id"));
                Map::new()
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
