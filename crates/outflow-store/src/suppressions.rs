//! The suppression list: identities that no export of a sandbox may hold.
//!
//! An identity is kept as a hash, so that the list says of nobody that they are on it but to whom asks for them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::audit::AuditEvent;
use crate::error::StoreError;
use crate::governance::GovernanceRow;
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, args, count_arg, in_list};
use crate::tx::{Reader, Tx};

/// Most identities on the suppression list of a sandbox.
pub const SUPPRESSIONS_MAX: u64 = 1_000_000;

/// Rows of one statement: five arguments each and one for all stay well below the limits of both engines.
const AT_ONCE: usize = 100;

/// Keys that are read at a time.
const KEYS_AT_ONCE: i64 = 10_000;

/// Most identities of a page.
const PAGE_MAX: usize = 1000;

/// Namespaces with reasons that an audit record tells the counts of.
const KINDS_TOLD_MAX: usize = 100;

/// What an identity is found by: the first 16 bytes of the SHA-256 of `NAMESPACE:VALUE`. The first eight of them are the
/// hash that orders profiles, where the identity is a profile's primary one.
pub type SuppressionKey = [u8; 16];

/// An identity to be put on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuppression {
    /// What it is found by.
    pub key: SuppressionKey,
    /// Its namespace.
    pub namespace: String,
    /// Why.
    pub reason: String,
}

/// An identity on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// What it is found by.
    pub key: SuppressionKey,
    /// Its namespace.
    pub namespace: String,
    /// Why it is there.
    pub reason: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
    /// Who put it there.
    pub added_by: String,
}

fn suppression_of(row: &AnyRow) -> Result<Suppression, StoreError> {
    let (namespace, reason) = (row.text(1)?, row.text(2)?);
    Ok(Suppression { key: key_of(&row.text(0)?)?, namespace, reason, added_at: row.time(3)?, added_by: row.text(4)? })
}

fn text_of(key: &SuppressionKey) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

fn key_of(text: &str) -> Result<SuppressionKey, StoreError> {
    let key = u128::from_str_radix(text, 16).map_err(|_| StoreError::internal("a suppression key that is none"))?;
    Ok(key.to_be_bytes())
}

impl Reader {
    /// Identities on a sandbox's list behind a key, in the order of their keys, `limit` at most.
    ///
    /// # Errors
    /// `Invalid` for a limit out of 1 to 1,000; as of the database.
    pub async fn suppressions(
        &mut self,
        sandbox: &str,
        after: Option<&SuppressionKey>,
        limit: usize,
    ) -> Result<Vec<Suppression>, StoreError> {
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(StoreError::invalid("limit", format!("must be 1 to {PAGE_MAX}")));
        }
        let sql = "SELECT key, namespace, reason, added_at, added_by FROM suppression \
                   WHERE sandbox = $1 AND key > $2 ORDER BY key LIMIT $3";
        let after = after.map(text_of).unwrap_or_default();
        let rows = self.rows(sql, args![sandbox, after, count_arg(limit as u64)]).await?;
        rows.iter().map(suppression_of).collect()
    }

    /// Those of some identities that are on a sandbox's list, in the order of their keys.
    ///
    /// # Errors
    /// As of the database.
    pub async fn suppressions_among(
        &mut self,
        sandbox: &str,
        keys: &[SuppressionKey],
    ) -> Result<Vec<Suppression>, StoreError> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let mut found = Vec::new();
        for chunk in keys.chunks(IN_LIST_MAX) {
            let texts: Vec<String> = chunk.iter().map(text_of).collect();
            let (list, listed) = in_list(2, &texts);
            let sql = format!(
                "SELECT key, namespace, reason, added_at, added_by FROM suppression \
                 WHERE sandbox = $1 AND key IN {list}"
            );
            let mut args = args![sandbox];
            args.extend(listed);
            for row in self.rows(sql, args).await? {
                found.push(suppression_of(&row)?);
            }
        }
        found.sort_unstable_by_key(|one| one.key);
        Ok(found)
    }

    /// The keys of all identities on a sandbox's list, ascending. They are of one revision where the sandbox's governance
    /// is locked, or has the same one before and after.
    ///
    /// # Errors
    /// As of the database.
    pub async fn suppression_keys(&mut self, sandbox: &str) -> Result<Vec<SuppressionKey>, StoreError> {
        let sql = "SELECT key FROM suppression WHERE sandbox = $1 AND key > $2 ORDER BY key LIMIT $3";
        let (mut keys, mut after) = (Vec::new(), String::new());
        loop {
            let rows = self.rows(sql, args![sandbox, &after, KEYS_AT_ONCE]).await?;
            for row in &rows {
                after = row.text(0)?;
                keys.push(key_of(&after)?);
            }
            if count_arg(rows.len() as u64) < KEYS_AT_ONCE {
                // As numbers, whatever the database's order of texts is.
                keys.sort_unstable();
                return Ok(keys);
            }
        }
    }

    /// How many identities are on a sandbox's list.
    ///
    /// # Errors
    /// As of the database.
    pub async fn count_suppressions(&mut self, sandbox: &str) -> Result<u64, StoreError> {
        Ok(self.governance_row(sandbox).await?.suppressions)
    }
}

impl Tx {
    /// Puts identities on a sandbox's list. Answers how many were not there yet; where that is none, nothing happens.
    ///
    /// # Errors
    /// `Invalid` when the list would have more than [`SUPPRESSIONS_MAX`]; as of the database.
    pub async fn suppress(&mut self, sandbox: &str, new: &[NewSuppression]) -> Result<u64, StoreError> {
        let row = self.locked_governance(sandbox).await?;
        let (now, by) = (self.store.now(), self.actor().to_owned());
        let mut added = Vec::new();
        for chunk in new.chunks(AT_ONCE) {
            let mut args: Vec<Arg> = args![sandbox, now, &by];
            let mut values = Vec::with_capacity(chunk.len());
            for NewSuppression { key, namespace, reason } in chunk {
                let first = args.len() + 1;
                values.push(format!("($1, ${first}, ${}, ${}, $2, $3)", first + 1, first + 2));
                args.extend(args![text_of(key), namespace, reason]);
            }
            let sql = format!(
                "INSERT INTO suppression (sandbox, key, namespace, reason, added_at, added_by) VALUES {} \
                 ON CONFLICT DO NOTHING RETURNING namespace, reason",
                values.join(", ")
            );
            self.has_written = true;
            for row in self.rows(sql, args).await? {
                added.push((row.text(0)?, row.text(1)?));
            }
        }
        let count = added.len() as u64;
        if row.suppressions + count > SUPPRESSIONS_MAX {
            let text = format!("at most {SUPPRESSIONS_MAX} identities of a sandbox can be suppressed");
            return Err(StoreError::invalid("suppressions", text));
        }
        let suppressions = row.suppressions + count;
        self.suppressed(sandbox, "suppressed", &added, GovernanceRow { suppressions, ..row }).await
    }

    /// Takes identities off a sandbox's list. Answers how many were there; where that is none, nothing happens.
    ///
    /// # Errors
    /// As of the database.
    pub async fn unsuppress(&mut self, sandbox: &str, keys: &[SuppressionKey]) -> Result<u64, StoreError> {
        let row = self.locked_governance(sandbox).await?;
        let keys: Vec<String> = keys.iter().map(text_of).collect();
        let mut removed = Vec::new();
        for chunk in keys.chunks(IN_LIST_MAX) {
            let (list, mut listed) = in_list(2, chunk);
            let mut args = args![sandbox];
            args.append(&mut listed);
            self.has_written = true;
            let sql =
                format!("DELETE FROM suppression WHERE sandbox = $1 AND key IN {list} RETURNING namespace, reason");
            for row in self.rows(sql, args).await? {
                removed.push((row.text(0)?, row.text(1)?));
            }
        }
        let suppressions = row.suppressions.saturating_sub(removed.len() as u64);
        self.suppressed(sandbox, "unsuppressed", &removed, GovernanceRow { suppressions, ..row }).await
    }

    /// Records and counts a change of the list. `of` has namespace and reason of each identity. Nothing of the identities
    /// themselves is recorded: who reads the log and guesses one must not learn whether it was among them.
    async fn suppressed(
        &mut self,
        sandbox: &str,
        action: &str,
        of: &[(String, String)],
        mut row: GovernanceRow,
    ) -> Result<u64, StoreError> {
        let count = of.len() as u64;
        if count == 0 {
            return Ok(0);
        }
        row.revision += 1;
        row.suppression_revision += 1;
        self.put_governance(sandbox, row).await?;
        let mut kinds: BTreeMap<&(String, String), u64> = BTreeMap::new();
        of.iter().for_each(|kind| *kinds.entry(kind).or_default() += 1);
        let told = kinds
            .iter()
            .take(KINDS_TOLD_MAX)
            .map(|((namespace, reason), count)| json!({"namespace": namespace, "reason": reason, "count": count}));
        let detail = json!({ "count": count, "by": told.collect::<Vec<_>>() });
        let event = AuditEvent { action, noun: "suppression", object_id: "", object_name: "", detail };
        self.audit(sandbox, event).await?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_hexadecimal_and_come_back() {
        let mut key = [0; 16];
        key[1] = 0xab;
        key[15] = 1;
        assert_eq!(text_of(&key), "00ab0000000000000000000000000001");
        assert_eq!(key_of(&text_of(&key)).unwrap(), key);
        assert!(key_of("nonsense").is_err());
    }
}
