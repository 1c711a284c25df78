//! What the writing of a document leaves behind beside the document: a record in the audit log, and a change of what
//! governs exports.

use std::sync::Arc;

use super::{COLUMNS, Document, Kind};
use crate::audit::Entry;
use crate::error::StoreError;
use crate::sql::args;
use crate::tx::Tx;

impl Tx {
    /// Takes the lock that a change of the kind needs, before any other.
    pub(super) async fn govern(&mut self, kind: Kind, sandbox: &str) -> Result<(), StoreError> {
        match kind.is_governed() {
            true => self.locked_governance(sandbox).await.map(drop),
            false => Ok(()),
        }
    }

    /// The same, and what the document is before its change, where that is to be known. The lock keeps it so.
    pub(super) async fn govern_change(
        &mut self,
        kind: Kind,
        sandbox: &str,
        id: &str,
    ) -> Result<Option<Arc<Document>>, StoreError> {
        if !kind.is_governed() {
            return Ok(None);
        }
        self.govern(kind, sandbox).await?;
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE id = $1 AND sandbox = $2", kind.table);
        self.one(kind, sql, args![id, sandbox]).await
    }

    /// Records that a document was made, changed or deleted, and counts it.
    pub(super) async fn chronicle(
        &mut self,
        kind: Kind,
        before: Option<&Document>,
        after: Option<&Document>,
    ) -> Result<(), StoreError> {
        let Some(document) = after.or(before).filter(|_| kind.is_governed()) else { return Ok(()) };
        let action = match (before, after) {
            (None, _) => "created",
            (_, None) => "deleted",
            _ => "updated",
        };
        // Who deletes is not told; the document says who made or changed it.
        let by = after.map(|after| after.updated_by.as_str());
        let mut row = self.locked_governance(&document.sandbox).await?;
        row.revision += i64::from(kind.governs);
        if kind.audited {
            let noun = kind.audit_noun();
            let entry = Entry {
                action,
                noun: &noun,
                object_id: &document.id,
                object_name: &document.name,
                before: before.map(|document| document.body.to_string()),
                after: after.map(|document| document.body.to_string()),
                detail: None,
            };
            self.append(&document.sandbox, &mut row, by, entry).await?;
        }
        self.put_governance(&document.sandbox, row).await
    }
}
