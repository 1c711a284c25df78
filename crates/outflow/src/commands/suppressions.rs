//! `outflow suppressions`: people who are in no export.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::identities::{AT_ONCE, Identities, IdentitiesArgs};
use super::served::{Answer, ask_of, warnings};
use crate::client::nouns::SUPPRESSIONS;
use crate::client::{Client, ServerArgs, at, unexpected};
use crate::numbers::{counted, thousands};
use crate::table::{Table, text, time};

const EXAMPLES: &str = "Examples:
  outflow suppressions add --file objected.txt --reason 'Objected in November'
  outflow suppressions add --namespace Email --file -        (addresses from stdin, one a line)
  outflow suppressions remove --file returned.txt
  outflow suppressions count

Any identity of a profile keeps the whole profile out of files and messages, from the next export on, whatever segments and
consent say. Of each identity the server keeps a hash; what was added is never shown again.";

/// Options of `outflow suppressions`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SuppressionsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: SuppressionsCommand,
}

/// What to do with suppressions.
#[derive(Subcommand)]
enum SuppressionsCommand {
    /// Keep people out of all exports
    #[command(after_help = "Examples:
  outflow suppressions add --file objected.txt --reason 'Objected in November'
  outflow suppressions add --namespace Email --file -        (addresses from stdin, one a line)")]
    Add(AddArgs),
    /// Let people be exported again
    #[command(after_help = "Examples:
  outflow suppressions remove --file returned.txt
  outflow suppressions remove --key 9f86d081884c7d659a2feaa0c55ad015")]
    Remove(RemoveArgs),
    /// List who is kept out, by hash
    #[command(after_help = "Examples:
  outflow suppressions list
  outflow suppressions list --limit 10000 --json")]
    List(ListArgs),
    /// Count them
    #[command(after_help = "Examples:\n  outflow suppressions count")]
    Count,
}

/// Options of `add`.
#[derive(Args)]
struct AddArgs {
    #[command(flatten)]
    identities: IdentitiesArgs,
    /// Why, for people; nothing that identifies anybody
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Options of `remove`.
#[derive(Args)]
struct RemoveArgs {
    #[command(flatten)]
    identities: IdentitiesArgs,
    /// The hash of one, as `list` shows it; repeats
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
}

/// Options of `list`.
#[derive(Args)]
struct ListArgs {
    /// How many are shown at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

/// Runs `outflow suppressions`.
pub fn run(args: &SuppressionsArgs, runtime: &Runtime) -> ExitCode {
    let read = || match &args.command {
        SuppressionsCommand::Add(args) => args.identities.read(),
        SuppressionsCommand::Remove(args) => args.identities.read(),
        SuppressionsCommand::List(_) | SuppressionsCommand::Count => Ok(Identities::default()),
    };
    ask_of(&args.server, runtime, read, async |client, identities| match &args.command {
        SuppressionsCommand::Add(args) => add(client, args, identities).await,
        SuppressionsCommand::Remove(args) => remove(client, args, identities).await,
        SuppressionsCommand::List(args) => list(client, args).await,
        SuppressionsCommand::Count => {
            let count = client.get(at(SUPPRESSIONS.path).with("limit", "1")).await?["count"].clone();
            let line = counted(count.as_u64().unwrap_or(0), "suppression");
            Ok(Answer::line(json!({"count": count}), line))
        }
    })
}

fn nobody() -> Fault {
    Fault::input("nobody was named").hint("give NAMESPACE:ID, or --file FILE with one a line")
}

/// What to say where a later lot fails: those before it are done.
fn partly(fault: Fault, done: u64) -> Fault {
    if done == 0 {
        return fault;
    }
    let hint = format!("the first {} are done; the same command again does no harm", thousands(done));
    let hint = if fault.hint.is_empty() { hint } else { format!("{}\n{hint}", fault.hint) };
    fault.hint(hint)
}

async fn add(client: &Client, args: &AddArgs, identities: Identities) -> Result<Answer, Fault> {
    if identities.lots.is_empty() {
        return Err(nobody());
    }
    let (mut added, mut known, mut sent, mut notes) = (0, 0, 0, identities.notes());
    for lot in identities.lots {
        let count = lot.len() as u64;
        let mut body = json!({"identities": lot});
        if let Some(reason) = &args.reason {
            body["reason"] = reason.as_str().into();
        }
        let answer = client.post(at(SUPPRESSIONS.path), Some(&body)).await.map_err(|fault| partly(fault, sent))?;
        added += answer["added"].as_u64().unwrap_or(0);
        known += answer["known"].as_u64().unwrap_or(0);
        sent += count;
        notes.extend(warnings(&answer));
    }
    notes.dedup();
    let mut lines = vec![format!("{} added, {} known before", thousands(added), thousands(known))];
    lines.extend(notes.iter().take(NOTES_MAX).cloned());
    Ok(Answer::new(json!({"added": added, "known": known, "warnings": notes}), lines))
}

/// Notes that are shown: each lot may have the same ones.
const NOTES_MAX: usize = 10;

async fn remove(client: &Client, args: &RemoveArgs, identities: Identities) -> Result<Answer, Fault> {
    let mut bodies: Vec<(u64, Value)> = Vec::new();
    let notes = identities.notes();
    bodies.extend(identities.lots.into_iter().map(|lot| (lot.len() as u64, json!({"identities": lot}))));
    bodies.extend(args.keys.chunks(AT_ONCE).map(|keys| (keys.len() as u64, json!({"keys": keys}))));
    if bodies.is_empty() {
        return Err(nobody());
    }
    let (mut removed, mut sent) = (0, 0);
    for (count, body) in bodies {
        let answer = client.post(at(SUPPRESSIONS.path).then("remove"), Some(&body)).await;
        removed += answer.map_err(|fault| partly(fault, sent))?["removed"].as_u64().unwrap_or(0);
        sent += count;
    }
    let mut lines = vec![format!("{} of {} removed", thousands(removed), thousands(sent))];
    lines.extend(notes);
    Ok(Answer::new(json!({"removed": removed}), lines))
}

async fn list(client: &Client, args: &ListArgs) -> Result<Answer, Fault> {
    let limit = args.limit as usize;
    let mut items: Vec<Value> = Vec::new();
    let mut start: Option<(String, String)> = None;
    let mut count = Value::Null;
    while items.len() < limit {
        let mut place = at(SUPPRESSIONS.path).with("limit", &(limit - items.len()).min(1_000).to_string());
        if let Some((name, value)) = &start {
            place = place.with(name, value);
        }
        let page = client.get(place).await?;
        items.extend(page["items"].as_array().ok_or_else(|| unexpected("a list of suppressions"))?.iter().cloned());
        count = page["count"].clone();
        start = crate::client::next_page(&page);
        if start.is_none() {
            break;
        }
    }
    let mut table = Table::new(&["KEY", "NAMESPACE", "ADDED", "BY", "REASON"]);
    for item in &items {
        let member = |name: &str| text(&item[name]);
        table.row([member("key"), member("namespace"), time(&item["addedAt"]), member("addedBy"), member("reason")]);
    }
    let mut lines = table.lines_or("nobody is suppressed");
    let total = count.as_u64().unwrap_or(0);
    if total > items.len() as u64 {
        lines.push(format!("{} of {}; --limit shows more", thousands(items.len() as u64), thousands(total)));
    }
    Ok(Answer::new(json!({"items": items, "count": count}), lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_done_before_a_fault_is_told() {
        let fault = || Fault::input("no").hint("mend it");
        assert_eq!(partly(fault(), 0).hint, "mend it");
        assert!(partly(fault(), 20_000).hint.contains("mend it\nthe first 20,000 are done"));
    }
}
