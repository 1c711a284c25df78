//! What a run has beside its document: the plan, the files, the attempts. They are apart so that lists stay light: a
//! plan may have megabytes, and a run ten thousand files.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_model::run::RunFile;
use serde_json::Value;

use crate::documents::{COLUMNS, COLUMNS_COUNT, Document, Kind, Scope};
use crate::error::{Conflict, StoreError};
use crate::nouns::Run;
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, args, count_arg, count_of, in_list};
use crate::tx::{FencedTx, Reader, Tx};

/// One try to carry a run out.
#[derive(Clone, Debug, PartialEq)]
pub struct RunAttempt {
    /// 1 for the first.
    pub number: i64,
    /// Who tried.
    pub worker: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it goes on, or when its worker died.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
    /// What went wrong.
    pub error: Option<Value>,
}

impl Reader {
    /// The run of a flow's segment that is queued or under way.
    ///
    /// # Errors
    /// As of the database.
    pub async fn live_run(&mut self, flow_id: &str, segment_id: &str) -> Result<Option<Arc<Document>>, StoreError> {
        let condition = "flow_id = $1 AND segment_id = $2 AND live = 1";
        self.one(Kind::of::<Run>(), format!("SELECT {COLUMNS} FROM run WHERE {condition}"), args![flow_id, segment_id])
            .await
    }

    /// The newest run of each flow that has one, by the flow's id.
    ///
    /// # Errors
    /// As of the database.
    pub async fn latest_runs(&mut self, flow_ids: &[String]) -> Result<HashMap<String, Arc<Document>>, StoreError> {
        let mut latest = HashMap::new();
        for chunk in flow_ids.chunks(IN_LIST_MAX) {
            let (list, args) = in_list(1, chunk);
            // One look into the index for each flow, however many runs it has.
            let newest = "SELECT r.id FROM run r WHERE r.flow_id = f.id ORDER BY r.created_at DESC, r.id DESC LIMIT 1";
            let ids = format!("SELECT ({newest}) FROM flow f WHERE f.id IN {list}");
            let sql = format!("SELECT {COLUMNS}, flow_id FROM run WHERE id IN ({ids})");
            for row in self.rows(sql, args).await? {
                latest.insert(row.text(COLUMNS_COUNT)?, self.remembered(Kind::of::<Run>(), &row)?);
            }
        }
        Ok(latest)
    }

    /// Runs that have ended and were not changed since `before`, oldest change first, `limit` at most.
    ///
    /// # Errors
    /// As of the database.
    pub async fn runs_ended_before(
        &mut self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        let condition = "live = 0 AND updated_at < $1 ORDER BY updated_at, id LIMIT $2";
        let sql = format!("SELECT {COLUMNS} FROM run WHERE {condition}");
        self.documents(Kind::of::<Run>(), sql, args![before, count_arg(limit as u64)]).await
    }

    /// How many exports of segments of a sandbox were asked for at `from` or after it. Runs of messages are of no segment.
    ///
    /// # Errors
    /// As of the database.
    pub async fn runs_made_since(&mut self, sandbox: &str, from: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM run WHERE sandbox = $1 AND created_at >= $2 AND segment_id <> ''";
        let row = self.row(sql, args![sandbox, from]).await?;
        row.map_or(Ok(0), |row| Ok(count_of(row.int(0)?)))
    }

    /// How many runs there are in each state.
    ///
    /// # Errors
    /// As of the database.
    pub async fn runs_by_state(&mut self, scope: Scope<'_>) -> Result<Vec<(String, u64)>, StoreError> {
        let (condition, args) = match scope {
            Scope::Sandbox(sandbox) => ("WHERE sandbox = $1", args![sandbox]),
            Scope::All => ("", Vec::new()),
        };
        let sql = format!("SELECT COALESCE(state, ''), COUNT(*) FROM run {condition} GROUP BY state ORDER BY state");
        self.rows(sql, args).await?.iter().map(|row| Ok((row.text(0)?, count_of(row.int(1)?)))).collect()
    }

    /// The plan of a run, once it has one.
    ///
    /// # Errors
    /// As of the database.
    pub async fn plan(&mut self, run_id: &str) -> Result<Option<String>, StoreError> {
        let row = self.row("SELECT plan FROM run_plan WHERE run_id = $1", args![run_id]).await?;
        row.map(|r| r.text(0)).transpose()
    }

    /// The files of a run, in the order of its parts.
    ///
    /// # Errors
    /// As of the database.
    pub async fn run_files(&mut self, run_id: &str) -> Result<Vec<RunFile>, StoreError> {
        let columns = "name, url, row_count, byte_count, sha256";
        let sql = format!("SELECT {columns} FROM run_file WHERE run_id = $1 ORDER BY position");
        let rows = self.rows(sql, args![run_id]).await?;
        let file = |row: &sqlx::any::AnyRow| {
            let (rows, bytes) = (count_of(row.int(2)?), count_of(row.int(3)?));
            Ok(RunFile { name: row.text(0)?, url: row.text(1)?, rows, bytes, sha256: row.text(4)? })
        };
        rows.iter().map(file).collect()
    }

    /// Where files of runs were delivered: `(run, file, URL)` of those of `files` (run and name) that are known, and maybe of
    /// others of these runs.
    ///
    /// # Errors
    /// As of the database.
    pub async fn run_file_urls(
        &mut self,
        files: &[(String, String)],
    ) -> Result<Vec<(String, String, String)>, StoreError> {
        let mut urls = Vec::with_capacity(files.len());
        for chunk in files.chunks(IN_LIST_MAX) {
            let (runs, names): (Vec<String>, Vec<String>) = chunk.iter().cloned().unzip();
            let (run_list, mut args) = in_list(1, &runs);
            let (name_list, listed) = in_list(args.len() + 1, &names);
            args.extend(listed);
            let sql =
                format!("SELECT run_id, name, url FROM run_file WHERE run_id IN {run_list} AND name IN {name_list}");
            for row in &self.rows(sql, args).await? {
                urls.push((row.text(0)?, row.text(1)?, row.text(2)?));
            }
        }
        Ok(urls)
    }

    /// The attempts at a run, first to last.
    ///
    /// # Errors
    /// As of the database.
    pub async fn run_attempts(&mut self, run_id: &str) -> Result<Vec<RunAttempt>, StoreError> {
        let columns = "number, worker, started_at, ended_at, outcome, error";
        let sql = format!("SELECT {columns} FROM run_attempt WHERE run_id = $1 ORDER BY number");
        let rows = self.rows(sql, args![run_id]).await?;
        let attempt = |row: &sqlx::any::AnyRow| {
            Ok(RunAttempt {
                number: row.int(0)?,
                worker: row.text(1)?,
                started_at: row.time(2)?,
                ended_at: row.time_or_null(3)?,
                outcome: row.text_or_null(4)?,
                error: row.json_or_null(5)?,
            })
        };
        rows.iter().map(attempt).collect()
    }
}

impl Tx {
    /// Forgets the plan of a run that will be planned again. Only for a run of which nothing can have been delivered.
    ///
    /// # Errors
    /// As of the database.
    pub async fn drop_plan(&mut self, run_id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM run_plan WHERE run_id = $1", args![run_id]).await.map(drop)
    }
}

impl FencedTx {
    /// Keeps the plan of a run. It is written before the run has any effect, and once: what a later attempt does
    /// follows from it.
    ///
    /// # Errors
    /// `Conflict` when the run has a plan; as of the database.
    pub async fn set_plan(&mut self, run_id: &str, plan: &str) -> Result<(), StoreError> {
        let now = self.store.now();
        let sql = "INSERT INTO run_plan (run_id, plan, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        match self.execute(sql, args![run_id, plan, now]).await? {
            0 => Err(StoreError::Conflict(Conflict::Exists { noun: "plan of run", id: run_id.to_owned() })),
            _ => Ok(()),
        }
    }

    /// Keeps the files of a run in place of those it had.
    ///
    /// # Errors
    /// As of the database.
    pub async fn put_run_files(&mut self, run_id: &str, files: &[RunFile]) -> Result<(), StoreError> {
        /// Files of one statement: seven arguments each stay well below the limits of both engines.
        const FILES_AT_ONCE: usize = 100;
        self.execute("DELETE FROM run_file WHERE run_id = $1", args![run_id]).await?;
        let mut position = 0_i64;
        for chunk in files.chunks(FILES_AT_ONCE) {
            let mut args: Vec<Arg> = Vec::with_capacity(chunk.len() * 7);
            let mut values = Vec::with_capacity(chunk.len());
            for file in chunk {
                let marks: Vec<String> = (1..=7).map(|n| format!("${}", args.len() + n)).collect();
                values.push(format!("({})", marks.join(", ")));
                let (rows, bytes) = (count_arg(file.rows), count_arg(file.bytes));
                args.extend(args![run_id, position, &file.name, &file.url, rows, bytes, &file.sha256]);
                position += 1;
            }
            let columns = "run_id, position, name, url, row_count, byte_count, sha256";
            self.execute(format!("INSERT INTO run_file ({columns}) VALUES {}", values.join(", ")), args).await?;
        }
        Ok(())
    }

    /// Records that this lease's attempt at a run has begun, and says which it is. Asking again gives the same number.
    ///
    /// # Errors
    /// As of the database.
    pub async fn begin_attempt(&mut self, run_id: &str) -> Result<i64, StoreError> {
        let (lease, now) = (self.lease().clone(), self.store.now());
        let begun = "SELECT number FROM run_attempt WHERE run_id = $1 AND job_id = $2 AND fence = $3";
        if let Some(row) = self.row(begun, args![run_id, &lease.job, lease.fence]).await? {
            return row.int(0);
        }
        let last =
            self.row("SELECT COALESCE(MAX(number), 0) FROM run_attempt WHERE run_id = $1", args![run_id]).await?;
        let number = last.map_or(Ok(0), |row| row.int(0))? + 1;
        let sql = "INSERT INTO run_attempt (run_id, number, job_id, fence, worker, started_at) \
                   SELECT $1, $2, id, fence, COALESCE(worker, ''), $4 FROM job WHERE id = $3";
        self.execute(sql, args![run_id, number, &lease.job, now]).await?;
        Ok(number)
    }

    /// The attempt at a run that this lease has begun and not ended.
    ///
    /// # Errors
    /// As of the database.
    pub async fn current_attempt(&mut self, run_id: &str) -> Result<Option<i64>, StoreError> {
        let lease = self.lease().clone();
        let sql =
            "SELECT number FROM run_attempt WHERE run_id = $1 AND job_id = $2 AND fence = $3 AND ended_at IS NULL";
        let row = self.row(sql, args![run_id, &lease.job, lease.fence]).await?;
        row.map(|row| row.int(0)).transpose()
    }

    /// Takes back that an attempt has begun.
    ///
    /// # Errors
    /// As of the database.
    pub async fn drop_attempt(&mut self, run_id: &str, number: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM run_attempt WHERE run_id = $1 AND number = $2";
        self.execute(sql, args![run_id, number]).await.map(drop)
    }

    /// Records how an attempt ended.
    ///
    /// # Errors
    /// As of the database.
    pub async fn end_attempt(
        &mut self,
        run_id: &str,
        number: i64,
        outcome: &str,
        error: Option<&Value>,
    ) -> Result<(), StoreError> {
        let now = self.store.now();
        let error = error.map(Value::to_string);
        let sql = "UPDATE run_attempt SET ended_at = $3, outcome = $4, error = $5 WHERE run_id = $1 AND number = $2";
        self.execute(sql, args![run_id, number, now, outcome, error]).await.map(drop)
    }
}
