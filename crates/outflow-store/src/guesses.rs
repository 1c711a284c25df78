//! How often a secret was compared with a wrong one: a comparison tells whether a guess is right, so guesses are few. They
//! are counted here, so that neither a restart nor a second server gives more of them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Columns as _, args};

impl Store {
    /// Notes a comparison with the secret of `owner` before it is made, as if it were wrong, so that many at once cannot
    /// pass together. Where `times_max` were wrong within `window`, none is noted, and the answer is since when they
    /// count.
    ///
    /// # Errors
    /// As of the database.
    pub async fn begin_guess(
        &self,
        owner: &str,
        times_max: u32,
        window: TimeDelta,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO guess (owner, since, times) VALUES ($1, $2, 1) ON CONFLICT (owner) DO UPDATE SET \
                   since = CASE WHEN guess.since <= $3 THEN $2 ELSE guess.since END, \
                   times = CASE WHEN guess.since <= $3 THEN 1 ELSE guess.times + 1 END \
                   WHERE guess.since <= $3 OR guess.times < $4";
        let noted = tx.execute(sql, args![owner, now, now - window, i64::from(times_max)]).await? > 0;
        let since = match noted {
            true => None,
            false => tx.row("SELECT since FROM guess WHERE owner = $1", args![owner]).await?,
        };
        let since = since.map(|row| row.time(0)).transpose()?;
        tx.commit().await?;
        Ok(since)
    }

    /// Takes back what [`Store::begin_guess`] noted: no secret was wrong.
    ///
    /// # Errors
    /// As of the database.
    pub async fn was_no_guess(&self, owner: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("UPDATE guess SET times = times - 1 WHERE owner = $1 AND times > 0", args![owner]).await?;
        tx.commit().await
    }
}
