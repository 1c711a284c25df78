//! The job queue: work that survives restarts and is done by one worker at a time.
//!
//! A worker claims a job for the length of a lease and renews it while it works. Each claim raises the job's **fence**.
//! A lease that ran out can be claimed by anyone; the worker that had it finds out at its next write, because
//! everything that a job's owner does is guarded by the lease ([`crate::FencedTx`]). There is one job at a time for one
//! thing to do (kind and subject), and a job that is done leaves no row.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::any::AnyRow;
use tokio::sync::Notify;

use crate::artifacts::Artifact;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Columns as _, args, count_of, in_list};
use crate::tx::{FencedTx, Reader, Tx};

/// Work to be queued.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// What is to be done.
    pub kind: &'a str,
    /// To what: an id.
    pub subject: &'a str,
    /// In which sandbox.
    pub sandbox: &'a str,
    /// What the worker needs to know.
    pub payload: Value,
    /// Not before this time.
    pub run_at: DateTime<Utc>,
    /// Of jobs that are due, those of a higher priority go first.
    pub priority: i64,
}

/// What became of work that was to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The job's id.
    pub id: String,
    /// False when the same was queued, or under way, already; that job is left as it is.
    pub is_new: bool,
}

/// What a worker holds: a job, under the fence of its claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job's id.
    pub job: String,
    /// The number of the claim.
    pub fence: i64,
}

/// A job that a worker has claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// In which sandbox.
    pub sandbox: String,
    /// What the worker needs to know, and what earlier attempts left for it.
    pub payload: Value,
    /// 1 for the first. A claim counts, unless it is handed back.
    pub attempt: i64,
    /// The number of this claim.
    pub fence: i64,
    /// Who claimed it.
    pub worker: String,
    /// When the lease runs out.
    pub lease_until: DateTime<Utc>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Whether it was asked to stop.
    pub cancel: bool,
    /// Why it was put off last.
    pub note: Option<String>,
}

impl Job {
    /// What writes are guarded by.
    pub fn lease(&self) -> Lease {
        Lease { job: self.id.clone(), fence: self.fence }
    }
}

/// A job, seen from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct JobInfo {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// In which sandbox.
    pub sandbox: String,
    /// What the worker needs to know, and what it has left there.
    pub payload: Value,
    /// Attempts so far.
    pub attempt: i64,
    /// The worker whose lease lives; none while it waits.
    pub worker: Option<String>,
    /// When it may be claimed: when it is due, or when the lease runs out.
    pub due_at: DateTime<Utc>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Whether it was asked to stop.
    pub cancel: bool,
    /// Why it was put off last.
    pub note: Option<String>,
}

/// An answer to a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// When the lease runs out now.
    pub lease_until: DateTime<Utc>,
    /// Whether the job was asked to stop.
    pub cancel: bool,
}

/// How many jobs of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// The kind.
    pub kind: String,
    /// Jobs that are due and that nobody works on.
    pub due: u64,
    /// Jobs that are to be done later.
    pub later: u64,
    /// Jobs under a living lease.
    pub running: u64,
}

/// That a lease lives: `$1` is the job, `$2` the fence, `$3` the time.
pub(crate) const LEASE_LIVES: &str = "id = $1 AND fence = $2 AND worker IS NOT NULL AND due_at > $3";

/// Claimed rows, as [`job_of`] reads them.
const CLAIMED: &str = "id, kind, subject, sandbox, payload, attempt, fence, worker, due_at, created_at, cancel, note";

fn job_of(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.text(0)?,
        kind: row.text(1)?,
        subject: row.text(2)?,
        sandbox: row.text(3)?,
        payload: row.json(4)?,
        attempt: row.int(5)?,
        fence: row.int(6)?,
        worker: row.text(7)?,
        lease_until: row.time(8)?,
        created_at: row.time(9)?,
        cancel: row.flag(10)?,
        note: row.text_or_null(11)?,
    })
}

fn end_of(now: DateTime<Utc>, lease: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::MAX / 2)
}

impl Store {
    /// Claims the most urgent job that is due and of one of `kinds`. Of several workers, on whatever servers, one gets
    /// it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn claim(&self, worker: &str, lease: Duration, kinds: &[&str]) -> Result<Option<Job>, StoreError> {
        let now = self.now();
        // Looking needs no lock. With SQLite idle workers would otherwise take the one write lock again and again.
        if self.next_due(kinds).await?.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        let (list, kinds) = in_list(4, &kinds);
        let mut args = args![now, end_of(now, lease), worker];
        args.extend(kinds);
        let skip = self.dialect().for_update_skip_locked();
        let most_urgent = format!(
            "SELECT id FROM job WHERE due_at <= $1 AND kind IN {list} ORDER BY priority DESC, due_at, id LIMIT 1{skip}"
        );
        let sql = format!(
            "UPDATE job SET worker = $3, due_at = $2, fence = fence + 1, attempt = attempt + 1 \
             WHERE id = ({most_urgent}) RETURNING {CLAIMED}"
        );
        let mut tx = self.begin().await?;
        let job = tx.changed(sql, args).await?.as_ref().map(job_of).transpose()?;
        tx.commit().await?;
        Ok(job)
    }

    /// Lengthens a lease from now.
    ///
    /// # Errors
    /// `LeaseLost` when it does not live any more; as of the database.
    pub async fn renew(&self, lease: &Lease, length: Duration) -> Result<Renewed, StoreError> {
        let now = self.now();
        let lease_until = end_of(now, length);
        let sql = format!("UPDATE job SET due_at = $4 WHERE {LEASE_LIVES} RETURNING cancel");
        let mut tx = self.begin().await?;
        let row = tx.changed(sql, args![&lease.job, lease.fence, now, lease_until]).await?;
        let row = row.ok_or_else(|| StoreError::LeaseLost { job: lease.job.clone() })?;
        let cancel = row.flag(0)?;
        tx.commit().await?;
        Ok(Renewed { lease_until, cancel })
    }

    /// Gives a job back unfinished, due at once; the attempt does not count. A lease that was lost is left alone.
    ///
    /// # Errors
    /// As of the database.
    pub async fn hand_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let now = self.now();
        let sql = "UPDATE job SET worker = NULL, due_at = $3, attempt = attempt - 1 \
                   WHERE id = $1 AND fence = $2 AND worker IS NOT NULL";
        let mut tx = self.begin().await?;
        tx.has_work = tx.execute(sql, args![&lease.job, lease.fence, now]).await? > 0;
        tx.commit().await
    }

    /// Ends every lease at once, and says how many there were. The jobs are due, their attempts count, and whoever had a
    /// lease has lost it. For who knows that every worker is dead: the only process that may use this database, before its
    /// own workers begin.
    ///
    /// # Errors
    /// As of the database.
    pub async fn release_leases(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let sql = "UPDATE job SET worker = NULL, due_at = $1 WHERE worker IS NOT NULL";
        let released = tx.execute(sql, args![now]).await?;
        tx.has_work = released > 0;
        tx.commit().await?;
        Ok(released)
    }

    /// When the next job of one of `kinds` may be claimed, in the past where one waits already. Of a job that is being
    /// worked on that is when its lease runs out.
    ///
    /// # Errors
    /// As of the database.
    pub async fn next_due(&self, kinds: &[&str]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        if kinds.is_empty() {
            return Ok(None);
        }
        let (list, args) = in_list(1, &kinds);
        let row = self.read().await?.row(format!("SELECT MIN(due_at) FROM job WHERE kind IN {list}"), args).await?;
        row.map_or(Ok(None), |r| r.time_or_null(0))
    }

    /// Tells workers of this process that something was queued. It may wake one for nothing, and does not hear of other
    /// processes: workers also look from time to time.
    pub fn wakeup(&self) -> Arc<Notify> {
        self.notify().clone()
    }

    pub(crate) fn wake_workers(&self) {
        self.notify().notify_waiters();
        // For a worker that is about to wait.
        self.notify().notify_one();
    }
}

impl Reader {
    /// The job that does `kind` to `subject`, waiting or under way.
    ///
    /// # Errors
    /// As of the database.
    pub async fn job(&mut self, kind: &str, subject: &str) -> Result<Option<JobInfo>, StoreError> {
        let now = self.store.now();
        let sql = format!("SELECT {CLAIMED} FROM job WHERE kind = $1 AND subject = $2");
        let Some(row) = self.row(sql, args![kind, subject]).await? else { return Ok(None) };
        let due_at = row.time(8)?;
        Ok(Some(JobInfo {
            id: row.text(0)?,
            kind: row.text(1)?,
            subject: row.text(2)?,
            sandbox: row.text(3)?,
            payload: row.json(4)?,
            attempt: row.int(5)?,
            worker: row.text_or_null(7)?.filter(|_| due_at > now),
            due_at,
            created_at: row.time(9)?,
            cancel: row.flag(10)?,
            note: row.text_or_null(11)?,
        }))
    }

    /// How many jobs there are, by kind.
    ///
    /// # Errors
    /// As of the database.
    pub async fn queue_depth(&mut self) -> Result<Vec<QueueDepth>, StoreError> {
        let now = self.store.now();
        let sql = "SELECT kind, COUNT(CASE WHEN due_at <= $1 THEN 1 END), \
                   COUNT(CASE WHEN due_at > $1 AND worker IS NULL THEN 1 END), \
                   COUNT(CASE WHEN due_at > $1 AND worker IS NOT NULL THEN 1 END) FROM job GROUP BY kind ORDER BY kind";
        let depth = |row: &AnyRow| {
            let (due, later, running) = (count_of(row.int(1)?), count_of(row.int(2)?), count_of(row.int(3)?));
            Ok(QueueDepth { kind: row.text(0)?, due, later, running })
        };
        self.rows(sql, args![now]).await?.iter().map(depth).collect()
    }
}

impl Tx {
    /// Queues a job, unless the same is queued or under way.
    ///
    /// # Errors
    /// As of the database.
    pub async fn enqueue(&mut self, new: &NewJob<'_>) -> Result<Enqueued, StoreError> {
        /// A job may end between finding it in the way and looking for it.
        const TRIES: usize = 5;
        self.has_work = true;
        for _ in 0..TRIES {
            let (id, now) = (self.store.new_id()?, self.store.stamp());
            let sql = "INSERT INTO job (id, kind, subject, sandbox, payload, priority, due_at, attempt, fence, cancel, created_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8) ON CONFLICT DO NOTHING";
            let args = args![&id, new.kind, new.subject, new.sandbox, &new.payload, new.priority, new.run_at, now];
            if self.execute(sql, args).await? > 0 {
                return Ok(Enqueued { id, is_new: true });
            }
            let sql = "SELECT id FROM job WHERE kind = $1 AND subject = $2";
            if let Some(row) = self.row(sql, args![new.kind, new.subject]).await? {
                return Ok(Enqueued { id: row.text(0)?, is_new: false });
            }
        }
        Err(StoreError::Unavailable("a job ended each time it was looked for".to_owned()))
    }

    /// Asks a job to stop. One that waits becomes due at once, so that a worker can end what it stands for; one under
    /// way learns it at its next renewal. False when there is none.
    ///
    /// # Errors
    /// As of the database.
    pub async fn request_cancel(&mut self, kind: &str, subject: &str) -> Result<bool, StoreError> {
        let now = self.store.now();
        self.has_work = true;
        let sql = "UPDATE job SET cancel = 1, due_at = CASE WHEN worker IS NULL THEN $3 ELSE due_at END \
                   WHERE kind = $1 AND subject = $2";
        Ok(self.execute(sql, args![kind, subject, now]).await? > 0)
    }

    /// Removes a job that nobody works on. False when there is none, or somebody does.
    ///
    /// # Errors
    /// As of the database.
    pub async fn drop_job(&mut self, kind: &str, subject: &str) -> Result<bool, StoreError> {
        let now = self.store.now();
        let sql = "DELETE FROM job WHERE kind = $1 AND subject = $2 AND (worker IS NULL OR due_at <= $3) RETURNING id";
        let Some(row) = self.changed(sql, args![kind, subject, now]).await? else { return Ok(false) };
        self.execute("DELETE FROM artifact_pin WHERE job_id = $1", args![row.text(0)?]).await?;
        Ok(true)
    }

    /// Locks the row of a job whose lease lives.
    pub(crate) async fn hold(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let now = self.store.now();
        let sql = format!("SELECT id FROM job WHERE {LEASE_LIVES}{}", self.dialect().for_update());
        let row = self.row(sql, args![&lease.job, lease.fence, now]).await?;
        row.map(drop).ok_or_else(|| StoreError::LeaseLost { job: lease.job.clone() })
    }
}

impl FencedTx {
    /// Keeps what a later attempt needs to know.
    ///
    /// # Errors
    /// As of the database.
    pub async fn set_payload(&mut self, payload: &Value) -> Result<(), StoreError> {
        let job = self.lease().job.clone();
        self.execute("UPDATE job SET payload = $2 WHERE id = $1", args![job, payload]).await.map(drop)
    }

    /// Ends the job: its row and its pins are gone once this is committed.
    ///
    /// # Errors
    /// As of the database.
    pub async fn finish_job(&mut self) -> Result<(), StoreError> {
        let job = self.lease().job.clone();
        self.execute("DELETE FROM artifact_pin WHERE job_id = $1", args![&job]).await?;
        self.execute("DELETE FROM job WHERE id = $1", args![&job]).await.map(drop)
    }

    /// Puts the job off until `at` and gives up the lease. The attempt counts.
    ///
    /// # Errors
    /// As of the database.
    pub async fn retry_job(&mut self, at: DateTime<Utc>, note: &str) -> Result<(), StoreError> {
        let job = self.lease().job.clone();
        self.has_work = true;
        let sql = "UPDATE job SET worker = NULL, due_at = $2, note = $3 WHERE id = $1";
        self.execute(sql, args![job, at, note]).await.map(drop)
    }

    /// Keeps an artifact from being deleted while the job is there.
    ///
    /// # Errors
    /// `NotFound` when it is gone already; as of the database.
    pub async fn pin(&mut self, kind: Artifact, sandbox: &str, id: &str) -> Result<(), StoreError> {
        let job = self.lease().job.clone();
        self.hold_artifact(kind, sandbox, id).await?;
        let sql = "INSERT INTO artifact_pin (job_id, kind, sandbox, artifact_id) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        self.execute(sql, args![job, kind.as_str(), sandbox, id]).await.map(drop)
    }
}
