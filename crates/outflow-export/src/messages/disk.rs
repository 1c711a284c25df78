//! Files of a flow's state: what is named here is on the disk, whole, or the name is not there.

use std::fs::File;
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

use outflow_model::{Fault, FaultClass};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Makes a folder and those above it that are missing. Their names survive a power cut.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Fault> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    make_folder(above)?;
    match std::fs::create_dir(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made.map_err(|e| unwritable(folder, e))?,
    }
    sync_folder(above)
}

/// Makes the names of files in `folder` survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| unwritable(folder, e))
}

/// Writes `value` as JSON to the file `name` of `folder`, in the place of one that is there. When it has its name it is
/// whole and on the disk.
pub(crate) fn write_json(folder: &Path, name: &str, value: &impl Serialize) -> Result<(), Fault> {
    let text = serde_json::to_vec(value);
    let text = text.map_err(|e| Fault::internal(format!("`{name}` cannot be written as JSON")).because(e))?;
    let (path, temporary) = (folder.join(name), folder.join(format!("{name}.part")));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&temporary, &path)).map_err(|e| unwritable(&path, e))?;
    sync_folder(folder)
}

/// Reads what [`write_json`] wrote.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Fault> {
    let text = std::fs::read(path).map_err(|e| unreadable(path, e))?;
    serde_json::from_slice(&text).map_err(|e| damaged(path, &e.to_string()))
}

/// The fault of a file or folder that the disk did not let us write.
pub(crate) fn unwritable(path: &Path, error: Error) -> Fault {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "give the data folder to the user that the server runs as"
        }
        _ => "check the data folder and its disk",
    };
    Fault::new(FaultClass::Refused, format!("the file {} cannot be written", path.display()))
        .tried(format!("write {}", path.display()))
        .hint(hint)
        .because(error)
}

/// The fault of a file that is not there or cannot be read.
pub(crate) fn unreadable(path: &Path, error: Error) -> Fault {
    Fault::input(format!("the file {} cannot be read", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("restore the file from a backup, or activate the flow anew")
        .because(error)
}

/// The fault of a file that is not what was written. `why` holds no value of a profile.
pub(crate) fn damaged(path: &Path, why: &str) -> Fault {
    Fault::input(format!("the file {} is damaged", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("restore the file from a backup, or activate the flow anew; check the disk")
        .because(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_is_cut_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        make_folder(&folder).unwrap();
        make_folder(&folder).unwrap();
        write_json(&folder, "x.json", &vec![1, 2]).unwrap();
        write_json(&folder, "x.json", &vec![1, 2, 3]).unwrap();
        let path = folder.join("x.json");
        assert_eq!(read_json::<Vec<u32>>(&path).unwrap(), [1, 2, 3]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::write(&path, "[1,").unwrap();
        let fault = read_json::<Vec<u32>>(&path).unwrap_err();
        assert_eq!(fault.class, FaultClass::Input);
        assert!(fault.message.contains("a/b/x.json"), "{}", fault.message);
        assert!(read_json::<Vec<u32>>(&folder.join("y.json")).unwrap_err().message.contains("y.json"));
        assert!(write_json(&folder.join("none"), "x", &1).unwrap_err().message.contains("none/x"));
    }
}
