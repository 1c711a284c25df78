//! `outflow accounts`.

use std::path::Path;
use std::process::ExitCode;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::{Args, Subcommand};
use outflow_export::openpgp::IS_BUILT_IN;
use outflow_model::Fault;
use outflow_model::encryption::{ALGORITHM, SPEC_NAME};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::catalog::{is_secret, kind};
use super::export::read_key;
use super::served::{Answer, ask};
use crate::client::nouns::{ACCOUNTS, DESTINATIONS, etag, id, name};
use crate::client::{Client, ServerArgs, at, probe};
use crate::near::suggestion;
use crate::secrets::Source;
use crate::table::{Table, properties, text, time};

const EXAMPLES: &str = "Examples:
  AWS_SECRET=… outflow accounts create acme-s3 --kind s3 --param s3AccessKey=AKIA… --secret s3SecretKey=env:AWS_SECRET
  outflow accounts create partner --kind sftp --param domain=sftp.example.com --param username=acme \\
    --param hostKey='ssh-ed25519 AAAA…' --secret password=prompt
  outflow accounts create partner2 --kind sftp --param domain=sftp.example.com --param username=acme \\
    --param hostKey='ssh-ed25519 AAAA…' --secret sshKey=file:/etc/outflow/id_ed25519
  AWS_SECRET=… outflow accounts create acme-kinesis --kind kinesis --param region=eu-west-1 --param accessKeyId=AKIA… \\
    --secret secretKey=env:AWS_SECRET
  outflow accounts create acme-hubs --kind eventhubs --param namespace=acme --param sasKeyName=send --secret sasKey=prompt
  outflow accounts update acme-s3 --secret s3SecretKey=env:NEW_SECRET
  outflow accounts update partner --encrypt-to partner.asc
  outflow accounts test acme-s3

`outflow catalog show KIND` lists what an account takes. Credentials are tried before anything is saved.";

/// Options of `outflow accounts`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct AccountsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(subcommand)]
    command: AccountsCommand,
}

/// What to do with accounts.
#[derive(Subcommand)]
enum AccountsCommand {
    /// Create an account, once its credentials are proved
    #[command(after_help = "Examples:
  AWS_SECRET=… outflow accounts create acme-s3 --kind s3 --param s3AccessKey=AKIA… --secret s3SecretKey=env:AWS_SECRET
  AWS_SECRET=… outflow accounts create acme-kinesis --kind kinesis --param region=eu-west-1 --param accessKeyId=AKIA… \\
    --secret secretKey=env:AWS_SECRET
  outflow accounts create acme-hubs --kind eventhubs --param namespace=acme --param sasKeyName=send --secret sasKey=prompt
  outflow accounts create local-hubs --kind eventhubs --param namespace=practice --param sasKeyName=send-only \\
    --param endpointUrl=amqp://127.0.0.1:5672 --secret sasKey=prompt")]
    Create(CreateArgs),
    /// List accounts
    #[command(after_help = "Examples:
  outflow accounts list
  outflow accounts list --json")]
    List,
    /// Show an account, without its secrets
    #[command(after_help = "Examples:\n  outflow accounts show acme-s3")]
    Show(NameArgs),
    /// Change an account, once its credentials are proved
    #[command(after_help = "Examples:
  outflow accounts update acme-s3 --secret s3SecretKey=env:NEW_SECRET
  outflow accounts update partner --encrypt-to partner.asc")]
    Update(UpdateArgs),
    /// Try the stored credentials
    #[command(after_help = "Examples:\n  outflow accounts test acme-s3")]
    Test(NameArgs),
    /// Delete an account that no flow uses
    #[command(after_help = "Examples:\n  outflow accounts delete acme-s3")]
    Delete(NameArgs),
}

/// An account.
#[derive(Args)]
struct NameArgs {
    /// Name or id of the account
    #[arg(value_name = "ACCOUNT")]
    account: String,
}

/// Members of an account.
#[derive(Args)]
struct MembersArgs {
    /// A member that is not secret
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = assignment)]
    params: Vec<(String, String)>,
    /// A secret member, and where it is: env:VARIABLE, file:PATH or prompt
    #[arg(long = "secret", value_name = "NAME=SOURCE")]
    secrets: Vec<String>,
    /// File with an OpenPGP public key, which files to this account's destinations are encrypted with
    #[arg(long, value_name = "FILE")]
    encrypt_to: Option<std::path::PathBuf>,
    /// What it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Options of `create`.
#[derive(Args)]
struct CreateArgs {
    /// Name of the account
    name: String,
    /// Kind of destination: s3, sftp, …
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// Way to sign in, as `outflow catalog show` names it [default: the one whose members are given]
    #[arg(long, value_name = "NAME")]
    auth: Option<String>,
    #[command(flatten)]
    members: MembersArgs,
}

/// Options of `update`.
#[derive(Args)]
struct UpdateArgs {
    #[command(flatten)]
    account: NameArgs,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    members: MembersArgs,
    /// Take the OpenPGP key out: files are delivered in clear again
    #[arg(long, conflicts_with = "encrypt_to")]
    no_encryption: bool,
}

fn assignment(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        // What is wrong may be a secret.
        _ => Err("a member is NAME=VALUE".into()),
    }
}

/// The member and the source of its secret. Read here and not by the parser of arguments, which would repeat what may be
/// the secret itself.
fn secret(given: &str) -> Result<(&str, Source), Fault> {
    let wrong =
        |message: String| Fault::input(message).tried("--secret").hint("for example --secret password=env:VARIABLE");
    let (name, source) = given.split_once('=').ok_or_else(|| wrong("a secret member is NAME=SOURCE".into()))?;
    Ok((name, Source::parse(source).map_err(|problem| wrong(format!("{name}: {problem}")))?))
}

/// Runs `outflow accounts`.
pub fn run(args: &AccountsArgs, runtime: &Runtime) -> ExitCode {
    ask(&args.server, runtime, async |client| match &args.command {
        AccountsCommand::Create(args) => create(client, args).await,
        AccountsCommand::List => list(client).await,
        AccountsCommand::Show(args) => {
            let account = client.find(&ACCOUNTS, &args.account).await?;
            let lines = shown(&account);
            Ok(Answer::new(account, lines))
        }
        AccountsCommand::Update(args) => update(client, args).await,
        AccountsCommand::Test(args) => {
            let account = client.find(&ACCOUNTS, &args.account).await?;
            let tested = client.probed(Method::GET, ACCOUNTS.id(id(&account)).then("test"), None, "").await?;
            let mut lines = probe::lines(&tested);
            lines.push(format!("the credentials of {} work", name(&account)));
            Ok(Answer::new(tested, lines))
        }
        AccountsCommand::Delete(args) => {
            let account = client.find(&ACCOUNTS, &args.account).await?;
            client.delete(ACCOUNTS.id(id(&account))).await?;
            Ok(Answer::line(json!({"id": id(&account), "deleted": true}), format!("{} is deleted", name(&account))))
        }
    })
}

async fn create(client: &Client, args: &CreateArgs) -> Result<Answer, Fault> {
    let spec = client.spec(&args.kind).await?;
    let given: Vec<&str> = args.members.names().collect();
    let auth = client.auth_spec(&spec, args.auth.as_deref(), &given)?;
    let params = args.members.read(&auth["spec"])?;
    let mut body = json!({
        "name": args.name,
        "connectionSpec": {"id": id(&spec), "version": text(&spec["version"])},
        "auth": {"specName": name(auth), "params": params},
    });
    if let Some(description) = &args.members.description {
        body["description"] = description.as_str().into();
    }
    if let Some(file) = &args.members.encrypt_to {
        body["encryption"] = encryption(file)?;
    }
    let made = client.probed(Method::POST, at(ACCOUNTS.path), Some(&body), "").await?;
    let mut lines = probe::lines(&made);
    lines.extend(encrypted_to(&made["encryptionKey"]));
    lines.push(format!("{} is created as {}", args.name, id(&made)));
    Ok(Answer::new(made, lines))
}

/// An OpenPGP key as the API takes it. A build that reads keys looks at it first, so that a private one stays here.
fn encryption(file: &Path) -> Result<Value, Fault> {
    if IS_BUILT_IN {
        read_key(file)?;
    }
    let given = std::fs::read(file).map_err(|e| Fault::input(format!("cannot read {}", file.display())).because(e))?;
    let key = String::from_utf8(given).unwrap_or_else(|binary| BASE64_STANDARD.encode(binary.as_bytes()));
    Ok(json!({"specName": SPEC_NAME, "params": {"encryptionAlgo": ALGORITHM, "publicKey": key}}))
}

/// What an account's key is, where it has one.
fn encrypted_to(key: &Value) -> Option<String> {
    let fingerprint = key["fingerprint"].as_str()?;
    let whose = key["userId"].as_str().map_or(String::new(), |user| format!(" of {user}"));
    let until = key["expiresAt"].as_str().map_or("never expires".to_owned(), |at| format!("expires at {at}"));
    Some(format!("files are encrypted to {fingerprint}{whose} ({}; {until})", text(&key["algorithm"])))
}

async fn update(client: &Client, args: &UpdateArgs) -> Result<Answer, Fault> {
    let account = client.find(&ACCOUNTS, &args.account.account).await?;
    let spec = client.spec(&text(&account["connectionSpec"]["id"])).await?;
    let given: Vec<&str> = args.members.names().collect();
    let auth = client.auth_spec(&spec, account["auth"]["specName"].as_str(), &given)?;
    let mut patch = Vec::new();
    // "add" replaces what is there, and makes what is not.
    let mut add = |path: String, value: Value| patch.push(json!({"op": "add", "path": path, "value": value}));
    for (member, given) in [("name", &args.name), ("description", &args.members.description)] {
        if let Some(given) = given {
            add(format!("/{member}"), given.as_str().into());
        }
    }
    for (member, value) in args.members.read(&auth["spec"])? {
        add(format!("/auth/params/{member}"), value);
    }
    if let Some(file) = &args.members.encrypt_to {
        add("/encryption".into(), encryption(file)?);
    }
    if args.no_encryption && !account["encryption"].is_null() {
        patch.push(json!({"op": "remove", "path": "/encryption"}));
    }
    if patch.is_empty() {
        return Err(Fault::input("nothing was given to change")
            .hint("give --name, --param, --secret, --encrypt-to or --no-encryption"));
    }
    let changed = client.probed(Method::PATCH, ACCOUNTS.id(id(&account)), Some(&patch.into()), etag(&account)).await?;
    let mut lines = probe::lines(&changed);
    lines.extend(encrypted_to(&changed["encryptionKey"]));
    lines.push(format!("{} is changed", name(&account)));
    Ok(Answer::new(changed, lines))
}

impl MembersArgs {
    fn names(&self) -> impl Iterator<Item = &str> {
        let params = self.params.iter().map(|(name, _)| name.as_str());
        params.chain(self.secrets.iter().filter_map(|given| given.split_once('=')).map(|(name, _)| name))
    }

    /// The members as `schema` types them, secrets read.
    fn read(&self, schema: &Value) -> Result<Map<String, Value>, Fault> {
        let mut members = Map::new();
        for (name, value) in &self.params {
            let spec = member(schema, name)?;
            if is_secret(spec) {
                return Err(Fault::input(format!(
                    "{name} is secret, and every user of this machine can read arguments"
                ))
                .tried("--param")
                .hint(format!("give it as --secret {name}=env:VARIABLE, file:PATH or prompt; and change this one")));
            }
            members.insert(name.clone(), typed(spec, name, value)?);
        }
        for given in &self.secrets {
            let (name, source) = secret(given)?;
            member(schema, name)?;
            let secret = source.read(name, Path::new("."))?;
            members.insert(name.to_owned(), secret.expose_secret().into());
        }
        Ok(members)
    }
}

fn member<'a>(schema: &'a Value, name: &str) -> Result<&'a Value, Fault> {
    let members = schema["properties"].as_object();
    members.and_then(|members| members.get(name)).ok_or_else(|| {
        let known: Vec<&str> = members.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let near = suggestion(name, known.iter().copied());
        Fault::input(format!("there is no member {name}{near}")).hint(format!("there are {}", known.join(", ")))
    })
}

/// A member's text as its type wants it.
pub(super) fn typed(schema: &Value, name: &str, text: &str) -> Result<Value, Fault> {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let wrong = |what: &str| Fault::input(format!("{name} is {what}")).tried("--param");
    if types.contains(&"boolean") {
        return text.parse::<bool>().map(Value::from).map_err(|_| wrong("true or false"));
    }
    if types.contains(&"integer") {
        return text.parse::<i64>().map(Value::from).map_err(|_| wrong("a whole number"));
    }
    Ok(text.into())
}

async fn list(client: &Client) -> Result<Answer, Fault> {
    let (accounts, destinations) = (client.list(&ACCOUNTS, &[]).await?, client.list(&DESTINATIONS, &[]).await?);
    let specs = client.list(&crate::client::nouns::CONNECTION_SPECS, &[]).await?;
    let mut table = Table::new(&["NAME", "KIND", "SIGNS IN WITH", "DESTINATIONS", "CREATED", "ID"]);
    for account in &accounts {
        let spec = specs.iter().find(|spec| id(spec) == text(&account["connectionSpec"]["id"]));
        let used = destinations.iter().filter(|target| target["baseConnectionId"] == account["id"]).count();
        table.row([
            name(account).to_owned(),
            spec.map_or_else(|| text(&account["connectionSpec"]["id"]), |spec| kind(spec).to_owned()),
            text(&account["auth"]["specName"]),
            used.to_string(),
            time(&account["createdAt"]),
            id(account).to_owned(),
        ]);
    }
    let lines = table.lines_or("no accounts; `outflow accounts create` creates one");
    Ok(Answer::list(accounts, lines))
}

fn shown(account: &Value) -> Vec<String> {
    let mut lines = properties(&[
        ("name", name(account).to_owned()),
        ("id", id(account).to_owned()),
        ("description", text(&account["description"])),
        ("signs in with", text(&account["auth"]["specName"])),
        ("created", time(&account["createdAt"])),
        ("changed", time(&account["updatedAt"])),
    ]);
    let params = account["auth"]["params"].as_object().into_iter().flatten();
    lines.extend(params.map(|(member, value)| format!("  {member}: {}", text(value))));
    lines.extend(encrypted_to(&account["encryption"]["key"]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(params: &[(&str, &str)]) -> MembersArgs {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        MembersArgs { params, secrets: Vec::new(), encrypt_to: None, description: None }
    }

    #[test]
    fn a_key_is_told_by_fingerprint_owner_and_date() {
        let key = json!({"fingerprint": "AB12", "userId": "Acme", "algorithm": "RSA 3072", "expiresAt": null});
        let told = encrypted_to(&key).unwrap();
        assert_eq!(told, "files are encrypted to AB12 of Acme (RSA 3072; never expires)");
        assert_eq!(encrypted_to(&Value::Null), None);
    }

    #[test]
    fn secrets_are_not_taken_from_arguments() {
        let schema = json!({"properties": {"password": {"type": ["string", "null"], "format": "password"},
            "port": {"type": "integer"}, "pathStyle": {"type": ["boolean", "null"]}, "domain": {"type": "string"}}});
        let fault = members(&[("password", "hush-hush")]).read(&schema).unwrap_err();
        assert!(!format!("{fault:?}").contains("hush-hush"), "{fault:?}");
        let read = members(&[("port", "22"), ("pathStyle", "true"), ("domain", "22")]).read(&schema).unwrap();
        assert_eq!(Value::Object(read), json!({"port": 22, "pathStyle": true, "domain": "22"}));
        assert!(members(&[("prot", "22")]).read(&schema).unwrap_err().message.contains("did you mean port?"));
        assert!(members(&[("port", "x")]).read(&schema).is_err());
        for given in ["password=hush-hush", "hush-hush"] {
            let fault = MembersArgs { secrets: vec![given.into()], ..members(&[]) }.read(&schema).unwrap_err();
            assert!(!format!("{fault:?}").contains("hush-hush"), "{fault:?}");
        }
    }
}
