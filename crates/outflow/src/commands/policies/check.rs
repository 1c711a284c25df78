//! `outflow policies check` and `outflow flows check`: what policies and consent say of a flow, without a change.

use std::path::PathBuf;

use clap::Args;
use outflow_model::Fault;
use serde_json::Value;

use super::write::body_of;
use crate::client::nouns::{FLOWS, SEGMENTS, name, name_of};
use crate::client::violation::Violations;
use crate::client::{Client, at};
use crate::commands::served::{Answer, warnings};
use crate::numbers::thousands;
use crate::table::text;

const CHECK: &str = "/data/foundation/flowservice/flows/policyCheck";

/// Options of `check`.
#[derive(Args)]
pub struct CheckArgs {
    /// Name or id of the flow
    #[arg(value_name = "FLOW", required_unless_present = "file", conflicts_with = "file")]
    flow: Option<String>,
    /// A flow as the API has it, saved or not
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs `check`. What is not allowed is a fault, so that scripts see it by the exit status.
pub async fn check(client: &Client, args: &CheckArgs) -> Result<Answer, Fault> {
    let flow = match (&args.flow, &args.file) {
        (_, Some(file)) => body_of(file)?,
        (flow, None) => client.find(&FLOWS, flow.as_deref().unwrap_or_default()).await?,
    };
    let said = client.post(at(CHECK), Some(&flow)).await?;
    let segments = client.list(&SEGMENTS, &[]).await?;
    let mut lines = consent_lines(&said, &segments);
    lines.extend(warnings(&said));
    let flow = if name(&flow).is_empty() { "the flow" } else { name(&flow) };
    let fault = if said["allowed"] == true {
        lines.insert(0, format!("{flow} violates no policy"));
        None
    } else {
        let fault = Fault::new(outflow_model::FaultClass::Refused, format!("{flow} violates policies"))
            .tried("POST /data/foundation/flowservice/flows/policyCheck")
            .hint("follow one way out of each violation");
        Some(match Violations::of(&said) {
            Some(violations) => fault.because(violations),
            None => fault,
        })
    };
    Ok(Answer { fault, ..Answer::new(said, lines) })
}

/// What consent asks of each segment, and how many it withholds where the server has counted.
fn consent_lines(said: &Value, segments: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for segment in said["consent"].as_array().into_iter().flatten() {
        let segment_name = name_of(segments, &segment["segmentId"]);
        for policy in segment["policies"].as_array().into_iter().flatten() {
            lines.push(format!(
                "segment {segment_name}: consent policy {:?} lets profiles through where {}{}",
                name(policy),
                text(&policy["allowed"]),
                withheld(policy)
            ));
        }
        if let Some(count) = number(segment, &["withheld", "withheldProfiles"]) {
            lines.push(format!("segment {segment_name}: {} withheld in all", thousands(count)));
        }
    }
    if let Some(count) = number(said, &["withheld", "withheldProfiles"]) {
        lines.push(format!("{} profiles are withheld", thousands(count)));
    }
    lines
}

fn withheld(policy: &Value) -> String {
    let count = number(policy, &["withheld", "withheldProfiles"]);
    count.map(|count| format!("; {} withheld", thousands(count))).unwrap_or_default()
}

/// The first of the members that is a number.
fn number(of: &Value, members: &[&str]) -> Option<u64> {
    members.iter().find_map(|member| of[member].as_u64().or_else(|| of[member]["profiles"].as_u64()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn consent_is_told_by_segment_with_what_was_counted() {
        let segments = [json!({"id": "1", "name": "gold"})];
        let policy = json!({"name": "Mail", "allowed": "a in [\"y\"]"});
        let said = json!({"consent": [{"segmentId": "1", "policies": [policy], "withheld": 1200}]});
        let expected = [
            "segment gold: consent policy \"Mail\" lets profiles through where a in [\"y\"]",
            "segment gold: 1,200 withheld in all",
        ];
        assert_eq!(consent_lines(&said, &segments), expected);
    }
}
