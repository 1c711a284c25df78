//! Cutting a morsel down: the rule, then mandatory attributes, then the columns that are wanted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, new_empty_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{FilterBuilder, FilterPredicate};
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath};

use super::rows::{BatchRows, MorselRows, RowSelection};
use super::{ColumnBatches, Morsel, PageBudget, Profiles};
use crate::evaluate::Evaluator;

/// What a scan yields.
#[derive(Clone, Default)]
pub struct ScanRequest {
    /// Which profiles are selected; all when there is no rule.
    pub rule: Option<Arc<Evaluator>>,
    /// Of which rows, where that is known already. The selection's own columns are among those that may be asked for;
    /// rules read only what is in the files.
    pub rows: Option<Arc<RowSelection>>,
    /// Selected profiles without a value at one of these paths are excluded.
    pub require: Vec<FieldPath>,
    /// The columns of the remaining profiles, in this order.
    pub columns: Vec<FieldPath>,
    /// Memory for Parquet pages: a page is held whole, one for each column that is read. Larger ones are refused, with
    /// the figure, and so are too many columns of them. `None` takes any page. Records of text files are counted here, too;
    /// how long they may be is said when the files are opened.
    pub pages: Option<PageBudget>,
}

/// Profiles of one batch that passed, with the counts of those that did not.
pub struct Selected {
    /// Profiles in the batch.
    pub read: u64,
    /// Profiles for which the rule is true, among the given rows.
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
    given: Option<MorselRows>,
    request: ScanRequest,
    /// All paths that are read: of the columns those that are in files, then what rule and mandatory attributes need
    /// beside them.
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
    /// of it, or of which no row is given, is not decoded: it is one batch of which nothing is selected.
    pub fn scan(&self, morsel: Morsel, request: &ScanRequest) -> Result<MorselScan, Fault> {
        let is_given = |path: &FieldPath| request.rows.as_ref().is_some_and(|rows| rows.arrow_type(path).is_some());
        let mut paths: Vec<FieldPath> = Vec::new();
        let from_files = request.columns.iter().chain(&request.require).filter(|path| !is_given(path));
        for path in from_files.chain(request.rule.iter().flat_map(|rule| rule.paths().iter())) {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        let given = request.rows.as_ref().map(|rows| rows.of_morsel(morsel, &request.columns)).transpose()?;
        let ruled_out = match (&given, &request.rule) {
            (Some(given), _) if given.is_empty() => morsel.rows > 0,
            (_, Some(rule)) => morsel.rows > 0 && self.is_ruled_out(morsel, rule.rule())?,
            (_, None) => false,
        };
        let rows = if ruled_out {
            let own = |path| request.rows.as_ref().and_then(|rows| rows.arrow_type(path));
            let types = request.columns.iter().map(|path| own(path).or_else(|| self.arrow_type(path)));
            Rows::RuledOut(morsel.rows, types.map(|t| new_empty_array(&t.unwrap_or(DataType::Null))).collect())
        } else {
            Rows::Read(self.columns(morsel, &paths, request.pages.as_ref())?)
        };
        // An evaluator remembers the last dictionary it met: every scan has its own.
        let rule = request.rule.as_deref().cloned();
        Ok(MorselScan { rows, rule, given, request: request.clone(), paths })
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

    fn select(&mut self, rows: usize, columns: &[ArrayRef]) -> Result<Selected, Fault> {
        let given = self.given.as_mut().map(|given| given.next(rows)).transpose()?;
        let column = |path: &FieldPath| self.paths.iter().position(|p| p == path).map(|i| Arc::clone(&columns[i]));
        let by_rule = match &self.rule {
            Some(rule) => Some(definitely(&rule.select(&column, rows)?)),
            None => None,
        };
        let mask = match (by_rule, &given) {
            (Some(rule), Some(given)) => Some(&rule & &given.selected),
            (rule, given) => rule.or_else(|| given.as_ref().map(|given| given.selected.clone())),
        };
        let wanted = self.wanted(given.as_ref(), &column)?;
        let selected = mask.as_ref().map_or(rows, BooleanBuffer::count_set_bits);
        let present = self.request.require.iter().filter_map(column).filter_map(|c| c.logical_nulls());
        let keep = if selected == 0 { mask } else { present.fold(mask, |mask, nulls| Some(and(mask, nulls))) };
        let kept = keep.as_ref().map_or(rows, BooleanBuffer::count_set_bits);
        let columns = match keep {
            Some(_) if kept == 0 => wanted.iter().map(|c| new_empty_array(c.data_type())).collect(),
            Some(keep) if kept < rows => filter_all(&wanted, keep)?,
            _ => wanted,
        };
        Ok(Selected {
            read: rows as u64,
            selected: selected as u64,
            missing_mandatory: (selected - kept) as u64,
            columns,
        })
    }

    /// The requested columns of a batch, all rows.
    fn wanted(
        &self,
        given: Option<&BatchRows>,
        column: &dyn Fn(&FieldPath) -> Option<ArrayRef>,
    ) -> Result<Vec<ArrayRef>, Fault> {
        let own = |path: &FieldPath| {
            let (rows, given) = (self.request.rows.as_ref()?, given?);
            if path == rows.status_path() {
                given.status.clone()
            } else if path == rows.time_path() {
                given.time.clone()
            } else {
                None
            }
        };
        let missing = |path| Fault::internal(format!("`{path}` was requested and is not read"));
        let each =
            self.request.columns.iter().map(|path| own(path).or_else(|| column(path)).ok_or_else(|| missing(path)));
        each.collect()
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

pub(crate) fn filter_all(columns: &[ArrayRef], keep: BooleanBuffer) -> Result<Vec<ArrayRef>, Fault> {
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
