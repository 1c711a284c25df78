//! Conditions with `AND` and `OR`: over labels in policies, over actions and labels, or values, in consent policies.
//!
//! In JSON a condition is either a leaf, for example `{"label": "C1"}`, or `{"operator": "AND", "operands": [...]}`; never
//! both. There is no negation: a label more never makes a condition false that was true.

use std::collections::BTreeSet;
use std::fmt;

use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problem, Problems};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::label::Label;

/// How deep conditions nest. Nobody reads deeper ones, and everything that walks them is recursive.
pub const EXPRESSION_DEPTH_MAX: usize = 32;

/// The most leaves and operators of a condition.
pub const EXPRESSION_NODES_MAX: usize = 1_000;

/// A condition over leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree<L> {
    /// One test.
    Leaf(L),
    /// True when all are; one or more.
    All(Vec<Tree<L>>),
    /// True when any is; one or more.
    Any(Vec<Tree<L>>),
}

/// A condition over labels.
pub type PolicyExpression = Tree<Label>;

/// What a condition tests.
pub trait Leaf: Sized {
    /// The members by which a leaf is known from an operator, for messages and for reading.
    const MEMBERS: &'static [&'static str];

    /// Reads a leaf from an object that has one of the members.
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self>;

    /// The members of the leaf.
    fn write(&self) -> Map<String, Value>;
}

impl Leaf for Label {
    const MEMBERS: &'static [&'static str] = &["label"];

    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Label> {
        Label::read(&node.member("label")?, findings)
    }

    fn write(&self) -> Map<String, Value> {
        Map::from_iter([("label".to_string(), json!(self))])
    }
}

impl<L: Leaf> Tree<L> {
    /// Reads a condition from its JSON form.
    ///
    /// # Errors
    /// Every problem at once, by JSON Pointer from the condition's root.
    pub fn parse(value: &Value) -> Result<Tree<L>, Problems> {
        let mut findings = Findings::default();
        let tree = Tree::read(&Node::at(value, ""), &mut findings);
        findings.into_result(tree).map(|(tree, _)| tree)
    }

    /// Reads a condition that is part of a body.
    pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Tree<L>> {
        let mut reader = Reader { nodes: 0, findings };
        let tree = reader.read(node, 1);
        if reader.nodes > EXPRESSION_NODES_MAX {
            findings.add(&node.pointer, format!("has more than {EXPRESSION_NODES_MAX} operands in all"));
            return None;
        }
        tree
    }

    /// The JSON form.
    pub fn to_value(&self) -> Value {
        let joined = |operator: &str, operands: &[Tree<L>]| json!({"operator": operator, "operands": operands.iter().map(Tree::to_value).collect::<Vec<_>>()});
        match self {
            Tree::Leaf(leaf) => Value::Object(leaf.write()),
            Tree::All(operands) => joined("AND", operands),
            Tree::Any(operands) => joined("OR", operands),
        }
    }
}

impl<L> Tree<L> {
    /// Whether the condition is true where `is_true` says which leaves are.
    pub fn holds(&self, is_true: &dyn Fn(&L) -> bool) -> bool {
        match self {
            Tree::Leaf(leaf) => is_true(leaf),
            Tree::All(operands) => operands.iter().all(|operand| operand.holds(is_true)),
            Tree::Any(operands) => operands.iter().any(|operand| operand.holds(is_true)),
        }
    }

    /// The leaves in the order of the text, each with its JSON Pointer from the root.
    pub fn leaves(&self) -> Vec<(String, &L)> {
        let mut found = Vec::new();
        self.gather(String::new(), &mut found);
        found
    }

    fn gather<'t>(&'t self, pointer: String, found: &mut Vec<(String, &'t L)>) {
        match self {
            Tree::Leaf(leaf) => found.push((pointer, leaf)),
            Tree::All(operands) | Tree::Any(operands) => {
                for (i, operand) in operands.iter().enumerate() {
                    operand.gather(format!("{pointer}/operands/{i}"), found);
                }
            }
        }
    }
}

impl PolicyExpression {
    /// Whether the condition is true where exactly these labels are.
    pub fn is_met_by(&self, labels: &BTreeSet<Label>) -> bool {
        self.holds(&|label| labels.contains(label))
    }

    /// The labels that the condition names.
    pub fn labels(&self) -> BTreeSet<Label> {
        self.leaves().into_iter().map(|(_, label)| label.clone()).collect()
    }
}

/// Problems of leaves for which `is_known` is false, below the member at `pointer`.
pub(crate) fn unknown_labels(
    tree: &PolicyExpression,
    pointer: &str,
    is_known: &dyn Fn(&Label) -> bool,
) -> Vec<Problem> {
    let unknown = tree.leaves().into_iter().filter(|(_, label)| !is_known(label));
    unknown
        .map(|(at, label)| Problem::new(format!("{pointer}{at}/label"), format!("there is no label {label}")))
        .collect()
}

/// As people read it: `C1 AND (C2 OR C3)`.
impl<L: fmt::Display> fmt::Display for Tree<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, operands) = match self {
            Tree::Leaf(leaf) => return write!(f, "{leaf}"),
            Tree::All(operands) => (" AND ", operands),
            Tree::Any(operands) => (" OR ", operands),
        };
        for (i, operand) in operands.iter().enumerate() {
            if i > 0 {
                f.write_str(word)?;
            }
            match operand {
                Tree::Leaf(leaf) => write!(f, "{leaf}")?,
                nested => write!(f, "({nested})")?,
            }
        }
        Ok(())
    }
}

impl<L: Leaf> Serialize for Tree<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

struct Reader<'f> {
    /// Leaves and operators so far.
    nodes: usize,
    findings: &'f mut Findings,
}

impl Reader<'_> {
    fn read<L: Leaf>(&mut self, node: &Node<'_>, depth: usize) -> Option<Tree<L>> {
        self.nodes += 1;
        if self.nodes > EXPRESSION_NODES_MAX {
            return None;
        }
        if depth > EXPRESSION_DEPTH_MAX {
            self.findings.add(&node.pointer, format!("is nested deeper than {EXPRESSION_DEPTH_MAX} levels"));
            return None;
        }
        node.object(self.findings)?;
        let is_leaf = L::MEMBERS.iter().any(|name| node.member(name).is_some());
        let is_joined = node.member("operator").is_some() || node.member("operands").is_some();
        let leaf = L::MEMBERS.join("` or `");
        match (is_leaf, is_joined) {
            (true, false) => L::read(node, self.findings).map(Tree::Leaf),
            (false, true) => self.joined(node, depth),
            (true, true) => {
                let message = format!("has both `{leaf}` and `operator`, `operands`: give the one or the other");
                self.findings.add(&node.pointer, message);
                None
            }
            (false, false) => {
                self.findings.add(&node.pointer, format!("must have `{leaf}`, or `operator` and `operands`"));
                None
            }
        }
    }

    fn joined<L: Leaf>(&mut self, node: &Node<'_>, depth: usize) -> Option<Tree<L>> {
        let operator = node.required("operator", self.findings);
        let is_all = operator.and_then(|o| o.one_of(&[("AND", true), ("OR", false)], self.findings));
        let member = node.required("operands", self.findings)?;
        let items = member.items(self.findings)?;
        if items.is_empty() {
            self.findings.add(&member.pointer, "is empty: name at least one operand");
            return None;
        }
        let mut operands = Vec::with_capacity(items.len().min(EXPRESSION_NODES_MAX));
        for item in &items {
            if self.nodes > EXPRESSION_NODES_MAX {
                return None;
            }
            operands.extend(self.read(item, depth + 1));
        }
        (operands.len() == items.len()).then_some(())?;
        Some(if is_all? { Tree::All(operands) } else { Tree::Any(operands) })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A label for a test.
    pub(crate) fn label(name: &str) -> Label {
        Label::new(name).unwrap()
    }

    /// Any condition over C1 to C5.
    pub(crate) fn any_expression() -> impl Strategy<Value = PolicyExpression> {
        let leaf = (1..6).prop_map(|n| Tree::Leaf(label(&format!("C{n}"))));
        leaf.prop_recursive(4, 24, 4, |inner| {
            let operands = prop::collection::vec(inner, 1..4);
            (any::<bool>(), operands).prop_map(|(is_all, o)| if is_all { Tree::All(o) } else { Tree::Any(o) })
        })
    }

    /// Any set of the labels C1 to C5.
    pub(crate) fn any_labels() -> impl Strategy<Value = BTreeSet<Label>> {
        prop::collection::btree_set((1..6).prop_map(|n| label(&format!("C{n}"))), 0..6)
    }

    fn fields(value: &Value) -> Vec<String> {
        PolicyExpression::parse(value).unwrap_err().0.into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn a_condition_is_a_label_or_operands() {
        let value = json!({"operator": "AND", "operands": [
            {"label": "C1"}, {"operator": "OR", "operands": [{"label": "C3"}, {"label": "C7"}]},
        ]});
        let tree = PolicyExpression::parse(&value).unwrap();
        assert_eq!(tree.to_string(), "C1 AND (C3 OR C7)");
        assert_eq!(tree.to_value(), value);
        assert_eq!(tree.leaves()[2].0, "/operands/1/operands/1");
        let set = |names: &[&str]| names.iter().map(|name| label(name)).collect();
        assert!(tree.is_met_by(&set(&["C1", "C7"])));
        assert!(!tree.is_met_by(&set(&["C3", "C7"])));
        assert!(!tree.is_met_by(&set(&["c1", "C7"])));
    }

    #[test]
    fn every_problem_has_its_pointer() {
        for (value, expected) in [
            (json!({}), vec![""]),
            (json!("C1"), vec![""]),
            (json!({"label": "C1", "operator": "AND", "operands": [{"label": "C2"}]}), vec![""]),
            (json!({"label": 3}), vec!["/label"]),
            (json!({"label": "a b"}), vec!["/label"]),
            (json!({"operator": "NOT", "operands": [{"label": "C1"}]}), vec!["/operator"]),
            (json!({"operator": "AND"}), vec!["/operands"]),
            (json!({"operator": "AND", "operands": []}), vec!["/operands"]),
            (json!({"operands": [{"label": "C1"}]}), vec!["/operator"]),
            (
                json!({"operator": "OR", "operands": ["C1", {"label": "C1"}, {"operator": "and", "operands": [{}]}]}),
                vec!["/operands/0", "/operands/2/operator", "/operands/2/operands/0"],
            ),
        ] {
            assert_eq!(fields(&value), expected, "{value}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |depth: usize| {
            let leaf = json!({"label": "C1"});
            (1..depth).fold(leaf, |inner, _| json!({"operator": "AND", "operands": [inner]}))
        };
        assert!(PolicyExpression::parse(&nested(EXPRESSION_DEPTH_MAX)).is_ok());
        assert!(PolicyExpression::parse(&nested(EXPRESSION_DEPTH_MAX + 1)).is_err());
        let wide = |n: usize| json!({"operator": "OR", "operands": vec![json!({"label": "C1"}); n]});
        assert!(PolicyExpression::parse(&wide(EXPRESSION_NODES_MAX - 1)).is_ok());
        assert_eq!(fields(&wide(EXPRESSION_NODES_MAX)), [""]);
        assert_eq!(fields(&json!({"operator": "OR", "operands": vec![json!({}); 5_000]})).len(), EXPRESSION_NODES_MAX);
    }

    proptest! {
        #[test]
        fn a_condition_reads_as_it_was_printed(tree in any_expression()) {
            prop_assert_eq!(PolicyExpression::parse(&tree.to_value()).unwrap(), tree);
        }

        #[test]
        fn a_label_more_never_makes_it_false(tree in any_expression(), labels in any_labels(), more in any_labels()) {
            let all = labels.union(&more).cloned().collect();
            prop_assert!(!tree.is_met_by(&labels) || tree.is_met_by(&all));
        }
    }
}
