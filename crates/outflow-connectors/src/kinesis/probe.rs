//! Probing: what a delivery asks for, one by one, without leaving a record.

use outflow_connector_kit::{Fault, FaultClass, ProbeReport, SessionContext};
use serde::Deserialize;

use super::client::Client;
use super::config::{Account, Target};
use super::errors::{Action, Failure};
use super::put::{self, PutAnswer, PutResult};
use super::stream::{self, if_allowed};

/// A step that failed, by name.
type Step<T> = Result<T, (&'static str, Box<Fault>)>;

/// Tries everything that a delivery does, up to the first step that fails.
pub(super) async fn probe(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = steps(account, target, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// Tries to sign in, for an account that has no stream yet.
pub(super) async fn probe_account(account: &Account, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = account_steps(account, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// What of account and target a step's failure may be about, where the fault does not say it.
fn suspects(step: &str, class: FaultClass) -> &'static [&'static str] {
    match step {
        "Reach the endpoint" => &["endpointUrl", "region"],
        _ if class.is_transient() => &[],
        "Assume the role" => &["roleArn", "externalId", "accessKeyId", "secretKey"],
        "Sign in" => &["accessKeyId", "secretKey"],
        _ => &["stream", "region"],
    }
}

fn at<T, E: Into<Fault>>(step: &'static str, result: Result<T, E>) -> Step<T> {
    result.map_err(|e| (step, Box::new(e.into())))
}

async fn steps(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) -> Step<()> {
    let client = reach(account, Some(target), context, report).await?;
    find(&client, report).await?;
    read_shards(&client, report).await?;
    put_nothing(&client, report).await
}

/// Answers the step at which the settings, the endpoint or the role fail.
async fn reach(
    account: &Account,
    target: Option<&Target>,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Step<Client> {
    let step = "Check the settings";
    let client = at(step, Client::new(account, target, context))?;
    report.passed(step, format!("{}, region {}", client.address().endpoint(), client.address().region));
    let step = "Reach the endpoint";
    report.begins(step);
    report.passed(step, at(step, client.reach().await)?);
    if let Some(role) = account.role_arn() {
        let step = "Assume the role";
        report.begins(step);
        at(step, client.sign_in().await)?;
        report.passed(step, role);
    }
    Ok(client)
}

/// Whether a failure says that the request's signature was not accepted.
fn is_about_signing(fault: &Fault) -> bool {
    fault.class == FaultClass::Credentials || fault.message.contains("clock")
}

async fn find(client: &Client, report: &mut ProbeReport) -> Step<()> {
    let step = "Find the stream";
    report.begins("Sign in");
    match if_allowed(stream::describe(client).await) {
        Err(failure) if is_about_signing(&failure.fault) => Err(("Sign in", failure.fault)),
        described => {
            report.passed("Sign in", "");
            match at(step, described)? {
                Some(summary) => report.passed(step, summary.text()),
                None => report.limited(
                    step,
                    without(client, Action::DescribeStreamSummary, "its state and its limit for records are not known"),
                ),
            }
            Ok(())
        }
    }
}

async fn read_shards(client: &Client, report: &mut ProbeReport) -> Step<()> {
    let step = "Read the shards";
    report.begins(step);
    match at(step, if_allowed(stream::shards(client).await))? {
        Some(map) if map.len() > 0 => report.passed(step, format!("{} open", map.len())),
        Some(_) => report.limited(step, "the service lists none that is open; the stream is paced as a whole"),
        None => report.limited(step, without(client, Action::ListShards, "the stream is paced as a whole")),
    }
    Ok(())
}

fn without(client: &Client, action: Action, instead: &str) -> String {
    let (right, arn) = (action.right(), client.address().arn());
    format!("{right} on {arn} is not allowed, which deliveries do not need: {instead}")
}

/// Sends a record that cannot be stored. Who may not put records is told so; who may, that the arguments are wrong.
async fn put_nothing(client: &Client, report: &mut ProbeReport) -> Step<()> {
    let step = "Ask to put a record";
    report.begins(step);
    let unknown = "whether records may be put shows with the first message";
    match client.once(Action::PutRecords, put::impossible_body(client.address().stream())).await {
        Err(failure) if failure.is_about_arguments() => {
            report.passed(step, format!("{} is allowed; no record was left", Action::PutRecords.right()));
        }
        // Some servers stumble over the hash key instead of refusing it. They looked at the rights before.
        Err(failure) if failure.status >= 500 => {
            report.limited(step, format!("the service failed with status {}; {unknown}", failure.status));
        }
        Err(failure) => return Err((step, failure.fault)),
        Ok(answer) => {
            let read: Option<PutAnswer<'_>> = serde_json::from_slice(&answer).ok();
            let is_stored = read.is_some_and(|answer| answer.records.iter().any(PutResult::is_stored));
            let left = if is_stored {
                "the service stored an empty record although its hash key is impossible"
            } else {
                unknown
            };
            report.limited(step, left);
        }
    }
    Ok(())
}

/// What ListStreams answers; its streams are nobody's business here.
#[derive(Deserialize)]
struct Listed {}

async fn account_steps(account: &Account, context: &SessionContext, report: &mut ProbeReport) -> Step<()> {
    let client = reach(account, None, context, report).await?;
    let step = "Sign in";
    report.begins(step);
    let asked: Result<Listed, Failure> = client.ask(Action::ListStreams, r#"{"Limit":1}"#.to_owned()).await;
    match asked {
        Ok(Listed {}) => report.passed(step, ""),
        Err(failure) if failure.is_denied() => {
            report.passed(step, "the key may not list streams, which deliveries do not need");
        }
        Err(failure) => return Err((step, failure.fault)),
    }
    Ok(())
}
