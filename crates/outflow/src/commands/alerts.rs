//! `outflow alerts`.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use outflow_model::Fault;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{ALERTS, FLOWS, SUBSCRIPTIONS, id, name, name_of};
use crate::client::{Client, ServerArgs, at};
use crate::secrets::Source;
use crate::table::{Table, text, time};

const EXAMPLES: &str = "Examples:
  outflow alerts list --kind run-failure
  outflow alerts subscribe team --email team@example.org --kind run-failure --kind run-delay
  HOOK_SECRET=… outflow alerts subscribe pager --webhook https://hooks.example.com/outflow --secret env:HOOK_SECRET
  outflow alerts subscribe acme --email acme@example.org --flow acme-daily
  outflow alerts subscriptions
  outflow alerts unsubscribe team

A webhook gets each alert as JSON. With a secret it is signed: x-outflow-signature is sha256= and the HMAC-SHA256 of
x-outflow-timestamp, a dot and the body. Mail needs alerts.smtp_url in the server's settings.";

/// Options of `outflow alerts`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct AlertsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: AlertsCommand,
}

/// What to do with alerts.
#[derive(Subcommand)]
enum AlertsCommand {
    /// List what happened, the newest first
    #[command(after_help = "Examples:\n  outflow alerts list --kind run-failure")]
    List(ListArgs),
    /// List who is told of what
    #[command(after_help = "Examples:\n  outflow alerts subscriptions")]
    Subscriptions,
    /// Have alerts sent to a webhook or by mail
    #[command(after_help = "Examples:
  outflow alerts subscribe team --email team@example.org --kind run-failure --kind run-delay
  HOOK_SECRET=… outflow alerts subscribe pager --webhook https://hooks.example.com/outflow --secret env:HOOK_SECRET")]
    Subscribe(SubscribeArgs),
    /// Have them sent no more
    #[command(after_help = "Examples:\n  outflow alerts unsubscribe team")]
    Unsubscribe(NameArgs),
}

/// Options of `list`.
#[derive(Args)]
struct ListArgs {
    /// Only of this kind; repeats
    #[arg(long = "kind", value_enum)]
    kinds: Vec<KindArg>,
    /// Only of this flow, by name or id
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
}

/// A subscription.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the subscription
    #[arg(value_name = "SUBSCRIPTION")]
    subscription: String,
}

/// Options of `subscribe`.
#[derive(Args)]
struct SubscribeArgs {
    /// Name of the subscription
    name: String,
    /// URL that gets each alert as JSON
    #[arg(long, value_name = "URL", required_unless_present = "email", conflicts_with = "email")]
    webhook: Option<String>,
    /// What requests to the webhook are signed with, and where it is: env:VARIABLE, file:PATH or prompt
    #[arg(long, value_name = "SOURCE", requires = "webhook")]
    secret: Option<String>,
    /// Address that gets each alert as a mail; repeats
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// Only of this kind; repeats [default: all]
    #[arg(long = "kind", value_enum)]
    kinds: Vec<KindArg>,
    /// Only of this flow, by name or id [default: all]
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindArg {
    /// A run began
    RunStart,
    /// A run delivered
    RunSuccess,
    /// Runs of a flow's segment fail, or deliver again
    RunFailure,
    /// A run takes long
    RunDelay,
    /// Runs of a flow's segment leave out too many profiles, or no more
    SkippedRate,
    /// A flow was paused because of what it would export
    FlowPaused,
}

impl KindArg {
    fn text(self) -> &'static str {
        match self {
            KindArg::RunStart => "runStart",
            KindArg::RunSuccess => "runSuccess",
            KindArg::RunFailure => "runFailure",
            KindArg::RunDelay => "runDelay",
            KindArg::SkippedRate => "skippedRate",
            KindArg::FlowPaused => "flowPaused",
        }
    }
}

/// Runs `outflow alerts`.
pub fn run(args: &AlertsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        AlertsCommand::List(args) => list(client, args).await,
        AlertsCommand::Subscriptions => subscriptions(client).await,
        AlertsCommand::Subscribe(args) => subscribe(client, args).await,
        AlertsCommand::Unsubscribe(args) => {
            let found = client.find(&SUBSCRIPTIONS, &args.subscription).await?;
            client.delete(SUBSCRIPTIONS.id(id(&found))).await?;
            Ok(Answer::line(json!({"id": id(&found), "deleted": true}), format!("{} is told no more", name(&found))))
        }
    })
}

async fn list(client: &Client, args: &ListArgs) -> Result<Answer, Fault> {
    let mut filters = Vec::new();
    if !args.kinds.is_empty() {
        let kinds: Vec<&str> = args.kinds.iter().map(|kind| kind.text()).collect();
        filters.push(format!("kind=={}", kinds.join(",")));
    }
    if let Some(flow) = &args.flow {
        filters.push(format!("flowId=={}", id(&client.find(&FLOWS, flow).await?)));
    }
    let query: Vec<(&str, &str)> = filters.iter().map(|filter| ("property", filter.as_str())).collect();
    let alerts = client.list(&ALERTS, &query).await?;
    let mut table = Table::new(&["AT", "KIND", "STATE", "WHAT", "RUN"]);
    for alert in &alerts {
        table.row([
            time(&alert["at"]),
            text(&alert["kind"]),
            text(&alert["state"]),
            text(&alert["message"]),
            text(&alert["runId"]),
        ]);
    }
    let lines = table.lines_or("no alerts");
    Ok(Answer::list(alerts, lines))
}

async fn subscriptions(client: &Client) -> Result<Answer, Fault> {
    let (found, flows) = (client.list(&SUBSCRIPTIONS, &[]).await?, client.list(&FLOWS, &[]).await?);
    let mut table = Table::new(&["NAME", "OF", "FLOW", "TO", "ID"]);
    for subscription in &found {
        table.row([
            name(subscription).to_owned(),
            kinds(subscription),
            flow(&flows, &subscription["flowId"]),
            channel(&subscription["channel"]),
            id(subscription).to_owned(),
        ]);
    }
    let lines = table.lines_or("nobody is told; `outflow alerts subscribe` changes that");
    Ok(Answer::list(found, lines))
}

fn flow(flows: &[Value], id: &Value) -> String {
    if id.is_null() { "all".to_owned() } else { name_of(flows, id) }
}

fn kinds(subscription: &Value) -> String {
    let kinds: Vec<String> = subscription["kinds"].as_array().into_iter().flatten().map(text).collect();
    if kinds.is_empty() { "everything".to_owned() } else { kinds.join(", ") }
}

fn channel(channel: &Value) -> String {
    match channel["to"].as_array() {
        Some(to) => to.iter().map(text).collect::<Vec<_>>().join(", "),
        None if channel["secret"].is_null() => text(&channel["url"]),
        None => format!("{} (signed)", text(&channel["url"])),
    }
}

async fn subscribe(client: &Client, args: &SubscribeArgs) -> Result<Answer, Fault> {
    let mut body = json!({"name": args.name, "channel": {"type": "email", "to": args.email}});
    if let Some(url) = &args.webhook {
        body["channel"] = json!({"type": "webhook", "url": url});
    }
    if let Some(source) = &args.secret {
        // Not by the parser of arguments, which would repeat what may be the secret itself.
        let source = Source::parse(source).map_err(|problem| Fault::input(problem).tried("--secret"))?;
        body["channel"]["secret"] = source.read("webhook secret", Path::new("."))?.expose_secret().into();
    }
    if !args.kinds.is_empty() {
        body["kinds"] = args.kinds.iter().map(|kind| kind.text()).collect();
    }
    if let Some(flow) = &args.flow {
        body["flowId"] = client.find(&FLOWS, flow).await?["id"].clone();
    }
    let made = client.post(at(SUBSCRIPTIONS.path), Some(&body)).await?;
    let line = format!("{} is told from now on, as {}", args.name, id(&made));
    Ok(Answer::line(made, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_told_in_words() {
        let hook = json!({"channel": {"type": "webhook", "url": "https://h/x", "secret": "********"}});
        assert_eq!((kinds(&hook), channel(&hook["channel"])), ("everything".into(), "https://h/x (signed)".into()));
        let mail = json!({"kinds": ["runFailure"], "channel": {"type": "email", "to": ["a@b.example", "c@d.example"]}});
        assert_eq!((kinds(&mail), channel(&mail["channel"])), ("runFailure".into(), "a@b.example, c@d.example".into()));
        let flows = [json!({"id": "1", "name": "daily"})];
        let of = |id: Value| flow(&flows, &id);
        assert_eq!([of(Value::Null), of(json!("1")), of(json!("2"))], ["all", "daily", "2"]);
    }
}
