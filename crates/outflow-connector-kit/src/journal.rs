//! What must be removed should this process die: written before it is created, struck out when it is gone.

use std::sync::Mutex;

use outflow_model::Fault;
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

/// Keeps [`JournalEntry`]s across a crash. Implementations write through to disk before they answer.
pub trait Journal: Send + Sync {
    /// Records an entry, durably.
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault>;

    /// Strikes an entry out.
    fn end(&self, entry: &JournalEntry) -> Result<(), Fault>;

    /// The entries of `target` whose attempts are dead. Entries of living processes are not among them.
    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault>;
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
}
