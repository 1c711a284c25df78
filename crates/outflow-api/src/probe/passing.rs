//! A probe's steps as they pass, for who asks for a stream of events.
//!
//! The stream begins with the first step: what is wrong before that is a plain answer. It ends with the answer that there
//! would have been without it, and by that one the request is logged and counted. Who leaves takes the work along, as with
//! any request.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::FromRequestParts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::stream::unfold;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use outflow_connector_kit::{ProbeNews, ProbeReport};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::place::Place;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::observe::{self, Unsettled};

/// Events that wait for the client at most. A probe has about ten steps; those beyond are told by the result alone.
const WAITING_MAX: usize = 64;

/// A sign of life while the far end does not answer, so that nothing on the way takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Whether a client wants to see the steps as they pass.
pub(crate) struct Watched(bool);

impl<S: Send + Sync> FromRequestParts<S> for Watched {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Watched, Infallible> {
        Ok(Watched(accepts_events(&parts.headers)))
    }
}

/// Whether `Accept` names event streams, with whatever parameters.
fn accepts_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(',')).map(|item| item.split(';').next().unwrap_or("").trim());
    types.any(|name| name.eq_ignore_ascii_case("text/event-stream"))
}

/// Where the steps of a probe are told.
#[derive(Clone)]
pub(crate) struct Steps(Option<mpsc::Sender<Event>>);

impl Steps {
    /// A report whose steps are told as they pass.
    pub(crate) fn report(&self, place: Place) -> ProbeReport {
        let Some(events) = self.0.clone() else { return ProbeReport::default() };
        ProbeReport::watched(Box::new(move |news| {
            let event = match news {
                ProbeNews::Begun(name) => event("started", &json!({"name": name})),
                ProbeNews::Over(step) => event("step", &place.shown(step)),
            };
            // The result has them all.
            let _ = events.try_send(event);
        }))
    }
}

impl Watched {
    /// What `work` answers, at once or at the end of its steps.
    pub(crate) async fn answer<A, F>(self, api: Api, work: impl FnOnce(Api, Steps) -> F) -> Response
    where
        A: IntoResponse + 'static,
        F: Future<Output = ApiResult<A>> + Send + 'static,
    {
        if !self.0 {
            return work(api, Steps(None)).await.into_response();
        }
        let (sender, mut events) = mpsc::channel(WAITING_MAX);
        let work = work(api.clone(), Steps(Some(sender))).map(IntoResponse::into_response);
        // Nobody else would hear of a panic behind the head of the answer.
        let work = AssertUnwindSafe(work).catch_unwind();
        let mut work: Work = Box::pin(
            work.map(|done| done.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response())),
        );
        let (first, answer) = tokio::select! {
            biased;
            Some(event) = events.recv() => (Some(event), None),
            answer = &mut work => (None, Some(answer)),
        };
        match answer {
            Some(answer) if !answer.status().is_success() && events.is_empty() => answer,
            answer => {
                let work = answer.is_none().then_some(work);
                let unsettled = Unsettled::default();
                let passing = Passing { api, first, events, work, answer, unsettled: unsettled.clone() };
                let stream = Sse::new(unfold(passing, Passing::next));
                (Extension(unsettled), stream.keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response()
            }
        }
    }
}

type Work = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What is still to be told.
struct Passing {
    api: Api,
    first: Option<Event>,
    events: mpsc::Receiver<Event>,
    /// What goes on; none when there is an answer.
    work: Option<Work>,
    answer: Option<Response>,
    unsettled: Unsettled,
}

impl Passing {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Passing)> {
        if let Some(first) = self.first.take() {
            return Some((Ok(first), self));
        }
        if let Some(work) = &mut self.work {
            let answer = tokio::select! {
                biased;
                Some(event) = self.events.recv() => return Some((Ok(event), self)),
                answer = work => answer,
            };
            (self.work, self.answer) = (None, Some(answer));
        }
        // Whoever told of steps is gone: what they told last comes before the end.
        if let Ok(event) = self.events.try_recv() {
            return Some((Ok(event), self));
        }
        let answer = self.answer.take()?;
        let (status, event) = result(&self.api, answer).await;
        self.unsettled.record(status);
        Some((Ok(event), self))
    }
}

/// The answer as the last event.
async fn result(api: &Api, answer: Response) -> (StatusCode, Event) {
    let (parts, body) = observe::with_reference(api, answer).into_parts();
    // It is whole in memory already: there is nothing to bound, and nothing that could fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))));
    let headers: Map<String, Value> = headers.collect();
    let event = event("result", &json!({"status": parts.status.as_u16(), "headers": headers, "body": body}));
    (parts.status, event)
}

fn event(name: &str, data: &Value) -> Event {
    // JSON without blanks has no line break.
    Event::default().event(name).data(data.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use axum::{Json, Router};
    use http::Request;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tower::ServiceExt as _;

    use super::*;
    use crate::context::Shared;

    /// What a handler answers that is done after one step: the first part of the answer, and all of its text; and the
    /// counts of requests before and after that.
    async fn watched(outcome: fn() -> ApiResult<Json<Value>>) -> (Response, String, [String; 2]) {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        let counts = || {
            let text = recorder.handle().render();
            text.lines().filter(|line| line.starts_with("outflow_http_requests_total")).collect::<String>()
        };
        let (context, _folder) = crate::testing::context().await;
        let (_closer, closing) = tokio::sync::watch::channel(false);
        let api: Api = Arc::new(Shared::new(context, closing));
        let here = Api::clone(&api);
        let handler = get(async move |watched: Watched| {
            let work = async move |_: Api, steps: Steps| {
                let mut report = steps.report(Place::Account(None));
                report.passed("Sign in", "");
                tokio::task::yield_now().await;
                outcome()
            };
            watched.answer(here, work).await
        });
        let router = Router::new().route("/watched", handler).layer(from_fn_with_state(api, observe::observe));
        let request = Request::get("/watched").header(header::ACCEPT, "text/event-stream");
        let response = router.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let before = counts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        (Response::from_parts(parts, ().into()), text, [before, counts()])
    }

    fn result(text: &str) -> Value {
        let (_, data) = text.rsplit_once("event: result\ndata: ").unwrap();
        serde_json::from_str(data.trim()).unwrap()
    }

    #[tokio::test]
    async fn a_request_counts_by_its_outcome_once_that_is_known() {
        let (head, text, [before, after]) = watched(|| Err(ApiError::bad_request("the key is wrong"))).await;
        assert_eq!((head.status(), before.as_str()), (StatusCode::OK, ""));
        assert_eq!(after, r#"outflow_http_requests_total{method="GET",route="/watched",status="400"} 1"#);
        assert_eq!(result(&text)["body"]["detail"], "the key is wrong");
    }

    #[tokio::test]
    async fn a_large_answer_is_told_whole() {
        let (_, text, [_, after]) = watched(|| Ok(Json(json!({"note": "x".repeat(3 << 20)})))).await;
        assert!(after.contains(r#"status="200""#), "{after}");
        let result = result(&text);
        assert_eq!(result["body"]["note"].as_str().map(str::len), Some(3 << 20));
    }
}
