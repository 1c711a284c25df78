//! Bearer tokens: 256 random bits, of which the database keeps the SHA-256. They expire and can be revoked.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::access::AccessScope;
use secrecy::{ExposeSecret as _, SecretString};

use crate::clients::{Client, names_of, opens, scopes_of, words_of};
use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Columns as _, args, count_arg};
use crate::tx::Tx;

/// Longest text that is looked up as a token. Ours have 43 characters.
pub(crate) const TOKEN_BYTES_MAX: usize = 512;

/// A new token. Its text is given this once.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// What it may be used for.
    pub scopes: Vec<AccessScope>,
}

/// What a token gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whose it is.
    pub client_id: String,
    /// What it may be used for.
    pub scopes: Vec<AccessScope>,
    /// The sandboxes that it opens, or `*` for all.
    pub sandboxes: Vec<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Until when its end can be put off; none for what is no session.
    pub renewable_until: Option<DateTime<Utc>>,
}

impl Access {
    /// Whether it opens a sandbox.
    pub fn may_use(&self, sandbox: &str) -> bool {
        opens(&self.sandboxes, sandbox)
    }

    /// Whether it may be used for something.
    pub fn has_scope(&self, scope: AccessScope) -> bool {
        scope.is_in(&self.scopes)
    }
}

/// What the database keeps of a token.
pub(crate) fn hash_of(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

impl Store {
    /// A token for a client that knows its secret. Without `scopes` it has all of the client's, else those of them that
    /// the client has.
    ///
    /// # Errors
    /// `Denied` when there is no such client or the secret is wrong, `Invalid` when none of the scopes is the client's; as
    /// of the database.
    pub async fn issue_token(
        &self,
        client_id: &str,
        secret: &SecretString,
        scopes: &[AccessScope],
        lifetime: Duration,
    ) -> Result<IssuedToken, StoreError> {
        let known = self.client_with_secret(client_id, secret).await?;
        let granted = granted(&known.client, scopes);
        if granted.is_empty() {
            return Err(StoreError::invalid("scope", "the client has none of these scopes"));
        }
        let mut tx = self.begin().await?;
        let client = tx.still_known(known).await?;
        let issued = tx.insert_token(&client, granted, lifetime, None).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// A token for a client, for someone who holds the database anyway.
    ///
    /// # Errors
    /// `NotFound` when there is no such client; as of the database.
    pub async fn issue_token_locally(&self, client_id: &str, lifetime: Duration) -> Result<IssuedToken, StoreError> {
        let client = self.client(client_id).await?;
        let granted = client.scopes.clone();
        let mut tx = self.begin().await?;
        let issued = tx.insert_token(&client, granted, lifetime, None).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// What a token gives; none when it is not one of ours, has expired or was revoked.
    ///
    /// # Errors
    /// As of the database.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Access>, StoreError> {
        if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Ok(None);
        }
        let sql = "SELECT t.client_id, t.scopes, c.sandboxes, t.expires_at, t.renewable_until FROM token t \
                   JOIN client c ON c.id = t.client_id \
                   WHERE t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2";
        let Some(row) = self.read().await?.row(sql, args![hash_of(token), self.now()]).await? else { return Ok(None) };
        Ok(Some(Access {
            client_id: row.text(0)?,
            scopes: scopes_of(&row.json(1)?),
            sandboxes: words_of(&row.json(2)?),
            expires_at: row.time(3)?,
            renewable_until: row.time_or_null(4)?,
        }))
    }

    /// Revokes a token. False when it was not valid.
    ///
    /// # Errors
    /// As of the database.
    pub async fn revoke_token(&self, token: &str) -> Result<bool, StoreError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let sql = "UPDATE token SET revoked_at = $2 WHERE hash = $1 AND revoked_at IS NULL AND expires_at > $2";
        let revoked = tx.execute(sql, args![hash_of(token), now]).await? > 0;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Revokes every token of a client, and says how many were valid.
    ///
    /// # Errors
    /// As of the database.
    pub async fn revoke_tokens_of(&self, client_id: &str) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let revoked = tx.revoke_tokens(client_id).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Forgets up to `limit` tokens, and as many login links, that are not valid any more. Says how many it was of what
    /// was more.
    ///
    /// # Errors
    /// As of the database.
    pub async fn purge_tokens(&self, limit: usize) -> Result<u64, StoreError> {
        let now = self.now();
        let old = "SELECT hash FROM token WHERE expires_at <= $1 OR revoked_at IS NOT NULL LIMIT $2";
        let mut tx = self.begin().await?;
        let sql = format!("DELETE FROM token WHERE hash IN ({old})");
        let purged = tx.execute(sql, args![now, count_arg(limit as u64)]).await?;
        let links = tx.purge_login_links(now, limit).await?;
        tx.commit().await?;
        Ok(purged.max(links))
    }
}

/// The time `lifetime` after `now`.
///
/// # Errors
/// `Invalid` when there is no such time.
pub(crate) fn end_of(now: DateTime<Utc>, lifetime: Duration) -> Result<DateTime<Utc>, StoreError> {
    let end = TimeDelta::from_std(lifetime).ok().and_then(|lifetime| now.checked_add_signed(lifetime));
    end.ok_or_else(|| StoreError::invalid("lifetime", "is too long"))
}

impl Tx {
    /// A token that is there once the transaction is committed. Its end can be put off for as long as `renewable` says.
    pub(crate) async fn insert_token(
        &mut self,
        client: &Client,
        scopes: Vec<AccessScope>,
        lifetime: Duration,
        renewable: Option<Duration>,
    ) -> Result<IssuedToken, StoreError> {
        let token = self.store.new_secret()?;
        let now = self.store.now();
        let expires_at = end_of(now, lifetime)?;
        let renewable_until = renewable.map(|longest| end_of(now, longest)).transpose()?;
        let sql = "INSERT INTO token (hash, client_id, scopes, created_at, expires_at, renewable_until) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let hash = hash_of(token.expose_secret());
        self.execute(sql, args![hash, &client.id, &names_of(&scopes), now, expires_at, renewable_until]).await?;
        Ok(IssuedToken { token, expires_at, scopes })
    }
}

/// Of the scopes asked for, those that the client has.
fn granted(client: &Client, asked: &[AccessScope]) -> Vec<AccessScope> {
    if asked.is_empty() {
        return client.scopes.clone();
    }
    asked.iter().copied().filter(|scope| scope.is_in(&client.scopes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scopes_of_the_client_are_granted() {
        use AccessScope::{All, Read, Write};
        let client = |scopes: &[AccessScope]| Client {
            id: "c".to_owned(),
            name: String::new(),
            scopes: scopes.to_vec(),
            sandboxes: Vec::new(),
            created_at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(granted(&client(&[Write]), &[]), [Write]);
        assert_eq!(granted(&client(&[Read]), &[Read, Write]), [Read]);
        assert_eq!(granted(&client(&[All]), &[Read]), [Read]);
        assert_eq!(granted(&client(&[Write]), &[Read]), [Read]);
        assert_eq!(granted(&client(&[Read]), &[Write]), []);
    }
}
