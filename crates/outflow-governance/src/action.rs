//! Marketing actions: what data will be used for. Core ones come with the product and never change; an organisation adds
//! its own. An action alone restricts nothing.

use outflow_model::flow::{ACTION_REFS_MAX, ActionOwner, MarketingAction};
use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problems};
use serde::Serialize;
use serde_json::Value;

use crate::label::text;

/// The longest name of a marketing action, in characters.
pub const ACTION_CHARS_MAX: usize = 128;

/// A marketing action and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarketingActionDefinition {
    /// Its name, by which references name it.
    pub name: String,
    /// A short name for people; custom actions have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Name, friendly name and meaning of each core action.
const CORE: [(&str, &str, &str); 10] = [
    ("analytics", "Analytics", "Measure and understand how people use your own sites and apps"),
    ("combineData", "Combine with Directly Identifiable Data", "Combine with data that identifies people directly"),
    ("crossSiteTargeting", "Cross Site Targeting", "Target ads by what people did on several sites"),
    ("dataScience", "Data Science", "Train and run models"),
    ("emailTargeting", "Email Targeting", "Target people by e-mail"),
    ("exportToThirdParty", "Export to Third Party", "Hand data to another company"),
    ("onsiteAdvertising", "Onsite Advertising", "Target ads on your own sites and apps"),
    ("onsitePersonalization", "Onsite Personalization", "Target content on your own sites and apps"),
    ("segmentMatch", "Segment Match", "Match segments with those of partners"),
    ("singleIdentityPersonalization", "Single Identity Personalization", "Target people by one identity, not stitched"),
];

/// The actions that come with the product.
pub fn core_actions() -> Vec<MarketingActionDefinition> {
    let definition = |(name, friendly_name, description): &(&str, &str, &str)| MarketingActionDefinition {
        name: (*name).to_string(),
        friendly_name: Some((*friendly_name).to_string()),
        description: Some((*description).to_string()),
    };
    CORE.iter().map(definition).collect()
}

/// Whether a core action of this name exists.
pub fn is_core(name: &str) -> bool {
    CORE.iter().any(|(core, ..)| *core == name)
}

/// The reference to a core action.
pub fn core(name: &str) -> MarketingAction {
    MarketingAction { owner: ActionOwner::Core, name: name.to_string() }
}

impl MarketingActionDefinition {
    /// Reads the body `{name, description?}` that is put at the address of the custom action `name`.
    ///
    /// # Errors
    /// Every problem at once, by field; a name that is not the address's is one.
    pub fn parse(body: &Value, name: &str) -> Result<MarketingActionDefinition, Problems> {
        let mut findings = Findings::default();
        let definition = definition(&Node::at(body, ""), name, &mut findings);
        findings.into_result(definition).map(|(definition, _)| definition)
    }
}

fn definition(body: &Node<'_>, address: &str, findings: &mut Findings) -> Option<MarketingActionDefinition> {
    body.object(findings)?;
    let name = body.required("name", findings).and_then(|member| {
        let name = member.filled_text(findings)?;
        if name != address {
            findings.add(&member.pointer, format!("must be {address:?}, as in the address"));
        } else if name.chars().count() > ACTION_CHARS_MAX {
            findings.add(&member.pointer, format!("has more than {ACTION_CHARS_MAX} characters"));
        } else if MarketingAction::parse(&format!("marketingActions/custom/{name}"))
            .is_none_or(|action| action.name != name)
            || name.contains(['?', '#', '%'])
        {
            findings.add(&member.pointer, "is written without blanks and / ? # %");
        } else if is_core(name) {
            findings.add(&member.pointer, format!("{name} is a core marketing action: choose another name"));
        }
        Some(name.to_string())
    });
    let description = text(body, "description", findings);
    Some(MarketingActionDefinition { name: name?, friendly_name: None, description })
}

/// Reads a list of references, each once.
pub(crate) fn read_refs(node: &Node<'_>, findings: &mut Findings) -> Vec<MarketingAction> {
    let mut actions = Vec::new();
    let items = node.items(findings).unwrap_or_default();
    if items.len() > ACTION_REFS_MAX {
        findings.add(&node.pointer, format!("names more than {ACTION_REFS_MAX} marketing actions"));
        return actions;
    }
    for item in &items {
        if let Some(action) = read_ref(item, findings)
            && !actions.contains(&action)
        {
            actions.push(action);
        }
    }
    actions
}

/// Reads one reference.
pub(crate) fn read_ref(node: &Node<'_>, findings: &mut Findings) -> Option<MarketingAction> {
    let text = node.text(findings)?;
    let action = MarketingAction::parse(text);
    match &action {
        None => findings.add(
            &node.pointer,
            "is no marketing action: write /dulepolicy/marketingActions/core/NAME or …/custom/NAME",
        ),
        Some(action) if action.owner == ActionOwner::Core && !is_core(&action.name) => {
            findings.add(&node.pointer, format!("there is no core marketing action {:?}", action.name));
        }
        Some(_) => {}
    }
    action
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn core_actions_can_be_referred_to() {
        for action in core_actions() {
            let reference = core(&action.name).to_string();
            assert_eq!(MarketingAction::parse(&reference), Some(core(&action.name)));
            assert!(is_core(&action.name));
        }
        assert!(!is_core("emailtargeting"));
        let shown = serde_json::to_value(&core_actions()[5]).unwrap();
        assert_eq!(shown["friendlyName"], "Export to Third Party");
    }

    #[test]
    fn a_custom_action_has_the_name_of_its_address() {
        let read = |body: &Value, name| MarketingActionDefinition::parse(body, name);
        let action = read(&json!({"name": "crmSync", "description": "Sync"}), "crmSync").unwrap();
        assert_eq!(serde_json::to_value(&action).unwrap(), json!({"name": "crmSync", "description": "Sync"}));
        for (body, name, field) in [
            (json!({"name": "other"}), "crmSync", "/name"),
            (json!({}), "crmSync", "/name"),
            (json!({"name": "a b"}), "a b", "/name"),
            (json!({"name": "a/b"}), "a/b", "/name"),
            (json!({"name": "50%"}), "50%", "/name"),
            (json!({"name": "emailTargeting"}), "emailTargeting", "/name"),
            (json!({"name": "x".repeat(129)}), &"x".repeat(129), "/name"),
            (json!({"name": "a", "description": []}), "a", "/description"),
        ] {
            assert_eq!(read(&body, name).unwrap_err().0[0].field, field, "{body}");
        }
    }

    #[test]
    fn references_are_read_once_each_and_core_ones_must_exist() {
        let refs =
            json!([core("analytics").to_string(), "x", core("nothing").to_string(), core("analytics").to_string()]);
        let mut findings = Findings::default();
        read_refs(&Node::at(&refs, "/marketingActionRefs"), &mut findings);
        let fields: Vec<_> = findings.problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["/marketingActionRefs/1", "/marketingActionRefs/2"]);
        let refs = json!([core("analytics").to_string(), core("analytics").to_string()]);
        assert_eq!(read_refs(&Node::at(&refs, ""), &mut Findings::default()), [core("analytics")]);
    }
}
