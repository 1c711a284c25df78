//! A quick look whether anything could be violated. Almost every flow is as it should be, and to say so takes no lineage:
//! the labels of each segment's rule and of each field are put together once, as bits, and policies are asked by them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use outflow_governance::label::NO_EXPORT;
use outflow_governance::labels::{EntityName, trace};
use outflow_governance::usage::{FieldUse, SegmentRule, segment_uses};
use outflow_governance::{Label, LabelledDataset, Tree};
use outflow_model::FieldPath;
use outflow_model::membership::activated_path;

use super::facts::FlowFacts;
use super::rules::{Rules, no_rule};

/// Labels that are told apart. Data with more of them is judged without this look.
const LABELS_MAX: usize = 128;

/// Labels, one bit each.
type Bits = u128;

/// A policy's condition over bits; `None` is a label that no data has.
struct Condition {
    policy: usize,
    deny: Tree<Option<u32>>,
}

/// What the look needs.
pub(super) struct Screen {
    /// The number of each label that data has.
    labels: BTreeMap<Label, u32>,
    /// Policies that are enforced.
    conditions: Vec<Condition>,
    /// The labels of fields that were looked up already.
    fields: Mutex<HashMap<FieldPath, Bits>>,
    /// The labels that the rule of each segment uses, by its place.
    segments: Vec<OnceLock<Bits>>,
}

impl Screen {
    /// A look at these datasets; `None` where they have too many labels.
    pub fn new(rules: &Rules, datasets: &[LabelledDataset]) -> Option<Screen> {
        let mut labels: BTreeMap<Label, u32> = BTreeMap::new();
        for dataset in datasets {
            let own = dataset.labels.labels.iter().chain(dataset.labels.fields.iter().flat_map(|of| &of.labels));
            for label in own {
                let next = u32::try_from(labels.len()).ok()?;
                labels.entry(label.clone()).or_insert(next);
            }
        }
        if labels.len() > LABELS_MAX {
            return None;
        }
        let enforced = rules.policies.iter().enumerate().filter(|(_, policy)| policy.status.counts(false));
        let conditions = enforced.map(|(policy, of)| Condition { policy, deny: numbered(&of.deny, &labels) }).collect();
        let segments = rules.segments.iter().map(|_| OnceLock::new()).collect();
        Some(Screen { labels, conditions, fields: Mutex::default(), segments })
    }

    /// The segments of a flow, by their places in it, whose export may violate something; of all others it is certain that it
    /// does not.
    pub fn suspects(&self, rules: &Rules, datasets: &[LabelledDataset], flow: &FlowFacts) -> Vec<usize> {
        if self.labels.is_empty() {
            return Vec::new();
        }
        let own = |of: &&Condition| {
            let denied = rules.policies.get(of.policy).map(|policy| policy.actions.as_slice()).unwrap_or_default();
            flow.actions.iter().any(|action| denied.contains(action))
        };
        let conditions: Vec<&Condition> = self.conditions.iter().filter(own).collect();
        let never: Bits =
            Label::new(NO_EXPORT).ok().and_then(|label| self.labels.get(&label)).map_or(0, |bit| bit_of(*bit));
        let (of_segment, of_all): (Vec<&FieldUse>, Vec<&FieldUse>) =
            flow.uses.iter().partition(|used| activated_path(used.path.clone(), "") != used.path);
        let shared = self.closure(rules, datasets, &of_all);
        let is_suspect = |id: &String| {
            let mut bits = shared | self.of_rule(rules, datasets, id);
            for used in &of_segment {
                bits |= self.of_field(datasets, &activated_path(used.path.clone(), id));
            }
            let is_met = |of: &&Condition| of.deny.holds(&|bit| bit.is_some_and(|bit| bits & bit_of(bit) != 0));
            bits & never != 0 || conditions.iter().any(is_met)
        };
        (0..flow.segments.len()).filter(|place| flow.segments.get(*place).is_some_and(is_suspect)).collect()
    }

    /// The labels of what these uses, and the rules behind memberships among them, use.
    fn closure(&self, rules: &Rules, datasets: &[LabelledDataset], uses: &[&FieldUse]) -> Bits {
        let nobody = SegmentRule { segment: EntityName { id: String::new(), name: String::new() }, rule: no_rule() };
        let uses: Vec<FieldUse> = uses.iter().map(|used| (*used).clone()).collect();
        let all = segment_uses(&nobody, &uses, &rules.segments);
        all.iter().fold(0, |bits, used| bits | self.of_field(datasets, &used.path))
    }

    fn of_rule(&self, rules: &Rules, datasets: &[LabelledDataset], id: &str) -> Bits {
        let place = rules.places.get(id).copied();
        let Some((place, segment)) = place.and_then(|place| Some((place, rules.segments.get(place)?))) else {
            return 0;
        };
        let bits = || {
            let uses = segment_uses(segment, &[], &rules.segments);
            uses.iter().fold(0, |bits, used| bits | self.of_field(datasets, &used.path))
        };
        self.segments.get(place).map_or(0, |of| *of.get_or_init(bits))
    }

    fn of_field(&self, datasets: &[LabelledDataset], path: &FieldPath) -> Bits {
        let locked = || self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bits) = locked().get(path) {
            return *bits;
        }
        let origins = trace(path, datasets);
        let numbers = origins.iter().filter_map(|origin| self.labels.get(&origin.label));
        let bits = numbers.fold(0, |bits, number| bits | bit_of(*number));
        locked().insert(path.clone(), bits);
        bits
    }
}

fn bit_of(number: u32) -> Bits {
    1 << number
}

fn numbered(tree: &Tree<Label>, labels: &BTreeMap<Label, u32>) -> Tree<Option<u32>> {
    let all = |operands: &[Tree<Label>]| operands.iter().map(|operand| numbered(operand, labels)).collect();
    match tree {
        Tree::Leaf(label) => Tree::Leaf(labels.get(label).copied()),
        Tree::All(operands) => Tree::All(all(operands)),
        Tree::Any(operands) => Tree::Any(all(operands)),
    }
}
