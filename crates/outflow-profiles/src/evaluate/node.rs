//! A rule's tree, prepared for running.

use outflow_model::rule::{ArithmeticOp, CompareOp, Expr, ExprKind, Literal};
use outflow_model::{Fault, FieldPath};

use super::dictionary::Memo;
use super::member::Options;
use super::text::Matcher;

/// A node, and what is known of it before any batch.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The one column under this node, if there is exactly one.
    pub(super) sole: Option<usize>,
    /// Its answers for the entries of the last dictionary.
    pub(super) memo: Memo,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Constant(Literal),
    /// An index into the evaluator's paths.
    Column(usize),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(CompareOp, Box<Node>, Box<Node>),
    Arithmetic(ArithmeticOp, Box<Node>, Box<Node>),
    In(Box<Node>, Options),
    Text(Box<Node>, Matcher),
    IsNull(Box<Node>),
}

impl Node {
    /// Prepares `expr`, adding to `paths` the fields it reads that are not there yet.
    pub(super) fn new(expr: &Expr, paths: &mut Vec<FieldPath>) -> Result<Node, Fault> {
        let mut boxed = |expr: &Expr| Node::new(expr, paths).map(Box::new);
        let kind = match &expr.kind {
            ExprKind::Literal(literal) => Kind::Constant(literal.clone()),
            ExprKind::Not(inner) => Kind::Not(boxed(inner)?),
            ExprKind::Negate(inner) => Kind::Negate(boxed(inner)?),
            ExprKind::IsNull(inner) => Kind::IsNull(boxed(inner)?),
            ExprKind::Compare { op, left, right } => Kind::Compare(*op, boxed(left)?, boxed(right)?),
            ExprKind::Arithmetic { op, left, right } => Kind::Arithmetic(*op, boxed(left)?, boxed(right)?),
            ExprKind::In { value, options } => Kind::In(boxed(value)?, Options::new(options)),
            ExprKind::Text { test, value, pattern, case_sensitive } => {
                Kind::Text(boxed(value)?, Matcher::new(*test, pattern, *case_sensitive)?)
            }
            ExprKind::And(parts) => Kind::And(nodes(parts, paths)?),
            ExprKind::Or(parts) => Kind::Or(nodes(parts, paths)?),
            ExprKind::Path(path) => Kind::Column(index_of(path, paths)),
            ExprKind::Moment(_) | ExprKind::Occurs { .. } => {
                return Err(Fault::internal(format!("`{expr}` is not bound to a clock")));
            }
        };
        let sole = kind.sole();
        Ok(Node { kind, sole, memo: Memo::default() })
    }
}

fn nodes(parts: &[Expr], paths: &mut Vec<FieldPath>) -> Result<Vec<Node>, Fault> {
    parts.iter().map(|part| Node::new(part, paths)).collect()
}

fn index_of(path: &FieldPath, paths: &mut Vec<FieldPath>) -> usize {
    paths.iter().position(|p| p == path).unwrap_or_else(|| {
        paths.push(path.clone());
        paths.len() - 1
    })
}

impl Kind {
    fn sole(&self) -> Option<usize> {
        let children: Vec<&Node> = match self {
            Kind::Constant(_) => return None,
            Kind::Column(index) => return Some(*index),
            Kind::Not(inner)
            | Kind::Negate(inner)
            | Kind::IsNull(inner)
            | Kind::In(inner, _)
            | Kind::Text(inner, _) => {
                vec![inner]
            }
            Kind::And(parts) | Kind::Or(parts) => parts.iter().collect(),
            Kind::Compare(_, left, right) | Kind::Arithmetic(_, left, right) => vec![left, right],
        };
        let mut sole = None;
        for child in children {
            match (child.sole, sole) {
                (Some(index), None) => sole = Some(index),
                (Some(index), Some(before)) if index == before => {}
                // A constant child reads no column; any other child without a sole column reads several.
                (None, _) if child.is_constant() => {}
                _ => return None,
            }
        }
        sole
    }
}

impl Node {
    fn is_constant(&self) -> bool {
        match &self.kind {
            Kind::Constant(_) => true,
            Kind::Column(_) => false,
            Kind::Not(inner)
            | Kind::Negate(inner)
            | Kind::IsNull(inner)
            | Kind::In(inner, _)
            | Kind::Text(inner, _) => inner.is_constant(),
            Kind::And(parts) | Kind::Or(parts) => parts.iter().all(Node::is_constant),
            Kind::Compare(_, left, right) | Kind::Arithmetic(_, left, right) => {
                left.is_constant() && right.is_constant()
            }
        }
    }
}
