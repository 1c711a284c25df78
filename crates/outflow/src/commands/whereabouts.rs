//! `outflow whereabouts`: which files and messages a person's profile left in.

use std::io::BufRead as _;
use std::process::ExitCode;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask_of};
use crate::client::nouns::{DATASETS, name};
use crate::client::violation::{action_name, listed};
use crate::client::{Client, ServerArgs, at, unexpected};
use crate::near::suggestion;
use crate::numbers::counted;
use crate::table::{Table, text, time};

const EXAMPLES: &str = "Examples:
  outflow whereabouts Email -            (the address from stdin: it is in no history and no list of processes)
  outflow whereabouts CRMID 4711
  outflow whereabouts Email - --json < address.txt

Says of every file and every set of messages whether the profile was in it. It does not know what was in the record, and
nothing of what left before `complete since`. CONFIRMED is no where a server was cut short and what was on its way may have left. A profile that is not in the data any more is found by its primary identity
alone.";

const WHEREABOUTS: &str = "/data/core/ups/whereabouts";

/// Profiles whose departures the server looks for.
const PROFILES_SOUGHT: u64 = 20;

/// Departures of one request.
const PAGE: usize = 1_000;

/// Options of `outflow whereabouts`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct WhereaboutsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Namespace of the identity, as datasets name it
    namespace: String,
    /// The identity exactly as datasets hold it; - reads a line of stdin
    id: String,
    /// How many departures are shown at most, the newest first
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Runs `outflow whereabouts`.
pub fn run(args: &WhereaboutsArgs, runtime: &Runtime) -> ExitCode {
    let read = || if args.id == "-" { line_of_stdin() } else { Ok(args.id.clone()) };
    ask_of(&args.server, runtime, read, async |client, id| find(client, args, &id).await)
}

async fn find(client: &Client, args: &WhereaboutsArgs, id: &str) -> Result<Answer, Fault> {
    let limit = args.limit as usize;
    let mut body = json!({"namespace": args.namespace, "id": id, "limit": limit.min(PAGE)});
    let mut found = json!({"departures": [], "unreadable": []});
    loop {
        let page = client.post(at(WHEREABOUTS), Some(&body)).await?;
        let members = page.as_object().ok_or_else(|| unexpected("departures"))?;
        for (member, value) in members {
            match (value, found.get_mut(member).and_then(Value::as_array_mut)) {
                (Value::Array(more), Some(there)) if member != "profileIds" => there.extend(more.iter().cloned()),
                (value, _) => found[member.as_str()] = value.clone(),
            }
        }
        let count = found["departures"].as_array().map_or(0, Vec::len);
        let Some(next) = page["next"].as_str().filter(|_| count < limit) else { break };
        body["start"] = next.into();
        body["limit"] = (limit - count).min(PAGE).into();
    }
    let mut lines = shown(&found);
    if found["profilesTotal"] == 0 {
        lines.extend(undeclared(&client.list(&DATASETS, &[]).await?, &args.namespace));
    }
    Ok(Answer::new(found, lines))
}

/// That no dataset declares a namespace: most likely a slip, and "nothing left" says nothing then. Data may hold others.
fn undeclared(datasets: &[Value], namespace: &str) -> Option<String> {
    let declared = datasets.iter().flat_map(|dataset| dataset["identities"].as_array()).flatten();
    let declared: Vec<&str> = declared.filter_map(|identity| identity["namespace"].as_str()).collect();
    let near = suggestion(namespace, declared.iter().copied());
    let is_odd = !declared.contains(&namespace);
    is_odd.then(|| {
        format!(
            "note: {namespace} is no namespace that a dataset declares; names are compared as they are written{near}"
        )
    })
}

/// An identity that is handed over by stdin: a line of it.
pub(super) fn line_of_stdin() -> Result<String, Fault> {
    let mut line = String::new();
    let failed = |e: std::io::Error| Fault::input("stdin cannot be read").tried("read the identity").because(e);
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        Err(Fault::input("stdin ended before an identity").tried("read stdin"))
    } else {
        Ok(line.into())
    }
}

fn shown(found: &Value) -> Vec<String> {
    let rows = |member: &str| found[member].as_array().map_or(&[][..], Vec::as_slice);
    let (departures, unreadable) = (rows("departures"), rows("unreadable"));
    let told = rows("profileIds").len() as u64;
    let total = found["profilesTotal"].as_u64().unwrap_or(told);
    let mut lines = vec![match total {
        0 => "no profile has this identity now; looked for as a primary one".to_owned(),
        total => format!("{} this identity", counted(total, "profile") + if total == 1 { " has" } else { " have" }),
    }];
    if total > PROFILES_SOUGHT {
        lines.push(format!(
            "these are the departures of the first {PROFILES_SOUGHT} alone: ask for another by its primary identity, which \
             --json shows"
        ));
    }
    lines.extend(table(departures).lines_or("it is in nothing that left"));
    if !unreadable.is_empty() {
        lines.push("not known of these, whose files of departures are damaged or on another server:".into());
        lines.extend(table(unreadable).lines());
    }
    match &found["completeSince"] {
        Value::Null => lines.push("nothing has ever left".into()),
        since => lines.push(format!("complete since {}", time(since))),
    }
    if departures.iter().chain(unreadable).any(is_of_now) {
        lines.push("* where the flow delivers now: what it was when this left was not kept".into());
    }
    if !found["next"].is_null() {
        lines.push("there are older ones; --limit shows more".into());
    }
    lines
}

fn table(departures: &[Value]) -> Table {
    // Servers that tell it say of each whether what left is known to have arrived.
    let tells_confirmed = departures.iter().any(|departure| departure.get("confirmed").is_some());
    let mut header = vec!["LEFT", "FLOW", "TARGET", "IN", "FOR", "DECISION"];
    if tells_confirmed {
        header.insert(1, "CONFIRMED");
    }
    let mut table = Table::new(&header);
    for departure in departures {
        let mut cells = vec![
            time(&departure["leftAt"]),
            [&departure["flowName"], &departure["flowId"]]
                .into_iter()
                .map(text)
                .find(|t| !t.is_empty())
                .unwrap_or_default(),
            target(departure),
            place(departure),
            listed(&departure["marketingActions"], action_name),
            text(&departure["decision"]),
        ];
        if tells_confirmed {
            let confirmed = match &departure["confirmed"] {
                Value::Bool(true) => "yes".to_owned(),
                Value::Bool(false) => "no".to_owned(),
                other => text(other),
            };
            cells.insert(1, confirmed);
        }
        table.row(cells);
    }
    table
}

fn target(departure: &Value) -> String {
    let target = &departure["target"];
    let shown = if target.is_string() { text(target) } else { name(target).to_owned() };
    if is_of_now(departure) { format!("{shown} *") } else { shown }
}

/// Whether the target is the flow's of now, and not known of then.
fn is_of_now(departure: &Value) -> bool {
    departure["targetIsOfNow"] == true
}

/// The file, by where it is if that is known; the number of messages.
fn place(departure: &Value) -> String {
    match [&departure["url"], &departure["file"]].into_iter().find_map(Value::as_str) {
        Some(file) => file.to_owned(),
        None => format!("messages {}", text(&departure["sequence"])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_that_nobody_declares_is_told() {
        let datasets = [json!({"identities": [{"path": "a", "namespace": "Email"}]})];
        assert!(undeclared(&datasets, "Emial").unwrap().ends_with("did you mean Email?"));
        assert_eq!(undeclared(&datasets, "Email"), None);
    }

    #[test]
    fn departures_are_told_with_where_and_what_for() {
        let mut found = json!({
            "profileIds": ["CRMID:1"], "completeSince": 1_767_323_045_000_i64, "next": null, "unreadable": [],
            "departures": [
                {"leftAt": 1_767_323_045_000_i64, "flowName": "acme", "file": "a.csv", "url": "s3://b/a.csv", "decision": 7,
                    "target": {"name": "Exports"}, "marketingActions": ["/dulepolicy/marketingActions/core/analytics"]},
                {"leftAt": 1_767_323_045_000_i64, "flowId": "f", "sequence": 9, "target": null, "marketingActions": null}],
        });
        let expected = [
            "1 profile has this identity",
            "LEFT                  FLOW  TARGET   IN            FOR        DECISION",
            "2026-01-02T03:04:05Z  acme  Exports  s3://b/a.csv  analytics  7",
            "2026-01-02T03:04:05Z  f              messages 9",
            "complete since 2026-01-02T03:04:05Z",
        ];
        assert_eq!(shown(&found), expected);
        found["departures"][0]["confirmed"] = true.into();
        assert!(shown(&found)[1].starts_with("LEFT                  CONFIRMED  FLOW"));
        found["departures"][0]["targetIsOfNow"] = true.into();
        found["profilesTotal"] = 30.into();
        let lines = shown(&found);
        assert!(lines[0] == "30 profiles have this identity" && lines[1].contains("first 20"), "{lines:?}");
        assert!(lines[3].contains("Exports *") && lines[lines.len() - 1].starts_with("* where"), "{lines:?}");
    }
}
