//! Parquet: headers as columns, types kept.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Field, SchemaRef};
use outflow_model::Fault;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use super::{cast_exactly, rows_of};

/// Rows of a row group: large enough for good encoding, small enough to be held in memory while it is written.
const ROW_GROUP_ROWS: usize = 131_072;

/// A row group is also closed at this size, so that wide rows do not grow memory.
const ROW_GROUP_BYTES: usize = 32 * 1024 * 1024;

/// Rows that wait until there is enough to do for several threads.
const WAITING_ROWS: usize = 16_384;

/// Batches that wait, however few rows they have: they keep the pages they were decoded from.
const WAITING_BATCHES: usize = 8;

/// Writes one Parquet file; what is finished is taken out piece by piece.
///
/// Its columns are encoded side by side. What a thread does depends on its column alone, so the bytes do not depend on
/// the number of threads.
pub(crate) struct ParquetEncoder {
    schema: SchemaRef,
    threads: usize,
    writer: SerializedFileWriter<Taken>,
    groups: ArrowRowGroupWriterFactory,
    groups_done: usize,
    /// The open row group: for each column the writers of its leaves. Empty when none is open.
    columns: Vec<Vec<ArrowColumnWriter>>,
    rows_in_group: usize,
    waiting: Vec<Vec<ArrayRef>>,
    waiting_rows: usize,
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
    /// A new file that up to `threads` threads encode. Pages are compressed unless the whole file is going to be.
    pub fn new(schema: SchemaRef, pages_compressed: bool, threads: usize) -> Result<ParquetEncoder, Fault> {
        let compression = if pages_compressed {
            Compression::ZSTD(ZstdLevel::try_new(1).map_err(internal)?)
        } else {
            Compression::UNCOMPRESSED
        };
        let properties =
            WriterProperties::builder().set_compression(compression).set_created_by("outflow".into()).build();
        let taken = Taken::default();
        let writer = ArrowWriter::try_new(taken.clone(), Arc::clone(&schema), Some(properties)).map_err(internal)?;
        let (writer, groups) = writer.into_serialized_writer().map_err(internal)?;
        Ok(ParquetEncoder {
            schema,
            threads,
            writer,
            groups,
            groups_done: 0,
            columns: Vec::new(),
            rows_in_group: 0,
            waiting: Vec::new(),
            waiting_rows: 0,
            taken,
        })
    }

    /// Adds rows; answers the bytes that are final now.
    pub fn write(&mut self, columns: &[ArrayRef]) -> Result<Vec<u8>, Fault> {
        let columns: Vec<ArrayRef> =
            columns.iter().zip(self.schema.fields()).map(|(c, field)| planned(c, field)).collect::<Result<_, _>>()?;
        let rows = rows_of(&columns);
        let mut from = 0;
        while from < rows {
            let length = (rows - from).min(ROW_GROUP_ROWS - self.rows_in_group - self.waiting_rows);
            self.waiting.push(columns.iter().map(|c| c.slice(from, length)).collect());
            self.waiting_rows += length;
            from += length;
            let is_full = self.rows_in_group + self.waiting_rows == ROW_GROUP_ROWS;
            if is_full || self.waiting_rows >= WAITING_ROWS || self.waiting.len() >= WAITING_BATCHES {
                self.encode_waiting()?;
            }
            let bytes = self.columns.iter().flatten().map(ArrowColumnWriter::get_estimated_total_bytes).sum::<usize>();
            if is_full || bytes > ROW_GROUP_BYTES {
                self.end_group()?;
            }
        }
        Ok(self.take())
    }

    /// Ends the file; answers the rest of its bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        self.encode_waiting()?;
        self.end_group()?;
        self.writer.finish().map_err(internal)?;
        Ok(self.take())
    }

    fn encode_waiting(&mut self) -> Result<(), Fault> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if self.columns.is_empty() {
            self.begin_group()?;
        }
        let (schema, waiting) = (&self.schema, &self.waiting);
        let work = Mutex::new(self.columns.iter_mut().enumerate());
        let encode = || {
            loop {
                let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((number, writers)) = next else { return Ok::<(), ParquetError>(()) };
                for batch in waiting {
                    for (leaf, writer) in
                        compute_leaves(schema.field(number), &batch[number])?.iter().zip(&mut *writers)
                    {
                        writer.write(leaf)?;
                    }
                }
            }
        };
        let helpers = self.threads.min(schema.fields().len()).saturating_sub(1);
        std::thread::scope(|scope| {
            let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(encode)).collect();
            let own = encode();
            helpers.into_iter().try_for_each(|helper| helper.join().map_err(|_| died())?.map_err(internal))?;
            own.map_err(internal)
        })?;
        self.rows_in_group += self.waiting_rows;
        self.waiting_rows = 0;
        self.waiting.clear();
        Ok(())
    }

    fn begin_group(&mut self) -> Result<(), Fault> {
        let writers = self.groups.create_column_writers(self.groups_done).map_err(internal)?;
        self.columns.resize_with(self.schema.fields().len(), Vec::new);
        for (leaf, writer) in writers.into_iter().enumerate() {
            self.columns[self.writer.schema_descr().get_column_root_idx(leaf)].push(writer);
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), Fault> {
        if self.rows_in_group == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(internal)?;
        for writer in std::mem::take(&mut self.columns).into_iter().flatten() {
            writer.close().and_then(|chunk| chunk.append_to_row_group(&mut group)).map_err(internal)?;
        }
        group.close().map_err(internal)?;
        self.groups_done += 1;
        self.rows_in_group = 0;
        Ok(())
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.taken.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `column` in the type that was planned for it.
fn planned(column: &ArrayRef, field: &Field) -> Result<ArrayRef, Fault> {
    if column.data_type() == field.data_type() {
        Ok(Arc::clone(column))
    } else if column.data_type().is_nested() {
        // A cast of structs may go by position, and a scan gives them as they were planned.
        Err(Fault::internal(format!("the column `{}` is not of the type that was planned", field.name())))
    } else {
        cast_exactly(column, field.data_type()).map_err(|_| does_not_fit(field))
    }
}

/// The fault for a value that the column's type, which is that of all sources, does not hold: a year that nanoseconds do
/// not reach, say.
fn does_not_fit(field: &Field) -> Fault {
    let (name, data_type) = (field.name(), field.data_type());
    // What Arrow says of the value quotes it.
    Fault::input(format!("a value of the column `{name}` does not fit the type {data_type} that all sources share"))
        .hint("write the column with one type in all sources, or leave it out")
}

fn died() -> Fault {
    Fault::internal("a thread that encodes Parquet died")
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::internal("cannot encode Parquet").because(error)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, ListBuilder, StringArray, StringBuilder, StructArray};
    use arrow::compute::concat_batches;
    use arrow::datatypes::{DataType, Schema};
    use arrow::record_batch::RecordBatch;
    use bytes::Bytes;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::RowGroupMetaData;

    use super::*;

    fn batch(from: i64, rows: i64) -> RecordBatch {
        let numbers: ArrayRef =
            Arc::new((from..from + rows).map(|n| (n % 9 != 0).then_some(n)).collect::<Int64Array>());
        let texts: ArrayRef =
            Arc::new((from..from + rows).map(|n| Some(format!("t{}", n % 1_000))).collect::<StringArray>());
        let mut lists = ListBuilder::new(StringBuilder::new());
        for n in from..from + rows {
            (0..n % 3).for_each(|i| lists.values().append_value(format!("{n}-{i}")));
            lists.append(n % 5 != 0);
        }
        let name = Arc::new(Field::new("name", DataType::Utf8, true));
        let number = Arc::new(Field::new("number", DataType::Int64, true));
        let nested = StructArray::from(vec![(name, Arc::clone(&texts)), (number, Arc::clone(&numbers))]);
        let columns: [(&str, ArrayRef); 4] =
            [("n", numbers), ("s", Arc::new(nested)), ("l", Arc::new(lists.finish())), ("t", texts)];
        let fields: Vec<Field> =
            columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.map(|(_, c)| c).to_vec()).unwrap()
    }

    fn encoded(batches: &[RecordBatch], threads: usize) -> Vec<u8> {
        let mut encoder = ParquetEncoder::new(batches[0].schema(), true, threads).unwrap();
        let mut bytes = Vec::new();
        for batch in batches {
            bytes.extend(encoder.write(batch.columns()).unwrap());
        }
        bytes.extend(encoder.finish().unwrap());
        bytes
    }

    #[test]
    fn any_number_of_threads_writes_the_same_bytes_and_they_read_back() {
        let batches: Vec<RecordBatch> = (0..20).map(|i| batch(i * 9_000, 9_000)).collect();
        let bytes = encoded(&batches, 1);
        assert!([2, 3, 8].into_iter().all(|threads| encoded(&batches, threads) == bytes));
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
        assert_eq!(groups, [131_072, 180_000 - 131_072]);
        let schema = batches[0].schema();
        let read: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
        let (read, written) = (concat_batches(&schema, &read).unwrap(), concat_batches(&schema, &batches).unwrap());
        assert!(read.columns() == written.columns());
    }

    #[test]
    fn a_file_of_nobody_has_a_schema() {
        let schema = batch(0, 1).schema();
        let bytes = ParquetEncoder::new(Arc::clone(&schema), true, 4).unwrap().finish().unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        assert_eq!((reader.schema().fields(), reader.metadata().num_row_groups()), (schema.fields(), 0));
    }
}
