//! `outflow consent`: consent policies, which leave out of exports who has not agreed.

mod write;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::expression::shown;
use super::policies::status;
use super::served::{Answer, ask};
use crate::client::nouns::{CONSENT_POLICIES, etag, id, name};
use crate::client::violation::action_name;
use crate::client::{Client, ServerArgs};
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow consent create 'Mail needs consent' --action emailTargeting --needs consents.marketing.email.val=y
  outflow consent enable 'Mail needs consent'
  outflow policies check acme-daily       (what consent asks of a flow)
  outflow consent list

Where a consent policy applies, by a flow's marketing action or by a label of what an export uses, only profiles are
exported that have agreed: the attribute has one of the values. Who has no such attribute has not agreed. The others are
withheld, and counted in the run.";

/// Options of `outflow consent`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ConsentArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: ConsentCommand,
}

/// What to do with consent policies.
#[derive(Subcommand)]
enum ConsentCommand {
    /// List consent policies
    #[command(after_help = "Examples:
  outflow consent list
  outflow consent list --json")]
    List,
    /// Show a consent policy
    #[command(after_help = "Examples:\n  outflow consent show 'Mail needs consent'")]
    Show(NameArgs),
    /// Create a consent policy
    #[command(after_help = "Examples:
  outflow consent create 'Mail needs consent' --action emailTargeting --needs consents.marketing.email.val=y
  outflow consent create 'Places' --label S1 --label S2 --needs consents.location=true --enabled")]
    Create(write::CreateArgs),
    /// Have the next export of every flow obey it
    #[command(after_help = "Examples:\n  outflow consent enable 'Mail needs consent'")]
    Enable(NameArgs),
    /// Obey it no more; it stays
    #[command(after_help = "Examples:\n  outflow consent disable 'Mail needs consent'")]
    Disable(NameArgs),
    /// Delete a consent policy; whom it withheld is exported again
    #[command(after_help = "Examples:\n  outflow consent delete 'Mail needs consent'")]
    Delete(NameArgs),
}

/// A consent policy.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the consent policy
    #[arg(value_name = "POLICY")]
    policy: String,
}

/// Runs `outflow consent`.
pub fn run(args: &ConsentArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        ConsentCommand::List => list(client).await,
        ConsentCommand::Show(args) => {
            let policy = client.find(&CONSENT_POLICIES, &args.policy).await?;
            let lines = details(&policy);
            Ok(Answer::new(policy, lines))
        }
        ConsentCommand::Create(args) => write::create(client, args).await,
        ConsentCommand::Enable(args) => switch(client, args, "ENABLED", "enabled").await,
        ConsentCommand::Disable(args) => switch(client, args, "DISABLED", "disabled").await,
        ConsentCommand::Delete(args) => {
            let policy = client.find(&CONSENT_POLICIES, &args.policy).await?;
            client.delete(CONSENT_POLICIES.id(id(&policy))).await?;
            Ok(Answer::line(json!({"id": id(&policy), "deleted": true}), format!("{} is deleted", name(&policy))))
        }
    })
}

async fn switch(client: &Client, args: &NameArgs, status: &str, done: &str) -> Result<Answer, Fault> {
    let policy = client.find(&CONSENT_POLICIES, &args.policy).await?;
    let patch = json!([{"op": "add", "path": "/status", "value": status}]);
    let changed = client.patch(CONSENT_POLICIES.id(id(&policy)), etag(&policy), &patch).await?;
    Ok(Answer::line(changed, format!("{} is {done}", name(&policy))))
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let policies = client.list(&CONSENT_POLICIES, &[]).await?;
    let mut table = Table::new(&["NAME", "STATUS", "IF", "NEEDS", "ID"]);
    for policy in &policies {
        table.row([name(policy).to_owned(), status(policy), when(policy), needs(policy), id(policy).to_owned()]);
    }
    let lines = table.lines_or("no consent policies; `outflow consent create` creates one");
    Ok(Answer::list(policies, lines))
}

fn details(policy: &Value) -> Vec<String> {
    properties(&[
        ("name", name(policy).to_owned()),
        ("id", id(policy).to_owned()),
        ("description", text(&policy["description"])),
        ("status", status(policy)),
        ("if", when(policy)),
        ("needs", needs(policy)),
        ("created", time(&policy["created"])),
        ("changed", time(&policy["updated"])),
    ])
}

/// When it applies: actions by name, and labels.
fn when(policy: &Value) -> String {
    shown(&policy["if"], &|leaf| match leaf.get("label") {
        Some(label) => format!("label {}", text(label)),
        None => action_name(&leaf["marketingActionRef"]),
    })
}

/// What profiles must say.
fn needs(policy: &Value) -> String {
    shown(&policy["then"], &|leaf| {
        let values: Vec<String> = leaf["values"].as_array().into_iter().flatten().map(text).collect();
        format!("{}={}", text(&leaf["path"]), values.join(","))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_told_in_one_line() {
        let policy = json!({
            "if": {"operator": "OR", "operands": [{"label": "S1"},
                {"marketingActionRef": "https://x/data/foundation/dulepolicy/marketingActions/core/emailTargeting"}]},
            "then": {"path": "consents.email", "values": ["y", "yes"]},
        });
        assert_eq!(
            (when(&policy), needs(&policy)),
            ("label S1 OR emailTargeting".into(), "consents.email=y,yes".into())
        );
    }
}
