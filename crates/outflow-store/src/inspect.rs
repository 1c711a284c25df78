//! Looking at a store without touching it: for who asks whether it is well, beside a server or without one.

use crate::connect::{Store, StoreOptions};
use crate::error::StoreError;
use crate::migrations::newest;
use crate::secrets::SecretState;
use crate::sql::{Columns as _, count_of};
use crate::tx::Reader;

/// How the tables of a database are, and how this program makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version of the last migration that the database has seen; 0 where it has seen none.
    pub found: i64,
    /// The version that this program works with.
    pub known: i64,
}

impl Store {
    /// Opens a store as it is: its tables are not brought up to date, and its secrets not tried. What is read of tables that
    /// are older or newer may fail.
    ///
    /// # Errors
    /// As of the database.
    pub async fn inspect(options: StoreOptions) -> Result<Store, StoreError> {
        Store::connected(options, false).await
    }
}

impl Reader {
    /// How the tables are.
    ///
    /// # Errors
    /// As of the database, which has no such table where no server ever used it.
    pub async fn schema_version(&mut self) -> Result<SchemaVersion, StoreError> {
        let sql = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let found = self.row(sql, Vec::new()).await?.map_or(Ok(0), |row| row.int(0))?;
        Ok(SchemaVersion { found, known: newest() })
    }

    /// The sandboxes that have an audit log, or should have one, in order; [`crate::SERVER_WIDE`] among them.
    ///
    /// # Errors
    /// As of the database.
    pub async fn audited(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT sandbox FROM governance UNION SELECT DISTINCT sandbox FROM audit ORDER BY 1";
        self.rows(sql, Vec::new()).await?.iter().map(|row| row.text(0)).collect()
    }

    /// How many secrets are sealed.
    ///
    /// # Errors
    /// As of the database.
    pub async fn count_secrets(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT COUNT(*) FROM secret", Vec::new()).await?;
        row.map_or(Ok(0), |row| Ok(count_of(row.int(0)?)))
    }

    /// Tries to open up to `limit` secrets behind the id `after`, and says of each whether it opened. None of them is shown.
    ///
    /// # Errors
    /// As of the database.
    pub async fn try_secrets(&mut self, after: &str, limit: usize) -> Result<Vec<SecretState>, StoreError> {
        self.secret_states(after, limit).await
    }
}
