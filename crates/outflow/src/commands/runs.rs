//! `outflow runs`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::{Fault, FaultClass};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::datasets::fault_of;
use super::served::{Answer, ask};
use crate::client::nouns::{FLOWS, RUNS, SEGMENTS, id, name_of};
use crate::client::wait::{Shown, state};
use crate::client::{Client, ServerArgs};
use crate::numbers::{bytes, thousands};
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow runs list --flow acme-daily
  outflow runs watch 5ab27b3c-…
  outflow runs verify 5ab27b3c-…        (reads every file back and compares length and SHA-256)
  outflow runs retry 5ab27b3c-…         (the same plan again: what was delivered is adopted)";

/// Options of `outflow runs`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct RunsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: RunsCommand,
}

/// What to do with runs.
#[derive(Subcommand)]
enum RunsCommand {
    /// List runs, the newest first
    #[command(after_help = "Examples:
  outflow runs list
  outflow runs list --flow acme-daily")]
    List(ListArgs),
    /// Show a run
    #[command(after_help = "Examples:\n  outflow runs show 5ab27b3c-…")]
    Show(IdArgs),
    /// Follow a run to its end
    #[command(after_help = "Examples:\n  outflow runs watch 5ab27b3c-…")]
    Watch(IdArgs),
    /// Show the files that a run delivered; a window of messages has none
    #[command(after_help = "Examples:\n  outflow runs files 5ab27b3c-…")]
    Files(IdArgs),
    /// Stop a run; nothing half-done becomes visible
    #[command(after_help = "Examples:\n  outflow runs cancel 5ab27b3c-…")]
    Cancel(IdArgs),
    /// Carry out a failed run's plan again
    #[command(after_help = "Examples:\n  outflow runs retry 5ab27b3c-…")]
    Retry(RetryArgs),
    /// Read the files back from the far end and compare them
    #[command(after_help = "Examples:\n  outflow runs verify 5ab27b3c-…")]
    Verify(IdArgs),
}

/// A run.
#[derive(Args)]
struct IdArgs {
    /// Id of the run
    #[arg(value_name = "RUN")]
    run: String,
}

/// Options of `list`.
#[derive(Args)]
struct ListArgs {
    /// Only those of this flow
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    /// Only those in this state: queued, processing, success, failed or cancelled
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
}

/// Options of `retry`.
#[derive(Args)]
struct RetryArgs {
    #[command(flatten)]
    run: IdArgs,
    /// Wait for the end and show how far it is
    #[arg(long)]
    watch: bool,
}

/// Runs `outflow runs`.
pub fn run(args: &RunsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        RunsCommand::List(args) => list(client, args).await,
        RunsCommand::Show(args) => {
            let run = client.one(&RUNS, &args.run).await?;
            let names = Names::load(client).await?;
            let lines = shown(&run, &names);
            Ok(Answer::new(run, lines))
        }
        RunsCommand::Watch(args) => watch(client, &args.run).await,
        RunsCommand::Files(args) => {
            let files = client.get(RUNS.id(&args.run).then("files")).await?;
            let lines = file_lines(&files["items"]);
            Ok(Answer::new(files, lines))
        }
        RunsCommand::Cancel(args) => {
            let answer = client.post(RUNS.id(&args.run).then("action").with("op", "cancel"), None).await?;
            Ok(Answer::line(answer, format!("run {} is asked to stop", args.run)))
        }
        RunsCommand::Retry(args) => {
            let answer = client.post(RUNS.id(&args.run.run).then("action").with("op", "retry"), None).await?;
            if args.watch {
                return watch(client, &args.run.run).await;
            }
            Ok(Answer::line(answer, format!("run {} is queued again", args.run.run)))
        }
        RunsCommand::Verify(args) => verify(client, &args.run).await,
    })
}

/// Names of flows and segments by id.
struct Names {
    flows: Vec<Value>,
    segments: Vec<Value>,
}

impl Names {
    async fn load(client: &Client) -> Result<Names, Fault> {
        Ok(Names { flows: client.list(&FLOWS, &[]).await?, segments: client.list(&SEGMENTS, &[]).await? })
    }

    fn flow(&self, run: &Value) -> String {
        name_of(&self.flows, &run["flowId"])
    }

    fn segment(&self, run: &Value) -> String {
        name_of(&self.segments, &run["segmentId"])
    }
}

async fn list(client: &Client, args: &ListArgs) -> Result<Answer, Fault> {
    let mut filters = Vec::new();
    if let Some(flow) = &args.flow {
        filters.push(format!("flowId=={}", id(&client.find(&FLOWS, flow).await?)));
    }
    if let Some(state) = &args.state {
        filters.push(format!("state=={state}"));
    }
    let query: Vec<(&str, &str)> = filters.iter().map(|filter| ("property", filter.as_str())).collect();
    let runs = client.list(&RUNS, &query).await?;
    let names = Names::load(client).await?;
    let mut table = Table::new(&["CREATED", "FLOW", "SEGMENT", "KIND", "STATE", "PROFILES", "FILES", "ID"]);
    for run in &runs {
        let metrics = &run["metrics"];
        table.row([
            time(&run["createdAt"]),
            names.flow(run),
            names.segment(run),
            text(&run["kind"]),
            state(run).to_owned(),
            number(&metrics["recordSummary"]["outputRecordCount"]),
            number(&metrics["fileSummary"]["outputFileCount"]),
            id(run).to_owned(),
        ]);
    }
    let lines = table.lines_or("no runs");
    Ok(Answer::list(runs, lines))
}

fn number(value: &Value) -> String {
    value.as_u64().map(thousands).unwrap_or_default()
}

fn shown(run: &Value, names: &Names) -> Vec<String> {
    let metrics = &run["metrics"];
    let records = &metrics["recordSummary"];
    let coalesced = run["coalesced"].as_u64().filter(|missed| *missed > 0);
    let mut lines = properties(&[
        ("id", id(run).to_owned()),
        ("flow", names.flow(run)),
        ("segment", names.segment(run)),
        ("state", state(run).to_owned()),
        ("kind", text(&run["kind"])),
        ("mode", text(&run["mode"])),
        ("slot", time(&run["slot"])),
        ("coalesced", coalesced.map(|missed| format!("stands for {missed} missed slots")).unwrap_or_default()),
        ("started", time(&metrics["durationSummary"]["startedAtUTC"])),
        ("ended", time(&metrics["durationSummary"]["completedAtUTC"])),
        ("received", number(&records["inputRecordCount"])),
        ("delivered", number(&records["outputRecordCount"])),
        ("left out", number(&records["skippedRecordCount"])),
        ("failed", number(&records["failedRecordCount"])),
        (
            "attempts",
            run["attempts"].as_array().filter(|all| all.len() > 1).map_or(String::new(), |all| all.len().to_string()),
        ),
        ("manifest", text(&run["manifest"])),
    ]);
    lines.extend(skipped_lines(&records["skippedInfo"]));
    lines.extend(counts_line(&run["counts"]));
    lines.extend(run["advice"].as_array().into_iter().flatten().map(|advice| format!("note: {}", text(advice))));
    lines.extend(file_lines(&run["files"]));
    if run["error"].is_object() {
        lines.push(format!("error: {} ({})", text(&run["error"]["message"]), text(&run["error"]["class"])));
        for (label, member) in [("tried", "tried"), ("to do", "hint")] {
            if !text(&run["error"][member]).is_empty() {
                lines.push(format!("  {label}: {}", text(&run["error"][member])));
            }
        }
    }
    lines
}

/// Why profiles were left out: who was withheld among them.
fn skipped_lines(info: &Value) -> Vec<String> {
    let line = |entry: &Value| format!("left out {}: {}", number(&entry["count"]), text(&entry["message"]));
    info.as_array().into_iter().flatten().map(line).collect()
}

/// What the messages of a run were about; none of a run of files.
fn counts_line(counts: &Value) -> Option<String> {
    let told = |(member, what): &(&str, &str)| {
        let number = counts[*member].as_u64().filter(|number| *number > 0)?;
        Some(format!("{} {what}", thousands(number)))
    };
    const TOLD: [(&str, &str); 8] = [
        ("messages", "messages"),
        ("entered", "entered"),
        ("left", "left"),
        ("attributes", "with other attributes"),
        ("identities", "with other identities"),
        ("rewrites", "rewritten"),
        ("resent", "sent once more"),
        ("oversize", "too large"),
    ];
    let told: Vec<String> = TOLD.iter().filter_map(told).collect();
    let size = bytes(counts["bytes"].as_u64().unwrap_or(0));
    (!told.is_empty()).then(|| format!("{} ({size})", told.join(", ")))
}

fn file_lines(files: &Value) -> Vec<String> {
    let line = |file: &Value| {
        let size = format!("{} rows  {}", number(&file["rows"]), bytes(file["bytes"].as_u64().unwrap_or(0)));
        format!("{}  {size}  sha256 {}", text(&file["url"]), text(&file["sha256"]))
    };
    files.as_array().into_iter().flatten().map(line).collect()
}

/// Follows a run to its end.
async fn watch(client: &Client, run: &str) -> Result<Answer, Fault> {
    let mut progress = Shown::start();
    let run = client.follow_run(run, &mut progress).await?;
    drop(progress);
    let lines = shown(&run, &Names::load(client).await?);
    let fault = fault_in(&run);
    Ok(Answer { fault, ..Answer::new(run, lines) })
}

/// Follows several runs, one after another, to their ends.
pub(super) async fn watch_all(client: &Client, runs: &[String]) -> Result<Answer, Fault> {
    let mut all = Answer::list(Vec::new(), Vec::new());
    let mut items = Vec::new();
    for run in runs {
        let answer = watch(client, run).await?;
        if !all.lines.is_empty() {
            all.lines.push(String::new());
        }
        all.lines.extend(answer.lines);
        items.push(answer.json);
        // The first fault is the one to tell.
        all.fault = all.fault.or(answer.fault);
    }
    all.json = json!({ "items": items });
    Ok(all)
}

/// The fault of a run that did not succeed.
fn fault_in(run: &Value) -> Option<Fault> {
    match state(run) {
        "failed" => Some(fault_of(&run["error"], "the run failed")),
        "cancelled" => Some(Fault::new(FaultClass::Interrupted, "the run was cancelled")),
        _ => None,
    }
}

async fn verify(client: &Client, run: &str) -> Result<Answer, Fault> {
    client.post(RUNS.id(run).then("verify"), None).await?;
    let mut progress = Shown::start();
    let done = |run: &Value| !matches!(run["verification"]["state"].as_str(), Some("queued" | "processing") | None);
    let run = client.until(&RUNS, run, done, |_| progress.at("Verifying", 0, 0, "")).await?;
    drop(progress);
    let verification = run["verification"].clone();
    let files = verification["files"].as_array().map_or(&[][..], Vec::as_slice);
    let mut lines = Vec::new();
    for file in files {
        let mark = if file["matches"] == true { "ok     " } else { "DIFFERS" };
        let size = bytes(file["bytes"].as_u64().unwrap_or(0));
        lines.push(format!("  {mark}  {}  {size}  sha256 {}", text(&file["name"]), text(&file["sha256"])));
        if file["matches"] != true {
            lines.push(format!("           {}", text(&file["problem"])));
        }
    }
    let bad = files.iter().filter(|file| file["matches"] != true).count();
    let fault = match verification["state"].as_str() {
        Some("success") if bad == 0 => None,
        _ if bad > 0 => Some(
            Fault::new(FaultClass::Verification, format!("{bad} of {} files differ", files.len()))
                .hint("run it again, and find out what changes files at the target"),
        ),
        _ => Some(fault_of(&verification["error"], "the files could not be verified")),
    };
    let told = json!({"id": id(&run), "verification": verification});
    Ok(Answer { fault, ..Answer::new(told, lines) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_tells_what_its_messages_were_about() {
        let counts = json!({"messages": 1200, "entered": 1000, "left": 200, "bytes": 2048, "refused": 0});
        assert_eq!(counts_line(&counts).unwrap(), "1,200 messages, 1,000 entered, 200 left (2.0 KiB)");
        assert_eq!(counts_line(&Value::Null), None);
    }

    #[test]
    fn a_run_that_failed_has_the_class_of_its_error() {
        let run =
            json!({"state": "failed", "error": {"class": "credentials", "message": "unknown key", "hint": "mend it"}});
        let fault = fault_in(&run).unwrap();
        assert_eq!((fault.class, fault.message.as_str()), (FaultClass::Credentials, "unknown key"));
        assert_eq!(fault_in(&json!({"state": "failed"})).unwrap().class, FaultClass::Internal);
        assert_eq!(fault_in(&json!({"state": "cancelled"})).unwrap().class, FaultClass::Interrupted);
        assert!(fault_in(&json!({"state": "success"})).is_none());
    }
}
