//! What a flow uses.

use outflow_governance::labels::EntityName;
use outflow_governance::usage::{FieldUse, UseKind, flow_uses};
use outflow_model::flow::{Activation, FlowKind, MarketingAction, marketing_actions};
use outflow_model::guardrails::Guardrails;
use outflow_model::problem::Problems;
use outflow_model::{FieldPath, Problem};
use serde_json::Value;

/// What a flow uses, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowFacts {
    /// The flow.
    pub flow: EntityName,
    /// Its marketing actions, and those of its target.
    pub actions: Vec<MarketingAction>,
    /// The ids of its activated segments.
    pub segments: Vec<String>,
    /// What it uses whatever the segment.
    pub uses: Vec<FieldUse>,
}

impl FlowFacts {
    /// Reads what a flow uses: `body` is the flow's, `target` that of its target connection (null where there is none), and
    /// `kind` is what the target takes.
    ///
    /// # Errors
    /// Every problem at once, by field; those of the target have fields that lead into the target.
    pub fn of(id: &str, name: &str, body: &Value, target: &Value, kind: FlowKind) -> Result<FlowFacts, Problems> {
        let mut problems: Vec<Problem> = Vec::new();
        let mut actions: Vec<MarketingAction> = Vec::new();
        for bearer in [body, target] {
            match marketing_actions(bearer) {
                Ok(found) => found.into_iter().for_each(|action| push_once(&mut actions, action)),
                Err(found) => problems.extend(found.0),
            }
        }
        match Activation::parse(body, kind, &Guardrails::default()) {
            Ok(activation) if problems.is_empty() => Ok(FlowFacts {
                flow: EntityName { id: id.to_owned(), name: name.to_owned() },
                actions,
                segments: activation.segments.iter().map(|segment| segment.id.clone()).collect(),
                uses: flow_uses(&activation),
            }),
            Ok(_) => Err(Problems(problems)),
            Err(found) => Err(Problems([problems, found.0].concat())),
        }
    }

    /// What leaves that was made of this flow earlier, when it may have been another one: these segments, and these fields.
    /// It is for what the flow serves today, and for what it served then.
    pub(crate) fn of_earlier(
        &self,
        segments: Vec<String>,
        uses: impl Iterator<Item = (FieldPath, UseKind)>,
        actions: &[MarketingAction],
    ) -> FlowFacts {
        let mut all = self.actions.clone();
        actions.iter().for_each(|action| push_once(&mut all, action.clone()));
        // Where it is mapped still, that is what a person would take out.
        let pointer = |path: &FieldPath, kind| {
            let same = self.uses.iter().find(|used| used.path == *path && used.kind == kind);
            same.and_then(|used| used.pointer.clone())
        };
        let uses = uses.map(|(path, kind)| FieldUse { pointer: pointer(&path, kind), path, kind, through: Vec::new() });
        FlowFacts { flow: self.flow.clone(), actions: all, segments, uses: uses.collect() }
    }
}

fn push_once(actions: &mut Vec<MarketingAction>, action: MarketingAction) {
    if !actions.contains(&action) {
        actions.push(action);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn core(name: &str) -> String {
        outflow_governance::action::core(name).to_string()
    }

    #[test]
    fn the_actions_of_flow_and_target_count_together() {
        let columns = json!({"selectors": [{"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": "a"}}]});
        let segments = json!({"selectors": [{"type": "PLATFORM_SEGMENT", "value": {"id": "s"}}]});
        let params = json!({"profileSelectors": columns, "segmentSelectors": segments});
        let flow = json!({
            "policy": {"enforcementRefs": [core("analytics")]},
            "transformations": [{"name": "GeneralTransform", "params": params}],
        });
        let target = json!({"policy": {"enforcementRefs": [core("emailTargeting"), core("analytics")]}});
        let facts = FlowFacts::of("f", "F", &flow, &target, FlowKind::Streaming).unwrap();
        assert_eq!(facts.actions.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["analytics", "emailTargeting"]);
        assert_eq!(facts.segments, ["s"]);
        assert_eq!(facts.uses.iter().map(|used| used.kind).collect::<Vec<_>>(), [UseKind::Mapping, UseKind::Message]);
        assert!(FlowFacts::of("f", "F", &flow, &Value::Null, FlowKind::Streaming).is_ok());
        let wrong = json!({"policy": {"enforcementRefs": ["x"]}, "transformations": 3});
        let problems = FlowFacts::of("f", "F", &wrong, &wrong, FlowKind::Batch).unwrap_err();
        assert!(problems.0.len() >= 3, "{problems:?}");
    }

    #[test]
    fn what_was_made_earlier_keeps_its_fields_and_adds_its_actions() {
        let mapped = FieldUse {
            path: FieldPath::parse("a").unwrap(),
            kind: UseKind::Mapping,
            pointer: Some("/x".into()),
            through: Vec::new(),
        };
        let action = outflow_governance::action::core("analytics");
        let flow = EntityName { id: "f".into(), name: "F".into() };
        let now = FlowFacts { flow, actions: vec![action.clone()], segments: vec!["s".into()], uses: vec![mapped] };
        let fields = ["a", "b"].map(|path| (FieldPath::parse(path).unwrap(), UseKind::Mapping));
        let other = outflow_governance::action::core("dataScience");
        let then = now.of_earlier(vec!["t".into()], fields.into_iter(), &[action, other]);
        assert_eq!((then.actions.len(), then.segments.as_slice()), (2, ["t".to_owned()].as_slice()));
        let pointers: Vec<_> = then.uses.iter().map(|used| used.pointer.as_deref()).collect();
        assert_eq!(pointers, [Some("/x"), None]);
    }
}
