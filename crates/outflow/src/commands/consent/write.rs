//! `outflow consent create`.

use std::path::PathBuf;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::status;
use crate::client::nouns::{CONSENT_POLICIES, id};
use crate::client::{Client, at};
use crate::commands::actions::references;
use crate::commands::expression::joined;
use crate::commands::labels;
use crate::commands::policies::body_of;
use crate::commands::served::Answer;

/// Options of `create`.
#[derive(Args)]
pub struct CreateArgs {
    /// Name of the consent policy
    name: String,
    /// A marketing action of flows that it applies to; repeats, and any of actions and labels is enough
    #[arg(long = "action", value_name = "ACTION", required_unless_present_any = ["labels", "file"])]
    actions: Vec<String>,
    /// A label of data in exports that it applies to; repeats
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// It applies only where all actions and labels are
    #[arg(long)]
    all: bool,
    /// An attribute, and the values of it that mean consent; repeats, and all must be so
    #[arg(long = "needs", value_name = "PATH=VALUE,…", required_unless_present = "file")]
    needs: Vec<String>,
    /// The policy as a file with the API's body; options go before it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Have the next export obey it [default: disabled]
    #[arg(long)]
    enabled: bool,
}

/// Runs `create`.
pub async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    if !client.named(&CONSENT_POLICIES, &args.name).await?.is_empty() {
        return Err(Fault::input(format!("there is a consent policy {} already", args.name))
            .hint("choose another name, or delete it first"));
    }
    labels::check(client, args.labels.iter().map(String::as_str)).await?;
    let mut body = match &args.file {
        Some(file) => body_of(file)?,
        None => json!({}),
    };
    body["name"] = args.name.as_str().into();
    let mut triggers: Vec<Value> = args.labels.iter().map(|label| json!({"label": label})).collect();
    let actions = references(client, &args.actions).await?;
    triggers.extend(actions.as_array().into_iter().flatten().map(|action| json!({"marketingActionRef": action})));
    if !triggers.is_empty() {
        body["if"] = joined(if args.all { "AND" } else { "OR" }, triggers);
    }
    if !args.needs.is_empty() {
        body["then"] = joined("AND", args.needs.iter().map(|given| test(given)).collect::<Result<_, _>>()?);
    }
    if let Some(description) = &args.description {
        body["description"] = description.as_str().into();
    }
    if args.enabled {
        body["status"] = "ENABLED".into();
    }
    let made = client.post(at(CONSENT_POLICIES.path), Some(&body)).await?;
    let line = format!("{} is created as {}, {}", args.name, id(&made), status(&made));
    Ok(Answer::line(made, line))
}

/// Reads `PATH=VALUE,…`. Truth values and whole numbers are those; quotes make a text of anything.
fn test(given: &str) -> Result<Value, Fault> {
    let wrong = || {
        Fault::input(format!("{given:?} is not PATH=VALUE,…"))
            .tried("--needs")
            .hint("for example consents.marketing.email.val=y,yes")
    };
    let (path, values) = given.split_once('=').ok_or_else(wrong)?;
    let values: Vec<Value> = values.split(',').map(str::trim).filter(|value| !value.is_empty()).map(literal).collect();
    if path.is_empty() || values.is_empty() {
        return Err(wrong());
    }
    Ok(json!({"path": path, "values": values}))
}

fn literal(text: &str) -> Value {
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return inner.into();
    }
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_the_type_that_they_look_like() {
        assert_eq!(test("a.b=y,yes").unwrap(), json!({"path": "a.b", "values": ["y", "yes"]}));
        assert_eq!(test("a=true").unwrap()["values"], json!([true]));
        assert_eq!(test("a=1, 2").unwrap()["values"], json!([1, 2]));
        assert_eq!(test("a=\"1\"").unwrap()["values"], json!(["1"]));
        for wrong in ["a", "a=", "=y"] {
            assert!(test(wrong).unwrap_err().message.contains("PATH=VALUE"), "{wrong}");
        }
    }
}
