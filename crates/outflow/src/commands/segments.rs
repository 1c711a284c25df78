//! `outflow segments`.

mod rules;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::{Fault, FaultClass};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::datasets::fault_of;
use super::export::RuleFormat;
use super::served::{Answer, ask, warnings};
use super::violating::{OnViolationArgs, paused_lines};
use crate::client::nouns::{SEGMENT_JOBS, SEGMENTS, id, name};
use crate::client::wait::Shown;
use crate::client::{Client, ServerArgs, at};
use crate::numbers::thousands;
use crate::table::{Table, properties, text, time};
use rules::RuleArgs;

const EXAMPLES: &str = "Examples:
  outflow segments estimate --rule 'loyalty.points > 100'
  outflow segments create gold --rule 'loyalty.tier = \"gold\" and homeAddress.country = \"US\"'
  outflow segments evaluate              (all segments, in one pass over the profiles)
  outflow segments evaluate gold
  outflow segments list";

/// Options of `outflow segments`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SegmentsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: SegmentsCommand,
}

/// What to do with segments.
#[derive(Subcommand)]
enum SegmentsCommand {
    /// Create a segment
    #[command(after_help = "Examples:\n  outflow segments create gold --rule 'loyalty.points > 100'")]
    Create(CreateArgs),
    /// List segments with their members
    #[command(after_help = "Examples:
  outflow segments list
  outflow segments list --json")]
    List,
    /// Show a segment
    #[command(after_help = "Examples:\n  outflow segments show gold")]
    Show(NameArgs),
    /// Change a segment
    #[command(after_help = "Examples:\n  outflow segments update gold --rule 'loyalty.points > 200'
  outflow segments update gold --rule 'homeAddress.city = \"Rome\"' --on-violation pause")]
    Update(UpdateArgs),
    /// Delete a segment that no flow exports
    #[command(after_help = "Examples:\n  outflow segments delete gold")]
    Delete(NameArgs),
    /// Find the members of segments now, and what changed since the last evaluation
    #[command(after_help = "Examples:
  outflow segments evaluate              (all segments, in one pass over the profiles)
  outflow segments evaluate gold")]
    Evaluate(EvaluateArgs),
    /// Estimate how many profiles a rule selects, without saving it
    #[command(after_help = "Examples:\n  outflow segments estimate --rule 'loyalty.points > 100'")]
    Estimate(rules::EstimateArgs),
    /// Show some profiles that a rule selects, without saving it
    #[command(after_help = "Examples:\n  outflow segments sample --rule 'loyalty.points > 100'")]
    Sample(rules::SampleArgs),
}

/// A segment.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the segment
    #[arg(value_name = "SEGMENT")]
    segment: String,
}

/// Options of `create`.
#[derive(Args)]
struct CreateArgs {
    /// Name of the segment
    name: String,
    #[command(flatten)]
    rule: RuleArgs,
    /// What it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Options of `update`.
#[derive(Args)]
struct UpdateArgs {
    #[command(flatten)]
    segment: NameArgs,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// New rule
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Language of the rule
    #[arg(long, value_enum, default_value_t = RuleFormat::Pql)]
    rule_format: RuleFormat,
    /// New description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Options of `evaluate`.
#[derive(Args)]
struct EvaluateArgs {
    /// Names or ids of segments; all of them when none is given
    #[arg(value_name = "SEGMENT")]
    segments: Vec<String>,
    /// Do not wait for the end
    #[arg(long)]
    no_wait: bool,
}

/// Runs `outflow segments`.
pub fn run(args: &SegmentsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        SegmentsCommand::Create(args) => create(client, args).await,
        SegmentsCommand::List => list(client).await,
        SegmentsCommand::Show(args) => {
            let segment = client.find(&SEGMENTS, &args.segment).await?;
            let lines = shown(&segment);
            Ok(Answer::new(segment, lines))
        }
        SegmentsCommand::Update(args) => update(client, args).await,
        SegmentsCommand::Delete(args) => {
            let segment = client.find(&SEGMENTS, &args.segment).await?;
            client.delete(SEGMENTS.id(id(&segment))).await?;
            Ok(Answer::line(json!({"id": id(&segment), "deleted": true}), format!("{} is deleted", name(&segment))))
        }
        SegmentsCommand::Evaluate(args) => evaluate(client, args).await,
        SegmentsCommand::Estimate(args) => rules::estimate(client, args).await,
        SegmentsCommand::Sample(args) => rules::sample(client, args).await,
    })
}

async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let mut body = json!({
        "name": args.name,
        "expression": args.rule.expression(),
        "schema": {"name": "_xdm.context.profile"},
    });
    if let Some(description) = &args.description {
        body["description"] = description.as_str().into();
    }
    let made = client.post(at(SEGMENTS.path), Some(&body)).await?;
    let mut lines = vec![format!("{} is created as {}", args.name, id(&made))];
    lines.extend(warnings(&made));
    Ok(Answer::new(made, lines))
}

async fn update(client: &Client, args: &UpdateArgs) -> Result<Answer, Fault> {
    let segment = client.find(&SEGMENTS, &args.segment.segment).await?;
    let mut change = Map::new();
    for (member, given) in [("name", &args.name), ("description", &args.description)] {
        if let Some(given) = given {
            change.insert(member.into(), given.as_str().into());
        }
    }
    if let Some(rule) = &args.rule {
        change.insert("expression".into(), rules::expression(rule, args.rule_format));
    }
    if change.is_empty() {
        return Err(Fault::input("nothing was given to change").hint("give --name, --rule or --description"));
    }
    let changed = client.change_segment(&segment, &Value::Object(change), args.on_violation).await?;
    let mut lines = vec![format!("{} is changed", name(&segment))];
    lines.extend(paused_lines(&changed));
    lines.extend(warnings(&changed));
    Ok(Answer::new(changed, lines))
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let segments = client.list(&SEGMENTS, &[]).await?;
    let mut table = Table::new(&["NAME", "MEMBERS", "ENTERED", "EXITED", "EVALUATED", "RULE", "ID"]);
    for segment in &segments {
        let counts = Counts::of(segment);
        table.row([
            name(segment).to_owned(),
            counts.members(),
            counts.member("realized"),
            counts.member("exited"),
            counts.time(),
            shortened(&text(&segment["expression"]["value"])),
            id(segment).to_owned(),
        ]);
    }
    let lines = table.lines_or("no segments; `outflow segments create` creates one");
    Ok(Answer::list(segments, lines))
}

/// Characters of a rule in a table.
const RULE_CHARS_MAX: usize = 50;

fn shortened(rule: &str) -> String {
    if rule.chars().count() <= RULE_CHARS_MAX {
        return rule.to_owned();
    }
    rule.chars().take(RULE_CHARS_MAX - 1).chain(['…']).collect()
}

/// What the last evaluation of a segment found.
struct Counts<'a>(&'a Value);

impl<'a> Counts<'a> {
    fn of(segment: &'a Value) -> Counts<'a> {
        Counts(&segment["counts"])
    }

    fn member(&self, name: &str) -> String {
        self.0[name].as_u64().map(thousands).unwrap_or_default()
    }

    fn members(&self) -> String {
        match (self.0["realized"].as_u64(), self.0["existing"].as_u64()) {
            (None, None) => String::new(),
            (realized, existing) => thousands(realized.unwrap_or(0) + existing.unwrap_or(0)),
        }
    }

    fn time(&self) -> String {
        time(&self.0["evaluatedAt"])
    }
}

fn shown(segment: &Value) -> Vec<String> {
    let counts = Counts::of(segment);
    properties(&[
        ("name", name(segment).to_owned()),
        ("id", id(segment).to_owned()),
        ("description", text(&segment["description"])),
        ("rule", text(&segment["expression"]["value"])),
        ("language", text(&segment["expression"]["format"])),
        ("members", counts.members()),
        ("entered", counts.member("realized")),
        ("exited", counts.member("exited")),
        ("evaluated", counts.time()),
    ])
}

async fn evaluate(client: &Client, args: &EvaluateArgs) -> Result<Answer, Fault> {
    let mut named = Vec::new();
    for segment in &args.segments {
        named.push(client.find(&SEGMENTS, segment).await?);
    }
    let wanted: Value = named.iter().map(|segment| json!({"segmentId": id(segment)})).collect();
    // Without a list it is all of them; an empty list would be a mistake.
    let job = client.post(at(SEGMENT_JOBS.path), Some(&wanted).filter(|_| !named.is_empty())).await?;
    if args.no_wait {
        return Ok(Answer::line(job.clone(), format!("evaluation {} is queued", id(&job))));
    }
    let mut progress = Shown::start();
    let done = |job: &Value| matches!(job["status"].as_str(), Some("SUCCEEDED" | "FAILED" | "CANCELLED"));
    let job = client.until(&SEGMENT_JOBS, id(&job), done, |_| progress.at("Evaluating", 0, 0, "")).await?;
    drop(progress);
    if job["status"] != "SUCCEEDED" {
        let fault = failed(&job);
        return Ok(Answer::failed(job, Vec::new(), fault));
    }
    let mut table = Table::new(&["NAME", "MEMBERS", "ENTERED", "EXITED", "ID"]);
    let evaluated: Vec<&str> =
        job["segments"].as_array().into_iter().flatten().filter_map(|s| s["segmentId"].as_str()).collect();
    for segment in client.list(&SEGMENTS, &[]).await? {
        if evaluated.contains(&id(&segment)) {
            let counts = Counts::of(&segment);
            let cells = [counts.members(), counts.member("realized"), counts.member("exited")];
            table.row([&[name(&segment).to_owned()], &cells[..], &[id(&segment).to_owned()]].concat());
        }
    }
    let mut lines = table.lines_or("no segments to evaluate");
    // Of the others it is known; these keep what the evaluation before found.
    let problems = job["problems"].as_array().into_iter().flatten();
    let told =
        |problem: &Value| format!("note: segment {}: {}", text(&problem["segmentId"]), text(&problem["message"]));
    lines.extend(problems.map(told));
    Ok(Answer::new(job, lines))
}

/// Why an evaluation did not succeed: what stopped it, or each rule that fits no profile.
fn failed(job: &Value) -> Fault {
    if job["status"] == "CANCELLED" {
        return Fault::new(FaultClass::Interrupted, "the evaluation was cancelled");
    }
    let problems: Vec<String> =
        job["errors"].as_array().into_iter().flatten().map(|problem| text(&problem["msg"])).collect();
    if job["error"].is_object() || problems.is_empty() {
        return fault_of(&job["error"], "the evaluation did not succeed");
    }
    Fault::new(FaultClass::Input, problems.join("; "))
        .tried("evaluate the segments")
        .hint("correct the rules; `outflow segments estimate --rule RULE` tries one")
}

impl Client {
    /// Changes members of a segment: definitions take what differs, not a JSON Patch.
    pub(super) async fn change_segment(
        &self,
        segment: &Value,
        change: &Value,
        on_violation: OnViolationArgs,
    ) -> Result<Value, Fault> {
        let etag = segment["etag"].as_str().unwrap_or("*");
        self.patch(on_violation.at(SEGMENTS.id(id(segment))), etag, change).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_those_who_entered_and_those_who_stayed() {
        let segment = json!({"counts": {"realized": 1000, "existing": 234, "exited": 5}});
        assert_eq!(
            (Counts::of(&segment).members(), Counts::of(&segment).member("exited")),
            ("1,234".into(), "5".into())
        );
        assert_eq!(Counts::of(&json!({})).members(), "");
    }

    #[test]
    fn an_evaluation_fails_with_all_that_was_wrong() {
        let rules = failed(&json!({"errors": [{"msg": "segment a: no field x"}, {"msg": "segment b: no field y"}]}));
        assert_eq!((rules.class, &*rules.message), (FaultClass::Input, "segment a: no field x; segment b: no field y"));
        let stopped = json!({"error": {"class": "unavailable", "message": "full"}, "errors": [{"msg": "full"}]});
        assert_eq!(failed(&stopped).class, FaultClass::Unavailable);
        assert_eq!(failed(&json!({"status": "CANCELLED"})).class, FaultClass::Interrupted);
    }

    #[test]
    fn long_rules_are_cut_between_characters() {
        assert_eq!(shortened("ä = 1"), "ä = 1");
        assert_eq!(shortened(&"ä".repeat(60)), format!("{}…", "ä".repeat(49)));
    }
}
