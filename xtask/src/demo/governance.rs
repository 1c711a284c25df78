//! What labels, policies and consent do: an export to a third party is refused, and why; a way out is taken, and only who
//! agreed leaves.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::SEGMENTS;
use super::practice::Practice;
use super::product::Product;
use crate::steps::run as run_command;

const FLOW: &str = "partner-daily";
const WITH_PHONE: &str = "personalEmail.address:email,mobilePhone.number:phone,homeAddress.city:city";
const WITHOUT_PHONE: &str = "personalEmail.address:email,homeAddress.city:city";

/// The status with which the product refuses.
const REFUSED: i32 = 5;

/// Shows it; says whether what left in the end was verified.
pub(super) fn show(product: &Product, practice: &Practice) -> Result<bool> {
    run_command(product.command(&["datasets", "labels", "customers", "--field", "mobilePhone.number=C2,I1"]))?;
    run_command(product.command(&["policies", "enable", "3rd party export restriction"]))?;
    let create =
        ["destinations", "create", FLOW, "--account", "practice-s3", "--bucket", &practice.parameters.s3.bucket];
    let rest = ["--path", "partner", "--marketing-action", "exportToThirdParty"];
    run_command(product.command(&[&create[..], &rest].concat()))?;
    println!("-- telephone numbers may not go to third parties:");
    let refused = product.command(&activation(WITH_PHONE)).status().context("cannot start outflow flows activate")?;
    if refused.code() != Some(REFUSED) {
        bail!("a flow that violates a policy ended with {refused}");
    }
    println!("-- the first way out, without them:");
    run_command(product.command(&activation(WITHOUT_PHONE)))?;
    let needs = ["--action", "exportToThirdParty", "--needs", "consents.marketing.email.val=y", "--enabled"];
    run_command(product.command(&[&["consent", "create", "Partners need consent"], &needs[..]].concat()))?;
    run_command(product.command(&["flows", "check", FLOW]))?;
    let ran = product.json(&["flows", "run", FLOW, "--watch", "--json"])?;
    let mut verified = true;
    for run in ran["items"].as_array().context("outflow flows run --json names no runs")? {
        told(run);
        let manifest = run["manifest"].as_str().context("a run has no manifest")?;
        verified &= run_command(product.command(&["verify", manifest])).is_ok();
    }
    run_command(product.command(&["audit", "list", "--noun", "flow", "--limit", "5"]))?;
    run_command(product.command(&["audit", "check"]))?;
    Ok(verified)
}

fn activation(columns: &str) -> Vec<&str> {
    vec!["flows", "activate", FLOW, "--segment", SEGMENTS[0].0, "--map", columns]
}

/// How many were withheld, and why.
fn told(run: &Value) {
    let records = &run["metrics"]["recordSummary"];
    println!("delivered {} of {} profiles", records["outputRecordCount"], records["inputRecordCount"]);
    for entry in records["skippedInfo"].as_array().into_iter().flatten() {
        println!("  left out {}: {}", entry["count"], entry["message"].as_str().unwrap_or_default());
    }
}
