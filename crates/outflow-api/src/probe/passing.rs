//! A probe's steps as they pass, for who asks for a stream of events.
//!
//! The stream begins with the first step: what is wrong before that is a plain answer. It ends with the answer that there
//! would have been without it. Who leaves takes the work along, as with any request.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::FromRequestParts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::stream::unfold;
use http::request::Parts;
use http::{HeaderMap, header};
use outflow_connector_kit::{ProbeNews, ProbeReport};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::place::Place;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::observe;

/// Events that wait for the client at most. A probe has about ten steps; those beyond are told by the result alone.
const WAITING_MAX: usize = 64;

/// Bytes of an answer: one object with a probe's steps.
const ANSWER_BYTES_MAX: usize = 1 << 20;

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
                let passing = Passing { api, first, events, work, answer };
                Sse::new(unfold(passing, Passing::next))
                    .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
                    .into_response()
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
        let event = result(&self.api, answer).await;
        Some((Ok(event), self))
    }
}

/// The answer as the last event.
async fn result(api: &Api, answer: Response) -> Event {
    let (parts, body) = observe::with_reference(api, answer).into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))));
    let headers: Map<String, Value> = headers.collect();
    event("result", &json!({"status": parts.status.as_u16(), "headers": headers, "body": body}))
}

fn event(name: &str, data: &Value) -> Event {
    // JSON without blanks has no line break.
    Event::default().event(name).data(data.to_string())
}
