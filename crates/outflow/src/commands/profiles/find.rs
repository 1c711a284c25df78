//! `outflow profiles find`: what a server's profile of a person holds, and where they are.

use std::process::ExitCode;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::super::served::{Answer, ask_of};
use super::super::whereabouts::line_of_stdin;
use crate::client::{Client, ServerArgs, at};
use crate::numbers::counted;
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow profiles find Email -            (the address from stdin: it is in no history and no list of processes)
  outflow profiles find CRMID 4711
  outflow profiles find Email - --json < address.txt

Shows the profile's values, the segments that it is in or has left, and whether the person is kept out of all exports. Of
several profiles with the identity, one is shown. The server's audit log says who looked, and not for whom.";

const FIND: &str = "/data/core/ups/profiles/find";

/// Options of `outflow profiles find`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct FindArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Namespace of the identity, as datasets name it
    namespace: String,
    /// The identity exactly as datasets hold it; - reads a line of stdin
    id: String,
}

/// Runs `outflow profiles find`.
pub fn run(args: &FindArgs, runtime: &Runtime) -> ExitCode {
    let read = || if args.id == "-" { line_of_stdin() } else { Ok(args.id.clone()) };
    ask_of(&args.server, runtime, read, async |client, id| find(client, args, &id).await)
}

async fn find(client: &Client, args: &FindArgs, id: &str) -> Result<Answer, Fault> {
    let found = client.post(at(FIND), Some(&json!({"namespace": args.namespace, "id": id}))).await?;
    let lines = shown(&found);
    Ok(Answer::new(found, lines))
}

fn shown(found: &Value) -> Vec<String> {
    let total = found["profilesTotal"].as_u64().unwrap_or_default();
    let mut lines = vec![match total {
        0 => "no profile has this identity now".to_owned(),
        1 => "1 profile has this identity".to_owned(),
        total => format!("{} have this identity; this is {}", counted(total, "profile"), text(&found["profile"]["id"])),
    }];
    lines.push(match &found["suppressed"] {
        Value::Bool(true) => suppressed(&found["suppression"]),
        _ => "not suppressed".to_owned(),
    });
    let profile = &found["profile"];
    if profile.is_object() {
        let mut values = Vec::new();
        flatten("", &profile["attributes"], &mut values);
        flatten("identityMap", &profile["identityMap"], &mut values);
        let pairs: Vec<(&str, String)> = values.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        lines.extend(properties(&pairs));
        lines.extend(segments(profile));
        let left_out = profile["leftOut"].as_array().map_or(0, Vec::len);
        if left_out > 0 {
            lines.push(format!("{} too large to be shown; --json names them", counted(left_out as u64, "field")));
        }
    }
    if let Some(snapshot) = found.get("snapshot") {
        lines.push(format!("of the profiles that were merged at {}", time(&snapshot["createdAt"])));
    }
    lines
}

fn suppressed(suppression: &Value) -> String {
    let reason = text(&suppression["reason"]);
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let (namespace, since) = (text(&suppression["namespace"]), time(&suppression["addedAt"]));
    crate::table::one_line(&format!("kept out of all exports since {since}, by {namespace}{why}"))
}

fn segments(profile: &Value) -> Vec<String> {
    let mut table = Table::new(&["SEGMENT", "STATUS", "SINCE", "EVALUATED"]);
    for membership in profile["segmentMembership"].as_array().into_iter().flatten() {
        table.row([
            text(&membership["name"]),
            text(&membership["status"]),
            time(&membership["lastQualificationTime"]),
            time(&membership["evaluatedAt"]),
        ]);
    }
    let mut lines = table.lines_or("in no segment that was evaluated");
    let unknown = profile["segmentsUnknown"].as_array().map_or(0, Vec::len);
    if unknown > 0 {
        lines.push(format!("not known of {}; --json names them", counted(unknown as u64, "segment")));
    }
    lines
}

/// Values by the paths under which rules and mappings name them.
fn flatten(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&below, member, into);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{number}]"), item, into);
            }
        }
        scalar => into.push((path.to_owned(), text(scalar))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_told_with_its_segments_and_its_suppression() {
        let mut found = json!({
            "suppressed": false, "profilesTotal": 1, "profileIds": ["CRMID:1"],
            "profile": {
                "id": "CRMID:1", "attributes": {"crmId": "1", "person": {"phones": [{"number": "7"}, "8"]}},
                "identityMap": {"CRMID": [{"id": "1"}]}, "leftOut": [], "segmentsUnknown": [],
                "segmentMembership": [{"name": "Loyal", "status": "existing",
                    "lastQualificationTime": 1_767_323_045_000_i64, "evaluatedAt": 1_767_323_105_000_i64}],
            },
            "snapshot": {"createdAt": 1_767_323_045_000_i64},
        });
        let expected = [
            "1 profile has this identity",
            "not suppressed",
            "crmId                    1",
            "person.phones[0].number  7",
            "person.phones[1]         8",
            "identityMap.CRMID[0].id  1",
            "SEGMENT  STATUS    SINCE                 EVALUATED",
            "Loyal    existing  2026-01-02T03:04:05Z  2026-01-02T03:05:05Z",
            "of the profiles that were merged at 2026-01-02T03:04:05Z",
        ];
        assert_eq!(shown(&found), expected);
        found["profilesTotal"] = 3.into();
        found["suppressed"] = true.into();
        found["suppression"] = json!({"namespace": "Email", "reason": "Objected", "addedAt": 1_767_323_045_000_i64});
        let lines = shown(&found);
        assert_eq!(lines[0], "3 profiles have this identity; this is CRMID:1");
        assert_eq!(lines[1], "kept out of all exports since 2026-01-02T03:04:05Z, by Email: Objected");
        let nobody = json!({"suppressed": false, "profilesTotal": 0});
        assert_eq!(shown(&nobody), ["no profile has this identity now", "not suppressed"]);
    }
}
