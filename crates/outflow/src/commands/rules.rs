//! `outflow rules`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use outflow_export::Progress;
use outflow_model::Fault;
use outflow_model::rule::{Expr, RuleErrors, check, parse_pql, parse_sql};
use outflow_profiles::scan::Profiles;
use outflow_profiles::source::pin;
use serde_json::json;
use tokio::runtime::Runtime;

use super::SettingsArgs;
use super::export::RuleFormat;
use crate::output;
use crate::source::watched_storages;

const EXAMPLES: &str = r#"Examples:
  outflow rules check 'homeAddress.country = "US" and loyalty.points > 100'
  outflow rules check 'lastPurchaseDate occurs <= 30 days before now' --profiles 'lake/*.parquet'
  outflow rules check --rule-format sql "homeAddress.country = 'US' AND loyalty.points BETWEEN 1 AND 9""#;

/// What to do with rules.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum RulesCommand {
    /// Check a rule, and print it in its canonical form
    #[command(after_help = EXAMPLES)]
    Check(CheckArgs),
}

impl RulesCommand {
    /// Whether it prints one JSON object.
    pub fn wants_json(&self) -> bool {
        let RulesCommand::Check(args) = self;
        args.json
    }
}

/// Options of `outflow rules check`.
#[derive(Args)]
pub struct CheckArgs {
    /// The rule
    rule: String,
    /// Its language
    #[arg(long, value_enum, default_value_t = RuleFormat::Pql)]
    rule_format: RuleFormat,
    /// Profiles whose fields and types the rule must fit
    #[arg(long, value_name = "PATTERN")]
    profiles: Vec<String>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Runs `outflow rules`.
pub fn run(command: &RulesCommand, runtime: &Runtime) -> ExitCode {
    let RulesCommand::Check(args) = command;
    let progress = Arc::new(Progress::default());
    let stopper = Arc::clone(&progress);
    super::on_interrupt(runtime, move || stopper.cancel());
    match attempt(args, runtime, &progress) {
        Err(fault) => output::fail(&fault, args.json),
        Ok(Ok(expr)) => {
            let text = expr.to_string();
            if args.json {
                output::say_json(&json!({"status": "success", "rule": text}));
            } else {
                output::say(&text);
            }
            ExitCode::SUCCESS
        }
        Ok(Err(errors)) => {
            output::note(errors.render(&args.rule).trim_end());
            if args.json {
                let all: Vec<_> = errors
                    .0
                    .iter()
                    .map(|e| {
                        json!({
                            "message": e.message,
                            "start": e.span.start,
                            "end": e.span.end,
                            "expected": e.expected,
                            "near": e.near,
                            "hint": e.hint,
                        })
                    })
                    .collect();
                output::say_json(&json!({"status": "failed", "errors": all}));
            }
            output::exit(&Fault::input(""))
        }
    }
}

fn attempt(args: &CheckArgs, runtime: &Runtime, progress: &Arc<Progress>) -> Result<Result<Expr, RuleErrors>, Fault> {
    let parsed = match args.rule_format {
        RuleFormat::Pql => parse_pql(&args.rule),
        RuleFormat::Sql => parse_sql(&args.rule),
    };
    let expr = match parsed {
        Ok(expr) => expr,
        Err(errors) => return Ok(Err(errors)),
    };
    if args.profiles.is_empty() {
        return Ok(Ok(expr));
    }
    let settings = Arc::new(args.settings.load()?);
    let profiles = Profiles::open(pin(&args.profiles, &watched_storages(&settings, runtime.handle(), progress))?)?;
    Ok(check(&expr, profiles.schema()).map(|()| expr))
}
