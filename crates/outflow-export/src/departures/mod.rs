//! Departures: which profiles have left in a file or in the messages of a set, so that this can be told of any of them.
//!
//! One file for each part of a run, and for each set of messages. It holds the hashes of the profiles' ids
//! ([`hash_of`](outflow_profiles::snapshot::hash_of)) and nothing else of them: who does not know an id learns nothing.
//! A file of ten million profiles has 60 MiB, and is asked with two small reads.
//!
//! | part | holds |
//! |---|---|
//! | header | `OFDP`, version, number of bits that choose a bucket, two zeros, number of hashes (u64), CRC-32 of this |
//! | table | for each bucket the number of its first hash (u32) and its CRC-32; behind the last one the number of hashes |
//! | buckets | hashes, ascending, big-endian, without the whole bytes that the bucket's number says |
//!
//! Other numbers are little-endian. A bucket's checksum is over its number, its bounds and its bytes, so that damage
//! anywhere is found by whoever asks for a profile whose answer it would change.

mod read;
mod spool;
#[cfg(test)]
mod tests;
mod write;

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use outflow_model::{Fault, FaultClass};

pub use read::Departures;
pub use write::{Writer, Written, keep};

/// A file of departures that is whole and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeparturesFile {
    /// Where it is.
    pub path: PathBuf,
    /// Profiles that left: hashes in it.
    pub profiles: u64,
    /// Length of the file.
    pub bytes: u64,
}

const MAGIC: [u8; 4] = *b"OFDP";

const VERSION: u8 = 1;

const HEADER_BYTES: u64 = 20;

/// The number of a bucket's first hash, and its checksum.
const ENTRY_BYTES: u64 = 8;

/// A hash in the form whose numbers have the order of the stored, signed one.
fn unsigned(hash: i64) -> u64 {
    hash as u64 ^ (1 << 63)
}

/// How hashes are cut into buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// The first bits of a hash, whole bytes, choose its bucket.
    bits: u32,
}

impl Shape {
    /// That of many hashes: 65,536 buckets have half a MiB and save two bytes of each hash.
    const LARGE: Shape = Shape { bits: 16 };

    /// The shape for up to as many hashes as a writer holds: 256 buckets have 2 KiB and save a byte of each hash.
    fn for_count(count: usize) -> Shape {
        Shape { bits: if count <= 1_024 { 0 } else { 8 } }
    }

    fn of_bits(bits: u8) -> Option<Shape> {
        matches!(bits, 0 | 8 | 16).then_some(Shape { bits: bits.into() })
    }

    fn buckets(self) -> u64 {
        1 << self.bits
    }

    /// Bytes of a hash that its bucket does not say.
    fn width(self) -> usize {
        8 - self.bits as usize / 8
    }

    fn bucket_of(self, hash: u64) -> u64 {
        hash.checked_shr(64 - self.bits).unwrap_or(0)
    }

    /// The hash of which a bucket holds `rest`.
    fn hash_of(self, bucket: u64, rest: &[u8]) -> u64 {
        let mut bytes = bucket.checked_shl(64 - self.bits).unwrap_or(0).to_be_bytes();
        bytes[8 - rest.len()..].copy_from_slice(rest);
        u64::from_be_bytes(bytes)
    }

    /// The bytes that are kept of a hash.
    fn rest(self, hash: &[u8; 8]) -> &[u8] {
        &hash[8 - self.width()..]
    }

    fn body_at(self) -> u64 {
        HEADER_BYTES + (self.buckets() + 1) * ENTRY_BYTES
    }
}

/// The checksum of a bucket with the hashes from `start` to `end`.
fn checksum(bucket: u64, start: u32, end: u32, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    let mut bounds = [0; 16];
    bounds[..8].copy_from_slice(&bucket.to_le_bytes());
    bounds[8..12].copy_from_slice(&start.to_le_bytes());
    bounds[12..].copy_from_slice(&end.to_le_bytes());
    hasher.update(&bounds);
    hasher.update(content);
    hasher.finalize()
}

/// The header, which ends with its checksum.
fn header(shape: Shape, count: u64) -> [u8; HEADER_BYTES as usize] {
    let mut header = [0; HEADER_BYTES as usize];
    header[..4].copy_from_slice(&MAGIC);
    header[4] = VERSION;
    header[5] = shape.bits as u8;
    header[8..16].copy_from_slice(&count.to_le_bytes());
    let crc = crc32fast::hash(&header[..16]);
    header[16..].copy_from_slice(&crc.to_le_bytes());
    header
}

fn unwritable(path: &Path, error: Error) -> Fault {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space, or keep departures for a shorter time",
        _ => "check the data folder and its disk",
    };
    Fault::new(FaultClass::Refused, format!("the file {} cannot be written", path.display()))
        .tried(format!("write {}", path.display()))
        .hint(hint)
        .because(error)
}

const RESTORE: &str = "restore the file from a backup; until then nobody can say which profiles it names";

fn unreadable(path: &Path, error: Error) -> Fault {
    Fault::input(format!("the file {} cannot be read", path.display()))
        .tried(format!("read {}", path.display()))
        .hint(RESTORE)
        .because(error)
}

fn damaged(path: &Path, why: &str) -> Fault {
    Fault::input(format!("the file {} is damaged", path.display()))
        .tried(format!("read {}", path.display()))
        .hint(RESTORE)
        .because(why.to_owned())
}
