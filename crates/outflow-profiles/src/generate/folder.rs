//! The folder that a set of files goes to: claimed whole, published whole.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use outflow_model::{Fault, FaultClass};

/// A folder and the names that will be written to it. Dropped without [`Claim::publish`], it removes its temporary files.
pub(super) struct Claim {
    folder: PathBuf,
    names: Vec<String>,
}

/// Makes the folder if need be, and makes sure that nothing but a former set of the same names is in it: a reader of the
/// folder must not see a mixture.
pub(super) fn claim(folder: &Path, names: Vec<String>) -> Result<Claim, Fault> {
    std::fs::create_dir_all(folder).map_err(|error| io_fault("cannot make the folder", folder, error))?;
    let ours: HashSet<String> = names.iter().flat_map(|name| [name.clone(), temporary_name(name)]).collect();
    let listing = std::fs::read_dir(folder).map_err(|error| io_fault("cannot list", folder, error))?;
    let mut others = 0u64;
    let mut example = None;
    for entry in listing {
        let name = entry.map_err(|error| io_fault("cannot list", folder, error))?.file_name();
        if !name.to_str().is_some_and(|name| ours.contains(name)) {
            others += 1;
            example.get_or_insert(name);
        }
    }
    match example {
        None => Ok(Claim { folder: folder.to_path_buf(), names }),
        Some(name) => Err(Fault::input(format!(
            "the folder already holds {others} other {}, such as {name:?}",
            if others == 1 { "file" } else { "files" }
        ))
        .tried(format!("list {}", folder.display()))
        .hint("choose an empty folder or a new one, or remove what is in it")),
    }
}

impl Claim {
    /// The names, in order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Where file `n` is written.
    pub(super) fn temporary(&self, n: usize) -> PathBuf {
        self.folder.join(temporary_name(&self.names[n]))
    }

    /// Where file `n` is in the end.
    pub(super) fn target(&self, n: usize) -> PathBuf {
        self.folder.join(&self.names[n])
    }

    /// Gives every file its name.
    pub(super) fn publish(self) -> Result<(), Fault> {
        for n in 0..self.names.len() {
            let target = self.target(n);
            std::fs::rename(self.temporary(n), &target)
                .map_err(|error| io_fault("cannot rename to", &target, error))?;
        }
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        for n in 0..self.names.len() {
            // Most are not there: published, or never begun. One that stays is replaced by the next run.
            let _ = std::fs::remove_file(self.temporary(n));
        }
    }
}

fn temporary_name(name: &str) -> String {
    format!("{name}.part")
}

/// The fault of a file system call on the way out.
pub(super) fn io_fault(what: &str, path: &Path, error: io::Error) -> Fault {
    let (class, hint) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (FaultClass::Refused, "free some space, or generate fewer profiles")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (FaultClass::Refused, "choose a folder that you may write to")
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            (FaultClass::Input, "this is a file: choose a folder")
        }
        _ => (FaultClass::Refused, "check the folder and its disk"),
    };
    Fault::new(class, format!("{what} {}", path.display())).hint(hint).because(error)
}
