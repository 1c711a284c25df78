//! Small records, split by hash into partitions that each fit memory.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use outflow_model::Fault;

use super::spill::{Spill, Stored};

/// Bytes a thread gathers in all before it hands a partition's share over.
const THREAD_BYTES: usize = 1024 * 1024;

/// Bytes of that share, whatever the number of partitions.
const SHARE_BYTES: RangeInclusive<usize> = 512..=64 * 1024;

/// Bytes a partition gathers before they count against the budget and may go to disk: large enough for a disk, and of all
/// partitions together a quarter of what the budget has, unless there are very many of them.
const CHUNK_BYTES: RangeInclusive<usize> = 4 * 1024..=16 * 1024;

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

    /// A number that no other row has.
    pub fn number(self) -> u64 {
        self.0
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
    chunk_bytes: usize,
}

/// How many bits of the hash choose the partition, so that the tables of a partition take `table_bytes` where those of all
/// records take `bytes`. With more partitions what waits to be handed over would take more than the tables.
pub(crate) fn partition_bits(bytes: u64, table_bytes: u64) -> u32 {
    let wanted = (bytes / table_bytes.max(1)).max(1);
    (64 - wanted.leading_zeros()).clamp(6, 10)
}

#[derive(Default)]
struct Partition {
    /// Whole records that no chunk has been made of.
    open: Vec<u8>,
    chunks: Vec<Stored>,
}

impl Records {
    /// `2^bits` partitions over `spill`, for [`RecordWriter::push`].
    pub fn new(spill: Arc<Spill>, bits: u32) -> Records {
        Records::in_ranges(spill, 1 << bits)
    }

    /// So many partitions over `spill`, for [`RecordWriter::push_to`].
    pub fn in_ranges(spill: Arc<Spill>, count: usize) -> Records {
        let share = spill.budget_bytes() / 4 / count.max(1) as u64;
        let chunk_bytes = (share as usize).clamp(*CHUNK_BYTES.start(), *CHUNK_BYTES.end());
        Records { spill, partitions: (0..count).map(|_| Mutex::default()).collect(), chunk_bytes }
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// A writer for one thread.
    pub fn writer(&self) -> RecordWriter<'_> {
        let share = THREAD_BYTES / self.partitions.len().max(1);
        let buffer_bytes = share.clamp(*SHARE_BYTES.start(), *SHARE_BYTES.end());
        RecordWriter { records: self, buffers: vec![Vec::new(); self.partitions.len()], buffer_bytes }
    }

    /// Visits the records of a partition in no particular order. They stay.
    pub fn visit(&self, partition: usize, mut visit: impl FnMut(Record<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
        let found = self.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner);
        visit_all(&found.open, &mut visit)?;
        found.chunks.iter().try_for_each(|chunk| visit_all(&self.spill.read(chunk)?, &mut visit))
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

    /// Hands the records of a partition to tables that hold as many keys as memory has room for. `take` answers `false`
    /// for a record that its table has no room for; those wait for the next table. A table that has refused a key must
    /// refuse it to the end, so that all records of a key meet in one; an empty one must take what comes.
    pub fn drain_into_tables<T>(
        &self,
        partition: usize,
        new: impl Fn() -> T,
        mut take: impl FnMut(&mut T, Record<'_>) -> Result<bool, Fault>,
        mut done: impl FnMut(T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut left: Option<Records> = None;
        loop {
            let (from, partition) = left.as_ref().map_or((self, partition), |left| (left, 0));
            let next = Records::new(Arc::clone(&self.spill), 0);
            let mut writer = next.writer();
            let mut table = new();
            let mut is_done = true;
            from.drain(partition, |record| {
                if take(&mut table, record)? {
                    return Ok(());
                }
                is_done = false;
                writer.push_to(0, record)
            })?;
            writer.finish()?;
            done(table)?;
            if is_done {
                return Ok(());
            }
            left = Some(next);
        }
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
        self.push_to((hash >> PARTITION_SHIFT) as usize & (self.buffers.len() - 1), record)
    }

    /// Adds a record to a partition.
    pub fn push_to(&mut self, partition: usize, record: Record<'_>) -> Result<(), Fault> {
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

    /// Hands over what waits.
    pub fn flush(&mut self) -> Result<(), Fault> {
        (0..self.buffers.len()).try_for_each(|partition| self.hand_over(partition))
    }

    /// Hands the rest over.
    pub fn finish(mut self) -> Result<(), Fault> {
        self.flush()
    }

    fn hand_over(&mut self, partition: usize) -> Result<(), Fault> {
        let buffer = &mut self.buffers[partition];
        if buffer.is_empty() {
            return Ok(());
        }
        let mut shared = self.records.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner);
        if shared.open.capacity() == 0 {
            // Exactly, since a chunk keeps its capacity as long as it is held.
            shared.open.reserve_exact(self.records.chunk_bytes + self.buffer_bytes.max(buffer.len()));
        }
        shared.open.extend_from_slice(buffer);
        buffer.clear();
        if shared.open.len() >= self.records.chunk_bytes {
            let chunk = std::mem::take(&mut shared.open);
            shared.chunks.push(self.records.spill.store(chunk)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    #[test]
    fn what_one_table_has_no_room_for_waits_for_the_next() {
        let dir = tempfile::tempdir().unwrap();
        for budget in [0, u64::MAX / 2] {
            let records = Records::new(Arc::new(Spill::new(dir.path(), budget).unwrap()), 0);
            let mut writer = records.writer();
            for i in 0..10_000_u64 {
                let key = (i % 97).to_le_bytes();
                writer.push(0, Record { time: 0, row: RowId::new(0, i as usize), bytes: &key }).unwrap();
            }
            writer.finish().unwrap();
            let mut tables = Vec::new();
            let take = |table: &mut BTreeMap<u64, Vec<usize>>, record: Record<'_>| {
                let key = u64::from_le_bytes(record.bytes.try_into().unwrap());
                if table.len() == 10 && !table.contains_key(&key) {
                    return Ok(false);
                }
                table.entry(key).or_default().push(record.row.row());
                Ok(true)
            };
            let done = |table| {
                tables.push(table);
                Ok(())
            };
            records.drain_into_tables(0, BTreeMap::new, take, done).unwrap();
            assert_eq!(tables.len(), 10);
            let mut found = BTreeMap::new();
            for (key, mut rows) in tables.into_iter().flatten() {
                rows.sort_unstable();
                assert_eq!(rows, (0..10_000).filter(|row| *row as u64 % 97 == key).collect::<Vec<_>>());
                assert!(found.insert(key, ()).is_none(), "a key is in two tables");
            }
            assert_eq!(found.len(), 97);
        }
    }
}
