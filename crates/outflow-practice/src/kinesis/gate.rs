//! What stands before the operations: faults of the line and of the front door, and the check of who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::access::Access;
use super::errors::{self, KinesisError, KinesisResult};
use super::faults::Failing;
use super::ops::{self, Call, Ops};
use super::signature::Claim;
use crate::faults::Faults;
use crate::line::{CutOff, Line};

/// No body is longer, in bytes: 10 MiB of records in base64, and 500 keys.
const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Of a body that is longer so much is read, in bytes, so that the client gets to read the answer.
const DRAIN_MAX_BYTES: usize = 128 * 1024 * 1024;
/// Bodies of all requests in hand together, in KiB. What is made of a body takes about twice its room.
const BODIES_MAX_KIB: usize = 128 * 1024;
/// What an answer of records may take, in KiB.
const RECORDS_KIB: usize = 24 * 1024;
const TARGET: &str = "Kinesis_20131202.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The way into the endpoint, shared by all connections.
pub(crate) struct Gate {
    ops: Arc<Ops>,
    access: Access,
    faults: Faults,
    requests: AtomicU64,
    room: Semaphore,
}

impl Gate {
    pub(crate) fn new(ops: Arc<Ops>, access: Access, faults: Faults) -> Gate {
        Gate { ops, access, faults, requests: AtomicU64::new(0), room: Semaphore::new(BODIES_MAX_KIB) }
    }

    /// Answers one request of the connection `line`.
    pub(crate) async fn handle(
        &self,
        request: Request<Incoming>,
        line: &Arc<Line>,
    ) -> Result<Response<Full<Bytes>>, CutOff> {
        let id = format!("00000000-0000-4000-8000-{:012x}", self.requests.fetch_add(1, Ordering::SeqCst) + 1);
        if self.faults.hit(|f| f.kinesis.reset_connection.as_mut().map(|r| &mut r.times)) {
            return Err(cut(line));
        }
        let (parts, body) = request.into_parts();
        let room = self.room(&parts.headers).await;
        let body = match self.receive(body, line).await? {
            Received::Whole(body) => body,
            Received::TooLong { read } => {
                let error = KinesisError::new("RequestEntityTooLargeException", "The request is too large.")
                    .status(StatusCode::PAYLOAD_TOO_LARGE);
                let mut response = answer(Err(error), &id);
                if !read {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                return Ok(response);
            }
        };
        let done = match self.entry(&parts, &body) {
            Ok(operation) => {
                if self.faults.hit(|f| f.kinesis.hang.as_mut().map(|h| &mut h.times)) {
                    drop((room, body));
                    return std::future::pending().await;
                }
                let done = self.work(operation, body).await;
                if done.is_ok() && self.loses_answer(operation) {
                    return Err(cut(line));
                }
                done
            }
            Err(refused) => Err(refused),
        };
        drop(room);
        if let Some(millis) = self.faults.read(|f| f.kinesis.slow_millis) {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        Ok(answer(done, &id))
    }

    /// Lets a request in: answers the operation that it wants.
    fn entry(&self, request: &Parts, body: &[u8]) -> KinesisResult<&'static str> {
        if self.faults.read(|f| f.kinesis.unavailable) {
            return Err(errors::unavailable());
        }
        let status = self.faults.read(|f| f.kinesis.failing.map(|Failing { status, .. }| status));
        if let Some(status) = status
            && self.faults.hit(|f| f.kinesis.failing.as_mut().map(|s| &mut s.times))
        {
            return Err(if status == 500 { errors::internal_failure() } else { errors::unavailable() });
        }
        let target = request.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target.and_then(|t| ops::known(t.strip_prefix(TARGET)?));
        let operation = operation.filter(|_| request.method == Method::POST && request.uri.path() == "/");
        let Some(operation) = operation else {
            return Err(KinesisError::new("UnknownOperationException", "").status(StatusCode::NOT_FOUND));
        };
        let claim = Claim::read(&request.headers)?;
        let caller = self.access.caller(claim.access_key_id, claim.token)?;
        claim.check(caller.secret, &self.access.region, request, body, super::now())?;
        self.access.check(&caller, operation, || ops::resource(body))?;
        if self.faults.hit(|f| f.kinesis.throttle_requests.as_mut().map(|t| &mut t.times)) {
            let data = ["PutRecord", "PutRecords", "GetRecords", "GetShardIterator"].contains(&operation);
            return Err(if data {
                let message = "Rate exceeded for the stream. Please slow down.";
                KinesisError::new("ProvisionedThroughputExceededException", message)
            } else {
                KinesisError::new("LimitExceededException", "Rate exceeded for account.")
            });
        }
        Ok(operation)
    }

    /// Does the work, off the asynchronous threads.
    async fn work(&self, operation: &'static str, body: Bytes) -> KinesisResult<Vec<u8>> {
        let ops = Arc::clone(&self.ops);
        let work = move || ops.call(operation, &Call { body: &body, now: super::now() });
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(panicked) => Err(errors::io_error(&std::io::Error::other(panicked))),
        }
    }

    fn loses_answer(&self, operation: &str) -> bool {
        ops::changes(operation)
            && self.faults.hit(|f| {
                let lost = f.kinesis.answer_lost.as_mut()?;
                lost.operation.as_ref().is_none_or(|only| only == operation).then_some(&mut lost.times)
            })
    }

    /// Waits until there is room in memory for a request with `headers`.
    async fn room(&self, headers: &HeaderMap) -> Option<SemaphorePermit<'_>> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let body = length.unwrap_or(BODY_MAX_BYTES).min(BODY_MAX_BYTES) / 1024 + 1;
        let reads = headers.get("x-amz-target").is_some_and(|target| target.as_bytes().ends_with(b".GetRecords"));
        let kib = if reads { RECORDS_KIB } else { body };
        // It fails only when it is closed, which nobody does.
        self.room.acquire_many(u32::try_from(kib).unwrap_or(u32::MAX)).await.ok()
    }

    async fn receive(&self, mut body: Incoming, line: &Line) -> Result<Received, CutOff> {
        let (mut whole, mut received) = (Vec::new(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(CutOff) };
            let Some(data) = frame.data_ref() else { continue };
            let reached = line.count(data.len(), &self.faults, |f| f.read(|f| f.kinesis.cut_at_byte.map(|c| c.bytes)));
            if reached && self.faults.hit(|f| f.kinesis.cut_at_byte.as_mut().map(|c| &mut c.times)) {
                return Err(cut(line));
            }
            received += data.len();
            if received > DRAIN_MAX_BYTES {
                return Ok(Received::TooLong { read: false });
            }
            if received <= BODY_MAX_BYTES {
                whole.extend_from_slice(data);
            }
        }
        Ok(if received > BODY_MAX_BYTES { Received::TooLong { read: true } } else { Received::Whole(whole.into()) })
    }
}

/// A request's body.
enum Received {
    Whole(Bytes),
    /// It was longer than any that can be meant; `read` when it was read to its end all the same.
    TooLong {
        read: bool,
    },
}

fn cut(line: &Line) -> CutOff {
    line.switch.cut();
    CutOff
}

fn answer(done: KinesisResult<Vec<u8>>, id: &str) -> Response<Full<Bytes>> {
    let (status, text) = match done {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => {
            (error.status, json!({ "__type": error.code, "message": error.message }).to_string().into_bytes())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(header::SERVER, HeaderValue::from_static("outflow-practice"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
