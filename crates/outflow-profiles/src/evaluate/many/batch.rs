//! One batch on its way through the graph.

use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{Array, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use outflow_model::Fault;

use super::cuts::{Cuts, Placed};
use super::entries::{Answers, Coded};
use super::plan::{Plan, Step};
use crate::evaluate::condition::Batch;
use crate::evaluate::node::Node;

/// What is kept from batch to batch.
pub(super) struct Memory {
    /// By the number of the group.
    groups: Vec<Kept>,
    /// The conditions, with the answers for dictionaries that they keep on their own.
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Kept {
    answers: Answers,
    /// The cuts for the type that the column had last; none if that type has no use for them.
    cuts: Option<(DataType, Option<Arc<Cuts>>)>,
}

/// How a group's conditions are answered in this batch.
enum Way {
    Cuts(Arc<Cuts>, Placed),
    Entries(Coded),
    Alone,
}

/// Words of 64 rows; bits behind the last row are not set.
pub(super) type Bits = Vec<u64>;

/// A batch, and what is known of it so far.
pub(super) struct Pass<'p> {
    plan: &'p Plan,
    memory: &'p mut Memory,
    batch: &'p Batch<'p>,
    ways: Vec<Option<Way>>,
    /// Nodes that are asked for again.
    nodes: Vec<Option<Rc<Bits>>>,
    /// How often each node is still asked for, at most.
    uses: Vec<u32>,
    /// Answers of conditions on their own whose true and false rows are both asked for.
    alone: Vec<Option<BooleanArray>>,
}

impl Memory {
    pub fn new(plan: &Plan) -> Memory {
        let nodes = plan.leaves.iter().map(|leaf| leaf.node.clone()).collect();
        Memory { groups: plan.groups.iter().map(|_| Kept::default()).collect(), nodes }
    }
}

impl<'p> Pass<'p> {
    pub fn new(plan: &'p Plan, memory: &'p mut Memory, batch: &'p Batch<'p>) -> Pass<'p> {
        Pass {
            plan,
            memory,
            batch,
            ways: plan.groups.iter().map(|_| None).collect(),
            nodes: vec![None; plan.steps.len()],
            uses: plan.uses.clone(),
            alone: vec![None; plan.leaves.len()],
        }
    }

    /// The rows of a node.
    pub fn node(&mut self, number: usize) -> Result<Rc<Bits>, Fault> {
        self.uses[number] = self.uses[number].saturating_sub(1);
        let is_last = self.uses[number] == 0;
        if let Some(known) = if is_last { self.nodes[number].take() } else { self.nodes[number].clone() } {
            return Ok(known);
        }
        let plan = self.plan;
        let bits = match &plan.steps[number] {
            Step::Constant(all) => Rc::new(words_for(self.batch.rows, *all)),
            Step::Leaf(leaf, wanted) => Rc::new(self.leaf(*leaf, *wanted)?),
            Step::All(parts) => self.all(parts)?,
            Step::Any(parts) => self.any(parts)?,
        };
        if !is_last {
            self.nodes[number] = Some(Rc::clone(&bits));
        }
        Ok(bits)
    }

    fn all(&mut self, parts: &[usize]) -> Result<Rc<Bits>, Fault> {
        let Some((first, others)) = parts.split_first() else { return Ok(Rc::new(words_for(self.batch.rows, true))) };
        let mut all = self.node(*first)?;
        for part in others {
            // Nothing is left, whatever the others have; columns that only they read are not asked for.
            if all.iter().all(|word| *word == 0) {
                break;
            }
            let part = self.node(*part)?;
            join(&mut all, &part, |a, b| a & b);
        }
        Ok(all)
    }

    fn any(&mut self, parts: &[usize]) -> Result<Rc<Bits>, Fault> {
        let Some((first, others)) = parts.split_first() else { return Ok(Rc::new(words_for(self.batch.rows, false))) };
        let mut any = self.node(*first)?;
        for part in others {
            if any.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() == self.batch.rows as u64 {
                break;
            }
            let part = self.node(*part)?;
            join(&mut any, &part, |a, b| a | b);
        }
        Ok(any)
    }

    fn leaf(&mut self, number: usize, wanted: bool) -> Result<Bits, Fault> {
        let plan = self.plan;
        let leaf = &plan.leaves[number];
        if let Some((group, place)) = leaf.place {
            if self.ways[group].is_none() {
                self.ways[group] = Some(self.way(group)?);
            }
            match (&mut self.ways[group], leaf.comparison) {
                (Some(Way::Cuts(cuts, placed)), Some(comparison)) => return Ok(cuts.rows(placed, comparison, wanted)),
                (Some(Way::Entries(coded)), _) => {
                    let answers = &mut self.memory.groups[group].answers;
                    return coded.rows(plan, &plan.groups[group], place, wanted, answers);
                }
                _ => {}
            }
        }
        let answers = match self.alone[number].take() {
            Some(answers) => answers,
            None => {
                let answers = self.batch.condition(&self.memory.nodes[number])?;
                if leaf.both {
                    self.alone[number] = Some(answers.clone());
                }
                answers
            }
        };
        let rows = if wanted { words_of(answers.values()) } else { words_of(&!answers.values()) };
        Ok(match answers.nulls() {
            Some(nulls) => rows.iter().zip(words_of(nulls.inner())).map(|(row, valid)| row & valid).collect(),
            None => rows,
        })
    }

    /// How the conditions of a group are answered, by what their column is in this batch.
    fn way(&mut self, number: usize) -> Result<Way, Fault> {
        let plan = self.plan;
        let (group, limits) = (&plan.groups[number], plan.limits);
        let column = self.batch.column(group.column)?;
        if let Some(coded) = Coded::new(&column, group.leaves.len(), limits.plain_text_min) {
            return Ok(Way::Entries(coded));
        }
        if group.comparisons.len() < limits.cuts_min {
            return Ok(Way::Alone);
        }
        let kept = &mut self.memory.groups[number].cuts;
        if kept.as_ref().is_none_or(|(data_type, _)| data_type != column.data_type()) {
            let cuts = Cuts::new(column.data_type(), &group.comparisons).map(Arc::new);
            *kept = Some((column.data_type().clone(), cuts));
        }
        let Some((_, Some(cuts))) = kept else { return Ok(Way::Alone) };
        Ok(match cuts.place(&column) {
            Some(placed) => Way::Cuts(Arc::clone(cuts), placed),
            None => Way::Alone,
        })
    }
}

fn join(into: &mut Rc<Bits>, other: &[u64], op: impl Fn(u64, u64) -> u64) {
    match Rc::get_mut(into) {
        Some(words) => words.iter_mut().zip(other).for_each(|(word, other)| *word = op(*word, *other)),
        None => *into = Rc::new(into.iter().zip(other).map(|(word, other)| op(*word, *other)).collect()),
    }
}

/// `rows` bits that are all set, or none of them.
pub(super) fn words_for(rows: usize, set: bool) -> Bits {
    let mut words = vec![if set { u64::MAX } else { 0 }; rows.div_ceil(64)];
    if let Some(last) = words.last_mut().filter(|_| set && !rows.is_multiple_of(64)) {
        *last = (1 << (rows % 64)) - 1;
    }
    words
}

/// The bits of a buffer from their first on.
pub(super) fn words_of(bits: &BooleanBuffer) -> Bits {
    let chunks = bits.bit_chunks();
    let rest = (chunks.remainder_len() > 0).then(|| chunks.remainder_bits());
    chunks.iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_every_bit_and_none_behind_the_last() {
        for rows in [0, 1, 63, 64, 65, 200] {
            let bits = BooleanBuffer::collect_bool(rows + 3, |row| row % 3 == 0).slice(3, rows);
            let words = words_of(&bits);
            assert_eq!(words.len(), rows.div_ceil(64));
            let found = |row: usize| words[row / 64] >> (row % 64) & 1 == 1;
            assert!((0..rows).all(|row| found(row) == bits.value(row)));
            assert_eq!(words.iter().map(|w| w.count_ones() as usize).sum::<usize>(), bits.count_set_bits());
            assert_eq!(words_for(rows, true).iter().map(|w| w.count_ones() as usize).sum::<usize>(), rows);
        }
    }
}
