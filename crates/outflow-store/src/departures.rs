//! Departures: which profiles left in which file or message. A row names a file of their hashes on disk.
//!
//! They outlive their flow and their run, which may be gone when somebody asks where a person's data went. They are
//! forgotten by age and size alone, and then it is known since when they are complete.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::error::StoreError;
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, args, count_arg, count_of, in_list, token};
use crate::tx::{Reader, Tx};

/// Most departures of a page.
const PAGE_MAX: usize = 1000;

/// Rows of one statement: thirteen arguments each stay well below the limits of both engines.
const AT_ONCE: usize = 500;

/// A departure to be recorded.
#[derive(Clone, Debug)]
pub struct NewDeparture<'a> {
    /// The sandbox.
    pub sandbox: &'a str,
    /// The flow that delivered.
    pub flow_id: &'a str,
    /// The run that it was of.
    pub run_id: &'a str,
    /// The segment, where it was of one.
    pub segment_id: Option<&'a str>,
    /// The file, where it was one.
    pub file_name: Option<&'a str>,
    /// The number of the stream's derivation, where it was one.
    pub sequence: Option<i64>,
    /// When it had left; of a file, when it was about to.
    pub left_at: DateTime<Utc>,
    /// How many profiles it holds.
    pub profiles: u64,
    /// Size of the file of hashes.
    pub bytes: u64,
    /// Where the file of hashes is.
    pub path: &'a str,
    /// The number of the audit record that says that it may leave.
    pub decision: i64,
    /// Whether it is certain that it left; what is about to leave may have, should nobody say more.
    pub confirmed: bool,
}

/// A departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Its id.
    pub id: String,
    /// The sandbox.
    pub sandbox: String,
    /// The flow that delivered; it may be gone.
    pub flow_id: String,
    /// The run that it was of; it may be gone.
    pub run_id: String,
    /// The segment, where it was of one.
    pub segment_id: Option<String>,
    /// The file, where it was one.
    pub file_name: Option<String>,
    /// The number of the stream's derivation, where it was one.
    pub sequence: Option<i64>,
    /// When it had left; of a file, when it was about to.
    pub left_at: DateTime<Utc>,
    /// How many profiles it holds.
    pub profiles: u64,
    /// Size of the file of hashes.
    pub bytes: u64,
    /// Where the file of hashes is.
    pub path: String,
    /// The number of the audit record that says that it may leave.
    pub decision: i64,
    /// Whether it is certain that it left. It may have where it is not: whoever sent it was cut short.
    pub confirmed: bool,
}

/// A page of departures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeparturePage {
    /// The departures, newest first.
    pub departures: Vec<Departure>,
    /// Where to go on, in `[A-Za-z0-9_-]`; none at the end.
    pub next: Option<String>,
}

const COLUMNS: &str = "id, sandbox, flow_id, run_id, segment_id, file_name, sequence, left_at, profiles, bytes, path, \
                       decision, confirmed";

/// Columns of a row.
const COLUMN_COUNT: usize = 13;

fn departure_of(row: &AnyRow) -> Result<Departure, StoreError> {
    Ok(Departure {
        id: row.text(0)?,
        sandbox: row.text(1)?,
        flow_id: row.text(2)?,
        run_id: row.text(3)?,
        segment_id: row.text_or_null(4)?,
        file_name: row.text_or_null(5)?,
        sequence: row.int_or_null(6)?,
        left_at: row.time(7)?,
        profiles: count_of(row.int(8)?),
        bytes: count_of(row.int(9)?),
        path: row.text(10)?,
        decision: row.int(11)?,
        confirmed: row.flag(12)?,
    })
}

impl Reader {
    /// A page of a sandbox's departures, newest first. `after` is [`DeparturePage::next`] of the page before.
    ///
    /// # Errors
    /// `Invalid` for a limit out of 1 to 1,000, or a place that no page gave; as of the database.
    pub async fn departures(
        &mut self,
        sandbox: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<DeparturePage, StoreError> {
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(StoreError::invalid("limit", format!("must be 1 to {PAGE_MAX}")));
        }
        let (mut condition, mut args) = ("sandbox = $1".to_owned(), args![sandbox]);
        if let Some(after) = after {
            let place = token::decode(after).and_then(|text| serde_json::from_str::<(i64, String)>(&text).ok());
            let (micros, id) = place.ok_or_else(|| StoreError::invalid("start", "is not one that this list gave"))?;
            condition.push_str(" AND (left_at, id) < ($2, $3)");
            args.extend(args![micros, id]);
        }
        args.push(count_arg(limit as u64 + 1).into());
        let order = format!("ORDER BY left_at DESC, id DESC LIMIT ${}", args.len());
        let rows = self.rows(format!("SELECT {COLUMNS} FROM departure WHERE {condition} {order}"), args).await?;
        let departures = rows.iter().take(limit).map(departure_of).collect::<Result<Vec<_>, _>>()?;
        let last = departures.last().filter(|_| rows.len() > limit);
        let next = last.map(|last| token::encode(&json!([last.left_at.timestamp_micros(), last.id]).to_string()));
        Ok(DeparturePage { departures, next })
    }

    /// Since when a sandbox's departures are all there; none where there never was one.
    ///
    /// # Errors
    /// As of the database.
    pub async fn departures_complete_since(&mut self, sandbox: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT complete_since FROM departure_span WHERE sandbox = $1";
        self.row(sql, args![sandbox]).await?.map(|row| row.time(0)).transpose()
    }

    /// Bytes of the files of all departures, of all sandboxes. It reads every row.
    async fn departures_bytes(&mut self) -> Result<u64, StoreError> {
        // PostgreSQL's sum of whole numbers is a decimal one.
        let sum = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM departure";
        Ok(count_of(self.row(sum, Vec::new()).await?.map_or(Ok(0), |row| row.int(0))?))
    }

    /// The oldest departures of all sandboxes that are to be forgotten, oldest first, `limit` at most: those from before
    /// `before`, and as many more as leave no more than `bytes_max` of what all files have. What others forget meanwhile
    /// counts as forgotten.
    ///
    /// # Errors
    /// As of the database.
    pub async fn departures_over(
        &mut self,
        bytes_max: u64,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Departure>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM departure ORDER BY left_at, id LIMIT $1");
        let rows = self.rows(sql, args![count_arg(limit as u64)]).await?;
        // Summed up after them: a row that somebody else deletes in between is taken off twice, and fewer are forgotten.
        let mut bytes = self.departures_bytes().await?;
        let mut over = Vec::new();
        for row in &rows {
            let departure = departure_of(row)?;
            if departure.left_at >= before && bytes <= bytes_max {
                break;
            }
            bytes = bytes.saturating_sub(departure.bytes);
            over.push(departure);
        }
        Ok(over)
    }

    /// Whether anything of a run may have left.
    ///
    /// # Errors
    /// As of the database.
    pub async fn has_departures(&mut self, sandbox: &str, run_id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM departure WHERE sandbox = $1 AND run_id = $2 LIMIT 1";
        Ok(self.row(sql, args![sandbox, run_id]).await?.is_some())
    }

    /// The names of the files with which anything of a run may have left, sorted, `limit` at most.
    ///
    /// # Errors
    /// As of the database.
    pub async fn departure_files(
        &mut self,
        sandbox: &str,
        run_id: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT file_name FROM departure \
                   WHERE sandbox = $1 AND run_id = $2 AND file_name IS NOT NULL ORDER BY file_name LIMIT $3";
        let args = args![sandbox, run_id, count_arg(limit as u64)];
        self.rows(sql, args).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Those of `paths` that a departure names.
    ///
    /// # Errors
    /// As of the database.
    pub async fn departure_paths(&mut self, paths: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut named = HashSet::new();
        for chunk in paths.chunks(AT_ONCE) {
            let (list, args) = in_list(1, chunk);
            for row in self.rows(format!("SELECT path FROM departure WHERE path IN {list}"), args).await? {
                named.insert(row.text(0)?);
            }
        }
        Ok(named)
    }
}

impl Tx {
    /// Forgets departures. Those of their sandboxes are complete since the last of them.
    ///
    /// # Errors
    /// As of the database.
    pub async fn forget_departures(&mut self, departures: &[Departure]) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        let ids: Vec<String> = departures.iter().map(|departure| departure.id.clone()).collect();
        for chunk in ids.chunks(IN_LIST_MAX) {
            let (list, args) = in_list(1, chunk);
            forgotten += self.execute(format!("DELETE FROM departure WHERE id IN {list}"), args).await?;
        }
        let sandboxes: HashSet<&str> = departures.iter().map(|departure| departure.sandbox.as_str()).collect();
        let mut sandboxes: Vec<&str> = sandboxes.into_iter().collect();
        sandboxes.sort_unstable();
        for sandbox in sandboxes {
            let of_sandbox = departures.iter().filter(|departure| departure.sandbox == sandbox);
            let Some(last) = of_sandbox.map(|departure| departure.left_at).max() else { continue };
            let since = last + TimeDelta::microseconds(1);
            let sql = "INSERT INTO departure_span (sandbox, complete_since) VALUES ($1, $2) ON CONFLICT (sandbox) \
                       DO UPDATE SET complete_since = excluded.complete_since \
                       WHERE departure_span.complete_since < excluded.complete_since";
            self.execute(sql, args![sandbox, since]).await?;
        }
        Ok(forgotten)
    }

    /// Says of departures that may have left, by the paths of their files, that they did. Of others it is known. They keep
    /// their time, by which pages are ordered.
    ///
    /// # Errors
    /// As of the database.
    pub async fn confirm_departures(&mut self, paths: &[String]) -> Result<(), StoreError> {
        for chunk in paths.chunks(AT_ONCE) {
            let (list, args) = in_list(1, chunk);
            self.execute(format!("UPDATE departure SET confirmed = 1 WHERE confirmed = 0 AND path IN {list}"), args)
                .await?;
        }
        Ok(())
    }

    /// Takes departures back, by the paths of their files, of which it is certain that they did not leave.
    ///
    /// # Errors
    /// As of the database.
    pub async fn withdraw_departures(&mut self, paths: &[String]) -> Result<(), StoreError> {
        for chunk in paths.chunks(AT_ONCE) {
            let (list, args) = in_list(1, chunk);
            self.execute(format!("DELETE FROM departure WHERE confirmed = 0 AND path IN {list}"), args).await?;
        }
        Ok(())
    }

    /// Records departures. Their files are on disk already.
    ///
    /// # Errors
    /// As of the database.
    pub async fn add_departures(&mut self, new: &[NewDeparture<'_>]) -> Result<(), StoreError> {
        for chunk in new.chunks(AT_ONCE) {
            let mut args: Vec<Arg> = Vec::with_capacity(chunk.len() * COLUMN_COUNT);
            let mut values = Vec::with_capacity(chunk.len());
            for departure in chunk {
                let id = self.store.new_id()?;
                let marks: Vec<String> = (1..=COLUMN_COUNT).map(|n| format!("${}", args.len() + n)).collect();
                values.push(format!("({})", marks.join(", ")));
                let NewDeparture { sandbox, flow_id, run_id, segment_id, file_name, left_at, path, .. } = *departure;
                args.extend(args![id, sandbox, flow_id, run_id, segment_id, file_name]);
                args.push(Arg::Int(departure.sequence));
                let (profiles, bytes) = (count_arg(departure.profiles), count_arg(departure.bytes));
                args.extend(args![left_at, profiles, bytes, path, departure.decision]);
                args.push(i64::from(departure.confirmed).into());
            }
            let sql = format!("INSERT INTO departure ({COLUMNS}) VALUES {}", values.join(", "));
            self.execute(sql, args).await?;
        }
        let sandboxes: HashSet<&str> = new.iter().map(|departure| departure.sandbox).collect();
        for sandbox in sandboxes {
            let of_sandbox = new.iter().filter(|departure| departure.sandbox == sandbox);
            let Some(first) = of_sandbox.map(|departure| departure.left_at).min() else { continue };
            // Before the first of all, what left was not written down.
            let sql = "INSERT INTO departure_span (sandbox, complete_since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            self.execute(sql, args![sandbox, first]).await?;
        }
        Ok(())
    }
}
