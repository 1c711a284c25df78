//! Asking a file of departures.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use outflow_model::Fault;

use super::{ENTRY_BYTES, HEADER_BYTES, Shape, checksum, damaged, header, unreadable, unsigned};

/// A file of departures.
#[derive(Debug)]
pub struct Departures {
    path: PathBuf,
    file: File,
    shape: Shape,
    count: u64,
}

impl Departures {
    /// Opens a file. Its header is read, and its length looked at.
    ///
    /// # Errors
    /// `Input` naming a file that is not there, of another kind, cut or damaged.
    pub fn open(path: &Path) -> Result<Departures, Fault> {
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        let length = file.metadata().map_err(|e| unreadable(path, e))?.len();
        if length < HEADER_BYTES {
            return Err(damaged(path, "it ends within its header"));
        }
        let mut found = [0; HEADER_BYTES as usize];
        file.read_exact_at(&mut found, 0).map_err(|e| unreadable(path, e))?;
        let mut count = [0; 8];
        count.copy_from_slice(&found[8..16]);
        let count = u64::from_le_bytes(count);
        let shape = Shape::of_bits(found[5]).filter(|shape| header(*shape, count) == found);
        let shape = shape.ok_or_else(|| damaged(path, "it is of another kind or version, or its header is damaged"))?;
        let bytes = count.checked_mul(shape.width() as u64).and_then(|bytes| bytes.checked_add(shape.body_at()));
        if bytes != Some(length) {
            return Err(damaged(path, "it has another length than its header says"));
        }
        Ok(Departures { path: path.to_path_buf(), file, shape, count })
    }

    /// Profiles in it.
    pub fn profiles(&self) -> u64 {
        self.count
    }

    /// Whether the profile with this hash has left; see [`hash_of`](outflow_profiles::snapshot::hash_of).
    ///
    /// # Errors
    /// `Input` where what is read of the file is damaged.
    pub fn contains(&self, hash: i64) -> Result<bool, Fault> {
        let hash = unsigned(hash);
        let bucket = self.shape.bucket_of(hash);
        let (start, end, crc) = self.bounds(bucket)?;
        let width = self.shape.width();
        let mut content = vec![0; (end - start) as usize * width];
        let at = self.shape.body_at() + u64::from(start) * width as u64;
        self.file.read_exact_at(&mut content, at).map_err(|e| unreadable(&self.path, e))?;
        if checksum(bucket, start, end, &content) != crc {
            return Err(damaged(&self.path, "a bucket has another checksum"));
        }
        let bytes = hash.to_be_bytes();
        let wanted = self.shape.rest(&bytes);
        Ok(content.chunks_exact(width).any(|rest| rest == wanted))
    }

    /// The numbers of a bucket's first hash and of the one behind its last, and its checksum.
    fn bounds(&self, bucket: u64) -> Result<(u32, u32, u32), Fault> {
        let mut entries = [0; 2 * ENTRY_BYTES as usize];
        let at = HEADER_BYTES + bucket * ENTRY_BYTES;
        self.file.read_exact_at(&mut entries, at).map_err(|e| unreadable(&self.path, e))?;
        let number = |at: usize| {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(&entries[at..at + 4]);
            u32::from_le_bytes(bytes)
        };
        let (start, crc, end) = (number(0), number(4), number(8));
        if start > end || u64::from(end) > self.count {
            return Err(damaged(&self.path, "its table says what cannot be"));
        }
        Ok((start, end, crc))
    }
}
