//! `outflow datasets`.

mod inspect;
mod labels;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use outflow_model::{Fault, FaultClass};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{DATASETS, id, name};
use crate::client::wait::Shown;
use crate::client::{Client, ServerArgs, at};
use crate::numbers::thousands;
use crate::table::{Table, properties, text, time};
use inspect::InspectArgs;
use labels::{LabelsArgs, SuggestionsArgs};

const EXAMPLES: &str = "Examples:
  outflow datasets inspect 'lake/crm/*.parquet'
  outflow datasets attach crm 'lake/crm/*.parquet' --identity personalEmail.address=Email --timestamp updatedAt
  outflow datasets attach web s3://lake/web/ --identity webId=ECID --identity email=Email
  outflow datasets schema crm
  outflow datasets refresh crm

The first --identity is primary: records that share it are one person, also across datasets. Files stay where they are;
a refresh reads them into the snapshot that evaluations and exports work on.";

/// Options of `outflow datasets`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DatasetsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: DatasetsCommand,
}

/// What to do with datasets.
#[derive(Subcommand)]
enum DatasetsCommand {
    /// Look at files before they are attached: their fields, and which of them look like identities
    #[command(after_help = "Examples:
  outflow datasets inspect 'lake/crm/*.parquet'
  outflow datasets inspect s3://lake/web/ --format ndjson --limit 10 --unmasked")]
    Inspect(InspectArgs),
    /// Attach files as a dataset, and read them in
    #[command(after_help = "Examples:
  outflow datasets attach crm 'lake/crm/*.parquet' --identity personalEmail.address=Email --timestamp updatedAt
  outflow datasets attach web s3://lake/web/ --identity webId=ECID --identity email=Email")]
    Attach(AttachArgs),
    /// List datasets
    #[command(after_help = "Examples:
  outflow datasets list
  outflow datasets list --json")]
    List,
    /// Show a dataset
    #[command(after_help = "Examples:\n  outflow datasets show crm")]
    Show(NameArgs),
    /// Show the fields of a dataset as a tree
    #[command(after_help = "Examples:\n  outflow datasets schema crm")]
    Schema(NameArgs),
    /// Show some records
    #[command(after_help = "Examples:\n  outflow datasets preview crm")]
    Preview(PreviewArgs),
    /// Read the files again into the snapshot that evaluations and exports work on
    #[command(after_help = "Examples:\n  outflow datasets refresh crm")]
    Refresh(RefreshArgs),
    /// Show the labels of a dataset and its fields, or change them
    #[command(after_help = "Examples:
  outflow datasets labels crm
  outflow datasets labels crm --field personalEmail.address=I1,C2 --dataset C9
  outflow datasets labels crm --add personalEmail.address=C4 --on-violation pause
  outflow datasets labels crm --remove personalEmail.address=C2 --remove C9")]
    Labels(LabelsArgs),
    /// Show which labels fields look like they should have, and accept or refuse them
    #[command(after_help = "Examples:
  outflow datasets suggestions crm
  outflow datasets suggestions crm --accept personalEmail.address=I1 --refuse profileId=I2
  outflow datasets suggestions crm --accept-all")]
    Suggestions(SuggestionsArgs),
    /// Detach a dataset; its files stay where they are
    #[command(after_help = "Examples:\n  outflow datasets detach crm")]
    Detach(NameArgs),
}

/// A dataset.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the dataset
    #[arg(value_name = "DATASET")]
    dataset: String,
}

/// Options of `attach`.
#[derive(Args)]
struct AttachArgs {
    /// Name of the dataset
    name: String,
    /// Files: a path, folder, glob, file:// or s3:// URL, as the server sees them
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// Where an identity is, and its namespace; the first is primary
    #[arg(long = "identity", value_name = "PATH=NAMESPACE", required = true, value_parser = identity)]
    identities: Vec<(String, String)>,
    /// Time of a record: of one person's records the newest counts
    #[arg(long, value_name = "PATH")]
    timestamp: Option<String>,
    /// Format of the files [default: told by their names]
    #[arg(long, value_enum)]
    format: Option<DatasetFormat>,
    /// What it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Do not wait until the files are read in
    #[arg(long)]
    no_wait: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum DatasetFormat {
    Parquet,
    Csv,
    Ndjson,
}

impl DatasetFormat {
    /// What the API calls it.
    fn name(self) -> &'static str {
        match self {
            DatasetFormat::Parquet => "parquet",
            DatasetFormat::Csv => "csv",
            DatasetFormat::Ndjson => "ndjson",
        }
    }
}

/// Options of `preview`.
#[derive(Args)]
struct PreviewArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Records to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

/// Options of `refresh`.
#[derive(Args)]
struct RefreshArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Do not wait for the end
    #[arg(long)]
    no_wait: bool,
}

fn identity(given: &str) -> Result<(String, String), String> {
    match given.rsplit_once('=') {
        Some((path, namespace)) if !path.is_empty() && !namespace.is_empty() => Ok((path.into(), namespace.into())),
        _ => Err("an identity is PATH=NAMESPACE, for example personalEmail.address=Email".into()),
    }
}

/// Runs `outflow datasets`.
pub fn run(args: &DatasetsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        DatasetsCommand::Inspect(args) => inspect::inspect(client, args).await,
        DatasetsCommand::Attach(args) => attach(client, args).await,
        DatasetsCommand::List => list(client).await,
        DatasetsCommand::Show(args) => {
            let dataset = client.find(&DATASETS, &args.dataset).await?;
            let lines = shown(&dataset);
            Ok(Answer::new(dataset, lines))
        }
        DatasetsCommand::Schema(args) => schema(client, args).await,
        DatasetsCommand::Preview(args) => preview(client, args).await,
        DatasetsCommand::Refresh(args) => refresh(client, args).await,
        DatasetsCommand::Labels(args) => labels::labels(client, args).await,
        DatasetsCommand::Suggestions(args) => labels::suggestions(client, args).await,
        DatasetsCommand::Detach(args) => {
            let dataset = client.find(&DATASETS, &args.dataset).await?;
            client.delete(DATASETS.id(id(&dataset))).await?;
            Ok(Answer::line(json!({"id": id(&dataset), "detached": true}), format!("{} is detached", name(&dataset))))
        }
    })
}

async fn attach(client: &Client, args: &AttachArgs) -> Result<Answer, Fault> {
    let urls = args.urls.iter().map(|url| absolute(url)).collect::<Result<Vec<_>, _>>()?;
    let identities = args
        .identities
        .iter()
        .enumerate()
        .map(|(at, (path, namespace))| json!({"path": path, "namespace": namespace, "primary": at == 0}));
    let mut body = json!({
        "name": args.name,
        "source": {"urls": urls},
        "identities": identities.collect::<Vec<_>>(),
    });
    if let Some(format) = args.format {
        body["source"]["format"] = format.name().into();
    }
    for (member, given) in [("timestamp", &args.timestamp), ("description", &args.description)] {
        if let Some(given) = given {
            body[member] = given.as_str().into();
        }
    }
    let made = client.post(at(DATASETS.path), Some(&body)).await?;
    if args.no_wait {
        return Ok(Answer::line(made.clone(), format!("{} is attached as {}; it is being read", args.name, id(&made))));
    }
    settled(client, id(&made)).await
}

/// A path as the server must know it: it runs in another folder than the person.
pub(super) fn absolute(url: &str) -> Result<String, Fault> {
    if url.contains("://") {
        return Ok(url.to_owned());
    }
    let path = std::path::absolute(url).map_err(|e| Fault::input(format!("{url:?} is no path")).because(e))?;
    path.into_os_string().into_string().map_err(|_| Fault::input("the current folder's path is not UTF-8"))
}

async fn refresh(client: &Client, args: &RefreshArgs) -> Result<Answer, Fault> {
    let dataset = client.find(&DATASETS, &args.name.dataset).await?;
    let queued = client.post(DATASETS.id(id(&dataset)).then("refresh"), None).await?;
    if args.no_wait {
        return Ok(Answer::line(queued, format!("{} is being read", name(&dataset))));
    }
    settled(client, id(&dataset)).await
}

/// Waits until a dataset's refresh has ended, and answers the dataset.
pub(super) async fn settled(client: &Client, dataset: &str) -> Result<Answer, Fault> {
    let mut shown_progress = Shown::start();
    let done = |dataset: &Value| !matches!(refresh_state(dataset), "queued" | "processing" | "running");
    let dataset = client
        .until(&DATASETS, dataset, done, |dataset| {
            let read = dataset["refresh"]["records"].as_u64().unwrap_or(0);
            let message = if read == 0 { String::new() } else { format!("{} records", thousands(read)) };
            shown_progress.at("Reading", 0, 0, &message);
        })
        .await?;
    drop(shown_progress);
    let fault = matches!(refresh_state(&dataset), "failed" | "cancelled")
        .then(|| fault_of(&dataset["refresh"]["error"], "the refresh failed"));
    let lines = shown(&dataset);
    Ok(Answer { fault, ..Answer::new(dataset, lines) })
}

/// The fault that an object tells of.
pub(super) fn fault_of(error: &Value, otherwise: &str) -> Fault {
    let class = serde_json::from_value(error["class"].clone()).unwrap_or(FaultClass::Internal);
    let member = |name: &str| text(&error[name]);
    let message = if member("message").is_empty() { otherwise.to_owned() } else { member("message") };
    Fault::new(class, message).tried(member("tried")).hint(member("hint"))
}

fn refresh_state(dataset: &Value) -> &str {
    dataset["refresh"]["state"].as_str().unwrap_or_default()
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let datasets = client.list(&DATASETS, &[]).await?;
    let mut table = Table::new(&["NAME", "PROFILES", "RECORDS", "REFRESHED", "STATE", "ID"]);
    for dataset in &datasets {
        table.row([
            name(dataset).to_owned(),
            count(&dataset["counts"]["profiles"]),
            count(&dataset["counts"]["records"]),
            time(&dataset["refresh"]["endedAt"]),
            refresh_state(dataset).to_owned(),
            id(dataset).to_owned(),
        ]);
    }
    let lines = table.lines_or("no datasets; `outflow datasets attach` attaches one");
    Ok(Answer::list(datasets, lines))
}

fn count(value: &Value) -> String {
    value.as_u64().map(thousands).unwrap_or_default()
}

fn shown(dataset: &Value) -> Vec<String> {
    let urls = dataset["source"]["urls"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    let identities = dataset["identities"].as_array().into_iter().flatten().map(|identity| {
        let primary = if identity["primary"] == true { " (primary)" } else { "" };
        format!("{}={}{primary}", text(&identity["path"]), text(&identity["namespace"]))
    });
    let counts = &dataset["counts"];
    properties(&[
        ("name", name(dataset).to_owned()),
        ("id", id(dataset).to_owned()),
        ("description", text(&dataset["description"])),
        ("files", urls.join(", ")),
        ("identities", identities.collect::<Vec<_>>().join(", ")),
        ("timestamp", text(&dataset["timestamp"])),
        ("state", refresh_state(dataset).to_owned()),
        ("refreshed", time(&dataset["refresh"]["endedAt"])),
        ("records", count(&counts["records"])),
        ("profiles", count(&counts["profiles"])),
        ("superseded", count(&counts["superseded"])),
        ("without identity", count(&counts["withoutIdentity"])),
    ])
}

async fn schema(client: &Client, args: &NameArgs) -> Result<Answer, Fault> {
    let dataset = client.find(&DATASETS, &args.dataset).await?;
    let schema = client.get(DATASETS.id(id(&dataset)).then("schema")).await?;
    let mut lines = Vec::new();
    tree(&schema["fields"], 0, &mut lines);
    Ok(Answer::new(schema, lines))
}

fn tree(fields: &Value, depth: usize, lines: &mut Vec<String>) {
    for field in fields.as_array().into_iter().flatten() {
        lines.push(format!("{}{}  {}", "  ".repeat(depth), text(&field["name"]), text(&field["type"])));
        tree(&field["fields"], depth + 1, lines);
    }
}

async fn preview(client: &Client, args: &PreviewArgs) -> Result<Answer, Fault> {
    let dataset = client.find(&DATASETS, &args.name.dataset).await?;
    let place = DATASETS.id(id(&dataset)).then("preview").with("limit", &args.limit.to_string());
    let found = client.get(place).await?;
    // A record is a tree; a line of JSON shows it whole.
    let lines = found["items"].as_array().into_iter().flatten().map(Value::to_string).collect();
    Ok(Answer::new(found, lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_a_path_and_a_namespace() {
        assert_eq!(identity("a.`x=y`=Email"), Ok(("a.`x=y`".into(), "Email".into())));
        assert!(identity("Email").is_err() && identity("=Email").is_err() && identity("a=").is_err());
    }

    #[test]
    fn paths_are_made_absolute_and_urls_left_alone() {
        assert_eq!(absolute("s3://b/x/*.parquet").unwrap(), "s3://b/x/*.parquet");
        assert_eq!(absolute("/a/*.parquet").unwrap(), "/a/*.parquet");
        assert!(absolute("a/*.parquet").unwrap().starts_with('/'));
    }
}
