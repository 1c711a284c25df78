//! `outflow audit`: who changed what, and what was decided on exports.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::{Fault, FaultClass};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::apply::diff::{Change, replacing};
use super::served::{Answer, ask};
use crate::client::{At, Client, ServerArgs, at, next_page, unexpected};
use crate::near::suggestion;
use crate::numbers::counted;
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow audit list --noun flow --since 2026-11-01T00:00:00Z
  outflow audit list --action exportRefused
  outflow audit show 417
  outflow audit export --out audit.ndjson
  outflow audit check

Every change of the configuration is a record, with who made it and the object before and after, and so is every decision
on an export. Records are never changed or removed. Each has a hash that covers the one before: keep an export elsewhere,
and it can be told later whether the log still says the same.";

const EVENTS: &str = "/data/foundation/audit/events";
const EXPORT: &str = "/data/foundation/audit/export";
const CHECK: &str = "/data/foundation/audit/check";

/// What is done, as records call it.
const ACTIONS: [&str; 13] = [
    "created",
    "updated",
    "deleted",
    "paused",
    "exportAllowed",
    "exportRefused",
    "suppressed",
    "unsuppressed",
    "reshaped",
    "lookedUp",
    "secretReset",
    "loginLinkMade",
    "signedIn",
];

/// What it is done to, as records call it.
const NOUNS: [&str; 18] = [
    "flow",
    "connection",
    "targetConnection",
    "sourceConnection",
    "dataset",
    "datasetLabels",
    "suggestionDecision",
    "labelDefinition",
    "marketingAction",
    "policy",
    "enabledCorePolicies",
    "consentPolicy",
    "suppression",
    "profile",
    "segment",
    "scheduleConfig",
    "alertSubscription",
    "client",
];

/// Records of one request.
const PAGE: usize = 100;

/// Options of `outflow audit`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct AuditArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: AuditCommand,
}

/// What to do with the log.
#[derive(Subcommand)]
enum AuditCommand {
    /// List records, the newest first
    #[command(after_help = "Examples:
  outflow audit list --actor deploy --since 2026-11-01T00:00:00Z
  outflow audit list --action exportRefused --limit 1000")]
    List(ListArgs),
    /// Show a record with what it changed
    #[command(after_help = "Examples:\n  outflow audit show 417")]
    Show(ShowArgs),
    /// Take the log along, one JSON object a line, the oldest first
    #[command(after_help = "Examples:
  outflow audit export --out audit.ndjson
  outflow audit export | gzip > audit.ndjson.gz")]
    Export(ExportArgs),
    /// See whether the log is whole: no record changed, none missing
    #[command(after_help = "Examples:\n  outflow audit check")]
    Check(LogArgs),
}

/// Which log.
#[derive(Args)]
struct LogArgs {
    /// Instead of the sandbox's log that of the server, such as its clients; needs the scope *
    #[arg(long)]
    server_wide: bool,
}

/// Which records.
#[derive(Args)]
struct FilterArgs {
    #[command(flatten)]
    log: LogArgs,
    /// Only by this client; outflow is the server itself
    #[arg(long, value_name = "CLIENT")]
    actor: Option<String>,
    /// Only these: created, updated, deleted, paused, exportAllowed, exportRefused, suppressed, unsuppressed, reshaped or
    /// lookedUp; with --server-wide secretReset, loginLinkMade and signedIn as well
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only about objects of this kind: flow, connection (an account), targetConnection (a destination), sourceConnection,
    /// dataset, datasetLabels, suggestionDecision, labelDefinition, marketingAction, policy (of your own),
    /// enabledCorePolicies, consentPolicy, suppression, profile (that somebody looked at), segment, scheduleConfig or
    /// alertSubscription; with --server-wide client
    #[arg(long, value_name = "NOUN")]
    noun: Option<String>,
    /// Only about the object with this id
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// From this time on, as in 2026-11-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Options of `list`.
#[derive(Args)]
struct ListArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// How many are shown at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Options of `show`.
#[derive(Args)]
struct ShowArgs {
    /// Number of the record
    #[arg(value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
    seq: i64,
    #[command(flatten)]
    log: LogArgs,
}

/// Options of `export`.
#[derive(Args)]
struct ExportArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// File to write, which must be new [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl LogArgs {
    fn at(&self, path: &'static str) -> At {
        if self.server_wide { at(path).with("server", "true") } else { at(path) }
    }
}

impl FilterArgs {
    fn at(&self, path: &'static str) -> At {
        let filters = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("noun", &self.noun),
            ("objectId", &self.object),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let given = filters.into_iter().filter_map(|(name, given)| Some((name, given.as_deref()?)));
        given.fold(self.log.at(path), |place, (name, given)| place.with(name, given))
    }
}

/// Runs `outflow audit`.
pub fn run(args: &AuditArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        AuditCommand::List(args) => list(client, args).await,
        AuditCommand::Show(args) => show(client, args).await,
        AuditCommand::Export(args) => export(client, args).await,
        AuditCommand::Check(args) => check(client, args).await,
    })
}

async fn list(client: &Client, args: &ListArgs) -> Result<Answer, Fault> {
    let limit = args.limit as usize;
    let (mut items, mut next) = (Vec::new(), None::<(String, String)>);
    loop {
        let mut place = args.filters.at(EVENTS).with("limit", &PAGE.min(limit - items.len()).to_string());
        if let Some((name, value)) = &next {
            place = place.with(name, value);
        }
        let page = client.get(place).await?;
        items.extend(page["items"].as_array().ok_or_else(|| unexpected("records"))?.iter().cloned());
        next = next_page(&page);
        if next.is_none() || items.len() >= limit {
            break;
        }
    }
    let mut table = Table::new(&["SEQ", "AT", "ACTOR", "ACTION", "NOUN", "NAME", "OBJECT"]);
    for event in &items {
        let member = |name: &str| text(&event[name]);
        table.row([
            member("seq"),
            time(&event["at"]),
            member("actor"),
            member("action"),
            member("noun"),
            member("objectName"),
            member("objectId"),
        ]);
    }
    let lines = table.lines_or("no such records");
    if items.is_empty() {
        odd_words(&args.filters).iter().for_each(|line| crate::output::note(line));
    }
    Ok(Answer::list(items, lines))
}

/// Words of a filter that no record of this release has, most likely a slip.
fn odd_words(filters: &FilterArgs) -> Vec<String> {
    let given = [("action", &filters.action, &ACTIONS[..]), ("noun", &filters.noun, &NOUNS[..])];
    let odd = given.into_iter().filter_map(|(option, given, known)| {
        let given = given.as_deref().filter(|given| !known.contains(given))?;
        let near = suggestion(given, known.iter().copied());
        let near = if near.is_empty() { "; `outflow audit list --help` names them".to_owned() } else { near };
        Some(format!("note: records have no {option} {given:?}{near}"))
    });
    odd.collect()
}

async fn show(client: &Client, args: &ShowArgs) -> Result<Answer, Fault> {
    let behind = (args.seq + 1).to_string();
    let page = client.get(args.log.at(EVENTS).with("limit", "1").with("start", &behind)).await?;
    let record = page["items"][0].clone();
    if record["seq"].as_i64() != Some(args.seq) {
        return Err(Fault::input(format!("there is no record {}", args.seq)).tried(format!("GET {EVENTS}")));
    }
    let lines = shown(&record);
    Ok(Answer::new(record, lines))
}

fn shown(record: &Value) -> Vec<String> {
    let mut lines = properties(&[
        ("seq", text(&record["seq"])),
        ("at", time(&record["at"])),
        ("actor", text(&record["actor"])),
        ("action", text(&record["action"])),
        ("noun", text(&record["noun"])),
        ("name", text(&record["objectName"])),
        ("object", text(&record["objectId"])),
        ("hash", text(&record["hash"])),
    ]);
    let after = if record["after"].is_object() { record["after"].clone() } else { json!({}) };
    lines.extend(replacing(&record["before"], &after).iter().map(Change::line));
    if let Some(detail) = record["detail"].as_object() {
        lines.extend(detail.iter().map(|(name, value)| format!("    {name}: {value}")));
    }
    lines
}

async fn export(client: &Client, args: &ExportArgs) -> Result<Answer, Fault> {
    let place = args.filters.at(EXPORT);
    let Some(path) = &args.out else {
        let mut out = BufWriter::new(std::io::stdout());
        client.copy(place, &mut out).await?;
        return Ok(Answer::printed());
    };
    let part = Part::make(path)?;
    let mut out = BufWriter::new(&part.file);
    let lines = client.copy(place, &mut out).await?;
    out.flush().map_err(|e| part.failed("written", e))?;
    drop(out);
    part.finish()?;
    let told = format!("{} in {}", counted(lines, "record"), path.display());
    Ok(Answer::line(json!({"records": lines, "file": path.display().to_string()}), told))
}

/// A file on its way, which only its user may read, under a name that says so. Where it does not get whole it is gone.
struct Part<'a> {
    file: File,
    path: PathBuf,
    /// The name that it gets when it is whole.
    wanted: &'a Path,
}

impl Part<'_> {
    fn make(wanted: &Path) -> Result<Part<'_>, Fault> {
        let refused = |path: &Path| {
            Fault::new(FaultClass::Refused, format!("{} cannot be made", path.display()))
                .tried(format!("make {}", path.display()))
        };
        if wanted.symlink_metadata().is_ok() {
            return Err(Fault::new(FaultClass::Refused, format!("{} is there already", wanted.display()))
                .tried(format!("make {}", wanted.display()))
                .hint("choose the name of a file that is not there"));
        }
        let mut path = wanted.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
        let file = made.map_err(|e| refused(&path).hint("remove it, unless an export is writing it").because(e))?;
        Ok(Part { file, path, wanted })
    }

    fn failed(&self, what: &str, error: std::io::Error) -> Fault {
        Fault::new(FaultClass::Refused, format!("{} cannot be {what}", self.wanted.display())).because(error)
    }

    /// Gives it its name, under which nothing is replaced.
    fn finish(&self) -> Result<(), Fault> {
        self.file.sync_all().map_err(|e| self.failed("written", e))?;
        std::fs::hard_link(&self.path, self.wanted).map_err(|e| self.failed("made", e))
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        // Whole, it has its other name. That a half stays is told by its ending.
        drop(std::fs::remove_file(&self.path));
    }
}

async fn check(client: &Client, args: &LogArgs) -> Result<Answer, Fault> {
    let (mut records, mut after) = (0, None::<String>);
    loop {
        let mut place = args.at(CHECK);
        if let Some(after) = &after {
            place = place.with("after", after);
        }
        let said = client.get(place).await?;
        records += said["records"].as_u64().ok_or_else(|| unexpected("a check of the log"))?;
        if let Some(broken_at) = said["brokenAt"].as_i64() {
            let json = json!({"intact": false, "records": records, "brokenAt": broken_at});
            let fault = broken(broken_at);
            return Ok(Answer::failed(
                json,
                vec![format!("{} are as they were written", counted(records, "record"))],
                fault,
            ));
        }
        match said["next"].as_i64() {
            Some(next) => after = Some(next.to_string()),
            None => break,
        }
    }
    let line = format!("the log is whole: {}", counted(records, "record"));
    Ok(Answer::line(json!({"intact": true, "records": records, "brokenAt": null}), line))
}

/// The fault of a log that is not as it was written.
pub(super) fn broken(seq: i64) -> Fault {
    Fault::new(FaultClass::Verification, format!("the audit log is broken at record {seq}"))
        .tried("compare each record's hash with the one before, and the log's end")
        .hint(
            "somebody wrote the database past the server, or it was restored from parts of different times; compare with an \
             export that was kept elsewhere",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(action: &str, noun: &str) -> FilterArgs {
        FilterArgs {
            log: LogArgs { server_wide: false },
            actor: None,
            action: Some(action.into()),
            noun: Some(noun.into()),
            object: None,
            since: None,
            until: None,
        }
    }

    #[test]
    fn words_that_no_record_has_are_told() {
        assert!(odd_words(&filters("exportRefused", "enabledCorePolicies")).is_empty());
        let told = odd_words(&filters("exportrefused", "xyz"));
        assert_eq!(told[0], "note: records have no action \"exportrefused\"; did you mean exportRefused?");
        assert!(told[1].contains("--help"), "{told:?}");
    }

    #[test]
    fn the_help_names_every_word_that_records_have() {
        let command = FilterArgs::augment_args(clap::Command::new("list"));
        for (option, words) in [("action", &ACTIONS[..]), ("noun", &NOUNS[..])] {
            let argument = command.get_arguments().find(|argument| argument.get_id() == option).unwrap();
            let help = argument.get_help().unwrap().to_string();
            let named: Vec<&str> = help.split(|c: char| !c.is_alphanumeric()).collect();
            let missing: Vec<&&str> = words.iter().filter(|word| !named.contains(word)).collect();
            assert!(missing.is_empty(), "{missing:?} in the help of --{option}");
        }
        assert!(odd_words(&filters("lookedUp", "profile")).is_empty());
    }

    #[test]
    fn an_export_is_there_whole_or_not_at_all() {
        use std::os::unix::fs::PermissionsExt as _;
        let temp = tempfile::tempdir().unwrap();
        let wanted = temp.path().join("audit.ndjson");
        let names = || std::fs::read_dir(temp.path()).unwrap().count();
        let part = Part::make(&wanted).unwrap();
        assert!(Part::make(&wanted).is_err(), "somebody writes it");
        drop(part);
        assert_eq!(names(), 0);
        let part = Part::make(&wanted).unwrap();
        (&part.file).write_all(b"x").unwrap();
        part.finish().unwrap();
        drop(part);
        assert_eq!((names(), std::fs::read(&wanted).unwrap().as_slice()), (1, &b"x"[..]));
        assert_eq!(wanted.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Part::make(&wanted).is_err(), "nothing is replaced");
    }

    #[test]
    fn a_record_is_shown_with_what_it_changed() {
        let record = json!({"seq": 7, "action": "updated", "noun": "flow", "objectName": "acme",
            "before": {"name": "a", "state": "enabled", "x": 1}, "after": {"name": "b", "state": "enabled"}, "detail": null});
        let lines = shown(&record);
        assert_eq!(lines[lines.len() - 2..], ["    /name: \"a\" -> \"b\"", "    /x: 1 -> null"]);
        let decided = json!({"seq": 8, "before": null, "after": null, "detail": {"run": "r"}});
        assert_eq!(shown(&decided).last().unwrap(), "    run: \"r\"");
    }
}
