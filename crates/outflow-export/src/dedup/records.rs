//! Small records, split by hash into partitions that each fit memory.

use std::sync::{Arc, Mutex, PoisonError};

use outflow_model::Fault;

use super::spill::{Spill, Stored};

/// Bytes a thread gathers for one partition before it hands them over: large enough that a hand-over is rare.
const BUFFER_BYTES: usize = 16 * 1024;

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

/// What the records hold: the hash that chooses the partition, a reference time, a row, and some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub hash: u64,
    pub time: i64,
    pub row: RowId,
    pub bytes: &'a [u8],
}

const FIXED_BYTES: usize = 8 + 8 + 8 + 4;

/// Records in partitions.
pub(crate) struct Records {
    spill: Arc<Spill>,
    partitions: Vec<Mutex<Vec<Stored>>>,
    shift: u32,
}

impl Records {
    /// `2^bits` partitions over `spill`.
    pub fn new(spill: Arc<Spill>, bits: u32) -> Records {
        let partitions = (0..1usize << bits).map(|_| Mutex::default()).collect();
        Records { spill, partitions, shift: 64 - bits }
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// A writer for one thread.
    pub fn writer(&self) -> RecordWriter<'_> {
        RecordWriter { records: self, buffers: vec![Vec::new(); self.partitions.len()] }
    }

    /// Visits the records of a partition, once, in no particular order.
    pub fn drain(&self, partition: usize, mut visit: impl FnMut(Record<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
        let chunks = std::mem::take(&mut *self.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner));
        for chunk in chunks {
            let bytes = self.spill.load(chunk)?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let (record, after) = read(rest).ok_or_else(|| Fault::internal("a spilled record is cut off"))?;
                visit(record)?;
                rest = after;
            }
        }
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let eight = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
    let length = u32::from_le_bytes(bytes.get(24..FIXED_BYTES)?.try_into().ok()?) as usize;
    let (key, after) = bytes[FIXED_BYTES..].split_at_checked(length)?;
    let record = Record { hash: eight(0)?, time: eight(8)? as i64, row: RowId(eight(16)?), bytes: key };
    Some((record, after))
}

/// One thread's way into [`Records`].
pub(crate) struct RecordWriter<'a> {
    records: &'a Records,
    buffers: Vec<Vec<u8>>,
}

impl RecordWriter<'_> {
    /// Adds a record.
    pub fn push(&mut self, record: Record<'_>) -> Result<(), Fault> {
        let partition = record.hash.checked_shr(self.records.shift).unwrap_or(0) as usize;
        let buffer = &mut self.buffers[partition];
        let needed = FIXED_BYTES + record.bytes.len();
        if !buffer.is_empty() && buffer.len() + needed > BUFFER_BYTES {
            let full = std::mem::replace(buffer, Vec::with_capacity(BUFFER_BYTES));
            self.hand_over(partition, full)?;
        }
        let buffer = &mut self.buffers[partition];
        if buffer.capacity() == 0 {
            buffer.reserve_exact(BUFFER_BYTES.max(needed));
        }
        let length =
            u32::try_from(record.bytes.len()).map_err(|_| Fault::input("a deduplication key takes more than 4 GiB"))?;
        buffer.extend_from_slice(&record.hash.to_le_bytes());
        buffer.extend_from_slice(&record.time.to_le_bytes());
        buffer.extend_from_slice(&record.row.0.to_le_bytes());
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(record.bytes);
        Ok(())
    }

    /// Hands the rest over.
    pub fn finish(mut self) -> Result<(), Fault> {
        for partition in 0..self.buffers.len() {
            let rest = std::mem::take(&mut self.buffers[partition]);
            if !rest.is_empty() {
                self.hand_over(partition, rest)?;
            }
        }
        Ok(())
    }

    fn hand_over(&self, partition: usize, bytes: Vec<u8>) -> Result<(), Fault> {
        let stored = self.records.spill.store(bytes)?;
        self.records.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner).push(stored);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_from_memory_and_from_disk() {
        let dir = tempfile::tempdir().unwrap();
        for budget in [0, 100_000, u64::MAX / 2] {
            let spill = Arc::new(Spill::new(dir.path(), budget).unwrap());
            let records = Records::new(spill, 3);
            let mut writer = records.writer();
            for i in 0..5_000u64 {
                let key = vec![b'k'; (i % 90) as usize];
                let hash = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                writer.push(Record { hash, time: -(i as i64), row: RowId::new(i as usize, 7), bytes: &key }).unwrap();
            }
            writer.finish().unwrap();
            let mut seen = vec![0; 5_000];
            for partition in 0..records.partitions() {
                records
                    .drain(partition, |record| {
                        let i = record.row.morsel();
                        seen[i] += 1;
                        assert_eq!((record.time, record.bytes.len(), record.row.row()), (-(i as i64), i % 90, 7));
                        assert_eq!(record.hash >> 61, partition as u64);
                        Ok(())
                    })
                    .unwrap();
            }
            assert!(seen.iter().all(|&n| n == 1));
        }
    }
}
