//! The marketing actions of a flow: what its data will be used for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::Node;
use crate::problem::{Findings, Problems};

/// The most marketing actions that one document refers to.
pub const ACTION_REFS_MAX: usize = 100;

/// Who defined a marketing action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionOwner {
    /// It comes with the product.
    Core,
    /// The organisation.
    Custom,
}

/// A marketing action that a flow refers to. `Display` gives the reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarketingAction {
    /// Who defined it.
    pub owner: ActionOwner,
    /// Its name, for example `emailTargeting`.
    pub name: String,
}

impl MarketingAction {
    /// Reads a reference, for example `/dulepolicy/marketingActions/core/emailTargeting`. What stands before
    /// `marketingActions`, such as the address of the service, does not count.
    pub fn parse(reference: &str) -> Option<MarketingAction> {
        let (before, action) = match reference.rsplit_once("/marketingActions/") {
            Some((_, action)) => ("", action),
            None => reference.split_once("marketingActions/")?,
        };
        let (owner, name) = action.split_once('/')?;
        let owner = match owner {
            "core" => ActionOwner::Core,
            "custom" => ActionOwner::Custom,
            _ => return None,
        };
        let is_name = !name.is_empty() && !name.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control());
        (before.is_empty() && is_name).then(|| MarketingAction { owner, name: name.to_string() })
    }
}

impl fmt::Display for MarketingAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = match self.owner {
            ActionOwner::Core => "core",
            ActionOwner::Custom => "custom",
        };
        write!(f, "/dulepolicy/marketingActions/{owner}/{}", self.name)
    }
}

/// The marketing actions of `flow` (`policy.enforcementRefs`), each once.
///
/// # Errors
/// References that are none, all of them; more than [`ACTION_REFS_MAX`] references.
pub fn marketing_actions(flow: &Value) -> Result<Vec<MarketingAction>, Problems> {
    let mut findings = Findings::default();
    let mut actions = Vec::new();
    let policy = Node::at(flow, "").member("policy").filter(|policy| policy.object(&mut findings).is_some());
    let refs = policy.and_then(|policy| policy.member("enforcementRefs")).and_then(|refs| refs.items(&mut findings));
    let refs = refs.unwrap_or_default();
    if refs.len() > ACTION_REFS_MAX {
        let text = format!("names more than {ACTION_REFS_MAX} marketing actions");
        findings.add("/policy/enforcementRefs", text);
        return findings.into_result(None::<Vec<MarketingAction>>).map(|(actions, _)| actions);
    }
    for item in refs {
        let Some(text) = item.text(&mut findings) else { continue };
        match MarketingAction::parse(text) {
            Some(action) if actions.contains(&action) => {}
            Some(action) => actions.push(action),
            None => findings.add(
                &item.pointer,
                "is no marketing action: write /dulepolicy/marketingActions/core/NAME or …/custom/NAME",
            ),
        }
    }
    findings.into_result(Some(actions)).map(|(actions, _)| actions)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_name_owner_and_action() {
        for (reference, shown) in [
            (
                "/dulepolicy/marketingActions/core/emailTargeting",
                Some("/dulepolicy/marketingActions/core/emailTargeting"),
            ),
            (
                "https://example.org/data/foundation/dulepolicy/marketingActions/custom/x.y",
                Some("/dulepolicy/marketingActions/custom/x.y"),
            ),
            ("../marketingActions/custom/a", Some("/dulepolicy/marketingActions/custom/a")),
            ("marketingActions/core/a", Some("/dulepolicy/marketingActions/core/a")),
            ("/dulepolicy/marketingActions/core/", None),
            ("/dulepolicy/marketingActions/ours/a", None),
            ("/dulepolicy/marketingActions/core/a/b", None),
            ("xmarketingActions/core/a", None),
            ("emailTargeting", None),
            ("", None),
        ] {
            let parsed = MarketingAction::parse(reference).map(|action| action.to_string());
            assert_eq!(parsed.as_deref(), shown, "{reference}");
        }
    }

    #[test]
    fn a_flow_has_each_action_once_and_all_wrong_ones_are_told() {
        let core = "/dulepolicy/marketingActions/core/emailTargeting";
        let flow = json!({"policy": {"enforcementRefs": [core, core]}});
        assert_eq!(marketing_actions(&flow).unwrap().len(), 1);
        assert_eq!(marketing_actions(&json!({})).unwrap(), []);
        let many = json!({"policy": {"enforcementRefs": vec![core; ACTION_REFS_MAX + 1]}});
        assert_eq!(marketing_actions(&many).unwrap_err().0[0].field, "/policy/enforcementRefs");
        let flow = json!({"policy": {"enforcementRefs": ["x", 7, core]}});
        let fields: Vec<_> = marketing_actions(&flow).unwrap_err().0.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["/policy/enforcementRefs/0", "/policy/enforcementRefs/1"]);
        assert!(marketing_actions(&json!({"policy": {"enforcementRefs": core}})).is_err());
    }
}
