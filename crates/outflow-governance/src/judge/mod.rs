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

/// The most violations that a verdict tells. Each may have hundreds of ways of data.
pub const VIOLATIONS_TOLD_MAX: usize = 100;

/// What a judgement says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The violated policies of every segment, segment by segment: the first [`VIOLATIONS_TOLD_MAX`].
    pub violations: Vec<Violation>,
    /// How many more there are.
    pub violations_left_out: usize,
}

impl Verdict {
    /// Whether the flow may go.
    pub fn is_allowed(&self) -> bool {
        self.violations.is_empty() && self.violations_left_out == 0
    }

    /// How many violations there are in all.
    pub fn violations_total(&self) -> usize {
        self.violations.len() + self.violations_left_out
    }
}

/// That a segment's export violates a policy, in as few words as it takes to tell two of them apart. A flow has one of a
/// policy and a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The policy's id.
    pub policy_id: String,
    /// The policy's name.
    pub policy_name: String,
    /// The segment's id.
    pub segment_id: String,
    /// The flow's actions that the policy denies.
    pub actions: Vec<MarketingAction>,
    /// The labels of the condition that were found, sorted.
    pub labels: Vec<Label>,
}

impl Breach {
    /// What it is known by among those of one flow.
    pub fn key(&self) -> (&str, &str) {
        (&self.policy_id, &self.segment_id)
    }

    /// Whether it says nothing that `other` does not say.
    pub fn is_part_of(&self, other: &Breach) -> bool {
        self.key() == other.key()
            && self.actions.iter().all(|action| other.actions.contains(action))
            && self.labels.iter().all(|label| other.labels.contains(label))
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
    let mut verdict = Verdict::default();
    each(facts, &mut |found| match verdict.violations.len() < VIOLATIONS_TOLD_MAX {
        true => verdict.violations.push(found.violation(facts, true)),
        false => verdict.violations_left_out += 1,
    });
    verdict
}

/// What [`judge`] would find, in few words: all of it.
pub fn breaches(facts: &Facts<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    each(facts, &mut |found| breaches.push(found.breach()));
    breaches
}

/// Tells `chosen` of a flow's breaches. Only the first `explained` of them have lineage and ways out.
pub fn explain(facts: &Facts<'_>, chosen: &[Breach], explained: usize) -> Verdict {
    let keys: BTreeSet<(&str, &str)> = chosen.iter().map(Breach::key).collect();
    let mut verdict = Verdict::default();
    each(facts, &mut |found| {
        let told = verdict.violations.len();
        match keys.contains(&(found.policy.id.as_str(), found.segment.id.as_str())) {
            true if told < VIOLATIONS_TOLD_MAX => verdict.violations.push(found.violation(facts, told < explained)),
            true => verdict.violations_left_out += 1,
            false => {}
        }
    });
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

/// A violation that was found, before it is put into words.
struct Found<'a> {
    policy: &'a Policy,
    actions: Vec<MarketingAction>,
    segment: &'a EntityName,
    uses: &'a [LabelledUse<'a>],
    present: &'a BTreeSet<Label>,
}

impl Found<'_> {
    fn labels(&self) -> Vec<Label> {
        self.policy.deny.labels().intersection(self.present).cloned().collect()
    }

    fn breach(&self) -> Breach {
        Breach {
            policy_id: self.policy.id.clone(),
            policy_name: self.policy.name.clone(),
            segment_id: self.segment.id.clone(),
            labels: self.labels(),
            actions: self.actions.clone(),
        }
    }

    fn violation(&self, facts: &Facts<'_>, is_explained: bool) -> Violation {
        let labels = self.labels();
        let (lineage, lineage_left_out) =
            if is_explained { lineage::lineage(self.uses, &labels) } else { Default::default() };
        let ways_out = || ways_out::ways_out(self.policy, &self.actions, self.segment, self.uses, self.present);
        Violation {
            policy: self.policy.clone(),
            condition: self.policy.deny.to_string(),
            ways_out: if is_explained { ways_out() } else { Vec::new() },
            labels,
            actions: self.actions.clone(),
            segment: self.segment.clone(),
            flow: facts.flow.clone(),
            lineage,
            lineage_left_out,
        }
    }
}

/// Every violation, segment by segment.
fn each(facts: &Facts<'_>, found: &mut dyn FnMut(&Found<'_>)) {
    let mut traces = Traces::default();
    let no_export = no_export();
    for segment in facts.segments {
        let uses = segment_uses(segment, facts.uses, facts.known_segments);
        for used in &uses {
            if !traces.0.contains_key(&used.path) {
                traces.0.insert(used.path.clone(), trace(&used.path, facts.datasets));
            }
        }
        let origins = |used: &FieldUse| traces.0.get(&used.path).map(Vec::as_slice).unwrap_or_default();
        let labelled: Vec<LabelledUse<'_>> = uses.iter().map(|used| (used, origins(used))).collect();
        let present: BTreeSet<Label> =
            labelled.iter().flat_map(|(_, origins)| origins.iter().map(|origin| origin.label.clone())).collect();
        let mut violated = |policy: &Policy, actions: Vec<MarketingAction>| {
            found(&Found { policy, actions, segment: &segment.segment, uses: &labelled, present: &present });
        };
        if let Some(policy) = no_export.as_ref().filter(|policy| policy.deny.is_met_by(&present)) {
            violated(policy, Vec::new());
        }
        for policy in facts.policies.iter().filter(|policy| policy.status.counts(facts.include_drafts)) {
            let denied: Vec<_> = policy.denied(facts.actions, &present).into_iter().cloned().collect();
            if !denied.is_empty() {
                violated(policy, denied);
            }
        }
    }
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
