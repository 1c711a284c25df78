//! `outflow actions`: what data is used for.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{ACTIONS, CORE_ACTIONS, Owned, etag, name};
use crate::client::{self, Client, ServerArgs};
use crate::near::suggestion;
use crate::table::{Table, text};

const EXAMPLES: &str = "Examples:
  outflow actions list
  outflow actions create partnerAds --description 'Ads that a partner shows'
  outflow destinations create acme-daily --account acme-s3 --bucket exports --marketing-action partnerAds
  outflow destinations update acme-daily --marketing-action emailTargeting --marketing-action partnerAds

A marketing action says what a destination's data is used for. It forbids nothing by itself: policies deny it where labels
are (`outflow policies`).";

/// Options of `outflow actions`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ActionsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: ActionsCommand,
}

/// What to do with marketing actions.
#[derive(Subcommand)]
enum ActionsCommand {
    /// List marketing actions, those that come with the product first
    #[command(after_help = "Examples:
  outflow actions list
  outflow actions list --json")]
    List,
    /// Create a marketing action of your own
    #[command(after_help = "Examples:\n  outflow actions create partnerAds --description 'Ads that a partner shows'")]
    Create(DescribedArgs),
    /// Change what a marketing action of your own means
    #[command(after_help = "Examples:\n  outflow actions update partnerAds --description 'Ads that partners show'")]
    Update(DescribedArgs),
    /// Delete a marketing action of your own that nothing refers to
    #[command(after_help = "Examples:\n  outflow actions delete partnerAds")]
    Delete(NameArgs),
}

/// A marketing action.
#[derive(Args)]
struct NameArgs {
    /// Name of the marketing action
    #[arg(value_name = "ACTION")]
    action: String,
}

/// Options of `create` and `update`.
#[derive(Args)]
struct DescribedArgs {
    #[command(flatten)]
    name: NameArgs,
    /// What it means
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Runs `outflow actions`.
pub fn run(args: &ActionsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        ActionsCommand::List => list(client).await,
        ActionsCommand::Create(args) => create(client, args).await,
        ActionsCommand::Update(args) => update(client, args).await,
        ActionsCommand::Delete(args) => {
            let action = client.find_owned(&CORE_ACTIONS, &ACTIONS, &args.action).await?;
            check_own("marketing action", &action)?;
            client.delete(ACTIONS.id(name(&action.object))).await?;
            let told = json!({"name": name(&action.object), "deleted": true});
            Ok(Answer::line(told, format!("{} is deleted", name(&action.object))))
        }
    })
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let actions = client.owned(&CORE_ACTIONS, &ACTIONS).await?;
    let mut table = Table::new(&["NAME", "OWNER", "MEANS"]);
    for action in &actions {
        let object = &action.object;
        table.row([name(object).to_owned(), action.owner().to_owned(), text(&object["description"])]);
    }
    Ok(Answer::list(actions.into_iter().map(|action| action.object).collect(), table.lines()))
}

async fn create(client: &Client, args: &DescribedArgs) -> Result<Answer, Fault> {
    let action = &args.name.action;
    let there = client.owned(&CORE_ACTIONS, &ACTIONS).await?;
    if let Some(there) = there.iter().find(|there| name(&there.object) == action) {
        return Err(taken("marketing action", action, there));
    }
    let mut body = json!({"name": action});
    if let Some(description) = &args.description {
        body["description"] = description.as_str().into();
    }
    let made = client.put(ACTIONS.id(action), None, &body).await?;
    Ok(Answer::line(made, format!("{action} is created")))
}

async fn update(client: &Client, args: &DescribedArgs) -> Result<Answer, Fault> {
    let action = client.find_owned(&CORE_ACTIONS, &ACTIONS, &args.name.action).await?;
    check_own("marketing action", &action)?;
    let Some(description) = &args.description else {
        return Err(Fault::input("nothing was given to change").hint("give --description"));
    };
    let mut body = action.object.clone();
    body["description"] = description.as_str().into();
    let changed = client.put(ACTIONS.id(name(&body)), Some(etag(&action.object)), &body).await?;
    Ok(Answer::line(changed, format!("{} is changed", name(&body))))
}

/// The fault of a name that there is already.
pub(super) fn taken(noun: &str, given: &str, there: &Owned) -> Fault {
    let fault = Fault::input(format!("there is a {} {noun} {given} already", there.owner()));
    if there.is_core { fault.hint("choose another name") } else { fault.hint("`update` changes it") }
}

/// Refuses to change what comes with the product.
pub(super) fn check_own(noun: &str, owned: &Owned) -> Result<(), Fault> {
    if owned.is_core {
        return Err(Fault::input(format!("{noun} {} comes with the product and never changes", name(&owned.object))));
    }
    Ok(())
}

/// References to marketing actions by name; one that is a reference already stays.
pub(super) async fn references(client: &Client, given: &[String]) -> Result<Value, Fault> {
    let known = client.owned(&CORE_ACTIONS, &ACTIONS).await?;
    let mut references = Vec::new();
    for action in given {
        references.push(reference(&known, action)?);
    }
    Ok(references.into())
}

fn reference(known: &[Owned], given: &str) -> Result<String, Fault> {
    let names = known.iter().map(|owned| (owned.is_core, name(&owned.object)));
    client::references::reference(given, names).ok_or_else(|| {
        let near = suggestion(given, known.iter().map(|owned| name(&owned.object)));
        Fault::input(format!("there is no marketing action {given:?}{near}"))
            .hint("`outflow actions list` shows what there is, `outflow actions create` makes one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_action_is_told_with_one_that_is_near() {
        let of = |name: &str, is_core| Owned { is_core, object: json!({"name": name}) };
        let known = [of("emailTargeting", true), of("partnerAds", false)];
        assert_eq!(reference(&known, "partnerAds").unwrap(), "/dulepolicy/marketingActions/custom/partnerAds");
        assert!(reference(&known, "emailTargetting").unwrap_err().message.contains("did you mean emailTargeting?"));
    }
}
