//! The file of an index: a header, and the hashes in ascending order with the row that has each, in blocks.
//!
//! | bytes | hold |
//! |---|---|
//! | 8 | what the file is |
//! | 8 | identities, each with a row |
//! | 4 | CRC-32 of this |
//! | blocks | of 1,024 identities each, but for the last: their hashes (u64), their rows in the part (u32), a CRC-32 |
//!
//! Numbers are little-endian. A block's checksum is over its number and its bytes, so that damage anywhere is found by
//! whoever reads what it would change. The file lies beside its part and is called as it is, with another ending: what a
//! part holds never changes, so its index does not either. One of an earlier release, without checksums, counts as none.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use outflow_model::Fault;
use roaring::RoaringBitmap;

use super::IdentityKeys;
use crate::folder::{Folder, io_fault};
use crate::snapshot::Part;

const MAGIC: [u8; 8] = *b"OFLWIDX2";

/// Bytes before the blocks.
const HEADER_BYTES: u64 = 20;

/// Bytes of a hash and its row.
const ENTRY_BYTES: u64 = 12;

/// Identities of a block.
const BLOCK_ENTRIES: u64 = 1_024;

/// Bytes of a checksum.
const CRC_BYTES: u64 = 4;

/// Bytes of a full block.
const BLOCK_BYTES: u64 = BLOCK_ENTRIES * ENTRY_BYTES + CRC_BYTES;

/// Of so few keys each is looked for by itself; of more, all hashes are read.
const LOOKED_FOR_MAX: usize = 64;

/// The index of a part.
pub(super) fn path_of(part: &Part) -> PathBuf {
    part.file.with_extension("identities")
}

/// Writes an index. `entries` are sorted, each once.
pub(super) fn write(folder: &Folder, part: &Part, entries: &[(u64, u32)]) -> Result<(), Fault> {
    let path = path_of(part);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let count = entries.len() as u64;
    let mut bytes = Vec::with_capacity((HEADER_BYTES + count.div_ceil(BLOCK_ENTRIES) * BLOCK_BYTES) as usize);
    bytes.extend_from_slice(&header(count));
    for (number, block) in (0..).zip(entries.chunks(BLOCK_ENTRIES as usize)) {
        let start = bytes.len();
        block.iter().for_each(|(hash, _)| bytes.extend_from_slice(&hash.to_le_bytes()));
        block.iter().for_each(|(_, row)| bytes.extend_from_slice(&row.to_le_bytes()));
        let crc = checksum(number, &bytes[start..]);
        bytes.extend_from_slice(&crc.to_le_bytes());
    }
    let mut temporary = folder.temporary("parts")?;
    temporary.write_all(&bytes).map_err(|e| io_fault("cannot write", &path, e))?;
    folder.publish_as(temporary, &name)?;
    Ok(())
}

fn header(count: u64) -> [u8; HEADER_BYTES as usize] {
    let mut header = [0; HEADER_BYTES as usize];
    header[..8].copy_from_slice(&MAGIC);
    header[8..16].copy_from_slice(&count.to_le_bytes());
    let crc = crc32fast::hash(&header[..16]);
    header[16..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The checksum of block `number`.
fn checksum(number: u64, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(content);
    hasher.finalize()
}

/// An opened index.
pub(super) struct IndexFile {
    path: PathBuf,
    file: File,
    count: u64,
    rows: u64,
}

/// Identities of an index that follow each other; at least one.
struct Block {
    hashes: Vec<u64>,
    rows: Vec<u32>,
}

impl Block {
    fn first(&self) -> u64 {
        self.hashes.first().copied().unwrap_or_default()
    }

    fn last(&self) -> u64 {
        self.hashes.last().copied().unwrap_or_default()
    }
}

impl IndexFile {
    /// Opens the index of a part; `None` where it is not there, is not whole, or is of another release.
    pub fn open(part: &Part) -> Result<Option<IndexFile>, Fault> {
        let path = path_of(part);
        let file = match File::open(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|e| unreadable(&path).because(e))?,
        };
        let length = file.metadata().map_err(|e| unreadable(&path).because(e))?.len();
        let mut found = [0; HEADER_BYTES as usize];
        if length < HEADER_BYTES || file.read_exact_at(&mut found, 0).is_err() {
            return Ok(None);
        }
        let mut count = [0; 8];
        count.copy_from_slice(&found[8..16]);
        let count = u64::from_le_bytes(count);
        let entries = count.checked_mul(ENTRY_BYTES);
        let expected = entries.and_then(|b| b.checked_add(HEADER_BYTES + count.div_ceil(BLOCK_ENTRIES) * CRC_BYTES));
        if found != header(count) || expected != Some(length) {
            return Ok(None);
        }
        Ok(Some(IndexFile { path, file, count, rows: part.rows }))
    }

    /// The rows that have any of these identities.
    pub fn rows_of(&self, keys: &IdentityKeys, check: &dyn Fn() -> Result<(), Fault>) -> Result<RoaringBitmap, Fault> {
        let mut found = RoaringBitmap::new();
        if keys.len() <= LOOKED_FOR_MAX {
            for hash in keys.hashes() {
                found.extend(self.rows_with(*hash)?);
            }
            return Ok(found);
        }
        let mut left = keys.hashes();
        for number in 0..self.blocks() {
            if left.is_empty() {
                break;
            }
            check()?;
            let block = self.block(number)?;
            for (hash, row) in block.hashes.iter().zip(&block.rows) {
                let before = left.iter().take_while(|key| *key < hash).count();
                left = &left[before..];
                if left.first() == Some(hash) {
                    found.insert(*row);
                }
            }
        }
        Ok(found)
    }

    /// The rows that have an identity with this hash.
    pub fn rows_with(&self, hash: u64) -> Result<Vec<u32>, Fault> {
        let mut rows = Vec::new();
        for number in self.first_of(hash)?..self.blocks() {
            let block = self.block(number)?;
            let has_it = block.hashes.iter().zip(&block.rows).filter(|(other, _)| **other == hash);
            rows.extend(has_it.map(|(_, row)| *row));
            if block.last() > hash {
                break;
            }
        }
        Ok(rows)
    }

    /// The number of the first block that does not end below `hash`.
    fn first_of(&self, hash: u64) -> Result<u64, Fault> {
        let (mut low, mut high) = (0, self.blocks());
        // Hashes are spread evenly, so it is there or next to it, hardly ever farther away.
        let guess = ((u128::from(hash) * u128::from(self.count)) >> 64) as u64 / BLOCK_ENTRIES;
        let (mut probe, mut probes) = (guess, 0);
        while low < high {
            let block = self.block(probe)?;
            probes += 1;
            if block.last() < hash {
                low = probe + 1;
                probe = low;
            } else if block.first() < hash {
                return Ok(probe);
            } else {
                high = probe;
                probe = high.saturating_sub(1);
            }
            if probes >= 3 {
                probe = low + (high - low) / 2;
            }
        }
        Ok(low)
    }

    fn blocks(&self) -> u64 {
        self.count.div_ceil(BLOCK_ENTRIES)
    }

    /// Reads a block, and checks it.
    fn block(&self, number: u64) -> Result<Block, Fault> {
        let count = BLOCK_ENTRIES.min(self.count - number * BLOCK_ENTRIES);
        let mut bytes = vec![0; (count * ENTRY_BYTES + CRC_BYTES) as usize];
        let read = self.file.read_exact_at(&mut bytes, HEADER_BYTES + number * BLOCK_BYTES);
        read.map_err(|e| unreadable(&self.path).because(e))?;
        let (content, crc) = bytes.split_at((count * ENTRY_BYTES) as usize);
        if crc != checksum(number, content).to_le_bytes() {
            return Err(unreadable(&self.path).because("a block has another checksum".to_owned()));
        }
        let (hashes, rows) = content.split_at(8 * count as usize);
        let hashes = hashes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        let rows: Vec<u32> = rows.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        if rows.iter().any(|row| u64::from(*row) >= self.rows) {
            return Err(unreadable(&self.path).because("it is the index of another part".to_owned()));
        }
        Ok(Block { hashes, rows })
    }
}

fn unreadable(path: &Path) -> Fault {
    Fault::input(format!("the index of identities {} cannot be read", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("check the disk, then remove the file: it is made anew")
}
