//! The graph of all rules, in which equal parts are one node.

use std::collections::hash_map::Entry;

use ahash::AHashMap;
use outflow_model::rule::{BoundRule, CompareOp, Expr, ExprKind, Literal};
use outflow_model::{Fault, FieldPath};

use crate::evaluate::node::{Kind, Node};

/// From how many on conditions of one column are answered together.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Limits {
    /// Comparisons with constants. Placing the values costs as much as about this many comparisons one by one.
    pub cuts_min: usize,
    /// Conditions on plain text. Finding the distinct values costs as much as about this many conditions one by one.
    pub plain_text_min: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { cuts_min: 8, plain_text_min: 4 }
    }
}

/// A node of the graph: the rows of a batch that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// All rows, or none.
    Constant(bool),
    /// The rows for which a condition is true, or those for which it is false.
    Leaf(usize, bool),
    /// The rows that all of these nodes have.
    All(Vec<usize>),
    /// The rows that any of these nodes has.
    Any(Vec<usize>),
}

/// A condition that is no `and`, `or` or `not`.
pub(super) struct Leaf {
    pub node: Node,
    /// The group of its column, if it reads exactly one, and its number in the group.
    pub place: Option<(usize, usize)>,
    /// If it compares that column with a constant of an ordered type: its number among the group's comparisons.
    pub comparison: Option<usize>,
    /// Whether both its true and its false rows are asked for.
    pub both: bool,
}

/// The conditions that read one column and no other.
pub(super) struct Group {
    pub column: usize,
    pub leaves: Vec<usize>,
    /// Those that compare the column with a number, date or timestamp.
    pub comparisons: Vec<(CompareOp, Literal)>,
}

/// All rules.
pub(super) struct Plan {
    pub paths: Vec<FieldPath>,
    pub leaves: Vec<Leaf>,
    pub groups: Vec<Group>,
    /// Every node stands behind those that it is made of.
    pub steps: Vec<Step>,
    /// How often each node is asked for in a batch, at most.
    pub uses: Vec<u32>,
    /// The node of each rule.
    pub roots: Vec<usize>,
    pub limits: Limits,
}

impl Plan {
    pub fn new(rules: &[BoundRule], limits: Limits) -> Result<Plan, Fault> {
        let mut builder = Builder::default();
        let roots = rules.iter().map(|rule| builder.condition(&rule.expr, true)).collect::<Result<Vec<usize>, _>>()?;
        let mut uses = vec![0; builder.steps.len()];
        for step in &builder.steps {
            if let Step::All(parts) | Step::Any(parts) = step {
                parts.iter().for_each(|part| uses[*part] += 1);
            }
        }
        roots.iter().for_each(|root| uses[*root] += 1);
        for leaf in 0..builder.leaves.len() {
            let is_asked = |wanted| builder.known.contains_key(&Step::Leaf(leaf, wanted));
            builder.leaves[leaf].both = is_asked(true) && is_asked(false);
        }
        let Builder { paths, leaves, groups, steps, .. } = builder;
        Ok(Plan { paths, leaves, groups, steps, uses, roots, limits })
    }
}

#[derive(Default)]
struct Builder {
    paths: Vec<FieldPath>,
    leaves: Vec<Leaf>,
    groups: Vec<Group>,
    /// The group of each column that has one.
    group_of: AHashMap<usize, usize>,
    steps: Vec<Step>,
    known: AHashMap<Step, usize>,
    /// The conditions by their canonical text. Those of one text are told apart by their meaning.
    conditions: AHashMap<String, Vec<(Expr, usize)>>,
}

impl Builder {
    /// The node for the rows where `expr` is `wanted`.
    fn condition(&mut self, expr: &Expr, wanted: bool) -> Result<usize, Fault> {
        let step = match &expr.kind {
            ExprKind::Literal(Literal::Boolean(value)) => Step::Constant(*value == wanted),
            ExprKind::Not(inner) => return self.condition(inner, !wanted),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let mut nodes: Vec<usize> = Vec::with_capacity(parts.len());
                for part in parts {
                    let node = self.condition(part, wanted)?;
                    if !nodes.contains(&node) {
                        nodes.push(node);
                    }
                }
                let is_all = matches!(expr.kind, ExprKind::And(_)) == wanted;
                match (nodes.as_slice(), is_all) {
                    ([only], _) => return Ok(*only),
                    (_, true) => Step::All(nodes),
                    (_, false) => Step::Any(nodes),
                }
            }
            _ => Step::Leaf(self.leaf(expr)?, wanted),
        };
        Ok(self.step(step))
    }

    /// The node of a step. Parts are kept in the order in which they were written first, which is the one in which they
    /// are looked at; the order makes no other node.
    fn step(&mut self, step: Step) -> usize {
        let mut sorted = step.clone();
        if let Step::All(parts) | Step::Any(parts) = &mut sorted {
            parts.sort_unstable();
        }
        match self.known.entry(sorted) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.steps.push(step);
                *new.insert(self.steps.len() - 1)
            }
        }
    }

    fn leaf(&mut self, expr: &Expr) -> Result<usize, Fault> {
        let expr = column_first(expr);
        let alike = self.conditions.entry(expr.to_string()).or_default();
        if let Some((_, leaf)) = alike.iter().find(|(known, _)| *known == expr) {
            return Ok(*leaf);
        }
        let number = self.leaves.len();
        let node = Node::new(&expr, &mut self.paths)?;
        let (mut place, mut comparison) = (None, None);
        if let Some(column) = node.sole {
            let groups = &mut self.groups;
            let at = *self.group_of.entry(column).or_insert_with(|| {
                groups.push(Group { column, leaves: Vec::new(), comparisons: Vec::new() });
                groups.len() - 1
            });
            let group = &mut groups[at];
            place = Some((at, group.leaves.len()));
            group.leaves.push(number);
            if let Some(compared) = with_constant(&node) {
                comparison = Some(group.comparisons.len());
                group.comparisons.push(compared);
            }
        }
        alike.push((expr, number));
        self.leaves.push(Leaf { node, place, comparison, both: false });
        Ok(number)
    }
}

/// A comparison with the field on its left side, if it has a constant there.
fn column_first(expr: &Expr) -> Expr {
    if let ExprKind::Compare { op, left, right } = &expr.kind
        && matches!(left.kind, ExprKind::Literal(_))
        && matches!(right.kind, ExprKind::Path(_))
    {
        return Expr::compare(op.flipped(), right.as_ref().clone(), left.as_ref().clone(), expr.span.clone());
    }
    expr.clone()
}

/// The comparison of a column itself with a constant of an ordered type.
fn with_constant(node: &Node) -> Option<(CompareOp, Literal)> {
    let Kind::Compare(op, left, right) = &node.kind else { return None };
    match (&left.kind, &right.kind) {
        (
            Kind::Column(_),
            Kind::Constant(
                constant @ (Literal::Integer(_) | Literal::Float(_) | Literal::Date(_) | Literal::Timestamp(_)),
            ),
        ) => Some((*op, constant.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use outflow_model::rule::{bind, parse_pql};
    use outflow_model::schema::{Field, FieldType, Schema};

    use super::*;

    fn plan(rules: &[&str]) -> Plan {
        let field = |name: &str, field_type| Field { name: name.into(), field_type };
        let schema = Schema {
            fields: vec![field("i", FieldType::Integer), field("s", FieldType::String), field("b", FieldType::Boolean)],
        };
        let bound = |text: &&str| bind(&parse_pql(text).unwrap(), &schema, chrono::DateTime::UNIX_EPOCH).unwrap();
        Plan::new(&rules.iter().map(bound).collect::<Vec<_>>(), Limits::default()).unwrap()
    }

    #[test]
    fn equal_conditions_are_one_leaf_however_they_are_written() {
        let plan = plan(&[
            "i > 5 and s = \"a\"",
            "5 < i",
            "s = \"a\" and i > 5",
            "not (i > 5)",
            "not (not (i > 5) or s != \"a\")",
        ]);
        assert_eq!(plan.leaves.len(), 3);
        assert_eq!(plan.roots[0], plan.roots[2]);
        // `s != "a"` that is false is not `s = "a"` that is true to the graph, but all others are shared.
        assert!(plan.leaves[0].both && !plan.leaves[1].both);
        assert_eq!(plan.groups.len(), 2);
        assert_eq!(plan.groups[0].comparisons.len(), 1);
    }

    #[test]
    fn a_part_is_asked_for_as_often_as_it_stands_in_the_graph() {
        let plan = plan(&["i > 5 and b", "i > 5 or b", "i > 5", "true"]);
        let of_leaf = plan.steps.iter().position(|step| *step == Step::Leaf(0, true)).unwrap();
        assert_eq!(plan.uses[of_leaf], 3);
        assert_eq!(plan.steps[plan.roots[3]], Step::Constant(true));
    }
}
