//! What an operator sees of requests: one line a request in the log, counts and durations as metrics, and references
//! under which the log explains what an answer must not.
//!
//! Neither bodies nor query values are logged, and of the path only the template: ids, tokens and filters stay out.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderValue, Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use outflow_model::Fault;

use crate::context::Api;
use crate::error::ApiError;

const REQUESTS: &str = "outflow_http_requests_total";
const SECONDS: &str = "outflow_http_request_duration_seconds";
/// Upper bounds of the classes of durations, in seconds: a probe may take half a minute, everything else milliseconds.
const SECONDS_CLASSES: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Renders the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// The metrics as Prometheus reads them.
    pub(crate) fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

/// Begins to collect the metrics of this process, once.
///
/// # Errors
/// `Internal` when something collects them already.
pub fn install_metrics() -> Result<MetricsHandle, Fault> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(SECONDS.into()), &SECONDS_CLASSES)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| Fault::internal("metrics cannot be collected").because(error))?;
    metrics::describe_counter!(REQUESTS, "Requests by method, route and status");
    metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time to answer by method and route");
    Ok(MetricsHandle(handle))
}

/// The client of a request, as an extension of its answer.
#[derive(Clone)]
pub(crate) struct ClientName(pub(crate) String);

/// Of a request whose outcome is not known yet when its answer begins: an extension of that answer. Whoever learns the
/// outcome records the request, and nobody does before.
#[derive(Clone, Default)]
pub(crate) struct Unsettled(Arc<OnceLock<Seen>>);

impl Unsettled {
    /// Logs and counts the request as one that ends now.
    pub(crate) fn record(&self, status: StatusCode) {
        if let Some(seen) = self.0.get() {
            seen.record(status);
        }
    }
}

/// A request that was begun.
struct Seen {
    method: &'static str,
    route: String,
    client: String,
    started: Instant,
}

/// Logs and counts a request, and survives a handler's panic.
pub(crate) async fn observe(State(api): State<Api>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    // What a panic says may quote a value: of it, only that it was one.
    let response = answered.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response());
    let response = with_reference(&api, response);
    let client = response.extensions().get::<ClientName>().map_or_else(|| "-".to_owned(), |client| client.0.clone());
    let seen = Seen { method: known(&method), route, client, started };
    match response.extensions().get::<Unsettled>() {
        // Its stream was not asked for anything yet, so that this comes before the end.
        Some(unsettled) => drop(unsettled.0.set(seen)),
        None => seen.record(response.status()),
    }
    response
}

/// Gives an answer that explains nothing a reference, and the log what it does not say.
pub(crate) fn with_reference(api: &Api, response: Response) -> Response {
    let Some(error) = response.extensions().get::<ApiError>() else { return response };
    let reference = api.reference();
    tracing::error!(reference, cause = error.log_text().unwrap_or(""), "a request failed");
    let client = response.extensions().get::<ClientName>().cloned();
    let mut response = error.clone().with("reference", reference.into()).into_response();
    if let Some(client) = client {
        response.extensions_mut().insert(client);
    }
    response
}

impl Seen {
    fn record(&self, status: StatusCode) {
        let Seen { method, route, client, started } = self;
        let (method, status, elapsed) = (*method, status.as_u16(), started.elapsed());
        metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
            .increment(1);
        metrics::histogram!(SECONDS, "method" => method, "route" => route.clone()).record(elapsed.as_secs_f64());
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(method, route, status, duration_ms, client, "request");
    }
}

/// A method's name as a label: whatever a client makes up counts as one.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

/// Headers that every answer has.
pub(crate) async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(http::header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;
    use crate::context::Shared;

    #[tokio::test]
    async fn a_panic_becomes_an_answer_with_a_reference_and_without_its_text() {
        let (context, _folder) = crate::testing::context().await;
        let (_closer, closing) = tokio::sync::watch::channel(false);
        let api: Api = std::sync::Arc::new(Shared::new(context, closing));
        let broken = get(|| async {
            if true {
                panic!("ada@example.org");
            }
        });
        let router = Router::new().route("/broken", broken).layer(from_fn_with_state(api, observe));
        let request = Request::get("/broken").body(axum::body::Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body["reference"].as_str().map(str::len), Some(16));
        assert!(!body.to_string().contains("ada"), "{body}");
    }
}
