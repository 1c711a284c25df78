//! Bytes that do not fit the memory they were given go to a temporary file.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use outflow_model::{Fault, FaultClass};

/// A budget in bytes, and the file that takes what exceeds it. The file has no name: it is gone with the process,
/// however that ends.
pub(crate) struct Spill {
    budget_bytes: u64,
    held_bytes: AtomicU64,
    file: File,
    file_bytes: AtomicU64,
}

/// Some bytes, in memory or in the file.
#[derive(Debug)]
pub(crate) enum Stored {
    Memory(Vec<u8>),
    File(Place),
}

/// Bytes of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    offset: u64,
    length: usize,
}

impl Spill {
    /// A spill that keeps up to `budget_bytes` in memory and the rest in `folder`.
    pub fn new(folder: &Path, budget_bytes: u64) -> Result<Spill, Fault> {
        let file = tempfile::tempfile_in(folder).map_err(|e| disk(e, &folder.display().to_string()))?;
        Ok(Spill { budget_bytes, held_bytes: AtomicU64::new(0), file, file_bytes: AtomicU64::new(0) })
    }

    /// Keeps `bytes`.
    pub fn store(&self, bytes: Vec<u8>) -> Result<Stored, Fault> {
        let length = bytes.len() as u64;
        if self.held_bytes.fetch_add(length, Ordering::Relaxed) + length <= self.budget_bytes {
            return Ok(Stored::Memory(bytes));
        }
        self.held_bytes.fetch_sub(length, Ordering::Relaxed);
        Ok(Stored::File(self.store_in_file(&bytes)?))
    }

    /// Keeps `bytes` in the file, whatever the budget.
    pub fn store_in_file(&self, bytes: &[u8]) -> Result<Place, Fault> {
        let offset = self.file_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(bytes, offset).map_err(|e| disk(e, "the spill folder"))?;
        Ok(Place { offset, length: bytes.len() })
    }

    /// The bytes again; those in memory are given up.
    pub fn load(&self, stored: Stored) -> Result<Vec<u8>, Fault> {
        match stored {
            Stored::Memory(bytes) => {
                self.held_bytes.fetch_sub(bytes.len() as u64, Ordering::Relaxed);
                Ok(bytes)
            }
            Stored::File(place) => self.load_from_file(place),
        }
    }

    /// The bytes at `place`.
    pub fn load_from_file(&self, place: Place) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; place.length];
        self.file.read_exact_at(&mut bytes, place.offset).map_err(|e| disk(e, "the spill folder"))?;
        Ok(bytes)
    }

    /// Counts `bytes` that are held elsewhere against the budget; `false` when they do not fit.
    pub fn reserve(&self, bytes: u64) -> bool {
        let fits = self.held_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.budget_bytes;
        if !fits {
            self.held_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        fits
    }
}

fn disk(error: std::io::Error, place: &str) -> Fault {
    let class =
        if error.kind() == std::io::ErrorKind::StorageFull { FaultClass::Refused } else { FaultClass::Internal };
    Fault::new(class, "cannot keep intermediate rows on disk")
        .tried(format!("write a temporary file in {place}"))
        .hint("free some space there, or choose another folder with --state-dir")
        .because(error)
}
