//! Scans: the pinned files in morsels, each read column by column and cut down to the selected profiles.
//!
//! A morsel is a row group of a Parquet file, or a whole text file. Morsels are numbered in plan order; any number of
//! threads may read different morsels, and what a morsel yields does not depend on who reads it.

mod page_budget;
mod parquet;
use parquet::parquet_type_at;
pub(crate) use parquet::{Undecodable, guarded};
mod profiles;
pub(crate) mod project;
mod rows;
mod select;
#[cfg(test)]
mod tests;
mod text;

use arrow::array::ArrayRef;
use outflow_model::Fault;

pub use page_budget::PageBudget;
pub use profiles::{Morsel, Profiles};
pub(crate) use rows::{FileRows, RowKind};
pub use rows::{RowSelection, SelectedMembers};
pub(crate) use select::filter_all;
pub use select::{MorselScan, ScanRequest, Selected};

/// Rows decoded at once: large enough that per-batch work vanishes, small enough that ten columns of text stay in cache.
pub const BATCH_ROWS: usize = 8192;

/// Bytes of a batch, as far as they are known before it is decoded: rows of a few hundred bytes fill a batch of
/// [`BATCH_ROWS`] with less, and of wide rows a batch has fewer.
pub(crate) const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Columns of a morsel, a batch of rows at a time.
pub(crate) trait ColumnBatches: Send {
    /// Rows of the batch, and one array per requested path; `None` at the end.
    fn next_batch(&mut self) -> Result<Option<(usize, Vec<ArrayRef>)>, Fault>;
}
