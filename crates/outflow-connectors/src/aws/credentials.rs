//! The key pair of an account, and the role that it may assume.

use aws_credential_types::Credentials;
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::sts::Assumed;

/// The account's own key pair, and the temporary one of its role while that is good.
pub(crate) struct Keys {
    base: Credentials,
    role: Option<Role>,
    assumed: Mutex<Option<Assumed>>,
}

/// A role to assume.
pub(crate) struct Role {
    pub arn: String,
    pub external_id: Option<String>,
    /// Names the session in the account's audit log.
    pub session_name: String,
}

/// What an account says of who signs.
pub(crate) struct KeyPair<'a> {
    pub access: &'a str,
    pub secret: &'a str,
    pub session_token: Option<&'a str>,
    pub role_arn: Option<&'a str>,
    pub external_id: Option<&'a str>,
}

/// A client that can ask the token service for a role's key pair.
pub(crate) trait TokenService: Sync {
    /// What it fails with.
    type Failure;

    /// The time.
    fn now(&self) -> DateTime<Utc>;

    /// Assumes `role` with the account's own key pair.
    fn assume(&self, role: &Role) -> impl Future<Output = Result<Assumed, Self::Failure>> + Send;
}

impl Keys {
    /// The keys of an account; `attempt` names the sessions of its role.
    pub(crate) fn new(pair: &KeyPair<'_>, attempt: &str) -> Keys {
        let role = pair.role_arn.map(|arn| Role {
            arn: arn.to_owned(),
            external_id: pair.external_id.map(str::to_owned),
            session_name: format!("outflow-{attempt}"),
        });
        let token = pair.session_token.map(str::to_owned);
        Keys {
            base: Credentials::new(pair.access, pair.secret, token, None, "account"),
            role,
            assumed: Mutex::new(None),
        }
    }

    /// The account's own key pair.
    pub(crate) fn base(&self) -> Credentials {
        self.base.clone()
    }

    /// The role's ARN, empty without a role.
    pub(crate) fn role_arn(&self) -> &str {
        self.role.as_ref().map_or("", |role| role.arn.as_str())
    }

    /// What requests are signed with now. Assumes the role when needed; tasks that come meanwhile wait. The request to the
    /// token service is tried again by the client: whoever calls this must not do so once more.
    pub(crate) async fn current<S: TokenService>(&self, service: &S) -> Result<Credentials, S::Failure> {
        let Some(role) = &self.role else { return Ok(self.base()) };
        let mut assumed = self.assumed.lock().await;
        match assumed.as_ref().filter(|a| a.is_fresh(service.now())) {
            Some(fresh) => Ok(fresh.credentials.clone()),
            None => {
                let fresh = service.assume(role).await?;
                Ok(assumed.insert(fresh).credentials.clone())
            }
        }
    }

    /// Forgets the role's credentials that the service calls expired, unless others have taken their place already.
    /// `false` when there is no role to assume again.
    pub(crate) async fn forget(&self, expired: &Credentials) -> bool {
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
