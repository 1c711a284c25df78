//! What is taken for so beside what is: for the judgement of changes that nobody has saved yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use outflow_governance::policy::core_policies;
use outflow_governance::usage::SegmentRule;
use outflow_governance::{DatasetLabels, Policy};
use outflow_model::flow::ActionOwner;

use super::rules::Rules;

/// What is taken for so, in place of what is.
#[derive(Clone, Debug, Default)]
pub struct Assumed {
    /// Policies of one's own, in place of those of the same ids and beside the others.
    pub policies: Vec<Policy>,
    /// The ids of the core policies that are on; as they are where it is none.
    pub core_policies: Option<Vec<String>>,
    /// All labels of attached datasets, by id.
    pub labels: BTreeMap<String, DatasetLabels>,
    /// Segments with the rules that they would have. Those that are not there are nobody's.
    pub segments: Vec<SegmentRule>,
}

impl Rules {
    /// These rules as they would be.
    pub(super) fn assuming(mut self, assumed: &Assumed) -> Rules {
        if let Some(enabled) = &assumed.core_policies {
            let own = std::mem::take(&mut self.policies);
            self.policies = core_policies(enabled);
            self.policies.extend(own.into_iter().filter(|policy| policy.owner != ActionOwner::Core));
        }
        for policy in &assumed.policies {
            self.policies.retain(|there| there.id != policy.id);
            self.policies.push(policy.clone());
        }
        for (dataset, labels) in &assumed.labels {
            if labels.labels.is_empty() && labels.fields.iter().all(|field| field.labels.is_empty()) {
                self.labels.remove(dataset);
            } else {
                self.labels.insert(dataset.clone(), Arc::new(labels.clone()));
            }
        }
        for segment in &assumed.segments {
            let place = self.places.get(&segment.segment.id);
            if let Some(there) = place.and_then(|place| self.segments.get_mut(*place)) {
                *there = segment.clone();
            }
        }
        self
    }
}
