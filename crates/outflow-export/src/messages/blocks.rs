//! A file of records in blocks: written once, in order; read block by block, from any.
//!
//! | part | holds |
//! |---|---|
//! | header | what the file is (4 bytes), the format's version, length of what the writer says of it, that, CRC-32 of all |
//! | blocks | records, each its length (u32) and its bytes; compressed, an LZ4 block each |
//! | footer | for each block its place, its lengths, its CRC-32, its records and the order of its first and last |
//! | end | number of blocks, CRC-32 of the footer and this number, `OFBE` |
//!
//! Blocks are written once and read once, so speed counts more than size: zstd would take a fifth of all the time that a
//! message costs. Numbers are little-endian. Each record has an order, which never falls, so that those of a range are found without
//! reading the others. A file that was cut has no end, and so is never taken for a whole one.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::{Buf, Bytes};
use lz4_flex::block::{compress_into, decompress, get_maximum_output_size};
use outflow_model::Fault;

use super::disk::{damaged, sync_folder, unreadable, unwritable};

/// Bytes of a block before it is compressed, unless one record has more.
const BLOCK_BYTES: usize = 1 << 20;

/// Bytes that a record may have.
const RECORD_BYTES_MAX: usize = 256 << 20;

const VERSION: u8 = 2;

/// Kind, version, length.
const PROLOGUE_BYTES: usize = 4 + 1 + 4;

const ENTRY_BYTES: usize = 8 + 4 + 4 + 4 + 8 + 4 + 8 + 8;

const END: [u8; 4] = *b"OFBE";

/// Number of blocks, CRC-32, `END`.
const EPILOGUE_BYTES: usize = 4 + 4 + 4;

/// What a finished file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockSummary {
    pub records: u64,
    /// Length of the file.
    pub bytes: u64,
}

/// A block of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockEntry {
    /// Number of its first record in the file.
    pub first_record: u64,
    pub records: u32,
    pub first_order: i64,
    pub last_order: i64,
    offset: u64,
    stored_bytes: u32,
    content_bytes: u32,
    crc: u32,
}

/// A file being written.
pub(crate) struct BlockWriter {
    path: PathBuf,
    file: File,
    /// Records that wait for their block to be full.
    block: Vec<u8>,
    stored: Vec<u8>,
    /// Of the waiting records: how many, and the orders of the first and the last.
    waiting: (u32, i64, i64),
    entries: Vec<BlockEntry>,
    records: u64,
    written_bytes: u64,
}

impl BlockWriter {
    /// Begins the file `path`, in the place of one that is there. `header` is what the reader is to know of it.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn create(path: &Path, kind: [u8; 4], header: &[u8]) -> Result<BlockWriter, Fault> {
        let length = u32::try_from(header.len()).map_err(|_| Fault::internal("a header is too long"))?;
        let mut prologue = Vec::with_capacity(PROLOGUE_BYTES + header.len() + 4);
        prologue.extend_from_slice(&kind);
        prologue.push(VERSION);
        prologue.extend_from_slice(&length.to_le_bytes());
        prologue.extend_from_slice(header);
        prologue.extend_from_slice(&crc32fast::hash(&prologue).to_le_bytes());
        let mut file = File::create(path).map_err(|e| unwritable(path, e))?;
        file.write_all(&prologue).map_err(|e| unwritable(path, e))?;
        Ok(BlockWriter {
            path: path.to_path_buf(),
            file,
            block: Vec::new(),
            stored: Vec::new(),
            waiting: (0, 0, 0),
            entries: Vec::new(),
            records: 0,
            written_bytes: prologue.len() as u64,
        })
    }

    /// Adds a record behind all others.
    ///
    /// # Errors
    /// `Input` for a record of more than 256 MiB, `Internal` where `order` is below that of the record before, `Refused`
    /// where the disk does not take it.
    pub fn record(&mut self, order: i64, payload: &[u8]) -> Result<(), Fault> {
        if payload.len() > RECORD_BYTES_MAX {
            return Err(Fault::input(format!("a profile takes {} bytes, more than can be kept", payload.len()))
                .hint("map fewer attributes, or exclude the profile"));
        }
        let last = if self.waiting.0 > 0 { Some(self.waiting.2) } else { self.entries.last().map(|e| e.last_order) };
        if last.is_some_and(|last| order < last) {
            return Err(Fault::internal("records of a file are not in order"));
        }
        if self.waiting.0 > 0 && self.block.len() + payload.len() + 4 > BLOCK_BYTES {
            self.flush()?;
        }
        let first = if self.waiting.0 > 0 { self.waiting.1 } else { order };
        self.waiting = (self.waiting.0 + 1, first, order);
        self.block.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        self.block.extend_from_slice(payload);
        Ok(())
    }

    /// Length of the file so far; what is not compressed yet counts as it is.
    pub fn bytes(&self) -> u64 {
        self.written_bytes + self.block.len() as u64
    }

    /// Makes the file whole and durable.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn finish(mut self) -> Result<BlockSummary, Fault> {
        self.flush()?;
        let mut footer = Vec::with_capacity(self.entries.len() * ENTRY_BYTES + EPILOGUE_BYTES);
        self.entries.iter().for_each(|entry| entry.write(&mut footer));
        footer.extend_from_slice(&(self.entries.len() as u32).to_le_bytes());
        footer.extend_from_slice(&crc32fast::hash(&footer).to_le_bytes());
        footer.extend_from_slice(&END);
        self.write(&footer)?;
        self.file.sync_all().map_err(|e| unwritable(&self.path, e))?;
        if let Some(folder) = self.path.parent() {
            sync_folder(folder)?;
        }
        Ok(BlockSummary { records: self.records, bytes: self.written_bytes })
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let (records, first_order, last_order) = self.waiting;
        if records == 0 {
            return Ok(());
        }
        let mut stored = std::mem::take(&mut self.stored);
        stored.resize(get_maximum_output_size(self.block.len()), 0);
        let compressed = compress_into(&self.block, &mut stored);
        stored.truncate(compressed.map_err(|e| Fault::internal("a block cannot be compressed").because(e))?);
        self.entries.push(BlockEntry {
            first_record: self.records,
            records,
            first_order,
            last_order,
            offset: self.written_bytes,
            stored_bytes: stored.len() as u32,
            content_bytes: self.block.len() as u32,
            crc: crc32fast::hash(&stored),
        });
        self.write(&stored)?;
        self.stored = stored;
        self.records += u64::from(records);
        self.waiting.0 = 0;
        self.block.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file.write_all(bytes).map_err(|e| unwritable(&self.path, e))?;
        self.written_bytes += bytes.len() as u64;
        Ok(())
    }
}

impl BlockEntry {
    fn write(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.offset.to_le_bytes());
        into.extend_from_slice(&self.stored_bytes.to_le_bytes());
        into.extend_from_slice(&self.content_bytes.to_le_bytes());
        into.extend_from_slice(&self.crc.to_le_bytes());
        into.extend_from_slice(&self.first_record.to_le_bytes());
        into.extend_from_slice(&self.records.to_le_bytes());
        into.extend_from_slice(&self.first_order.to_le_bytes());
        into.extend_from_slice(&self.last_order.to_le_bytes());
    }

    /// The entry at the beginning of `from`, which has as many bytes as one or more.
    fn read(mut from: &[u8]) -> Option<BlockEntry> {
        Some(BlockEntry {
            offset: from.try_get_u64_le().ok()?,
            stored_bytes: from.try_get_u32_le().ok()?,
            content_bytes: from.try_get_u32_le().ok()?,
            crc: from.try_get_u32_le().ok()?,
            first_record: from.try_get_u64_le().ok()?,
            records: from.try_get_u32_le().ok()?,
            first_order: from.try_get_i64_le().ok()?,
            last_order: from.try_get_i64_le().ok()?,
        })
    }

    /// Number of the first record behind it.
    pub fn end_record(&self) -> u64 {
        self.first_record + u64::from(self.records)
    }
}

/// A whole file.
#[derive(Debug)]
pub(crate) struct BlockFile {
    path: PathBuf,
    file: File,
    header: Vec<u8>,
    entries: Vec<BlockEntry>,
}

impl BlockFile {
    /// Opens the file `path` of that kind, and reads its header and footer.
    ///
    /// # Errors
    /// `Input` naming a file that is not there, of another kind, cut or damaged.
    pub fn open(path: &Path, kind: &[u8; 4]) -> Result<BlockFile, Fault> {
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        let length = file.metadata().map_err(|e| unreadable(path, e))?.len();
        let header = read_header(path, &file, length, kind)?;
        let begin = (PROLOGUE_BYTES + header.len() + 4) as u64;
        let entries = read_footer(path, &file, begin, length)?;
        Ok(BlockFile { path: path.to_path_buf(), file, header, entries })
    }

    /// What the writer said of the file.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The blocks in their order.
    pub fn blocks(&self) -> &[BlockEntry] {
        &self.entries
    }

    /// Records in it.
    pub fn records(&self) -> u64 {
        self.entries.last().map_or(0, BlockEntry::end_record)
    }

    /// The records of block `number`, for [`records`].
    ///
    /// # Errors
    /// `Input` naming the file where it is damaged, `Internal` where there is no such block.
    pub fn read(&self, number: usize) -> Result<Bytes, Fault> {
        let entry = self.entries.get(number).ok_or_else(|| Fault::internal("there is no such block"))?;
        let mut stored = vec![0; entry.stored_bytes as usize];
        self.file.read_exact_at(&mut stored, entry.offset).map_err(|e| unreadable(&self.path, e))?;
        if crc32fast::hash(&stored) != entry.crc {
            return Err(damaged(&self.path, "a block has another checksum"));
        }
        let block = decompress(&stored, entry.content_bytes as usize);
        let block = Bytes::from(block.map_err(|e| damaged(&self.path, &e.to_string()))?);
        // Once here, so that who takes the records finds them whole.
        let mut found = 0;
        for record in records(block.clone()) {
            record.map_err(|_| damaged(&self.path, "a record is cut"))?;
            found += 1;
        }
        if found != entry.records || block.len() != entry.content_bytes as usize {
            return Err(damaged(&self.path, "a block has other records than the footer says"));
        }
        Ok(block)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn read_at(path: &Path, file: &File, offset: u64, length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset).map_err(|e| unreadable(path, e))?;
    Ok(bytes)
}

fn read_header(path: &Path, file: &File, length: u64, kind: &[u8; 4]) -> Result<Vec<u8>, Fault> {
    let too_short = || damaged(path, "it ends within its header");
    if length < (PROLOGUE_BYTES + 4 + EPILOGUE_BYTES) as u64 {
        return Err(too_short());
    }
    let prologue = read_at(path, file, 0, PROLOGUE_BYTES)?;
    if prologue[..4] != kind[..] || prologue[4] != VERSION {
        return Err(damaged(path, "it is of another kind or version"));
    }
    let header_bytes = (&prologue[5..]).get_u32_le() as usize;
    if (PROLOGUE_BYTES + header_bytes + 4 + EPILOGUE_BYTES) as u64 > length {
        return Err(too_short());
    }
    let mut all = read_at(path, file, 0, PROLOGUE_BYTES + header_bytes + 4)?;
    let checksum = (&all[PROLOGUE_BYTES + header_bytes..]).get_u32_le();
    all.truncate(PROLOGUE_BYTES + header_bytes);
    if crc32fast::hash(&all) != checksum {
        return Err(damaged(path, "its header has another checksum"));
    }
    Ok(all.split_off(PROLOGUE_BYTES))
}

fn read_footer(path: &Path, file: &File, begin: u64, length: u64) -> Result<Vec<BlockEntry>, Fault> {
    let end = read_at(path, file, length - EPILOGUE_BYTES as u64, EPILOGUE_BYTES)?;
    if end[8..] != END {
        return Err(damaged(path, "it has no end"));
    }
    let mut numbers = &end[..8];
    let (count, checksum) = (numbers.get_u32_le() as usize, numbers.get_u32_le());
    let footer_bytes = count * ENTRY_BYTES;
    let blocks_end = length - EPILOGUE_BYTES as u64;
    let footer_at = blocks_end.checked_sub(footer_bytes as u64).filter(|at| *at >= begin);
    let footer_at = footer_at.ok_or_else(|| damaged(path, "it ends within its footer"))?;
    let footer = read_at(path, file, footer_at, footer_bytes + 4)?;
    if crc32fast::hash(&footer) != checksum {
        return Err(damaged(path, "its footer has another checksum"));
    }
    let entries: Option<Vec<BlockEntry>> = footer.chunks_exact(ENTRY_BYTES).map(BlockEntry::read).collect();
    let entries = entries.ok_or_else(|| damaged(path, "its footer is cut"))?;
    // Blocks stand behind each other, without gaps, up to the footer.
    let (mut at, mut record) = (begin, 0);
    for entry in &entries {
        if (entry.offset, entry.first_record) != (at, record) {
            return Err(damaged(path, "its blocks are not where its footer says"));
        }
        at += u64::from(entry.stored_bytes);
        record = entry.end_record();
    }
    if at != footer_at {
        return Err(damaged(path, "its blocks end elsewhere than its footer says"));
    }
    Ok(entries)
}

/// The records of a block.
pub(crate) fn records(mut block: Bytes) -> impl Iterator<Item = Result<Bytes, Fault>> {
    std::iter::from_fn(move || {
        if block.is_empty() {
            return None;
        }
        let length = block.try_get_u32_le().ok().map(|length| length as usize);
        match length.filter(|length| *length <= block.len()) {
            Some(length) => Some(Ok(block.split_to(length))),
            None => {
                block.clear();
                Some(Err(Fault::internal("a record of a block is cut")))
            }
        }
    })
}

#[cfg(test)]
mod tests;
