//! Ties: rows of one key with the same newest time. The other selected scalar columns decide, in mapping order,
//! ascending, null first, numbers as numbers and text by its bytes; should all be equal, the first row read.
//!
//! Rows are set aside one by one, as they are met, so among them may be some that turn out to be older than the newest
//! of their key; these lose here.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::HashMap;
use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::row::{RowConverter, SortField};
use outflow_model::Fault;

use super::Dedup;
use super::groups::Verdict;
use super::numbers::{Ranges, RowNumbers};
use super::records::{Record, RecordWriter, Records, RowId, partition_bits};
use super::store::unsound;
use crate::encode::{cast_exactly, rows_of};

/// Bytes held for each row of a range: the number of its group, and its time.
const MEMBER_BYTES: u64 = 16;

/// Bytes that a group takes beside its columns: times and places of a table that may just be growing, and what an
/// allocator adds.
const GROUP_BYTES: u64 = 200;

/// No row has this number.
const NO_GROUP: u64 = u64::MAX;

/// Rows that tie, gathered while partitions are decided.
pub(crate) struct Ties<'a> {
    dedup: &'a Dedup,
    numbers: RowNumbers,
    ranges: Ranges,
    /// Members by ranges of stored rows, so that each morsel's rows are read once and in order. A row has one key and is
    /// here once at most. The bytes are the number of its group.
    members: Records,
    count: AtomicU64,
}

/// One thread's way of telling who lost and who ties.
pub(crate) struct Judge<'a> {
    ties: &'a Ties<'a>,
    writer: RecordWriter<'a>,
    count: u64,
}

impl Verdict for Judge<'_> {
    fn lose(&mut self, row: RowId) {
        self.ties.dedup.lose(row);
    }

    fn tie(&mut self, group: RowId, time: i64, row: RowId) -> Result<(), Fault> {
        self.count += 1;
        let range = self.ties.ranges.of(self.ties.numbers.of(row));
        self.writer.push_to(range, Record { time, row, bytes: &group.number().to_le_bytes() })
    }
}

impl Judge<'_> {
    /// Ends this thread's part.
    pub fn finish(self) -> Result<(), Fault> {
        self.ties.count.fetch_add(self.count, Ordering::Relaxed);
        self.writer.finish()
    }
}

/// The members of one range.
struct Members {
    /// The number of the range's first row.
    start: u64,
    groups: Vec<u64>,
    times: Vec<i64>,
}

impl Members {
    fn at(&self, number: u64) -> Option<(u64, i64)> {
        let at = (number - self.start) as usize;
        (self.groups[at] != NO_GROUP).then(|| (self.groups[at], self.times[at]))
    }
}

impl<'a> Ties<'a> {
    pub(super) fn new(dedup: &'a Dedup) -> Ties<'a> {
        let numbers = RowNumbers::new(dedup.store.rows());
        let ranges = Ranges::new(numbers.total(), MEMBER_BYTES, dedup.groups_bytes / 2);
        let members = Records::in_ranges(Arc::clone(&dedup.record_spill), ranges.count());
        Ties { dedup, numbers, ranges, members, count: AtomicU64::new(0) }
    }

    /// A way in for one thread.
    pub fn judge(&self) -> Judge<'_> {
        Judge { ties: self, writer: self.members.writer(), count: 0 }
    }

    /// Decides every tie. `check` says when to stop.
    pub fn settle(self, check: &dyn Fn() -> Result<(), Fault>) -> Result<(), Fault> {
        let count = self.count.load(Ordering::Relaxed);
        if count == 0 {
            return Ok(());
        }
        // A group has two rows at least.
        let groups_bytes = (count / 2).saturating_mul(GROUP_BYTES);
        let bits = partition_bits(groups_bytes, self.dedup.groups_bytes / 4);
        let contenders = Records::new(Arc::clone(&self.dedup.record_spill), bits);
        let mut writer = contenders.writer();
        for range in 0..self.ranges.count() {
            check()?;
            if let Some(members) = self.members_of(range)? {
                self.contend(range, &members, &mut writer)?;
            }
        }
        writer.finish()?;
        for partition in 0..contenders.partitions() {
            check()?;
            self.decide(&contenders, partition)?;
        }
        Ok(())
    }

    /// The rows of a range that tie, where there are any.
    fn members_of(&self, range: usize) -> Result<Option<Members>, Fault> {
        let Range { start, end } = self.ranges.numbers(range);
        let mut members = Members { start, groups: Vec::new(), times: Vec::new() };
        self.members.drain(range, |record| {
            if members.groups.is_empty() {
                members.groups = vec![NO_GROUP; (end - start) as usize];
                members.times = vec![0; (end - start) as usize];
            }
            let at = (self.numbers.of(record.row) - start) as usize;
            members.groups[at] = group(record.bytes)?;
            members.times[at] = record.time;
            Ok(())
        })?;
        Ok((!members.groups.is_empty()).then_some(members))
    }

    /// Reads the rows of a range that tie and writes what they are compared by.
    fn contend(&self, range: usize, members: &Members, writer: &mut RecordWriter<'_>) -> Result<(), Fault> {
        let columns = &self.dedup.layout.ties;
        let converter = RowConverter::new(columns.iter().map(|(_, t)| SortField::new(t.clone())).collect());
        let converter = converter.map_err(unsound)?;
        let mut bytes = Vec::new();
        for (morsel, numbers) in self.numbers.morsels(self.ranges.numbers(range)) {
            let is_member = |number: &u64| members.at(*number).is_some();
            let (Some(first), Some(last)) = (numbers.clone().find(is_member), numbers.clone().rfind(is_member)) else {
                continue;
            };
            let wanted = self.numbers.row(morsel, first)..self.numbers.row(morsel, last) + 1;
            self.dedup.store.visit_rows(morsel, wanted, |from, stored| {
                let here = (from..from + rows_of(&stored)).map(|row| RowId::new(morsel, row));
                let here: Vec<(RowId, u64, i64)> = here
                    .filter_map(|row| members.at(self.numbers.of(row)).map(|(group, time)| (row, group, time)))
                    .collect();
                let indices: UInt32Array = here.iter().map(|(row, _, _)| Some((row.row() - from) as u32)).collect();
                let picked: Vec<ArrayRef> = columns
                    .iter()
                    .map(|(number, data_type)| cast_exactly(&take(&stored[*number], &indices, None)?, data_type))
                    .collect::<Result<_, _>>()
                    .map_err(unsound)?;
                let compared =
                    if picked.is_empty() { None } else { Some(converter.convert_columns(&picked).map_err(unsound)?) };
                for (i, &(row, group, time)) in here.iter().enumerate() {
                    bytes.clear();
                    bytes.extend_from_slice(&group.to_le_bytes());
                    if let Some(compared) = &compared {
                        bytes.extend_from_slice(compared.row(i).as_ref());
                    }
                    writer.push(spread(group), Record { time, row, bytes: &bytes })?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// In every group of a partition the newest stays, of equally new ones the smallest.
    fn decide(&self, contenders: &Records, partition: usize) -> Result<(), Fault> {
        let bytes_max = self.dedup.groups_bytes / 2;
        let new = || Best { groups: HashMap::default(), bytes: 0 };
        let take = |best: &mut Best, record: Record<'_>| {
            let number = group(record.bytes)?;
            let has_room = best.groups.is_empty() || best.bytes < bytes_max;
            match best.groups.get_mut(&number) {
                None if !has_room => return Ok(false),
                None => {
                    best.bytes += GROUP_BYTES + record.bytes.len() as u64;
                    best.groups.insert(number, (record.time, record.bytes.to_vec(), record.row));
                }
                Some((time, bytes, row)) => {
                    let kept = (Reverse(*time), bytes.as_slice(), *row);
                    if (Reverse(record.time), record.bytes, record.row) < kept {
                        self.dedup.lose(*row);
                        // What is replaced is counted on: a group that found no room must find none later.
                        best.bytes += record.bytes.len().saturating_sub(bytes.len()) as u64;
                        (*time, *row) = (record.time, record.row);
                        bytes.clear();
                        bytes.extend_from_slice(record.bytes);
                    } else {
                        self.dedup.lose(record.row);
                    }
                }
            }
            Ok(true)
        };
        contenders.drain_into_tables(partition, new, take, |_| Ok(()))
    }
}

/// The best row of each group so far: its time, what it is compared by, and its place.
struct Best {
    groups: HashMap<u64, (i64, Vec<u8>, RowId)>,
    /// Bytes held, at most.
    bytes: u64,
}

fn group(bytes: &[u8]) -> Result<u64, Fault> {
    let number = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    number.ok_or_else(|| Fault::internal("a tie is cut off"))
}

/// Spreads small numbers over the bits that choose a partition.
fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
