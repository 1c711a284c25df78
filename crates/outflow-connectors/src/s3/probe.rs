//! Probing: the calls of a delivery, one by one, on a small object that is removed again.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use outflow_connector_kit::{Fault, FaultClass, ProbeReport, SessionContext};

use super::client::Client;
use super::config::{Account, Target};
use super::errors::{Action, Failure};
use super::locate;
use super::object::{self, ObjectMeta};
use super::reader;
use super::upload::{Upload, UploadContext};
use crate::aws::payload::Payload;

const CONTENT: &[u8] = b"Written by a connection test; safe to delete.\n";

const META: ObjectMeta<'static> = ObjectMeta { content_type: "text/plain", run_id: "" };

/// A step that failed, by name.
type Step<T> = Result<T, (&'static str, Box<Fault>)>;

/// Tries everything that a delivery does, up to the first step that fails.
pub(super) async fn probe(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = steps(account, target, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// What of account and target a step's failure may be about, where the fault does not say it.
pub(super) fn suspects(step: &str, class: FaultClass) -> &'static [&'static str] {
    match step {
        "Reach the endpoint" => &["endpoint", "region"],
        _ if class.is_transient() => &[],
        "Assume the role" => &["roleArn", "externalId", "s3AccessKey", "s3SecretKey"],
        "Sign in" => &["s3AccessKey", "s3SecretKey"],
        "Find the bucket's region" => &["bucketName", "region"],
        _ => &["bucketName", "path"],
    }
}

fn at<T, E: Into<Fault>>(step: &'static str, result: Result<T, E>) -> Step<T> {
    result.map_err(|e| (step, Box::new(e.into())))
}

async fn steps(account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) -> Step<()> {
    let step = "Check the settings";
    let mut client = at(step, Client::new(account, target, context))?;
    report.passed(step, format!("{}, {}", client.address.endpoint(), client.address.style()));
    reach(&client, report).await?;
    find(&mut client, account, report).await?;
    let uploads = UploadContext { client, journal: Arc::clone(&context.journal), active: Default::default() };
    let uploads = Arc::new(uploads);
    let key = uploads.client.address.key(&format!(".outflow-probe-{}", context.attempt));
    write(&uploads, &key, report).await
}

/// Whether somebody answers, whatever is said.
async fn reach(client: &Client, report: &mut ProbeReport) -> Step<()> {
    let step = "Reach the endpoint";
    report.begins(step);
    report.passed(step, at(step, client.reach().await)?);
    Ok(())
}

/// Signs in, with the role where there is one, and finds the bucket.
async fn find(client: &mut Client, account: &Account, report: &mut ProbeReport) -> Step<()> {
    if let Some(role) = account.role_arn() {
        let step = "Assume the role";
        report.begins(step);
        at(step, client.keys().current(client).await)?;
        report.passed(step, role);
    }
    report.begins("Sign in");
    let named = sign_in(client).await?;
    report.passed("Sign in", "");
    let step = "Find the bucket's region";
    report.begins(step);
    // What was asked for may have been denied without naming the region; a HEAD names it even then.
    let located = at(step, locate::locate(client).await)?;
    let source = match (named || located.region.is_some(), client.address.region_given) {
        (_, true) => "as given",
        (true, false) => "as the store says",
        (false, false) => "the default; the store names none",
    };
    report.passed(step, format!("{}, {source}", client.address.region));
    Ok(())
}

/// Asks until the store has looked at the signature. Answers whether it named the region. A store that wants another
/// region says so before it looks, so it is asked again with that one.
async fn sign_in(client: &mut Client) -> Step<bool> {
    let mut named = false;
    for _ in 0..2 {
        let located = locate::ask(client).await.map_err(|failure| (step_of(&failure), failure.fault))?;
        let before = client.address.region.clone();
        named |= at("Find the bucket's region", locate::settle(client, located))?.region.is_some();
        if client.address.region == before {
            break;
        }
    }
    Ok(named)
}

/// Which step a failure of the first signed request belongs to.
fn step_of(failure: &Failure) -> &'static str {
    match failure.fault.class {
        FaultClass::Config if failure.code.is_empty() => "Reach the endpoint",
        FaultClass::Config if failure.code.starts_with("RequestTime") => "Sign in",
        FaultClass::Config => "Find the bucket's region",
        _ => "Sign in",
    }
}

async fn write(uploads: &Arc<UploadContext>, key: &str, report: &mut ProbeReport) -> Step<()> {
    let client = &uploads.client;
    let step = "Write a test object";
    report.begins(step);
    let content = Payload::new(vec![Bytes::from_static(CONTENT)]);
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, CONTENT).as_ref());
    match object::put(client, key, &META, &content, sha256, false).await {
        Ok(_) => report.passed(step, client.address.place(key)),
        Err(failure) => {
            if failure.unsure {
                remove_quietly(client, key).await;
            }
            return Err((step, failure.fault));
        }
    }
    let outcome = use_object(uploads, key, &content, sha256, report).await;
    if outcome.is_err() {
        remove_quietly(client, key).await;
        return outcome;
    }
    remove(client, key, report).await
}

async fn use_object(
    uploads: &Arc<UploadContext>,
    key: &str,
    content: &Payload,
    sha256: [u8; 32],
    report: &mut ProbeReport,
) -> Step<()> {
    let client = &uploads.client;
    let step = "Begin and abort an upload";
    report.begins(step);
    let upload = at(step, Upload::begin(uploads, key, &META).await)?;
    at(step, upload.abort().await)?;
    report.passed(step, if client.learned().has_checksums() { "" } else { "without checksums" });

    let step = "Create only if new";
    report.begins(step);
    let weaker = "names that must be new are looked up before they are written, which two writers at once can defeat";
    match object::put(client, key, &META, content, sha256, true).await {
        Err(failure) if failure.is_condition() => report.passed(step, "the store refuses to overwrite when asked to"),
        Ok(_) if !client.learned().has_conditions() => {
            report.limited(step, format!("the store does not offer conditional writes; {weaker}"));
        }
        Ok(_) => report.limited(step, format!("the store overwrites although asked not to; {weaker}")),
        Err(failure) => return Err((step, failure.fault)),
    }

    let step = "Read it back";
    report.begins(step);
    let (bytes, read_sha256) = at(step, reader::hash(client, key).await)?;
    if bytes != CONTENT.len() as u64 || read_sha256 != sha256 {
        let place = client.address.place(key);
        let fault = Fault::new(FaultClass::Verification, format!("{place} has other content than was written"));
        return Err((step, Box::new(fault.hint("Check what stands between this machine and the store."))));
    }
    report.passed(step, format!("{bytes} bytes"));
    Ok(())
}

/// Removing is the one call that a delivery does without; a key that may not is reported, not failed.
async fn remove(client: &Client, key: &str, report: &mut ProbeReport) -> Step<()> {
    let step = "Remove it";
    report.begins(step);
    match object::delete(client, key).await {
        Ok(()) => report.passed(step, ""),
        Err(failure) if failure.fault.class == FaultClass::Refused => {
            let place = client.address.place(key);
            let right = Action::Delete.right();
            report
                .limited(step, format!("the key lacks {right}, which deliveries do not need; delete {place} by hand"));
        }
        Err(failure) => return Err((step, failure.fault)),
    }
    Ok(())
}

/// Removes the test object after another step failed, whose fault is the one to tell.
async fn remove_quietly(client: &Client, key: &str) {
    if let Err(failure) = object::delete(client, key).await {
        tracing::warn!(key, fault = %failure.fault, "the test object remains");
    }
}
