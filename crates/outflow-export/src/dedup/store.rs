//! The selected rows, kept until it is known which of them stay.
//!
//! The source is read once. Rows wait in memory as long as there is room, then in the spill file, in Arrow's own format.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::filter;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::writer::StreamWriter;
use outflow_model::Fault;

use super::compact::Gathered;
use super::spill::{Place, Spill};
use crate::encode::rows_of;

/// Rows that were gathered together.
#[derive(Clone)]
struct Piece {
    rows: usize,
    held: Held,
}

#[derive(Clone)]
enum Held {
    Memory(Vec<ArrayRef>),
    File(Place),
}

/// Stored rows of every morsel: its pieces in the order in which they were read, which is what a row's number counts.
pub(crate) struct RowStore {
    spill: Arc<Spill>,
    morsels: Vec<Mutex<Vec<Piece>>>,
}

/// Gathers the rows of one morsel.
#[derive(Default)]
pub(crate) struct MorselRows {
    columns: Vec<Gathered>,
    /// Rows so far, and how many of them are in no piece yet.
    rows: usize,
    waiting: usize,
    done: Vec<Piece>,
}

/// Bytes gathered before they become a piece: a row group's worth of common profiles, so that dictionaries are written
/// once, and no more than a few MiB of wide ones.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// Rows of a piece handed out at once, so that what is made of them stays small too.
const VISIT_ROWS: usize = 8_192;

impl RowStore {
    /// A store for `morsels` morsels.
    pub fn new(spill: Arc<Spill>, morsels: usize) -> RowStore {
        RowStore { spill, morsels: (0..morsels).map(|_| Mutex::default()).collect() }
    }

    /// Keeps what was gathered as the rows of `morsel`.
    pub fn keep(&self, morsel: usize, mut gathered: MorselRows) -> Result<(), Fault> {
        gathered.flush(&self.spill)?;
        *self.morsels[morsel].lock().unwrap_or_else(PoisonError::into_inner) = gathered.done;
        Ok(())
    }

    /// How many rows each morsel has.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        let pieces = self.morsels.iter().map(|pieces| pieces.lock().unwrap_or_else(PoisonError::into_inner));
        pieces.map(|pieces| pieces.iter().map(|piece| piece.rows).sum())
    }

    /// Visits the rows of `morsel` in order, a few thousand at a time. They stay.
    pub fn visit(&self, morsel: usize, mut visit: impl FnMut(Vec<ArrayRef>) -> Result<(), Fault>) -> Result<(), Fault> {
        self.visit_rows(morsel, 0..usize::MAX, |_, columns| visit(columns))
    }

    /// Visits the rows of `morsel` that are in `range`, in order, a few thousand at a time, each time with the number of
    /// the first. They stay.
    pub fn visit_rows(
        &self,
        morsel: usize,
        range: Range<usize>,
        mut visit: impl FnMut(usize, Vec<ArrayRef>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let pieces = self.morsels[morsel].lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut first = 0;
        for Piece { rows, held } in pieces {
            let begin = first;
            first += rows;
            let wanted = range.start.max(begin)..range.end.min(first);
            if wanted.is_empty() {
                continue;
            }
            let columns = match held {
                Held::Memory(columns) => columns,
                Held::File(place) => from_bytes(self.spill.load_from_file(place)?)?,
            };
            for from in wanted.clone().step_by(VISIT_ROWS) {
                let length = VISIT_ROWS.min(wanted.end - from);
                visit(from, columns.iter().map(|c| c.slice(from - begin, length)).collect())?;
            }
        }
        Ok(())
    }
}

impl MorselRows {
    /// Adds a batch; answers the number its first row has among the morsel's stored rows.
    pub fn push(&mut self, columns: Vec<ArrayRef>, spill: &Spill) -> Result<usize, Fault> {
        let first = self.rows;
        let rows = rows_of(&columns);
        if rows == 0 {
            return Ok(first);
        }
        self.rows += rows;
        self.waiting += rows;
        self.columns.resize_with(columns.len(), Gathered::default);
        for (gathered, column) in self.columns.iter_mut().zip(columns) {
            gathered.push(column);
        }
        if self.columns.iter().map(Gathered::bytes).sum::<usize>() > PIECE_BYTES {
            self.flush(spill)?;
        }
        Ok(first)
    }

    fn flush(&mut self, spill: &Spill) -> Result<(), Fault> {
        if self.waiting == 0 {
            return Ok(());
        }
        self.waiting = 0;
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Gathered::take).collect::<Result<_, _>>()?;
        let bytes: u64 = columns.iter().map(|c| c.get_array_memory_size() as u64).sum();
        let rows = rows_of(&columns);
        let held = if spill.reserve(bytes) {
            Held::Memory(columns)
        } else {
            Held::File(spill.store_in_file(&to_bytes(&columns)?)?)
        };
        self.done.push(Piece { rows, held });
        Ok(())
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

/// A fault of Arrow's on rows that were checked before. Its text may quote a value, so only its kind is told.
pub(crate) fn unsound(error: ArrowError) -> Fault {
    match error {
        ArrowError::CastError(_) | ArrowError::ParseError(_) | ArrowError::ArithmeticOverflow(_) => {
            Fault::internal("rows cannot be kept: a value does not fit the type of its column")
        }
        other => Fault::internal("rows cannot be kept").because(other),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int64Array, StringArray};
    use arrow::datatypes::Int64Type;

    use super::*;

    /// Batches of one row each whose text is so long that every few of them make a piece.
    fn numbered(rows: i64, store: &RowStore, spill: &Spill) {
        let mut gathered = MorselRows::default();
        for row in 0..rows {
            // Lengths that vary make pieces that vary, so that a small last one fits where a large one did not.
            let text = "x".repeat(if row % 7 == 0 { 5 * 1024 * 1024 } else { 1024 });
            let columns: Vec<ArrayRef> =
                vec![Arc::new(Int64Array::from(vec![row])), Arc::new(StringArray::from(vec![text]))];
            assert_eq!(gathered.push(columns, spill).unwrap(), row as usize);
        }
        store.keep(0, gathered).unwrap();
    }

    #[test]
    fn rows_keep_their_order_wherever_their_pieces_wait() {
        let dir = tempfile::tempdir().unwrap();
        for budget_mib in [0, 6, 12, 18, 1_000] {
            let spill = Arc::new(Spill::new(dir.path(), budget_mib * 1024 * 1024).unwrap());
            let store = RowStore::new(Arc::clone(&spill), 1);
            numbered(30, &store, &spill);
            let mut seen = Vec::new();
            let visit = |columns: Vec<ArrayRef>| {
                seen.extend(columns[0].as_primitive::<Int64Type>().values().iter().copied());
                Ok(())
            };
            store.visit(0, visit).unwrap();
            assert_eq!(seen, (0..30).collect::<Vec<_>>(), "with {budget_mib} MiB in memory");
            assert_eq!(store.rows().collect::<Vec<_>>(), [30]);
            for range in [0..1, 3..17, 29..30, 30..40] {
                let mut seen = Vec::new();
                let visit = |first: usize, columns: Vec<ArrayRef>| {
                    let numbers = columns[0].as_primitive::<Int64Type>();
                    assert_eq!(numbers.value(0) as usize, first);
                    seen.extend(numbers.values().iter().map(|number| *number as usize));
                    Ok(())
                };
                store.visit_rows(0, range.clone(), visit).unwrap();
                assert_eq!(seen, range.filter(|row| *row < 30).collect::<Vec<_>>());
            }
        }
    }
}
