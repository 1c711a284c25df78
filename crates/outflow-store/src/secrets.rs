//! Secrets of documents: cut out of a body before it is stored, put back only for who delivers or probes.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::connect::Store;
use crate::documents::Noun;
use crate::error::StoreError;
use crate::seal::{Place, Sealed};
use crate::sql::{Columns as _, args, count_arg, count_of};
use crate::tx::{Reader, Tx};

/// How far a change of keys has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets whose keys the call wrapped again.
    pub rewrapped: u64,
    /// Secrets that another key than the active one still opens.
    pub left: u64,
}

/// Whether a secret opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretState {
    /// Its id; the next look begins behind it.
    pub id: String,
    /// Its sandbox.
    pub sandbox: String,
    /// The document that it is of.
    pub owner: String,
    /// Whether the keys open it.
    pub opens: bool,
}

/// Takes the strings at `pointers` (JSON pointers) out of a body, and gives them with their pointers. Members that are
/// not strings stay: whoever checks the body refuses them.
pub fn cut_secrets(body: &mut Value, pointers: &[&str]) -> Vec<(String, SecretString)> {
    let mut secrets = Vec::new();
    for pointer in pointers {
        let Some((parent, member)) = pointer.rsplit_once('/') else { continue };
        let Some(Value::Object(members)) = body.pointer_mut(parent) else { continue };
        let member = member.replace("~1", "/").replace("~0", "~");
        if !members.get(&member).is_some_and(Value::is_string) {
            continue;
        }
        if let Some(Value::String(text)) = members.shift_remove(&member) {
            secrets.push(((*pointer).to_owned(), SecretString::from(text)));
        }
    }
    secrets
}

/// Puts a string to a JSON pointer, making the objects on the way.
fn put_back(body: &mut Value, pointer: &str, text: &str) {
    let mut place = body;
    for name in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        let Value::Object(members) = place else { return };
        place = members.entry(name.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *place = Value::from(text);
}

/// A row of the secrets.
struct Row {
    id: String,
    sandbox: String,
    owner: String,
    pointer: String,
    sealed: Sealed,
}

const COLUMNS: &str = "id, sandbox, owner, pointer, key_id, wrapped_key, sealed";

impl Row {
    fn of(row: &AnyRow) -> Result<Row, StoreError> {
        let sealed = Sealed { key_id: row.text(4)?, wrapped_key: row.text(5)?, sealed: row.text(6)? };
        Ok(Row { id: row.text(0)?, sandbox: row.text(1)?, owner: row.text(2)?, pointer: row.text(3)?, sealed })
    }

    fn place(&self) -> Place<'_> {
        Place { id: &self.id, sandbox: &self.sandbox, owner: &self.owner, pointer: &self.pointer }
    }

    fn open(&self, store: &Store) -> Result<SecretString, StoreError> {
        let bytes = store.keys().open(self.place(), &self.sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| StoreError::internal("a secret that is no text"))?;
        Ok(SecretString::from(text))
    }
}

impl Reader {
    /// The secret of a document at a JSON pointer.
    ///
    /// # Errors
    /// `Keys` when it does not open; as of the database.
    pub async fn secret(&mut self, owner: &str, pointer: &str) -> Result<Option<SecretString>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM secret WHERE owner = $1 AND pointer = $2");
        let Some(row) = self.row(sql, args![owner, pointer]).await? else { return Ok(None) };
        Row::of(&row)?.open(&self.store).map(Some)
    }

    /// The JSON pointers at which a document has secrets, sorted.
    ///
    /// # Errors
    /// As of the database.
    pub async fn secret_pointers(&mut self, owner: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT pointer FROM secret WHERE owner = $1 ORDER BY pointer";
        self.rows(sql, args![owner]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Whether the secrets behind the id `after` open, `limit` at most.
    pub(crate) async fn secret_states(&mut self, after: &str, limit: usize) -> Result<Vec<SecretState>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM secret WHERE id > $1 ORDER BY id LIMIT $2");
        let rows = self.rows(sql, args![after, count_arg(limit as u64)]).await?;
        let state = |row: &AnyRow| {
            let row = Row::of(row)?;
            let opens = row.open(&self.store).is_ok();
            Ok(SecretState { id: row.id, sandbox: row.sandbox, owner: row.owner, opens })
        };
        rows.iter().map(state).collect()
    }

    /// The body of a document with its secrets put back. It must not be shown, logged or stored.
    ///
    /// # Errors
    /// `NotFound`; `Keys` when a secret does not open; as of the database.
    pub async fn opened<N: Noun>(&mut self, sandbox: &str, id: &str) -> Result<Value, StoreError> {
        let mut body = self.get::<N>(sandbox, id).await?.body.clone();
        let sql = format!("SELECT {COLUMNS} FROM secret WHERE owner = $1 AND sandbox = $2 ORDER BY pointer");
        for row in self.rows(sql, args![id, sandbox]).await? {
            let row = Row::of(&row)?;
            put_back(&mut body, &row.pointer, row.open(&self.store)?.expose_secret());
        }
        Ok(body)
    }
}

impl Tx {
    /// Keeps a secret of a document, in place of the one it had at the same pointer.
    ///
    /// # Errors
    /// As of the database.
    pub async fn put_secret(
        &mut self,
        sandbox: &str,
        owner: &str,
        pointer: &str,
        secret: &SecretString,
    ) -> Result<(), StoreError> {
        let (id, now) = (self.store.new_id()?, self.store.now());
        let place = Place { id: &id, sandbox, owner, pointer };
        let store = self.store.clone();
        let sealed = store.keys().seal(place, secret.expose_secret().as_bytes(), store.random())?;
        self.delete_secret(owner, pointer).await?;
        let sql = format!("INSERT INTO secret ({COLUMNS}, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let mut args = args![&id, sandbox, owner, pointer];
        args.extend(args![sealed.key_id, sealed.wrapped_key, sealed.sealed, now]);
        self.execute(sql, args).await.map(drop)
    }

    /// Forgets a secret of a document.
    ///
    /// # Errors
    /// As of the database.
    pub async fn delete_secret(&mut self, owner: &str, pointer: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM secret WHERE owner = $1 AND pointer = $2", args![owner, pointer]).await.map(drop)
    }
}

impl Store {
    /// Wraps the keys of up to `batch` secrets with the active key. Called again until none is left; an old key may
    /// leave the key file then.
    ///
    /// # Errors
    /// `Keys` when a secret does not open; as of the database.
    pub async fn rotate_secrets(&self, batch: usize) -> Result<Rotated, StoreError> {
        self.keys().refresh();
        let active = self.keys().active_id();
        let mut tx = self.begin().await?;
        let lock = tx.dialect().for_update();
        let old = format!("SELECT {COLUMNS} FROM secret WHERE key_id <> $1 ORDER BY key_id, id LIMIT $2{lock}");
        let mut rewrapped = 0;
        for row in tx.rows(old, args![&active, count_arg(batch as u64)]).await? {
            let row = Row::of(&row)?;
            let sealed = self.keys().rewrap(row.place(), &row.sealed, self.random())?;
            let sql = "UPDATE secret SET key_id = $2, wrapped_key = $3 WHERE id = $1";
            rewrapped += tx.execute(sql, args![&row.id, sealed.key_id, sealed.wrapped_key]).await?;
        }
        let left = tx.row("SELECT COUNT(*) FROM secret WHERE key_id <> $1", args![&active]).await?;
        let left = left.map_or(Ok(0), |row| row.int(0)).map(count_of)?;
        tx.commit().await?;
        Ok(Rotated { rewrapped, left })
    }

    /// Removes up to `batch` secrets of runs that ended before `before`, and answers how many. Called again until fewer are
    /// removed.
    ///
    /// # Errors
    /// As of the database.
    pub async fn purge_run_secrets(&self, before: DateTime<Utc>, batch: usize) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let old =
            "SELECT s.id FROM secret s JOIN run r ON r.id = s.owner WHERE r.live = 0 AND r.updated_at < $1 LIMIT $2";
        let sql = format!("DELETE FROM secret WHERE id IN ({old})");
        let removed = tx.execute(sql, args![before, count_arg(batch as u64)]).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Opens one secret of each key that secrets are sealed with.
    pub(crate) async fn check_keys(&self) -> Result<(), StoreError> {
        let mut reader = self.read().await?;
        let some = format!("SELECT {COLUMNS} FROM secret WHERE id IN (SELECT MIN(id) FROM secret GROUP BY key_id)");
        for row in reader.rows(some, Vec::new()).await? {
            Row::of(&row)?.open(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_cut_out_and_put_back() {
        let mut body = json!({"name": "a", "auth": {"params": {"user": "u", "a/b": "hush", "port": 22}}});
        let whole = body.clone();
        let secrets = cut_secrets(&mut body, &["/auth/params/a~1b", "/auth/params/port", "/auth/none", "nonsense"]);
        assert_eq!(body, json!({"name": "a", "auth": {"params": {"user": "u", "port": 22}}}));
        assert_eq!(secrets.len(), 1);
        for (pointer, secret) in &secrets {
            put_back(&mut body, pointer, secret.expose_secret());
        }
        assert_eq!(body, whole);
        let mut empty = json!({"auth": "x"});
        put_back(&mut empty, "/auth/params/key", "hush");
        assert_eq!(empty, json!({"auth": {"params": {"key": "hush"}}}));
    }
}
