//! What must be removed should this process die: written before it is created, struck out when it is gone.

use std::sync::Mutex;

use outflow_model::{Fault, FaultClass};
use serde::{Deserialize, Serialize};

/// Something invisible at the far end that only this attempt knows of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// The target it is at, as [`crate::Connector`] names it: sweeping another target never touches it.
    pub target: String,
    /// The final path or key it stands for.
    pub sink_path: String,
    /// The upload id, or the whole temporary path. Empty while an upload is being begun whose id is not known yet.
    pub handle: String,
}

/// An entry of an attempt that lives: another run that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingEntry {
    /// The attempt's name.
    pub attempt: String,
    /// Where its journal is, for messages.
    pub state_folder: String,
    /// What it has begun and not ended.
    pub entry: JournalEntry,
}

impl LivingEntry {
    /// Whether what stands under `sink_path` and `handle` may be this attempt's: without a handle it may be any.
    pub fn covers(&self, sink_path: &str, handle: &str) -> bool {
        self.entry.sink_path == sink_path && (self.entry.handle.is_empty() || self.entry.handle == handle)
    }
}

/// Keeps [`JournalEntry`]s across a crash. Implementations write through to disk before they answer.
pub trait Journal: Send + Sync {
    /// Records an entry, durably.
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault>;

    /// Strikes an entry out.
    fn end(&self, entry: &JournalEntry) -> Result<(), Fault>;

    /// The entries of `target` whose attempts are dead. Entries of living processes are not among them.
    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault>;

    /// The entries of `target` whose attempts live, this one's own left out. They must not be removed.
    fn living(&self, target: &str) -> Result<Vec<LivingEntry>, Fault>;
}

/// Refuses to go on where a living attempt has begun one of `sink_paths`. Two runs that deliver the same name would
/// remove each other's work. A sweep asks this first, and again after it has listed what it may remove: an attempt
/// journals what it makes before it makes it, so nothing in a listing can be a living attempt's that is not known now.
///
/// # Errors
/// `Refused`, naming the file, the attempt and where its journal is; the faults of reading the journals.
pub fn refuse_living<P: AsRef<str>>(journal: &dyn Journal, target: &str, sink_paths: &[P]) -> Result<(), Fault> {
    let living = journal.living(target)?;
    let Some(found) = living.iter().find(|l| sink_paths.iter().any(|p| p.as_ref() == l.entry.sink_path)) else {
        return Ok(());
    };
    let LivingEntry { attempt, state_folder, entry } = found;
    let name = entry.sink_path.rsplit('/').next().unwrap_or_default();
    Err(Fault::new(
        FaultClass::Refused,
        format!("another run is delivering {name} to {target} (attempt {attempt}, state folder {state_folder})"),
    )
    .tried(format!("begin {}", entry.sink_path))
    .hint("Wait for it to end, or stop it."))
}

/// A journal in memory, for tests and probes.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    entries: Mutex<Vec<JournalEntry>>,
}

impl MemoryJournal {
    /// A journal that starts with what a dead attempt left.
    pub fn with_orphans(entries: Vec<JournalEntry>) -> MemoryJournal {
        MemoryJournal { entries: Mutex::new(entries) }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<JournalEntry>> {
        self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault> {
        self.locked().push(entry.clone());
        Ok(())
    }

    fn end(&self, entry: &JournalEntry) -> Result<(), Fault> {
        self.locked().retain(|e| e != entry);
        Ok(())
    }

    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault> {
        Ok(self.locked().iter().filter(|e| e.target == target).cloned().collect())
    }

    fn living(&self, _target: &str) -> Result<Vec<LivingEntry>, Fault> {
        Ok(Vec::new())
    }
}
