//! Alerts: what is told about runs, to whom, and how it leaves.
//!
//! An alert is a document that the API lists, made in the transaction of the change that it tells. One job for each
//! subscriber delivers it, with retry. Runs are told one by one: each began, each ended. A state that lasts, failing,
//! late, leaving out too many, is told when it begins and when it is over, and not in between. That a flow was paused is
//! told once; whoever enables it knows.

mod address;
mod mail;
mod subscription;
mod webhook;

use chrono::{DateTime, Utc};
use outflow_model::run::RunBody;
use outflow_store::{Alert, AlertSubscription, Document, NewDocument, NewJob, Scope, StoreError, Tx};
use serde_json::{Value, json};

pub use subscription::{Channel, Subscription, check_subscription};

pub(crate) use mail::mail;
pub(crate) use webhook::post;

use crate::context::Inner;
use crate::details::set;
use crate::jobs::{self, Payload, priority};

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run began.
    RunStart,
    /// A run delivered.
    RunSuccess,
    /// The runs of a flow's segment fail.
    RunFailure,
    /// A run takes long.
    RunDelay,
    /// The runs of a flow's segment leave out too many.
    SkippedRate,
    /// A flow was paused: it would export what it may not.
    FlowPaused,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] =
        [Kind::RunStart, Kind::RunSuccess, Kind::RunFailure, Kind::RunDelay, Kind::SkippedRate, Kind::FlowPaused];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Kind::RunStart => "runStart",
            Kind::RunSuccess => "runSuccess",
            Kind::RunFailure => "runFailure",
            Kind::RunDelay => "runDelay",
            Kind::SkippedRate => "skippedRate",
            Kind::FlowPaused => "flowPaused",
        }
    }
}

/// What an alert says of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It happened.
    Told,
    /// It is so from now on.
    Open,
    /// It is so no more.
    Recovered,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Told => "told",
            State::Open => "open",
            State::Recovered => "recovered",
        }
    }
}

/// The run that an alert is about.
struct About<'a> {
    run: &'a str,
    sandbox: &'a str,
    body: &'a RunBody,
}

impl About<'_> {
    fn subject(&self) -> String {
        subject(&self.body.flow_id, &self.body.segment_id)
    }
}

/// What a lasting state is a state of.
pub(crate) fn subject(flow: &str, segment: &str) -> String {
    format!("{flow}/{segment}")
}

/// Tells that a run began.
pub(crate) async fn tell(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    kind: Kind,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    raise(tx, &About { run, sandbox, body }, kind, State::Told, now).await
}

/// Tells that a lasting state began, unless that is known.
pub(crate) async fn open(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    kind: Kind,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    change(tx, &About { run, sandbox, body }, kind, true, now).await
}

/// Tells what a success changes.
pub(crate) async fn succeeded(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    skipped_rate: f64,
    inner: &Inner,
) -> Result<(), StoreError> {
    let (about, now) = (About { run, sandbox, body }, inner.now());
    raise(tx, &about, Kind::RunSuccess, State::Told, now).await?;
    change(tx, &about, Kind::RunFailure, false, now).await?;
    change(tx, &about, Kind::RunDelay, false, now).await?;
    change(tx, &about, Kind::SkippedRate, skipped_rate > inner.settings.skipped_rate_max, now).await
}

/// Tells what a failure changes.
pub(crate) async fn failed(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let about = About { run, sandbox, body };
    change(tx, &about, Kind::RunDelay, false, now).await?;
    change(tx, &about, Kind::RunFailure, true, now).await
}

/// Tells that what failed goes on.
pub(crate) async fn recovered(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    change(tx, &About { run, sandbox, body }, Kind::RunFailure, false, now).await
}

/// A run ended without either: it is not late any more.
pub(crate) async fn cancelled(
    tx: &mut Tx,
    run: &str,
    sandbox: &str,
    body: &RunBody,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    change(tx, &About { run, sandbox, body }, Kind::RunDelay, false, now).await
}

async fn change(tx: &mut Tx, about: &About<'_>, kind: Kind, is: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
    if !tx.set_alert_state(about.sandbox, &about.subject(), kind.name(), is).await? {
        return Ok(());
    }
    raise(tx, about, kind, if is { State::Open } else { State::Recovered }, now).await
}

/// Tells that a flow was paused, and why.
pub(crate) async fn flow_paused(tx: &mut Tx, flow: &Document, reason: &str) -> Result<(), StoreError> {
    let (kind, state, now) = (Kind::FlowPaused, State::Told, tx.now());
    let body = json!({
        "kind": kind.name(),
        "state": state.name(),
        "message": format!("the flow {} is paused: it {reason}", flow.name),
        "flowId": flow.id,
        "flowName": flow.name,
        "at": now,
    });
    send(tx, &flow.sandbox, &flow.id, (kind, state), body, now).await
}

async fn raise(tx: &mut Tx, about: &About<'_>, kind: Kind, state: State, now: DateTime<Utc>) -> Result<(), StoreError> {
    let body = document(about, kind, state, now);
    send(tx, about.sandbox, &about.body.flow_id, (kind, state), body, now).await
}

/// Makes an alert about a flow, and a delivery for each who wants it.
async fn send(
    tx: &mut Tx,
    sandbox: &str,
    flow: &str,
    (kind, state): (Kind, State),
    body: Value,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let new = NewDocument { id: None, sandbox, name: kind.name(), body, by: "runner" };
    let alert = tx.insert::<Alert>(new).await?;
    for document in tx.all::<AlertSubscription>(Scope::Sandbox(sandbox), Vec::new()).await? {
        let Ok(subscription) = Subscription::parse(&document.body) else { continue };
        if !subscription.wants(kind.name(), flow) {
            continue;
        }
        let payload = Payload { alert: alert.id.clone(), subscription: document.id.clone(), ..Payload::default() };
        let job = NewJob {
            kind: jobs::ALERT,
            subject: &format!("{}/{}", alert.id, document.id),
            sandbox,
            payload: payload.value(),
            run_at: now,
            priority: priority::ALERT,
        };
        tx.enqueue(&job).await?;
    }
    metrics::counter!("outflow_alerts_total", "kind" => kind.name(), "state" => state.name()).increment(1);
    Ok(())
}

/// What the API lists and subscribers get.
fn document(about: &About<'_>, kind: Kind, state: State, now: DateTime<Utc>) -> Value {
    let run = about.body;
    let mut body = json!({
        "kind": kind.name(),
        "state": state.name(),
        "message": message(about, kind, state),
        "flowId": run.flow_id,
        "flowName": run.flow_name,
        "segmentId": run.segment_id,
        "segmentName": run.segment_name,
        "runId": about.run,
        "runState": run.state.as_str(),
        "slot": run.slot,
        "at": now,
    });
    if let (Kind::RunFailure, State::Open, Some(error)) = (kind, state, &run.error) {
        set(&mut body, "error", serde_json::to_value(error).unwrap_or_default());
    }
    body
}

fn message(about: &About<'_>, kind: Kind, state: State) -> String {
    let run = about.body;
    let flow = run.flow_name.as_deref().unwrap_or(&run.flow_id);
    let segment = run.segment_name.as_deref().unwrap_or(&run.segment_id);
    let what = match (kind, state) {
        (Kind::RunStart, _) => "began",
        (Kind::RunSuccess, _) => "delivered",
        (Kind::RunFailure, State::Recovered) => "delivers again",
        (Kind::RunFailure, _) => "failed",
        (Kind::RunDelay, State::Recovered) => "is late no more",
        (Kind::RunDelay, _) => "is late",
        (Kind::SkippedRate, State::Recovered) => "leaves out no more profiles than allowed",
        (Kind::SkippedRate, _) => "left out more profiles than allowed",
        (Kind::FlowPaused, _) => "is paused",
    };
    let reason = match (&run.error, kind, state) {
        (Some(error), Kind::RunFailure, State::Open) => format!(": {}", error.message),
        _ => String::new(),
    };
    if run.is_stream() {
        return format!("the activation of {flow} {what}{reason}");
    }
    format!("the export of segment {segment} in {flow} {what}{reason}")
}
