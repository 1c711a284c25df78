//! `outflow policies`: where labels meet, which marketing actions are denied.

mod check;
mod switch;
mod write;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::actions::check_own;
use super::expression::shown_labels;
use super::served::{Answer, ask};
use super::violating::OnViolationArgs;
use crate::client::nouns::{CORE_POLICIES, Owned, POLICIES, id, name};
use crate::client::violation::{action_name, listed};
use crate::client::{Client, ServerArgs};
use crate::table::{Table, properties, text, time};
pub use check::{CheckArgs, check};
pub use write::body_of;

const EXAMPLES: &str = "Examples:
  outflow policies list
  outflow policies enable '3rd party export restriction'
  outflow policies create 'No addresses by mail' --deny 'I1 and (C4 or S1)' --action emailTargeting --enabled
  outflow policies check acme-daily
  outflow policies enable 'No addresses by mail' --on-violation pause

A policy denies marketing actions where labels meet: in what a segment's export of a flow uses, which is what the rule
reads, what is mapped, required and deduplicated by. Every policy is off until it is enabled. A change after which flows
would violate one is refused, unless those flows are to be paused.";

/// Options of `outflow policies`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PoliciesArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: PoliciesCommand,
}

/// What to do with policies.
#[derive(Subcommand)]
enum PoliciesCommand {
    /// List policies, those that come with the product first
    #[command(after_help = "Examples:
  outflow policies list
  outflow policies list --json")]
    List,
    /// Show a policy
    #[command(after_help = "Examples:\n  outflow policies show corepolicy_0001")]
    Show(NameArgs),
    /// Create a policy of your own
    #[command(after_help = "Examples:
  outflow policies create 'No addresses by mail' --deny 'I1 and (C4 or S1)' --action emailTargeting
  outflow policies create 'Nothing to partners' --deny C2 --action exportToThirdParty --action partnerAds --enabled")]
    Create(write::CreateArgs),
    /// Change a policy of your own
    #[command(after_help = "Examples:\n  outflow policies update 'No addresses by mail' --deny 'I1 and C4'")]
    Update(write::UpdateArgs),
    /// Enforce a policy, of the product or your own
    #[command(after_help = "Examples:
  outflow policies enable corepolicy_0001
  outflow policies enable 'No addresses by mail' --on-violation pause")]
    Enable(SwitchArgs),
    /// Enforce it no more; flows that were paused because of it stay paused
    #[command(after_help = "Examples:\n  outflow policies disable corepolicy_0001")]
    Disable(SwitchArgs),
    /// Delete a policy of your own
    #[command(after_help = "Examples:\n  outflow policies delete 'No addresses by mail'")]
    Delete(NameArgs),
    /// Say what policies and consent say of a flow, as it is or as a file has it; changes nothing
    #[command(after_help = "Examples:
  outflow policies check acme-daily
  outflow policies check --file flow.json      (as `outflow flows show --json` prints it, changed)")]
    Check(CheckArgs),
}

/// A policy.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the policy
    #[arg(value_name = "POLICY")]
    policy: String,
}

/// Options of `enable` and `disable`.
#[derive(Args)]
struct SwitchArgs {
    #[command(flatten)]
    name: NameArgs,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Runs `outflow policies`.
pub fn run(args: &PoliciesArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        PoliciesCommand::List => list(client).await,
        PoliciesCommand::Show(args) => {
            let policy = client.find_owned(&CORE_POLICIES, &POLICIES, &args.policy).await?;
            let lines = shown(&policy);
            Ok(Answer::new(policy.object, lines))
        }
        PoliciesCommand::Create(args) => write::create(client, args).await,
        PoliciesCommand::Update(args) => write::update(client, args).await,
        PoliciesCommand::Enable(args) => switch::switch(client, args, true).await,
        PoliciesCommand::Disable(args) => switch::switch(client, args, false).await,
        PoliciesCommand::Delete(args) => {
            let policy = client.find_owned(&CORE_POLICIES, &POLICIES, &args.policy).await?;
            check_own("policy", &policy)?;
            client.delete(POLICIES.id(id(&policy.object))).await?;
            let told = json!({"id": id(&policy.object), "deleted": true});
            Ok(Answer::line(told, format!("{} is deleted", name(&policy.object))))
        }
        PoliciesCommand::Check(args) => check(client, args).await,
    })
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let policies = client.owned(&CORE_POLICIES, &POLICIES).await?;
    let mut table = Table::new(&["NAME", "STATUS", "DENIES", "WHERE", "ID"]);
    for policy in &policies {
        let object = &policy.object;
        table.row([
            name(object).to_owned(),
            status(object),
            listed(&object["marketingActionRefs"], action_name),
            shown_labels(&object["deny"]),
            id(object).to_owned(),
        ]);
    }
    Ok(Answer::list(policies.into_iter().map(|policy| policy.object).collect(), table.lines()))
}

/// The status in the words of flows; a draft is a draft.
pub(super) fn status(policy: &Value) -> String {
    text(&policy["status"]).to_lowercase()
}

fn shown(policy: &Owned) -> Vec<String> {
    let object = &policy.object;
    properties(&[
        ("name", name(object).to_owned()),
        ("id", id(object).to_owned()),
        ("owner", policy.owner().to_owned()),
        ("description", text(&object["description"])),
        ("status", status(object)),
        ("denies", listed(&object["marketingActionRefs"], action_name)),
        ("where", shown_labels(&object["deny"])),
        ("created", time(&object["created"])),
        ("changed", time(&object["updated"])),
    ])
}
