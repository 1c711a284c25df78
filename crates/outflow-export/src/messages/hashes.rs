//! The hashes of the profiles that the messages of a part are about, in a file of their own beside them: who left is told
//! from it without reading the messages again. It is not flushed: where it is missing or damaged, the messages say the same.

use std::path::{Path, PathBuf};

use outflow_model::Fault;

use super::disk::unwritable;

const HASH_BYTES: usize = 8;

/// What ends the file: the CRC-32 of the part's number and the hashes.
const CRC_BYTES: usize = 4;

fn path(folder: &Path, part: u32) -> PathBuf {
    folder.join(format!("{part:04}.hashes"))
}

fn checksum(part: u32, content: &[u8]) -> [u8; CRC_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&part.to_le_bytes());
    hasher.update(content);
    hasher.finalize().to_le_bytes()
}

/// Writes the hashes of part `part` into the folder of its set, in the order of the messages.
///
/// # Errors
/// `Refused` where the disk does not take it.
pub(super) fn write(folder: &Path, part: u32, hashes: &[i64]) -> Result<(), Fault> {
    let mut content: Vec<u8> = Vec::with_capacity(hashes.len() * HASH_BYTES + CRC_BYTES);
    hashes.iter().for_each(|hash| content.extend_from_slice(&hash.to_le_bytes()));
    content.extend_from_slice(&checksum(part, &content));
    let path = path(folder, part);
    std::fs::write(&path, content).map_err(|e| unwritable(&path, e))
}

/// The hashes of part `part`, which has so many messages; `None` where the file is not there or not whole.
pub(super) fn read(folder: &Path, part: u32, messages: u64) -> Option<Vec<i64>> {
    let content = std::fs::read(path(folder, part)).ok()?;
    let (hashes, crc) = content.split_last_chunk::<CRC_BYTES>()?;
    let is_whole = hashes.len() as u64 == messages * HASH_BYTES as u64 && *crc == checksum(part, hashes);
    let number = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_le_bytes);
    is_whole.then(|| hashes.chunks_exact(HASH_BYTES).filter_map(number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        for hashes in [vec![], vec![7], vec![i64::MIN, -1, 0, i64::MAX]] {
            let count = hashes.len() as u64;
            write(dir.path(), 3, &hashes).unwrap();
            assert_eq!(read(dir.path(), 3, count), Some(hashes));
            assert_eq!(read(dir.path(), 3, count + 1), None);
            assert_eq!(read(dir.path(), 4, count), None);
            let path = path(dir.path(), 3);
            let whole = std::fs::read(&path).unwrap();
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                std::fs::write(&path, &bytes).unwrap();
                assert_eq!(read(dir.path(), 3, count), None);
                std::fs::write(&path, &whole[..at]).unwrap();
                assert_eq!(read(dir.path(), 3, count), None);
            }
            // Another part's is not this one's.
            std::fs::write(dir.path().join("0004.hashes"), &whole).unwrap();
            assert_eq!(read(dir.path(), 4, count), None);
            std::fs::remove_file(dir.path().join("0004.hashes")).unwrap();
        }
    }
}
