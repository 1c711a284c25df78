//! The journal of what attempts began at destinations, in the database: every server sees every other's.
//!
//! An attempt is a claim of a job. It lives while the job's lease lives under the claim's fence; then its entries are
//! orphans, and whoever delivers to the same target next removes what they name. An attempt whose lease has ended may
//! not begin anything: nobody would know that it is not an orphan's.
//!
//! [`Journal`] is called from plain threads and from async tasks alike, and waits for its answer. The statements
//! therefore run on a thread with connections of its own, so that no task waits for another one of its own runtime.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use outflow_connector_kit::{Clock, Journal, JournalEntry, LivingEntry};
use outflow_model::Fault;
use sqlx::AnyPool;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::connect::{DatabaseUrl, Store, pool};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::jobs::{LEASE_LIVES, Lease};
use crate::sql::{self, Columns as _, args, count_arg};

/// Longest wait for an answer: for a connection, for SQLite's lock, and a statement.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// That the attempt of a journal's row `e` lives. `$1` is the time.
const ATTEMPT_LIVES: &str = "EXISTS (SELECT 1 FROM job j WHERE j.id = e.job_id AND j.fence = e.fence AND j.worker IS NOT NULL AND j.due_at > $1)";

/// What is asked of the thread. Each caller waits for its own answer, so there are as many questions as callers at
/// most.
struct Question {
    owner: Owner,
    what: What,
    answer: mpsc::SyncSender<Result<Answer, StoreError>>,
}

#[derive(Clone)]
struct Owner {
    lease: Lease,
    attempt: String,
}

enum What {
    Begin { id: String, entry: JournalEntry },
    End(JournalEntry),
    Orphans(String),
    Living(String),
}

/// Entries, each with the name of its attempt.
type Answer = Vec<(String, JournalEntry)>;

/// The thread that asks the database.
pub(crate) struct JournalThread {
    questions: UnboundedSender<Question>,
}

impl JournalThread {
    /// Starts it. It ends when nobody can ask it any more.
    fn start(url: DatabaseUrl, dialect: Dialect, clock: Clock) -> std::io::Result<JournalThread> {
        let (questions, asked) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || runtime.block_on(answer_all(asked, url, dialect, clock)))?;
        Ok(JournalThread { questions })
    }

    fn ask(&self, owner: &Owner, what: What) -> Result<Answer, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let gone = || StoreError::internal("the journal's thread is gone");
        self.questions.send(Question { owner: owner.clone(), what, answer }).map_err(|_| gone())?;
        let wait = || answered.recv_timeout(ANSWER_WAIT);
        // Who asks from a task would keep the tasks behind it on this thread waiting, of which one may hold the lock that
        // the answer waits for.
        let on_worker = Handle::try_current().is_ok_and(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
        match if on_worker { tokio::task::block_in_place(wait) } else { wait() } {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                Err(StoreError::Unavailable("the journal was not written in time".to_owned()))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }
}

async fn answer_all(mut asked: UnboundedReceiver<Question>, url: DatabaseUrl, dialect: Dialect, clock: Clock) {
    let mut connections: Option<AnyPool> = None;
    while let Some(Question { owner, what, answer }) = asked.recv().await {
        if connections.is_none() {
            match pool(&url, 1).await {
                Ok(made) => connections = Some(made),
                // Nobody waits any more where this fails to send.
                Err(error) => drop(answer.send(Err(error))),
            }
        }
        if let Some(connections) = &connections {
            drop(answer.send(answer_one(connections, dialect, &clock, &owner, what).await));
        }
    }
    if let Some(connections) = connections {
        connections.close().await;
    }
}

async fn answer_one(
    connections: &AnyPool,
    dialect: Dialect,
    clock: &Clock,
    owner: &Owner,
    what: What,
) -> Result<Answer, StoreError> {
    let mut tx = sql::answered(connections.begin_with(dialect.begin())).await?;
    let now = clock();
    let Owner { lease, attempt } = owner;
    let columns = "SELECT e.attempt, e.target, e.sink_path, e.handle FROM journal e";
    let order = "ORDER BY e.created_at, e.id";
    let rows = match what {
        What::Begin { id, entry: JournalEntry { target, sink_path, handle } } => {
            let living = format!("SELECT id FROM job WHERE {LEASE_LIVES}{}", dialect.for_share());
            if sql::row(&mut tx, living, args![&lease.job, lease.fence, now]).await?.is_none() {
                return Err(StoreError::LeaseLost { job: lease.job.clone() });
            }
            let insert = "INSERT INTO journal (id, job_id, fence, attempt, target, sink_path, handle, created_at) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let args = args![id, &lease.job, lease.fence, attempt, target, sink_path, handle, now];
            sql::execute(&mut tx, insert, args).await?;
            Vec::new()
        }
        What::End(entry) => {
            end(&mut tx, owner, &entry, now).await?;
            Vec::new()
        }
        What::Orphans(target) => {
            let orphans = format!("{columns} WHERE e.target = $2 AND NOT {ATTEMPT_LIVES} {order}");
            sql::rows(&mut tx, orphans, args![now, target]).await?
        }
        What::Living(target) => {
            let not_own = "NOT (e.job_id = $3 AND e.fence = $4 AND e.attempt = $5)";
            let living = format!("{columns} WHERE e.target = $2 AND {not_own} AND {ATTEMPT_LIVES} {order}");
            sql::rows(&mut tx, living, args![now, target, &lease.job, lease.fence, attempt]).await?
        }
    };
    sql::answered(tx.commit()).await?;
    let entry = |row: &sqlx::any::AnyRow| {
        let entry = JournalEntry { target: row.text(1)?, sink_path: row.text(2)?, handle: row.text(3)? };
        Ok((row.text(0)?, entry))
    };
    rows.iter().map(entry).collect()
}

/// Strikes out this attempt's own entry; where it has none like it, a dead attempt's, which it has swept.
async fn end(
    tx: &mut sqlx::AnyConnection,
    owner: &Owner,
    entry: &JournalEntry,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Owner { lease, attempt } = owner;
    let JournalEntry { target, sink_path, handle } = entry;
    let own = "DELETE FROM journal WHERE target = $1 AND sink_path = $2 AND handle = $3 \
               AND job_id = $4 AND fence = $5 AND attempt = $6";
    let args = args![target, sink_path, handle, &lease.job, lease.fence, attempt];
    if sql::execute(tx, own, args).await? == 0 {
        let dead = format!(
            "SELECT e.id FROM journal e WHERE e.target = $2 AND e.sink_path = $3 AND e.handle = $4 \
                            AND NOT {ATTEMPT_LIVES}"
        );
        let sql = format!("DELETE FROM journal WHERE id IN ({dead})");
        sql::execute(tx, sql, args![now, target, sink_path, handle]).await?;
    }
    Ok(())
}

/// The journal of one attempt.
struct StoreJournal {
    store: Store,
    owner: Owner,
}

impl StoreJournal {
    fn ask(&self, what: What) -> Result<Answer, Fault> {
        let thread = self.store.journal_thread();
        let thread = match thread.get() {
            Some(thread) => thread,
            None => {
                let started =
                    JournalThread::start(self.store.url().clone(), self.store.dialect(), self.store.clock().clone());
                let started = started.map_err(|e| Fault::internal("the journal's thread cannot start").because(e))?;
                thread.get_or_init(|| started)
            }
        };
        Ok(thread.ask(&self.owner, what)?)
    }
}

impl Journal for StoreJournal {
    fn begin(&self, entry: &JournalEntry) -> Result<(), Fault> {
        let id = self.store.new_id()?;
        self.ask(What::Begin { id, entry: entry.clone() }).map(drop)
    }

    fn end(&self, entry: &JournalEntry) -> Result<(), Fault> {
        self.ask(What::End(entry.clone())).map(drop)
    }

    fn orphans(&self, target: &str) -> Result<Vec<JournalEntry>, Fault> {
        Ok(self.ask(What::Orphans(target.to_owned()))?.into_iter().map(|(_, entry)| entry).collect())
    }

    fn living(&self, target: &str) -> Result<Vec<LivingEntry>, Fault> {
        let state_folder = self.store.url().to_string();
        let living = |(attempt, entry)| LivingEntry { attempt, state_folder: state_folder.clone(), entry };
        Ok(self.ask(What::Living(target.to_owned()))?.into_iter().map(living).collect())
    }
}

impl Store {
    /// Forgets up to `limit` entries that dead attempts made before `before`, and says how many it was. What they name
    /// is left to the lifecycle rules of its destination then.
    ///
    /// # Errors
    /// As of the database.
    pub async fn purge_journal(&self, before: DateTime<Utc>, limit: usize) -> Result<u64, StoreError> {
        let old = format!("SELECT e.id FROM journal e WHERE e.created_at < $2 AND NOT {ATTEMPT_LIVES} LIMIT $3");
        let mut tx = self.begin().await?;
        let args = args![self.now(), before, count_arg(limit as u64)];
        let purged = tx.execute(format!("DELETE FROM journal WHERE id IN ({old})"), args).await?;
        tx.commit().await?;
        Ok(purged)
    }

    /// The journal of the attempt that holds `lease`. `attempt` is what its temporary names hold.
    pub fn journal(&self, lease: &Lease, attempt: &str) -> Arc<dyn Journal> {
        let owner = Owner { lease: lease.clone(), attempt: attempt.to_owned() };
        Arc::new(StoreJournal { store: self.clone(), owner })
    }
}
