//! Whether an audit log is whole: no record changed, none missing, none behind its end, and the end still there.

use super::{COLUMNS, Stored};
use crate::error::StoreError;
use crate::governance::GovernanceRow;
use crate::sql::{Columns as _, args, count_of};
use crate::tx::Reader;

/// Records of one statement. Bodies may have a megabyte, twice a record.
const AT_ONCE: i64 = 100;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// Records that were found as they were written.
    pub records: u64,
    /// The number of the first record that is not: it was changed, it is missing, or it was added past the log's end.
    pub broken_at: Option<i64>,
    /// Where to go on, where the check stopped before the end.
    pub next: Option<i64>,
}

impl Reader {
    /// Checks a sandbox's whole audit log.
    ///
    /// # Errors
    /// As of the database.
    pub async fn check_audit(&mut self, sandbox: &str) -> Result<AuditCheck, StoreError> {
        let mut whole = self.check_audit_after(sandbox, 0, usize::MAX).await?;
        // What was checked is bounded by the log's end at the beginning.
        whole.next = None;
        Ok(whole)
    }

    /// Checks up to `records_max` records behind the number `after`, which is 0 or [`AuditCheck::next`] of a check before
    /// it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn check_audit_after(
        &mut self,
        sandbox: &str,
        after: i64,
        records_max: usize,
    ) -> Result<AuditCheck, StoreError> {
        let end = self.governance_row(sandbox).await?;
        let mut check = AuditCheck { records: 0, broken_at: None, next: None };
        let mut previous = match self.hash_of(sandbox, after).await? {
            Some(hash) if after <= end.audit_seq => hash,
            _ => {
                check.broken_at = Some(after.min(end.audit_seq + 1));
                return Ok(check);
            }
        };
        let mut seq = after;
        while seq < end.audit_seq {
            if check.records >= records_max as u64 {
                check.next = Some(seq);
                return Ok(check);
            }
            let sql = format!(
                "SELECT {COLUMNS} FROM audit WHERE sandbox = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"
            );
            let rows = self.rows(sql, args![sandbox, seq, end.audit_seq, AT_ONCE]).await?;
            if rows.is_empty() {
                check.broken_at = Some(seq + 1);
                return Ok(check);
            }
            for row in &rows {
                let stored = Stored::of(row)?;
                if stored.seq != seq + 1 || stored.chained(&previous, sandbox) != stored.hash {
                    check.broken_at = Some(seq + 1);
                    return Ok(check);
                }
                (seq, previous) = (stored.seq, stored.hash);
                check.records += 1;
            }
        }
        check.broken_at = self.broken_end(sandbox, &end, &previous).await?;
        Ok(check)
    }

    /// The hash that the record behind `seq` covers.
    async fn hash_of(&mut self, sandbox: &str, seq: i64) -> Result<Option<String>, StoreError> {
        if seq == 0 {
            return Ok(Some(GovernanceRow::default().audit_hash));
        }
        let row = self.row("SELECT hash FROM audit WHERE sandbox = $1 AND seq = $2", args![sandbox, seq]).await?;
        row.map(|row| row.text(0)).transpose()
    }

    /// Whether the log ends where the sandbox's row says.
    async fn broken_end(
        &mut self,
        sandbox: &str,
        end: &GovernanceRow,
        last_hash: &str,
    ) -> Result<Option<i64>, StoreError> {
        if end.audit_hash != last_hash {
            return Ok(Some(end.audit_seq));
        }
        // Records that were written since the end was read are there because it has moved on.
        let sql = "SELECT COALESCE(MAX(seq), 0) FROM audit WHERE sandbox = $1";
        let last = self.row(sql, args![sandbox]).await?.map_or(Ok(0), |row| row.int(0))?;
        let now = self.governance_row(sandbox).await?.audit_seq;
        Ok(Some(now + 1).filter(|_| count_of(last) > count_of(now)))
    }
}
