//! `outflow labels`: what may be special about data. Which datasets and fields have them, `outflow datasets labels` says.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{CORE_LABELS, LABELS, Owned, etag, name};
use crate::client::{Client, ServerArgs};
use crate::near::suggestion;
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow labels list
  outflow labels create L2 --friendly-name 'Purchase history' --description 'Tells what somebody bought'
  outflow datasets labels crm --field personalEmail.address=I1,L2

A label says what is special about a dataset or a field. It forbids nothing by itself: policies do (`outflow policies`).
The one exception is C12, with which data leaves in no way.";

/// Options of `outflow labels`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct LabelsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: LabelsCommand,
}

/// What to do with labels.
#[derive(Subcommand)]
enum LabelsCommand {
    /// List labels, those that come with the product first
    #[command(after_help = "Examples:
  outflow labels list
  outflow labels list --json")]
    List,
    /// Show a label
    #[command(after_help = "Examples:\n  outflow labels show C2")]
    Show(NameArgs),
    /// Create a label of your own; it stays, for what has it once refers to it
    #[command(after_help = "Examples:
  outflow labels create L2 --friendly-name 'Purchase history' --description 'Tells what somebody bought'")]
    Create(TextsArgs),
    /// Change what a label of your own means
    #[command(
        after_help = "Examples:\n  outflow labels update L2 --description 'Tells what somebody bought or returned'"
    )]
    Update(TextsArgs),
}

/// A label.
#[derive(Args)]
struct NameArgs {
    /// Name of the label
    #[arg(value_name = "LABEL")]
    label: String,
}

/// Options of `create` and `update`.
#[derive(Args)]
struct TextsArgs {
    #[command(flatten)]
    name: NameArgs,
    /// A short name for people
    #[arg(long, value_name = "TEXT")]
    friendly_name: Option<String>,
    /// What it means
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Runs `outflow labels`.
pub fn run(args: &LabelsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        LabelsCommand::List => list(client).await,
        LabelsCommand::Show(args) => {
            let label = client.find_owned(&CORE_LABELS, &LABELS, &args.label).await?;
            let lines = shown(&label);
            Ok(Answer::new(label.object, lines))
        }
        LabelsCommand::Create(args) => create(client, args).await,
        LabelsCommand::Update(args) => update(client, args).await,
    })
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let labels = client.owned(&CORE_LABELS, &LABELS).await?;
    let mut table = Table::new(&["NAME", "CATEGORY", "FRIENDLY NAME", "MEANS"]);
    for label in &labels {
        let member = |member: &str| text(&label.object[member]);
        table.row([name(&label.object).to_owned(), member("category"), member("friendlyName"), member("description")]);
    }
    Ok(Answer::list(labels.into_iter().map(|label| label.object).collect(), table.lines()))
}

fn shown(label: &Owned) -> Vec<String> {
    let member = |member: &str| text(&label.object[member]);
    properties(&[
        ("name", name(&label.object).to_owned()),
        ("owner", label.owner().to_owned()),
        ("category", member("category")),
        ("friendly name", member("friendlyName")),
        ("description", member("description")),
        ("created", time(&label.object["created"])),
        ("changed", time(&label.object["updated"])),
    ])
}

impl TextsArgs {
    /// Puts what was given over what is there.
    fn over(&self, body: &mut Value) {
        for (member, given) in [("friendlyName", &self.friendly_name), ("description", &self.description)] {
            if let Some(given) = given {
                body[member] = given.as_str().into();
            }
        }
    }
}

async fn create(client: &Client, args: &TextsArgs) -> Result<Answer, Fault> {
    let label = &args.name.label;
    let there = client.owned(&CORE_LABELS, &LABELS).await?;
    if let Some(there) = there.iter().find(|there| name(&there.object) == label) {
        return Err(super::actions::taken("label", label, there));
    }
    // Labels are never deleted, and one that is written almost like another would be taken for it for ever.
    if let Some(there) = there.iter().find(|there| name(&there.object).eq_ignore_ascii_case(label)) {
        let there = name(&there.object);
        return Err(Fault::input(format!("there is a label {there} already, which {label} would be taken for"))
            .hint("choose another name; a label cannot be deleted"));
    }
    let mut body = json!({"name": label, "category": "Custom"});
    args.over(&mut body);
    let made = client.put(LABELS.id(label), None, &body).await?;
    Ok(Answer::line(made, format!("label {label} is created")))
}

async fn update(client: &Client, args: &TextsArgs) -> Result<Answer, Fault> {
    let label = client.find_owned(&CORE_LABELS, &LABELS, &args.name.label).await?;
    super::actions::check_own("label", &label)?;
    if args.friendly_name.is_none() && args.description.is_none() {
        return Err(Fault::input("nothing was given to change").hint("give --friendly-name or --description"));
    }
    let mut body = label.object.clone();
    args.over(&mut body);
    let changed = client.put(LABELS.id(name(&body)), Some(etag(&label.object)), &body).await?;
    Ok(Answer::line(changed, format!("label {} is changed", name(&body))))
}

/// Refuses labels that there are not, with one that is near: the server names the place, which a command has not.
///
/// # Errors
/// `Input` for the first of them; what the server answers.
pub(super) async fn check<'l>(client: &Client, given: impl IntoIterator<Item = &'l str>) -> Result<(), Fault> {
    let known = client.owned(&CORE_LABELS, &LABELS).await?;
    let is_known = |label: &str| known.iter().any(|known| name(&known.object) == label);
    match given.into_iter().find(|label| !is_known(label)) {
        None => Ok(()),
        Some(label) => {
            let near = suggestion(label, known.iter().map(|known| name(&known.object)));
            Err(Fault::input(format!("there is no label {label:?}{near}"))
                .hint("`outflow labels list` shows what there is, `outflow labels create` makes one"))
        }
    }
}
