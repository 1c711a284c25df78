//! Encoders: columns of selected profiles in, bytes of a file out.

mod csv;
mod json;
mod parquet;
mod plain;
mod text;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;
use outflow_model::Fault;

pub(crate) use csv::CsvEncoder;
pub(crate) use json::{JsonEncoder, Node, write_string};
pub(crate) use parquet::ParquetEncoder;
pub(crate) use plain::{is_writable, plain};
pub(crate) use text::{Scalars, scalars, write_instant};

/// Rows as bytes, with the place where each ends, so that files can be split between any two rows.
#[derive(Debug, Default)]
pub(crate) struct EncodedRows {
    pub bytes: Vec<u8>,
    pub row_ends: Vec<u32>,
}

/// Bytes that are encoded at once: what a batch of common profiles takes is a fraction of it.
pub(crate) const ENCODED_BYTES: usize = 4 * 1024 * 1024;

impl EncodedRows {
    fn with_capacity(rows: usize, bytes: usize) -> EncodedRows {
        EncodedRows { bytes: Vec::with_capacity(bytes), row_ends: Vec::with_capacity(rows) }
    }

    /// Ends a row; `false` when there are enough bytes.
    fn end_row(&mut self) -> Result<bool, Fault> {
        let end = u32::try_from(self.bytes.len());
        self.row_ends.push(end.map_err(|_| {
            Fault::input("a profile takes more than 4 GiB").hint("leave the columns with huge values out")
        })?);
        Ok(self.bytes.len() < ENCODED_BYTES)
    }
}

/// A format whose files are a header and then row after row. One encoder per thread.
pub(crate) trait RowEncoder: Send {
    /// What every file starts with.
    fn header(&self) -> Result<Vec<u8>, Fault>;

    /// The rows of a batch from row `from`, up to a few MiB: at least one row, and all that are left where they are not
    /// huge. Columns are in mapping order and of equal length.
    fn encode(&mut self, columns: &[ArrayRef], from: usize) -> Result<EncodedRows, Fault>;
}

/// Rows of a batch.
pub(crate) fn rows_of(columns: &[ArrayRef]) -> usize {
    columns.first().map_or(0, Array::len)
}

/// `array` as `data_type`; a value that does not fit is an error, never a null.
pub(crate) fn cast_exactly(array: &dyn Array, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, data_type, &CastOptions { safe: false, ..CastOptions::default() })
}

/// The codes of a dictionary column; those of null rows mean nothing.
pub(crate) fn codes(array: &ArrayRef) -> Result<ScalarBuffer<i32>, Fault> {
    let keys = cast_exactly(array.as_any_dictionary().keys(), &DataType::Int32)
        .map_err(|e| Fault::internal("a dictionary is unsound").because(e))?;
    Ok(keys.as_primitive::<Int32Type>().values().clone())
}

/// The fault for a structured value in a flat file.
fn not_flat(data_type: &DataType) -> Fault {
    Fault::input(format!("a value of type {data_type} does not fit a cell"))
        .hint("map one of its elements, or export as json or parquet")
}
