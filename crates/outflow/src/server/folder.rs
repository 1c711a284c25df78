//! The data folder: who may look into it, and the small files at its top.
//!
//! | name | what | mode |
//! |---|---|---|
//! | `outflow.db` | metadata, unless it is in PostgreSQL | 0600 |
//! | `keys` | keys that seal stored secrets, unless another file is named | 0600 |
//! | `admin-secret` | secret of the client `admin` | 0600 |
//! | `server-url` | where the last server on this folder listened | 0600 |
//! | `server-lock` | held by the server whose database is in this folder, as long as it lives | 0600 |
//! | `data/` | what refreshes and evaluations made | 0700 |

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use outflow_model::{Fault, FaultClass};
use secrecy::SecretString;

/// Between two looks at whether the server before has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The data folder.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder where it is missing, for its owner alone; one that others can look into is closed.
    ///
    /// # Errors
    /// `Refused` when the folder cannot be made or is not ours.
    pub fn open(path: &Path) -> Result<DataFolder, Fault> {
        let refused = |e: std::io::Error| {
            Fault::new(FaultClass::Refused, format!("cannot use the data folder {}", path.display()))
                .tried(format!("make {} with mode 0700", path.display()))
                .hint("choose another with --data-dir, or give it to the user that runs the server")
                .because(e)
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(refused)?;
        let path = path.canonicalize().map_err(refused)?;
        let mode = std::fs::metadata(&path).map_err(refused)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).map_err(refused)?;
        }
        Ok(DataFolder(path))
    }

    /// The folder as somebody names it who only reads in it.
    pub fn at(path: &Path) -> DataFolder {
        DataFolder(path.to_path_buf())
    }

    /// The folder itself; absolute when it was opened.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the embedded database is.
    pub fn database(&self) -> PathBuf {
        self.0.join("outflow.db")
    }

    /// Where the keys are, unless the settings name another file.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Where the secret of the client `admin` is.
    pub fn admin_secret(&self) -> PathBuf {
        self.0.join("admin-secret")
    }

    /// Where a server says how it is reached.
    pub fn server_url(&self) -> PathBuf {
        self.0.join("server-url")
    }

    /// Makes this process the folder's only server, as long as what is answered lives. The system takes the lock back
    /// however a process ends, so whoever gets it knows that every server before is dead. Waits up to `wait` for one that
    /// is about to end.
    ///
    /// # Errors
    /// `Refused` when another one lives, or the file system knows no locks.
    pub async fn hold(&self, wait: Duration) -> Result<Held, Fault> {
        let path = self.0.join("server-lock");
        make_private(&path)?;
        let tried = format!("lock {}", path.display());
        let refused = |e| Fault::new(FaultClass::Refused, "the data folder cannot be locked").tried(&*tried).because(e);
        let file = std::fs::OpenOptions::new().write(true).open(&path).map_err(refused)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held { _file: file }),
                Err(std::fs::TryLockError::Error(e)) => return Err(refused(e)),
                Err(std::fs::TryLockError::WouldBlock) if waited >= wait => break,
                Err(std::fs::TryLockError::WouldBlock) => {}
            }
            if waited.is_zero() {
                tracing::info!("another server is on this data folder; waiting for its end");
            }
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
        }
        let message = format!("another server runs on the data folder {}", self.0.display());
        let hint = "stop it first, or choose another folder; several servers need a PostgreSQL database";
        Err(Fault::new(FaultClass::Refused, message).tried(tried).hint(hint))
    }
}

/// The right to be the only server on a data folder, until dropped.
#[derive(Debug)]
pub struct Held {
    _file: std::fs::File,
}

/// The text of a file that only its owner should read, without the line end.
///
/// # Errors
/// `Input` when it cannot be read.
pub fn read_secret(path: &Path) -> Result<SecretString, Fault> {
    let text = crate::settings::read(path)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// Makes an empty file for its owner alone, unless there is one.
///
/// # Errors
/// `Refused` when the disk does not take it.
pub fn make_private(path: &Path) -> Result<(), Fault> {
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.map(drop).map_err(|e| {
        Fault::new(FaultClass::Refused, format!("cannot write {}", path.display()))
            .tried(format!("make {}", path.display()))
            .because(e)
    })
}

/// Writes a file for its owner alone, whole or not at all.
///
/// # Errors
/// `Refused` when the disk does not take it.
pub fn write_secret(path: &Path, text: &str) -> Result<(), Fault> {
    let part = path.with_extension("part");
    let write = || {
        // One that a dead process left may have another mode.
        match std::fs::remove_file(&part) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => (),
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(|e| {
        Fault::new(FaultClass::Refused, format!("cannot write {}", path.display()))
            .tried(format!("write {}", path.display()))
            .because(e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_and_its_secrets_are_for_their_owner() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/data");
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        write_secret(&folder.admin_secret(), "hush\n").unwrap();
        write_secret(&folder.admin_secret(), "hush hush\n").unwrap();
        assert_eq!(mode(&folder.admin_secret()), 0o600);
        assert_eq!(read_secret(&folder.admin_secret()).unwrap().expose_secret(), "hush hush");
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn one_server_holds_the_folder_and_the_next_one_waits_for_its_end() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(temp.path()).unwrap();
        let held = folder.hold(Duration::ZERO).await.unwrap();
        assert_eq!(mode(&temp.path().join("server-lock")), 0o600);
        let told = folder.hold(LOOK_EVERY).await.unwrap_err();
        assert_eq!(told.class, FaultClass::Refused);
        assert!(told.message.contains("another server") && told.hint.contains("PostgreSQL"), "{told:?}");
        let (next, ()) = tokio::join!(folder.hold(Duration::from_secs(60)), async {
            tokio::task::yield_now().await;
            drop(held);
        });
        drop(next.unwrap());
    }

    #[test]
    fn an_open_folder_is_closed() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        DataFolder::open(temp.path()).unwrap();
        assert_eq!(mode(temp.path()), 0o700);
    }
}
