//! `outflow schedules`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{SCHEDULES, SEGMENTS, etag, id, name, name_of};
use crate::client::{Client, ServerArgs, at};
use crate::table::{Table, properties, text};

const EXAMPLES: &str = "Examples:
  outflow schedules create nightly --cron '0 0 1 * * ?'         (every segment, daily at 01:00 UTC)
  outflow schedules create vip --cron '0 30 */6 * * ?' --segment gold --segment platinum
  outflow schedules update nightly --cron '0 0 3 * * ?'
  outflow schedules disable nightly
  outflow schedules list

A schedule says when segments are evaluated; exports have the schedules of their flows (`outflow flows activate`). A cron
expression has second, minute, hour, day of the month, month and day of the week, in UTC.";

/// Options of `outflow schedules`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SchedulesArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: SchedulesCommand,
}

/// What to do with schedules.
#[derive(Subcommand)]
enum SchedulesCommand {
    /// Create a schedule of evaluations
    #[command(after_help = "Examples:
  outflow schedules create nightly --cron '0 0 1 * * ?'         (every segment, daily at 01:00 UTC)
  outflow schedules create vip --cron '0 30 */6 * * ?' --segment gold --segment platinum")]
    Create(CreateArgs),
    /// List schedules
    #[command(after_help = "Examples:
  outflow schedules list
  outflow schedules list --json")]
    List,
    /// Show a schedule
    #[command(after_help = "Examples:\n  outflow schedules show nightly")]
    Show(NameArgs),
    /// Change when, or which segments
    #[command(after_help = "Examples:\n  outflow schedules update nightly --cron '0 0 3 * * ?'")]
    Update(UpdateArgs),
    /// Let it run
    #[command(after_help = "Examples:\n  outflow schedules enable nightly")]
    Enable(NameArgs),
    /// Stop it; it stays
    #[command(after_help = "Examples:\n  outflow schedules disable nightly")]
    Disable(NameArgs),
    /// Delete a schedule
    #[command(after_help = "Examples:\n  outflow schedules delete nightly")]
    Delete(NameArgs),
}

/// A schedule.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the schedule
    #[arg(value_name = "SCHEDULE")]
    schedule: String,
}

/// Options of `create`.
#[derive(Args)]
struct CreateArgs {
    /// Name of the schedule
    name: String,
    /// When, in UTC: SECOND MINUTE HOUR DAY-OF-MONTH MONTH DAY-OF-WEEK
    #[arg(long, value_name = "CRON")]
    cron: String,
    /// Name or id of a segment to evaluate; repeats [default: all]
    #[arg(long = "segment", value_name = "SEGMENT")]
    segments: Vec<String>,
    /// Create it without letting it run
    #[arg(long)]
    disabled: bool,
}

/// Options of `update`.
#[derive(Args)]
struct UpdateArgs {
    #[command(flatten)]
    schedule: NameArgs,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// New time, in UTC: SECOND MINUTE HOUR DAY-OF-MONTH MONTH DAY-OF-WEEK
    #[arg(long, value_name = "CRON")]
    cron: Option<String>,
    /// Name or id of a segment to evaluate, instead of those there are; repeats
    #[arg(long = "segment", value_name = "SEGMENT", conflicts_with = "all_segments")]
    segments: Vec<String>,
    /// Evaluate all segments
    #[arg(long)]
    all_segments: bool,
}

/// Stands for all segments.
const ALL: &str = "*";

/// Runs `outflow schedules`.
pub fn run(args: &SchedulesArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        SchedulesCommand::Create(args) => create(client, args).await,
        SchedulesCommand::List => list(client).await,
        SchedulesCommand::Show(args) => show(client, args).await,
        SchedulesCommand::Update(args) => update(client, args).await,
        SchedulesCommand::Enable(args) => switch(client, args, "active", "enabled").await,
        SchedulesCommand::Disable(args) => switch(client, args, "inactive", "disabled").await,
        SchedulesCommand::Delete(args) => {
            let schedule = client.find(&SCHEDULES, &args.schedule).await?;
            client.delete(SCHEDULES.id(id(&schedule))).await?;
            Ok(Answer::line(json!({"id": id(&schedule), "deleted": true}), format!("{} is deleted", name(&schedule))))
        }
    })
}

async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let segments = if args.segments.is_empty() { json!([ALL]) } else { ids(client, &args.segments).await? };
    let body = json!({
        "name": args.name,
        "type": "batch_segmentation",
        "schedule": args.cron,
        "state": if args.disabled { "inactive" } else { "active" },
        "properties": {"segments": segments},
    });
    let made = client.post(at(SCHEDULES.path), Some(&body)).await?;
    let line = format!("{} is created as {}, {}", args.name, id(&made), state(&made));
    Ok(Answer::line(made, line))
}

/// Ids of named segments.
async fn ids(client: &Client, segments: &[String]) -> Result<Value, Fault> {
    let mut ids = Vec::new();
    for segment in segments {
        ids.push(client.find(&SEGMENTS, segment).await?["id"].clone());
    }
    Ok(ids.into())
}

async fn update(client: &Client, args: &UpdateArgs) -> Result<Answer, Fault> {
    let schedule = client.find(&SCHEDULES, &args.schedule.schedule).await?;
    let mut patch = Vec::new();
    let mut put = |path: &str, value: Value| patch.push(json!({"op": "add", "path": path, "value": value}));
    if let Some(name) = &args.name {
        put("/name", name.as_str().into());
    }
    if let Some(cron) = &args.cron {
        put("/schedule", cron.as_str().into());
    }
    if args.all_segments {
        put("/properties/segments", json!([ALL]));
    } else if !args.segments.is_empty() {
        put("/properties/segments", ids(client, &args.segments).await?);
    }
    if patch.is_empty() {
        return Err(Fault::input("nothing was given to change")
            .hint("give --name, --cron, --segment or --all-segments; enable and disable are commands"));
    }
    changed(client, &schedule, &patch.into(), "changed").await
}

async fn switch(client: &Client, args: &NameArgs, state: &str, done: &str) -> Result<Answer, Fault> {
    let schedule = client.find(&SCHEDULES, &args.schedule).await?;
    changed(client, &schedule, &json!([{"op": "add", "path": "/state", "value": state}]), done).await
}

/// Changes a schedule; a change answers nothing, so what became of it is asked for.
async fn changed(client: &Client, schedule: &Value, patch: &Value, done: &str) -> Result<Answer, Fault> {
    client.patch(SCHEDULES.id(id(schedule)), etag(schedule), patch).await?;
    let now = client.one(&SCHEDULES, id(schedule)).await?;
    let line = format!("{} is {done}", name(&now));
    Ok(Answer::line(now, line))
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let schedules = client.list(&SCHEDULES, &[]).await?;
    let segments = client.list(&SEGMENTS, &[]).await?;
    let mut table = Table::new(&["NAME", "STATE", "WHEN (UTC)", "SEGMENTS", "ID"]);
    for schedule in &schedules {
        table.row([
            name(schedule).to_owned(),
            state(schedule).to_owned(),
            text(&schedule["schedule"]),
            named(&segments, schedule),
            id(schedule).to_owned(),
        ]);
    }
    let lines = table.lines_or("no schedules; `outflow schedules create` creates one");
    Ok(Answer::list(schedules, lines))
}

async fn show(client: &Client, args: &NameArgs) -> Result<Answer, Fault> {
    let schedule = client.find(&SCHEDULES, &args.schedule).await?;
    let segments = client.list(&SEGMENTS, &[]).await?;
    let lines = properties(&[
        ("name", name(&schedule).to_owned()),
        ("id", id(&schedule).to_owned()),
        ("state", state(&schedule).to_owned()),
        ("when", format!("{} (UTC)", text(&schedule["schedule"]))),
        ("segments", named(&segments, &schedule)),
    ]);
    Ok(Answer::new(schedule, lines))
}

/// The state in the words of flows.
fn state(schedule: &Value) -> &'static str {
    if schedule["state"] == "active" { "enabled" } else { "disabled" }
}

/// The segments of a schedule by name; by id where they are gone.
fn named(segments: &[Value], schedule: &Value) -> String {
    let of = |wanted: &Value| if wanted == ALL { "all".to_owned() } else { name_of(segments, wanted) };
    let names = schedule["properties"]["segments"].as_array().into_iter().flatten().map(of);
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_told_by_name() {
        let segments = [json!({"id": "1", "name": "gold"})];
        let of = |ids: Value| named(&segments, &json!({"properties": {"segments": ids}}));
        assert_eq!((of(json!(["1", "2"])), of(json!(["*"]))), ("gold, 2".into(), "all".into()));
    }
}
