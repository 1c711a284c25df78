//! A small signed HTTP client for the service's JSON interface.

use std::sync::Arc;

use aws_credential_types::Credentials;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use outflow_connector_kit::{Clock, Fault, RetryPolicy, SessionContext};
use serde::de::DeserializeOwned;

use super::address::Address;
use super::config::{Account, Target};
use super::errors::{Action, Failure, Reply, stalled, unanswered, unreadable};
use crate::aws::credentials::{Keys, Role, TokenService};
use crate::aws::payload::{Payload, Progress};
use crate::aws::sign::{Draft, PayloadHash, Service, sign_headers};
use crate::aws::sts::{self, Assumed};
use crate::aws::transport::{IDLE_MAX, Jitter, http_client};

/// No answer is longer, in bytes: a page of ten thousand shards stays below it.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// What an error's body is read up to, in bytes.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// Signs, sends and classes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    address: Arc<Address>,
    keys: Arc<Keys>,
    clock: Clock,
    retry: RetryPolicy,
    jitter: Arc<Jitter>,
}

impl Client {
    pub(super) fn new(account: &Account, target: Option<&Target>, context: &SessionContext) -> Result<Client, Fault> {
        Ok(Client {
            http: http_client()?,
            address: Arc::new(Address::new(account, target)?),
            keys: Arc::new(Keys::new(&account.login().key_pair()?, &context.attempt)),
            clock: Arc::clone(&context.clock),
            retry: context.retry,
            jitter: Arc::new(Jitter::new(context.seed)),
        })
    }

    /// The same without a second try, for questions that somebody waits behind.
    pub(super) fn hasty(&self) -> Client {
        Client { retry: RetryPolicy::none(), ..self.clone() }
    }

    /// Where requests go.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Makes sure that there are credentials: assumes the role where there is one.
    pub(super) async fn sign_in(&self) -> Result<(), Failure> {
        self.keys.current(self).await.map(|_| ())
    }

    /// Whether anybody answers, whatever is said. Answers what the server calls itself.
    pub(super) async fn reach(&self) -> Result<String, Failure> {
        let attempt = || async {
            let (credentials, body) = (self.keys.base(), Bytes::from_static(b"{\"Limit\":1}"));
            match self.attempt(Action::ListStreams, body, &credentials).await {
                Ok((headers, _)) => {
                    Ok(headers.get("server").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned())
                }
                Err(failure) if failure.status != 0 => Ok(String::new()),
                Err(failure) => Err(failure),
            }
        };
        self.retrying(attempt).await
    }

    /// Sends a request of JSON as often as the session's policy says, and reads its answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, action: Action, body: String) -> Result<T, Failure> {
        let body = Bytes::from(body);
        let answer = self.retrying(|| self.once(action, body.clone())).await?;
        serde_json::from_slice(&answer).map_err(|_| unreadable(action, self.tried(action)))
    }

    /// Sends a request once. Where the service calls a role's credentials expired, it was not looked at, and goes again
    /// with new ones.
    pub(super) async fn once(&self, action: Action, body: Bytes) -> Result<Bytes, Failure> {
        let credentials = self.keys.current(self).await?;
        let failure = match self.attempt(action, body.clone(), &credentials).await {
            Err(failure) if failure.is_expired() => failure,
            done => return done.map(|(_, answer)| answer),
        };
        if !self.keys.forget(&credentials).await {
            return Err(failure);
        }
        let credentials = self.keys.current(self).await?;
        self.attempt(action, body, &credentials).await.map(|(_, answer)| answer)
    }

    async fn retrying<T, F, W>(&self, work: F) -> Result<T, Failure>
    where
        F: Fn() -> W,
        W: Future<Output = Result<T, Failure>>,
    {
        let mut tries = 1;
        loop {
            let failure = match work().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let Some(wait) = self.retry.wait(&failure.fault, tries, self.jitter.next()) else { return Err(failure) };
            tracing::debug!(tries, wait_ms = wait.as_millis(), what = %failure.fault.tried, why = %failure.fault, "again");
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }

    async fn attempt(
        &self,
        action: Action,
        body: Bytes,
        credentials: &Credentials,
    ) -> Result<(HeaderMap, Bytes), Failure> {
        let service = if action == Action::AssumeRole { Service::Sts } else { Service::Kinesis };
        let (url, headers) = match service {
            Service::Sts => (self.address.sts_url(), vec![("content-type", sts::FORM_TYPE.to_owned())]),
            _ => {
                let target = format!("Kinesis_20131202.{}", action.name());
                let kind = "application/x-amz-json-1.1".to_owned();
                (self.address.url(), vec![("content-type", kind), ("x-amz-target", target)])
            }
        };
        let payload = Payload::new(vec![body]);
        let draft = Draft {
            service,
            region: &self.address.region,
            now: (self.clock)(),
            method: "POST",
            url: &url,
            headers: &headers,
            payload: PayloadHash::Sha256(payload.sha256().await),
        };
        let signature = sign_headers(credentials, &draft).map_err(Failure::local)?;
        let progress = Progress::new();
        let mut request = self.http.post(&url).header(http::header::CONTENT_LENGTH, payload.length());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let request = request.body(payload.body(&progress));
        let endpoint = self.address.endpoint();
        let response = match progress.watch(IDLE_MAX, request.send()).await {
            None => return Err(stalled(endpoint, self.tried(action))),
            Some(Err(e)) => return Err(unanswered(e, endpoint, self.tried(action))),
            Some(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let body = self.read(action, response, &progress, ANSWER_BYTES_MAX).await?;
            return Ok((headers, body));
        }
        // What the service had to say may be lost with the connection; its status is known all the same.
        let body = self.read(action, response, &progress, ERROR_BYTES_MAX).await.unwrap_or_default();
        let reply = Reply {
            action,
            address: &self.address,
            role_arn: self.keys.role_arn(),
            status: status.as_u16(),
            headers: &headers,
            body: &body,
            now: (self.clock)(),
            tried: self.tried(action),
        };
        Err(reply.into_failure())
    }

    async fn read(
        &self,
        action: Action,
        mut response: reqwest::Response,
        progress: &Progress,
        bytes_max: usize,
    ) -> Result<Bytes, Failure> {
        let mut body = BytesMut::new();
        let endpoint = self.address.endpoint();
        loop {
            progress.note();
            let next = progress.watch(IDLE_MAX, response.chunk()).await;
            match next.ok_or_else(|| stalled(endpoint, self.tried(action)))? {
                Ok(Some(chunk)) if body.len() + chunk.len() <= bytes_max => body.extend_from_slice(&chunk),
                Ok(Some(_)) => return Err(unreadable(action, self.tried(action))),
                Ok(None) => return Ok(body.freeze()),
                Err(e) => {
                    let cut = unanswered(e, endpoint, self.tried(action));
                    return Err(Failure { unsure: true, ..cut });
                }
            }
        }
    }

    /// What was tried and where, for messages.
    pub(super) fn tried(&self, action: Action) -> String {
        match action {
            Action::AssumeRole => format!("AssumeRole {} at {}", self.keys.role_arn(), self.address.sts_url()),
            Action::ListStreams => format!("ListStreams at {}", self.address.endpoint()),
            _ => format!("{} on {} at {}", action.name(), self.address.place(), self.address.endpoint()),
        }
    }
}

impl TokenService for Client {
    type Failure = Failure;

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    async fn assume(&self, role: &Role) -> Result<Assumed, Failure> {
        let form = Bytes::from(sts::form(role));
        let base = self.keys.base();
        let attempt = || self.attempt(Action::AssumeRole, form.clone(), &base);
        let (_, answer) = self.retrying(attempt).await.map_err(|failure| Failure { unsure: false, ..failure })?;
        sts::read(&answer).map_err(|fault| Failure::local(fault.tried(self.tried(Action::AssumeRole))))
    }
}
