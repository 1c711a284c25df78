//! Reading the audit log: filters and pages.
//!
//! A log is as long as its sandbox is old, so a page is bounded three times: by its records, by what they hold, and by those
//! that were looked at where filters leave most of them out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AuditRecord, COLUMNS, Stored};
use crate::error::StoreError;
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, args, count_arg, in_list};
use crate::tx::Reader;

/// Most records of a page.
const PAGE_MAX: usize = 1000;

/// Characters of the bodies and details of a page, beyond which it ends; the first record is whole whatever it has.
const PAGE_CHARS_MAX: i64 = 8 << 20;

/// How far the clocks of servers that write one log may be apart for filters by time to be exact.
const CLOCKS_APART: TimeDelta = TimeDelta::hours(1);

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery<'a> {
    /// Those behind this number.
    pub after_seq: Option<i64>,
    /// Those before this number.
    pub before_seq: Option<i64>,
    /// What one actor did.
    pub actor: Option<&'a str>,
    /// One action.
    pub action: Option<&'a str>,
    /// Actions on one kind of object.
    pub noun: Option<&'a str>,
    /// Actions on one object.
    pub object_id: Option<&'a str>,
    /// Those of this time and later.
    pub since: Option<DateTime<Utc>>,
    /// Those before this time.
    pub until: Option<DateTime<Utc>>,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
    /// Most records of a page, 1 to 1,000.
    pub limit: usize,
}

/// A page of the audit log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// What [`AuditQuery::after_seq`], or with the newest first [`AuditQuery::before_seq`], is for the next page; none at
    /// the end. A page of few matches may be short, even empty, and have a next one.
    pub next: Option<i64>,
}

/// Characters of what makes records large.
const SIZE: &str = "COALESCE(LENGTH(before), 0) + COALESCE(LENGTH(after), 0) + COALESCE(LENGTH(detail), 0)";

/// Conditions of a statement and their arguments.
struct Conditions {
    sql: String,
    args: Vec<Arg>,
}

impl Conditions {
    fn add(&mut self, column: &str, operator: &str, arg: impl Into<Arg>) {
        self.args.push(arg.into());
        self.sql.push_str(&format!(" AND {column} {operator} ${}", self.args.len()));
    }
}

impl AuditQuery<'_> {
    /// Conditions on single columns, the one that leaves least first: an index serves it in the log's order.
    fn equalities(&self) -> Vec<(&'static str, &str)> {
        let all = [("object_id", self.object_id), ("action", self.action), ("actor", self.actor), ("noun", self.noun)];
        all.into_iter().filter_map(|(column, value)| Some((column, value?))).collect()
    }
}

impl Reader {
    /// A page of a sandbox's audit log.
    ///
    /// # Errors
    /// `Invalid` for a limit out of 1 to 1,000; as of the database.
    pub async fn audit(&mut self, sandbox: &str, query: &AuditQuery<'_>) -> Result<AuditPage, StoreError> {
        if !(1..=PAGE_MAX).contains(&query.limit) {
            return Err(StoreError::invalid("limit", format!("must be 1 to {PAGE_MAX}")));
        }
        let mut walk = Conditions { sql: "sandbox = $1".to_owned(), args: args![sandbox] };
        if let Some(seq) = query.after_seq {
            walk.add("seq", ">", seq);
        }
        if let Some(seq) = query.before_seq {
            walk.add("seq", "<", seq);
        }
        self.narrow_by_time(sandbox, query, &mut walk).await?;
        let mut filters = query.equalities().into_iter();
        // The noun alone has no index.
        if let Some((column, value)) = filters.next().filter(|(column, _)| *column != "noun") {
            walk.add(column, "=", value);
        } else {
            filters = query.equalities().into_iter();
        }
        let (operator, direction) = if query.newest_first { (">=", "DESC") } else { ("<=", "ASC") };
        // The last record that is looked at; none where the walk ends before that.
        let last_place = self.store.documents_looked_at_max().max(query.limit).saturating_sub(1);
        let mut end = walk.args.clone();
        end.push(count_arg(last_place as u64).into());
        let sql =
            format!("SELECT seq FROM audit WHERE {} ORDER BY seq {direction} LIMIT 1 OFFSET ${}", walk.sql, end.len());
        let end = self.row(sql, end).await?.map(|row| row.int(0)).transpose()?;
        if let Some(end) = end {
            walk.add("seq", operator, end);
        }
        for (column, value) in filters {
            walk.add(column, "=", value);
        }
        if let Some(since) = query.since {
            walk.add("at", ">=", since);
        }
        if let Some(until) = query.until {
            walk.add("at", "<", until);
        }
        let mut sized = walk.args.clone();
        sized.push(count_arg(query.limit as u64 + 1).into());
        let sql =
            format!("SELECT seq, {SIZE} FROM audit WHERE {} ORDER BY seq {direction} LIMIT ${}", walk.sql, sized.len());
        let (mut last, mut chars, mut is_cut) = (None, 0, false);
        for (place, row) in self.rows(sql, sized).await?.iter().enumerate() {
            chars += row.int(1)?;
            is_cut = place == query.limit || (place > 0 && chars > PAGE_CHARS_MAX);
            if is_cut {
                break;
            }
            last = Some(row.int(0)?);
        }
        // The log only grows at its end, and nothing of it changes: the same records are found again.
        let Some(last) = last else { return Ok(AuditPage { records: Vec::new(), next: end }) };
        walk.add("seq", operator, last);
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE {} ORDER BY seq {direction}", walk.sql);
        let rows = self.rows(sql, walk.args).await?;
        let records = rows.iter().map(|row| Stored::of(row)?.into_record()).collect::<Result<Vec<_>, _>>()?;
        Ok(AuditPage { records, next: if is_cut { Some(last) } else { end } })
    }

    /// The records of these numbers, as far as there are such.
    ///
    /// # Errors
    /// As of the database.
    pub async fn audit_records(&mut self, sandbox: &str, seqs: &[i64]) -> Result<Vec<AuditRecord>, StoreError> {
        let mut records = Vec::with_capacity(seqs.len());
        for chunk in seqs.chunks(IN_LIST_MAX) {
            let (list, listed) = in_list(2, chunk);
            let mut args = args![sandbox];
            args.extend(listed);
            let sql = format!("SELECT {COLUMNS} FROM audit WHERE sandbox = $1 AND seq IN {list}");
            for row in &self.rows(sql, args).await? {
                records.push(Stored::of(row)?.into_record()?);
            }
        }
        Ok(records)
    }

    /// Leaves out the records before and behind a span of time without looking at them. Numbers and times grow together,
    /// but for what clocks are apart.
    async fn narrow_by_time(
        &mut self,
        sandbox: &str,
        query: &AuditQuery<'_>,
        walk: &mut Conditions,
    ) -> Result<(), StoreError> {
        if let Some(since) = query.since.and_then(|since| since.checked_sub_signed(CLOCKS_APART)) {
            let sql = "SELECT seq FROM audit WHERE sandbox = $1 AND at < $2 ORDER BY at DESC, seq DESC LIMIT 1";
            if let Some(row) = self.row(sql, args![sandbox, since]).await? {
                walk.add("seq", ">", row.int(0)?);
            }
        }
        if let Some(until) = query.until.and_then(|until| until.checked_add_signed(CLOCKS_APART)) {
            let sql = "SELECT seq FROM audit WHERE sandbox = $1 AND at >= $2 ORDER BY at, seq LIMIT 1";
            if let Some(row) = self.row(sql, args![sandbox, until]).await? {
                walk.add("seq", "<", row.int(0)?);
            }
        }
        Ok(())
    }
}
