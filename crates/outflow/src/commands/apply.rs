//! `outflow apply`: makes a sandbox be as files say.
//!
//! Files hold the API's own bodies, by kind and name. What is missing is created, what differs is changed, what the files
//! do not name is left alone. A first pass changes nothing: it reads everything, finds every problem and tells what
//! would be done, which is all that `--dry-run` does. The second pass does it, in the order in which kinds refer to each
//! other. Both passes run the same code, so the first cannot promise what the second does not do.

mod asked;
pub mod diff;
mod kinds;
mod load;
mod sandbox;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask_of, notes};
use super::violating::OnViolationArgs;
use crate::client::{Client, ServerArgs};
use crate::numbers::counted;
use diff::Change;
use load::{Document, Kind};
use sandbox::Sandbox;

const EXAMPLES: &str = r#"Examples:
  outflow apply -f outflow.yaml --dry-run
  outflow apply -f deployment/           (every .yaml, .yml and .json in the folder)

A file has the kinds labels, marketingActions, datasets, datasetLabels, policies, consentPolicies, segments, accounts,
destinations and flows, which are applied in this order; each holds API bodies by name:

  accounts:
    acme-s3:
      connectionSpec: {id: s3}
      auth:
        specName: Access Key
        params: {s3AccessKey: "${ACME_KEY}", s3SecretKey: "file:secrets/acme"}
  destinations:
    acme-daily:
      baseConnectionId: acme-s3
      params: {bucketName: exports, path: audiences, fileType: CSV, compression: NONE}
  flows:
    acme-daily:
      targetConnectionIds: [acme-daily]
      transformations: […]

  datasetLabels:
    crm: {labels: [C9], fields: {personalEmail.address: [I1, C2]}}
  policies:
    No addresses by mail: {status: ENABLED, marketingActionRefs: [emailTargeting], deny: I1 and C2}
    corepolicy_0001: {status: ENABLED}

Objects refer to each other by name, and to marketing actions. ${NAME} is the variable NAME ($${ is a plain ${); in an account's auth.params,
file:PATH is the content of that file, whose path begins at the file it stands in."#;

/// Options of `outflow apply`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// File or folder; repeats. - is stdin, as YAML or JSON
    #[arg(short, long = "file", value_name = "FILE|DIR", required = true)]
    files: Vec<PathBuf>,
    /// Show what would be changed, field by field, and which flows would violate a policy then; change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// What is done about an object.
struct Outcome {
    kind: Kind,
    name: String,
    id: Option<String>,
    action: Action,
    /// What the server found odd and took all the same; nothing when it was not asked yet.
    warnings: Vec<Value>,
}

enum Action {
    Create,
    Update(Vec<Change>),
    Keep,
}

/// Runs `outflow apply`.
pub fn run(args: &ApplyArgs, runtime: &Runtime) -> ExitCode {
    let read = || load::load(&args.files);
    ask_of(&args.server, runtime, read, async |client, documents| apply(client, args, &documents).await)
}

async fn apply(client: &Client, args: &ApplyArgs, documents: &[Document]) -> Result<Answer, Fault> {
    let governs = |document: &Document| document.kind.governs() || document.body.contains_key("policy");
    let governed = documents.iter().any(governs);
    let mut sandbox = Sandbox::load(client, governed, args.on_violation).await?;
    let planned = plan(&mut sandbox, documents).await?;
    if args.dry_run {
        let said = asked::ask(&sandbox, args.on_violation.pauses()).await?;
        let mut answer = told(&planned, true);
        answer.lines.extend(said.notes.iter().map(|note| format!("note: {note}")));
        answer.json["warnings"] = said.notes.into_iter().map(|note| json!({"message": note})).collect();
        return Ok(Answer { fault: said.fault, ..answer });
    }
    let mut sandbox = Sandbox::load(client, governed, args.on_violation).await?;
    let mut done = Vec::new();
    for document in documents {
        match kinds::put(&mut sandbox, document, false).await {
            Ok(outcome) => done.push(outcome),
            Err(fault) => {
                // What was done before is done; the next try finds it so.
                let mut answer = told(&done, false);
                answer.fault = Some(in_document(fault, document));
                return Ok(answer);
            }
        }
    }
    Ok(told(&done, false))
}

/// The first pass: everything that would be done, or every problem.
async fn plan(sandbox: &mut Sandbox<'_>, documents: &[Document]) -> Result<Vec<Outcome>, Fault> {
    let mut planned = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    for document in documents {
        match kinds::put(sandbox, document, true).await {
            Ok(outcome) => planned.push(outcome),
            // Nothing more can be learned from a server that does not answer or does not let us in.
            Err(fault) if fault.class != outflow_model::FaultClass::Input => return Err(in_document(fault, document)),
            Err(fault) => {
                // What refers to it would only add that it is missing.
                sandbox.will_be(document.kind, &document.name);
                faults.push(in_document(fault, document));
            }
        }
    }
    if faults.is_empty() { Ok(planned) } else { Err(all_of(faults)) }
}

/// Several faults as one: each with what is to be done about it behind it.
fn all_of(mut faults: Vec<Fault>) -> Fault {
    if faults.len() == 1 {
        return faults.swap_remove(0);
    }
    let mut tried: Vec<&str> = faults.iter().map(|fault| fault.tried.as_str()).collect();
    tried.dedup();
    let line = |fault: &Fault| match fault.hint.is_empty() {
        true => format!("\n  {}", fault.message),
        false => format!("\n  {} ({})", fault.message, fault.hint.replace('\n', "; ")),
    };
    let lines: String = faults.iter().map(line).collect();
    Fault::input(format!("{}:{lines}", counted(faults.len() as u64, "mistake"))).tried(tried.join("\n"))
}

fn in_document(mut fault: Fault, document: &Document) -> Fault {
    fault.message = format!("{} {:?}: {}", document.kind.one(), document.name, fault.message);
    if fault.tried.is_empty() {
        fault.tried = format!("read {}", document.file.display());
    }
    fault
}

fn told(outcomes: &[Outcome], dry_run: bool) -> Answer {
    let mut lines = Vec::new();
    let mut items = Vec::new();
    for outcome in outcomes {
        let (mark, word, changes) = match &outcome.action {
            Action::Create => ("+", "create", &[][..]),
            Action::Update(changes) => ("~", "update", changes.as_slice()),
            Action::Keep => ("=", "keep", &[][..]),
        };
        lines.push(format!("{mark} {} {}", outcome.kind.one(), outcome.name));
        lines.extend(changes.iter().map(Change::line));
        lines.extend(notes(&outcome.warnings).map(|note| format!("    {note}")));
        items.push(json!({
            "kind": outcome.kind.many(),
            "name": outcome.name,
            "id": outcome.id,
            "action": word,
            "changes": changes.iter().map(Change::json).collect::<Vec<_>>(),
            "warnings": outcome.warnings,
        }));
    }
    let count = |is_it: fn(&Action) -> bool| outcomes.iter().filter(|outcome| is_it(&outcome.action)).count();
    let created = count(|action| matches!(action, Action::Create));
    let changed = count(|action| matches!(action, Action::Update(_)));
    let kept = count(|action| matches!(action, Action::Keep));
    let would = if dry_run { " (nothing was changed)" } else { "" };
    lines.push(format!("{created} created, {changed} changed, {kept} as they should be{would}"));
    Answer::new(json!({"dryRun": dry_run, "items": Value::Array(items)}), lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_is_told_with_what_to_do_about_it() {
        let one = |message: &str, hint: &str| Fault::input(message).tried("read a.yaml").hint(hint);
        assert_eq!(all_of(vec![one("a", "b")]).message, "a");
        let all = all_of(vec![one("a", "do b\nor c"), one("d", "")]);
        assert_eq!((all.message.as_str(), all.hint.as_str()), ("2 mistakes:\n  a (do b; or c)\n  d", ""));
        assert_eq!(all.tried, "read a.yaml");
    }
}
