//! Making, changing and deleting documents.
//!
//! Whether a change is still meant for what is there is part of the statement that writes it. What a flow refers to is
//! locked while the flow is written, so that nobody deletes it at the same moment. What governs exports or is recorded in
//! the audit log takes the sandbox's governance row before any other lock (`governance.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;

use outflow_model::{Problem, Problems};
use serde_json::Value;

use super::{COLUMNS, Cell, Change, Document, Expected, Kind, Link, NewDocument, Noun, etag};
use crate::error::{Conflict, StoreError, is_unique_violation};
use crate::nouns::{Connection, Flow, Run, SourceConnection, TargetConnection, audited};
use crate::sql::{self, Arg, Columns as _, args};
use crate::tx::Tx;

/// Links of a flow that one statement writes.
const LINKS_AT_ONCE: usize = 100;

impl From<Cell> for Arg {
    fn from(cell: Cell) -> Arg {
        match cell {
            Cell::Text(text) => Arg::Text(text),
            Cell::Int(number) => Arg::Int(number),
        }
    }
}

impl Tx {
    /// Makes a document of version 1.
    ///
    /// # Errors
    /// `Conflict` when the id or a unique name is taken, or a run of the same segment is under way; `Invalid` when it
    /// refers to what is not there; as of the database.
    pub async fn insert<N: Noun>(&mut self, new: NewDocument<'_>) -> Result<Arc<Document>, StoreError> {
        self.insert_kind(Kind::of::<N>(), new).await
    }

    async fn insert_kind(&mut self, kind: Kind, new: NewDocument<'_>) -> Result<Arc<Document>, StoreError> {
        let id = match new.id {
            Some(id) => id,
            None => self.store.new_id()?,
        };
        self.govern(kind, new.sandbox).await?;
        self.relink(kind, new.sandbox, &id, &new.body).await?;
        let now = self.store.stamp();
        let mut args =
            args![&id, new.sandbox, new.name, &new.body, 1_i64, now, new.by, now, new.by, None::<String>, 1_i64];
        args.extend(kind.columns.iter().map(|c| Arg::from(c.cell(&new.body))));
        let marks: Vec<String> = (1..=args.len()).map(|n| format!("${n}")).collect();
        let own: String = kind.columns.iter().map(|c| format!(", {}", c.name)).collect();
        let values = marks.join(", ");
        let sql = format!("INSERT INTO {} ({COLUMNS}{own}) VALUES ({values}) ON CONFLICT DO NOTHING", kind.table);
        if self.execute(sql, args).await? == 0 {
            return Err(self.what_collides(kind, new.sandbox, &id, new.name, &new.body).await?);
        }
        let made = Arc::new(Document {
            id,
            sandbox: new.sandbox.to_owned(),
            name: new.name.to_owned(),
            body: new.body,
            version: 1,
            created_at: now,
            created_by: new.by.to_owned(),
            updated_at: now,
            updated_by: new.by.to_owned(),
            details: Value::Null,
            revision: 1,
        });
        self.chronicle(kind, None, Some(&made)).await?;
        Ok(made)
    }

    /// Changes a document, if it is still of the version that is expected.
    ///
    /// # Errors
    /// `NotFound`; `Stale` with the present entity tag; `Conflict` when a unique name is taken, or a run that would
    /// live again has a successor under way; `Invalid` when it refers to what is not there; as of the database.
    pub async fn update<N: Noun>(
        &mut self,
        sandbox: &str,
        id: &str,
        expected: Expected,
        change: Change<'_>,
    ) -> Result<Arc<Document>, StoreError> {
        self.update_kind(Kind::of::<N>(), sandbox, id, expected, change).await
    }

    async fn update_kind(
        &mut self,
        kind: Kind,
        sandbox: &str,
        id: &str,
        expected: Expected,
        change: Change<'_>,
    ) -> Result<Arc<Document>, StoreError> {
        let before = self.govern_change(kind, sandbox, id).await?;
        self.relink(kind, sandbox, id, &change.body).await?;
        let now = self.store.stamp();
        let mut args = args![id, sandbox, change.name, &change.body, now, change.by];
        let mut sets = String::new();
        for column in kind.columns {
            args.push(column.cell(&change.body).into());
            sets.push_str(&format!(", {} = ${}", column.name, args.len()));
        }
        let condition = version_condition(expected, &mut args);
        let sql = format!(
            "UPDATE {} SET name = COALESCE($3, name), body = $4, version = version + 1, \
             revision = revision + 1, updated_at = $5, updated_by = $6{sets} \
             WHERE id = $1 AND sandbox = $2{condition} RETURNING name, version, created_at, created_by, details, revision",
            kind.table
        );
        self.has_written = true;
        let row = match sql::rows_raw(self.conn(), sql, args).await {
            Ok(rows) => rows.into_iter().next(),
            Err(e) if is_unique_violation(&e) => {
                return Err(taken(kind, change.name.unwrap_or_default(), &change.body));
            }
            Err(e) => return Err(e.into()),
        };
        let Some(row) = row else { return Err(self.why_not(kind, sandbox, id).await?) };
        let after = Arc::new(Document {
            id: id.to_owned(),
            sandbox: sandbox.to_owned(),
            name: row.text(0)?,
            body: change.body,
            version: row.int(1)?,
            created_at: row.time(2)?,
            created_by: row.text(3)?,
            updated_at: now,
            updated_by: change.by.to_owned(),
            details: row.json_or_null(4)?.unwrap_or_default(),
            revision: row.int(5)?,
        });
        if let Some(before) = before.filter(|before| (&before.name, &before.body) != (&after.name, &after.body)) {
            self.chronicle(kind, Some(&before), Some(&after)).await?;
        }
        Ok(after)
    }

    /// Sets what the server has to tell of a document. Its version, its entity tag and the time of its last change
    /// stay.
    ///
    /// # Errors
    /// `NotFound`; as of the database.
    pub async fn set_details<N: Noun>(&mut self, sandbox: &str, id: &str, details: &Value) -> Result<(), StoreError> {
        let kind = Kind::of::<N>();
        let set = "SET details = $3, revision = revision + 1";
        let sql = format!("UPDATE {} {set} WHERE id = $1 AND sandbox = $2", kind.table);
        match self.execute(sql, args![id, sandbox, details]).await? {
            0 => Err(StoreError::NotFound { noun: kind.title, id: id.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Deletes a document with its secrets and what else belongs to it.
    ///
    /// # Errors
    /// `NotFound`; `Stale`; `Conflict` naming the flows when it is a connection that flows use; as of the database.
    pub async fn delete<N: Noun>(&mut self, sandbox: &str, id: &str, expected: Expected) -> Result<(), StoreError> {
        self.delete_kind(Kind::of::<N>(), sandbox, id, expected).await
    }

    async fn delete_kind(&mut self, kind: Kind, sandbox: &str, id: &str, expected: Expected) -> Result<(), StoreError> {
        self.govern(kind, sandbox).await?;
        let document = self.lock_kind(kind, sandbox, id).await?;
        if !matches!(expected, Expected::Any) && expected != Expected::Version(document.version) {
            return Err(StoreError::Stale { noun: kind.title, id: id.to_owned(), etag: document.etag() });
        }
        let guarded = [Connection::TABLE, SourceConnection::TABLE, TargetConnection::TABLE];
        if guarded.contains(&kind.table) {
            let by = self.users_of(kind, sandbox, id).await?;
            if !by.is_empty() {
                return Err(StoreError::Conflict(Conflict::InUse { noun: kind.title, id: id.to_owned(), by }));
            }
        }
        if kind.is::<Flow>() {
            let sql = "DELETE FROM secret WHERE owner IN (SELECT id FROM alert_subscription WHERE flow_id = $1)";
            self.execute(sql, args![id]).await?;
        }
        for (table, column) in kind.owns {
            match audited(table) {
                Some(owned) => self.delete_owned(owned, sandbox, column, id).await?,
                None => self.execute(format!("DELETE FROM {table} WHERE {column} = $1"), args![id]).await.map(drop)?,
            }
        }
        if !kind.ids_in_sandbox {
            self.execute("DELETE FROM secret WHERE owner = $1", args![id]).await?;
        }
        let sql = format!("DELETE FROM {} WHERE id = $1 AND sandbox = $2", kind.table);
        self.execute(sql, args![id, sandbox]).await?;
        self.chronicle(kind, Some(&document), None).await
    }

    /// Deletes what goes with a document and is recorded by itself.
    async fn delete_owned(&mut self, kind: Kind, sandbox: &str, column: &str, owner: &str) -> Result<(), StoreError> {
        let of_owner = format!("FROM {} WHERE {column} = $1 AND sandbox = $2", kind.table);
        let sql = format!("SELECT {COLUMNS} {of_owner} ORDER BY created_at, id");
        let owned = self.documents(kind, sql, args![owner, sandbox]).await?;
        self.execute(format!("DELETE {of_owner}"), args![owner, sandbox]).await?;
        for document in &owned {
            self.chronicle(kind, Some(document), None).await?;
        }
        Ok(())
    }

    /// A document that nobody else changes until this transaction ends: for reading, deciding and then writing. Who will
    /// then change one that governs or is audited calls [`Tx::lock_governance`] before.
    ///
    /// # Errors
    /// `NotFound`; as of the database.
    pub async fn lock<N: Noun>(&mut self, sandbox: &str, id: &str) -> Result<Arc<Document>, StoreError> {
        self.lock_kind(Kind::of::<N>(), sandbox, id).await
    }

    async fn lock_kind(&mut self, kind: Kind, sandbox: &str, id: &str) -> Result<Arc<Document>, StoreError> {
        let lock = self.dialect().for_update();
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE id = $1 AND sandbox = $2{lock}", kind.table);
        let found = self.one(kind, sql, args![id, sandbox]).await?;
        found.ok_or_else(|| StoreError::NotFound { noun: kind.title, id: id.to_owned() })
    }

    /// Why a change found no row.
    async fn why_not(&mut self, kind: Kind, sandbox: &str, id: &str) -> Result<StoreError, StoreError> {
        let sql = format!("SELECT version FROM {} WHERE id = $1 AND sandbox = $2", kind.table);
        let (noun, id) = (kind.title, id.to_owned());
        Ok(match self.row(sql, args![&id, sandbox]).await? {
            Some(row) => StoreError::Stale { noun, id, etag: etag(row.int(0)?) },
            None => StoreError::NotFound { noun, id },
        })
    }

    /// What made an insertion do nothing.
    async fn what_collides(
        &mut self,
        kind: Kind,
        sandbox: &str,
        id: &str,
        name: &str,
        body: &Value,
    ) -> Result<StoreError, StoreError> {
        let (mut sql, mut args) = (format!("SELECT id FROM {} WHERE id = $1", kind.table), args![id]);
        if kind.ids_in_sandbox {
            sql.push_str(" AND sandbox = $2");
            args.push(sandbox.into());
        }
        if self.row(sql, args).await?.is_some() {
            return Ok(StoreError::Conflict(Conflict::Exists { noun: kind.title, id: id.to_owned() }));
        }
        let mut error = taken(kind, name, body);
        if let StoreError::Conflict(Conflict::LiveRun { flow_id, segment_id, run }) = &mut error {
            let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
            let live = match segment_id.is_empty() {
                true => self.live_run_of_stream(flow_id, kind).await?,
                false => self.live_run(flow_id, segment_id).await?,
            };
            *run = live.map(|live| live.id.clone());
        }
        Ok(error)
    }

    /// Records what a body refers to, and holds on to what must exist.
    async fn relink(&mut self, kind: Kind, sandbox: &str, id: &str, body: &Value) -> Result<(), StoreError> {
        if !kind.is::<Flow>() {
            return Ok(());
        }
        let links = (kind.links)(body);
        self.hold_links(sandbox, &links).await?;
        let wanted: BTreeSet<(String, String)> = links.into_iter().map(|l| (l.noun.to_owned(), l.id)).collect();
        let held = self.rows("SELECT noun, id FROM flow_link WHERE flow_id = $1", args![id]).await?;
        let held = held.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
        if held.collect::<Result<BTreeSet<_>, StoreError>>()? == wanted {
            return Ok(());
        }
        self.execute("DELETE FROM flow_link WHERE flow_id = $1", args![id]).await?;
        let wanted: Vec<_> = wanted.into_iter().collect();
        for chunk in wanted.chunks(LINKS_AT_ONCE) {
            let mut args = args![id];
            let mut values = Vec::with_capacity(chunk.len());
            for (noun, to) in chunk {
                values.push(format!("($1, ${}, ${})", args.len() + 1, args.len() + 2));
                args.extend(args![noun, to]);
            }
            self.execute(format!("INSERT INTO flow_link (flow_id, noun, id) VALUES {}", values.join(", ")), args)
                .await?;
        }
        Ok(())
    }

    /// Locks what must exist against deletion, and the accounts below it. All that is missing is told at once.
    async fn hold_links(&mut self, sandbox: &str, links: &[Link]) -> Result<(), StoreError> {
        let lock = self.dialect().for_share();
        let mut problems = Vec::new();
        for link in links.iter().filter(|l| l.must_exist) {
            let sql = format!("SELECT base_connection_id FROM {} WHERE id = $1 AND sandbox = $2{lock}", link.noun);
            let Some(row) = self.row(sql, args![&link.id, sandbox]).await? else {
                problems.push(Problem::new(&link.pointer, format!("there is no {} {}", link.title, link.id)));
                continue;
            };
            let Some(base) = row.text_or_null(0)? else { continue };
            let sql = format!("SELECT id FROM connection WHERE id = $1 AND sandbox = $2{lock}");
            if self.row(sql, args![&base, sandbox]).await?.is_none() {
                problems.push(Problem::new(
                    &link.pointer,
                    format!("its account, connection {base}, is not there any more"),
                ));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(StoreError::Invalid(Problems(problems))) }
    }
}

/// The conflict behind a unique index of a noun.
fn taken(kind: Kind, name: &str, body: &Value) -> StoreError {
    if kind.is::<Run>() {
        let member = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (flow_id, segment_id) = (member("flowId"), member("segmentId"));
        return StoreError::Conflict(Conflict::LiveRun { flow_id, segment_id, run: None });
    }
    if kind.unique_names {
        return StoreError::Conflict(Conflict::NameTaken { noun: kind.title, name: name.to_owned() });
    }
    StoreError::internal(format!("table {} refused a row", kind.table))
}

fn version_condition(expected: Expected, args: &mut Vec<Arg>) -> String {
    match expected {
        Expected::Any => String::new(),
        Expected::Never => " AND 1 = 0".to_owned(),
        Expected::Version(version) => {
            args.push(version.into());
            format!(" AND version = ${}", args.len())
        }
    }
}
