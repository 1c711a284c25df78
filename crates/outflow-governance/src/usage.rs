//! The fields of profiles that a flow uses: what the rules of its segments read, and what it exports or looks at while it
//! exports.

use std::collections::BTreeSet;

use outflow_model::flow::{Activation, Dedup};
use outflow_model::membership::{self, MEMBERSHIP_FIELD, SEGMENT_NAMESPACE};
use outflow_model::rule::{Expr, ExprKind};
use outflow_model::{FieldPath, PathElement};
use serde::Serialize;

use crate::labels::EntityName;

/// What a field is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum UseKind {
    /// The rule of the segment reads it.
    Rule,
    /// It is exported.
    Mapping,
    /// Profiles without it are left out.
    Mandatory,
    /// Profiles that share it are the same person. An identity that does this is exported, too.
    Deduplication,
    /// Every message has it.
    Message,
}

/// A use of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldUse {
    /// The field of profiles.
    pub path: FieldPath,
    /// What it is used for.
    pub kind: UseKind,
    /// JSON Pointer of the selector's `value` in the flow, where the field is mapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The segments whose membership the rule reads, outermost first, of which the last one's rule reads the field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<EntityName>,
}

/// A segment with its rule.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentRule {
    /// The segment.
    pub segment: EntityName,
    /// Its rule.
    pub rule: Expr,
}

/// What a flow of this activation uses whatever the segment.
pub fn flow_uses(activation: &Activation) -> Vec<FieldUse> {
    let mut uses: Vec<FieldUse> = Vec::new();
    for row in &activation.mapping {
        uses.push(FieldUse { pointer: Some(row.pointer.clone()), ..used(row.path.clone(), UseKind::Mapping) });
    }
    uses.extend(activation.mandatory.iter().map(|path| used(path.clone(), UseKind::Mandatory)));
    match &activation.dedup {
        Some(Dedup::Namespace(namespace)) => {
            uses.push(used(FieldPath::of_names("identityMap", &[namespace.as_str()]), UseKind::Deduplication));
        }
        Some(Dedup::Attributes(keys)) => {
            uses.extend(keys.iter().map(|path| used(path.clone(), UseKind::Deduplication)));
        }
        None => {}
    }
    if activation.streaming.is_some() {
        uses.push(used(FieldPath::of_names("identityMap", &[]), UseKind::Message));
    }
    uses
}

/// What a segment's export uses: what its rule reads, then `shared` (see [`flow_uses`]). Who reads a membership in one of
/// `segments` uses what the rule of that segment reads.
pub fn segment_uses(segment: &SegmentRule, shared: &[FieldUse], segments: &[SegmentRule]) -> Vec<FieldUse> {
    let mut walk = Walk { own: &segment.segment.id, segments, uses: Vec::new() };
    for path in rule_paths(&segment.rule) {
        walk.add(used(path, UseKind::Rule));
    }
    for shared in shared {
        // Of the activated segment's own membership everything is said by its rule.
        walk.add(FieldUse {
            path: membership::activated_path(shared.path.clone(), &segment.segment.id),
            ..shared.clone()
        });
    }
    walk.uses
}

/// The fields that a rule reads, each once, in the order of its text.
pub fn rule_paths(rule: &Expr) -> Vec<FieldPath> {
    let mut paths = Vec::new();
    gather(rule, &mut paths);
    paths
}

fn gather(expr: &Expr, paths: &mut Vec<FieldPath>) {
    match &expr.kind {
        ExprKind::Path(path) => {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        ExprKind::Literal(_) | ExprKind::Moment(_) => {}
        ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::IsNull(inner) => gather(inner, paths),
        ExprKind::In { value, .. } | ExprKind::Text { value, .. } => gather(value, paths),
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| gather(part, paths)),
        ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => {
            gather(left, paths);
            gather(right, paths);
        }
        ExprKind::Occurs { value, anchor, .. } => {
            gather(value, paths);
            gather(anchor, paths);
        }
    }
}

fn used(path: FieldPath, kind: UseKind) -> FieldUse {
    FieldUse { path, kind, pointer: None, through: Vec::new() }
}

struct Walk<'s> {
    own: &'s str,
    segments: &'s [SegmentRule],
    uses: Vec<FieldUse>,
}

impl Walk<'_> {
    fn add(&mut self, used: FieldUse) {
        // Segments whose rules count already: two that read each other's membership end here.
        let mut seen = BTreeSet::from([self.own.to_string()]);
        let mut waiting = vec![used];
        while let Some(used) = waiting.pop() {
            if let Some(other) = evaluated_segment(&used.path)
                && let Some(segment) = self.segments.iter().find(|segment| segment.segment.id == other)
                && seen.insert(segment.segment.id.clone())
            {
                let through = used.through.iter().chain([&segment.segment]).cloned().collect::<Vec<_>>();
                let read = |path| FieldUse { path, through: through.clone(), ..used.clone() };
                waiting.extend(rule_paths(&segment.rule).into_iter().rev().map(read));
            }
            self.uses.push(used);
        }
    }
}

/// The segment that `path` tells the membership in.
pub(crate) fn evaluated_segment(path: &FieldPath) -> Option<&str> {
    let mut names = path.elements().iter().map(PathElement::name);
    let (root, namespace, segment) = (names.next()??, names.next()??, names.next()??);
    (root == MEMBERSHIP_FIELD && namespace == SEGMENT_NAMESPACE).then_some(segment)
}

#[cfg(test)]
pub(crate) mod tests {
    use outflow_model::flow::FlowKind;
    use outflow_model::guardrails::Guardrails;
    use outflow_model::rule::parse_pql;
    use serde_json::{Value, json};

    use super::*;

    /// A segment for a test.
    pub(crate) fn segment(id: &str, rule: &str) -> SegmentRule {
        let segment = EntityName { id: id.into(), name: format!("The {id}") };
        SegmentRule { segment, rule: parse_pql(rule).unwrap() }
    }

    fn told(uses: &[FieldUse]) -> Vec<String> {
        let through = |used: &FieldUse| used.through.iter().map(|s| format!(" <{}", s.id)).collect::<String>();
        uses.iter().map(|used| format!("{:?} {}{}", used.kind, used.path, through(used))).collect()
    }

    fn activation(params: &Value, kind: FlowKind) -> Activation {
        let flow = json!({"transformations": [{"name": "GeneralTransform", "params": params}]});
        Activation::parse(&flow, kind, &Guardrails::default()).unwrap()
    }

    fn columns(paths: &[&str]) -> Value {
        let selector = |path: &&str| json!({"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": path}});
        json!({"selectors": paths.iter().map(selector).collect::<Vec<_>>()})
    }

    #[test]
    fn a_rule_uses_what_it_reads_wherever_it_stands() {
        let rule = parse_pql(
            "a.b = 1 and (c[0].d in [1, 2] or not e.startsWith(\"x\")) and f is null and g + -h > 2 and \
             i occurs < 3 days before j and a.b > 0",
        );
        let paths: Vec<_> = rule_paths(&rule.unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["a.b", "c[0].d", "e", "f", "g", "h", "i", "j"]);
    }

    #[test]
    fn a_flow_of_files_uses_columns_keys_and_what_is_mandatory() {
        let keys = json!([{"fieldType": "ATTRIBUTE", "attributePath": "crmId"}]);
        let params = json!({"profileSelectors": columns(&["a.b", "segmentMembership.status"]), "primaryFields": keys,
            "mandatoryFields": ["c"]});
        let uses = flow_uses(&activation(&params, FlowKind::Batch));
        assert_eq!(
            told(&uses),
            ["Mapping a.b", "Mapping segmentMembership.status", "Mandatory c", "Deduplication crmId"]
        );
        assert_eq!(uses[0].pointer.as_deref(), Some("/transformations/0/params/profileSelectors/selectors/0/value"));
        let params = json!({"profileSelectors": columns(&["identityMap.Email"])});
        assert_eq!(told(&flow_uses(&activation(&params, FlowKind::Batch))), ["Deduplication identityMap.Email"]);
    }

    #[test]
    fn a_message_has_all_identities() {
        let uses = flow_uses(&activation(&json!({"profileSelectors": columns(&["a"])}), FlowKind::Streaming));
        assert_eq!(told(&uses), ["Mapping a", "Message identityMap"]);
    }

    #[test]
    fn a_membership_uses_what_the_rule_behind_it_reads() {
        let segments = [
            segment("s1", "segmentMembership.ups.s2.status = \"realized\" and a = 1"),
            segment("s2", "b = 1 or segmentMembership.ups.s3.status = \"realized\""),
            segment("s3", "c = 1 or segmentMembership.ups.s1.status = \"realized\""),
        ];
        let shared = [used(FieldPath::parse("segmentMembership.status").unwrap(), UseKind::Mapping)];
        assert_eq!(
            told(&segment_uses(&segments[0], &shared, &segments)),
            [
                "Rule segmentMembership.ups.s2.status",
                "Rule b <s2",
                "Rule segmentMembership.ups.s3.status <s2",
                "Rule c <s2 <s3",
                "Rule segmentMembership.ups.s1.status <s2 <s3",
                "Rule a",
                "Mapping segmentMembership.ups.s1.status",
            ]
        );
    }
}
