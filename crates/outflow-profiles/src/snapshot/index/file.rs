//! The file of an index: a header, the hashes in ascending order, and for each the row that has it.
//!
//! | bytes | hold |
//! |---|---|
//! | 8 | what the file is |
//! | 8 | identities, each with a row |
//! | 8 for each | its hash |
//! | 4 for each | its row in the part |
//!
//! Numbers are little-endian. The file lies beside its part and is called as it is, with another ending: what a part holds
//! never changes, so its index does not either.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use outflow_model::Fault;
use roaring::RoaringBitmap;

use super::IdentityKeys;
use crate::folder::{Folder, io_fault};
use crate::snapshot::Part;

const MAGIC: [u8; 8] = *b"OFLWIDX1";

/// Bytes before the hashes.
const HEADER_BYTES: u64 = 16;

/// Bytes of a hash and its row.
const ENTRY_BYTES: u64 = 12;

/// Hashes that are read at once.
const HASHES_AT_ONCE: u64 = 8_192;

/// Hashes around the place where one is looked for: hashes are spread evenly, so it is hardly ever farther away.
const NEAR: u64 = 512;

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
    let mut bytes = Vec::with_capacity((HEADER_BYTES + ENTRY_BYTES * entries.len() as u64) as usize);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    entries.iter().for_each(|(hash, _)| bytes.extend_from_slice(&hash.to_le_bytes()));
    entries.iter().for_each(|(_, row)| bytes.extend_from_slice(&row.to_le_bytes()));
    let mut temporary = folder.temporary("parts")?;
    temporary.write_all(&bytes).map_err(|e| io_fault("cannot write", &path, e))?;
    folder.publish_as(temporary, &name)?;
    Ok(())
}

/// An opened index.
pub(super) struct IndexFile {
    path: PathBuf,
    file: File,
    count: u64,
    rows: u64,
}

impl IndexFile {
    /// Opens the index of a part; `None` where it is not there, or is not whole.
    pub fn open(part: &Part) -> Result<Option<IndexFile>, Fault> {
        let path = path_of(part);
        let file = match File::open(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|e| unreadable(&path).because(e))?,
        };
        let length = file.metadata().map_err(|e| unreadable(&path).because(e))?.len();
        let mut header = [0; HEADER_BYTES as usize];
        if length < HEADER_BYTES || file.read_exact_at(&mut header, 0).is_err() {
            return Ok(None);
        }
        let (magic, count) = header.split_at(8);
        let count = u64::from_le_bytes(count.try_into().unwrap_or_default());
        let expected = count.checked_mul(ENTRY_BYTES).and_then(|bytes| bytes.checked_add(HEADER_BYTES));
        if magic != MAGIC || expected != Some(length) {
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
        let (mut at, mut left) = (0, keys.hashes());
        while at < self.count && !left.is_empty() {
            check()?;
            let hashes = self.hashes(at, HASHES_AT_ONCE.min(self.count - at))?;
            for (number, hash) in hashes.iter().enumerate() {
                let before = left.iter().take_while(|key| *key < hash).count();
                left = &left[before..];
                if left.first() == Some(hash) {
                    found.insert(self.row(at + number as u64)?);
                }
            }
            at += hashes.len() as u64;
        }
        Ok(found)
    }

    /// The rows that have an identity with this hash.
    pub fn rows_with(&self, hash: u64) -> Result<Vec<u32>, Fault> {
        let mut at = self.first_of(hash)?;
        let mut rows = Vec::new();
        while at < self.count && self.hashes(at, 1)?.first() == Some(&hash) {
            rows.push(self.row(at)?);
            at += 1;
        }
        Ok(rows)
    }

    /// The number of the first hash that is not below `hash`.
    fn first_of(&self, hash: u64) -> Result<u64, Fault> {
        let guess = ((u128::from(hash) * u128::from(self.count)) >> 64) as u64;
        let (mut low, mut high) = (0, self.count);
        let from = guess.saturating_sub(NEAR);
        let near = self.hashes(from, (2 * NEAR).min(self.count - from))?;
        let before = near.partition_point(|other| *other < hash) as u64;
        match (before, before < near.len() as u64) {
            (0, true) if from > 0 => high = from,
            (_, true) => return Ok(from + before),
            (_, false) => low = from + before,
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.hashes(middle, 1)?.first() {
                Some(other) if *other < hash => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn hashes(&self, from: u64, count: u64) -> Result<Vec<u64>, Fault> {
        let mut bytes = vec![0; 8 * count as usize];
        self.read(&mut bytes, HEADER_BYTES + 8 * from)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }

    fn row(&self, number: u64) -> Result<u32, Fault> {
        let mut bytes = [0; 4];
        self.read(&mut bytes, HEADER_BYTES + 8 * self.count + 4 * number)?;
        let row = u32::from_le_bytes(bytes);
        if u64::from(row) < self.rows { Ok(row) } else { Err(unreadable(&self.path)) }
    }

    fn read(&self, bytes: &mut [u8], offset: u64) -> Result<(), Fault> {
        self.file.read_exact_at(bytes, offset).map_err(|e| unreadable(&self.path).because(e))
    }
}

fn unreadable(path: &Path) -> Fault {
    Fault::input(format!("the index of identities {} cannot be read", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("remove the file: it is made anew; check the disk")
}
