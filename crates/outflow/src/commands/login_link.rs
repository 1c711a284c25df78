//! `outflow login-link`.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat};
use clap::Args;
use outflow_model::Fault;
use outflow_store::ADMIN;
use serde_json::json;
use tokio::runtime::Runtime;

use super::served::{Answer, tell};
use super::token::{admin_secret, post_form, server, sign_in};
use crate::client::{Client, ServerArgs, at, http_client, unexpected};
use crate::environment::variable;
use crate::output;

const EXAMPLES: &str = "Examples:
  outflow login-link --data-dir /var/lib/outflow
  outflow login-link --data-dir /var/lib/outflow --server https://outflow.example.com

Whoever opens the link in a browser is signed in to the console as `admin`, once, within access.login_link_secs: give it
to nobody else. It is asked of the server with the secret that its first start left in the data folder.";

/// Options of `outflow login-link`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct LoginLinkArgs {
    /// Data folder of a server on this machine
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// URL of the server, with which the link begins [default: OUTFLOW_SERVER, else where the server on the data folder
    /// listens, and the link begins with server.public_url where that is set]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// PEM file with the root certificate of a server that a public authority does not vouch for [default: OUTFLOW_CA_FILE]
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs `outflow login-link`.
pub fn run(args: &LoginLinkArgs, runtime: &Runtime) -> ExitCode {
    output::keep_names();
    tell(runtime.block_on(attempt(args)), args.json)
}

async fn attempt(args: &LoginLinkArgs) -> Result<Answer, Fault> {
    let server = server(args.server.as_deref(), Some(&args.data_dir))?;
    let http = http_client(args.ca_file.clone())?;
    let signed_in = sign_in(&http, &server, ADMIN, &admin_secret(&args.data_dir)?, None).await?;
    let token = signed_in["access_token"].as_str().ok_or_else(|| unexpected("a token").tried("sign in as admin"))?;
    let client = Client::new(&ServerArgs {
        server: Some(server.clone()),
        token: Some(token.to_owned()),
        ca_file: args.ca_file.clone(),
        ..ServerArgs::default()
    })?;
    let made = client.post(at("/data/foundation/clients").then(ADMIN).then("login-link"), None).await;
    // It has done what it was for; one that stays all the same is over within a day.
    drop(post_form(&http, &server, "/ims/revoke", &[("token", token)]).await);
    let made = made?;
    let link = made["link"].as_str().ok_or_else(|| unexpected("a login link").tried("make a login link"))?;
    let is_named = args.server.is_some() || variable("OUTFLOW_SERVER").is_some();
    let url = match made["url"].as_str() {
        Some(url) if !is_named => url.to_owned(),
        _ => format!("{}{}", server.trim_end_matches('/'), outflow_api::login_path(link)),
    };
    let ends_at = made["expiresAt"].as_i64().and_then(DateTime::from_timestamp_millis);
    let before = ends_at.map(|end| format!(" before {}", end.to_rfc3339_opts(SecondsFormat::Secs, true)));
    let line = format!("Open this link once{}:\n{url}", before.unwrap_or_default());
    Ok(Answer::line(json!({"server": server, "url": url, "expiresAt": made["expiresAt"]}), line))
}
