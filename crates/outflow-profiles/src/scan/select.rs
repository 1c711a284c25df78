//! Cutting a morsel down: the rule, then mandatory attributes, then the columns that are wanted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, new_empty_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{FilterBuilder, FilterPredicate};
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath};

use super::{ColumnBatches, Morsel, PageBudget, Profiles};
use crate::evaluate::Evaluator;

/// What a scan yields.
#[derive(Clone, Default)]
pub struct ScanRequest {
    /// Which profiles are selected; all when there is no rule.
    pub rule: Option<Arc<Evaluator>>,
    /// Selected profiles without a value at one of these paths are excluded.
    pub require: Vec<FieldPath>,
    /// The columns of the remaining profiles, in this order.
    pub columns: Vec<FieldPath>,
    /// Memory for Parquet pages: a page is held whole, one for each column that is read. Larger ones are refused, with
    /// the figure. `None` takes any page. Records of text files have a fixed limit of 64 MiB.
    pub pages: Option<PageBudget>,
}

/// Profiles of one batch that passed, with the counts of those that did not.
pub struct Selected {
    /// Profiles in the batch.
    pub read: u64,
    /// Profiles for which the rule is true.
    pub selected: u64,
    /// Selected profiles that lack a mandatory attribute.
    pub missing_mandatory: u64,
    /// One array per requested column, with the remaining profiles.
    pub columns: Vec<ArrayRef>,
}

/// A morsel being read.
pub struct MorselScan {
    rows: Rows,
    rule: Option<Evaluator>,
    request: ScanRequest,
    /// All paths that are read: the columns first, then what rule and mandatory attributes need beside them.
    paths: Vec<FieldPath>,
}

/// Where a morsel's rows come from.
enum Rows {
    /// From its file.
    Read(Box<dyn ColumnBatches>),
    /// Nowhere: none of this many can be selected. Empty columns stand for theirs.
    RuledOut(u64, Vec<ArrayRef>),
    /// All have been handed out.
    None,
}

impl Profiles {
    /// Opens `morsel`; fails when its file has changed. A row group whose statistics show that the rule selects nothing
    /// of it is not decoded: it is one batch of which nothing is selected.
    pub fn scan(&self, morsel: Morsel, request: &ScanRequest) -> Result<MorselScan, Fault> {
        let mut paths = request.columns.clone();
        let rule_paths = request.rule.iter().flat_map(|rule| rule.paths().iter());
        for path in rule_paths.chain(&request.require) {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        let rows = match &request.rule {
            Some(rule) if morsel.rows > 0 && self.is_ruled_out(morsel, rule.rule())? => {
                let types = request.columns.iter().map(|path| self.arrow_type(path).unwrap_or(DataType::Null));
                Rows::RuledOut(morsel.rows, types.map(|t| new_empty_array(&t)).collect())
            }
            _ => Rows::Read(self.columns(morsel, &paths, request.pages.as_ref())?),
        };
        // An evaluator remembers the last dictionary it met: every scan has its own.
        let rule = request.rule.as_deref().cloned();
        Ok(MorselScan { rows, rule, request: request.clone(), paths })
    }
}

impl MorselScan {
    /// The next batch's selected profiles, or `None` at the end of the morsel.
    pub fn next_batch(&mut self) -> Result<Option<Selected>, Fault> {
        let read = match &mut self.rows {
            Rows::Read(batches) => batches.next_batch()?,
            Rows::RuledOut(read, columns) => {
                let (read, columns) = (*read, std::mem::take(columns));
                self.rows = Rows::None;
                return Ok(Some(Selected { read, selected: 0, missing_mandatory: 0, columns }));
            }
            Rows::None => None,
        };
        let Some((rows, columns)) = read else { return Ok(None) };
        self.select(rows, &columns).map(Some)
    }

    fn select(&self, rows: usize, columns: &[ArrayRef]) -> Result<Selected, Fault> {
        let column = |path: &FieldPath| self.paths.iter().position(|p| p == path).map(|i| Arc::clone(&columns[i]));
        let rule = match &self.rule {
            Some(rule) => Some(definitely(&rule.select(&column, rows)?)),
            None => None,
        };
        let wanted = &columns[..self.request.columns.len()];
        let selected = rule.as_ref().map_or(rows, BooleanBuffer::count_set_bits);
        let present = self.request.require.iter().filter_map(column).filter_map(|c| c.logical_nulls());
        let keep = if selected == 0 { rule } else { present.fold(rule, |mask, nulls| Some(and(mask, nulls))) };
        let kept = keep.as_ref().map_or(rows, BooleanBuffer::count_set_bits);
        let columns = match keep {
            Some(_) if kept == 0 => wanted.iter().map(|c| new_empty_array(c.data_type())).collect(),
            Some(keep) if kept < rows => filter_all(wanted, keep)?,
            _ => wanted.to_vec(),
        };
        Ok(Selected {
            read: rows as u64,
            selected: selected as u64,
            missing_mandatory: (selected - kept) as u64,
            columns,
        })
    }
}

/// The rows that are true; unknown is not selected.
fn definitely(mask: &BooleanArray) -> BooleanBuffer {
    match mask.nulls() {
        Some(nulls) => mask.values() & nulls.inner(),
        None => mask.values().clone(),
    }
}

fn and(mask: Option<BooleanBuffer>, nulls: NullBuffer) -> BooleanBuffer {
    match mask {
        Some(mask) => &mask & nulls.inner(),
        None => nulls.into_inner(),
    }
}

fn filter_all(columns: &[ArrayRef], keep: BooleanBuffer) -> Result<Vec<ArrayRef>, Fault> {
    let mask = BooleanArray::new(keep, None);
    let predicate = FilterBuilder::new(&mask).optimize().build();
    columns.iter().map(|column| filter_one(&predicate, column)).collect()
}

fn filter_one(predicate: &FilterPredicate, column: &ArrayRef) -> Result<ArrayRef, Fault> {
    if *column.data_type() == DataType::Null {
        return Ok(arrow::array::new_null_array(&DataType::Null, predicate.count()));
    }
    predicate.filter(column).map_err(|e| Fault::internal("a selection does not fit its column").because(e))
}
