//! Probing: everything that precedes a message, step by step, and no message. Whether the policy may send shows when the
//! link is opened, so that no event is left in the hub.

use outflow_connector_kit::{Fault, FaultClass, ProbeReport, SessionContext};

use super::config::{Account, Target};
use super::connection::Connection;
use super::dial::Dialer;
use super::hubs;

/// A step that failed, by name.
type Step<T> = Result<T, (&'static str, Box<Fault>)>;

/// Tries everything up to the first message.
pub(super) async fn probe(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = hub_steps(account, target, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// Tries to sign in to the hub that the policy belongs to, or else to the namespace.
pub(super) async fn probe_account(account: &Account, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = account_steps(account, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// What of account and target a step's failure may be about, where the fault does not say it.
fn suspects(step: &str, class: FaultClass) -> &'static [&'static str] {
    match step {
        "Reach the endpoint" | "Encrypt the connection" | "Agree on AMQP" => &["namespace", "endpointUrl"],
        _ if class.is_transient() => &[],
        "Sign in" => &["sasKeyName", "sasKey"],
        "Open the hub for sending" => &["eventHubName"],
        _ => &["namespace", "endpointUrl"],
    }
}

fn at<T>(step: &'static str, result: Result<T, Fault>) -> Step<T> {
    result.map_err(|fault| (step, Box::new(fault)))
}

async fn hub_steps(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) -> Step<()> {
    let (dialer, connection) = sign_in(account, &target.event_hub_name, context, report).await?;
    open_hub(&dialer, &connection, report).await?;
    connection.close().await;
    Ok(())
}

async fn account_steps(account: &Account, context: &SessionContext, report: &mut ProbeReport) -> Step<()> {
    let (dialer, connection) = sign_in(account, account.hub().unwrap_or_default(), context, report).await?;
    if account.hub().is_some() {
        open_hub(&dialer, &connection, report).await?;
    } else if account.is_direct() {
        list(&dialer, report).await;
    }
    connection.close().await;
    Ok(())
}

async fn sign_in(
    account: &Account,
    hub: &str,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Step<(Dialer, Connection)> {
    let step = "Check the settings";
    let dialer = at(step, Dialer::new(account, hub, context))?;
    report.passed(step, &dialer.place.endpoint);
    let step = "Reach the endpoint";
    report.begins(step);
    let stream = at(step, dialer.reach().await)?;
    report.passed(step, stream.peer_addr().map(|address| address.to_string()).unwrap_or_default());
    let step = "Encrypt the connection";
    report.begins(step);
    let io = at(step, dialer.encrypt(stream).await)?;
    match dialer.is_encrypted() {
        true => report.passed(step, ""),
        false => report.limited(step, "the endpoint is one without encryption, as emulators are"),
    }
    let step = "Agree on AMQP";
    report.begins(step);
    let connection = at(step, dialer.greet(io).await)?;
    report.passed(step, "");
    let step = "Sign in";
    report.begins(step);
    at(step, dialer.sign_in(&connection).await)?;
    report.passed(step, format!("with the policy {}", dialer.place.key_name));
    Ok((dialer, connection))
}

async fn open_hub(dialer: &Dialer, connection: &Connection, report: &mut ProbeReport) -> Step<()> {
    let step = "Open the hub for sending";
    report.begins(step);
    let found = match at(step, dialer.open_hub(connection).await)? {
        0 => String::new(),
        bytes => format!("it takes messages of up to {bytes} bytes"),
    };
    report.passed(step, found);
    Ok(())
}

/// Deliveries do without the list: whatever keeps it from us is no failure.
async fn list(dialer: &Dialer, report: &mut ProbeReport) {
    let step = "List the hubs";
    report.begins(step);
    match hubs::list(dialer).await {
        Ok(names) if names.is_empty() => report.limited(step, "the namespace has no hub; make one"),
        Ok(names) => report.passed(step, names.join(", ")),
        Err(fault) => report.limited(step, format!("{fault}; deliveries do without")),
    }
}
