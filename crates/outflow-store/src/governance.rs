//! What governs the exports of a sandbox, as numbers: how often it was changed, and where the audit log ends.
//!
//! One row a sandbox, locked by whoever changes what governs and by whoever decides by it, until its transaction ends. A
//! decision therefore stands in the audit log behind all changes that it obeys, and before all that it could not know.
//!
//! The row comes before every other lock of a transaction. Documents take it by themselves before they are written; who
//! locks something else first, a job above all, locks it itself before that.

use sqlx::any::AnyRow;

use crate::audit::SERVER_WIDE;
use crate::error::StoreError;
use crate::sql::{Columns as _, args, count_arg, count_of};
use crate::tx::{Reader, Tx};

/// How often what governs the exports of a sandbox was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Governance {
    /// Changes of what a judgement of flows looks at, and of the suppression list.
    pub revision: i64,
    /// Changes of the suppression list.
    pub suppression_revision: i64,
}

/// The hash before the first record of an audit log.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const COLUMNS: &str = "revision, suppression_revision, suppressions, audit_seq, audit_hash";

/// A sandbox's row.
#[derive(Clone, Debug)]
pub(crate) struct GovernanceRow {
    pub(crate) revision: i64,
    pub(crate) suppression_revision: i64,
    /// Identities on the suppression list.
    pub(crate) suppressions: u64,
    /// The last record of the audit log; 0 before the first.
    pub(crate) audit_seq: i64,
    /// That record's hash.
    pub(crate) audit_hash: String,
}

impl Default for GovernanceRow {
    fn default() -> GovernanceRow {
        let audit_hash = NO_HASH.to_owned();
        GovernanceRow { revision: 0, suppression_revision: 0, suppressions: 0, audit_seq: 0, audit_hash }
    }
}

impl GovernanceRow {
    fn of(row: &AnyRow) -> Result<GovernanceRow, StoreError> {
        Ok(GovernanceRow {
            revision: row.int(0)?,
            suppression_revision: row.int(1)?,
            suppressions: count_of(row.int(2)?),
            audit_seq: row.int(3)?,
            audit_hash: row.text(4)?,
        })
    }

    fn governance(&self) -> Governance {
        Governance { revision: self.revision, suppression_revision: self.suppression_revision }
    }
}

impl Reader {
    /// How often what governs the exports of a sandbox was changed.
    ///
    /// # Errors
    /// As of the database.
    pub async fn governance(&mut self, sandbox: &str) -> Result<Governance, StoreError> {
        Ok(self.governance_row(sandbox).await?.governance())
    }

    /// Sandboxes in which something was ever changed, by name, `limit` at most.
    ///
    /// # Errors
    /// As of the database.
    pub async fn governed_sandboxes(&mut self, limit: usize) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT sandbox FROM governance WHERE sandbox <> $1 ORDER BY sandbox LIMIT $2";
        let rows = self.rows(sql, args![SERVER_WIDE, count_arg(limit as u64)]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// A sandbox's row, as if it were there where nothing has needed it yet.
    pub(crate) async fn governance_row(&mut self, sandbox: &str) -> Result<GovernanceRow, StoreError> {
        let row = self.row(format!("SELECT {COLUMNS} FROM governance WHERE sandbox = $1"), args![sandbox]).await?;
        row.as_ref().map_or_else(|| Ok(GovernanceRow::default()), GovernanceRow::of)
    }
}

impl Tx {
    /// Keeps what governs the exports of a sandbox from being changed until this transaction ends. Nothing else may be
    /// locked before it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn lock_governance(&mut self, sandbox: &str) -> Result<Governance, StoreError> {
        Ok(self.locked_governance(sandbox).await?.governance())
    }

    /// The sandbox's row, locked.
    pub(crate) async fn locked_governance(&mut self, sandbox: &str) -> Result<GovernanceRow, StoreError> {
        if let Some(row) = self.heads.get(sandbox) {
            return Ok(row.clone());
        }
        let lock = self.dialect().for_update();
        let sql = format!("SELECT {COLUMNS} FROM governance WHERE sandbox = $1{lock}");
        let row = match self.row(sql.clone(), args![sandbox]).await? {
            Some(row) => row,
            None => {
                let first = GovernanceRow::default();
                // Another transaction may make it at the same moment; this one waits for that.
                let insert = format!(
                    "INSERT INTO governance (sandbox, {COLUMNS}) VALUES ($1, 0, 0, 0, 0, $2) ON CONFLICT DO NOTHING"
                );
                self.execute(insert, args![sandbox, first.audit_hash]).await?;
                let made = self.row(sql, args![sandbox]).await?;
                made.ok_or_else(|| StoreError::internal("a governance row vanished"))?
            }
        };
        let row = GovernanceRow::of(&row)?;
        self.heads.insert(sandbox.to_owned(), row.clone());
        Ok(row)
    }

    /// Writes the sandbox's row, which is locked.
    pub(crate) async fn put_governance(&mut self, sandbox: &str, row: GovernanceRow) -> Result<(), StoreError> {
        let sql = "UPDATE governance SET revision = $2, suppression_revision = $3, suppressions = $4, audit_seq = $5, \
                   audit_hash = $6 WHERE sandbox = $1";
        let (revision, suppression_revision, audit_seq) = (row.revision, row.suppression_revision, row.audit_seq);
        let suppressions = count_arg(row.suppressions);
        let args = args![sandbox, revision, suppression_revision, suppressions, audit_seq, &row.audit_hash];
        self.execute(sql, args).await?;
        self.heads.insert(sandbox.to_owned(), row);
        Ok(())
    }
}
