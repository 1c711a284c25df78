//! Deduplication: within one run, one row per key.
//!
//! The rows go to a store as they are read; of each only a small record (reference time, place, exact key) goes
//! to a partition chosen by the hash. What does not fit memory waits on disk. When all rows are read, the partitions say
//! who lost, one by one, each through as many tables as it takes; rows that tie for the newest are compared by their
//! other columns; then the rows that stay are encoded in the order in which they were read.
//!
//! For a namespace, an identity's rows are joined first (`identities.rs`); the rows that are joined with one another then
//! are those of one key.
//!
//! Every table has a limit in bytes: neither the number of keys nor that of a key's rows makes one grow further. What grows
//! with the audience is one bit for each row, and 32 bytes for each chunk that waits on disk.

mod compact;
mod components;
mod explode;
mod groups;
mod identities;
mod keys;
mod numbers;
mod records;
mod spill;
mod store;
#[cfg(test)]
mod tests;
mod ties;

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ahash::RandomState;
use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use outflow_model::Fault;

use crate::encode::rows_of;
use components::Edges;
use explode::Identities;
pub(crate) use explode::explode;
use groups::KeyGroups;
use identities::{FirstRows, Joins};
use keys::{KeyColumn, rank_members_first, reference_times, write_key};
use numbers::RowNumbers;
use records::{Record, RecordWriter, Records, RowId, partition_bits};
use spill::Spill;
use store::{MorselRows, RowStore, keep_rows};
pub(crate) use ties::{Judge, Ties};

/// What the columns of a stored row are.
#[derive(Clone)]
pub(crate) struct Layout {
    /// Numbers of the scanned columns that make the key; for a namespace, the one list of its identities.
    pub key: Vec<usize>,
    /// Whether the key is a namespace.
    pub is_namespace: bool,
    /// Number and type of the reference time.
    pub time: Option<(usize, DataType)>,
    /// Number of the column that says who has left, where such rows are exported too.
    pub status: Option<usize>,
    /// Numbers of the scanned columns that are stored: the mapped ones, a namespace's identities, and the profiles' hashes
    /// where they are scanned.
    pub stored: Vec<usize>,
    /// Numbers, among the stored ones, of the columns that decide ties, with the type to compare them as.
    pub ties: Vec<(usize, DataType)>,
}

/// Memory in bytes that deduplication divides among its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DedupMemory {
    pub rows_bytes: u64,
    pub records_bytes: u64,
    pub groups_bytes: u64,
    /// Threads that decide partitions side by side, each with a table of its own.
    pub threads: usize,
}

/// About as many bytes does a key take in a partition's table.
const KEY_BYTES: u64 = 100;

/// Deduplication of one run.
pub(crate) struct Dedup {
    layout: Layout,
    hasher: RandomState,
    row_spill: Arc<Spill>,
    record_spill: Arc<Spill>,
    store: RowStore,
    records: Records,
    groups_bytes: u64,
    threads: usize,
    losers: Vec<Mutex<Vec<u64>>>,
    has_keys: AtomicBool,
}

impl Dedup {
    /// Deduplication over `morsels` morsels of `rows_max` rows in all.
    pub fn new(
        layout: Layout,
        run_id: &str,
        spill_folder: &Path,
        memory: DedupMemory,
        morsels: usize,
        rows_max: u64,
    ) -> Result<Dedup, Fault> {
        let row_spill = Arc::new(Spill::new(spill_folder, memory.rows_bytes)?);
        let record_spill = Arc::new(Spill::new(spill_folder, memory.records_bytes)?);
        // Every thread works on one partition.
        let bits = partition_bits(rows_max.saturating_mul(KEY_BYTES), memory.groups_bytes / 8);
        Ok(Dedup {
            layout,
            hasher: keys::hasher(run_id),
            store: RowStore::new(Arc::clone(&row_spill), morsels),
            records: Records::new(Arc::clone(&record_spill), bits),
            row_spill,
            record_spill,
            groups_bytes: memory.groups_bytes,
            threads: memory.threads,
            losers: (0..morsels).map(|_| Mutex::default()).collect(),
            has_keys: AtomicBool::new(false),
        })
    }

    /// One thread's way in.
    pub fn collector(&self) -> Collector<'_> {
        Collector { dedup: self, writer: self.records.writer(), key: Vec::new(), has_keys: false }
    }

    /// Whether any row had a key. Where none had, nobody was anybody's duplicate, which is rarely what was meant.
    pub fn has_keys(&self) -> bool {
        self.has_keys.load(Ordering::Relaxed)
    }

    /// How many pieces of work [`resolve_partition`](Self::resolve_partition) is divided into.
    pub fn partitions(&self) -> usize {
        self.records.partitions()
    }

    /// Decides one partition of attribute keys.
    pub fn resolve_partition(&self, partition: usize, judge: &mut Judge<'_>) -> Result<(), Fault> {
        self.resolve_keys(&self.records, partition, judge)
    }

    fn resolve_keys(&self, keys: &Records, partition: usize, judge: &mut Judge<'_>) -> Result<(), Fault> {
        // Partitions are made so that common keys take half of this; a table that grows holds up to three times as much.
        let share = self.groups_bytes / self.threads.max(4) as u64;
        let new = || KeyGroups::new(&self.hasher, share);
        let judge = RefCell::new(judge);
        let take = |groups: &mut KeyGroups<'_>, record: Record<'_>| groups.add(record, &mut **judge.borrow_mut());
        keys.drain_into_tables(partition, new, take, |groups| groups.finish(&mut **judge.borrow_mut()))
    }

    /// Decides a namespace: identities are joined partition by partition, the groups at the end.
    /// `check` says when to stop.
    pub fn resolve_namespace(&self, judge: &mut Judge<'_>, check: &dyn Fn() -> Result<(), Fault>) -> Result<(), Fault> {
        let edges = Edges::new(&self.record_spill, RowNumbers::new(self.store.rows()), self.groups_bytes);
        let mut joins = Joins::new(&edges, self.groups_bytes);
        for partition in 0..self.records.partitions() {
            check()?;
            let new = || FirstRows::new(self.groups_bytes / 2);
            self.records.drain_into_tables(partition, new, |rows, record| rows.add(record, &mut joins), |_| Ok(()))?;
        }
        if joins.finish(judge)? {
            return Ok(());
        }
        let bits = partition_bits(edges.rows().saturating_mul(KEY_BYTES), self.groups_bytes / 8);
        let labels = Records::new(Arc::clone(&self.record_spill), bits);
        let mut writer = labels.writer();
        edges.label_all(check, |label, time, row| {
            let label = label.to_le_bytes();
            writer.push(self.hasher.hash_one(label.as_slice()), Record { time, row, bytes: &label })
        })?;
        writer.finish()?;
        for partition in 0..labels.partitions() {
            check()?;
            self.resolve_keys(&labels, partition, judge)?;
        }
        Ok(())
    }

    /// A place for ties, once all rows are stored.
    pub fn ties(&self) -> Ties<'_> {
        Ties::new(self)
    }

    /// Marks a row as a duplicate.
    fn lose(&self, row: RowId) {
        let mut bits = self.losers[row.morsel()].lock().unwrap_or_else(PoisonError::into_inner);
        let word = row.row() / 64;
        if bits.len() <= word {
            bits.resize(word + 1, 0);
        }
        bits[word] |= 1 << (row.row() % 64);
    }

    /// How many rows have lost so far.
    pub fn lost(&self) -> u64 {
        let of_morsel = |bits: &Mutex<Vec<u64>>| {
            let bits = bits.lock().unwrap_or_else(PoisonError::into_inner);
            bits.iter().map(|word| u64::from(word.count_ones())).sum::<u64>()
        };
        self.losers.iter().map(of_morsel).sum()
    }

    /// Visits the rows of a morsel that stay, in order: the stored columns, and how many rows were left out.
    pub fn survivors(
        &self,
        morsel: usize,
        mut visit: impl FnMut(Vec<ArrayRef>, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let losers = std::mem::take(&mut *self.losers[morsel].lock().unwrap_or_else(PoisonError::into_inner));
        let mut row = 0;
        self.store.visit(morsel, |columns| {
            let rows = rows_of(&columns);
            let lost = |r: usize| losers.get(r / 64).is_some_and(|word| word >> (r % 64) & 1 == 1);
            let keep: BooleanArray = (row..row + rows).map(|r| Some(!lost(r))).collect();
            row += rows;
            let kept = keep.true_count();
            let columns = if kept == rows { columns } else { keep_rows(&columns, &keep)? };
            visit(columns, (rows - kept) as u64)
        })
    }
}

/// One thread's rows on their way into the store and the partitions.
pub(crate) struct Collector<'a> {
    dedup: &'a Dedup,
    writer: RecordWriter<'a>,
    key: Vec<u8>,
    has_keys: bool,
}

impl<'a> Collector<'a> {
    /// Starts a morsel.
    pub fn start(&self) -> MorselRows {
        MorselRows::default()
    }

    /// Takes a batch of selected rows of `morsel`, all scanned columns.
    pub fn add(&mut self, morsel: usize, rows: &mut MorselRows, columns: &[ArrayRef]) -> Result<(), Fault> {
        let layout = &self.dedup.layout;
        let stored = layout.stored.iter().map(|&c| Arc::clone(&columns[c])).collect();
        let first = rows.push(stored, &self.dedup.row_spill)?;
        let count = rows_of(columns);
        let mut times = match &layout.time {
            Some((column, canonical)) => reference_times(&columns[*column], canonical)?,
            None => vec![i64::MIN; count],
        };
        if let Some(column) = layout.status {
            rank_members_first(&columns[column], &mut times)?;
        }
        if layout.is_namespace {
            return self.add_identities(morsel, first, &columns[layout.key[0]], &times);
        }
        let keys: Vec<KeyColumn<'_>> =
            layout.key.iter().map(|&c| KeyColumn::new(&columns[c])).collect::<Result<_, _>>()?;
        for (row, &time) in times.iter().enumerate() {
            self.key.clear();
            if write_key(&keys, row, &mut self.key) {
                self.push(time, RowId::new(morsel, first + row))?;
            }
        }
        Ok(())
    }

    fn add_identities(&mut self, morsel: usize, first: usize, lists: &ArrayRef, times: &[i64]) -> Result<(), Fault> {
        let Some(identities) = Identities::new(lists)? else { return Ok(()) };
        let ids = KeyColumn::new(&identities.ids)?;
        for (row, &time) in times.iter().enumerate() {
            for entry in identities.of(row) {
                self.key.clear();
                if ids.write(entry, &mut self.key) {
                    self.push(time, RowId::new(morsel, first + row))?;
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, time: i64, row: RowId) -> Result<(), Fault> {
        self.has_keys = true;
        let hash = self.dedup.hasher.hash_one(self.key.as_slice());
        self.writer.push(hash, Record { time, row, bytes: &self.key })
    }

    /// Ends a morsel.
    pub fn keep(&self, morsel: usize, rows: MorselRows) -> Result<(), Fault> {
        self.dedup.store.keep(morsel, rows)
    }

    /// Ends this thread's part.
    pub fn finish(self) -> Result<(), Fault> {
        self.dedup.has_keys.fetch_or(self.has_keys, Ordering::Relaxed);
        self.writer.finish()
    }
}
