//! Records on their way from files to parts: sorted runs in a nameless file, cut by ranges of the hash.
//!
//! A [`Sorter`] gathers records up to its share of memory, keeps the newest of each profile, and appends them in the
//! global order, one block for each range that has some. A range is later read from its blocks alone.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::{Buffer, MutableBuffer};
use arrow::compute::interleave;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::writer::StreamEncoder;
use outflow_model::Fault;

use super::winners::{Winner, winners};
use crate::folder::{Folder, io_fault};
use crate::snapshot::to_unsigned;

/// The most ranges of one file: at 32 MiB a run, blocks then have 128 KiB. A range that is too large for memory is cut
/// again.
pub(super) const RANGE_BITS_MAX: u32 = 8;

/// A spill file with its index.
pub(super) struct Runs {
    file: File,
    folder: PathBuf,
    schema: SchemaRef,
    /// Bits of the hash before those that number the ranges, equal for all records.
    skipped_bits: u32,
    bits: u32,
    end: AtomicU64,
    ranges: Mutex<Vec<Vec<Block>>>,
}

/// Records of one range and one run.
#[derive(Clone, Copy)]
struct Block {
    offset: u64,
    bytes: u64,
}

impl Runs {
    /// A new file for records that agree in the first `skipped_bits` bits of the hash, cut by the next `bits`.
    pub fn new(folder: &Folder, schema: &SchemaRef, skipped_bits: u32, bits: u32) -> Result<Runs, Fault> {
        Ok(Runs {
            file: folder.nameless()?,
            folder: folder.path().to_path_buf(),
            schema: SchemaRef::clone(schema),
            skipped_bits,
            bits,
            end: AtomicU64::new(0),
            ranges: Mutex::new(vec![Vec::new(); 1 << bits]),
        })
    }

    /// Bits of the hash that all records of one range have in common.
    pub fn common_bits(&self) -> u32 {
        self.skipped_bits + self.bits
    }

    /// The schema of the records.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Bytes that the records of range number `range` take in memory.
    pub fn bytes(&self, range: usize) -> u64 {
        self.blocks(range).iter().map(|block| block.bytes).sum()
    }

    /// Calls `visit` with the records of `range`, run by run; each run is in the global order.
    pub fn each(&self, range: usize, visit: &mut dyn FnMut(RecordBatch) -> Result<(), Fault>) -> Result<(), Fault> {
        // Every block begins where the schema was left out, which the decoder must know.
        let mut decoder = StreamDecoder::new();
        let empty = RecordBatch::new_empty(SchemaRef::clone(&self.schema));
        for mut buffer in encoder(&self.schema)?.encode(&empty).map_err(unspillable)? {
            decoder.decode(&mut buffer).map_err(unspillable)?;
        }
        for block in self.blocks(range) {
            // Aligned, so that the arrays can lie in it.
            let mut bytes = MutableBuffer::from_len_zeroed(block.bytes as usize);
            let read = self.file.read_exact_at(&mut bytes, block.offset);
            read.map_err(|e| io_fault("cannot read a temporary file in", &self.folder, e))?;
            let mut buffer = Buffer::from(bytes);
            while !buffer.is_empty() {
                if let Some(batch) = decoder.decode(&mut buffer).map_err(unspillable)? {
                    visit(batch)?;
                }
            }
        }
        Ok(())
    }

    fn blocks(&self, range: usize) -> Vec<Block> {
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner)[range].clone()
    }

    fn range_of(&self, hash: i64) -> usize {
        let rest = to_unsigned(hash).checked_shl(self.skipped_bits).unwrap_or(0);
        rest.checked_shr(64 - self.bits).unwrap_or(0) as usize
    }

    fn append(&self, range: usize, buffers: &[Buffer]) -> Result<(), Fault> {
        let bytes: u64 = buffers.iter().map(|buffer| buffer.len() as u64).sum();
        let offset = self.end.fetch_add(bytes, Ordering::Relaxed);
        let mut at = offset;
        for buffer in gathered(buffers) {
            let written = self.file.write_all_at(&buffer, at);
            written.map_err(|e| io_fault("cannot write a temporary file in", &self.folder, e))?;
            at += buffer.len() as u64;
        }
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        ranges[range].push(Block { offset, bytes });
        Ok(())
    }
}

/// Bytes that are written with one call.
const WRITE_BYTES: usize = 256 * 1024;

/// Small buffers joined, so that few calls write them.
fn gathered(buffers: &[Buffer]) -> Vec<Buffer> {
    let mut joined: Vec<Buffer> = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    for buffer in buffers {
        if open.len() + buffer.len() > WRITE_BYTES && !open.is_empty() {
            joined.push(Buffer::from_vec(std::mem::take(&mut open)));
        }
        if buffer.len() > WRITE_BYTES {
            joined.push(buffer.clone());
        } else {
            open.extend_from_slice(buffer);
        }
    }
    if !open.is_empty() {
        joined.push(Buffer::from_vec(open));
    }
    joined
}

fn encoder(schema: &SchemaRef) -> Result<StreamEncoder, Fault> {
    StreamEncoder::try_new(schema).map_err(unspillable)
}

fn unspillable(error: ArrowError) -> Fault {
    Fault::internal("records cannot be written to a temporary file and read again").because(error)
}

/// Sorts one thread's records into [`Runs`].
pub(super) struct Sorter<'a> {
    runs: &'a Runs,
    encoder: StreamEncoder,
    held: Vec<RecordBatch>,
    held_bytes: u64,
    memory_bytes: u64,
}

impl<'a> Sorter<'a> {
    /// A sorter that holds about `memory_bytes`, at least one batch.
    pub fn new(runs: &'a Runs, memory_bytes: u64) -> Result<Sorter<'a>, Fault> {
        let mut encoder = encoder(&runs.schema)?;
        let empty = RecordBatch::new_empty(SchemaRef::clone(&runs.schema));
        // The schema, which comes before the first batch, is not part of any block.
        encoder.encode(&empty).map_err(unspillable)?;
        Ok(Sorter { runs, encoder, held: Vec::new(), held_bytes: 0, memory_bytes })
    }

    /// Adds records.
    pub fn push(&mut self, batch: RecordBatch) -> Result<(), Fault> {
        self.held_bytes += batch.get_array_memory_size() as u64;
        self.held.push(batch);
        if self.held_bytes >= self.memory_bytes { self.flush() } else { Ok(()) }
    }

    /// Appends what is held as one run.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let winners = winners(&self.held);
        let mut from = 0;
        while from < winners.len() {
            let range = self.runs.range_of(winners[from].hash);
            let to = from + winners[from..].partition_point(|winner| self.runs.range_of(winner.hash) <= range);
            let columns = self.runs.schema.fields().len();
            let batch = gather(&self.held, columns, &self.runs.schema, &winners[from..to])?;
            let buffers = self.encoder.encode(&batch).map_err(unspillable)?;
            self.runs.append(range, &buffers)?;
            from = to;
        }
        self.held.clear();
        self.held_bytes = 0;
        Ok(())
    }
}

/// The first `columns` columns of the winners' rows, as a batch of `schema`.
pub(super) fn gather(
    batches: &[RecordBatch],
    columns: usize,
    schema: &SchemaRef,
    winners: &[Winner],
) -> Result<RecordBatch, Fault> {
    let rows: Vec<(usize, usize)> = winners.iter().map(|winner| winner.at).collect();
    let gathered = (0..columns).map(|column| {
        let arrays: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(column).as_ref()).collect();
        interleave(&arrays, &rows)
    });
    let gathered = gathered.collect::<Result<Vec<ArrayRef>, ArrowError>>();
    let batch = gathered.and_then(|columns| RecordBatch::try_new(SchemaRef::clone(schema), columns));
    batch.map_err(|e| Fault::internal("records cannot be put in order").because(e))
}
