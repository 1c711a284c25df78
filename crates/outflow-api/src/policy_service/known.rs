//! Which labels and marketing actions there are.

use std::collections::BTreeSet;

use outflow_governance::{Label, action, label};
use outflow_model::flow::{ActionOwner, MarketingAction};
use outflow_store::Reader;

use super::all;
use crate::error::ApiResult;

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
