//! The selected rows, kept until it is known which of them stay.
//!
//! The source is read once. Rows wait in memory as long as there is room, then in the spill file, in Arrow's own format.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::filter;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::writer::StreamWriter;
use outflow_model::Fault;

use super::compact::join;
use super::spill::{Spill, Stored};
use crate::encode::rows_of;

/// Rows of one morsel.
enum Rows {
    Memory(Vec<Vec<ArrayRef>>),
    File(Vec<Stored>),
}

/// Stored rows of every morsel.
pub(crate) struct RowStore {
    spill: Arc<Spill>,
    morsels: Vec<Mutex<Option<Rows>>>,
}

/// Gathers the rows of one morsel.
pub(crate) struct MorselRows {
    batches: Vec<Vec<ArrayRef>>,
    rows: usize,
    bytes: usize,
    done: Vec<Rows>,
}

/// Rows gathered before they are written out: a row group's worth of common profiles, so that dictionaries are written
/// once, and no more than a few MiB of wide ones.
const FLUSH_BYTES: usize = 8 * 1024 * 1024;

impl RowStore {
    /// A store for `morsels` morsels.
    pub fn new(spill: Arc<Spill>, morsels: usize) -> RowStore {
        RowStore { spill, morsels: (0..morsels).map(|_| Mutex::default()).collect() }
    }

    /// Starts gathering a morsel's rows.
    pub fn morsel(&self) -> MorselRows {
        MorselRows { batches: Vec::new(), rows: 0, bytes: 0, done: Vec::new() }
    }

    /// Keeps what was gathered as the rows of `morsel`.
    pub fn keep(&self, morsel: usize, mut gathered: MorselRows) -> Result<(), Fault> {
        gathered.flush(&self.spill)?;
        let mut whole: Option<Rows> = None;
        for rows in gathered.done {
            whole = Some(match (whole, rows) {
                (None, rows) => rows,
                (Some(Rows::Memory(mut a)), Rows::Memory(b)) => {
                    a.extend(b);
                    Rows::Memory(a)
                }
                (Some(Rows::File(mut a)), Rows::File(b)) => {
                    a.extend(b);
                    Rows::File(a)
                }
                (Some(Rows::Memory(a)), Rows::File(b)) | (Some(Rows::File(b)), Rows::Memory(a)) => {
                    let mut files = Vec::new();
                    for columns in &a {
                        files.push(self.spill.store_in_file(&to_bytes(columns)?)?);
                    }
                    files.extend(b);
                    Rows::File(files)
                }
            });
        }
        *self.morsels[morsel].lock().unwrap_or_else(PoisonError::into_inner) = whole;
        Ok(())
    }

    /// Visits the rows of `morsel` in order. They stay.
    pub fn visit(&self, morsel: usize, mut visit: impl FnMut(Vec<ArrayRef>) -> Result<(), Fault>) -> Result<(), Fault> {
        let rows = self.morsels[morsel].lock().unwrap_or_else(PoisonError::into_inner);
        match rows.as_ref() {
            None => Ok(()),
            Some(Rows::Memory(batches)) => {
                let batches = batches.clone();
                drop(rows);
                batches.into_iter().try_for_each(visit)
            }
            Some(Rows::File(pieces)) => {
                let places: Vec<(u64, usize)> = pieces
                    .iter()
                    .filter_map(|p| match p {
                        Stored::File { offset, length } => Some((*offset, *length)),
                        Stored::Memory(_) => None,
                    })
                    .collect();
                drop(rows);
                for (offset, length) in places {
                    visit(from_bytes(self.spill.load_from_file(offset, length)?)?)?;
                }
                Ok(())
            }
        }
    }
}

impl MorselRows {
    /// Adds a batch; answers the number its first row has among the morsel's stored rows.
    pub fn push(&mut self, columns: Vec<ArrayRef>, spill: &Spill) -> Result<usize, Fault> {
        let first = self.rows;
        let rows = rows_of(&columns);
        self.rows += rows;
        if rows > 0 {
            self.bytes += columns.iter().map(RowBytes::get_buffer_memory_size_of_rows).sum::<usize>();
            self.batches.push(columns);
            if self.bytes > FLUSH_BYTES {
                self.flush(spill)?;
            }
        }
        Ok(first)
    }

    fn flush(&mut self, spill: &Spill) -> Result<(), Fault> {
        if self.batches.is_empty() {
            return Ok(());
        }
        let batches = std::mem::take(&mut self.batches);
        self.bytes = 0;
        let columns: Vec<ArrayRef> = (0..batches[0].len())
            .map(|i| {
                let parts: Vec<&dyn Array> = batches.iter().map(|b| b[i].as_ref()).collect();
                join(&parts)
            })
            .collect::<Result<_, _>>()?;
        drop(batches);
        let bytes: u64 = columns.iter().map(|c| c.get_array_memory_size() as u64).sum();
        if spill.reserve(bytes) {
            self.done.push(Rows::Memory(vec![columns]));
        } else {
            self.done.push(Rows::File(vec![spill.store_in_file(&to_bytes(&columns)?)?]));
        }
        Ok(())
    }
}

/// What a batch's rows weigh, without the pages that views still point into.
trait RowBytes {
    fn get_buffer_memory_size_of_rows(&self) -> usize;
}

impl RowBytes for ArrayRef {
    fn get_buffer_memory_size_of_rows(&self) -> usize {
        match self.data_type() {
            DataType::Utf8View => self.as_string_view().total_buffer_bytes_used() + 16 * self.len(),
            DataType::Dictionary(_, _) => 4 * self.len(),
            _ => self.get_buffer_memory_size(),
        }
    }
}

fn to_bytes(columns: &[ArrayRef]) -> Result<Vec<u8>, Fault> {
    let fields: Vec<Field> =
        columns.iter().enumerate().map(|(i, c)| Field::new(i.to_string(), c.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.to_vec()).map_err(unsound)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(unsound)?;
    writer.write(&batch).map_err(unsound)?;
    writer.finish().map_err(unsound)?;
    writer.into_inner().map_err(unsound)
}

fn from_bytes(bytes: Vec<u8>) -> Result<Vec<ArrayRef>, Fault> {
    let mut decoder = StreamDecoder::new();
    let mut buffer = Buffer::from_vec(bytes);
    while !buffer.is_empty() {
        if let Some(batch) = decoder.decode(&mut buffer).map_err(unsound)? {
            return Ok(batch.columns().to_vec());
        }
    }
    Err(Fault::internal("spilled rows are cut off"))
}

/// The rows of `columns` that are true in `keep`.
pub(crate) fn keep_rows(columns: &[ArrayRef], keep: &BooleanArray) -> Result<Vec<ArrayRef>, Fault> {
    columns.iter().map(|c| filter(c, keep).map_err(unsound)).collect()
}

pub(crate) fn unsound(error: arrow::error::ArrowError) -> Fault {
    Fault::internal("rows cannot be kept").because(error)
}
