//! What resolves a violation. Each way is whole: when all its steps are done, the policy is not violated in this segment
//! any more. What else the steps break or violate is for the next judgement.
//!
//! A condition stops being true when enough of its labels are out of use. The sets that are enough and that none of their
//! parts is ([`cuts`]) each give two ways: to stop using every field that has one of the labels, and to take the labels off.

use std::collections::{BTreeMap, BTreeSet};

use outflow_model::FieldPath;
use outflow_model::flow::{ActionOwner, MarketingAction};
use serde::Serialize;

use super::{LabelledUse, NO_EXPORT_POLICY};
use crate::expression::{PolicyExpression, Tree};
use crate::label::Label;
use crate::labels::{EntityName, SchemaPath};
use crate::policy::{Policy, as_references};
use crate::usage::{FieldUse, UseKind, evaluated_segment};

/// The most sets of labels that ways are given for; the smallest are taken.
const CUTS_MAX: usize = 4;

/// The most sets that are kept while they are sought. More would make the search of a large condition long; where there
/// are more, the ways that are given still resolve the violation, and shorter ones may be missed.
const CUTS_KEPT_MAX: usize = 64;

/// One way to resolve a violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WayOut {
    /// What to do, all of it.
    pub steps: Vec<Step>,
}

/// A column that is taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnmappedField {
    /// What it exports.
    pub path: FieldPath,
    /// JSON Pointer of its selector's `value` in the flow.
    pub pointer: String,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Step {
    /// Take these fields out of the mapping.
    Unmap {
        /// Which.
        fields: Vec<UnmappedField>,
    },
    /// Make these fields not mandatory any more.
    DropMandatory {
        /// Which.
        fields: Vec<FieldPath>,
    },
    /// Deduplicate by something else than these fields.
    ChangeKey {
        /// Which.
        fields: Vec<FieldPath>,
    },
    /// Change a segment's rule so that it does not read these fields.
    ChangeRule {
        /// The segment.
        segment: EntityName,
        /// Which.
        fields: Vec<FieldPath>,
    },
    /// Take labels off a dataset, or off a field of it.
    ChangeLabels {
        /// The dataset.
        dataset: EntityName,
        /// The field; absent for the whole dataset.
        #[serde(skip_serializing_if = "Option::is_none")]
        schema_path: Option<SchemaPath>,
        /// Which labels.
        labels: Vec<Label>,
    },
    /// Take the segment out of the flow.
    RemoveSegment {
        /// The segment.
        segment: EntityName,
    },
    /// Use the data for something else.
    DropActions {
        /// What not to use it for, as references.
        #[serde(serialize_with = "as_references")]
        actions: Vec<MarketingAction>,
    },
    /// Switch the policy off.
    DisablePolicy {
        /// The policy's id.
        policy_id: String,
        /// The policy's name.
        policy_name: String,
        /// Whether it comes with the product or is the organisation's.
        owner: ActionOwner,
    },
}

/// The ways to resolve the violation of `policy` in `segment`.
pub(super) fn ways_out(
    policy: &Policy,
    actions: &[MarketingAction],
    segment: &EntityName,
    uses: &[LabelledUse<'_>],
    present: &BTreeSet<Label>,
) -> Vec<WayOut> {
    let mut cuts = cuts(&policy.deny, present);
    cuts.truncate(CUTS_MAX);
    let mut ways: Vec<WayOut> = Vec::new();
    let mut add = |steps: Vec<Step>| {
        if !steps.is_empty() && ways.iter().all(|way| way.steps != steps) {
            ways.push(WayOut { steps });
        }
    };
    cuts.iter().for_each(|cut| add(stop_using(cut, segment, uses).unwrap_or_default()));
    add(vec![Step::RemoveSegment { segment: segment.clone() }]);
    if policy.id != NO_EXPORT_POLICY {
        add(vec![Step::DropActions { actions: actions.to_vec() }]);
        let (policy_id, policy_name) = (policy.id.clone(), policy.name.clone());
        add(vec![Step::DisablePolicy { policy_id, policy_name, owner: policy.owner }]);
    }
    cuts.iter().for_each(|cut| add(change_labels(cut, uses)));
    ways
}

/// The sets of labels without which `deny`, true of `present`, is false, none of which holds another: at most
/// [`CUTS_KEPT_MAX`], the smallest first.
fn cuts(deny: &PolicyExpression, present: &BTreeSet<Label>) -> Vec<BTreeSet<Label>> {
    let found = match deny {
        Tree::Leaf(label) => vec![BTreeSet::from([label.clone()])],
        // Any one operand that is false is enough.
        Tree::All(operands) => operands.iter().flat_map(|operand| cuts(operand, present)).collect(),
        // Each operand that is true has to become false.
        Tree::Any(operands) => {
            let true_ones = operands.iter().filter(|operand| operand.is_met_by(present));
            true_ones.fold(vec![BTreeSet::new()], |all, operand| {
                let more = cuts(operand, present);
                let joined = all.iter().flat_map(|cut| more.iter().map(move |more| cut.union(more).cloned().collect()));
                smallest(joined.collect())
            })
        }
    };
    smallest(found)
}

fn smallest(mut cuts: Vec<BTreeSet<Label>>) -> Vec<BTreeSet<Label>> {
    cuts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<BTreeSet<Label>> = Vec::new();
    for cut in cuts {
        if kept.len() < CUTS_KEPT_MAX && !kept.iter().any(|smaller| smaller.is_subset(&cut)) {
            kept.push(cut);
        }
    }
    kept
}

/// Fields that are taken out of use, by what they are used for.
#[derive(Default)]
struct Stopped {
    unmapped: Vec<UnmappedField>,
    mandatory: Vec<FieldPath>,
    keys: Vec<FieldPath>,
    rules: Vec<(EntityName, Vec<FieldPath>)>,
}

/// How to stop using every field that has a label of `cut`; `None` where that cannot be: messages always have identities.
fn stop_using(cut: &BTreeSet<Label>, segment: &EntityName, uses: &[LabelledUse<'_>]) -> Option<Vec<Step>> {
    let mut stopped = Stopped::default();
    let has_label = |(_, origins): &&LabelledUse<'_>| origins.iter().any(|origin| cut.contains(&origin.label));
    for (used, _) in uses.iter().filter(has_label) {
        let named = named(used, uses);
        match used.kind {
            UseKind::Message => return None,
            UseKind::Mapping => {
                for (path, pointer) in named {
                    let field = UnmappedField { path: path.clone(), pointer: pointer.unwrap_or_default().to_string() };
                    if !stopped.unmapped.contains(&field) {
                        stopped.unmapped.push(field);
                    }
                }
            }
            UseKind::Mandatory => named.iter().for_each(|(path, _)| push_once(&mut stopped.mandatory, path)),
            UseKind::Deduplication => named.iter().for_each(|(path, _)| push_once(&mut stopped.keys, path)),
            UseKind::Rule => {
                let reader = used.through.last().unwrap_or(segment);
                match stopped.rules.iter_mut().find(|(other, _)| other == reader) {
                    Some((_, fields)) => push_once(fields, &used.path),
                    None => stopped.rules.push((reader.clone(), vec![used.path.clone()])),
                }
            }
        }
    }
    Some(stopped.steps())
}

/// The fields, with the pointers of those that are mapped, by which the flow itself names what is used: a field behind a
/// membership is used as long as the flow uses the membership.
fn named<'u>(used: &'u FieldUse, uses: &[LabelledUse<'u>]) -> Vec<(&'u FieldPath, Option<&'u str>)> {
    let name = |used: &'u FieldUse| (&used.path, used.pointer.as_deref());
    let Some(first) = used.through.first() else { return vec![name(used)] };
    let names_it = |other: &FieldUse| {
        other.kind == used.kind
            && other.pointer == used.pointer
            && other.through.is_empty()
            && evaluated_segment(&other.path) == Some(&first.id)
    };
    uses.iter().map(|(other, _)| *other).filter(|other| names_it(other)).map(name).collect()
}

impl Stopped {
    fn steps(self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.unmapped.is_empty() {
            steps.push(Step::Unmap { fields: self.unmapped });
        }
        if !self.mandatory.is_empty() {
            steps.push(Step::DropMandatory { fields: self.mandatory });
        }
        if !self.keys.is_empty() {
            steps.push(Step::ChangeKey { fields: self.keys });
        }
        steps.extend(self.rules.into_iter().map(|(segment, fields)| Step::ChangeRule { segment, fields }));
        steps
    }
}

fn push_once(paths: &mut Vec<FieldPath>, path: &FieldPath) {
    if !paths.contains(path) {
        paths.push(path.clone());
    }
}

/// How to take the labels of `cut` off everything that is used.
fn change_labels(cut: &BTreeSet<Label>, uses: &[LabelledUse<'_>]) -> Vec<Step> {
    let mut taken: BTreeMap<(&EntityName, Option<&SchemaPath>), BTreeSet<&Label>> = BTreeMap::new();
    for origin in uses.iter().flat_map(|(_, origins)| *origins).filter(|origin| cut.contains(&origin.label)) {
        taken.entry((&origin.dataset, origin.schema_path.as_ref())).or_default().insert(&origin.label);
    }
    let step =
        |((dataset, schema_path), labels): ((&EntityName, Option<&SchemaPath>), BTreeSet<&Label>)| Step::ChangeLabels {
            dataset: dataset.clone(),
            schema_path: schema_path.cloned(),
            labels: labels.into_iter().cloned().collect(),
        };
    taken.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::expression::tests::{any_expression, any_labels, label};

    fn told(value: &serde_json::Value, present: &[&str]) -> Vec<String> {
        let deny = PolicyExpression::parse(value).unwrap();
        let cuts = cuts(&deny, &present.iter().map(|name| label(name)).collect());
        cuts.iter().map(|cut| cut.iter().map(Label::as_str).collect::<Vec<_>>().join("+")).collect()
    }

    #[test]
    fn one_operand_of_an_and_and_all_true_ones_of_an_or_make_it_false() {
        let leaf = |name: &str| serde_json::json!({"label": name});
        let joined = |operator: &str, operands: &[serde_json::Value]| serde_json::json!({"operator": operator, "operands": operands});
        let or = joined("OR", &[leaf("C2"), leaf("C3")]);
        assert_eq!(told(&or, &["C2", "C3"]), ["C2+C3"]);
        assert_eq!(told(&or, &["C2"]), ["C2"]);
        assert_eq!(told(&joined("AND", &[leaf("C1"), or.clone()]), &["C1", "C2", "C3"]), ["C1", "C2+C3"]);
        assert_eq!(told(&joined("AND", &[leaf("C1"), leaf("C1")]), &["C1"]), ["C1"]);
    }

    proptest! {
        #[test]
        fn every_cut_makes_the_condition_false_and_no_part_of_it_does(deny in any_expression(), present in any_labels()) {
            prop_assume!(deny.is_met_by(&present));
            let cuts = cuts(&deny, &present);
            prop_assert!(!cuts.is_empty() && cuts.len() <= CUTS_KEPT_MAX);
            for cut in &cuts {
                prop_assert!(!deny.is_met_by(&present.difference(cut).cloned().collect()));
            }
            let smallest = &cuts[0];
            for kept in smallest {
                let part = smallest.iter().filter(|label| *label != kept).cloned().collect();
                prop_assert!(deny.is_met_by(&present.difference(&part).cloned().collect()), "{part:?} is enough");
            }
        }
    }
}
