//! `outflow destinations`: a destination is a target connection with a flow to it.

mod change;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::actions::references;
use super::catalog::kind;
use super::served::{Answer, ask};
use crate::client::nouns::{ACCOUNTS, CONNECTION_SPECS, DESTINATIONS, FLOWS, SOURCES, id, name};
use crate::client::{Client, ServerArgs, at, probe};
use crate::table::{Table, properties, text, time};
use change::{ParamsArgs, UpdateArgs};

const EXAMPLES: &str = "Examples:
  outflow destinations create acme-daily --account acme-s3 --bucket exports --path audiences/daily
  outflow destinations create partner-drop --account partner --path /upload --compression gzip \\
    --marketing-action emailTargeting
  outflow destinations create acme-live --account acme-kinesis --param region=eu-west-1 --param stream=audiences \\
    --param includeSegmentNames=true
  outflow destinations update acme-daily --path audiences/%SEGMENT_NAME%
  outflow flows activate acme-daily …    (which segments, which columns, when)";

/// What a flow's source is called.
const PROFILE_STORE: &str = "profile store";

/// The spec of the profile store.
const PROFILE_STORE_SPEC: &str = "8a9c3494-9708-43d7-ae3f-cda01e5030e1";

/// Options of `outflow destinations`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DestinationsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: DestinationsCommand,
}

/// What to do with destinations.
#[derive(Subcommand)]
enum DestinationsCommand {
    /// Create a destination, once its bucket, folder or stream is proved, and a flow to it
    #[command(after_help = "Examples:
  outflow destinations create acme-daily --account acme-s3 --bucket exports --path audiences/daily")]
    Create(CreateArgs),
    /// List destinations
    #[command(after_help = "Examples:
  outflow destinations list
  outflow destinations list --json")]
    List,
    /// Show a destination
    #[command(after_help = "Examples:\n  outflow destinations show acme-daily")]
    Show(NameArgs),
    /// Change a destination, once its bucket, folder or stream is proved
    #[command(after_help = "Examples:\n  outflow destinations update acme-daily --path audiences/%SEGMENT_NAME%")]
    Update(UpdateArgs),
    /// Delete a destination with the flows to it; files that were delivered stay
    #[command(after_help = "Examples:\n  outflow destinations delete acme-daily")]
    Delete(NameArgs),
}

/// A destination.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the destination
    #[arg(value_name = "DESTINATION")]
    destination: String,
}

/// Options of `create`.
#[derive(Args)]
struct CreateArgs {
    /// Name of the destination and of its flow
    name: String,
    /// Name or id of the account to deliver with
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    params: ParamsArgs,
    /// What the data will be used for, as in emailTargeting; repeats
    #[arg(long = "marketing-action", value_name = "ACTION")]
    marketing_actions: Vec<String>,
    /// What it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Runs `outflow destinations`.
pub fn run(args: &DestinationsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        DestinationsCommand::Create(args) => create(client, args).await,
        DestinationsCommand::List => list(client).await,
        DestinationsCommand::Show(args) => show(client, args).await,
        DestinationsCommand::Update(args) => change::update(client, args).await,
        DestinationsCommand::Delete(args) => delete(client, args).await,
    })
}

async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let account = client.find(&ACCOUNTS, &args.account).await?;
    let actions = references(client, &args.marketing_actions).await?;
    let spec = client.spec(&text(&account["connectionSpec"]["id"])).await?;
    let mut target = json!({
        "name": args.name,
        "baseConnectionId": id(&account),
        "connectionSpec": {"id": account["connectionSpec"]["id"], "version": "1.0"},
        "params": args.params.read(&spec)?,
    });
    if spec["attributes"]["isBatch"] != false {
        for (member, default) in [("mode", "Server-to-server"), ("fileType", "CSV"), ("compression", "NONE")] {
            if target["params"].get(member).is_none() {
                target["params"][member] = default.into();
            }
        }
    }
    if let Some(description) = &args.description {
        target["description"] = description.as_str().into();
    }
    let made = client.probed(Method::POST, at(DESTINATIONS.path), Some(&target), "").await?;
    let mut flow = client.empty_flow(&args.name, &spec, id(&made)).await?;
    if let Some(description) = &args.description {
        flow["description"] = description.as_str().into();
    }
    if !args.marketing_actions.is_empty() {
        flow["policy"] = json!({"enforcementRefs": actions});
    }
    let flow = match client.post(at(FLOWS.path), Some(&flow)).await {
        Ok(flow) => flow,
        Err(fault) => {
            // One without the other would be in the way of the next try. The first fault is the one to tell.
            drop(client.delete(DESTINATIONS.id(id(&made))).await);
            return Err(fault);
        }
    };
    let mut lines = probe::lines(&made);
    lines.push(format!("{} is created as {}, its flow as {}", args.name, id(&made), id(&flow)));
    lines.push(format!("next: outflow flows activate {:?} --segment … --map …", args.name));
    Ok(Answer::new(json!({"id": id(&made), "flowId": id(&flow), "probe": made["probe"]}), lines))
}

impl Client {
    /// A flow from the profile store to a target, which activates nothing yet.
    pub(super) async fn empty_flow(&self, name: &str, spec: &Value, target: &str) -> Result<Value, Fault> {
        let source = self.profile_store().await?;
        Ok(json!({
            "name": name,
            "flowSpec": {"id": spec["attributes"]["flowSpecId"], "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": {
                "profileSelectors": {"selectors": []},
                "segmentSelectors": {"selectors": []},
            }}],
        }))
    }

    /// The id of the source connection that all flows of this program share; made when it is missing.
    pub(super) async fn profile_store(&self) -> Result<String, Fault> {
        let named = self.named(&SOURCES, PROFILE_STORE).await?;
        let found = named.iter().find(|source| source["connectionSpec"]["id"] == PROFILE_STORE_SPEC);
        if let Some(source) = found {
            return Ok(id(source).to_owned());
        }
        let body = json!({"name": PROFILE_STORE, "connectionSpec": {"id": PROFILE_STORE_SPEC, "version": "1.0"}});
        let made = self.post(at(SOURCES.path), Some(&body)).await?;
        Ok(id(&made).to_owned())
    }

    /// The flows to a target.
    pub(super) async fn flows_to(&self, target: &str) -> Result<Vec<Value>, Fault> {
        let filter = format!("targetConnectionIds[]=={target}");
        let mut flows = self.list(&FLOWS, &[("property", filter.as_str())]).await?;
        flows.retain(|flow| flow["targetConnectionIds"].as_array().into_iter().flatten().any(|id| id == target));
        Ok(flows)
    }
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let targets = client.list(&DESTINATIONS, &[]).await?;
    let (accounts, flows) = (client.list(&ACCOUNTS, &[]).await?, client.list(&FLOWS, &[]).await?);
    let specs = client.list(&CONNECTION_SPECS, &[]).await?;
    let mut table = Table::new(&["NAME", "KIND", "ACCOUNT", "PLACE", "SEGMENTS", "STATE", "ID"]);
    for target in &targets {
        let account = accounts.iter().find(|account| account["id"] == target["baseConnectionId"]);
        let spec = specs.iter().find(|spec| spec["id"] == target["connectionSpec"]["id"]);
        let to_it =
            |flow: &&Value| flow["targetConnectionIds"].as_array().into_iter().flatten().any(|id| *id == target["id"]);
        let mine: Vec<&Value> = flows.iter().filter(to_it).collect();
        let segments: usize = mine.iter().map(|flow| segment_count(flow)).sum();
        let states: Vec<String> = mine.iter().map(|flow| text(&flow["state"])).collect();
        table.row([
            name(target).to_owned(),
            spec.map(kind).unwrap_or_default().to_owned(),
            account.map(name).unwrap_or_default().to_owned(),
            place(target),
            segments.to_string(),
            if states.is_empty() { "no flow".into() } else { states.join(", ") },
            id(target).to_owned(),
        ]);
    }
    let lines = table.lines_or("no destinations; `outflow destinations create` creates one");
    Ok(Answer::list(targets, lines))
}

/// Segments that a flow exports.
pub(super) fn segment_count(flow: &Value) -> usize {
    let selectors = &flow["transformations"][0]["params"]["segmentSelectors"]["selectors"];
    selectors.as_array().map_or(0, Vec::len)
}

/// Where files or messages go, in a few words.
fn place(target: &Value) -> String {
    let params = &target["params"];
    if let Some(stream) = ["stream", "eventHubName"].iter().find_map(|member| params[*member].as_str()) {
        return match params["region"].as_str() {
            Some(region) => format!("{region}/{stream}"),
            None => stream.to_owned(),
        };
    }
    let path = if params["remotePath"].is_string() { text(&params["remotePath"]) } else { text(&params["path"]) };
    match params["bucketName"].as_str() {
        Some(bucket) => format!("{bucket}/{}", path.trim_start_matches('/')),
        None => path,
    }
}

async fn show(client: &Client, args: &NameArgs) -> Result<Answer, Fault> {
    let target = client.find(&DESTINATIONS, &args.destination).await?;
    let flows = client.flows_to(id(&target)).await?;
    let account = client.one(&ACCOUNTS, &text(&target["baseConnectionId"])).await?;
    let mut lines = properties(&[
        ("name", name(&target).to_owned()),
        ("id", id(&target).to_owned()),
        ("description", text(&target["description"])),
        ("account", name(&account).to_owned()),
        ("created", time(&target["createdAt"])),
    ]);
    let params = target["params"].as_object().into_iter().flatten();
    lines.extend(params.map(|(member, value)| format!("  {member}: {}", text(value))));
    for flow in &flows {
        let segments = segment_count(flow);
        lines.push(format!("flow {} ({}), {segments} segments: {}", name(flow), text(&flow["state"]), id(flow)));
    }
    Ok(Answer::new(json!({"destination": target, "flows": flows}), lines))
}

async fn delete(client: &Client, args: &NameArgs) -> Result<Answer, Fault> {
    let target = client.find(&DESTINATIONS, &args.destination).await?;
    let flows = client.flows_to(id(&target)).await?;
    for flow in &flows {
        client.delete(FLOWS.id(id(flow))).await?;
    }
    client.delete(DESTINATIONS.id(id(&target))).await?;
    let deleted: Vec<&str> = flows.iter().map(id).collect();
    let told = json!({"id": id(&target), "flowIds": deleted, "deleted": true});
    Ok(Answer::line(told, format!("{} and {} flows to it are deleted", name(&target), flows.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_in_a_few_words() {
        assert_eq!(place(&json!({"params": {"bucketName": "b", "path": "/x"}})), "b/x");
        assert_eq!(place(&json!({"params": {"remotePath": "/upload"}})), "/upload");
        assert_eq!(place(&json!({"params": {"region": "eu-west-1", "stream": "live"}})), "eu-west-1/live");
        assert_eq!(place(&json!({"params": {"eventHubName": "live"}})), "live");
    }
}
