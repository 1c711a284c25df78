//! Probing an account that has no bucket yet: whether the store knows the key and its signature.
//!
//! The account's buckets are asked for. A key that may not list them was recognised all the same, which is what is wanted
//! to be known: listing buckets is no right that a delivery needs.

use http::Method;
use outflow_connector_kit::{Fault, FaultClass, ProbeReport, SessionContext};

use super::client::{Call, Client};
use super::config::{Account, Target};
use super::errors::{Action, Failure};
use super::probe::suspects;

/// Tries to sign in.
pub(super) async fn probe(account: &Account, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = steps(account, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

async fn steps(
    account: &Account,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Box<Fault>)> {
    let nowhere = Target { bucket_name: String::new(), path: String::new() };
    let step = "Check the settings";
    let mut client = Client::new(account, &nowhere, context).map_err(|fault| (step, Box::new(fault)))?;
    report.passed(step, client.address.endpoint());
    let step = "Reach the endpoint";
    report.begins(step);
    report.passed(step, client.reach().await.map_err(|failure| (step, failure.fault))?);
    if let Some(role) = account.role_arn() {
        let step = "Assume the role";
        report.begins(step);
        client.keys().current(&client).await.map_err(|failure| (step, failure.fault))?;
        report.passed(step, role);
    }
    sign_in(&mut client, report).await.map_err(|failure| ("Sign in", failure.fault))
}

/// A store that wants another region says so before it looks at the signature, so it is asked again with that one.
async fn sign_in(client: &mut Client, report: &mut ProbeReport) -> Result<(), Failure> {
    let step = "Sign in";
    report.begins(step);
    let mut asked = list(client).await;
    if let Err(Failure { region: Some(region), .. }) = &asked
        && !client.address.region_given
        && client.address.region != *region
    {
        client.address.region.clone_from(region);
        asked = list(client).await;
    }
    match asked {
        Ok(()) => report.passed(step, ""),
        Err(failure) if failure.fault.class == FaultClass::Refused => {
            report.passed(step, "the key may not list buckets, which deliveries do not need");
        }
        Err(failure) if matches!(failure.code.as_str(), "NotImplemented" | "MethodNotAllowed") => {
            report.limited(step, "the store lists no buckets: the key is tried with the bucket");
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

async fn list(client: &Client) -> Result<(), Failure> {
    let url = client.address.bucket_url(&[]);
    let call = Call::new(Action::ListBuckets, Method::GET, url, "the account's buckets".into());
    client.call(&call).await.map(|_| ())
}
