//! A source file as the Parquet library wants to read it.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use outflow_model::Fault;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::page_sizes::PageGuard;
use crate::source::RandomAccess;

/// Page headers are tens to hundreds of bytes; one small read fetches most.
const HEADER_READ_BYTES: usize = 512;

/// Read-ahead blocks kept per open row group: one for each column that is read side by side, within reason. Each is
/// as long as the storage's read-ahead.
const BLOCKS_MAX: usize = 16;

/// An error of a library, or its panic.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Does a library's work. The Parquet and Arrow libraries panic on some kinds of corruption, such as an unknown type in
/// the schema that Arrow writers put beside Parquet's: that is an error of the file like any other.
pub(crate) fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, Cause>) -> std::result::Result<T, Cause> {
    // Nothing that a panic leaves half done is used again: the fault ends the scan.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the decoder gave up".into()))
}

/// Why a library gave up, as an error with a type of its own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Undecodable(pub Cause);

/// A pinned file, shared by the columns that are read from it.
#[derive(Clone)]
pub(super) struct SourceReader {
    inner: Arc<Inner>,
    /// What looks at page headers before they are read.
    guard: Option<Arc<PageGuard>>,
}

struct Inner {
    file: Arc<dyn RandomAccess>,
    url: String,
    bytes: u64,
    /// The most recently used blocks last.
    blocks: Mutex<Vec<(u64, Bytes)>>,
    /// Why the last read failed: the Parquet library keeps only texts of errors.
    fault: Mutex<Option<Fault>>,
}

impl SourceReader {
    /// Reads `file` of `bytes` bytes, called `url` in messages.
    pub fn new(file: Arc<dyn RandomAccess>, url: String, bytes: u64) -> SourceReader {
        let inner = Inner { file, url, bytes, blocks: Mutex::default(), fault: Mutex::default() };
        SourceReader { inner: Arc::new(inner), guard: None }
    }

    /// The same file, of which pages are read that `guard` has nothing against.
    pub fn guarded(&self, guard: PageGuard) -> SourceReader {
        SourceReader { inner: Arc::clone(&self.inner), guard: Some(Arc::new(guard)) }
    }

    /// Makes room for the levels of a page of so many `entries` in `column`, where there is a guard.
    pub fn make_room(&self, column: &str, entries: usize) -> std::result::Result<(), Fault> {
        let Some(guard) = &self.guard else { return Ok(()) };
        let Err(refused) = guard.make_room(column, entries) else { return Ok(()) };
        Err(guard.fault(&refused, self.url(), column).unwrap_or_else(|| self.fault(Some(column), NoHeader)))
    }

    /// The file's name in messages.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Fails when the file is no longer the one on the list.
    pub fn check_unchanged(&self) -> std::result::Result<(), Fault> {
        self.inner.file.check_unchanged()
    }

    /// The fault behind an error of the Parquet or Arrow library: a failed read, a changed file, or corruption of the
    /// column, where it is known.
    pub fn fault(&self, column: Option<&str>, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
        if let Some(fault) = self.take_fault() {
            return fault;
        }
        if let Err(changed) = self.check_unchanged() {
            return changed;
        }
        let text = error.to_string().to_ascii_lowercase();
        let not_utf8 = text.contains("utf8") || text.contains("utf-8");
        let url = &self.inner.url;
        let message = match (column, not_utf8) {
            (Some(column), true) => format!("{url} holds text that is not UTF-8 in column `{column}`"),
            (Some(column), false) => format!("{url} is corrupt in column `{column}`"),
            (None, true) => format!("{url} holds text that is not UTF-8"),
            (None, false) => format!("{url} is not the Parquet file it claims to be"),
        };
        Fault::input(message)
            .tried(format!("decode {url}"))
            .hint("write the file again, or leave it out")
            .because(error)
    }

    /// The fault that a read met, which is the cause of a library's error.
    pub fn take_fault(&self) -> Option<Fault> {
        self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps a fault for [`SourceReader::fault`]; answers its text.
    fn keep_fault(&self, fault: Fault) -> String {
        let text = fault.message.clone();
        *self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        text
    }

    /// Does a library's work on the file; its errors become faults of the column, where it is known.
    pub fn decode<T, E>(
        &self,
        column: Option<&str>,
        work: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, Fault>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let done = guarded(|| work().map_err(Box::from));
        done.map_err(|e| self.fault(column, Undecodable(e)))
    }

    fn fetch(&self, offset: u64, length: usize) -> Result<Bytes> {
        if offset.saturating_add(length as u64) > self.inner.bytes {
            return Err(ParquetError::EOF(format!("{} ends before byte {}", self.inner.url, offset + length as u64)));
        }
        self.inner.file.read_at(offset, length).map_err(|fault| ParquetError::General(self.keep_fault(fault)))
    }

    /// `length` bytes from `offset`, from a block that holds them or from a new one.
    fn read(&self, offset: u64, length: usize) -> Result<Bytes> {
        let ahead = self.inner.file.read_ahead_bytes();
        if ahead == 0 || length >= ahead {
            return self.fetch(offset, length);
        }
        let mut blocks = self.inner.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let holds =
            |(start, block): &(u64, Bytes)| *start <= offset && offset + length as u64 <= start + block.len() as u64;
        if let Some(at) = blocks.iter().position(holds) {
            let (start, block) = blocks.remove(at);
            let from = (offset - start) as usize;
            let bytes = block.slice(from..from + length);
            blocks.push((start, block));
            return Ok(bytes);
        }
        drop(blocks);
        let block = self.fetch(offset, ahead.min((self.inner.bytes - offset.min(self.inner.bytes)) as usize))?;
        if block.len() < length {
            return self.fetch(offset, length);
        }
        let bytes = block.slice(..length);
        let mut blocks = self.inner.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if blocks.len() >= BLOCKS_MAX {
            blocks.remove(0);
        }
        blocks.push((offset, block));
        Ok(bytes)
    }
}

impl Length for SourceReader {
    fn len(&self) -> u64 {
        self.inner.bytes
    }
}

impl ChunkReader for SourceReader {
    type T = Ahead;

    fn get_read(&self, start: u64) -> Result<Ahead> {
        Ok(Ahead { reader: self.clone(), offset: start, buffer: Bytes::new(), is_started: false })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.read(start, length)
    }
}

/// Reads on from an offset in small steps. What it reads is a page header.
pub(super) struct Ahead {
    reader: SourceReader,
    offset: u64,
    buffer: Bytes,
    is_started: bool,
}

impl Ahead {
    /// Looks at the header at `start`, of which the first bytes are there.
    fn look(&self, start: u64, guard: &PageGuard) -> std::io::Result<()> {
        let reader = SourceReader { inner: Arc::clone(&self.reader.inner), guard: None };
        let header = Ahead { reader, offset: self.offset, buffer: self.buffer.clone(), is_started: true };
        let Err(refused) = guard.check(start, header) else { return Ok(()) };
        let column = guard.column(start);
        let fault = guard.fault(&refused, self.reader.url(), column.unwrap_or_default());
        let fault = fault.unwrap_or_else(|| self.reader.fault(column, NoHeader));
        Err(std::io::Error::other(self.reader.keep_fault(fault)))
    }
}

/// A page begins with something else.
#[derive(Debug, thiserror::Error)]
#[error("a page has no header that can be read")]
struct NoHeader;

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.buffer.is_empty() {
            let left = self.reader.inner.bytes.saturating_sub(self.offset);
            let length = (HEADER_READ_BYTES as u64).min(left) as usize;
            if length == 0 {
                return Ok(0);
            }
            let start = self.offset;
            self.buffer = self.reader.read(start, length).map_err(std::io::Error::other)?;
            self.offset += length as u64;
            if let (false, Some(guard)) = (std::mem::replace(&mut self.is_started, true), &self.reader.guard) {
                self.look(start, guard)?;
            }
        }
        let n = out.len().min(self.buffer.len());
        self.buffer.copy_to_slice(&mut out[..n]);
        Ok(n)
    }
}
