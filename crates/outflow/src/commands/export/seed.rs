//! Encryption of a single run: the receiver's key from a file, and the run's seed in the state folder.
//!
//! The seed is what makes a second attempt's bytes equal to the first one's, and what opens the files. So it is in a file
//! that only the user reads, from before the first byte leaves until the run has succeeded.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use outflow_export::hex;
use outflow_export::openpgp::{Encryption, PublicKey, Seed};
use outflow_model::{Fault, FaultClass};

use crate::environment;

/// A run that nobody has tried again for so long is not tried again.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Reads the key that `--encrypt-to` names.
///
/// # Errors
/// `Input` when the file cannot be read or holds no key that files can be encrypted to now.
pub fn read_key(file: &Path) -> Result<PublicKey, Fault> {
    let given = std::fs::read(file).map_err(|e| {
        Fault::input(format!("cannot read {}", file.display())).tried(format!("open {}", file.display())).because(e)
    })?;
    let key = PublicKey::read(&given, environment::now());
    key.map_err(|problem| problem.fault(FaultClass::Input, format!("--encrypt-to {}", file.display())))
}

/// The seed of one run, kept in a file.
pub struct KeptSeed {
    path: PathBuf,
}

impl KeptSeed {
    /// Encryption to `key` for the run `run_id`: with the seed that an earlier attempt left in `state_dir`, or a new one.
    ///
    /// # Errors
    /// `Refused` when the state folder cannot be written to; `Internal` when there are no random bytes.
    pub fn encryption(state_dir: &Path, run_id: &str, key: PublicKey) -> Result<(KeptSeed, Encryption), Fault> {
        let folder = state_dir.join("seeds");
        let refused = |e| {
            Fault::new(FaultClass::Refused, "what the encryption begins with cannot be kept")
                .tried(format!("write below {}", folder.display()))
                .hint("choose another folder with --state-dir")
                .because(e)
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(refused)?;
        forget_old(&folder, environment::now().into());
        let kept = KeptSeed { path: folder.join(run_id) };
        let seed = match kept.read() {
            Some(seed) => seed,
            None => {
                kept.made(Seed::new(environment::random()?), &hex(&environment::random::<4>()?)).map_err(refused)?
            }
        };
        Ok((kept, Encryption::new(key, seed)))
    }

    /// Removes it: the run has succeeded.
    pub fn forget(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, file = %self.path.display(), "remove this file: it opens the files of a run that is over");
        }
    }

    fn read(&self) -> Option<Seed> {
        Seed::from_text(&std::fs::read_to_string(&self.path).ok()?)
    }

    /// Keeps `seed`, whole or not at all. Where another process was faster, its seed is the run's.
    fn made(&self, seed: Seed, attempt: &str) -> std::io::Result<Seed> {
        let new = self.path.with_extension(attempt);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(seed.to_text().as_bytes())?;
        file.sync_all()?;
        let seed = match std::fs::hard_link(&new, &self.path) {
            Ok(()) => seed,
            Err(error) => match self.read() {
                Some(earlier) if error.kind() == ErrorKind::AlreadyExists => earlier,
                // What is there is damaged, or the folder knows no links.
                _ => {
                    std::fs::rename(&new, &self.path)?;
                    return synced(&self.path, seed);
                }
            },
        };
        std::fs::remove_file(&new)?;
        synced(&self.path, seed)
    }
}

/// Waits until the file's name is on disk too.
fn synced(path: &Path, seed: Seed) -> std::io::Result<Seed> {
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(seed)
}

/// Removes the seeds of runs that nobody tried again.
fn forget_old(folder: &Path, now: SystemTime) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        if changed.is_ok_and(|changed| now.duration_since(changed).is_ok_and(|age| age > KEPT)) {
            // Where it cannot be removed, the next run tries again.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn seed(byte: u8) -> Seed {
        Seed::new([byte; 32])
    }

    #[test]
    fn a_seed_is_kept_for_its_user_alone_until_it_is_forgotten() {
        let temp = tempfile::tempdir().unwrap();
        let kept = KeptSeed { path: temp.path().join("run") };
        assert!(kept.read().is_none());
        assert_eq!(kept.made(seed(1), "a").unwrap().to_text(), seed(1).to_text());
        assert_eq!(std::fs::metadata(&kept.path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(kept.made(seed(2), "b").unwrap().to_text(), seed(1).to_text(), "the first one stays");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "nothing else is left");
        kept.forget();
        assert!(kept.read().is_none());
    }

    #[test]
    fn a_damaged_seed_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let kept = KeptSeed { path: temp.path().join("run") };
        std::fs::write(&kept.path, "").unwrap();
        assert_eq!(kept.made(seed(3), "a").unwrap().to_text(), seed(3).to_text());
        assert_eq!(kept.read().unwrap().to_text(), seed(3).to_text());
    }

    #[test]
    fn seeds_that_nobody_needs_any_more_go() {
        let temp = tempfile::tempdir().unwrap();
        let (old, new) = (temp.path().join("old"), temp.path().join("new"));
        for path in [&old, &new] {
            std::fs::write(path, "x").unwrap();
        }
        let now = File::open(&new).unwrap().metadata().unwrap().modified().unwrap();
        File::options().write(true).open(&old).unwrap().set_modified(now - KEPT - Duration::from_secs(1)).unwrap();
        forget_old(temp.path(), now);
        assert!(!old.exists() && new.exists());
    }
}
