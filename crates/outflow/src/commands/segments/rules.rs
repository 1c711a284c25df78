//! Rules on the command line: what a segment's expression is made of, and trying one without saving it.

use std::time::Duration;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::super::export::RuleFormat;
use super::super::served::Answer;
use crate::client::{Client, at, unexpected};
use crate::numbers::thousands;
use crate::table::text;

/// Between two looks at an estimate that is not ready.
const PERIOD: Duration = Duration::from_millis(300);

/// Looks at an estimate: it works on a sample, so it is ready within seconds.
const LOOKS_MAX: u32 = 400;

/// A rule.
#[derive(Args)]
pub struct RuleArgs {
    /// Rule that selects profiles
    #[arg(long, value_name = "RULE")]
    rule: String,
    /// Language of the rule
    #[arg(long, value_enum, default_value_t = RuleFormat::Pql)]
    rule_format: RuleFormat,
}

impl RuleArgs {
    /// The rule as the API takes it.
    pub fn expression(&self) -> Value {
        expression(&self.rule, self.rule_format)
    }
}

/// The rule as the API takes it.
pub fn expression(rule: &str, format: RuleFormat) -> Value {
    json!({"type": "PQL", "format": format_name(format), "value": rule})
}

fn format_name(format: RuleFormat) -> &'static str {
    match format {
        RuleFormat::Pql => "pql/text",
        RuleFormat::Sql => "sql/text",
    }
}

/// Options of `estimate`.
#[derive(Args)]
pub struct EstimateArgs {
    #[command(flatten)]
    rule: RuleArgs,
}

/// Options of `sample`.
#[derive(Args)]
pub struct SampleArgs {
    #[command(flatten)]
    rule: RuleArgs,
}

/// Runs `outflow segments estimate`.
pub async fn estimate(client: &Client, args: &EstimateArgs) -> Result<Answer, Fault> {
    let preview = tried(client, &args.rule).await?;
    let found = client.get(at("/data/core/ups/estimate").then(&preview)).await?;
    let number = |name: &str| found[name].as_u64().unwrap_or(0);
    let mut line = format!("about {} profiles", thousands(number("estimatedSize")));
    if number("standardError") > 0 {
        line.push_str(&format!(
            ", give or take {} ({})",
            thousands(number("standardError")),
            text(&found["confidenceInterval"])
        ));
    } else {
        line = line.replacen("about ", "", 1);
    }
    let looked = format!(
        "{} of {} profiles were looked at",
        thousands(number("profilesReadSoFar")),
        thousands(number("totalRows"))
    );
    Ok(Answer::new(found, vec![line, looked]))
}

/// Runs `outflow segments sample`.
pub async fn sample(client: &Client, args: &SampleArgs) -> Result<Answer, Fault> {
    let preview = tried(client, &args.rule).await?;
    let found = client.get(at("/data/core/ups/preview").then(&preview)).await?;
    let mut lines: Vec<String> = found["results"].as_array().into_iter().flatten().map(Value::to_string).collect();
    if lines.is_empty() {
        lines.push("no profile of the sample is selected".into());
    }
    Ok(Answer::new(found, lines))
}

/// Has a rule tried on a sample; answers the id of what was found, once it is.
async fn tried(client: &Client, rule: &RuleArgs) -> Result<String, Fault> {
    let body = json!({
        "predicateExpression": rule.rule,
        "predicateType": format_name(rule.rule_format),
        "predicateModel": "_xdm.context.profile",
    });
    let begun = client.post(at("/data/core/ups/preview"), Some(&body)).await?;
    let preview = begun["previewId"].as_str().ok_or_else(|| unexpected("a preview"))?.to_owned();
    for _ in 0..LOOKS_MAX {
        let found = client.get(at("/data/core/ups/preview").then(&preview)).await?;
        match found["state"].as_str() {
            Some("NEW" | "QUEUED" | "RUNNING" | "PROCESSING") => tokio::time::sleep(PERIOD).await,
            Some("FAILED") => return Err(super::fault_of(&found["error"], "the rule could not be tried")),
            _ => return Ok(preview),
        }
    }
    Err(unexpected("an estimate in time"))
}
