//! `outflow clients`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use outflow_model::Fault;
use outflow_model::access::AccessScope;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, ask};
use crate::client::nouns::{CLIENTS, id, name};
use crate::client::{Client, ServerArgs, at, unexpected};
use crate::server::folder::{make_private, write_secret};
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  outflow clients create reporting --scope read --secret-file /etc/reporting/outflow-secret
  outflow clients create deploy --scope write --for-sandbox prod --for-sandbox dev
  outflow clients list
  outflow clients rotate-secret reporting --secret-file /etc/reporting/outflow-secret
  outflow clients delete reporting

  outflow token --client-id reporting --client-secret file:/etc/reporting/outflow-secret

A secret is shown once; the server keeps a hash of it. These commands need a token with the scope *, as admin's has.";

/// Options of `outflow clients`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ClientsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: ClientsCommand,
}

/// What to do with clients.
#[derive(Subcommand)]
enum ClientsCommand {
    /// Create a client, who may then ask for tokens
    #[command(after_help = "Examples:
  outflow clients create reporting --scope read --secret-file /etc/reporting/outflow-secret
  outflow clients create deploy --scope write --for-sandbox prod --for-sandbox dev")]
    Create(CreateArgs),
    /// List clients
    #[command(after_help = "Examples:
  outflow clients list
  outflow clients list --json")]
    List,
    /// Show a client
    #[command(after_help = "Examples:\n  outflow clients show reporting")]
    Show(NameArgs),
    /// Give a client a new secret; the old one and its tokens end
    #[command(after_help = "Examples:
  outflow clients rotate-secret reporting --secret-file /etc/reporting/outflow-secret")]
    RotateSecret(RotateArgs),
    /// Delete a client; its tokens end
    #[command(after_help = "Examples:\n  outflow clients delete reporting")]
    Delete(NameArgs),
}

/// A client.
#[derive(Args)]
struct NameArgs {
    /// Id of the client
    #[arg(value_name = "CLIENT")]
    client: String,
}

/// Where a secret goes.
#[derive(Args)]
struct SecretArgs {
    /// File for the secret, readable by its owner alone, instead of stdout
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// Options of `create`.
#[derive(Args)]
struct CreateArgs {
    /// What it calls itself: letters, digits, -, _ and .
    #[arg(value_name = "CLIENT")]
    client: String,
    /// What its tokens may be used for
    #[arg(long, value_enum)]
    scope: ScopeArg,
    /// Sandbox that its tokens open, * for all; repeats [default: the one the command is in]
    #[arg(long = "for-sandbox", value_name = "NAME")]
    sandboxes: Vec<String>,
    /// Its name, for people [default: its id]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[command(flatten)]
    secret: SecretArgs,
}

/// Options of `rotate-secret`.
#[derive(Args)]
struct RotateArgs {
    #[command(flatten)]
    client: NameArgs,
    #[command(flatten)]
    secret: SecretArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeArg {
    /// Look at everything
    Read,
    /// Look at everything, change it, evaluate and export
    Write,
    /// The same, and make clients
    #[value(alias = "*")]
    All,
}

impl ScopeArg {
    fn scope(self) -> AccessScope {
        match self {
            ScopeArg::Read => AccessScope::Read,
            ScopeArg::Write => AccessScope::Write,
            ScopeArg::All => AccessScope::All,
        }
    }
}

/// Runs `outflow clients`.
pub fn run(args: &ClientsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        ClientsCommand::Create(args) => create(client, args).await,
        ClientsCommand::List => list(client).await,
        ClientsCommand::Show(args) => {
            let shown = client.one(&CLIENTS, &args.client).await?;
            let lines = properties(&[
                ("id", id(&shown).to_owned()),
                ("name", name(&shown).to_owned()),
                ("scopes", words(&shown["scopes"])),
                ("sandboxes", words(&shown["sandboxes"])),
                ("created", time(&shown["createdAt"])),
            ]);
            Ok(Answer::new(shown, lines))
        }
        ClientsCommand::RotateSecret(args) => {
            args.secret.prepare()?;
            let given = client.post(CLIENTS.id(&args.client.client).then("secret"), None).await?;
            args.secret.hand_over(&given, &format!("{} has a new secret", args.client.client))
        }
        ClientsCommand::Delete(args) => {
            client.delete(CLIENTS.id(&args.client)).await?;
            let told = json!({"id": args.client, "deleted": true});
            Ok(Answer::line(told, format!("{} is deleted, and its tokens are not valid any more", args.client)))
        }
    })
}

async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let mut sandboxes: Vec<&str> = args.sandboxes.iter().map(String::as_str).collect();
    if sandboxes.is_empty() {
        sandboxes.push(client.sandbox());
    }
    let mut body = json!({"id": args.client, "scopes": [args.scope.scope().name()], "sandboxes": sandboxes});
    if let Some(name) = &args.name {
        body["name"] = name.as_str().into();
    }
    args.secret.prepare()?;
    let made = client.post(at(CLIENTS.path), Some(&body)).await?;
    args.secret.hand_over(&made, &format!("{} is created", args.client))
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let clients = client.list(&CLIENTS, &[]).await?;
    let mut table = Table::new(&["ID", "NAME", "SCOPES", "SANDBOXES", "CREATED"]);
    for client in &clients {
        table.row([
            id(client).to_owned(),
            name(client).to_owned(),
            words(&client["scopes"]),
            words(&client["sandboxes"]),
            time(&client["createdAt"]),
        ]);
    }
    let lines = table.lines();
    Ok(Answer::list(clients, lines))
}

/// Texts of a list in one line.
fn words(list: &Value) -> String {
    list.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ")
}

impl SecretArgs {
    /// Sees that the secret has a place, before there is one: it is answered once.
    fn prepare(&self) -> Result<(), Fault> {
        self.secret_file.as_deref().map_or(Ok(()), make_private)
    }

    /// Puts the secret of an answer where it goes.
    fn hand_over(&self, answer: &Value, done: &str) -> Result<Answer, Fault> {
        let secret = answer["secret"].as_str().ok_or_else(|| unexpected("a secret"))?;
        match &self.secret_file {
            None => {
                let lines = vec![format!("{done}; the secret, which is shown this once:"), secret.to_owned()];
                Ok(Answer::new(answer.clone(), lines))
            }
            Some(file) => {
                write(file, secret)
                    .map_err(|fault| fault.hint("give it another one: outflow clients rotate-secret"))?;
                let file = file.display().to_string();
                Ok(Answer::line(json!({"id": id(answer), "file": file}), format!("{done}; the secret is in {file}")))
            }
        }
    }
}

fn write(file: &Path, secret: &str) -> Result<(), Fault> {
    write_secret(file, &format!("{secret}\n"))
}
