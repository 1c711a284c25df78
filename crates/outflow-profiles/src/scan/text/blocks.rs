//! A text file, block by block.

use std::sync::Arc;

use outflow_model::{Fault, FaultClass};

use crate::scan::page_budget::{Held, PageRoom};
use crate::source::{RandomAccess, SourceFile};

/// Bytes read at once: large enough that a read costs little, small enough that a hundred open files fit in memory.
const BLOCK_BYTES: usize = 1024 * 1024;

/// A longer record is refused: it has to be held whole, and is most likely a quote or line end gone missing.
pub(in crate::scan) const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What records there is room for.
pub(crate) struct RecordRoom {
    /// A longer record is refused; [`RECORD_BYTES_MAX`], or less where memory is little.
    pub bytes_max: usize,
    /// Where what is held is counted, together with other scans of the run.
    pub shared: Option<PageRoom>,
}

/// The unread rest of a file, its beginning in memory.
pub(super) struct Blocks {
    file: Arc<dyn RandomAccess>,
    url: String,
    bytes: u64,
    room: RecordRoom,
    /// Where the next block starts in the file.
    offset: u64,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are consumed.
    at: usize,
    /// The line that starts at `at`, counted from 1.
    line: u64,
}

impl Blocks {
    /// Reads the first block; a byte order mark is skipped.
    pub fn open(file: Arc<dyn RandomAccess>, source: &SourceFile, room: RecordRoom) -> Result<Blocks, Fault> {
        let mut blocks = Blocks {
            file,
            url: source.url.clone(),
            bytes: source.bytes,
            room,
            offset: 0,
            buffer: Vec::new(),
            at: 0,
            line: 1,
        };
        blocks.more()?;
        if blocks.rest().starts_with(b"\xEF\xBB\xBF") {
            blocks.at = 3;
        }
        Ok(blocks)
    }

    /// What is in memory and not consumed.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Whether [`Blocks::rest`] reaches to the file's end.
    pub fn is_whole(&self) -> bool {
        self.offset >= self.bytes
    }

    /// The line of the next record, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads on behind what is in memory.
    pub fn more(&mut self) -> Result<(), Fault> {
        let held = self.buffer.len() - self.at;
        self.check_length(held)?;
        self.buffer.drain(..self.at);
        self.at = 0;
        // As much again as is held already: a long record is then looked at a few times, not once for each
        // block; an eighth of the bound at most, so that what is held stays near it.
        let length = BLOCK_BYTES.max(self.file.read_ahead_bytes()).max(held.min(self.room.bytes_max / 8));
        let length = (length as u64).min(self.bytes - self.offset);
        if let Some(shared) = &self.room.shared {
            // Records have a limit of their own, which does not depend on what else is held.
            let _ = shared.take("", Held::Record, held as u64 + length);
        }
        let block = self.file.read_at(self.offset, length as usize)?;
        self.buffer.extend_from_slice(&block);
        self.offset += length;
        Ok(())
    }

    /// Goes past a record of `length` bytes.
    pub fn consume(&mut self, length: usize) -> Result<(), Fault> {
        self.check_length(length)?;
        let lines = memchr::memchr_iter(b'\n', &self.buffer[self.at..self.at + length]).count();
        self.line += lines as u64;
        self.at += length;
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<(), Fault> {
        if length <= self.room.bytes_max {
            return Ok(());
        }
        let mib = self.room.bytes_max / (1024 * 1024);
        let fault = self.malformed(self.line, "", &format!("a record is larger than {mib} MiB"));
        if self.room.bytes_max == RECORD_BYTES_MAX || fault.class != FaultClass::Input {
            return Err(fault);
        }
        Err(fault.hint("allow more memory (--memory), or look for a quote or line end that is missing"))
    }

    /// Fails when the file is no longer the one on the list.
    pub fn check_unchanged(&self) -> Result<(), Fault> {
        self.file.check_unchanged()
    }

    /// The fault for content that is not what the format demands, or for a file that changed meanwhile. `place` is where in
    /// the line, such as "column `a`", or empty.
    pub fn malformed(&self, line: u64, place: &str, what: &str) -> Fault {
        if let Err(changed) = self.check_unchanged() {
            return changed;
        }
        let place = if place.is_empty() { String::new() } else { format!(", {place}") };
        Fault::input(format!("{} line {line}{place}: {what}", self.url))
            .tried(format!("read {}", self.url))
            .hint("write the file again, or leave it out")
    }

    /// The fault for a record that does not have the types which were found when the file was first read.
    pub fn contradicts(&self) -> Fault {
        crate::source::changed(&self.url)
    }
}
