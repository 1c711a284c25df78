//! The audit log: who changed which configuration from what to what, and what was decided on exports.
//!
//! A sandbox's records are numbered without gaps and chained: the hash of each covers the one before, and the sandbox's
//! governance row says where the log ends. The database refuses to change or delete one. Who can write the database past
//! all that can still not do so unnoticed, unless they also write the end of the log; against that helps a copy of a hash
//! elsewhere.
//!
//! No secret and no profile's value is in it: bodies are recorded as they are stored, and of suppressed identities how many
//! there were.

mod check;
mod read;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::any::AnyRow;

pub use check::AuditCheck;
pub use read::{AuditPage, AuditQuery};

use crate::error::StoreError;
use crate::governance::GovernanceRow;
use crate::sql::{Columns as _, args, json_of, time_of};
use crate::tx::Tx;

/// The log of what belongs to no sandbox, such as clients. No sandbox has this name.
pub const SERVER_WIDE: &str = "*";

/// Who acts where nobody said so: the server itself.
const SERVER: &str = "outflow";

/// Something to be recorded.
#[derive(Clone, Debug)]
pub struct AuditEvent<'a> {
    /// What was done or decided: `paused`.
    pub action: &'a str,
    /// What it was done to: `flow`.
    pub noun: &'a str,
    /// Its id.
    pub object_id: &'a str,
    /// Its name.
    pub object_name: &'a str,
    /// Its particulars; null where there are none.
    pub detail: Value,
}

/// A record of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Its number in the sandbox, from 1.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The client that did it; `outflow`, the server itself; or the command of who runs it, `outflow keys`.
    pub actor: String,
    /// What was done: `created`, `updated`, `deleted` of a document, else what was decided.
    pub action: String,
    /// To what.
    pub noun: String,
    /// Its id.
    pub object_id: String,
    /// Its name.
    pub object_name: String,
    /// The document's body before.
    pub before: Option<Value>,
    /// The document's body after.
    pub after: Option<Value>,
    /// Particulars of what is no change of a document.
    pub detail: Option<Value>,
    /// Hexadecimal SHA-256 of the JSON array `[hash of the record before, sandbox, seq, at, actor, action, noun, object_id,
    /// object_name, before, after, detail]`. `at` is in microseconds since 1970; the last three are texts that hold JSON,
    /// or null. Before the first record stand 64 zeros.
    pub hash: String,
}

/// A record as it is stored.
struct Stored {
    seq: i64,
    at_micros: i64,
    actor: String,
    action: String,
    noun: String,
    object_id: String,
    object_name: String,
    before: Option<String>,
    after: Option<String>,
    detail: Option<String>,
    hash: String,
}

/// What is recorded of an action, texts of JSON as they are stored.
pub(crate) struct Entry<'a> {
    pub(crate) action: &'a str,
    pub(crate) noun: &'a str,
    pub(crate) object_id: &'a str,
    pub(crate) object_name: &'a str,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) detail: Option<String>,
}

/// The columns of a [`Stored`], in order.
const COLUMNS: &str = "seq, at, actor, action, noun, object_id, object_name, before, after, detail, hash";

impl Stored {
    fn of(row: &AnyRow) -> Result<Stored, StoreError> {
        Ok(Stored {
            seq: row.int(0)?,
            at_micros: row.int(1)?,
            actor: row.text(2)?,
            action: row.text(3)?,
            noun: row.text(4)?,
            object_id: row.text(5)?,
            object_name: row.text(6)?,
            before: row.text_or_null(7)?,
            after: row.text_or_null(8)?,
            detail: row.text_or_null(9)?,
            hash: row.text(10)?,
        })
    }

    /// The hash that it must have behind a record of the hash `previous`. JSON counts as the text that is stored: numbers
    /// may be written in several ways.
    fn chained(&self, previous: &str, sandbox: &str) -> String {
        let Stored { seq, at_micros, actor, action, noun, object_id, object_name, before, after, detail, .. } = self;
        let array = json!([
            previous,
            sandbox,
            seq,
            at_micros,
            actor,
            action,
            noun,
            object_id,
            object_name,
            before,
            after,
            detail
        ]);
        let digest = digest::digest(&digest::SHA256, array.to_string().as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn into_record(self) -> Result<AuditRecord, StoreError> {
        let json = |text: Option<String>| text.as_deref().map(json_of).transpose();
        Ok(AuditRecord {
            seq: self.seq,
            at: time_of(self.at_micros)?,
            actor: self.actor,
            action: self.action,
            noun: self.noun,
            object_id: self.object_id,
            object_name: self.object_name,
            before: json(self.before)?,
            after: json(self.after)?,
            detail: json(self.detail)?,
            hash: self.hash,
        })
    }
}

impl Tx {
    /// Says who does what this transaction will record. Without it that is who a document says has made or changed it,
    /// else `outflow`.
    pub fn act_as(&mut self, actor: &str) {
        self.actor = Some(actor.to_owned());
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or(SERVER)
    }

    /// Records something that is no change of a document. Answers the record's number.
    ///
    /// # Errors
    /// As of the database.
    pub async fn audit(&mut self, sandbox: &str, event: AuditEvent<'_>) -> Result<i64, StoreError> {
        let mut row = self.locked_governance(sandbox).await?;
        let AuditEvent { action, noun, object_id, object_name, detail } = event;
        let detail = Some(detail).filter(|detail| !detail.is_null()).map(|detail| detail.to_string());
        let entry = Entry { action, noun, object_id, object_name, before: None, after: None, detail };
        self.append(sandbox, &mut row, None, entry).await?;
        let seq = row.audit_seq;
        self.put_governance(sandbox, row).await?;
        Ok(seq)
    }

    /// Writes a record behind the last one. `row`, which is locked, then says so and is to be written.
    pub(crate) async fn append(
        &mut self,
        sandbox: &str,
        row: &mut GovernanceRow,
        by: Option<&str>,
        entry: Entry<'_>,
    ) -> Result<(), StoreError> {
        let mut stored = Stored {
            seq: row.audit_seq + 1,
            at_micros: self.store.now().timestamp_micros(),
            actor: self.actor.as_deref().or(by).unwrap_or(SERVER).to_owned(),
            action: entry.action.to_owned(),
            noun: entry.noun.to_owned(),
            object_id: entry.object_id.to_owned(),
            object_name: entry.object_name.to_owned(),
            before: entry.before,
            after: entry.after,
            detail: entry.detail,
            hash: String::new(),
        };
        stored.hash = stored.chained(&row.audit_hash, sandbox);
        let sql = format!(
            "INSERT INTO audit (sandbox, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        );
        let (seq, hash) = (stored.seq, stored.hash.clone());
        let Stored { at_micros, actor, action, noun, object_id, object_name, before, after, detail, .. } = stored;
        let mut args = args![sandbox, seq, at_micros, actor, action, noun, object_id, object_name];
        args.extend(args![before, after, detail, &hash]);
        self.execute(sql, args).await?;
        (row.audit_seq, row.audit_hash) = (seq, hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_one_that_anybody_can_compute() {
        let stored = Stored {
            seq: 1,
            at_micros: 1_767_323_045_000_006,
            actor: "admin".to_owned(),
            action: "updated".to_owned(),
            noun: "flow".to_owned(),
            object_id: "f".to_owned(),
            object_name: "\u{fc} \"quoted\"".to_owned(),
            before: Some("{\"n\":1.50}".to_owned()),
            after: None,
            detail: None,
            hash: String::new(),
        };
        let zeros = "0".repeat(64);
        // sha256sum of ["000…","prod",1,1767323045000006,"admin","updated","flow","f","ü \"quoted\"","{\"n\":1.50}",null,null]
        let hash = "99c3f653b94921a6cdeb073103f39eb2abe9c8bfb5b737de5f2a91bc89d97639";
        assert_eq!(stored.chained(&zeros, "prod"), hash);
        assert_ne!(stored.chained(&zeros, "dev"), hash);
        assert_ne!(stored.chained(hash, "prod"), hash);
    }
}
