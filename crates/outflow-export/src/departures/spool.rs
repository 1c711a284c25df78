//! Hashes that came behind greater ones, in ascending runs on the disk: those of profiles that are in the data no more,
//! which follow all others. Whatever order they come in, memory stays bounded. The file has no name: it is gone with the
//! process.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use outflow_model::Fault;

use super::unwritable;

/// Bytes of a hash on disk.
const HASH_BYTES: usize = 8;

/// Bytes that are read at once, of all runs together.
const READ_BYTES: usize = 1 << 20;

/// No run is read in smaller pieces.
const READ_BYTES_MIN: usize = 4096;

/// Ascending runs of hashes.
pub(super) struct Spool {
    folder: PathBuf,
    file: File,
    runs: Vec<Run>,
    bytes: Vec<u8>,
}

/// Hashes by their numbers in the file.
struct Run {
    start: u64,
    end: u64,
    last: u64,
}

impl Spool {
    /// Nothing yet, on the disk of `folder`.
    pub fn new(folder: &Path) -> Result<Spool, Fault> {
        let file = tempfile::tempfile_in(folder).map_err(|e| unwritable(folder, e))?;
        Ok(Spool { folder: folder.to_path_buf(), file, runs: Vec::new(), bytes: Vec::new() })
    }

    /// Adds hashes that ascend.
    pub fn add(&mut self, sorted: &[u64]) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return Ok(()) };
        self.bytes.clear();
        sorted.iter().for_each(|hash| self.bytes.extend_from_slice(&hash.to_le_bytes()));
        self.file.write_all(&self.bytes).map_err(|e| unwritable(&self.folder, e))?;
        let count = sorted.len() as u64;
        match self.runs.last_mut() {
            Some(run) if run.last <= *first => (run.end, run.last) = (run.end + count, *last),
            _ => {
                let start = self.count();
                self.runs.push(Run { start, end: start + count, last: *last });
            }
        }
        Ok(())
    }

    fn count(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.end)
    }

    /// Calls `each` with all of them, ascending.
    pub fn visit(self, mut each: impl FnMut(u64) -> Result<(), Fault>) -> Result<(), Fault> {
        let piece = (READ_BYTES / self.runs.len().max(1)).max(READ_BYTES_MIN) / HASH_BYTES;
        let mut readers: Vec<Reader> = Vec::new();
        let mut heads = BinaryHeap::new();
        for run in &self.runs {
            let mut reader = Reader { next: run.start, end: run.end, held: Vec::new(), at: 0, piece };
            if let Some(first) = reader.next(&self.file).map_err(|e| unwritable(&self.folder, e))? {
                heads.push(Reverse((first, readers.len())));
                readers.push(reader);
            }
        }
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((hash, number)) = *head;
            each(hash)?;
            match readers[number].next(&self.file).map_err(|e| unwritable(&self.folder, e))? {
                Some(next) => *head = Reverse((next, number)),
                None => drop(PeekMut::pop(head)),
            }
        }
        Ok(())
    }
}

/// The hashes of one run.
struct Reader {
    next: u64,
    end: u64,
    held: Vec<u8>,
    at: usize,
    /// Hashes that are read at once.
    piece: usize,
}

impl Reader {
    fn next(&mut self, file: &File) -> std::io::Result<Option<u64>> {
        if self.at == self.held.len() {
            let count = (self.end - self.next).min(self.piece as u64);
            if count == 0 {
                return Ok(None);
            }
            self.held.resize(count as usize * HASH_BYTES, 0);
            file.read_exact_at(&mut self.held, self.next * HASH_BYTES as u64)?;
            (self.next, self.at) = (self.next + count, 0);
        }
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&self.held[self.at..self.at + HASH_BYTES]);
        self.at += HASH_BYTES;
        Ok(Some(u64::from_le_bytes(hash)))
    }
}
