//! Parquet: headers as columns, types kept.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, SchemaRef};
use outflow_model::Fault;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::cast_exactly;

/// Rows of a row group: large enough for good encoding, small enough to be held in memory while it is written.
const ROW_GROUP_ROWS: usize = 131_072;

/// A row group is also closed at this size, so that wide rows do not grow memory.
const ROW_GROUP_BYTES: usize = 32 * 1024 * 1024;

/// Writes one Parquet file; what is finished is taken out piece by piece.
pub(crate) struct ParquetEncoder {
    schema: SchemaRef,
    writer: ArrowWriter<Taken>,
    taken: Taken,
}

/// Bytes that the writer has finished and nobody has taken yet.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<u8>>>);

impl Write for Taken {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl ParquetEncoder {
    /// A new file. Pages are compressed unless the whole file is going to be.
    pub fn new(schema: SchemaRef, pages_compressed: bool) -> Result<ParquetEncoder, Fault> {
        let compression = if pages_compressed {
            Compression::ZSTD(ZstdLevel::try_new(1).map_err(internal)?)
        } else {
            Compression::UNCOMPRESSED
        };
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by("outflow".into())
            .build();
        let taken = Taken::default();
        let writer = ArrowWriter::try_new(taken.clone(), Arc::clone(&schema), Some(properties)).map_err(internal)?;
        Ok(ParquetEncoder { schema, writer, taken })
    }

    /// Adds rows; answers the bytes that are final now.
    pub fn write(&mut self, columns: &[ArrayRef]) -> Result<Vec<u8>, Fault> {
        let columns: Vec<ArrayRef> = columns
            .iter()
            .zip(self.schema.fields())
            .map(|(column, field)| {
                if column.data_type() == field.data_type() {
                    Ok(Arc::clone(column))
                } else if column.data_type().is_nested() {
                    // A cast of structs may go by position, and a scan gives them as they were planned.
                    Err(Fault::internal(format!("the column `{}` is not of the type that was planned", field.name())))
                } else {
                    cast_exactly(column, field.data_type()).map_err(|e| does_not_fit(field, e))
                }
            })
            .collect::<Result<_, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(internal)?;
        self.writer.write(&batch).map_err(internal)?;
        if self.writer.in_progress_size() > ROW_GROUP_BYTES {
            self.writer.flush().map_err(internal)?;
        }
        Ok(self.take())
    }

    /// Ends the file; answers the rest of its bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        self.writer.finish().map_err(internal)?;
        Ok(self.take())
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.taken.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The fault for a value that the column's type, which is that of all sources, does not hold: a year that nanoseconds do
/// not reach, say.
fn does_not_fit(field: &Field, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    let (name, data_type) = (field.name(), field.data_type());
    Fault::input(format!("a value of the column `{name}` does not fit the type {data_type} that all sources share"))
        .hint("write the column with one type in all sources, or leave it out")
        .because(error)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::internal("cannot encode Parquet").because(error)
}
