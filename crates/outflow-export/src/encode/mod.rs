//! Encoders: columns of selected profiles in, bytes of a file out.

mod csv;
mod json;
mod parquet;
mod text;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use outflow_model::Fault;

pub(crate) use csv::CsvEncoder;
pub(crate) use json::JsonEncoder;
pub(crate) use parquet::ParquetEncoder;
pub(crate) use text::{Scalars, scalars};

/// Rows as bytes, with the place where each ends, so that files can be split between any two rows.
#[derive(Debug, Default)]
pub(crate) struct EncodedRows {
    pub bytes: Vec<u8>,
    pub row_ends: Vec<u32>,
}

impl EncodedRows {
    fn with_capacity(rows: usize, bytes: usize) -> EncodedRows {
        EncodedRows { bytes: Vec::with_capacity(bytes), row_ends: Vec::with_capacity(rows) }
    }

    fn end_row(&mut self) -> Result<(), Fault> {
        let end = u32::try_from(self.bytes.len());
        self.row_ends.push(end.map_err(|_| {
            Fault::input("a few thousand profiles take more than 4 GiB").hint("leave the columns with huge values out")
        })?);
        Ok(())
    }
}

/// A format whose files are a header and then row after row. One encoder per thread.
pub(crate) trait RowEncoder: Send {
    /// What every file starts with.
    fn header(&self) -> Result<Vec<u8>, Fault>;

    /// The rows of a batch; columns are in mapping order and of equal length.
    fn encode(&mut self, columns: &[ArrayRef]) -> Result<EncodedRows, Fault>;
}

/// The fault for a structured value in a flat file.
fn not_flat(data_type: &DataType) -> Fault {
    Fault::input(format!("a value of type {data_type} does not fit a cell"))
        .hint("map one of its elements, or export as json or parquet")
}
