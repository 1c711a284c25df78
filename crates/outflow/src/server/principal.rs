//! The server's own key pair for S3, which assumes the roles of accounts that bring none.
//!
//! It is put into an account only while the account is used, never stored, and only where the account's endpoint is the
//! one that the key pair is for: a session token sent elsewhere would be somebody else's.

use std::borrow::Cow;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{Connector, FieldProblem, Guarantee, ProbeReport, Session, SessionContext, StreamSession};
use outflow_model::Fault;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::settings::S3Settings;

/// The key pair.
pub struct Principal {
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: Option<SecretString>,
    endpoint: Option<String>,
}

impl Principal {
    /// The key pair that `settings` hold.
    ///
    /// # Errors
    /// `Input` when they hold none.
    pub fn new(settings: S3Settings) -> Result<Principal, Fault> {
        let (Some(access_key_id), Some(secret_access_key)) = (settings.access_key_id, settings.secret_access_key)
        else {
            return Err(Fault::input("the file of destinations.s3_principal_file has no key pair")
                .tried("read destinations.s3_principal_file")
                .hint("give [s3] accessKeyId and secretAccessKey, or set the name to \"\""));
        };
        let (session_token, endpoint) = (settings.session_token, settings.endpoint);
        Ok(Principal { access_key_id, secret_access_key, session_token, endpoint })
    }

    /// The account with this key pair, where it has a role and none of its own.
    fn complete<'a>(&self, account: &'a Value) -> Cow<'a, Value> {
        let text = |name: &str| account.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let is_for_us = text("roleArn").is_some()
            && ["s3AccessKey", "s3SecretKey", "sessionToken"].iter().all(|name| text(name).is_none())
            && text("endpoint") == self.endpoint.as_deref();
        let Some(members) = account.as_object().filter(|_| is_for_us) else { return Cow::Borrowed(account) };
        let mut members = members.clone();
        members.insert("s3AccessKey".into(), json!(self.access_key_id));
        members.insert("s3SecretKey".into(), json!(self.secret_access_key.expose_secret()));
        if let Some(token) = &self.session_token {
            members.insert("sessionToken".into(), json!(token.expose_secret()));
        }
        Cow::Owned(Value::Object(members))
    }
}

/// The S3 connector with the server's key pair at hand.
pub struct WithPrincipal {
    /// The connector.
    pub inner: Box<dyn Connector>,
    /// The key pair.
    pub principal: Principal,
}

#[async_trait]
impl Connector for WithPrincipal {
    fn id(&self) -> &'static str {
        self.inner.id()
    }

    fn title(&self) -> &'static str {
        self.inner.title()
    }

    fn guarantee(&self) -> Guarantee {
        self.inner.guarantee()
    }

    fn catalog(&self) -> &'static CatalogEntry {
        self.inner.catalog()
    }

    fn schemas(&self) -> (Value, Value) {
        self.inner.schemas()
    }

    fn url(&self, account: &Value, target: &Value) -> Result<String, Fault> {
        self.inner.url(account, target)
    }

    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem> {
        self.inner.check(&self.principal.complete(account), target)
    }

    fn check_account(&self, account: &Value) -> Vec<FieldProblem> {
        self.inner.check_account(&self.principal.complete(account))
    }

    fn check_target(&self, target: &Value) -> Vec<FieldProblem> {
        self.inner.check_target(target)
    }

    async fn probe_account_into(&self, account: &Value, context: &SessionContext, report: &mut ProbeReport) {
        self.inner.probe_account_into(&self.principal.complete(account), context, report).await;
    }

    async fn probe_into(&self, account: &Value, target: &Value, context: &SessionContext, report: &mut ProbeReport) {
        self.inner.probe_into(&self.principal.complete(account), target, context, report).await;
    }

    async fn open(&self, account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
        self.inner.open(&self.principal.complete(account), target, context).await
    }

    async fn open_stream(
        &self,
        account: &Value,
        target: &Value,
        context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        self.inner.open_stream(account, target, context).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/exports";

    fn principal(endpoint: Option<&str>) -> Principal {
        Principal::new(S3Settings {
            access_key_id: Some("ours".into()),
            secret_access_key: Some("our-secret".to_owned().into()),
            session_token: Some("our-token".to_owned().into()),
            endpoint: endpoint.map(str::to_owned),
            ..S3Settings::default()
        })
        .unwrap()
    }

    #[test]
    fn a_role_without_keys_is_assumed_with_ours() {
        let account = json!({"roleArn": ROLE, "externalId": "ext-1", "s3AccessKey": ""});
        let completed = principal(None).complete(&account).into_owned();
        assert_eq!((&completed["s3AccessKey"], &completed["s3SecretKey"]), (&json!("ours"), &json!("our-secret")));
        assert_eq!((&completed["sessionToken"], &completed["roleArn"]), (&json!("our-token"), &json!(ROLE)));
        let s3 = || outflow_connectors::registry().into_iter().find(|connector| connector.id() == "s3").unwrap();
        let alone = s3().check_account(&json!({"roleArn": ROLE}));
        assert!(alone[0].message.contains("destinations.s3_principal_file"), "{alone:?}");
        let with = WithPrincipal { inner: s3(), principal: principal(None) };
        assert_eq!(with.check_account(&json!({"roleArn": ROLE})), []);
        assert!(!with.check_account(&json!({"externalId": "ext-1"})).is_empty());
        let target = json!({"bucketName": "exports"});
        assert_eq!(with.check(&json!({"roleArn": ROLE}), &target), []);
    }

    #[test]
    fn our_keys_go_nowhere_else() {
        for account in [
            json!({"externalId": "ext-1"}),
            json!({"roleArn": ROLE, "endpoint": "http://theirs"}),
            json!({"roleArn": ROLE, "s3AccessKey": "theirs"}),
            json!({"roleArn": ROLE, "s3SecretKey": "theirs"}),
        ] {
            assert_eq!(*principal(None).complete(&account), account);
        }
        let ours = json!({"roleArn": ROLE, "endpoint": "http://ours"});
        assert_eq!(principal(Some("http://ours")).complete(&ours)["s3AccessKey"], "ours");
        assert_eq!(*principal(Some("http://ours")).complete(&json!({"roleArn": ROLE})), json!({"roleArn": ROLE}));
    }

    #[test]
    fn a_file_without_a_key_pair_is_refused() {
        let fault = Principal::new(S3Settings::default()).err().unwrap();
        assert!(fault.message.contains("destinations.s3_principal_file"), "{fault}");
    }
}
