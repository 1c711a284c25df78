//! Bytes that do not fit the memory they were given go to a temporary file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use outflow_model::{Fault, FaultClass};

/// A budget in bytes, and the file that takes what exceeds it. The file has no name: it is gone with the process,
/// however that ends.
pub(crate) struct Spill {
    budget_bytes: u64,
    held_bytes: AtomicU64,
    file: File,
    file_bytes: AtomicU64,
    /// Where the file is, for messages.
    folder: PathBuf,
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
        let file = tempfile::tempfile_in(folder).map_err(|e| disk("make", folder, e))?;
        let folder = folder.to_path_buf();
        Ok(Spill { budget_bytes, held_bytes: AtomicU64::new(0), file, file_bytes: AtomicU64::new(0), folder })
    }

    /// How many bytes may be in memory.
    pub fn budget_bytes(&self) -> u64 {
        self.budget_bytes
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
        self.file.write_all_at(bytes, offset).map_err(|e| disk("write", &self.folder, e))?;
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

    /// The bytes again; those in memory stay there.
    pub fn read<'a>(&self, stored: &'a Stored) -> Result<Cow<'a, [u8]>, Fault> {
        match stored {
            Stored::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Stored::File(place) => Ok(Cow::Owned(self.load_from_file(*place)?)),
        }
    }

    /// The bytes at `place`.
    pub fn load_from_file(&self, place: Place) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; place.length];
        self.file.read_exact_at(&mut bytes, place.offset).map_err(|e| disk("read", &self.folder, e))?;
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

/// The fault for a temporary file in `folder` that the disk did not let us `what`.
fn disk(what: &str, folder: &Path, error: Error) -> Fault {
    const OTHER: &str = "or choose another folder with --state-dir";
    let (class, came_back, hint) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            (FaultClass::Refused, "the disk is full", "free space there, or raise the quota,")
        }
        ErrorKind::FileTooLarge => {
            (FaultClass::Refused, "a file may not be that large", "raise the limit of the process or the file system,")
        }
        ErrorKind::ReadOnlyFilesystem => (FaultClass::Refused, "the file system is read-only", "mount it for writing,"),
        ErrorKind::PermissionDenied => (
            FaultClass::Refused,
            "the folder's permissions do not allow it",
            "let the user that runs Outflow write to the folder,",
        ),
        ErrorKind::NotFound => (FaultClass::Config, "the folder does not exist", "make the folder,"),
        ErrorKind::NotADirectory => {
            (FaultClass::Config, "a part of the path is a file, not a folder", "correct the path,")
        }
        // Nobody but this process can shorten the file.
        ErrorKind::UnexpectedEof => (FaultClass::Internal, "the file is shorter than what was written", "report it,"),
        _ => (FaultClass::Refused, "the file system reports an error", "look at the disk's health and the mount,"),
    };
    Fault::new(class, format!("cannot keep intermediate rows on disk: {came_back}"))
        .tried(format!("{what} a temporary file in {}", folder.display()))
        .hint(format!("{hint} {OTHER}"))
        .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_disk_does_not_let_us_do_is_nobodys_defect_and_names_the_folder() {
        let folder = Path::new("/var/spill");
        for (error, class) in [
            (Error::from(ErrorKind::StorageFull), FaultClass::Refused),
            (Error::from(ErrorKind::QuotaExceeded), FaultClass::Refused),
            (Error::from(ErrorKind::FileTooLarge), FaultClass::Refused),
            (Error::from(ErrorKind::ReadOnlyFilesystem), FaultClass::Refused),
            (Error::from(ErrorKind::PermissionDenied), FaultClass::Refused),
            (Error::from(ErrorKind::NotFound), FaultClass::Config),
            // EIO, which has no name.
            (Error::from_raw_os_error(5), FaultClass::Refused),
        ] {
            let told = error.to_string();
            let fault = disk("write", folder, error);
            assert_eq!(fault.class, class, "{told}");
            assert_eq!(fault.tried, "write a temporary file in /var/spill");
            assert!(!fault.hint.is_empty());
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let gone = dir.path().join("gone");
        let fault = Spill::new(&gone, 0).err().unwrap();
        assert_eq!(fault.class, FaultClass::Config);
        assert!(fault.tried.contains(gone.to_str().unwrap()), "{}", fault.tried);
    }
}
