//! What a connector is: typed for its author, erased for everyone else.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use outflow_model::{Fault, FaultClass};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::catalog::{CatalogEntry, refuse};
use crate::journal::Journal;
use crate::misfit::misfits;
use crate::probe::{FieldProblem, ProbeReport};
use crate::retry::RetryPolicy;
use crate::session::Session;
use crate::stream::StreamSession;

/// What a connector promises about repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// A part is visible once and whole, or not at all, however often it is sent.
    ExactlyOnce,
    /// A message arrives, perhaps more than once, with the same event id.
    AtLeastOnce,
}

/// Tells the time. The binary passes the machine's clock, tests pass one that stands still.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What a session needs from outside: connectors read no clock, no environment and no disk of their own.
#[derive(Clone)]
pub struct SessionContext {
    /// This attempt's own name, eight hexadecimal digits, new for every process. Part of temporary names.
    pub attempt: String,
    /// Where uploads and temporary files are recorded before they are created.
    pub journal: Arc<dyn Journal>,
    /// The time, for what signs its requests with it.
    pub clock: Clock,
    /// How single requests are tried again.
    pub retry: RetryPolicy,
    /// Random bits for jitter.
    pub seed: u64,
    /// Upper bound in bytes for what the session may buffer in all.
    pub buffer_bytes_max: u64,
}

/// A kind of destination, written against its own types.
#[async_trait]
pub trait ConnectorKind: Send + Sync + 'static {
    /// Who connects: endpoint and credentials. Doc comments become the form, the JSON Schema and the reference page.
    type Account: DeserializeOwned + JsonSchema + Send + Sync;
    /// What is delivered to: bucket and folder.
    type Target: DeserializeOwned + JsonSchema + Send + Sync;

    /// The URL scheme and registry key: `s3`, `sftp`, `file`.
    fn id(&self) -> &'static str;

    /// The name on the catalog card.
    fn title(&self) -> &'static str;

    /// What it promises.
    fn guarantee(&self) -> Guarantee;

    /// What the catalog says of it.
    fn catalog(&self) -> &'static CatalogEntry;

    /// Where the target is, as a URL without credentials.
    fn url(&self, account: &Self::Account, target: &Self::Target) -> String;

    /// Every problem that can be seen without input or output, by field.
    fn check(&self, account: &Self::Account, target: &Self::Target) -> Vec<FieldProblem>;

    /// The problems of the account alone, before it has a target.
    fn check_account(&self, account: &Self::Account) -> Vec<FieldProblem>;

    /// The problems of the target alone, as a person gives it: its folder ends before the first macro. What is asked of
    /// people here may be more than [`check`](Self::check) asks of a folder with a segment's name in it.
    fn check_target(&self, _target: &Self::Target) -> Vec<FieldProblem> {
        Vec::new()
    }

    /// Signs in, for an account that has no target yet. Needs no right that a delivery does not need. Each step goes into
    /// `report` when it is over: somebody may be watching.
    async fn probe_account(&self, account: &Self::Account, context: &SessionContext, report: &mut ProbeReport);

    /// Tries what a delivery will do, in the target's own prefix, and leaves nothing behind. Each step goes into `report`
    /// when it is over.
    async fn probe(
        &self,
        account: &Self::Account,
        target: &Self::Target,
        context: &SessionContext,
        report: &mut ProbeReport,
    );

    /// Connects to a target of files.
    async fn open(
        &self,
        _account: &Self::Account,
        _target: &Self::Target,
        _context: SessionContext,
    ) -> Result<Box<dyn Session>, Fault> {
        Err(wrong_delivery(self.title(), "messages", "files"))
    }

    /// Connects to a target of messages.
    async fn open_stream(
        &self,
        _account: &Self::Account,
        _target: &Self::Target,
        _context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        Err(wrong_delivery(self.title(), "files", "messages"))
    }
}

/// The fault for a kind of destination that is asked for what it does not take.
fn wrong_delivery(title: &str, takes: &str, asked: &str) -> Fault {
    Fault::new(FaultClass::Config, format!("{title} takes {takes}, not {asked}"))
        .hint(format!("pick a destination that takes {asked}"))
}

/// A [`ConnectorKind`] with its types erased to JSON.
#[async_trait]
pub trait Connector: Send + Sync {
    /// See [`ConnectorKind::id`].
    fn id(&self) -> &'static str;

    /// See [`ConnectorKind::title`].
    fn title(&self) -> &'static str;

    /// See [`ConnectorKind::guarantee`].
    fn guarantee(&self) -> Guarantee;

    /// See [`ConnectorKind::catalog`].
    fn catalog(&self) -> &'static CatalogEntry;

    /// JSON Schemas of account and target.
    fn schemas(&self) -> (Value, Value);

    /// See [`ConnectorKind::url`].
    ///
    /// # Errors
    /// `Config` when the values are not of the connector's types.
    fn url(&self, account: &Value, target: &Value) -> Result<String, Fault>;

    /// See [`ConnectorKind::check`]. A value that does not fit the type is a problem too.
    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem>;

    /// See [`ConnectorKind::check_account`]. A value that does not fit the type is a problem too.
    fn check_account(&self, account: &Value) -> Vec<FieldProblem>;

    /// See [`ConnectorKind::check_target`]. A value that does not fit the type is a problem too.
    fn check_target(&self, target: &Value) -> Vec<FieldProblem>;

    /// See [`ConnectorKind::probe_account`]. Checks first.
    async fn probe_account_into(&self, account: &Value, context: &SessionContext, report: &mut ProbeReport);

    /// The same for who waits for the whole report.
    async fn probe_account(&self, account: &Value, context: &SessionContext) -> ProbeReport {
        let mut report = ProbeReport::default();
        self.probe_account_into(account, context, &mut report).await;
        report
    }

    /// See [`ConnectorKind::probe`]. Checks first.
    async fn probe_into(&self, account: &Value, target: &Value, context: &SessionContext, report: &mut ProbeReport);

    /// The same for who waits for the whole report.
    async fn probe(&self, account: &Value, target: &Value, context: &SessionContext) -> ProbeReport {
        let mut report = ProbeReport::default();
        self.probe_into(account, target, context, &mut report).await;
        report
    }

    /// See [`ConnectorKind::open`]. Checks first.
    async fn open(&self, account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault>;

    /// See [`ConnectorKind::open_stream`]. Checks first.
    async fn open_stream(
        &self,
        account: &Value,
        target: &Value,
        context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault>;
}

/// Erases a [`ConnectorKind`].
pub struct Erased<K>(pub K);

impl<K: ConnectorKind> Erased<K> {
    fn read(&self, account: &Value, target: &Value) -> Result<(K::Account, K::Target), Vec<FieldProblem>> {
        match (Self::read_account(account), Self::read_target(target)) {
            (Ok(account), Ok(target)) => Ok((account, target)),
            (account, target) => Err(account.err().into_iter().chain(target.err()).flatten().collect()),
        }
    }

    /// Both, without a problem that can be seen.
    fn checked(&self, account: &Value, target: &Value) -> Result<(K::Account, K::Target), Fault> {
        let (account, target) = self.read(account, target).map_err(|problems| refuse(&problems))?;
        let problems = self.0.check(&account, &target);
        if problems.is_empty() { Ok((account, target)) } else { Err(refuse(&problems)) }
    }

    fn read_account(account: &Value) -> Result<K::Account, Vec<FieldProblem>> {
        read_as("account", account)
    }

    fn read_target(target: &Value) -> Result<K::Target, Vec<FieldProblem>> {
        read_as("target", target)
    }
}

/// Reads `value`, which is called `part`; every member that does not fit is a problem of its own.
fn read_as<T: DeserializeOwned + JsonSchema>(part: &str, value: &Value) -> Result<T, Vec<FieldProblem>> {
    T::deserialize(value).map_err(|error| {
        let problems = misfits(part, &schemars::schema_for!(T).to_value(), value);
        if problems.is_empty() { vec![misfit(part, &error)] } else { problems }
    })
}

/// A value that is not of the connector's type. The parser's words may quote the value, which may be a secret.
fn misfit(part: &str, error: &serde_json::Error) -> FieldProblem {
    let text = error.to_string();
    let shown = ["missing field", "unknown field"].iter().any(|kind| text.starts_with(kind));
    let message = if shown { text } else { "a member has the wrong type".to_owned() };
    FieldProblem { field: part.into(), message }
}

#[async_trait]
impl<K: ConnectorKind> Connector for Erased<K> {
    fn id(&self) -> &'static str {
        self.0.id()
    }

    fn title(&self) -> &'static str {
        self.0.title()
    }

    fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }

    fn catalog(&self) -> &'static CatalogEntry {
        self.0.catalog()
    }

    fn schemas(&self) -> (Value, Value) {
        (schemars::schema_for!(K::Account).to_value(), schemars::schema_for!(K::Target).to_value())
    }

    fn url(&self, account: &Value, target: &Value) -> Result<String, Fault> {
        let (account, target) = self.read(account, target).map_err(|problems| refuse(&problems))?;
        Ok(self.0.url(&account, &target))
    }

    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem> {
        match (Self::read_account(account), Self::read_target(target)) {
            (Ok(account), Ok(target)) => self.0.check(&account, &target),
            (account, target) => {
                let account = account.map_or_else(|problems| problems, |account| self.0.check_account(&account));
                let target = target.map_or_else(|problems| problems, |target| self.0.check_target(&target));
                account.into_iter().chain(target).collect()
            }
        }
    }

    fn check_account(&self, account: &Value) -> Vec<FieldProblem> {
        match Self::read_account(account) {
            Ok(account) => self.0.check_account(&account),
            Err(problems) => problems,
        }
    }

    fn check_target(&self, target: &Value) -> Vec<FieldProblem> {
        match Self::read_target(target) {
            Ok(target) => self.0.check_target(&target),
            Err(problems) => problems,
        }
    }

    async fn probe_account_into(&self, account: &Value, context: &SessionContext, report: &mut ProbeReport) {
        let problems = self.check_account(account);
        match Self::read_account(account) {
            Ok(account) if problems.is_empty() => self.0.probe_account(&account, context, report).await,
            _ => report.failed("Check the settings", &refuse(&problems)),
        }
    }

    async fn probe_into(&self, account: &Value, target: &Value, context: &SessionContext, report: &mut ProbeReport) {
        let read = self.read(account, target).and_then(|(account, target)| {
            let problems = self.0.check(&account, &target);
            if problems.is_empty() { Ok((account, target)) } else { Err(problems) }
        });
        match read {
            Ok((account, target)) => self.0.probe(&account, &target, context, report).await,
            Err(problems) => report.failed("Check the settings", &refuse(&problems)),
        }
    }

    async fn open(&self, account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
        let (account, target) = self.checked(account, target)?;
        self.0.open(&account, &target, context).await
    }

    async fn open_stream(
        &self,
        account: &Value,
        target: &Value,
        context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        let (account, target) = self.checked(account, target)?;
        self.0.open_stream(&account, &target, context).await
    }
}
