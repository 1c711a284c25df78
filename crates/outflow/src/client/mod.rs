//! Client of a server's HTTP API: what every command but the one-shot ones goes through.

pub mod core_policies;
pub mod nouns;
mod passing;
pub mod probe;
pub mod problem;
pub mod raw;
pub mod references;
pub mod violation;
pub mod wait;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use outflow_model::{Fault, FaultClass};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, IF_MATCH};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::environment::variable;
use nouns::Noun;

/// Where a server listens unless told otherwise.
pub const SERVER_DEFAULT: &str = "http://127.0.0.1:8787";

/// A server that needs longer to accept a connection is not there.
const CONNECT_SECS_MAX: u64 = 10;

/// The longest answer is that to a new account, whose probe has its own limit at the server.
const ANSWER_SECS_MAX: u64 = 180;

/// Objects asked for at once, the most that the API gives.
const PAGE_ITEMS: &str = "100";

/// Pages followed at most; a list that goes on after them goes in circles.
const PAGES_MAX: usize = 10_000;

/// Which server, and who asks.
#[derive(Args, Clone, Default)]
pub struct ServerArgs {
    /// URL of the server [default: OUTFLOW_SERVER, else http://127.0.0.1:8787]
    #[arg(long, value_name = "URL", global = true, help_heading = "Server")]
    pub server: Option<String>,
    /// Token, as `outflow token` prints it [default: OUTFLOW_TOKEN, which other users of this machine do not see]
    #[arg(long, value_name = "TOKEN", global = true, help_heading = "Server", hide_env_values = true)]
    pub token: Option<String>,
    /// Sandbox [default: OUTFLOW_SANDBOX, else prod]
    #[arg(long, value_name = "NAME", global = true, help_heading = "Server")]
    pub sandbox: Option<String>,
    /// PEM file with the root certificate of a server that a public authority does not vouch for [default: OUTFLOW_CA_FILE]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Server")]
    pub ca_file: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long, global = true)]
    pub json: bool,
}

/// A server, as somebody with a token sees it.
pub struct Client {
    http: reqwest::Client,
    server: Url,
    token: SecretString,
    sandbox: String,
}

/// What is asked of the API: a path of plain words, ids that are encoded, and a query.
#[derive(Clone, Debug)]
pub struct At {
    path: &'static str,
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

/// The place at `path`.
pub fn at(path: &'static str) -> At {
    At { path, segments: Vec::new(), query: Vec::new() }
}

impl At {
    /// One segment further.
    #[must_use]
    pub fn then(mut self, segment: &str) -> At {
        self.segments.push(segment.to_owned());
        self
    }

    /// With a parameter of the query.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> At {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    fn url(&self, server: &Url) -> Url {
        let mut url = server.clone();
        url.set_path(&format!("{}{}", server.path().trim_end_matches('/'), self.path));
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(&self.segments);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

impl Client {
    /// A client of the server that `args` and the environment name.
    ///
    /// # Errors
    /// `Input` when the URL is none or the root certificate cannot be read; `Credentials` without a token.
    pub fn new(args: &ServerArgs) -> Result<Client, Fault> {
        let token = args.token.clone().or_else(|| variable("OUTFLOW_TOKEN")).ok_or_else(|| {
            Fault::new(FaultClass::Credentials, "no token was given")
                .tried("--token and OUTFLOW_TOKEN")
                .hint("export OUTFLOW_TOKEN=$(outflow token --data-dir DIR), with the server's data folder")
        })?;
        let server = args.server.clone().or_else(|| variable("OUTFLOW_SERVER"));
        let server = server_url(server.as_deref().unwrap_or(SERVER_DEFAULT))?;
        let sandbox = args.sandbox.clone().or_else(|| variable("OUTFLOW_SANDBOX")).unwrap_or_else(|| "prod".into());
        Ok(Client { http: http_client(args.ca_file.clone())?, server, token: token.into(), sandbox })
    }

    /// The sandbox that everything is about.
    pub fn sandbox(&self) -> &str {
        &self.sandbox
    }

    /// Gets an object.
    ///
    /// # Errors
    /// What the server answers, or that it does not.
    pub async fn get(&self, at: At) -> Result<Value, Fault> {
        self.send(Method::GET, &at, None, None).await
    }

    /// Posts a body, or nothing.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, at: At, body: Option<&Value>) -> Result<Value, Fault> {
        self.send(Method::POST, &at, body, None).await
    }

    /// Changes an object by JSON Patch, if it is still the one with this etag.
    ///
    /// # Errors
    /// As [`Client::get`]; a change that came between is `Refused`.
    pub async fn patch(&self, at: At, etag: &str, patch: &Value) -> Result<Value, Fault> {
        self.send(Method::PATCH, &at, Some(patch), Some(etag)).await
    }

    /// Puts an object, if it is still the one with this etag; without one, whatever it is now.
    ///
    /// # Errors
    /// As [`Client::patch`].
    pub async fn put(&self, at: At, etag: Option<&str>, body: &Value) -> Result<Value, Fault> {
        self.send(Method::PUT, &at, Some(body), etag).await
    }

    /// Removes an object.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete(&self, at: At) -> Result<(), Fault> {
        self.send(Method::DELETE, &at, None, None).await.map(drop)
    }

    /// Every object of a kind that the query lets through.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn list(&self, noun: &Noun, query: &[(&str, &str)]) -> Result<Vec<Value>, Fault> {
        let mut items = Vec::new();
        let mut next: Option<(String, String)> = None;
        for _ in 0..PAGES_MAX {
            let mut place = query.iter().fold(at(noun.path), |place, (name, value)| place.with(name, value));
            place = place.with("limit", PAGE_ITEMS);
            if let Some((name, value)) = &next {
                place = place.with(name, value);
            }
            let mut answer = self.get(place).await?;
            let Some(Value::Array(found)) = answer.get_mut(noun.list_member).map(Value::take) else {
                return Err(unexpected(&format!("a list of {}", noun.many)));
            };
            items.extend(found);
            // A page may be empty and have a next one: its filter let nothing through so far.
            next = next_page(&answer);
            if next.is_none() {
                return Ok(items);
            }
        }
        Err(unexpected(&format!("an end of the list of {}", noun.many)))
    }

    async fn send(&self, method: Method, at: &At, body: Option<&Value>, etag: Option<&str>) -> Result<Value, Fault> {
        let (mut request, tried) = self.request(method, at)?;
        request = request.header(ACCEPT, "application/json, application/problem+json");
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        answer(request, &tried).await
    }

    /// A request by who asks, and what it tries in words.
    fn request(&self, method: Method, at: &At) -> Result<(reqwest::RequestBuilder, String), Fault> {
        let url = at.url(&self.server);
        let tried = format!("{method} {url}");
        let bearer = HeaderValue::from_str(&format!("Bearer {}", self.token.expose_secret())).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let bearer = bearer.map_err(|_| {
            Fault::new(FaultClass::Credentials, "the token has a character that no token has").tried("--token")
        })?;
        let request = self.http.request(method, url).header(AUTHORIZATION, bearer);
        Ok((request.header("x-sandbox-name", self.sandbox.as_str()), tried))
    }
}

/// An HTTP client that trusts the system's roots, and the one in `ca_file`.
///
/// # Errors
/// `Input` when the file cannot be read.
pub fn http_client(ca_file: Option<PathBuf>) -> Result<reqwest::Client, Fault> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("outflow/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(CONNECT_SECS_MAX))
        .timeout(Duration::from_secs(ANSWER_SECS_MAX));
    if let Some(file) = ca_file.or_else(|| variable("OUTFLOW_CA_FILE").map(PathBuf::from)) {
        let text = crate::settings::read(&file)?;
        let root = reqwest::Certificate::from_pem_bundle(text.as_bytes()).map_err(|e| {
            Fault::input(format!("{} holds no certificate in PEM form", file.display())).tried("--ca-file").because(e)
        })?;
        builder = builder.tls_certs_merge(root);
    }
    builder.build().map_err(|e| Fault::internal("the HTTP client cannot be set up").because(e))
}

/// A server's URL.
///
/// # Errors
/// `Input` when it is none, or holds a password.
pub fn server_url(text: &str) -> Result<Url, Fault> {
    let wrong = |message: &str| {
        Fault::input(message).tried("--server and OUTFLOW_SERVER").hint(format!("for example {SERVER_DEFAULT}"))
    };
    let url = Url::parse(text).map_err(|e| wrong("the server's URL is none").because(e))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("the server's URL begins with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the server's URL must not hold a user or password"));
    }
    Ok(url)
}

/// Sends a request and reads the answer: JSON, or a fault.
///
/// # Errors
/// What the server answers, or that it does not.
pub async fn answer(request: reqwest::RequestBuilder, tried: &str) -> Result<Value, Fault> {
    answered(request.send().await.map_err(|e| unreachable(e, tried))?, tried).await
}

/// Reads an answer.
async fn answered(response: reqwest::Response, tried: &str) -> Result<Value, Fault> {
    let status = response.status();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = response.bytes().await.map_err(|e| unreachable(e, tried))?;
    if status.is_success() {
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(&bytes).map_err(|e| unexpected("JSON").tried(tried).because(e));
    }
    Err(problem::fault(status.as_u16(), &bytes, tried, retry_after.map(Duration::from_secs)))
}

fn unreachable(error: reqwest::Error, tried: &str) -> Fault {
    let message = if error.is_timeout() { "the server did not answer in time" } else { "the server cannot be reached" };
    Fault::new(FaultClass::Unavailable, message)
        .tried(tried)
        .hint("see that the server runs (outflow serve) and that --server is its URL")
        .because(error.without_url())
}

/// The server answered, but not `wanted`.
pub fn unexpected(wanted: &str) -> Fault {
    Fault::new(FaultClass::Config, format!("the server answered something else than {wanted}"))
        .hint("see that --server names an Outflow server, and that its release is this program's")
}

/// The parameter that leads to the next page: a token, or in some lists how many to leave out.
pub fn next_page(answer: &Value) -> Option<(String, String)> {
    let places = [("_links", "next"), ("link", "next"), ("_links", "page")];
    let href = places.iter().find_map(|(links, link)| answer[links][link]["href"].as_str())?;
    let (_, query) = href.split_once('?')?;
    let base = Url::parse("http://next/").ok()?;
    let url = base.join(&format!("?{query}")).ok()?;
    let mut pairs = url.query_pairs().into_owned();
    pairs.find(|(name, _)| name == "continuationToken" || name == "start")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_and_parameters_are_encoded() {
        let server = server_url("http://host:1/base/").unwrap();
        let place = at("/flows").then("a/b ?").then("action").with("property", "name==a&b");
        assert_eq!(place.url(&server).as_str(), "http://host:1/base/flows/a%2Fb%20%3F/action?property=name%3D%3Da%26b");
        assert_eq!(at("/flows").url(&server_url(SERVER_DEFAULT).unwrap()).as_str(), "http://127.0.0.1:8787/flows");
    }

    #[test]
    fn servers_are_urls_without_passwords() {
        for text in ["127.0.0.1:8787", "ftp://h", "http://u:p@h", "http://"] {
            let fault = server_url(text).unwrap_err();
            assert!(!fault.message.contains("u:p"), "{fault}");
        }
    }

    #[test]
    fn the_next_page_is_named_by_its_token_or_its_start() {
        let answer = json!({"_links": {"next": {"href": "/flows?continuationToken=a-b_1"}}});
        assert_eq!(next_page(&answer), Some(("continuationToken".into(), "a-b_1".into())));
        let answer = json!({"_links": {"next": {"href": "/config/schedules?start=100&limit=100"}}});
        assert_eq!(next_page(&answer), Some(("start".into(), "100".into())));
        let answer = json!({"link": {"next": {"href": "/segment/definitions?start=0.a-b_1&limit=100"}}});
        assert_eq!(next_page(&answer), Some(("start".into(), "0.a-b_1".into())));
        let answer =
            json!({"_links": {"page": {"href": "/labels/core?start=100&limit=100"}, "_page": {"href": "x{?y}"}}});
        assert_eq!(next_page(&answer), Some(("start".into(), "100".into())));
        assert_eq!(next_page(&json!({"_links": {}, "link": {}})), None);
        assert_eq!(next_page(&json!({"_links": {"next": {"href": ""}}})), None);
    }
}
