//! Small records, split by hash into partitions that each fit memory.

use std::sync::{Arc, Mutex, PoisonError};

use outflow_model::Fault;

use super::spill::{Spill, Stored};

/// Bytes a thread gathers in all before it hands a partition's share over.
const THREAD_BYTES: usize = 1024 * 1024;

/// Bytes a partition gathers before they count against the budget and may go to disk: large enough for a disk, and even
/// with a thousand partitions a few MiB.
const CHUNK_BYTES: usize = 16 * 1024;

/// A row: number of its morsel, and its place among the morsel's stored rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId(u64);

impl RowId {
    pub fn new(morsel: usize, row: usize) -> RowId {
        RowId((morsel as u64) << 32 | row as u64)
    }

    pub fn morsel(self) -> usize {
        (self.0 >> 32) as usize
    }

    pub fn row(self) -> usize {
        (self.0 & u64::from(u32::MAX)) as usize
    }
}

/// What is kept of a row: a reference time, its place, and some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub time: i64,
    pub row: RowId,
    pub bytes: &'a [u8],
}

/// Bytes of the time and the row.
const FIXED_BYTES: usize = 8 + 8;

/// Most bytes that a length takes.
const LENGTH_BYTES_MAX: usize = 5;

/// Bits of a hash below those that choose the partition. A hash table over one partition uses the lowest bits and the
/// highest seven; all three must differ, or its keys would crowd.
const PARTITION_SHIFT: u32 = 40;

/// Records in partitions.
pub(crate) struct Records {
    spill: Arc<Spill>,
    partitions: Vec<Mutex<Partition>>,
}

#[derive(Default)]
struct Partition {
    /// Whole records that no chunk has been made of.
    open: Vec<u8>,
    chunks: Vec<Stored>,
}

impl Records {
    /// `2^bits` partitions over `spill`.
    pub fn new(spill: Arc<Spill>, bits: u32) -> Records {
        let partitions = (0..1usize << bits).map(|_| Mutex::default()).collect();
        Records { spill, partitions }
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// A writer for one thread.
    pub fn writer(&self) -> RecordWriter<'_> {
        let buffer_bytes = (THREAD_BYTES / self.partitions.len()).max(512);
        RecordWriter { records: self, buffers: vec![Vec::new(); self.partitions.len()], buffer_bytes }
    }

    /// Visits the records of a partition, once, in no particular order.
    pub fn drain(&self, partition: usize, mut visit: impl FnMut(Record<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
        let found = std::mem::take(&mut *self.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner));
        visit_all(&found.open, &mut visit)?;
        for chunk in found.chunks {
            visit_all(&self.spill.load(chunk)?, &mut visit)?;
        }
        Ok(())
    }
}

fn visit_all(mut bytes: &[u8], visit: &mut impl FnMut(Record<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
    while !bytes.is_empty() {
        let (record, after) = read(bytes).ok_or_else(|| Fault::internal("a spilled record is cut off"))?;
        visit(record)?;
        bytes = after;
    }
    Ok(())
}

fn read(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let eight = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
    let (length, rest) = read_length(bytes.get(FIXED_BYTES..)?)?;
    let (key, after) = rest.split_at_checked(length)?;
    Some((Record { time: eight(0)? as i64, row: RowId(eight(8)?), bytes: key }, after))
}

/// A length is written seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_length(mut length: u32, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (i, &byte) in bytes.iter().take(LENGTH_BYTES_MAX).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * i);
        if byte < 0x80 {
            return Some((length, &bytes[i + 1..]));
        }
    }
    None
}

/// One thread's way into [`Records`].
pub(crate) struct RecordWriter<'a> {
    records: &'a Records,
    buffers: Vec<Vec<u8>>,
    /// Bytes gathered for one partition before they are handed over.
    buffer_bytes: usize,
}

impl RecordWriter<'_> {
    /// Adds a record to the partition that `hash` chooses.
    pub fn push(&mut self, hash: u64, record: Record<'_>) -> Result<(), Fault> {
        let partition = (hash >> PARTITION_SHIFT) as usize & (self.buffers.len() - 1);
        if self.buffers[partition].len() + FIXED_BYTES + LENGTH_BYTES_MAX + record.bytes.len() > self.buffer_bytes {
            self.hand_over(partition)?;
        }
        let buffer = &mut self.buffers[partition];
        let length =
            u32::try_from(record.bytes.len()).map_err(|_| Fault::input("a deduplication key takes more than 4 GiB"))?;
        buffer.extend_from_slice(&record.time.to_le_bytes());
        buffer.extend_from_slice(&record.row.0.to_le_bytes());
        write_length(length, buffer);
        buffer.extend_from_slice(record.bytes);
        Ok(())
    }

    /// Hands the rest over.
    pub fn finish(mut self) -> Result<(), Fault> {
        (0..self.buffers.len()).try_for_each(|partition| self.hand_over(partition))
    }

    fn hand_over(&mut self, partition: usize) -> Result<(), Fault> {
        let buffer = &mut self.buffers[partition];
        if buffer.is_empty() {
            return Ok(());
        }
        let mut shared = self.records.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner);
        if shared.open.capacity() == 0 {
            // Exactly, since a chunk keeps its capacity as long as it is held.
            shared.open.reserve_exact(CHUNK_BYTES + self.buffer_bytes.max(buffer.len()));
        }
        shared.open.extend_from_slice(buffer);
        buffer.clear();
        if shared.open.len() >= CHUNK_BYTES {
            let chunk = std::mem::take(&mut shared.open);
            shared.chunks.push(self.records.spill.store(chunk)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most keys are short; some take two or three bytes to tell their length.
    fn key_bytes(i: u64) -> usize {
        (if i.is_multiple_of(500) { i * 5 } else { i % 300 }) as usize
    }

    fn hash(i: u64) -> u64 {
        i.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn records_come_back_from_memory_and_from_disk() {
        let dir = tempfile::tempdir().unwrap();
        for budget in [0, 100_000, u64::MAX / 2] {
            let spill = Arc::new(Spill::new(dir.path(), budget).unwrap());
            let records = Records::new(spill, 3);
            let mut writer = records.writer();
            for i in 0..5_000u64 {
                let key = vec![b'k'; key_bytes(i)];
                let record = Record { time: -(i as i64), row: RowId::new(i as usize, 7), bytes: &key };
                writer.push(hash(i), record).unwrap();
            }
            writer.finish().unwrap();
            let mut seen = vec![0; 5_000];
            for partition in 0..records.partitions() {
                records
                    .drain(partition, |record| {
                        let i = record.row.morsel();
                        seen[i] += 1;
                        let expected = (-(i as i64), key_bytes(i as u64), 7);
                        assert_eq!((record.time, record.bytes.len(), record.row.row()), expected);
                        assert_eq!(hash(i as u64) >> PARTITION_SHIFT & 7, partition as u64);
                        Ok(())
                    })
                    .unwrap();
            }
            assert!(seen.iter().all(|&n| n == 1));
        }
    }
}
