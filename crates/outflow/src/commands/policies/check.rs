//! `outflow policies check` and `outflow flows check`: what policies and consent say of a flow, without a change.

use std::path::PathBuf;

use clap::Args;
use outflow_model::{Fault, FaultClass};
use serde_json::Value;

use super::write::body_of;
use crate::client::nouns::{FLOWS, SEGMENTS, name, name_of};
use crate::client::violation::Violations;
use crate::client::{Client, at};
use crate::commands::destinations::segment_count;
use crate::commands::served::{Answer, warnings};
use crate::numbers::thousands;
use crate::table::text;

const CHECK: &str = "/data/foundation/flowservice/flows/policyCheck";
const PREVIEW: &str = "/data/foundation/flowservice/flows/withheldPreview";

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
    let mut said = client.post(at(CHECK), Some(&flow)).await?;
    let segments = client.list(&SEGMENTS, &[]).await?;
    let mut lines = unasked(&flow, &said);
    lines.extend(consent_lines(&said, &segments));
    match client.post(at(PREVIEW), Some(&flow)).await {
        Ok(counts) => {
            lines.extend(withheld_lines(&counts, &segments));
            said["withheld"] = counts["segments"].clone();
        }
        // A server that cannot count has said what it is asked for all the same.
        Err(fault) if fault.class == FaultClass::Input => {}
        Err(fault) => lines.push(format!("note: who would be withheld is not counted: {}", fault.message)),
    }
    lines.extend(warnings(&said));
    let flow = if name(&flow).is_empty() { "the flow" } else { name(&flow) };
    let fault = if said["allowed"] == true {
        lines.insert(0, format!("{flow} violates no policy"));
        None
    } else {
        let fault = Fault::new(FaultClass::Refused, format!("{flow} violates policies"))
            .tried("POST /data/foundation/flowservice/flows/policyCheck")
            .hint("follow one way out of each violation");
        Some(match Violations::of(&said) {
            Some(violations) => fault.because(violations),
            None => fault,
        })
    };
    Ok(Answer { fault, ..Answer::new(said, lines) })
}

/// Why "violates no policy" may say little of a flow.
fn unasked(flow: &Value, said: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if said["allowed"] == true && segment_count(flow) == 0 {
        lines.push("note: it exports no segment yet, and so nothing that a policy could deny".to_owned());
    }
    let actions = flow["policy"]["enforcementRefs"].as_array();
    if actions.is_none_or(Vec::is_empty) && flow["policy"]["enforcementRefs"].as_str().is_none() {
        lines.push(
            "note: it has no marketing action of its own: where its destination has none either, policies deny it nothing \
             (outflow destinations update … --marketing-action …)"
                .to_owned(),
        );
    }
    lines
}

/// What consent asks of each segment.
fn consent_lines(said: &Value, segments: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for segment in said["consent"].as_array().into_iter().flatten() {
        let segment_name = name_of(segments, &segment["segmentId"]);
        for policy in segment["policies"].as_array().into_iter().flatten() {
            lines.push(format!(
                "segment {segment_name}: consent policy {:?} lets profiles through where {}",
                name(policy),
                text(&policy["allowed"])
            ));
        }
    }
    lines
}

/// How many members of each segment would be withheld, and why. Somebody may be withheld for several reasons.
fn withheld_lines(counts: &Value, segments: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for segment in counts["segments"].as_array().into_iter().flatten() {
        let of = name_of(segments, &segment["segmentId"]);
        if segment["evaluated"] == false {
            lines.push(format!("segment {of} is not evaluated yet: who would be withheld is not known"));
            continue;
        }
        let number = |count: &Value| thousands(count["profiles"].as_u64().unwrap_or(0));
        let (members, read) = (segment["members"].as_u64().unwrap_or(0), segment["read"].as_u64().unwrap_or(0));
        let about = if read < members { "about " } else { "" };
        let mut why: Vec<String> = Vec::new();
        let policies = segment["consent"].as_array().into_iter().flatten();
        why.extend(policies.map(|policy| format!("{} by {:?}", number(policy), name(policy))));
        if segment["suppressed"]["profiles"].as_u64().is_some_and(|count| count > 0) {
            why.push(format!("{} suppressed", number(&segment["suppressed"])));
        }
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
        let withheld = number(&segment["all"]);
        lines.push(format!("segment {of}: {about}{withheld} of {} members would be withheld{why}", thousands(members)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_policy_can_deny_is_told() {
        let mut flow = json!({"policy": {"enforcementRefs": ["/x"]}, "transformations": [{"params": {
            "segmentSelectors": {"selectors": [{}]}}}]});
        let allowed = json!({"allowed": true});
        assert!(unasked(&flow, &allowed).is_empty());
        flow["policy"] = Value::Null;
        assert!(unasked(&flow, &allowed)[0].contains("no marketing action"));
        assert!(unasked(&json!({}), &allowed)[0].contains("no segment"));
    }

    #[test]
    fn consent_is_told_by_segment_with_what_was_counted() {
        let segments = [json!({"id": "1", "name": "gold"})];
        let said = json!({"consent": [{"segmentId": "1", "policies": [{"name": "Mail", "allowed": "a in [\"y\"]"}]}]});
        let expected = "segment gold: consent policy \"Mail\" lets profiles through where a in [\"y\"]";
        assert_eq!(consent_lines(&said, &segments), [expected]);
        let mut counts = json!({"segments": [{"segmentId": "1", "evaluated": true, "members": 5000, "read": 5000,
            "suppressed": {"profiles": 3}, "consent": [{"name": "Mail", "profiles": 1200}], "all": {"profiles": 1202}}]});
        let expected = "segment gold: 1,202 of 5,000 members would be withheld: 1,200 by \"Mail\", 3 suppressed";
        assert_eq!(withheld_lines(&counts, &segments), [expected]);
        counts["segments"][0]["read"] = 100.into();
        assert!(withheld_lines(&counts, &segments)[0].contains("about 1,202 of"));
        counts["segments"][0]["evaluated"] = false.into();
        assert!(withheld_lines(&counts, &segments)[0].contains("is not evaluated yet"));
    }
}
