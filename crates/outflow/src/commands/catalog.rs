//! `outflow catalog`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{CONNECTION_SPECS, id, name};
use crate::client::{Client, ServerArgs};
use crate::near::suggestion;
use crate::table::{Table, properties, text};

const EXAMPLES: &str = "Examples:
  outflow catalog list
  outflow catalog show s3                (what an account and a destination of this kind take)";

/// Options of `outflow catalog`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CatalogArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: CatalogCommand,
}

/// What to look at.
#[derive(Subcommand)]
enum CatalogCommand {
    /// List the kinds of destinations on offer
    #[command(after_help = "Examples:\n  outflow catalog list")]
    List,
    /// Show what accounts and destinations of a kind take
    #[command(after_help = "Examples:\n  outflow catalog show s3")]
    Show {
        /// Kind: s3, sftp, …, or the name or id that `list` shows
        kind: String,
    },
}

/// Runs `outflow catalog`.
pub fn run(args: &CatalogArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        CatalogCommand::List => list(client).await,
        CatalogCommand::Show { kind } => {
            let spec = client.spec(kind).await?;
            let lines = shown(&spec);
            Ok(Answer::new(spec, lines))
        }
    })
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let mut specs = client.list(&CONNECTION_SPECS, &[]).await?;
    // The profile store stands in the API's list, too.
    specs.retain(|spec| spec["attributes"]["isSource"] != true);
    let mut table = Table::new(&["KIND", "NAME", "CATEGORY", "ACCOUNTS", "ID"]);
    for spec in &specs {
        table.row([
            kind(spec).to_owned(),
            name(spec).to_owned(),
            text(&spec["attributes"]["category"]),
            auth_names(spec).join(", "),
            id(spec).to_owned(),
        ]);
    }
    let lines = table.lines_or("nothing is on offer");
    Ok(Answer::list(specs, lines))
}

/// The short name of a kind.
pub(super) fn kind(spec: &Value) -> &str {
    spec["attributes"]["connector"].as_str().unwrap_or_default()
}

fn auth_names(spec: &Value) -> Vec<&str> {
    spec["authSpec"].as_array().into_iter().flatten().map(name).collect()
}

fn shown(spec: &Value) -> Vec<String> {
    let mut lines = properties(&[
        ("kind", kind(spec).to_owned()),
        ("name", name(spec).to_owned()),
        ("id", id(spec).to_owned()),
        ("takes", if spec["attributes"]["isBatch"] == false { "messages" } else { "files" }.to_owned()),
        ("description", text(&spec["attributes"]["description"])),
    ]);
    for auth in spec["authSpec"].as_array().into_iter().flatten() {
        lines.push(String::new());
        lines.push(format!("account, {}:", name(auth)));
        lines.extend(fields(&auth["spec"]));
    }
    lines.push(String::new());
    lines.push("destination:".into());
    lines.extend(fields(&spec["targetSpec"]["spec"]));
    lines
}

fn fields(schema: &Value) -> Vec<String> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut table = Table::new(&["  MEMBER", "", "DESCRIPTION"]);
    for (member, spec) in schema["properties"].as_object().into_iter().flatten() {
        let mut marks = Vec::new();
        if required.contains(&member.as_str()) {
            marks.push("required");
        }
        if is_secret(spec) {
            marks.push("secret");
        }
        let description = text(&spec["description"]);
        let sentence = description.split_inclusive(". ").next().unwrap_or_default().trim().to_owned();
        table.row([format!("  {member}"), marks.join(", "), sentence]);
    }
    table.lines_or("  nothing")
}

/// Whether a member is never shown.
pub(super) fn is_secret(schema: &Value) -> bool {
    schema["format"] == "password"
}

impl Client {
    /// The kind of destination that `text` names: by its short name, its title or its id.
    pub(super) async fn spec(&self, text: &str) -> Result<Value, Fault> {
        let specs = self.list(&CONNECTION_SPECS, &[]).await?;
        let is_it = |spec: &&Value| id(spec) == text || kind(spec) == text || name(spec).eq_ignore_ascii_case(text);
        if let Some(spec) = specs.iter().find(is_it) {
            return Ok(spec.clone());
        }
        // Legacy ids mean the same kind, and lists do not show them.
        if text.len() == 36
            && let Ok(spec) = self.one(&CONNECTION_SPECS, text).await
        {
            return Ok(spec);
        }
        let near = suggestion(text, specs.iter().flat_map(|spec| [kind(spec), name(spec)]));
        let kinds: Vec<&str> = specs.iter().map(kind).filter(|kind| !kind.is_empty()).collect();
        Err(Fault::input(format!("there is no kind of destination {text:?}{near}"))
            .hint(format!("there are {}; `outflow catalog list` says more", kinds.join(", "))))
    }

    /// The auth spec of a kind: the one called so, or the only one, or the one whose members are those given.
    pub(super) fn auth_spec<'a>(
        &self,
        spec: &'a Value,
        called: Option<&str>,
        members: &[&str],
    ) -> Result<&'a Value, Fault> {
        let all = spec["authSpec"].as_array().map_or(&[][..], Vec::as_slice);
        let names = || auth_names(spec).join(", ");
        if let Some(called) = called {
            return all.iter().find(|auth| name(auth).eq_ignore_ascii_case(called)).ok_or_else(|| {
                let near = suggestion(called, auth_names(spec).into_iter());
                Fault::input(format!("accounts of {} have no way {called:?} to sign in{near}", name(spec)))
                    .tried("--auth")
                    .hint(format!("there are {}", names()))
            });
        }
        let takes = |auth: &&Value| members.iter().all(|member| auth["spec"]["properties"].get(member).is_some());
        let has_all = |auth: &&Value| {
            let required = auth["spec"]["required"].as_array();
            required.into_iter().flatten().filter_map(Value::as_str).all(|member| members.contains(&member))
        };
        let found = all.iter().find(|auth| takes(auth) && has_all(auth)).or_else(|| all.iter().find(takes));
        found.ok_or_else(|| {
            Fault::input(format!("no way to sign in at {} takes {}", name(spec), members.join(", ")))
                .tried("--param and --secret")
                .hint(format!("there are {}; `outflow catalog show {}` lists what they take", names(), kind(spec)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_say_what_is_required_and_what_is_secret() {
        let schema = json!({"required": ["a"], "properties": {
            "a": {"description": "First. More."}, "b": {"format": "password", "description": "Second."}}});
        let lines = fields(&schema);
        assert!(lines[1].contains("required  First.") && !lines[1].contains("More"), "{lines:?}");
        assert!(lines[2].contains("secret    Second."), "{lines:?}");
    }
}
