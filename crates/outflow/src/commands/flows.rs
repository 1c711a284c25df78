//! `outflow flows`.

mod activate;
mod stream;
mod streaming;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::destinations::segment_count;
use super::policies::{CheckArgs, check};
use super::runs::watch_all;
use super::served::{Answer, ask, warnings};
use crate::client::nouns::{DESTINATIONS, FLOWS, RUNS, SEGMENTS, id, name, name_of};
use crate::client::violation::{action_name, listed};
use crate::client::{Client, ServerArgs, at, unexpected};
use crate::table::{Table, one_line, properties, text, time};
use activate::ActivateArgs;
use stream::{LettersArgs, RedeliverArgs};

const EXAMPLES: &str = "Examples:
  outflow flows activate acme-daily --segment gold --segment new-customers --frequency daily --start-time 06:00 \\
    --map person.name.firstName,personalEmail.address:email,segmentMembership.status \\
    --require personalEmail.address --dedup personalEmail.address
  outflow flows activate acme-daily --segment gold --mode incremental --frequency every-3-hours
  outflow flows activate acme-daily --remove new-customers
  outflow flows activate acme-live --segment gold --map person.name.firstName,loyalty.tier --send-on segmentation,attributes
  outflow flows run acme-daily --watch   (what the schedule would do next, now; to a stream, everybody once more)
  outflow flows adhoc acme-daily gold    (an extra full export that leaves the schedule alone)";

/// Options of `outflow flows`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct FlowsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: FlowsCommand,
}

/// What to do with flows.
#[derive(Subcommand)]
enum FlowsCommand {
    /// List flows
    #[command(after_help = "Examples:
  outflow flows list
  outflow flows list --json")]
    List,
    /// Show a flow with its segments and columns
    #[command(after_help = "Examples:\n  outflow flows show acme-daily")]
    Show(NameArgs),
    /// Choose segments with their schedules and file names, columns, mandatory attributes and deduplication; to a stream,
    /// segments, attributes, and what sends a message
    #[command(after_help = "Examples:
  outflow flows activate acme-daily --segment gold --mode incremental --frequency every-3-hours
  outflow flows activate acme-daily --remove new-customers
  outflow flows activate acme-live --segment gold --map person.name.firstName --send-on segmentation")]
    Activate(Box<ActivateArgs>),
    /// Let the schedules run
    #[command(after_help = "Examples:\n  outflow flows enable acme-daily")]
    Enable(NameArgs),
    /// Stop all exports and messages; everything else stays
    #[command(after_help = "Examples:\n  outflow flows disable acme-daily")]
    Disable(NameArgs),
    /// Say what policies and consent say of a flow, as it is or as a file has it; changes nothing
    #[command(after_help = "Examples:
  outflow flows check acme-daily
  outflow flows check --file flow.json         (as `outflow flows show --json` prints it, changed)")]
    Check(CheckArgs),
    /// Delete a flow; its destination, and files and messages that were delivered, stay, and a stream is sent no exits
    #[command(after_help = "Examples:\n  outflow flows delete acme-daily")]
    Delete(NameArgs),
    /// Export now what the schedule would export next; to a stream, send everybody once more
    #[command(after_help = "Examples:
  outflow flows run acme-daily --watch
  outflow flows run acme-live --watch         (a stream: everybody in its segments, changed or not)")]
    Run(RunArgs),
    /// Export segments in full, besides the schedule
    #[command(after_help = "Examples:
  outflow flows adhoc acme-daily gold
  outflow flows adhoc acme-daily --watch      (all segments of the flow)")]
    Adhoc(AdhocArgs),
    /// List the messages that a flow's stream refused for good
    #[command(after_help = "Examples:
  outflow flows letters acme-live
  outflow flows letters acme-live --limit 1000 --json")]
    Letters(LettersArgs),
    /// Send the profiles whose messages were refused again, as they are now
    #[command(after_help = "Examples:
  outflow flows redeliver acme-live
  outflow flows redeliver acme-live 0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4")]
    Redeliver(RedeliverArgs),
    /// Print the JSON Schema of a flow's messages
    #[command(after_help = "Examples:\n  outflow flows message-schema acme-live > messages.schema.json")]
    MessageSchema(NameArgs),
}

/// A flow.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the flow
    #[arg(value_name = "FLOW")]
    flow: String,
}

/// Options of `run`.
#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    flow: NameArgs,
    /// Wait for the end and show how far it is
    #[arg(long)]
    watch: bool,
}

/// Options of `adhoc`.
#[derive(Args)]
struct AdhocArgs {
    #[command(flatten)]
    flow: NameArgs,
    /// Names or ids of segments; all that the flow exports when none is given
    #[arg(value_name = "SEGMENT")]
    segments: Vec<String>,
    /// Wait for the end and show how far it is
    #[arg(long)]
    watch: bool,
}

/// Runs `outflow flows`.
pub fn run(args: &FlowsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        FlowsCommand::List => list(client).await,
        FlowsCommand::Show(args) => {
            let flow = client.find(&FLOWS, &args.flow).await?;
            let lines = shown(client, &flow).await?;
            Ok(Answer::new(flow, lines))
        }
        FlowsCommand::Activate(args) => activate::activate(client, args).await,
        FlowsCommand::Enable(args) => switch(client, args, "enable", "enabled").await,
        FlowsCommand::Disable(args) => switch(client, args, "disable", "disabled").await,
        FlowsCommand::Check(args) => check(client, args).await,
        FlowsCommand::Delete(args) => {
            let flow = client.find(&FLOWS, &args.flow).await?;
            client.delete(FLOWS.id(id(&flow))).await?;
            Ok(Answer::line(json!({"id": id(&flow), "deleted": true}), format!("{} is deleted", name(&flow))))
        }
        FlowsCommand::Run(args) => run_now(client, args).await,
        FlowsCommand::Adhoc(args) => adhoc(client, args).await,
        FlowsCommand::Letters(args) => stream::letters(client, args).await,
        FlowsCommand::Redeliver(args) => stream::redeliver(client, args).await,
        FlowsCommand::MessageSchema(args) => stream::message_schema(client, args).await,
    })
}

async fn switch(client: &Client, args: &NameArgs, op: &str, done: &str) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow).await?;
    let switched = client.post(FLOWS.id(id(&flow)).then("action").with("op", op), None).await?;
    let mut lines = vec![format!("{} is {done}", name(&flow))];
    lines.extend(warnings(&switched));
    Ok(Answer::new(switched, lines))
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let (flows, targets) = (client.list(&FLOWS, &[]).await?, client.list(&DESTINATIONS, &[]).await?);
    let mut table = Table::new(&["NAME", "STATE", "DESTINATION", "SEGMENTS", "LAST RUN", "AT", "ID"]);
    for flow in &flows {
        let target = targets.iter().find(|target| target["id"] == flow["targetConnectionIds"][0]);
        let last = &flow["lastRunDetails"];
        table.row([
            name(flow).to_owned(),
            state(flow),
            target.map(name).unwrap_or_default().to_owned(),
            segment_count(flow).to_string(),
            text(&last["state"]),
            time(&last["startedAtUTC"]),
            id(flow).to_owned(),
        ]);
    }
    let lines = table.lines_or("no flows; `outflow destinations create` creates a destination with a flow");
    Ok(Answer::list(flows, lines))
}

/// A flow's state, and that of its stream where it has one; paused is disabled with a reason.
fn state(flow: &Value) -> String {
    if flow["pause"].is_object() {
        return "paused".to_owned();
    }
    let state = text(&flow["state"]);
    match flow["streamStatus"]["state"].as_str() {
        Some(stream) if stream != state => format!("{state}, {stream}"),
        _ => state,
    }
}

async fn shown(client: &Client, flow: &Value) -> Result<Vec<String>, Fault> {
    let target = client.one(&DESTINATIONS, &text(&flow["targetConnectionIds"][0])).await?;
    let mut lines = properties(&[
        ("name", name(flow).to_owned()),
        ("id", id(flow).to_owned()),
        ("description", text(&flow["description"])),
        ("state", if flow["pause"].is_object() { "disabled (paused)".to_owned() } else { text(&flow["state"]) }),
        ("destination", name(&target).to_owned()),
        ("marketing", references(&flow["policy"]["enforcementRefs"])),
        ("created", time(&flow["createdAt"])),
        ("changed", time(&flow["updatedAt"])),
    ]);
    lines.extend(pause_lines(&flow["pause"]));
    let params = &flow["transformations"][0]["params"];
    let segments = client.list(&SEGMENTS, &[]).await?;
    if client.is_stream(flow).await? {
        lines.extend(stream::status_lines(flow));
        lines.extend(stream::options_line(params));
        lines.push(String::new());
        let mut table = Table::new(&["SEGMENT", "ID"]);
        for selector in params["segmentSelectors"]["selectors"].as_array().into_iter().flatten() {
            let segment = &selector["value"]["id"];
            table.row([name_of(&segments, segment), text(segment)]);
        }
        lines.extend(table.lines_or("no segments; `outflow flows activate` chooses some"));
        lines.extend(columns(params, "attributes:"));
        return Ok(lines);
    }
    let mut table = Table::new(&["SEGMENT", "EXPORTS", "WHEN", "FROM", "UNTIL", "FILE NAME"]);
    for selector in params["segmentSelectors"]["selectors"].as_array().into_iter().flatten() {
        let value = &selector["value"];
        let schedule = &value["schedule"];
        let template =
            if value["filenameTemplate"].is_null() { &value["fileNameTemplate"] } else { &value["filenameTemplate"] };
        table.row([
            name_of(&segments, &value["id"]),
            if value["exportMode"] == "FIRST_FULL_THEN_INCREMENTAL" { "incremental" } else { "full" }.to_owned(),
            when(schedule),
            text(&schedule["startDate"]),
            text(&schedule["endDate"]),
            text(template),
        ]);
    }
    lines.push(String::new());
    lines.extend(table.lines_or("no segments; `outflow flows activate` chooses some"));
    lines.extend(columns(params, "columns:"));
    Ok(lines)
}

/// Why a flow is paused, and by which policies.
fn pause_lines(pause: &Value) -> Vec<String> {
    if !pause.is_object() {
        return Vec::new();
    }
    let mut lines = vec![format!("paused at {}: {}", time(&pause["at"]), one_line(&text(&pause["reason"])))];
    for violation in pause["violations"].as_array().into_iter().flatten() {
        lines.push(one_line(&format!(
            "  {}: denies {} where {}; in segment {}: {}",
            text(&violation["policyName"]),
            denied(&violation["marketingActions"]),
            text(&violation["condition"]),
            text(&violation["segmentName"]),
            listed(&violation["labels"], text),
        )));
    }
    let more = pause["violationsLeftOut"].as_u64().unwrap_or(0);
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines.push("  `outflow flows check` says what would resolve it; then `outflow flows enable` lets it go on".into());
    lines
}

fn when(schedule: &Value) -> String {
    let frequency = text(&schedule["frequency"]).to_lowercase().replace('_', " ");
    if schedule["triggerType"] == "AFTER_SEGMENT_EVAL" {
        return format!("{frequency}, after evaluation");
    }
    format!("{frequency} at {} UTC", text(&schedule["startTime"]))
}

fn columns(params: &Value, title: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for selector in params["profileSelectors"]["selectors"].as_array().into_iter().flatten() {
        let (value, mapping) = (&selector["value"], &selector["value"]["mapping"]);
        let header = [&mapping["header"], &mapping["destination"]].into_iter().find_map(Value::as_str);
        let header = header.filter(|header| *header != text(&value["path"]));
        let header = header.map(|header| format!(" as {header}")).unwrap_or_default();
        lines.push(format!("  {}{header}", text(&value["path"])));
    }
    if !lines.is_empty() {
        lines.insert(0, title.into());
    }
    for (title, member) in [("mandatory", "mandatoryFields"), ("deduplicated by", "primaryFields")] {
        let given = [&params[member], &params["profileSelectors"][member]].into_iter().find_map(Value::as_array);
        let fields = given.into_iter().flatten().map(|field| match field {
            Value::String(path) => path.clone(),
            field => [&field["attributePath"], &field["identityNamespace"]].into_iter().map(text).collect(),
        });
        let fields: Vec<String> = fields.collect();
        if !fields.is_empty() {
            lines.push(format!("{title}: {}", fields.join(", ")));
        }
    }
    lines
}

fn references(refs: &Value) -> String {
    listed(refs, action_name)
}

/// What a policy denies of a flow: its actions, or everything.
fn denied(actions: &Value) -> String {
    let actions = references(actions);
    if actions.is_empty() { "any export".to_owned() } else { actions }
}

async fn run_now(client: &Client, args: &RunArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow.flow).await?;
    let begun = client.post(at(RUNS.path), Some(&json!({"flowId": id(&flow)}))).await?;
    let runs: Vec<String> = match begun["runs"].as_array() {
        Some(runs) => runs.iter().map(text).collect(),
        None => vec![id(&begun).to_owned()],
    };
    begun_runs(client, begun, &runs, args.watch).await
}

async fn adhoc(client: &Client, args: &AdhocArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow.flow).await?;
    let mut segments = Vec::new();
    for segment in &args.segments {
        segments.push(id(&client.find(&SEGMENTS, segment).await?).to_owned());
    }
    if segments.is_empty() {
        let selectors = flow["transformations"][0]["params"]["segmentSelectors"]["selectors"].as_array();
        segments.extend(selectors.into_iter().flatten().map(|selector| text(&selector["value"]["id"])));
    }
    let body = json!({"activationInfo": {id(&flow): segments}});
    let begun = client.post(at("/data/core/activation/disflowprovider/adhocrun"), Some(&body)).await?;
    let orders = begun["order"].as_array().ok_or_else(|| unexpected("an order"))?;
    let run = |order: &Value| text(&order["statusURL"]).rsplit('/').next().unwrap_or_default().to_owned();
    let runs: Vec<String> = orders.iter().map(run).collect();
    begun_runs(client, begun, &runs, args.watch).await
}

async fn begun_runs(client: &Client, begun: Value, runs: &[String], watch: bool) -> Result<Answer, Fault> {
    let notes = warnings(&begun);
    if watch {
        let mut answer = watch_all(client, runs).await?;
        answer.lines.extend(notes);
        return Ok(answer);
    }
    let mut lines: Vec<String> = runs.iter().map(|run| format!("run {run} is queued")).collect();
    lines.extend(notes);
    lines.push("`outflow runs watch RUN` follows one to its end".into());
    Ok(Answer::new(begun, lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_with_their_headers() {
        let params = json!({"profileSelectors": {"selectors": [
            {"value": {"path": "a.b", "mapping": {"header": "x"}}}, {"value": {"path": "c", "mapping": {"destination": "c"}}}],
            "mandatoryFields": ["a.b"]}, "primaryFields": [{"fieldType": "IDENTITY", "identityNamespace": "Email"}]});
        let expected = ["columns:", "  a.b as x", "  c", "mandatory: a.b", "deduplicated by: Email"];
        assert_eq!(columns(&params, "columns:"), expected);
    }

    #[test]
    fn a_paused_flow_says_why() {
        let pause = json!({"at": "2026-01-02T03:04:05Z", "reason": "violates \"No mail\" in segment gold (C4)", "violations": [
            {"policyName": "No mail", "condition": "C4", "labels": ["C4"], "segmentName": "gold",
                "marketingActions": ["/dulepolicy/marketingActions/core/emailTargeting"]}], "violationsLeftOut": 1});
        let lines = pause_lines(&pause);
        assert_eq!(lines[0], "paused at 2026-01-02T03:04:05Z: violates \"No mail\" in segment gold (C4)");
        assert_eq!(lines[1], "  No mail: denies emailTargeting where C4; in segment gold: C4");
        assert_eq!((lines[2].as_str(), lines.len()), ("  … and 1 more", 4));
        assert!(pause_lines(&Value::Null).is_empty());
        assert_eq!(denied(&json!([])), "any export");
        assert_eq!(state(&json!({"state": "disabled", "pause": pause})), "paused");
    }

    #[test]
    fn schedules_are_told_in_words() {
        assert_eq!(when(&json!({"frequency": "EVERY_3_HOURS", "startTime": "06:00"})), "every 3 hours at 06:00 UTC");
        let after = json!({"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL"});
        assert_eq!(when(&after), "daily, after evaluation");
    }
}
