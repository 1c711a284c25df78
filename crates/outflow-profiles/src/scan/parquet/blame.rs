//! Which column of a row group cannot be decoded.
//!
//! The library reads columns side by side and its errors do not say which of them failed. After a failure each column is
//! read again alone, level by level and value by value.

use std::sync::Arc;

use outflow_model::Fault;
use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::{ParquetError, Result};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;

use super::file::ParquetFile;
use super::reader::SourceReader;
use crate::scan::BATCH_ROWS;

/// The fault for `error`, naming the first of `leaves` that cannot be read alone, if any. Where reading itself failed,
/// that is the fault, and nothing is read again.
pub(super) fn blame(
    file: &ParquetFile,
    reader: &SourceReader,
    group: usize,
    leaves: &[usize],
    error: impl std::error::Error + Send + Sync + 'static,
) -> Fault {
    if let Some(fault) = reader.take_fault() {
        return fault;
    }
    for &leaf in leaves {
        let column = file.metadata.parquet_schema().column(leaf).path().string();
        if let Err(fault) = reader.decode(Some(&column), || read_alone(file, reader, group, leaf)) {
            return fault;
        }
    }
    reader.fault(None, error)
}

/// Reads on to the end, checking each value.
macro_rules! drain {
    ($reader:expr, $check:expr) => {{
        let mut reader = $reader;
        let (mut def, mut rep, mut values) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            def.clear();
            rep.clear();
            values.clear();
            let (records, _, _) = reader.read_records(BATCH_ROWS, Some(&mut def), Some(&mut rep), &mut values)?;
            values.iter().try_for_each($check)?;
            if records == 0 {
                return Ok(());
            }
        }
    }};
}

fn read_alone(file: &ParquetFile, reader: &SourceReader, group: usize, leaf: usize) -> Result<()> {
    let row_group = file.metadata.metadata().row_group(group);
    let rows = row_group.num_rows().max(0) as usize;
    let pages = SerializedPageReader::new(Arc::new(reader.clone()), row_group.column(leaf), rows, None)?;
    let column = file.metadata.parquet_schema().column(leaf);
    let is_text = is_text(&column);
    match get_column_reader(column, Box::new(pages)) {
        ColumnReader::BoolColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::Int32ColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::Int64ColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::Int96ColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::FloatColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::DoubleColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => drain!(reader, any_value),
        ColumnReader::ByteArrayColumnReader(reader) => {
            drain!(reader, |value: &parquet::data_type::ByteArray| {
                let sound = !is_text || std::str::from_utf8(value.data()).is_ok();
                if sound { Ok(()) } else { Err(ParquetError::General("text that is not UTF-8".into())) }
            })
        }
    }
}

fn any_value<T>(_: &T) -> Result<()> {
    Ok(())
}

fn is_text(column: &ColumnDescriptor) -> bool {
    matches!(column.converted_type(), ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON)
        || matches!(column.logical_type_ref(), Some(LogicalType::String | LogicalType::Enum | LogicalType::Json))
}
