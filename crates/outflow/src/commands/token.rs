//! `outflow token`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use outflow_model::Fault;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::served::{Answer, tell};
use crate::client::{SERVER_DEFAULT, answer, http_client, server_url, unexpected};
use crate::environment::variable;
use crate::output;
use crate::secrets::Source;
use crate::server::folder::{DataFolder, read_secret};

const EXAMPLES: &str = "Examples:
  export OUTFLOW_TOKEN=$(outflow token --data-dir /var/lib/outflow)
  OUTFLOW_CLIENT_SECRET=… outflow token --client-id reporting --client-secret env:OUTFLOW_CLIENT_SECRET \\
    --server https://outflow.example.com

With --data-dir it signs in as `admin`, with the secret that the server's first start left there, at the address where
the server on that folder listens. Treat what it prints like a password: it is good for a day.";

/// Options of `outflow token`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenArgs {
    /// Data folder of a server on this machine
    #[arg(long, value_name = "DIR", required_unless_present = "client_secret")]
    data_dir: Option<PathBuf>,
    /// URL of the server [default: OUTFLOW_SERVER, else where the server on the data folder listens]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Client to sign in as
    #[arg(long, value_name = "ID", default_value = "admin")]
    client_id: String,
    /// Where the client's secret is: env:VARIABLE, file:PATH or prompt [default: the data folder, for admin]
    #[arg(long, value_name = "SOURCE")]
    client_secret: Option<String>,
    /// What the token shall be good for, of what the client may do [default: everything]
    #[arg(long, value_name = "SCOPE,…")]
    scope: Option<String>,
    /// PEM file with the root certificate of a server that a public authority does not vouch for [default: OUTFLOW_CA_FILE]
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs `outflow token`.
pub fn run(args: &TokenArgs, runtime: &Runtime) -> ExitCode {
    output::keep_names();
    tell(runtime.block_on(attempt(args)), args.json)
}

async fn attempt(args: &TokenArgs) -> Result<Answer, Fault> {
    let server = server(args.server.as_deref(), args.data_dir.as_deref())?;
    let secret = secret(args)?;
    let http = http_client(args.ca_file.clone())?;
    let answer = sign_in(&http, &server, &args.client_id, &secret, args.scope.as_deref()).await?;
    let token = answer["access_token"].as_str().ok_or_else(|| unexpected("a token").tried("get a token"))?;
    let told = json!({"server": server, "token": token, "expiresInSecs": expires_in(&answer)});
    Ok(Answer::line(told, token))
}

/// What the server answers to a client that asks for a token.
///
/// # Errors
/// What the server answers, or that it does not.
pub(super) async fn sign_in(
    http: &reqwest::Client,
    server: &str,
    client_id: &str,
    secret: &SecretString,
    scope: Option<&str>,
) -> Result<Value, Fault> {
    let mut form =
        vec![("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret.expose_secret())];
    form.extend(scope.map(|scope| ("scope", scope)));
    post_form(http, server, "/ims/token/v3", &form).await
}

/// What the server answers to a form.
///
/// # Errors
/// What the server answers, or that it does not.
pub(super) async fn post_form(
    http: &reqwest::Client,
    server: &str,
    path: &str,
    form: &[(&str, &str)],
) -> Result<Value, Fault> {
    let url = server_url(server)?;
    let url = url.join(&format!("{}{path}", url.path().trim_end_matches('/')));
    let url = url.map_err(|e| Fault::internal("the path of tokens is none").because(e))?;
    let tried = format!("POST {url}");
    let request = http
        .post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(form_encoded(form));
    answer(request, &tried).await
}

/// Adobe's answer once had milliseconds here; seconds are what the API promises.
fn expires_in(answer: &Value) -> Option<u64> {
    answer["expires_in"].as_u64()
}

fn form_encoded(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The server that is asked: the one that is named, else the one on the data folder.
///
/// # Errors
/// `Input` when the data folder may not be looked into.
pub(super) fn server(named: Option<&str>, data_dir: Option<&Path>) -> Result<String, Fault> {
    if let Some(server) = named.map(str::to_owned).or_else(|| variable("OUTFLOW_SERVER")) {
        return Ok(server);
    }
    let Some(path) = data_dir else { return Ok(SERVER_DEFAULT.to_owned()) };
    let file = DataFolder::at(path).server_url();
    match std::fs::read_to_string(&file) {
        Ok(url) => Ok(url.trim().to_owned()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(SERVER_DEFAULT.to_owned()),
        Err(e) => Err(Fault::input(format!("cannot read {}", file.display()))
            .tried(format!("open {}", file.display()))
            .hint("run it as the user that runs the server")
            .because(e)),
    }
}

fn secret(args: &TokenArgs) -> Result<SecretString, Fault> {
    match (&args.client_secret, &args.data_dir) {
        (Some(source), _) => {
            // Not by the parser of arguments, which would repeat what may be the secret itself.
            let source = Source::parse(source).map_err(|problem| Fault::input(problem).tried("--client-secret"))?;
            source.read("client secret", Path::new("."))
        }
        (None, Some(path)) => admin_secret(path),
        (None, None) => Err(Fault::input("no secret was given").tried("--client-secret and --data-dir")),
    }
}

/// The secret that the server's first start left in its data folder.
///
/// # Errors
/// `Input` when it cannot be read.
pub(super) fn admin_secret(data_dir: &Path) -> Result<SecretString, Fault> {
    read_secret(&DataFolder::at(data_dir).admin_secret()).map_err(|fault| {
        fault.hint(
            "the first start of `outflow serve` on this folder writes it; run this as the user that runs the server",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form_encoded(&[("a", "x y"), ("b", "&=é")]), "a=x+y&b=%26%3D%C3%A9");
    }
}
