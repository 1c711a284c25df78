//! Ties: rows of one key with the same newest time. The other selected scalar columns decide, in mapping order,
//! ascending, null first, numbers as numbers and text by its bytes; should all be equal, the first row read.

use std::sync::{Arc, Mutex, PoisonError};

use ahash::HashMap;
use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::row::{RowConverter, SortField};
use outflow_model::Fault;

use super::Dedup;
use super::records::{Record, RecordWriter, Records, RowId};
use super::store::unsound;
use crate::encode::{cast_exactly, rows_of};

/// Partitions of ties. Ties are few beside rows; where they are not, the partitions spill like any other.
const PARTITION_BITS: u32 = 6;

/// Groups of tying rows, gathered while partitions are decided.
pub(crate) struct Ties<'a> {
    dedup: &'a Dedup,
    /// Members by morsel, so that each morsel's rows are read once.
    members: Records,
    groups: u64,
}

impl<'a> Ties<'a> {
    pub(super) fn new(dedup: &'a Dedup) -> Ties<'a> {
        let members = Records::new(Arc::clone(&dedup.record_spill), PARTITION_BITS);
        Ties { dedup, members, groups: 0 }
    }

    /// Sets groups aside.
    pub(super) fn add(&mut self, groups: Vec<Vec<RowId>>) -> Result<(), Fault> {
        let mut writer = self.members.writer();
        for rows in groups {
            self.groups += 1;
            for row in rows {
                let record = Record { time: 0, row, bytes: &self.groups.to_le_bytes() };
                writer.push(spread(row.morsel() as u64), record)?;
            }
        }
        writer.finish()
    }

    /// Decides every tie.
    fn settle(self, check: &dyn Fn() -> Result<(), Fault>) -> Result<(), Fault> {
        if self.groups == 0 {
            return Ok(());
        }
        let contenders = Records::new(Arc::clone(&self.dedup.record_spill), PARTITION_BITS);
        let mut writer = contenders.writer();
        for partition in 0..self.members.partitions() {
            check()?;
            let mut members: Vec<(RowId, u64)> = Vec::new();
            self.members.drain(partition, |record| {
                members.push((record.row, group(record.bytes)?));
                Ok(())
            })?;
            members.sort_unstable();
            for of_morsel in members.chunk_by(|a, b| a.0.morsel() == b.0.morsel()) {
                self.contend(of_morsel, &mut writer)?;
            }
        }
        writer.finish()?;
        for partition in 0..contenders.partitions() {
            check()?;
            self.decide(&contenders, partition)?;
        }
        Ok(())
    }

    /// Reads the tying rows of one morsel and writes what they are compared by.
    fn contend(&self, members: &[(RowId, u64)], writer: &mut RecordWriter<'_>) -> Result<(), Fault> {
        let columns = &self.dedup.layout.ties;
        let converter = RowConverter::new(columns.iter().map(|(_, t)| SortField::new(t.clone())).collect());
        let converter = converter.map_err(unsound)?;
        let Some((first, _)) = members.first() else { return Ok(()) };
        let mut from = 0;
        let mut left = members;
        self.dedup.store.visit(first.morsel(), |stored| {
            let rows = rows_of(&stored);
            let here = left.partition_point(|(row, _)| row.row() < from + rows);
            let (now, later) = left.split_at(here);
            let indices: UInt32Array = now.iter().map(|(row, _)| Some((row.row() - from) as u32)).collect();
            (from, left) = (from + rows, later);
            let picked: Vec<ArrayRef> = columns
                .iter()
                .map(|(number, data_type)| cast_exactly(&take(&stored[*number], &indices, None)?, data_type))
                .collect::<Result<_, _>>()
                .map_err(unsound)?;
            let compared =
                if picked.is_empty() { None } else { Some(converter.convert_columns(&picked).map_err(unsound)?) };
            for (i, (row, group)) in now.iter().enumerate() {
                let mut bytes = group.to_le_bytes().to_vec();
                if let Some(compared) = &compared {
                    bytes.extend_from_slice(compared.row(i).as_ref());
                }
                writer.push(spread(*group), Record { time: 0, row: *row, bytes: &bytes })?;
            }
            Ok(())
        })
    }

    /// In every group of a partition the smallest stays.
    fn decide(&self, contenders: &Records, partition: usize) -> Result<(), Fault> {
        let mut best: HashMap<u64, (Vec<u8>, RowId)> = HashMap::default();
        contenders.drain(partition, |record| {
            let number = group(record.bytes)?;
            match best.get_mut(&number) {
                None => {
                    best.insert(number, (record.bytes.to_vec(), record.row));
                }
                Some(kept) if (record.bytes, record.row) < (kept.0.as_slice(), kept.1) => {
                    self.dedup.lose(kept.1);
                    *kept = (record.bytes.to_vec(), record.row);
                }
                Some(_) => self.dedup.lose(record.row),
            }
            Ok(())
        })
    }
}

fn group(bytes: &[u8]) -> Result<u64, Fault> {
    let number = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    number.ok_or_else(|| Fault::internal("a tie is cut off"))
}

/// Spreads small numbers over the bits that choose a partition.
fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Settles what `ties` holds. `check` says when to stop.
pub(crate) fn settle(ties: Mutex<Ties<'_>>, check: &dyn Fn() -> Result<(), Fault>) -> Result<(), Fault> {
    ties.into_inner().unwrap_or_else(PoisonError::into_inner).settle(check)
}
