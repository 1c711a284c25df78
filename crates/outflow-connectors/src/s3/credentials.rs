//! The key pair of an account, and the role that it may assume.

use aws_credential_types::Credentials;
use outflow_connector_kit::{Fault, FaultClass};
use tokio::sync::Mutex;

use super::client::Client;
use super::config::Account;
use super::errors::Failure;
use super::sts;

/// The account's own key pair, and the temporary one of its role while that is good.
pub(super) struct Keys {
    base: Credentials,
    role: Option<Role>,
    assumed: Mutex<Option<sts::Assumed>>,
}

/// A role to assume.
pub(super) struct Role {
    pub arn: String,
    pub external_id: Option<String>,
    /// Names the session in the account's audit log.
    pub session_name: String,
}

impl Keys {
    pub(super) fn new(account: &Account, attempt: &str) -> Result<Keys, Fault> {
        let (access, secret) =
            account.key_pair().ok_or_else(|| Fault::new(FaultClass::Config, "there is no key pair"))?;
        let token = account.session_token().map(str::to_owned);
        let role = account.role_arn().map(|arn| Role {
            arn: arn.to_owned(),
            external_id: account.external_id().map(str::to_owned),
            session_name: format!("outflow-{attempt}"),
        });
        Ok(Keys { base: Credentials::new(access, secret, token, None, "account"), role, assumed: Mutex::new(None) })
    }

    /// The account's own key pair.
    pub(super) fn base(&self) -> Credentials {
        self.base.clone()
    }

    /// The role's ARN, empty without a role.
    pub(super) fn role_arn(&self) -> &str {
        self.role.as_ref().map_or("", |role| role.arn.as_str())
    }

    /// What requests to the store are signed with now. Assumes the role when needed; tasks that come meanwhile wait. The
    /// request to the token service is tried again by the client: whoever calls this must not do so once more.
    pub(super) async fn current(&self, client: &Client) -> Result<Credentials, Failure> {
        let Some(role) = &self.role else { return Ok(self.base()) };
        let mut assumed = self.assumed.lock().await;
        match assumed.as_ref().filter(|a| a.is_fresh(client.now())) {
            Some(fresh) => Ok(fresh.credentials.clone()),
            None => {
                let fresh = sts::assume(client, role).await?;
                Ok(assumed.insert(fresh).credentials.clone())
            }
        }
    }

    /// Forgets the role's credentials that the store calls expired, unless others have taken their place already.
    /// `false` when there is no role to assume again.
    pub(super) async fn forget(&self, expired: &Credentials) -> bool {
        if self.role.is_none() {
            return false;
        }
        let mut assumed = self.assumed.lock().await;
        if assumed.as_ref().is_some_and(|a| a.credentials.session_token() == expired.session_token()) {
            *assumed = None;
        }
        true
    }
}
