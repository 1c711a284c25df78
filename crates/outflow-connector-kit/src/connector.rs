//! What a connector is: typed for its author, erased for everyone else.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use outflow_model::Fault;
use schemars::JsonSchema;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::journal::Journal;
use crate::probe::{FieldProblem, ProbeReport};
use crate::retry::RetryPolicy;
use crate::session::Session;

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

    /// Every problem that can be seen without input or output, by field.
    fn check(&self, account: &Self::Account, target: &Self::Target) -> Vec<FieldProblem>;

    /// Tries what a delivery will do, in the target's own prefix, and leaves nothing behind. Each step goes into `report`
    /// when it is over: somebody may be watching.
    async fn probe(
        &self,
        account: &Self::Account,
        target: &Self::Target,
        context: &SessionContext,
        report: &mut ProbeReport,
    );

    /// Connects.
    async fn open(
        &self,
        account: &Self::Account,
        target: &Self::Target,
        context: SessionContext,
    ) -> Result<Box<dyn Session>, Fault>;
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

    /// JSON Schemas of account and target.
    fn schemas(&self) -> (Value, Value);

    /// See [`ConnectorKind::check`]. A value that does not fit the type is a problem too.
    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem>;

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
}

/// Erases a [`ConnectorKind`].
pub struct Erased<K>(pub K);

impl<K: ConnectorKind> Erased<K> {
    fn read(&self, account: &Value, target: &Value) -> Result<(K::Account, K::Target), Vec<FieldProblem>> {
        let problem = |part: &str, e: serde_json::Error| FieldProblem { field: part.into(), message: e.to_string() };
        let account = K::Account::deserialize(account).map_err(|e| problem("account", e));
        let target = K::Target::deserialize(target).map_err(|e| problem("target", e));
        match (account, target) {
            (Ok(account), Ok(target)) => Ok((account, target)),
            (a, t) => Err(a.err().into_iter().chain(t.err()).collect()),
        }
    }

    fn refuse(problems: &[FieldProblem]) -> Fault {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Fault::new(outflow_model::FaultClass::Config, texts.join("; ")).hint("Correct the fields named.")
    }
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

    fn schemas(&self) -> (Value, Value) {
        (schemars::schema_for!(K::Account).to_value(), schemars::schema_for!(K::Target).to_value())
    }

    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem> {
        match self.read(account, target) {
            Ok((account, target)) => self.0.check(&account, &target),
            Err(problems) => problems,
        }
    }

    async fn probe_into(&self, account: &Value, target: &Value, context: &SessionContext, report: &mut ProbeReport) {
        let read = self.read(account, target).and_then(|(account, target)| {
            let problems = self.0.check(&account, &target);
            if problems.is_empty() { Ok((account, target)) } else { Err(problems) }
        });
        match read {
            Ok((account, target)) => self.0.probe(&account, &target, context, report).await,
            Err(problems) => report.failed("Check the settings", &Self::refuse(&problems)),
        }
    }

    async fn open(&self, account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
        let (account, target) = self.read(account, target).map_err(|problems| Self::refuse(&problems))?;
        let problems = self.0.check(&account, &target);
        if !problems.is_empty() {
            return Err(Self::refuse(&problems));
        }
        self.0.open(&account, &target, context).await
    }
}
