//! `outflow policies create` and `update`.

use std::path::PathBuf;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::NameArgs;
use crate::client::nouns::{CORE_POLICIES, POLICIES, etag, id, name};
use crate::client::{Client, at};
use crate::commands::actions::{check_own, references, taken};
use crate::commands::served::Answer;
use crate::commands::violating::{OnViolationArgs, paused_lines};
use crate::commands::{expression, labels};

/// Options of `create`.
#[derive(Args)]
pub struct CreateArgs {
    /// Name of the policy
    name: String,
    /// Where it denies: labels with and, or and brackets, as in 'C1 and (C3 or C7)'
    #[arg(long, value_name = "CONDITION", required_unless_present = "file")]
    deny: Option<String>,
    /// A marketing action that it denies, any of them; repeats
    #[arg(long = "action", value_name = "ACTION", required_unless_present = "file")]
    actions: Vec<String>,
    /// The policy as a file with the API's body; options go before it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Enforce it from now on [default: a draft]
    #[arg(long)]
    enabled: bool,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Options of `update`.
#[derive(Args)]
pub struct UpdateArgs {
    #[command(flatten)]
    policy: NameArgs,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// New condition
    #[arg(long, value_name = "CONDITION")]
    deny: Option<String>,
    /// A marketing action that it denies, instead of those it does; repeats
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<String>,
    /// New description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Runs `create`.
pub async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let there = client.owned(&CORE_POLICIES, &POLICIES).await?;
    if let Some(there) = there.iter().find(|there| name(&there.object) == args.name) {
        return Err(taken("policy", &args.name, there));
    }
    let mut body = match &args.file {
        Some(file) => body_of(file)?,
        None => json!({}),
    };
    body["name"] = args.name.as_str().into();
    if let Some(deny) = &args.deny {
        body["deny"] = condition(client, deny).await?;
    }
    if !args.actions.is_empty() {
        body["marketingActionRefs"] = references(client, &args.actions).await?;
    }
    if let Some(description) = &args.description {
        body["description"] = description.as_str().into();
    }
    if args.enabled {
        body["status"] = "ENABLED".into();
    }
    let made = client.post(args.on_violation.at(at(POLICIES.path)), Some(&body)).await?;
    let status = super::status(&made);
    let mut lines = vec![format!("{} is created as {}, {status}", args.name, id(&made))];
    lines.extend(paused_lines(&made));
    Ok(Answer::new(made, lines))
}

/// A condition as somebody wrote it, over labels that there are.
async fn condition(client: &Client, given: &str) -> Result<Value, Fault> {
    let condition = expression::labels(given)?;
    labels::check(client, expression::labels_of(&condition)).await?;
    Ok(condition)
}

/// The body that a file holds.
pub fn body_of(file: &std::path::Path) -> Result<Value, Fault> {
    let text = crate::settings::read(file)?;
    let wrong =
        |message: &str| Fault::input(format!("{} {message}", file.display())).tried(format!("read {}", file.display()));
    // The parser's own message may quote a value; the place is enough.
    let body: Value = serde_json::from_str(&text)
        .map_err(|e| wrong(&format!("is no JSON: line {}, column {}", e.line(), e.column())))?;
    if body.is_object() { Ok(body) } else { Err(wrong("holds no JSON object")) }
}

/// Runs `update`.
pub async fn update(client: &Client, args: &UpdateArgs) -> Result<Answer, Fault> {
    let policy = client.find_owned(&CORE_POLICIES, &POLICIES, &args.policy.policy).await?;
    check_own("policy", &policy)?;
    let mut patch = Vec::new();
    let mut put = |path: &str, value: Value| patch.push(json!({"op": "add", "path": path, "value": value}));
    for (path, given) in [("/name", &args.name), ("/description", &args.description)] {
        if let Some(given) = given {
            put(path, given.as_str().into());
        }
    }
    if let Some(deny) = &args.deny {
        put("/deny", condition(client, deny).await?);
    }
    if !args.actions.is_empty() {
        put("/marketingActionRefs", references(client, &args.actions).await?);
    }
    if patch.is_empty() {
        return Err(Fault::input("nothing was given to change")
            .hint("give --name, --deny, --action or --description; enable and disable are commands"));
    }
    let place = args.on_violation.at(POLICIES.id(id(&policy.object)));
    let changed = client.patch(place, etag(&policy.object), &patch.into()).await?;
    let mut lines = vec![format!("{} is changed", name(&changed))];
    lines.extend(paused_lines(&changed));
    Ok(Answer::new(changed, lines))
}
