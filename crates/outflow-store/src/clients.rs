//! Clients: who may ask for tokens. Their secrets are kept as argon2id hashes and cannot be shown again.

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::access::AccessScope;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sqlx::any::AnyRow;

use crate::audit::{Entry, SERVER_WIDE};
use crate::connect::Store;
use crate::error::{Conflict, StoreError};
use crate::sql::{Columns as _, args};
use crate::tx::{Reader, Tx};

/// The client that is made first.
pub const ADMIN: &str = "admin";

/// Length of a secret and of a token before Base64.
pub(crate) const SECRET_BYTES: usize = 32;

/// Longest secret that is hashed: a longer one is nobody's.
const SECRET_TEXT_BYTES_MAX: usize = 1024;

/// What a secret that does not exist is compared with, so that an unknown client takes as long as a known one.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it calls itself when it asks for a token.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// What its tokens may be used for.
    pub scopes: Vec<AccessScope>,
    /// The sandboxes that its tokens open, or `*` for all.
    pub sandboxes: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Client {
    /// Whether it may use a sandbox.
    pub fn may_use(&self, sandbox: &str) -> bool {
        opens(&self.sandboxes, sandbox)
    }

    /// How the audit log has it.
    fn recorded(&self) -> Value {
        json!({"id": self.id, "name": self.name, "scopes": names_of(&self.scopes), "sandboxes": self.sandboxes})
    }
}

/// Whether one of `sandboxes` is `sandbox`, or all.
pub(crate) fn opens(sandboxes: &[String], sandbox: &str) -> bool {
    sandboxes.iter().any(|s| s == "*" || s == sandbox)
}

/// A client to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// What it will call itself.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// What its tokens may be used for.
    pub scopes: Vec<AccessScope>,
    /// The sandboxes that its tokens open, or `*` for all.
    pub sandboxes: Vec<String>,
}

/// A client whose secret somebody knew a moment ago.
pub(crate) struct KnownClient {
    pub(crate) client: Client,
    /// What the database kept of that secret.
    hash: String,
}

const COLUMNS: &str = "id, name, scopes, sandboxes, created_at";

fn client_of(row: &AnyRow) -> Result<Client, StoreError> {
    let (scopes, sandboxes) = (scopes_of(&row.json(2)?), words_of(&row.json(3)?));
    Ok(Client { id: row.text(0)?, name: row.text(1)?, scopes, sandboxes, created_at: row.time(4)? })
}

/// The scopes of a JSON array.
pub(crate) fn scopes_of(json: &Value) -> Vec<AccessScope> {
    words_of(json).iter().filter_map(|name| AccessScope::named(name)).collect()
}

/// Scopes as a JSON array.
pub(crate) fn names_of(scopes: &[AccessScope]) -> Value {
    scopes.iter().map(|scope| scope.name()).collect()
}

/// The strings of a JSON array.
pub(crate) fn words_of(json: &Value) -> Vec<String> {
    let words = json.as_array().map(Vec::as_slice).unwrap_or_default();
    words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

impl Store {
    /// Makes the client `admin`, who may do everything everywhere, unless there is one. Its secret is given to `keep` this
    /// once, and the client is there once that has it: whoever dies in between makes another one at the next start. Of
    /// several servers at the same moment one makes it, and no other is given a secret. True when this one did.
    ///
    /// # Errors
    /// What `keep` answers; as of the database.
    pub async fn bootstrap_admin(&self, keep: impl FnOnce(&SecretString) -> Result<(), Fault>) -> Result<bool, Fault> {
        let known = self.read().await?.row("SELECT id FROM client WHERE id = $1", args![ADMIN]).await?;
        if known.is_some() {
            return Ok(false);
        }
        let new = NewClient {
            id: ADMIN.to_owned(),
            name: "Administrator".to_owned(),
            scopes: vec![AccessScope::All],
            sandboxes: vec!["*".to_owned()],
        };
        match self.insert_client(new, None).await {
            Ok((tx, _, secret)) => {
                keep(&secret)?;
                tx.commit().await?;
                Ok(true)
            }
            // Another server made it at the same moment.
            Err(StoreError::Conflict(Conflict::Exists { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a client, on behalf of `by`. Its secret is given this once.
    ///
    /// # Errors
    /// `Conflict` when the id is taken; as of the database.
    pub async fn create_client(&self, new: NewClient, by: &str) -> Result<(Client, SecretString), StoreError> {
        let (tx, client, secret) = self.insert_client(new, Some(by)).await?;
        tx.commit().await?;
        Ok((client, secret))
    }

    /// A client that is there once the transaction is committed.
    async fn insert_client(&self, new: NewClient, by: Option<&str>) -> Result<(Tx, Client, SecretString), StoreError> {
        let secret = self.new_secret()?;
        let hash = self.hash(&secret).await?;
        let now = self.stamp();
        let sql = "INSERT INTO client (id, name, secret_hash, scopes, sandboxes, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING";
        let (scopes, sandboxes) = (names_of(&new.scopes), Value::from(new.sandboxes.clone()));
        let mut tx = self.begin().await?;
        if tx.execute(sql, args![&new.id, &new.name, hash, &scopes, &sandboxes, now]).await? == 0 {
            return Err(StoreError::Conflict(Conflict::Exists { noun: "client", id: new.id }));
        }
        let NewClient { id, name, scopes, sandboxes } = new;
        let client = Client { id, name, scopes, sandboxes, created_at: now };
        tx.record_client(by, "created", &client, (None, Some(&client))).await?;
        Ok((tx, client, secret))
    }

    /// Gives a client a new secret in place of its old one, on behalf of `by`, and revokes its tokens.
    ///
    /// # Errors
    /// `NotFound`; as of the database.
    pub async fn reset_secret(&self, client_id: &str, by: &str) -> Result<SecretString, StoreError> {
        let secret = self.new_secret()?;
        let hash = self.hash(&secret).await?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let client = tx.find_client(client_id).await?;
        let sql = "UPDATE client SET secret_hash = $2, updated_at = $3 WHERE id = $1";
        if tx.execute(sql, args![client_id, hash, now]).await? == 0 {
            return Err(StoreError::NotFound { noun: "client", id: client_id.to_owned() });
        }
        tx.revoke_tokens(client_id).await?;
        tx.record_client(Some(by), "secretReset", &client, (None, None)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// All clients, oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn clients(&self) -> Result<Vec<Client>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM client ORDER BY created_at, id");
        self.read().await?.rows(sql, Vec::new()).await?.iter().map(client_of).collect()
    }

    /// Deletes a client with its tokens, on behalf of `by`.
    ///
    /// # Errors
    /// `NotFound`; as of the database.
    pub async fn delete_client(&self, client_id: &str, by: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let client = tx.find_client(client_id).await?;
        if tx.execute("DELETE FROM client WHERE id = $1", args![client_id]).await? == 0 {
            return Err(StoreError::NotFound { noun: "client", id: client_id.to_owned() });
        }
        tx.record_client(Some(by), "deleted", &client, (Some(&client), None)).await?;
        tx.commit().await
    }

    /// The client, if the secret is its. [`Tx::still_known`] says whether it still is.
    pub(crate) async fn client_with_secret(
        &self,
        client_id: &str,
        secret: &SecretString,
    ) -> Result<KnownClient, StoreError> {
        if secret.expose_secret().len() > SECRET_TEXT_BYTES_MAX {
            return Err(StoreError::Denied);
        }
        let sql = format!("SELECT {COLUMNS}, secret_hash FROM client WHERE id = $1");
        let row = self.read().await?.row(sql, args![client_id]).await?;
        let hash = row.as_ref().map_or_else(|| Ok(NOBODYS_HASH.to_owned()), |row| row.text(5))?;
        let is_right = self.verify(secret, hash.clone()).await?;
        match row {
            Some(row) if is_right => Ok(KnownClient { client: client_of(&row)?, hash }),
            _ => Err(StoreError::Denied),
        }
    }

    /// The client.
    ///
    /// # Errors
    /// `NotFound`; as of the database.
    pub async fn client(&self, client_id: &str) -> Result<Client, StoreError> {
        self.read().await?.find_client(client_id).await
    }

    /// 256 random bits as text.
    pub(crate) fn new_secret(&self) -> Result<SecretString, StoreError> {
        let bytes = Zeroizing::new(self.random_bytes::<SECRET_BYTES>()?);
        Ok(SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    async fn hash(&self, secret: &SecretString) -> Result<String, StoreError> {
        let salt: [u8; 16] = self.random_bytes()?;
        let secret = secret.clone();
        self.with_argon2(move |argon2| {
            let hash = argon2.hash_password_with_salt(secret.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| StoreError::internal("a secret cannot be hashed"))
        })
        .await?
    }

    async fn verify(&self, secret: &SecretString, hash: String) -> Result<bool, StoreError> {
        let secret = secret.clone();
        self.with_argon2(move |argon2| argon2.verify_password(secret.expose_secret().as_bytes(), hash.as_str()).is_ok())
            .await
    }

    /// Hashing takes memory and a core, so it happens on a thread of its own and a few times at once at most. Who would
    /// wait behind too many is told to come back.
    async fn with_argon2<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let busy = |_| StoreError::Busy("too many secrets wait to be checked".to_owned());
        let _place = self.hashes_waiting().try_acquire().map_err(busy)?;
        let _permit = self.hashing().acquire().await.map_err(|_| StoreError::internal("the store is closed"))?;
        let done = tokio::task::spawn_blocking(move || work(&Argon2::default()));
        done.await.map_err(|_| StoreError::internal("a thread died"))
    }
}

impl Reader {
    pub(crate) async fn find_client(&mut self, client_id: &str) -> Result<Client, StoreError> {
        let row = self.row(format!("SELECT {COLUMNS} FROM client WHERE id = $1"), args![client_id]).await?;
        let row = row.ok_or_else(|| StoreError::NotFound { noun: "client", id: client_id.to_owned() })?;
        client_of(&row)
    }
}

impl Tx {
    /// Records what was done to a client, and what it was before and is after, in the log of what belongs to no sandbox.
    pub(crate) async fn record_client(
        &mut self,
        by: Option<&str>,
        action: &str,
        client: &Client,
        (before, after): (Option<&Client>, Option<&Client>),
    ) -> Result<(), StoreError> {
        let text = |client: &Client| client.recorded().to_string();
        let (before, after) = (before.map(text), after.map(text));
        let (object_id, object_name) = (client.id.as_str(), client.name.as_str());
        let entry = Entry { action, noun: "client", object_id, object_name, before, after, detail: None };
        let mut row = self.locked_governance(SERVER_WIDE).await?;
        self.append(SERVER_WIDE, &mut row, by, entry).await?;
        self.put_governance(SERVER_WIDE, row).await
    }

    /// The client, whose secret stays as it is until the transaction ends: checking a secret takes a while, in which the
    /// client may have been given another one, and what would be made now would not be revoked with the old one.
    ///
    /// # Errors
    /// `Denied` when it has another secret by now, or is gone; as of the database.
    pub(crate) async fn still_known(&mut self, known: KnownClient) -> Result<Client, StoreError> {
        let lock = self.dialect().for_update();
        let sql = format!("SELECT secret_hash FROM client WHERE id = $1{lock}");
        match self.row(sql, args![&known.client.id]).await? {
            Some(row) if row.text(0)? == known.hash => Ok(known.client),
            _ => Err(StoreError::Denied),
        }
    }

    /// Revokes the tokens of a client, and forgets its login links.
    pub(crate) async fn revoke_tokens(&mut self, client_id: &str) -> Result<u64, StoreError> {
        let now = self.store.now();
        self.execute("DELETE FROM login_link WHERE client_id = $1", args![client_id]).await?;
        let sql = "UPDATE token SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2";
        self.execute(sql, args![client_id, now]).await
    }
}
