//! The data folder: who may look into it, and how much room is left.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use outflow_model::FaultClass;
use serde_json::json;

use super::Check;
use crate::numbers::bytes;
use crate::server::folder::DataFolder;

/// With less free disk a refresh of a few million profiles fails.
const FREE_BYTES_WARN: u64 = 5 << 30;

/// With less, the database itself may fail to write.
const FREE_BYTES_FAIL: u64 = 256 << 20;

pub(super) fn look(data: &DataFolder, key_file: &Path, is_embedded: bool) -> Vec<Check> {
    vec![permissions(data, key_file, is_embedded), room(data.path())]
}

fn permissions(data: &DataFolder, key_file: &Path, is_embedded: bool) -> Check {
    let name = "permissions";
    let (admin_secret, database) = (data.admin_secret(), data.database());
    let mut paths = vec![data.path(), key_file, &admin_secret];
    if is_embedded {
        paths.push(&database);
    }
    let mut open = Vec::new();
    let mut owner = None;
    for path in paths {
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.permissions().mode() & 0o077 != 0 {
            open.push(path.display().to_string());
        }
        let first = *owner.get_or_insert(metadata.uid());
        if first != metadata.uid() && path != key_file {
            let hint = format!("chown it to the user that runs the server, as {} is", data.path().display());
            return Check::fail(name, FaultClass::Config, format!("{} is somebody else's", path.display()), hint);
        }
    }
    if open.is_empty() {
        return Check::ok(name, format!("{} and its secrets are for their owner alone", data.path().display()));
    }
    let hint = format!("chmod go= {}", open.join(" "));
    Check::fail(name, FaultClass::Config, format!("others can look into {}", open.join(", ")), hint)
}

fn room(folder: &Path) -> Check {
    let name = "disk";
    let found = match rustix::fs::statvfs(folder) {
        Ok(found) => found,
        Err(e) => return Check::warn(name, format!("free room is not known: {e}"), "look with df"),
    };
    let (free, all) = (found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize);
    let text = format!("{} of {} free", bytes(free), bytes(all));
    let hint = "make room: old runs and snapshots go by themselves as settings say (outflow settings), departures.bytes_max \
                bounds who left";
    let check = match free {
        free if free < FREE_BYTES_FAIL => Check::fail(name, FaultClass::Refused, text, hint),
        free if free < FREE_BYTES_WARN => Check::warn(name, text, hint),
        _ => Check::ok(name, text),
    };
    check.with(json!({"freeBytes": free, "bytes": all}))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn what_others_can_read_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&temp.path().join("data")).unwrap();
        std::fs::write(folder.keys(), "x").unwrap();
        let mode = |mode| std::fs::set_permissions(folder.keys(), std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        let check = permissions(&folder, &folder.keys(), true);
        assert_eq!(check.state, State::Fail(FaultClass::Config));
        assert!(check.found.contains("keys") && check.hint.starts_with("chmod go="), "{check:?}");
        mode(0o600);
        assert_eq!(permissions(&folder, &folder.keys(), true).state, State::Ok);
        assert!(room(temp.path()).detail["freeBytes"].as_u64().is_some());
    }
}
