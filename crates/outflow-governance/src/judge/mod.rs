//! The judgement of a flow: facts in, verdict out.
//!
//! For each activated segment the labels of every field that its export uses are gathered (see [`crate::usage`] and
//! [`crate::labels::trace`]). A policy is violated in a segment when it names one of the flow's marketing actions and its
//! condition is true of that segment's labels; labels of two segments are never put together. Data with the label
//! [`NO_EXPORT`](crate::label::NO_EXPORT) is always a violation, whatever the policies and actions are.
//!
//! A violation says what a person needs to resolve it: the policy and its condition, the actions that it is about, the way
//! of the data from the dataset to the flow ([`Lineage`]), and ways out ([`WayOut`]), each of which resolves it.

mod constraints;
mod lineage;
mod ways_out;

use std::collections::{BTreeMap, BTreeSet};

use outflow_model::FieldPath;
use outflow_model::flow::{ActionOwner, MarketingAction};
use serde::Serialize;

use crate::expression::Tree;
use crate::label::{Label, NO_EXPORT};
use crate::labels::{EntityName, LabelOrigin, LabelledDataset, trace};
use crate::policy::{Policy, PolicyStatus, as_references};
use crate::usage::{FieldUse, SegmentRule, segment_uses};

pub use constraints::{
    Constraints, DatasetFieldLabels, DiscoveredLabels, EntityRequest, EvaluationRequest, EvaluationSubject,
    constraints_of_datasets, constraints_of_labels,
};
pub use lineage::{LINEAGE_MAX, Lineage};
pub use ways_out::{Step, UnmappedField, WayOut};

/// The id that stands for the rule that is no policy: data with the label C12 never leaves.
pub const NO_EXPORT_POLICY: &str = "label_C12";

/// What a judgement looks at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// The flow.
    pub flow: &'f EntityName,
    /// Its marketing actions.
    pub actions: &'f [MarketingAction],
    /// Its activated segments.
    pub segments: &'f [SegmentRule],
    /// Segments whose membership may be read by rules or mapped; those that are not here bring no labels.
    pub known_segments: &'f [SegmentRule],
    /// What it uses whatever the segment, as [`flow_uses`](crate::usage::flow_uses) says.
    pub uses: &'f [FieldUse],
    /// Every dataset that profiles are made of.
    pub datasets: &'f [LabelledDataset],
    /// Every policy, core ones included; those that are not enabled have no say.
    pub policies: &'f [Policy],
    /// Whether drafts have a say, too.
    pub include_drafts: bool,
}

/// What a judgement says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Every violated policy of every segment, segment by segment.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether the flow may go.
    pub fn is_allowed(&self) -> bool {
        self.violations.is_empty()
    }
}

/// A policy that a segment's export violates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The policy; [`NO_EXPORT_POLICY`] is the rule about C12.
    pub policy: Policy,
    /// When it denies, as people read it: `C1 AND (C3 OR C7)`.
    pub condition: String,
    /// The labels of the condition that were found, sorted.
    pub labels: Vec<Label>,
    /// The flow's actions that the policy denies, as references; empty for the rule about C12.
    #[serde(serialize_with = "as_references")]
    pub actions: Vec<MarketingAction>,
    /// The segment whose export violates it.
    pub segment: EntityName,
    /// The flow.
    pub flow: EntityName,
    /// The ways of the data, at most [`LINEAGE_MAX`].
    pub lineage: Vec<Lineage>,
    /// How many more ways there are.
    pub lineage_left_out: usize,
    /// What would resolve it; any one is enough.
    pub ways_out: Vec<WayOut>,
}

/// A use of a field, with the labels that the field has.
type LabelledUse<'u> = (&'u FieldUse, &'u [LabelOrigin]);

/// Judges a flow.
pub fn judge(facts: &Facts<'_>) -> Verdict {
    let mut traces = Traces::default();
    let mut verdict = Verdict::default();
    for segment in facts.segments {
        let uses = segment_uses(segment, facts.uses, facts.known_segments);
        verdict.violations.extend(judge_segment(facts, &segment.segment, &uses, &mut traces));
    }
    verdict
}

/// The labels of everything that the export of `segment` uses; what consent policies ask for.
pub fn labels_in_use(facts: &Facts<'_>, segment: &SegmentRule) -> BTreeSet<Label> {
    let uses = segment_uses(segment, facts.uses, facts.known_segments);
    let origins = uses.iter().flat_map(|used| trace(&used.path, facts.datasets));
    origins.map(|origin| origin.label).collect()
}

/// The labels of fields that were looked up already.
#[derive(Default)]
struct Traces(BTreeMap<FieldPath, Vec<LabelOrigin>>);

fn judge_segment(facts: &Facts<'_>, segment: &EntityName, uses: &[FieldUse], traces: &mut Traces) -> Vec<Violation> {
    for used in uses {
        if !traces.0.contains_key(&used.path) {
            traces.0.insert(used.path.clone(), trace(&used.path, facts.datasets));
        }
    }
    let origins = |used: &FieldUse| traces.0.get(&used.path).map(Vec::as_slice).unwrap_or_default();
    let labelled: Vec<LabelledUse<'_>> = uses.iter().map(|used| (used, origins(used))).collect();
    let present: BTreeSet<Label> =
        labelled.iter().flat_map(|(_, origins)| origins.iter().map(|origin| origin.label.clone())).collect();
    let mut violations = Vec::new();
    let mut violated = |policy: &Policy, actions: Vec<MarketingAction>| {
        let labels: Vec<Label> = policy.deny.labels().intersection(&present).cloned().collect();
        let (lineage, lineage_left_out) = lineage::lineage(&labelled, &labels);
        violations.push(Violation {
            policy: policy.clone(),
            condition: policy.deny.to_string(),
            ways_out: ways_out::ways_out(policy, &actions, segment, &labelled, &present),
            labels,
            actions,
            segment: segment.clone(),
            flow: facts.flow.clone(),
            lineage,
            lineage_left_out,
        });
    };
    if let Some(policy) = no_export().filter(|policy| policy.deny.is_met_by(&present)) {
        violated(&policy, Vec::new());
    }
    for policy in facts.policies.iter().filter(|policy| policy.status.counts(facts.include_drafts)) {
        let denied: Vec<_> = policy.denied(facts.actions, &present).into_iter().cloned().collect();
        if !denied.is_empty() {
            violated(policy, denied);
        }
    }
    violations
}

/// The rule about C12 in the form of a policy.
fn no_export() -> Option<Policy> {
    Some(Policy {
        id: NO_EXPORT_POLICY.to_string(),
        owner: ActionOwner::Core,
        name: "No export".to_string(),
        status: PolicyStatus::Enabled,
        actions: Vec::new(),
        description: "Data with the label C12 leaves in no way; this cannot be switched off".to_string(),
        deny: Tree::Leaf(Label::new(NO_EXPORT).ok()?),
    })
}

#[cfg(test)]
mod tests;
