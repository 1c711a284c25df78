//! Reading documents by id or name.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::any::AnyRow;

use super::{COLUMNS, Document, Kind, Noun, Scope};
use crate::error::{Reference, StoreError};
use crate::nouns::{Connection, Flow, Segment, TargetConnection};
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, args, in_list, json_of};
use crate::tx::Reader;

/// Which revision of which document stands in a list.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) sandbox: String,
    pub(super) revision: i64,
    pub(super) born_micros: i64,
}

impl Reader {
    /// A document.
    ///
    /// # Errors
    /// `NotFound` when the sandbox has none of that id; as of the database.
    pub async fn get<N: Noun>(&mut self, sandbox: &str, id: &str) -> Result<Arc<Document>, StoreError> {
        let found = self.find::<N>(sandbox, id).await?;
        found.ok_or_else(|| StoreError::NotFound { noun: N::TITLE, id: id.to_owned() })
    }

    /// A document, if there is one of that id.
    ///
    /// # Errors
    /// As of the database.
    pub async fn find<N: Noun>(&mut self, sandbox: &str, id: &str) -> Result<Option<Arc<Document>>, StoreError> {
        self.find_kind(Kind::of::<N>(), sandbox, id).await
    }

    async fn find_kind(&mut self, kind: Kind, sandbox: &str, id: &str) -> Result<Option<Arc<Document>>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE id = $1 AND sandbox = $2", kind.table);
        self.one(kind, sql, args![id, sandbox]).await
    }

    /// The document that has a name; the newest where several do.
    ///
    /// # Errors
    /// As of the database.
    pub async fn by_name<N: Noun>(&mut self, sandbox: &str, name: &str) -> Result<Option<Arc<Document>>, StoreError> {
        self.named(Kind::of::<N>(), sandbox, name).await
    }

    async fn named(&mut self, kind: Kind, sandbox: &str, name: &str) -> Result<Option<Arc<Document>>, StoreError> {
        let order = "ORDER BY created_at DESC, id DESC LIMIT 1";
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE sandbox = $1 AND name = $2 {order}", kind.table);
        self.one(kind, sql, args![sandbox, name]).await
    }

    /// The documents of `ids`, in their order. Those that are not there are left out.
    ///
    /// # Errors
    /// As of the database.
    pub async fn get_many<N: Noun>(&mut self, sandbox: &str, ids: &[String]) -> Result<Vec<Arc<Document>>, StoreError> {
        let found = self.by_ids(Kind::of::<N>(), Scope::Sandbox(sandbox), ids).await?;
        let found: HashMap<&str, &Arc<Document>> = found.iter().map(|d| (d.id.as_str(), d)).collect();
        Ok(ids.iter().filter_map(|id| found.get(id.as_str()).copied().cloned()).collect())
    }

    /// The documents of a statement that selects [`COLUMNS`].
    pub(crate) async fn documents(
        &mut self,
        kind: Kind,
        sql: impl Into<String>,
        args: Vec<Arg>,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        let rows = self.rows(sql, args).await?;
        rows.iter().map(|row| self.remembered(kind, row)).collect()
    }

    /// The document of a statement that selects [`COLUMNS`] of one row at most.
    pub(crate) async fn one(
        &mut self,
        kind: Kind,
        sql: impl Into<String>,
        args: Vec<Arg>,
    ) -> Result<Option<Arc<Document>>, StoreError> {
        Ok(self.documents(kind, sql, args).await?.pop())
    }

    /// The document of a row of [`COLUMNS`], parsed at most once for each revision.
    pub(crate) fn remembered(&self, kind: Kind, row: &AnyRow) -> Result<Arc<Document>, StoreError> {
        let head = Head { id: row.text(0)?, sandbox: row.text(1)?, revision: row.int(10)?, born_micros: row.int(5)? };
        if let Some(document) = self.store.cache().get(kind.table, &head) {
            return Ok(document);
        }
        let body = row.text(3)?;
        let document = Arc::new(Document::of(row, json_of(&body)?)?);
        if !self.has_written {
            self.store.cache().put(kind.table, &document, body.len());
        }
        Ok(document)
    }

    /// The documents of `heads`, in their order. One that was deleted meanwhile is left out.
    pub(super) async fn of_heads(&mut self, kind: Kind, heads: &[Head]) -> Result<Vec<Arc<Document>>, StoreError> {
        let known: Vec<Option<Arc<Document>>> =
            heads.iter().map(|head| self.store.cache().get(kind.table, head)).collect();
        let missing = heads.iter().zip(&known).filter(|(_, k)| k.is_none()).map(|(h, _)| h.id.clone());
        let missing: Vec<String> = missing.collect();
        let fetched = self.by_ids(kind, Scope::All, &missing).await?;
        let fetched: HashMap<(&str, &str), &Arc<Document>> =
            fetched.iter().map(|d| ((d.sandbox.as_str(), d.id.as_str()), d)).collect();
        let of = |head: &Head| fetched.get(&(head.sandbox.as_str(), head.id.as_str())).copied().cloned();
        Ok(heads.iter().zip(known).filter_map(|(head, known)| known.or_else(|| of(head))).collect())
    }

    async fn by_ids(&mut self, kind: Kind, scope: Scope<'_>, ids: &[String]) -> Result<Vec<Arc<Document>>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(IN_LIST_MAX) {
            let (list, mut args) = in_list(1, chunk);
            let mut sql = format!("SELECT {COLUMNS} FROM {} WHERE id IN {list}", kind.table);
            if let Scope::Sandbox(sandbox) = scope {
                args.push(sandbox.into());
                sql.push_str(&format!(" AND sandbox = ${}", args.len()));
            }
            found.extend(self.documents(kind, sql, args).await?);
        }
        Ok(found)
    }

    /// The flows that could not work without a document: those that deliver to or read from a connection, and those
    /// that activate a segment. Oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flows_using<N: Noun>(&mut self, sandbox: &str, id: &str) -> Result<Vec<Reference>, StoreError> {
        self.users_of(Kind::of::<N>(), sandbox, id).await
    }

    pub(super) async fn users_of(&mut self, kind: Kind, sandbox: &str, id: &str) -> Result<Vec<Reference>, StoreError> {
        let links = if kind.is::<Connection>() {
            "SELECT flow_id FROM flow_link WHERE id IN (\
             SELECT id FROM target_connection WHERE base_connection_id = $2 \
             UNION SELECT id FROM source_connection WHERE base_connection_id = $2)"
                .to_owned()
        } else {
            format!("SELECT flow_id FROM flow_link WHERE noun = '{}' AND id = $2", kind.table)
        };
        let sql = format!("SELECT id, name FROM flow WHERE sandbox = $1 AND id IN ({links}) ORDER BY created_at, id");
        let rows = self.rows(sql, args![sandbox, id]).await?;
        rows.iter().map(|r| Ok(Reference { noun: Flow::TITLE, id: r.text(0)?, name: r.text(1)? })).collect()
    }

    /// The oldest `limit` flows of a name that deliver to a target.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flows_of_name_to(
        &mut self,
        sandbox: &str,
        name: &str,
        target_id: &str,
        limit: u32,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        let links = format!(
            "SELECT 1 FROM flow_link l WHERE l.flow_id = flow.id AND l.noun = '{}' AND l.id = $3",
            TargetConnection::TABLE
        );
        let condition = format!("sandbox = $1 AND name = $2 AND EXISTS ({links})");
        let sql = format!("SELECT {COLUMNS} FROM flow WHERE {condition} ORDER BY created_at, id LIMIT {limit}");
        self.documents(Kind::of::<Flow>(), sql, args![sandbox, name, target_id]).await
    }

    /// The flows that activate a segment, enabled or not, oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flows_activating(
        &mut self,
        sandbox: &str,
        segment_id: &str,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        let links = format!("SELECT flow_id FROM flow_link WHERE noun = '{}' AND id = $2", Segment::TABLE);
        let condition = format!("sandbox = $1 AND id IN ({links})");
        let sql = format!("SELECT {COLUMNS} FROM flow WHERE {condition} ORDER BY created_at, id");
        self.documents(Kind::of::<Flow>(), sql, args![sandbox, segment_id]).await
    }
}
