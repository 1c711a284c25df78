//! `outflow probe`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use outflow_connector_kit::{ProbeStep, StepOutcome};
use outflow_model::{Fault, FaultClass};
use serde_json::json;
use tokio::runtime::Runtime;

use super::SettingsArgs;
use crate::output;
use crate::target::{Target, TargetUrl};

const EXAMPLES: &str = "Examples:
  outflow probe s3://exports/acme
  OUTFLOW_SFTP_PASSWORD=… outflow probe sftp://acme@sftp.example.com/upload   (shows an unknown host key for approval)

A probe makes the calls that a delivery makes, in the target's own folder, and leaves nothing behind.";

/// Options of `outflow probe`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ProbeArgs {
    /// Target: s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH or file:///DIR
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
    let watch = Box::new(move |step: &ProbeStep| {
        if !json {
            print(step)
        }
    });
    let report = args
        .settings
        .load()
        .and_then(|settings| Target::new(TargetUrl::parse(&args.url)?, &settings))
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
                output::say_json(&json!({"status": status, "steps": report.steps}));
            }
            failure.map_or(ExitCode::SUCCESS, |class| output::exit(&Fault::new(class, "")))
        }
    }
}

fn print(step: &ProbeStep) {
    match &step.outcome {
        StepOutcome::Passed { found } if found.is_empty() => output::say(&format!("  ok       {}", step.name)),
        StepOutcome::Passed { found } => output::say(&format!("  ok       {}: {found}", step.name)),
        StepOutcome::Limited { found } => output::say(&format!("  limited  {}: {found}", step.name)),
        StepOutcome::Failed { class, message, tried, hint } => {
            output::say(&format!("  FAILED   {}: {message} ({class})", step.name));
            for (label, text) in [("tried", tried), ("to do", hint)] {
                if !text.is_empty() {
                    output::say(&format!("           {label}: {}", text.replace('\n', "\n                  ")));
                }
            }
        }
    }
}
