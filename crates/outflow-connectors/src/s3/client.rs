//! A small signed HTTP client: the one place that sends a request, classes the answer and tries again.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};
use outflow_connector_kit::{Clock, Fault, FaultClass, RetryPolicy, SessionContext};

use super::address::Address;
use super::config::{Account, Target};
use super::errors::{Action, Failure, Reply, stalled, transport};
use super::learned::Learned;
use crate::aws::credentials::{Keys, Role, TokenService};
use crate::aws::payload::{Payload, Progress};
use crate::aws::sign::{Draft, PayloadHash, Service, sign_headers};
use crate::aws::sts::{self, Assumed};
use crate::aws::transport::{IDLE_MAX, Jitter, http_client};

/// No buffered answer is longer, in bytes: a page of 1000 keys of 1024 bytes, percent-encoded, stays below it.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What of an error's body is read, in bytes.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// A request, complete but for its signature.
#[derive(Debug)]
pub(super) struct Call {
    pub service: Service,
    pub action: Action,
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub payload: Payload,
    /// SHA-256 of the payload, where it is known already.
    pub sha256: Option<[u8; 32]>,
    /// What it is about, for messages: `s3://bucket/key`.
    pub place: String,
}

impl Call {
    /// A request to S3 without headers or payload.
    pub(super) fn new(action: Action, method: Method, url: String, place: String) -> Call {
        Call {
            service: Service::S3,
            action,
            method,
            url,
            headers: Vec::new(),
            payload: Payload::default(),
            sha256: None,
            place,
        }
    }

    /// With one header more.
    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Call {
        self.headers.push((name, value.into()));
        self
    }

    /// With a payload.
    #[must_use]
    pub(super) fn payload(mut self, payload: Payload) -> Call {
        self.payload = payload;
        self
    }
}

/// A success.
#[derive(Debug)]
pub(super) struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether an earlier try of the same request may have been done already.
    pub after_unsure: bool,
}

impl Answer {
    /// A header's text, empty when it is lacking.
    pub(super) fn header(&self, name: &str) -> &str {
        header_text(&self.headers, name)
    }
}

/// A header's text, empty when it is lacking.
pub(super) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// The tries of one request so far. Whoever sends it again after a look at its answer goes on counting.
#[derive(Debug, Default)]
pub(super) struct Tries {
    made: u32,
    /// Whether one of them may have been done although it failed.
    unsure: bool,
}

/// Signs, sends, classes and tries again. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    pub address: Address,
    keys: Arc<Keys>,
    clock: Clock,
    retry: RetryPolicy,
    jitter: Arc<Jitter>,
    learned: Arc<Learned>,
}

impl Client {
    pub(super) fn new(account: &Account, target: &Target, context: &SessionContext) -> Result<Client, Fault> {
        Ok(Client {
            http: http_client()?,
            address: Address::new(account, target)?,
            keys: Arc::new(Keys::new(&account.login().key_pair()?, &context.attempt)),
            clock: Arc::clone(&context.clock),
            retry: context.retry,
            jitter: Arc::new(Jitter::new(context.seed)),
            learned: Arc::default(),
        })
    }

    /// The credentials that requests are signed with.
    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What the store turned out not to do.
    pub(super) fn learned(&self) -> &Learned {
        &self.learned
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Sends a request and reads its whole answer.
    pub(super) async fn call(&self, call: &Call) -> Result<Answer, Failure> {
        self.call_again(call, &mut Tries::default()).await
    }

    /// The same for a request that was sent before: its tries count on.
    pub(super) async fn call_again(&self, call: &Call, tries: &mut Tries) -> Result<Answer, Failure> {
        let work = |credentials| async move { self.whole(call, &credentials).await };
        let (headers, body) = self.signed(tries, work).await?;
        Ok(Answer { headers, body, after_unsure: tries.unsure })
    }

    /// The same with the account's own key pair, which is what a role is assumed with.
    pub(super) async fn call_as_base(&self, call: &Call) -> Result<Answer, Failure> {
        let (credentials, mut tries) = (self.keys.base(), Tries::default());
        let (headers, body) = self.retrying(&mut tries, || self.whole(call, &credentials)).await?;
        Ok(Answer { headers, body, after_unsure: tries.unsure })
    }

    /// Sends a request and leaves its answer's body to be read.
    pub(super) async fn open(&self, call: &Call) -> Result<reqwest::Response, Failure> {
        let work = |credentials| async move { self.attempt(call, &credentials).await };
        Ok(self.signed(&mut Tries::default(), work).await?.0)
    }

    /// Does `work` with the credentials of the moment, and once more with new ones where the store calls a role's
    /// expired. Getting them is tried again in there, so it stands outside of what is tried again here.
    async fn signed<T, F, W>(&self, tries: &mut Tries, work: F) -> Result<T, Failure>
    where
        F: Fn(Credentials) -> W,
        W: Future<Output = Result<T, Failure>>,
    {
        let credentials = self.keys.current(self).await?;
        let failure = match self.retrying(tries, || work(credentials.clone())).await {
            Err(failure) if failure.is_expired() => failure,
            done => return done,
        };
        if !self.keys.forget(&credentials).await {
            return Err(failure);
        }
        let renewed = self.keys.current(self).await;
        let credentials = renewed.map_err(|failure| Failure { unsure: failure.unsure | tries.unsure, ..failure })?;
        self.retrying(tries, || work(credentials.clone())).await
    }

    async fn whole(&self, call: &Call, credentials: &Credentials) -> Result<(HeaderMap, Bytes), Failure> {
        let (response, progress) = self.attempt(call, credentials).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.read_answer(call, response, &progress, ANSWER_BYTES_MAX).await;
        let body = body.map_err(|failure| Failure { unsure: true, ..failure })?;
        // CompleteMultipartUpload begins its answer before it knows the outcome: an error may come with status 200.
        if is_error(&body) {
            let mut failure = self.reply(call, status, &headers, Some(&body)).into_failure();
            failure.unsure = true;
            return Err(failure);
        }
        Ok((headers, body))
    }

    /// Whether anybody answers at the bucket's URL, whatever is said. Answers what the server calls itself.
    pub(super) async fn reach(&self) -> Result<String, Failure> {
        let url = self.address.bucket_url(&[]);
        let call = Call::new(Action::LocateBucket, Method::HEAD, url, self.address.place(""));
        let credentials = self.keys.base();
        let attempt = || async {
            match self.attempt(&call, &credentials).await {
                Ok((response, _)) => Ok(header_text(response.headers(), "server").to_owned()),
                Err(failure) if failure.status != 0 => Ok(String::new()),
                Err(failure) => Err(failure),
            }
        };
        self.retrying(&mut Tries::default(), attempt).await
    }

    /// How long to wait before try `tries + 1` after `failure`, or `None` to give up.
    pub(super) fn wait(&self, failure: &Failure, tries: u32) -> Option<Duration> {
        if !failure.is_worth_another_try() {
            return None;
        }
        // The policy knows faults by class, and damage is of a class that usually stays.
        let passing = Fault::new(FaultClass::Unavailable, "").retry_after(failure.fault.retry_after);
        self.retry.wait(&passing, tries, self.jitter.next())
    }

    /// Waits before another try after `failure`. `false` when there is none.
    pub(super) async fn again(&self, failure: &Failure, tries: &Tries) -> bool {
        let Some(wait) = self.wait(failure, tries.made) else { return false };
        let (what, why) = (&failure.fault.tried, &failure.fault);
        tracing::debug!(tries = tries.made, wait_ms = wait.as_millis(), what = %what, why = %why, "again");
        tokio::time::sleep(wait).await;
        true
    }

    async fn retrying<T, F, W>(&self, tries: &mut Tries, work: F) -> Result<T, Failure>
    where
        F: Fn() -> W,
        W: Future<Output = Result<T, Failure>>,
    {
        loop {
            tries.made += 1;
            let mut failure = match work().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            tries.unsure |= failure.unsure;
            failure.unsure = tries.unsure;
            if !self.again(&failure, tries).await {
                return Err(failure);
            }
        }
    }

    /// Sends a request once; over TLS with its payload unsigned, and where that may be why it is refused, signed too.
    async fn attempt(&self, call: &Call, credentials: &Credentials) -> Result<(reqwest::Response, Progress), Failure> {
        // An empty payload costs nothing to sign.
        let is_private = call.service == Service::S3 && self.address.is_tls() && call.payload.length() > 0;
        let is_unsigned = is_private && self.learned.takes_unsigned();
        if is_unsigned {
            match self.send(call, credentials, PayloadHash::Unsigned).await {
                Err(failure) if self.learned.may_want_signature(&failure) => {}
                Err(failure) => return Err(failure),
                Ok(done) => {
                    self.learned.took(true);
                    return Ok(done);
                }
            }
        }
        let sha256 = match call.sha256 {
            Some(sha256) => sha256,
            None => call.payload.sha256().await,
        };
        let done = self.send(call, credentials, PayloadHash::Sha256(sha256)).await?;
        if is_unsigned {
            tracing::debug!(endpoint = %self.address.endpoint(), "payloads must be signed");
            self.learned.took(false);
        }
        Ok(done)
    }

    async fn send(
        &self,
        call: &Call,
        credentials: &Credentials,
        hash: PayloadHash,
    ) -> Result<(reqwest::Response, Progress), Failure> {
        let draft = Draft {
            service: call.service,
            region: &self.address.region,
            now: self.now(),
            method: call.method.as_str(),
            url: &call.url,
            headers: &call.headers,
            payload: hash,
        };
        let signature = sign_headers(credentials, &draft).map_err(Failure::local)?;
        let progress = Progress::new();
        let mut request = self.http.request(call.method.clone(), &call.url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        if matches!(call.method, Method::PUT | Method::POST) {
            request = request.header(http::header::CONTENT_LENGTH, call.payload.length());
            request = request.body(call.payload.body(&progress));
        }
        let endpoint = self.address.endpoint();
        let response = match progress.watch(IDLE_MAX, request.send()).await {
            None => return Err(stalled(&endpoint, IDLE_MAX, self.tried(call))),
            Some(Err(e)) => return Err(transport(e, &endpoint, self.tried(call))),
            Some(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok((response, progress));
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = match call.method {
            Method::HEAD => None,
            // What the store had to say may be lost with the connection; its status is known all the same.
            _ => Some(self.read_answer(call, response, &progress, ERROR_BYTES_MAX).await.unwrap_or_default()),
        };
        Err(self.reply(call, status, &headers, body.as_deref()).into_failure())
    }

    async fn read_answer(
        &self,
        call: &Call,
        mut response: reqwest::Response,
        progress: &Progress,
        bytes_max: usize,
    ) -> Result<Bytes, Failure> {
        let mut body = BytesMut::new();
        let endpoint = self.address.endpoint();
        loop {
            progress.note();
            let next = progress.watch(IDLE_MAX, response.chunk()).await;
            let chunk = match next.ok_or_else(|| stalled(&endpoint, IDLE_MAX, self.tried(call)))? {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(body.freeze()),
                Err(e) => return Err(transport(e, &endpoint, self.tried(call))),
            };
            if body.len() + chunk.len() > bytes_max {
                let message = format!("the endpoint's answer is longer than {bytes_max} bytes");
                return Err(Failure::local(Fault::new(FaultClass::Config, message).tried(self.tried(call))));
            }
            body.extend_from_slice(&chunk);
        }
    }

    fn reply<'a>(&'a self, call: &Call, status: u16, headers: &'a HeaderMap, body: Option<&'a [u8]>) -> Reply<'a> {
        Reply {
            action: call.action,
            address: &self.address,
            role_arn: self.keys.role_arn(),
            status,
            headers,
            body,
            now: self.now(),
            tried: self.tried(call),
        }
    }

    /// What was tried and where, for messages.
    pub(super) fn tried(&self, call: &Call) -> String {
        format!("{} {} at {}", call.method, call.place, self.address.endpoint())
    }
}

impl TokenService for Client {
    type Failure = Failure;

    fn now(&self) -> DateTime<Utc> {
        Client::now(self)
    }

    async fn assume(&self, role: &Role) -> Result<Assumed, Failure> {
        let place = format!("AssumeRole {}", role.arn);
        let call = Call {
            service: Service::Sts,
            ..Call::new(Action::AssumeRole, Method::POST, self.address.sts_endpoint(), place)
        };
        let form = Payload::new(vec![Bytes::from(sts::form(role))]);
        let call = call.header("content-type", sts::FORM_TYPE).payload(form);
        let answer = self.call_as_base(&call).await?;
        sts::read(&answer.body).map_err(|fault| Failure::local(fault.tried(self.tried(&call))))
    }
}

/// Whether an answer's root element is `Error`.
fn is_error(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(1024)]);
    let after_declaration = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let root = after_declaration.map_or(head.as_ref(), |(_, rest)| rest).trim_start();
    root.starts_with("<Error>") || root.starts_with("<Error ")
}

#[cfg(test)]
mod tests {
    use super::is_error;

    #[test]
    fn an_error_hides_behind_blanks_and_declarations() {
        assert!(is_error(b"<?xml version=\"1.0\"?>\n   \n<Error><Code>InternalError</Code></Error>"));
        assert!(is_error(b"  <Error xmlns=\"x\"><Code>c</Code></Error>"));
        assert!(!is_error(
            b"<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
        ));
        assert!(!is_error(b"<Errors/>"));
    }
}
