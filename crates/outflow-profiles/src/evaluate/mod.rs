//! Segment rules over Arrow batches.
//!
//! An [`Evaluator`] is built once from a [`BoundRule`]: regular expressions compiled, constants prepared. It then answers
//! for whole batches, column by column. A column of any width or encoding gives the same answers as its values in the
//! plainest encoding; what an operation means does not depend on how a source stores its fields.
//!
//! # Meaning
//!
//! Beyond what `outflow_model::rule` says:
//!
//! - Logic is Kleene's. A null operand makes a comparison, a test or arithmetic unknown, which the answer shows as null; only
//!   `is null` always answers. The caller selects what is true.
//! - Integers of any width, decimals and float constants compare exactly: nothing is rounded on the way. A float constant
//!   beside integers or decimals is the number that its shortest text spells (`4.1` is 41/10). A 32-bit float is the number
//!   it holds, so that a stored 0.1 is slightly more than the constant `0.1`. Only a float field beside a decimal field
//!   rounds: the decimal to the nearest float.
//! - `NaN` is different from everything and ordered with nothing; both zeros are equal.
//! - Integer arithmetic is exact in 128 bits, decimal arithmetic in 256; what does not fit is unknown. `/` gives a float.
//!   `%` has the sign of its left side. An operation with a float is done in 64-bit floats, and an infinite result of
//!   finite operands is unknown, as is any division by zero. A float constant beside a decimal field is a decimal.
//! - Timestamps without a time zone are in UTC. Dates are their midnights.
//! - Ignoring case compares both sides lower-cased character by character; regular expressions ignore case by Unicode's
//!   simple folding.
//! - `contains` on a list asks for an element that equals the text; null elements equal nothing.
//!
//! # Cost
//!
//! A condition on a single dictionary-encoded field is evaluated once per dictionary entry and mapped by key; the entries'
//! answers are kept while batches share a dictionary. `and` stops at the first part that leaves nothing, `or` at the first
//! that leaves nothing open; columns that only later parts read are then not asked for.

mod arithmetic;
mod bits;
mod compare;
mod condition;
mod dictionary;
mod exact;
mod many;
mod member;
mod node;
mod number;
mod pair;
mod prune;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use outflow_model::rule::BoundRule;
use outflow_model::{Fault, FieldPath};

use self::condition::Batch;
pub use self::many::ManyEvaluator;
use self::node::Node;
pub use self::prune::{ColumnStats, prune};

/// A rule ready to run over batches. A clone keeps its own answers for dictionaries: give each thread its clone.
#[derive(Clone, Debug)]
pub struct Evaluator {
    root: Node,
    paths: Vec<FieldPath>,
    /// What it was made of: statistics are asked by the rule itself.
    rule: Arc<BoundRule>,
}

impl Evaluator {
    /// Prepares a rule.
    ///
    /// # Errors
    /// An internal fault if the rule was not checked: an expression that binding removes, or a pattern that does not compile.
    pub fn new(rule: &BoundRule) -> Result<Evaluator, Fault> {
        let mut paths = Vec::new();
        let root = Node::new(&rule.expr, &mut paths)?;
        Ok(Evaluator { root, paths, rule: Arc::new(rule.clone()) })
    }

    /// The fields that the rule reads, each once.
    pub fn paths(&self) -> &[FieldPath] {
        &self.paths
    }

    /// The rule that is evaluated.
    pub fn rule(&self) -> &BoundRule {
        &self.rule
    }

    /// Answers for every row of a batch: true, false, or null for unknown. A caller that selects treats null as false.
    ///
    /// `columns` gives a field's values, `rows` of them, and is asked at most once for each path, only when the answer
    /// depends on it. A source that lacks a field gives an array of nulls, of any type or `DataType::Null`.
    ///
    /// # Errors
    /// An internal fault naming the field when `columns` gives `None`, another number of rows, or a type that cannot be what
    /// the rule was checked against.
    pub fn select(&self, columns: &dyn Fn(&FieldPath) -> Option<ArrayRef>, rows: usize) -> Result<BooleanArray, Fault> {
        let fetch = |index: usize| fetched(&self.paths[index], columns, rows);
        Batch::new(&fetch, self.paths.len(), rows).condition(&self.root)
    }
}

/// A field's values as the caller gives them, `rows` of them.
fn fetched(path: &FieldPath, columns: &dyn Fn(&FieldPath) -> Option<ArrayRef>, rows: usize) -> Result<ArrayRef, Fault> {
    let column = columns(path)
        .ok_or_else(|| Fault::internal(format!("the scan gave no column for `{path}`, which the rule reads")))?;
    if column.len() != rows {
        return Err(Fault::internal(format!(
            "the scan gave {} values for `{path}` in a batch of {rows} rows",
            column.len()
        )));
    }
    Ok(column)
}
