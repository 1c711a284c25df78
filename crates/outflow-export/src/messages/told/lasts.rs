//! What is last known of profiles, read when it is asked for: all of a piece together would have no bound.

use bytes::Bytes;
use outflow_model::Fault;

use super::rows::{LastAt, ToldRows, last_of};
use super::{KIND, ToldState, file_of};
use crate::messages::blocks::{BlockFile, records};
use crate::messages::disk::damaged;

/// Reads what a state keeps of attributes and identities, of its rows in their order. Holds one block.
pub(crate) struct Lasts<'a> {
    state: &'a ToldState,
    open: Option<Open>,
}

/// A block, read up to a record.
struct Open {
    part: u32,
    file: BlockFile,
    block: u32,
    records: Box<dyn Iterator<Item = Result<Bytes, Fault>> + Send>,
    /// The record that was read last, and how many were.
    record: Bytes,
    read: u32,
}

/// Attributes and identities of a profile, as they were last known.
pub(super) type LastKnown<'r> = (&'r [u8], &'r [u8]);

impl<'a> Lasts<'a> {
    /// Of the rows of `state`.
    pub fn new(state: &'a ToldState) -> Lasts<'a> {
        Lasts { state, open: None }
    }

    /// Attributes and identities of row number `number` of `rows`, which were read from the state, if it keeps them.
    pub fn of(&mut self, rows: &ToldRows, number: usize) -> Result<Option<LastKnown<'_>>, Fault> {
        let Some(at) = rows.last_at(number) else { return Ok(None) };
        let is_behind = |open: &Open| (open.part, open.block) == (at.part, at.block) && open.read <= at.record + 1;
        let open = match self.open.take() {
            Some(open) if is_behind(&open) => open,
            other => self.open_block(other, at)?,
        };
        let open = self.open.insert(open);
        while open.read <= at.record {
            open.record = open.records.next().ok_or_else(|| damaged(open.file.path(), "a block has fewer rows"))??;
            open.read += 1;
        }
        let last = last_of(&open.record, at).ok_or_else(|| damaged(open.file.path(), "a row is none"))?;
        Ok(Some(last))
    }

    fn open_block(&self, before: Option<Open>, at: LastAt) -> Result<Open, Fault> {
        let file = match before {
            Some(open) if open.part == at.part => open.file,
            _ => BlockFile::open(&file_of(&self.state.folder, at.part as usize), &KIND)?,
        };
        let block = file.read(at.block as usize)?;
        let records = Box::new(records(block));
        Ok(Open { part: at.part, file, block: at.block, records, record: Bytes::new(), read: 0 })
    }
}
