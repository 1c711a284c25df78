//! Whether an alert is on: people are told once for each change, not once for each look.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::sql::{Columns as _, args};
use crate::tx::{Reader, Tx};

/// An alert that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlert {
    /// What it is about.
    pub subject: String,
    /// Of which kind.
    pub kind: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Reader {
    /// Whether an alert is on.
    ///
    /// # Errors
    /// As of the database.
    pub async fn alert_open(&mut self, subject: &str, kind: &str) -> Result<bool, StoreError> {
        let sql = "SELECT is_open FROM alert_state WHERE subject = $1 AND kind = $2";
        self.row(sql, args![subject, kind]).await?.map_or(Ok(false), |row| row.flag(0))
    }

    /// The alerts of a sandbox that are on.
    ///
    /// # Errors
    /// As of the database.
    pub async fn open_alerts(&mut self, sandbox: &str) -> Result<Vec<OpenAlert>, StoreError> {
        let sql = "SELECT subject, kind, since FROM alert_state WHERE sandbox = $1 AND is_open = 1 ORDER BY since, subject, kind";
        let rows = self.rows(sql, args![sandbox]).await?;
        rows.iter().map(|r| Ok(OpenAlert { subject: r.text(0)?, kind: r.text(1)?, since: r.time(2)? })).collect()
    }
}

impl Tx {
    /// Turns an alert on or off. True when that changed it: one of several callers is told so, and tells people.
    ///
    /// # Errors
    /// As of the database.
    pub async fn set_alert_state(
        &mut self,
        sandbox: &str,
        subject: &str,
        kind: &str,
        open: bool,
    ) -> Result<bool, StoreError> {
        let now = self.store.now();
        let sql = match open {
            true => {
                "INSERT INTO alert_state (subject, kind, sandbox, is_open, since) VALUES ($1, $2, $3, 1, $4) \
                 ON CONFLICT (subject, kind) DO UPDATE SET is_open = 1, since = excluded.since \
                 WHERE alert_state.is_open = 0"
            }
            false => {
                "UPDATE alert_state SET is_open = 0, since = $4 \
                 WHERE subject = $1 AND kind = $2 AND sandbox = $3 AND is_open = 1"
            }
        };
        Ok(self.execute(sql, args![subject, kind, sandbox, now]).await? > 0)
    }

    /// Forgets what was on about a subject that is gone.
    ///
    /// # Errors
    /// As of the database.
    pub async fn forget_alerts(&mut self, subject: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM alert_state WHERE subject = $1", args![subject]).await.map(drop)
    }
}
