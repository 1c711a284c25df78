//! What the operating system's errors mean for whoever waits for the files.

use std::io::{Error, ErrorKind};
use std::path::Path;

use outflow_model::{Fault, FaultClass};

/// The fault of doing `what` (an infinitive: "write") with `path`.
pub(super) fn from_io(what: &str, path: &Path, error: Error) -> Fault {
    let (class, message, hint) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            (FaultClass::Refused, "the disk is full", "free space on the disk, or raise the quota")
        }
        ErrorKind::ReadOnlyFilesystem => {
            (FaultClass::Refused, "the file system is read-only", "choose another folder, or mount it for writing")
        }
        ErrorKind::PermissionDenied => (
            FaultClass::Refused,
            "the folder's permissions do not allow it",
            "let the user that runs Outflow write to the folder",
        ),
        ErrorKind::NotFound => {
            (FaultClass::Config, "the folder does not exist", "make the folder, or correct the destination's path")
        }
        ErrorKind::NotADirectory => (
            FaultClass::Config,
            "a part of the path is a file, not a folder",
            "correct the destination's path or the folder macros",
        ),
        ErrorKind::InvalidFilename => {
            (FaultClass::Input, "the file system does not allow the name", "choose a shorter or simpler file name")
        }
        _ => (FaultClass::Refused, "the file system reports an error", "look at the disk's health and the mount"),
    };
    Fault::new(class, message).tried(format!("{what} {}", path.display())).hint(hint).because(error)
}

/// A read of something that is not there is the reader's mistake, not the folder's.
pub(super) fn from_read(path: &Path, error: Error) -> Fault {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        return Fault::input("there is no such file").tried(format!("read {}", path.display())).because(error);
    }
    from_io("read", path, error)
}

/// The blocking task was lost.
pub(super) fn lost(error: tokio::task::JoinError) -> Fault {
    Fault::internal("a task that works on the folder was lost").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_own_errors_are_classed() {
        // These come from the kernel, for root too.
        let full = std::fs::write("/dev/full", b"x").unwrap_err();
        let fault = from_io("write", Path::new("/srv/a.csv"), full);
        assert_eq!((fault.class, fault.message.as_str()), (FaultClass::Refused, "the disk is full"));
        assert_eq!(fault.tried, "write /srv/a.csv");
        let below_file = std::fs::File::open("/dev/null/a.csv").unwrap_err();
        assert_eq!(from_io("open", Path::new("/"), below_file).class, FaultClass::Config);
        let long = std::fs::File::open("/".to_owned() + &"x".repeat(300)).unwrap_err();
        assert_eq!(from_io("open", Path::new("/"), long).class, FaultClass::Input);
        for kind in [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied, ErrorKind::QuotaExceeded] {
            let fault = from_io("write", Path::new("/"), kind.into());
            assert!(fault.class == FaultClass::Refused && !fault.hint.is_empty(), "{fault:?}");
        }
    }
}
