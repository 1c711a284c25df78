//! Questions about rules that are not saved: they are forgotten by age.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::sql::{args, count_arg};
use crate::tx::Tx;

impl Tx {
    /// Removes up to `at_most` previews of a sandbox that were made before a time. Several may do so at once.
    ///
    /// # Errors
    /// As of the database.
    pub async fn forget_previews(
        &mut self,
        sandbox: &str,
        made_before: DateTime<Utc>,
        at_most: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM preview WHERE id IN (\
                   SELECT id FROM preview WHERE sandbox = $1 AND created_at < $2 ORDER BY created_at, id LIMIT $3)";
        self.execute(sql, args![sandbox, made_before, count_arg(at_most)]).await
    }
}
