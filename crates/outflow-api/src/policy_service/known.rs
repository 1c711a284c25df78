//! Which labels and marketing actions there are.

use std::collections::BTreeSet;

use outflow_governance::{Label, action, label};
use outflow_model::flow::{ActionOwner, MarketingAction, marketing_actions};
use outflow_model::near::near;
use outflow_store::{Document, Reader};
use serde_json::Value;

use super::all;
use crate::error::{ApiResult, Problem};

/// Unknown marketing actions for which names that look alike are sought.
const SOUGHT_MAX: usize = 10;

/// What policies, labels of datasets and evaluations of a sandbox may refer to.
pub(crate) struct Known {
    labels: BTreeSet<String>,
    actions: BTreeSet<String>,
}

impl Known {
    /// Reads the sandbox's own.
    ///
    /// # Errors
    /// As of the store.
    pub(crate) async fn load(reader: &mut Reader, sandbox: &str) -> ApiResult<Known> {
        let labels = all::<outflow_store::LabelDefinition>(reader, sandbox).await?;
        let actions = all::<outflow_store::MarketingAction>(reader, sandbox).await?;
        Ok(Known {
            labels: labels.iter().map(|document| document.id.clone()).collect(),
            actions: actions.iter().map(|document| document.id.clone()).collect(),
        })
    }

    /// Whether there is this label.
    pub(crate) fn has_label(&self, label: &Label) -> bool {
        label::is_core(label) || self.labels.contains(label.as_str())
    }

    /// Whether there is this marketing action.
    pub(crate) fn has_action(&self, action: &MarketingAction) -> bool {
        match action.owner {
            ActionOwner::Core => action::is_core(&action.name),
            ActionOwner::Custom => self.actions.contains(&action.name),
        }
    }
}

/// What is wrong with the marketing actions that a flow or target refers to in `policy.enforcementRefs`: those that there are
/// not, with names that look alike. A slip would be an action that no policy forbids. What the object referred to `before`,
/// it may go on to refer to.
///
/// # Errors
/// As of the store.
pub(crate) async fn unknown_actions(
    reader: &mut Reader,
    sandbox: &str,
    body: &Value,
    before: Option<&Document>,
) -> ApiResult<Vec<Problem>> {
    let refs = body.pointer("/policy/enforcementRefs").and_then(Value::as_array).into_iter().flatten();
    let there = before.and_then(|before| marketing_actions(&before.body).ok()).unwrap_or_default();
    let actions = refs.enumerate().filter_map(|(place, text)| Some((place, MarketingAction::parse(text.as_str()?)?)));
    let new: Vec<_> = actions.filter(|(_, action)| !there.contains(action)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let known = Known::load(reader, sandbox).await?;
    let custom = known.actions.iter().map(|name| MarketingAction { owner: ActionOwner::Custom, name: name.clone() });
    let core = action::core_actions().into_iter().map(|core| action::core(&core.name));
    let all: Vec<MarketingAction> = core.chain(custom).collect();
    let unknown = new.into_iter().filter(|(_, action)| !known.has_action(action)).enumerate();
    let told = unknown.map(|(number, (place, unknown))| {
        let names = all.iter().map(|action| action.name.as_str());
        let alike = if number < SOUGHT_MAX { near(&unknown.name, names) } else { Vec::new() };
        let alike = alike.first().and_then(|name| all.iter().find(|action| action.name == *name));
        let hint = alike.map(|action| format!(" (did you mean `{action}`?)")).unwrap_or_default();
        Problem::new(format!("/policy/enforcementRefs/{place}"), format!("there is no {unknown}{hint}"))
    });
    Ok(told.collect())
}
