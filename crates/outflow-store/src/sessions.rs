//! Sessions of people: tokens that last while they are used, and links that begin one without a secret.
//!
//! A session is a token like any other, but that its end is put off while it is used, up to a time that is fixed when it
//! begins. A login link is good for one session; of its token the database keeps the SHA-256, too.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::clients::Client;
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Columns as _, args, count_arg};
use crate::tokens::{IssuedToken, TOKEN_BYTES_MAX, end_of, hash_of};
use crate::tx::Tx;

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Without being used.
    pub idle: Duration,
    /// At most, however much it is used.
    pub longest: Duration,
}

/// A new login link. Its token is given this once.
#[derive(Debug)]
pub struct LoginLink {
    /// What opens it.
    pub token: SecretString,
    /// When it ends, unless it is used before.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Begins a session of a client that knows its secret. It has all of the client's scopes.
    ///
    /// # Errors
    /// `Denied` when there is no such client or the secret is wrong; `Busy` while too many secrets are checked; as of the
    /// database.
    pub async fn begin_session(
        &self,
        client_id: &str,
        secret: &SecretString,
        lifetime: SessionLifetime,
    ) -> Result<IssuedToken, StoreError> {
        let known = self.client_with_secret(client_id, secret).await?;
        let mut tx = self.begin().await?;
        let client = tx.still_known(known).await?;
        let issued = tx.insert_session(&client, lifetime).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// Begins a session by a login link, which is used up by that: of several that use it at the same moment one has a
    /// session.
    ///
    /// # Errors
    /// `Denied` when there is no such link, it has expired or was used; as of the database.
    pub async fn begin_session_by_link(
        &self,
        link: &SecretString,
        lifetime: SessionLifetime,
    ) -> Result<IssuedToken, StoreError> {
        if link.expose_secret().len() > TOKEN_BYTES_MAX {
            return Err(StoreError::Denied);
        }
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM login_link WHERE hash = $1 RETURNING client_id, expires_at";
        let row = tx.changed(sql, args![hash_of(link.expose_secret())]).await?.ok_or(StoreError::Denied)?;
        if row.time(1)? <= self.now() {
            return Err(StoreError::Denied);
        }
        let client = tx.find_client(&row.text(0)?).await?;
        let issued = tx.insert_session(&client, lifetime).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// Puts off the end of a session to `idle` from now, and never beyond what was fixed when it began. Nothing happens to
    /// what is no session, or is over.
    ///
    /// # Errors
    /// As of the database.
    pub async fn renew_session(&self, token: &str, idle: Duration) -> Result<(), StoreError> {
        let now = self.now();
        let wanted = end_of(now, idle)?;
        let sql = "UPDATE token SET expires_at = CASE WHEN renewable_until < $2 THEN renewable_until ELSE $2 END \
                   WHERE hash = $1 AND revoked_at IS NULL AND expires_at > $3 AND expires_at < $2 \
                   AND expires_at < renewable_until";
        let mut tx = self.begin().await?;
        tx.execute(sql, args![hash_of(token), wanted, now]).await?;
        tx.commit().await
    }

    /// Makes a link that begins one session of a client, on behalf of `by`, and records who made it; none is the server
    /// itself.
    ///
    /// # Errors
    /// `NotFound` when there is no such client; as of the database.
    pub async fn issue_login_link(
        &self,
        client_id: &str,
        by: Option<&str>,
        lifetime: Duration,
    ) -> Result<LoginLink, StoreError> {
        let token = self.new_secret()?;
        let expires_at = end_of(self.now(), lifetime)?;
        let mut tx = self.begin().await?;
        let client = tx.find_client(client_id).await?;
        let sql = "INSERT INTO login_link (hash, client_id, expires_at) VALUES ($1, $2, $3)";
        tx.execute(sql, args![hash_of(token.expose_secret()), &client.id, expires_at]).await?;
        tx.record_client(by, "loginLinkMade", &client, (None, None)).await?;
        tx.commit().await?;
        Ok(LoginLink { token, expires_at })
    }
}

impl Tx {
    /// A session that is there once the transaction is committed, and the record that it began.
    async fn insert_session(&mut self, client: &Client, lifetime: SessionLifetime) -> Result<IssuedToken, StoreError> {
        let first = lifetime.idle.min(lifetime.longest);
        let issued = self.insert_token(client, client.scopes.clone(), first, Some(lifetime.longest)).await?;
        self.record_client(Some(&client.id), "signedIn", client, (None, None)).await?;
        Ok(issued)
    }

    /// Forgets up to `limit` login links that have expired, and says how many it was.
    pub(crate) async fn purge_login_links(&mut self, now: DateTime<Utc>, limit: usize) -> Result<u64, StoreError> {
        let old = "SELECT hash FROM login_link WHERE expires_at <= $1 LIMIT $2";
        let sql = format!("DELETE FROM login_link WHERE hash IN ({old})");
        self.execute(sql, args![now, count_arg(limit as u64)]).await
    }
}
