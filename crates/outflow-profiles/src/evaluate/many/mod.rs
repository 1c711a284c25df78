//! Many rules over the same batches, each distinct condition answered once.
//!
//! The rules become one graph in which equal parts are one node (`plan`). Its leaves are the distinct conditions that are
//! no `and`, `or` or `not`; a thousand segments over a dozen fields share most of theirs. A leaf is answered in one of
//! three ways, by what its column is in the batch:
//!
//! - **By cuts** (`cuts`): comparisons of one column of numbers, dates or timestamps with constants. Each value is placed
//!   once among the sorted constants; from there the rows above every constant follow by copying bitmaps.
//! - **By entries** (`entries`): any condition on a column of few distinct values. It is answered for each distinct value,
//!   and the rows of the values that satisfy it are united.
//! - **Alone**: by the same node that a single rule's evaluator would run.
//!
//! # Two bitmaps instead of three values
//!
//! A rule selects the rows for which it is true, and logic is Kleene's: a condition is true, false or unknown. Let T(x)
//! be the rows for which x is true, and F(x) those for which it is false. Then T(x and y) is the intersection of T(x) and
//! T(y), T(x or y) the union; F the other way round; T(not x) = F(x) and F(not x) = T(x). None of these asks for the rows
//! that are unknown. So `not` is pushed down to the leaves while the graph is built, each leaf gives T or F (which are not
//! each other's complement: a null is in neither), and everything above them is intersections and unions of plain bitmaps.

mod batch;
mod cuts;
mod entries;
mod plan;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::buffer::{BooleanBuffer, Buffer};
use outflow_model::rule::BoundRule;
use outflow_model::{Fault, FieldPath};

use self::batch::{Memory, Pass};
pub(super) use self::plan::Limits;
use self::plan::Plan;
use super::condition::Batch;
use super::fetched;

/// Rules ready to run over batches together. They mean what each means to an [`Evaluator`](super::Evaluator) of its own.
/// A clone keeps its own answers for dictionaries: give each thread its clone.
pub struct ManyEvaluator {
    plan: Arc<Plan>,
    memory: Memory,
}

impl Clone for ManyEvaluator {
    fn clone(&self) -> ManyEvaluator {
        ManyEvaluator { memory: Memory::new(&self.plan), plan: Arc::clone(&self.plan) }
    }
}

impl ManyEvaluator {
    /// Prepares the rules.
    ///
    /// # Errors
    /// An internal fault if a rule was not checked, as for a single rule.
    pub fn new(rules: &[BoundRule]) -> Result<ManyEvaluator, Fault> {
        ManyEvaluator::with_limits(rules, Limits::default())
    }

    pub(super) fn with_limits(rules: &[BoundRule], limits: Limits) -> Result<ManyEvaluator, Fault> {
        let plan = Arc::new(Plan::new(rules, limits)?);
        Ok(ManyEvaluator { memory: Memory::new(&plan), plan })
    }

    /// The fields that the rules read, each once.
    pub fn paths(&self) -> &[FieldPath] {
        &self.plan.paths
    }

    /// For each rule, in their order, the rows of a batch for which it is true.
    ///
    /// `columns` and `rows` are as for a single rule.
    ///
    /// # Errors
    /// As for a single rule.
    pub fn select(
        &mut self,
        columns: &dyn Fn(&FieldPath) -> Option<ArrayRef>,
        rows: usize,
    ) -> Result<Vec<BooleanBuffer>, Fault> {
        let mut selected = Vec::with_capacity(self.plan.roots.len());
        self.visit(columns, rows, &mut |_, words| {
            selected.push(BooleanBuffer::new(Buffer::from_slice_ref(words), 0, rows));
        })?;
        Ok(selected)
    }

    /// Calls `selected` with the number of each rule, in their order, and its rows of a batch as words of 64 bits.
    pub(crate) fn visit(
        &mut self,
        columns: &dyn Fn(&FieldPath) -> Option<ArrayRef>,
        rows: usize,
        selected: &mut dyn FnMut(usize, &[u64]),
    ) -> Result<(), Fault> {
        let plan = Arc::clone(&self.plan);
        let fetch = |index: usize| fetched(&plan.paths[index], columns, rows);
        let batch = Batch::new(&fetch, plan.paths.len(), rows);
        let mut pass = Pass::new(&plan, &mut self.memory, &batch);
        for (number, root) in plan.roots.iter().enumerate() {
            selected(number, &pass.node(*root)?);
        }
        Ok(())
    }
}
