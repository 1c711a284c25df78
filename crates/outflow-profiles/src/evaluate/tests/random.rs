//! Random rules over random batches: the evaluator agrees with the reader of single rows, and pruning loses no row.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;
use outflow_model::FieldPath;
use outflow_model::rule::{BoundRule, Literal, bind};
use proptest::prelude::*;

use super::super::{ColumnStats, Evaluator, prune};
use super::columns::{Column, MAX_ROWS, Raw, build, raw};
use super::reference::{Cell, evaluate};
use super::rules::condition;
use super::{now, schema};

/// Columns by name.
pub(super) type Batch = BTreeMap<String, Column>;

pub(super) fn batch() -> impl Strategy<Value = Batch> {
    let names: Vec<String> = schema().fields.into_iter().map(|f| f.name).collect();
    (prop::collection::vec(raw(), names.len()), 0..=MAX_ROWS).prop_map(move |(raws, rows): (Vec<Raw>, usize)| {
        names.iter().zip(&raws).map(|(name, raw)| (name.clone(), build(name, raw, rows))).collect()
    })
}

pub(super) fn rows(batch: &Batch) -> usize {
    batch["b"].cells.len()
}

pub(super) fn select(evaluator: &Evaluator, batch: &Batch) -> Vec<Option<bool>> {
    let columns = |path: &FieldPath| Some(ArrayRef::clone(&batch[&path.to_string()].array));
    evaluator.select(&columns, rows(batch)).unwrap().iter().collect()
}

pub(super) fn reference(rule: &BoundRule, batch: &Batch) -> Vec<Option<bool>> {
    (0..rows(batch))
        .map(|row| match evaluate(&rule.expr, &|name| batch[name].cells[row].clone()) {
            Cell::Bool(b) => Some(b),
            Cell::Null => None,
            other => panic!("{other:?} is no answer"),
        })
        .collect()
}

/// Statistics as a Parquet writer gives them: no NaN in bounds, long texts cut.
fn stats(column: &Column) -> ColumnStats {
    let literals: Vec<Literal> = column
        .cells
        .iter()
        .filter_map(|cell| match cell {
            Cell::Bool(b) => Some(Literal::Boolean(*b)),
            Cell::Int(n) => Some(Literal::Integer(*n)),
            Cell::Float(f) if !f.is_nan() => Some(Literal::Float(*f)),
            Cell::Text(t) => Some(Literal::String(t.clone())),
            Cell::Time(n) => chrono::DateTime::from_timestamp(
                i64::try_from(n.div_euclid(1_000_000_000)).unwrap(),
                u32::try_from(n.rem_euclid(1_000_000_000)).unwrap(),
            )
            .map(Literal::Timestamp),
            _ => None,
        })
        .collect();
    let less = |a: &&Literal, b: &&Literal| match (a, b) {
        (Literal::Boolean(a), Literal::Boolean(b)) => a.cmp(b),
        (Literal::Integer(a), Literal::Integer(b)) => a.cmp(b),
        (Literal::Float(a), Literal::Float(b)) => a.total_cmp(b),
        (Literal::String(a), Literal::String(b)) => a.cmp(b),
        (Literal::Timestamp(a), Literal::Timestamp(b)) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    };
    let cut = |bound: Literal| match bound {
        Literal::String(text) => Literal::String(text.chars().take(1).collect()),
        other => other,
    };
    let nulls = column.cells.iter().filter(|c| **c == Cell::Null).count();
    ColumnStats {
        min: literals.iter().min_by(less).cloned().map(cut),
        max: literals.iter().max_by(less).cloned(),
        null_count: Some(nulls as u64),
        rows: column.cells.len() as u64,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_evaluator_agrees_with_the_reader_of_single_rows(expr in condition(), batch in batch(), other in batch()) {
        let rule = bind(&expr, &schema(), now()).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let evaluator = Evaluator::new(&rule).unwrap();
        prop_assert_eq!(select(&evaluator, &batch), reference(&rule, &batch), "{}", rule.text());
        // What it remembers of dictionaries must not leak into other batches, and must serve the same one again.
        prop_assert_eq!(select(&evaluator, &other), reference(&rule, &other), "{}", rule.text());
        prop_assert_eq!(select(&evaluator, &other), reference(&rule, &other), "{}", rule.text());
    }

    #[test]
    fn pruning_loses_no_selected_row(expr in condition(), batch in batch(), known in any::<u16>()) {
        let rule = bind(&expr, &schema(), now()).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let names: Vec<&String> = batch.keys().collect();
        let statistics = |path: &FieldPath| {
            let name = path.to_string();
            let index = names.iter().position(|n| **n == name)?;
            (known >> index & 1 == 0).then(|| stats(&batch[&name]))
        };
        let selected = select(&Evaluator::new(&rule).unwrap(), &batch).contains(&Some(true));
        prop_assert!(!selected || prune(&rule, &statistics), "{}", rule.text());
    }
}
