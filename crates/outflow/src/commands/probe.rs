//! `outflow probe`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use outflow_connector_kit::{ProbeNews, ProbeReport, ProbeStep, StepOutcome};
use outflow_model::{Fault, FaultClass};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::SettingsArgs;
use crate::output;
use crate::target::{Target, TargetUrl, above_macros};

const EXAMPLES: &str = "Examples:
  outflow probe s3://exports/acme
  OUTFLOW_SFTP_PASSWORD=… outflow probe sftp://acme@sftp.example.com/upload   (shows an unknown host key for approval)
  outflow probe s3://exports/acme/%SEGMENT_NAME%                              (tries the folder above the macro)
  outflow probe kinesis://eu-west-1/audiences
  OUTFLOW_EVENTHUBS_SAS_KEY_NAME=send OUTFLOW_EVENTHUBS_SAS_KEY=… outflow probe eventhubs://acme/audiences

A probe makes the calls that a delivery makes, in the target's own folder, and leaves nothing behind; in a stream it
leaves no record.";

/// Options of `outflow probe`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ProbeArgs {
    /// Target as for `export --to`: s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH or file:///DIR; or a stream of a
    /// server's flows: kinesis://REGION/STREAM or eventhubs://NAMESPACE/HUB
    url: String,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs `outflow probe`.
pub fn run(args: &ProbeArgs, runtime: &Runtime) -> ExitCode {
    let stopped = Arc::new(AtomicBool::new(false));
    let stopper = Arc::clone(&stopped);
    // The probe goes on to its end, which is near and where it removes what it wrote.
    super::on_interrupt(runtime, move || stopper.store(true, Ordering::Relaxed));
    let json = args.json;
    // Whoever waits for an answer of a server that is silent sees which one is awaited.
    let watch = Box::new(move |news: ProbeNews<'_>| match news {
        ProbeNews::Over(step) if !json => print(step),
        _ => {}
    });
    let report = args
        .settings
        .load()
        .and_then(|settings| Target::new(place(&args.url)?, &settings))
        .and_then(|target| runtime.block_on(target.probe(watch)));
    match report {
        Err(fault) => output::fail(&fault, args.json),
        Ok(report) => {
            let failure =
                if stopped.load(Ordering::Relaxed) { Some(FaultClass::Interrupted) } else { report.failure() };
            if args.json {
                let status = match failure {
                    None => "success",
                    Some(FaultClass::Interrupted) => "interrupted",
                    Some(_) => "failed",
                };
                let mut told = json!({"status": status, "steps": report.steps});
                if let Some(error) = failure.and_then(|class| error(class, &report)) {
                    told["error"] = error;
                }
                output::say_json(&told);
            }
            failure.map_or(ExitCode::SUCCESS, |class| output::exit(&Fault::new(class, "")))
        }
    }
}

/// Where to try: folders that macros name are made by a run, in the folder above.
fn place(url: &str) -> Result<TargetUrl, Fault> {
    let (tried, is_above) = above_macros(&TargetUrl::parse(url)?, "the URL")?;
    if is_above {
        output::note(&format!("note: {tried} is tried; a run makes the folders below, which macros name"));
    }
    Ok(tried)
}

/// The `error` member: that of the failed step, unless somebody stopped the probe.
fn error(class: FaultClass, report: &ProbeReport) -> Option<Value> {
    if class == FaultClass::Interrupted {
        return Some(output::error_json(&Fault::new(class, "the probe was stopped").hint("run it again")));
    }
    report.steps.iter().find_map(|step| match &step.outcome {
        StepOutcome::Failed { class, message, tried, hint, .. } => {
            Some(json!({"class": class.to_string(), "message": message, "tried": tried, "hint": hint}))
        }
        _ => None,
    })
}

fn print(step: &ProbeStep) {
    match &step.outcome {
        StepOutcome::Passed { found } if found.is_empty() => output::say(&format!("  ok       {}", step.name)),
        StepOutcome::Passed { found } => output::say(&format!("  ok       {}: {found}", step.name)),
        StepOutcome::Limited { found } => output::say(&format!("  limited  {}: {found}", step.name)),
        StepOutcome::Failed { class, message, tried, hint, .. } => {
            output::say(&format!("  FAILED   {}: {message} ({class})", step.name));
            for (label, text) in [("tried", tried), ("to do", hint)] {
                if !text.is_empty() {
                    output::say(&format!("           {label}: {}", text.replace('\n', "\n                  ")));
                }
            }
        }
    }
}
