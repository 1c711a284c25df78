//! Encryption of a run's files: the account's key, and the seed that every try of the run draws from.
//!
//! The plan names the key's fingerprints and not the key, as it names the account and not its credentials. A key that was
//! replaced since is not encrypted to any more, and its successor would give other bytes: such a run fails, and the next
//! one follows the new key. The seed is sealed as secrets are. It is gone when the run was a success, and where it was
//! none when the run can no longer be tried again.

use chrono::{DateTime, Utc};
use outflow_export::openpgp::{Encryption, PublicKey, Seed};
use outflow_model::encryption::{Recipient, given_key};
use outflow_model::{Fault, FaultClass, Problems};
use outflow_store::{Connection, FencedTx, Job, StoreError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::StoredPlan;
use crate::context::Inner;

/// Where a run's seed is among secrets.
const SEED: &str = "/encryption/seed";

/// The key of an account; `None` where it has none and its files go out in clear.
///
/// # Errors
/// `Config` when there is a key and it cannot be used.
pub(super) fn key(connection: &Value, now: DateTime<Utc>) -> Result<Option<PublicKey>, Fault> {
    let tried = "read the account's encryption";
    let refuse = |problem| Fault::new(FaultClass::Config, Problems(vec![problem]).to_string()).tried(tried);
    let Some(given) = given_key(connection.get("encryption")).map_err(refuse)? else { return Ok(None) };
    let key = PublicKey::read(given.text.as_bytes(), now);
    key.map(Some).map_err(|problem| problem.fault(FaultClass::Config, tried))
}

/// What encrypts the files of a planned run; `None` where they go out in clear, as planned.
///
/// # Errors
/// `Config` when the account's key is not that of the plan, or not good any more; `Input` when the seed is gone.
pub(super) async fn encryption(inner: &Inner, job: &Job, plan: &StoredPlan) -> Result<Option<Encryption>, Fault> {
    let mut reader = inner.store.read().await?;
    let connection = reader.get::<Connection>(&job.sandbox, &plan.place.connection).await?;
    let key = key(&connection.body, inner.now())?;
    let Some(key) = planned(key, plan.encryption.as_ref())? else { return Ok(None) };
    let seed = reader.secret(&job.subject, SEED).await?;
    let seed = seed.and_then(|text| Seed::from_text(text.expose_secret()));
    let seed = seed.ok_or_else(|| {
        Fault::input("what the run's encryption was begun with is not kept any more").hint("run the flow anew")
    })?;
    Ok(Some(Encryption::new(key, seed)))
}

/// The account's key, as the plan wants it.
fn planned(key: Option<PublicKey>, recipient: Option<&Recipient>) -> Result<Option<PublicKey>, Fault> {
    let changed = |text: &str| {
        Err(Fault::new(FaultClass::Config, text)
            .tried("encrypt the files as planned")
            .hint("run the flow anew: a new run encrypts to the key of the moment"))
    };
    match (key, recipient) {
        (None, None) => Ok(None),
        (Some(_), None) => changed("the account was given an OpenPGP key after the run was planned"),
        (None, Some(_)) => changed("the account's OpenPGP key was taken out after the run was planned"),
        (Some(key), Some(recipient)) => match key.to(recipient) {
            Some(key) => Ok(Some(key)),
            None => changed("the account was given another OpenPGP key after the run was planned"),
        },
    }
}

/// Makes the seed of a run that is being planned.
pub(super) async fn make_seed(tx: &mut FencedTx, job: &Job) -> Result<(), StoreError> {
    let seed = Seed::new(tx.random_bytes()?);
    tx.put_secret(&job.sandbox, &job.subject, SEED, &SecretString::from(seed.to_text())).await
}

/// Forgets the seed of a run that was a success.
pub(super) async fn forget_seed(tx: &mut FencedTx, job: &Job) -> Result<(), StoreError> {
    tx.delete_secret(&job.subject, SEED).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_that_asks_for_encryption_never_delivers_in_clear() {
        let now = DateTime::UNIX_EPOCH;
        for clear in [json!({}), json!({"encryption": null}), json!({"encryption": {}}), json!({"encryption": ""})] {
            assert!(key(&clear, now).unwrap().is_none(), "{clear}");
        }
        for asked in [
            json!({"encryption": {"key": "x"}}),
            json!({"encryption": "x"}),
            json!({"encryption": [1]}),
            json!({"encryption": {"params": {"publicKey": "x"}}}),
        ] {
            assert_eq!(key(&asked, now).unwrap_err().class, FaultClass::Config, "{asked}");
        }
    }

    #[test]
    fn a_plan_and_an_account_that_differ_deliver_nothing() {
        let recipient = Recipient { fingerprint: "A".into(), encryption_fingerprint: "B".into() };
        assert!(planned(None, None).unwrap().is_none());
        let fault = planned(None, Some(&recipient)).unwrap_err();
        assert_eq!(fault.class, FaultClass::Config);
        assert!(fault.hint.contains("anew"), "{fault:?}");
    }
}
