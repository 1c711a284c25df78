//! A [`Journal`] in the state folder, one file per attempt.
//!
//! Each attempt appends JSON lines to `ATTEMPT.journal` and holds an exclusive lock on it. The lock ends with the
//! process, however it ends, so a file whose lock can be taken belongs to a dead attempt: its entries are orphans.
//! Whoever sweeps an orphan writes that into the dead attempt's file, so that a second sweep does not do it again, and
//! removes the file once nothing is left in it. Meanwhile the file says that it is being swept, so that nobody takes its
//! lock for a sign of life.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use outflow_model::{Fault, FaultClass};
use serde::{Deserialize, Serialize};

use crate::journal::{Journal, JournalEntry, LivingEntry};

/// How a journal file is recognised.
const EXTENSION: &str = "journal";

/// How a journal file is called until it is locked.
const NAMELESS: &str = "new";

/// One line of a journal file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    Begin(JournalEntry),
    End(JournalEntry),
    /// The attempt that wrote the lines before is dead; the attempt named here removes what it left.
    Swept(String),
}

/// Keeps journal entries in a folder that outlives the process. Safe to share between tasks.
pub struct FileJournal {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    own: Ledger,
    /// Files of dead attempts that hold orphans which this process was told of. Their locks are held until each is ended.
    adopted: Vec<Adopted>,
}

struct Adopted {
    ledger: Ledger,
    target: String,
}

impl FileJournal {
    /// Opens the journal of `attempt` in `state_dir`, which is made (mode 0700) when it is missing. The file has mode 0600.
    ///
    /// # Errors
    /// `Config` when the folder or the file cannot be made; `Internal` when `attempt` was used before.
    pub fn open(state_dir: &Path, attempt: &str) -> Result<FileJournal, Fault> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(state_dir).map_err(|e| broken(state_dir, e))?;
        let path = state_dir.join(format!("{attempt}.{EXTENSION}"));
        if path.exists() {
            return Err(Fault::internal(format!("attempt {attempt} has a journal already"))
                .tried(format!("create {}", path.display())));
        }
        let file = match create(state_dir, attempt, &path) {
            // A sweep took the file for a dead attempt's before it was locked.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => create(state_dir, attempt, &path),
            created => created,
        };
        let file = file.map_err(|e| broken(&path, e))?;
        sync_folder(state_dir)?;
        let own = Ledger { path, file, open: Vec::new(), torn: false };
        Ok(FileJournal { folder: state_dir.to_owned(), state: Mutex::new(State { own, adopted: Vec::new() }) })
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal files in the folder that this process does not hold. Files without a name of their own are removed.
    fn others(&self, state: &State) -> Result<Vec<PathBuf>, Fault> {
        let held: HashSet<&Path> =
            state.adopted.iter().map(|a| &a.ledger).chain([&state.own]).map(|l| l.path.as_path()).collect();
        let mut paths = Vec::new();
        for item in std::fs::read_dir(&self.folder).map_err(|e| broken(&self.folder, e))? {
            let path = item.map_err(|e| broken(&self.folder, e))?.path();
            if path.extension().is_some_and(|e| e == NAMELESS) {
                remove_nameless(&path)?;
            }
            if path.extension().is_some_and(|e| e == EXTENSION) && !held.contains(path.as_path()) {
                paths.push(path);
            }
        }
        Ok(paths)
    }

    /// Lets one process at a time look at the others' files: looking takes their locks for a moment, which another one
    /// that looks would take for a sign of life. Where the file system locks no folders, that rare mistake is possible.
    fn looking(&self) -> Option<File> {
        let folder = File::open(&self.folder).ok()?;
        folder.lock().ok()?;
        Some(folder)
    }
}

/// Makes and locks the file of `attempt`. It is locked before it gets its name, so that a sweep of another process does
/// not find a living attempt's journal unlocked.
fn create(state_dir: &Path, attempt: &str, path: &Path) -> std::io::Result<File> {
    let nameless = state_dir.join(format!("{attempt}.{NAMELESS}"));
    let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(&nameless)?;
    file.lock()?;
    std::fs::rename(&nameless, path)?;
    Ok(file)
}

/// Removes the file of an attempt that died before its journal had a name. Nothing was begun in it.
fn remove_nameless(path: &Path) -> Result<(), Fault> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    if file.try_lock().is_err() {
        return Ok(());
    }
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(broken(path, e)),
        _ => Ok(()),
    }
}

impl Journal for FileJournal {
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault> {
        self.locked().own.begin(entry)
    }

    fn end(&self, entry: &JournalEntry) -> Result<(), Fault> {
        let mut state = self.locked();
        if state.own.open.contains(entry) {
            return state.own.end(entry);
        }
        let Some(at) = state.adopted.iter().position(|a| a.ledger.open.contains(entry)) else { return Ok(()) };
        let adopted = &mut state.adopted[at];
        adopted.ledger.end(entry)?;
        if adopted.ledger.open.is_empty() {
            state.adopted.swap_remove(at).ledger.remove()?;
        } else if !adopted.ledger.open.iter().any(|e| e.target == adopted.target) {
            // The rest belongs to other targets: whoever sweeps those may take the lock.
            state.adopted.swap_remove(at);
        }
        Ok(())
    }

    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault> {
        let mut state = self.locked();
        let looking = self.looking();
        for path in self.others(&state)? {
            let Some(mut ledger) = Ledger::take_over(&path)? else { continue };
            if ledger.open.is_empty() {
                ledger.remove()?;
            } else if ledger.open.iter().any(|e| e.target == target) {
                ledger.append(&Line::Swept(state.own.attempt()))?;
                state.adopted.push(Adopted { ledger, target: target.to_owned() });
            }
        }
        drop(looking);
        let entries = state.adopted.iter().flat_map(|a| &a.ledger.open).filter(|e| e.target == target);
        Ok(entries.cloned().collect())
    }

    fn living(&self, target: &str) -> Result<Vec<LivingEntry>, Fault> {
        let state = self.locked();
        let _looking = self.looking();
        let mut living = Vec::new();
        for path in self.others(&state)? {
            let Some(ledger) = Ledger::look(&path)? else { continue };
            let (attempt, state_folder) = (ledger.attempt(), self.folder.display().to_string());
            let ours = ledger.open.into_iter().filter(|e| e.target == target);
            living.extend(ours.map(|entry| LivingEntry {
                attempt: attempt.clone(),
                state_folder: state_folder.clone(),
                entry,
            }));
        }
        Ok(living)
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        let state = self.locked();
        if state.own.open.is_empty() {
            // Nothing depends on it: a finished file that stays is removed by the next sweep.
            let _ = std::fs::remove_file(&state.own.path);
        }
    }
}

/// One journal file, locked as long as it is open, and what is begun and not ended in it.
struct Ledger {
    path: PathBuf,
    file: File,
    open: Vec<JournalEntry>,
    /// The last line may have been written in part.
    torn: bool,
}

impl Ledger {
    /// Opens a file whose attempt is dead, or `None` when the attempt lives or the file is gone.
    fn take_over(path: &Path) -> Result<Option<Ledger>, Fault> {
        let file = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(broken(path, e)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(e)) => return Err(broken(path, e)),
        }
        let mut ledger = Ledger { path: path.to_owned(), file, open: Vec::new(), torn: false };
        ledger.load()?;
        Ok(Some(ledger))
    }

    /// Reads the file of an attempt that lives; `None` when it is dead, being swept, or the file is gone.
    fn look(path: &Path) -> Result<Option<Ledger>, Fault> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(broken(path, e)),
        };
        match file.try_lock_shared() {
            Ok(()) => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(broken(path, e)),
        }
        let mut ledger = Ledger { path: path.to_owned(), file, open: Vec::new(), torn: false };
        let swept = ledger.load()?;
        Ok((!swept).then_some(ledger))
    }

    /// The name of the attempt that the file is of.
    fn attempt(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Reads the entries; answers whether they are being swept. A line that is no JSON was cut off by a crash or a full
    /// disk before `begin` answered, so nothing was made.
    fn load(&mut self) -> Result<bool, Fault> {
        let mut text = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut text))
            .map_err(|e| broken(&self.path, e))?;
        let mut swept = false;
        for line in text.split(|b| *b == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Line::Begin(entry)) => self.open.push(entry),
                Ok(Line::End(entry)) => self.open.retain(|e| *e != entry),
                Ok(Line::Swept(_)) => swept = true,
                Err(_) => {}
            }
        }
        self.torn = text.last().is_some_and(|b| *b != b'\n');
        Ok(swept)
    }

    fn begin(&mut self, entry: &JournalEntry) -> Result<(), Fault> {
        self.append(&Line::Begin(entry.clone()))?;
        self.open.push(entry.clone());
        Ok(())
    }

    fn end(&mut self, entry: &JournalEntry) -> Result<(), Fault> {
        self.append(&Line::End(entry.clone()))?;
        self.open.retain(|e| e != entry);
        Ok(())
    }

    /// One write, so that a crash leaves at most one torn line, and it is on disk before this answers. Behind a line that
    /// a full disk tore a new one is begun, or the next entry would be lost with it.
    fn append(&mut self, line: &Line) -> Result<(), Fault> {
        let mut text = if self.torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut text, line)
            .map_err(|e| Fault::internal("a journal entry has no JSON form").because(e))?;
        text.push(b'\n');
        self.torn = true;
        self.file.write_all(&text).and_then(|()| self.file.sync_data()).map_err(|e| broken(&self.path, e))?;
        self.torn = false;
        Ok(())
    }

    fn remove(self) -> Result<(), Fault> {
        match std::fs::remove_file(&self.path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(broken(&self.path, e)),
            _ => Ok(()),
        }
    }
}

fn sync_folder(path: &Path) -> Result<(), Fault> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|e| broken(path, e))
}

fn broken(path: &Path, error: std::io::Error) -> Fault {
    Fault::new(FaultClass::Config, "the journal of begun uploads cannot be kept")
        .tried(format!("write {}", path.display()))
        .hint("choose a state folder (--state-dir) that is writable and has space")
        .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::refuse_living;
    use std::os::unix::fs::PermissionsExt as _;

    fn entry(target: &str, handle: &str) -> JournalEntry {
        JournalEntry { target: target.into(), sink_path: "a.csv".into(), handle: handle.into() }
    }

    /// What a killed process leaves: its entries, and no lock.
    fn die(journal: FileJournal) {
        drop(journal);
    }

    #[test]
    fn a_living_attempts_entries_are_nobodys_orphans() {
        let folder = tempfile::tempdir().unwrap();
        let living = FileJournal::open(folder.path(), "0000000a").unwrap();
        living.begin(&entry("t", "1")).unwrap();
        let other = FileJournal::open(folder.path(), "0000000b").unwrap();
        assert_eq!(other.orphans("t").unwrap(), []);
        assert_eq!(living.orphans("t").unwrap(), []);
    }

    #[test]
    fn a_dead_attempts_entries_are_ended_once_and_its_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let dead = FileJournal::open(folder.path(), "0000000a").unwrap();
        for handle in ["1", "2", "3"] {
            dead.begin(&entry("t", handle)).unwrap();
        }
        dead.end(&entry("t", "2")).unwrap();
        die(dead);

        let second = FileJournal::open(folder.path(), "0000000b").unwrap();
        assert_eq!(second.orphans("t").unwrap(), [entry("t", "1"), entry("t", "3")]);
        second.end(&entry("t", "1")).unwrap();
        die(second);

        let third = FileJournal::open(folder.path(), "0000000c").unwrap();
        assert_eq!(third.orphans("t").unwrap(), [entry("t", "3")]);
        third.end(&entry("t", "3")).unwrap();
        drop(third);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn another_targets_orphans_stay_and_can_be_swept_by_someone_else() {
        let folder = tempfile::tempdir().unwrap();
        let dead = FileJournal::open(folder.path(), "0000000a").unwrap();
        dead.begin(&entry("t", "1")).unwrap();
        dead.begin(&entry("u", "2")).unwrap();
        die(dead);
        let first = FileJournal::open(folder.path(), "0000000b").unwrap();
        for orphan in first.orphans("t").unwrap() {
            first.end(&orphan).unwrap();
        }
        let second = FileJournal::open(folder.path(), "0000000c").unwrap();
        assert_eq!(second.orphans("t").unwrap(), []);
        assert_eq!(second.orphans("u").unwrap(), [entry("u", "2")]);
    }

    #[test]
    fn a_torn_last_line_is_no_entry_and_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let dead = FileJournal::open(folder.path(), "0000000a").unwrap();
        dead.begin(&entry("t", "1")).unwrap();
        die(dead);
        let path = folder.path().join("0000000a.journal");
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"begin":{"target":"t","sin"#).unwrap();
        let next = FileJournal::open(folder.path(), "0000000b").unwrap();
        assert_eq!(next.orphans("t").unwrap(), [entry("t", "1")]);
        next.end(&entry("t", "1")).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_line_that_a_full_disk_tore_spoils_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0000000a.journal");
        let journal = FileJournal::open(folder.path(), "0000000a").unwrap();
        journal.begin(&entry("t", "1")).unwrap();
        // A disk that is full takes the first bytes of a line and fails.
        let sound = std::mem::replace(&mut journal.locked().own.file, File::open(&path).unwrap());
        assert_eq!(journal.begin(&entry("t", "2")).unwrap_err().class, FaultClass::Config);
        journal.locked().own.file = sound;
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"begin":{"target":"t","sin"#).unwrap();
        journal.begin(&entry("t", "3")).unwrap();
        die(journal);
        let next = FileJournal::open(folder.path(), "0000000b").unwrap();
        assert_eq!(next.orphans("t").unwrap(), [entry("t", "1"), entry("t", "3")]);
    }

    #[test]
    fn who_delivers_a_name_already_is_told_and_the_dead_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let dead = FileJournal::open(folder.path(), "0000000a").unwrap();
        dead.begin(&entry("t", "1")).unwrap();
        die(dead);
        let living = FileJournal::open(folder.path(), "0000000b").unwrap();
        let other = FileJournal::open(folder.path(), "0000000c").unwrap();
        refuse_living(&other, "t", &["a.csv"]).unwrap();
        living.begin(&entry("t", "2")).unwrap();
        other.begin(&entry("t", "3")).unwrap();
        let state_folder = folder.path().display().to_string();
        let found = other.living("t").unwrap();
        assert_eq!(found, [LivingEntry { attempt: "0000000b".into(), state_folder, entry: entry("t", "2") }]);
        let fault = refuse_living(&other, "t", &["b.csv", "a.csv"]).unwrap_err();
        assert_eq!(fault.class, FaultClass::Refused);
        assert!(fault.message.starts_with("another run is delivering a.csv to t (attempt 0000000b, "), "{fault}");
        refuse_living(&other, "t", &["b.csv"]).unwrap();
        refuse_living(&other, "u", &["a.csv"]).unwrap();
        living.end(&entry("t", "2")).unwrap();
        refuse_living(&other, "t", &["a.csv"]).unwrap();
    }

    #[test]
    fn a_dead_attempt_that_another_run_sweeps_does_not_seem_alive() {
        let folder = tempfile::tempdir().unwrap();
        let dead = FileJournal::open(folder.path(), "0000000a").unwrap();
        dead.begin(&entry("t", "1")).unwrap();
        die(dead);
        let sweeping = FileJournal::open(folder.path(), "0000000b").unwrap();
        assert_eq!(sweeping.orphans("t").unwrap(), [entry("t", "1")]);
        let other = FileJournal::open(folder.path(), "0000000c").unwrap();
        assert_eq!(other.living("t").unwrap(), []);
        assert_eq!(other.orphans("t").unwrap(), [], "one sweeps it");
        die(sweeping);
        assert_eq!(other.orphans("t").unwrap(), [entry("t", "1")], "the sweeper died");
    }

    #[test]
    fn only_the_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state/uploads");
        let journal = FileJournal::open(&state, "0000000a").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(mode(&state.join("0000000a.journal")), 0o600);
        drop(journal);
        assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);
    }

    #[test]
    fn an_attempts_name_is_used_once() {
        let folder = tempfile::tempdir().unwrap();
        let _first = FileJournal::open(folder.path(), "0000000a").unwrap();
        assert!(FileJournal::open(folder.path(), "0000000a").is_err());
    }
}
