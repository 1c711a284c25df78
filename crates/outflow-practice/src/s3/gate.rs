//! What stands before the operations: faults of the line and of the front door, and the check of the region.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use s3s::Body;
use s3s::service::S3Service;

use super::errors;
use crate::faults::{Faults, NoChecksums};
use crate::line::{CutOff, Line};

/// Of a refused request this much more is read, in bytes, so that the client gets to read the answer.
const DRAIN_MAX_BYTES: usize = 128 * 1024 * 1024;
/// No error text is longer, in bytes.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// The way into the endpoint, shared by all connections.
pub(crate) struct Gate {
    pub(crate) service: S3Service,
    pub(crate) faults: Faults,
    pub(crate) region: Arc<str>,
    requests: AtomicU64,
}

impl Gate {
    pub(crate) fn new(service: S3Service, faults: Faults, region: Arc<str>) -> Gate {
        Gate { service, faults, region, requests: AtomicU64::new(0) }
    }

    /// Answers one request of the connection `line`.
    pub(crate) async fn handle(&self, request: Request<Incoming>, line: &Arc<Line>) -> Result<Response<Body>, CutOff> {
        let id = format!("{:016X}", self.requests.fetch_add(1, Ordering::SeqCst) + 1);
        let operation = operation(request.method(), request.uri());
        // A client that waits for permission to send its body must not be asked for it just to throw it away.
        let waits = request.headers().contains_key(header::EXPECT);
        let left_over = Arc::new(LeftOver::default());
        let request = request.map(|body| Tracked {
            body: Some(body),
            started: false,
            line: Arc::clone(line),
            faults: self.faults.clone(),
            left_over: Arc::clone(&left_over),
        });
        let mut response = match self.refusal(&request, &id) {
            Some(refusal) => {
                drop(request);
                refusal
            }
            None => match self.service.call(request.map(Body::http_body_unsync)).await {
                Ok(response) => response,
                Err(error) => {
                    tracing::warn!(?error, "the S3 server failed");
                    errors::answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "", &[], &id)
                }
            },
        };
        if line.switch.is_cut() {
            return Err(CutOff);
        }
        if response.status().is_client_error() || response.status().is_server_error() {
            let read_to_the_end = left_over.drain(waits).await;
            response = completed(response, &id).await;
            if !read_to_the_end {
                // Nobody can tell the rest of the body from a next request, so the connection ends, as S3 ends it. A
                // client that is not told would send its next request into it.
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
        } else if operation.is_some_and(|o| self.loses_answer(o)) {
            line.switch.cut();
            return Err(CutOff);
        }
        let headers = response.headers_mut();
        headers.insert(header::SERVER, HeaderValue::from_static("outflow-practice"));
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert("x-amz-request-id", value);
        }
        Ok(response)
    }

    fn loses_answer(&self, operation: &str) -> bool {
        self.faults.hit(|f| {
            let lost = f.s3.answer_lost.as_mut()?;
            lost.operation.as_ref().is_none_or(|only| only == operation).then_some(&mut lost.times)
        })
    }

    /// The answer to a request that does not get in.
    fn refusal<B>(&self, request: &Request<B>, id: &str) -> Option<Response<Body>> {
        let plain = |status, code: &str| errors::answer(status, code, &errors::standard_message(code), &[], id);
        if self.faults.read(|f| f.s3.unavailable) {
            return Some(plain(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"));
        }
        let wait = self.faults.read(|f| f.s3.throttle.map(|t| t.retry_after_secs));
        if let Some(seconds) = wait
            && self.faults.hit(|f| f.s3.throttle.as_mut().map(|t| &mut t.times))
        {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Some(response);
        }
        if let Some(refusal) = self.wrong_region(request.headers(), request.uri(), id) {
            return Some(refusal);
        }
        if self.faults.read(|f| f.s3.no_checksums) == Some(NoChecksums::Reject) {
            let name = request.headers().keys().map(header::HeaderName::as_str).find(|n| is_checksum_header(n))?;
            let message = errors::standard_message("NotImplemented");
            let extra = [("Header", name)];
            return Some(errors::answer(StatusCode::NOT_IMPLEMENTED, "NotImplemented", &message, &extra, id));
        }
        None
    }

    /// The answer to a request that is signed for another region, or in a way that S3 has given up.
    fn wrong_region(&self, headers: &HeaderMap, uri: &Uri, id: &str) -> Option<Response<Body>> {
        let expected = &*self.region;
        let answer = |code: &str, message: &str| {
            errors::answer(StatusCode::BAD_REQUEST, code, message, &[("Region", expected)], id)
        };
        if let Some(authorization) = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) {
            if authorization.starts_with("AWS ") {
                let message = "The authorization mechanism you have provided is not supported. Please use \
                               AWS4-HMAC-SHA256.";
                return Some(errors::answer(StatusCode::BAD_REQUEST, "InvalidRequest", message, &[], id));
            }
            let scope = authorization.split_once("Credential=")?.1.split(',').next()?;
            let region = scope.split('/').nth(2)?;
            return (region != expected).then(|| {
                let message = format!(
                    "The authorization header is malformed; the region '{region}' is wrong; expecting '{expected}'"
                );
                answer("AuthorizationHeaderMalformed", &message)
            });
        }
        let query = uri.query()?;
        let scope = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
        let scope = scope.replace("%2F", "/").replace("%2f", "/");
        let region = scope.split('/').nth(2)?;
        (region != expected).then(|| {
            let message = format!(
                "Error parsing the X-Amz-Credential parameter; the region '{region}' is wrong; expecting '{expected}'"
            );
            answer("AuthorizationQueryParametersError", &message)
        })
    }
}

fn is_checksum_header(name: &str) -> bool {
    name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-mode"
        || name == "x-amz-sdk-checksum-algorithm"
        || name == "x-amz-trailer"
}

/// The name of a request that changes something; `None` for one that only reads.
fn operation(method: &Method, uri: &Uri) -> Option<&'static str> {
    let has = |name: &str| uri.query().unwrap_or_default().split('&').any(|pair| pair.split('=').next() == Some(name));
    let is_object = uri.path().trim_matches('/').contains('/');
    match (method.as_str(), is_object) {
        ("POST", true) if has("uploads") => Some("CreateMultipartUpload"),
        ("POST", true) if has("uploadId") => Some("CompleteMultipartUpload"),
        ("PUT", true) if has("uploadId") => Some("UploadPart"),
        ("PUT", true) => Some("PutObject"),
        ("DELETE", true) if has("uploadId") => Some("AbortMultipartUpload"),
        ("DELETE", true) => Some("DeleteObject"),
        ("PUT", false) => Some("CreateBucket"),
        _ => None,
    }
}

/// An error answer with message and request id.
async fn completed(response: Response<Body>, id: &str) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let text = match Limited::new(body, ERROR_MAX_BYTES).collect().await {
        Ok(text) => text.to_bytes(),
        Err(error) => {
            tracing::warn!(%error, "an error answer cannot be read");
            Bytes::new()
        }
    };
    let full = std::str::from_utf8(&text).ok().and_then(|xml| errors::complete(xml, id));
    let text = full.map_or(text, Bytes::from);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, Body::from(text))
}

/// The rest of a body that nobody read.
#[derive(Default)]
struct LeftOver(Mutex<Option<(Incoming, bool)>>);

impl LeftOver {
    /// Reads the rest, up to a limit; `false` when some of it stays unread. Nothing is read when the client waits to
    /// be asked for its body.
    async fn drain(&self, client_waits: bool) -> bool {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((body, started)) = left else { return true };
        if client_waits && !started {
            return false;
        }
        let mut body = Limited::new(body, DRAIN_MAX_BYTES);
        loop {
            match body.frame().await {
                Some(Ok(_)) => {}
                Some(Err(_)) => return false,
                None => return true,
            }
        }
    }
}

/// A request body that counts what passes and hands back what is left.
struct Tracked {
    body: Option<Incoming>,
    started: bool,
    line: Arc<Line>,
    faults: Faults,
    left_over: Arc<LeftOver>,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if this.line.switch.is_cut() {
            return Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())));
        }
        this.started = true;
        let polled = Pin::new(body).poll_frame(cx).map_err(std::io::Error::other);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let reached = this.line.count(bytes, &this.faults, |f| f.read(|f| f.s3.cut_at_byte.map(|c| c.bytes)));
            if reached && this.faults.hit(|f| f.s3.cut_at_byte.as_mut().map(|c| &mut c.times)) {
                this.line.switch.cut();
                return Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())));
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && !body.is_end_stream()
        {
            *self.left_over.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((body, self.started));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_requests_are_named() {
        let name = |method: Method, uri: &str| operation(&method, &uri.parse().unwrap());
        assert_eq!(name(Method::POST, "/b/k?uploads"), Some("CreateMultipartUpload"));
        assert_eq!(name(Method::POST, "/b/k?uploads="), Some("CreateMultipartUpload"));
        assert_eq!(name(Method::POST, "/b/k?uploadId=1"), Some("CompleteMultipartUpload"));
        assert_eq!(name(Method::PUT, "/b/k?partNumber=1&uploadId=1"), Some("UploadPart"));
        assert_eq!(name(Method::PUT, "/b/k?x-id=PutObject"), Some("PutObject"));
        assert_eq!(name(Method::DELETE, "/b/k?uploadId=1"), Some("AbortMultipartUpload"));
        assert_eq!(name(Method::PUT, "/b"), Some("CreateBucket"));
        assert_eq!(name(Method::GET, "/b/k"), None);
        assert_eq!(name(Method::HEAD, "/b/k"), None);
    }
}
