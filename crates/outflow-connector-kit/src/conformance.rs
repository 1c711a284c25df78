//! What every connector must do, as one suite that runs against a real target.
//!
//! A connector's tests implement [`TestBed`] for a server and call [`conformance`]. The suite knows nothing of the kind
//! of target: it works through the contract's verbs, and asks the bed only for what no session shows, the leftovers.

mod content;
mod crash;
mod names;
mod probing;
mod publishing;
mod staging;
mod streams;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use outflow_model::Fault;
use serde_json::Value;

use crate::Clock;
use crate::connector::{Connector, SessionContext};
use crate::journal::{Journal, JournalEntry, LivingEntry};
use crate::retry::RetryPolicy;
use crate::session::Session;

pub use streams::{StreamTestBed, stream_conformance};

/// A target to run the suite against. Its prefix or folder must be empty at the start.
#[async_trait]
pub trait TestBed: Sync {
    /// The connector under test.
    fn connector(&self) -> &dyn Connector;

    /// An account that works.
    fn account(&self) -> Value;

    /// The time, for connectors that sign with it.
    fn clock(&self) -> Clock;

    /// The empty prefix or folder, with all rights that a delivery needs.
    fn target(&self) -> Value;

    /// An account that the target refuses, or `None` when this kind has no credentials.
    fn broken_account(&self) -> Option<Value>;

    /// What lies at the target that no session shows: temporary files, unfinished uploads. Asked for after the verbs
    /// that must leave nothing behind; seen with more than the connector's own eyes (the disk, an administrator's key).
    async fn leftovers(&self) -> Vec<String>;

    /// Whether the target decides which of two writers makes a new name. False for stores that ignore the condition, or
    /// look and write in two steps: there a connector's own look beforehand is all that protects a name.
    fn decides_between_writers(&self) -> bool {
        true
    }

    /// Whether a sweep finds leftovers by name when the journal is lost. True where the account may list.
    fn finds_leftovers_by_name(&self) -> bool {
        true
    }
}

/// Runs the whole suite.
///
/// # Panics
/// When the connector breaks the contract. The message names the rule.
pub async fn conformance(bed: &dyn TestBed) {
    probing::probe_passes_and_leaves_nothing(bed).await;
    probing::broken_credentials_make_the_probe_fail(bed).await;
    staging::every_size_comes_back_as_it_was_sent(bed).await;
    staging::a_cut_body_leaves_nothing(bed).await;
    staging::discarding_leaves_nothing(bed).await;
    staging::parts_can_be_staged_at_once(bed).await;
    publishing::equal_bytes_are_adopted(bed).await;
    publishing::a_taken_name_is_refused(bed).await;
    if bed.decides_between_writers() {
        publishing::of_two_writers_one_wins(bed).await;
    }
    publishing::a_static_name_is_replaced(bed).await;
    names::odd_names_and_folders_work(bed).await;
    names::listing_names_what_is_below_a_folder(bed).await;
    names::what_is_missing_is_said_to_be_missing(bed).await;
    names::ranges_are_exact(bed).await;
    names::escaping_names_are_refused(bed).await;
    crash::a_sweep_removes_what_the_journal_names_and_nothing_else(bed).await;
    crash::a_sweep_finds_leftovers_by_name(bed).await;
}

/// A journal whose owner can be declared dead. Shows what is open, so that a check can ask for an empty one.
#[derive(Default)]
struct TestJournal {
    open: Mutex<Vec<JournalEntry>>,
    orphans: Mutex<Vec<JournalEntry>>,
}

impl TestJournal {
    /// The journal that the next attempt finds: everything this one left open belongs to the dead.
    fn after_death(&self) -> Arc<TestJournal> {
        Arc::new(TestJournal { open: Mutex::default(), orphans: Mutex::new(guard(&self.open).clone()) })
    }

    fn open_entries(&self) -> usize {
        guard(&self.open).len() + guard(&self.orphans).len()
    }
}

impl Journal for TestJournal {
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault> {
        guard(&self.open).push(entry.clone());
        Ok(())
    }

    fn end(&self, entry: &JournalEntry) -> Result<(), Fault> {
        guard(&self.open).retain(|e| e != entry);
        guard(&self.orphans).retain(|e| e != entry);
        Ok(())
    }

    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault> {
        Ok(guard(&self.orphans).iter().filter(|e| e.target == target).cloned().collect())
    }

    fn living(&self, _target: &str) -> Result<Vec<LivingEntry>, Fault> {
        Ok(Vec::new())
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a session of the suite is opened with. `attempt` counts the processes that the suite plays.
fn context(bed: &dyn TestBed, attempt: u32, journal: Arc<TestJournal>) -> SessionContext {
    SessionContext {
        attempt: format!("{:08x}", 0xc0de_0000_u32 + attempt),
        journal,
        clock: bed.clock(),
        retry: RetryPolicy::default(),
        seed: u64::from(attempt),
        // Room for several parts of the smallest size that the strictest target allows (5 MiB).
        buffer_bytes_max: 64 << 20,
    }
}

async fn open(bed: &dyn TestBed, context: SessionContext) -> Box<dyn Session> {
    must("opening", bed.connector().open(&bed.account(), &bed.target(), context).await)
}

/// A session of its own, with its journal.
async fn session(bed: &dyn TestBed) -> (Box<dyn Session>, Arc<TestJournal>) {
    let journal = Arc::new(TestJournal::default());
    (open(bed, context(bed, 0, journal.clone())).await, journal)
}

/// Ends a check: the session closes, and nothing is left at the target or in the journal.
async fn finish(bed: &dyn TestBed, session: Box<dyn Session>, journal: &TestJournal) {
    must("closing", session.close().await);
    assert_eq!(journal.open_entries(), 0, "journal entries stay open");
    assert_eq!(bed.leftovers().await, Vec::<String>::new(), "leftovers");
}

fn must<T>(what: &str, result: Result<T, Fault>) -> T {
    result.unwrap_or_else(|fault| panic!("{what}: {} ({})", outflow_model::fault::chain(&fault), fault.tried))
}

fn must_fail<T>(what: &str, result: Result<T, Fault>) -> Fault {
    match result {
        Ok(_) => panic!("{what}: succeeded"),
        Err(fault) => fault,
    }
}
