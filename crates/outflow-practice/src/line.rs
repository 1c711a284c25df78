//! One HTTP connection of a target, as its faults see it.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::faults::Faults;
use crate::net::{self, FaultyStream, Pacer, Switch};

/// Tells the HTTP server to end the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut by a fault")]
pub(crate) struct CutOff;

/// One connection: its switch, and the content it has received since faults were last set.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) switch: Arc<Switch>,
    received: Mutex<(u64, u64)>,
}

impl Line {
    /// Counts `bytes` of content; `true` when the connection has to be cut here.
    pub(crate) fn count(&self, bytes: usize, faults: &Faults, limit: impl Fn(&Faults) -> Option<u64>) -> bool {
        let generation = faults.generation();
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if received.0 != generation {
            *received = (generation, 0);
        }
        received.1 += bytes as u64;
        limit(faults).is_some_and(|limit| received.1 >= limit)
    }
}

/// Serves a connection of the target `what`, as fast as `bytes_per_sec` says at the time. Requests are answered by `handle`.
pub(crate) async fn serve<F, Answer, B>(
    stream: TcpStream,
    pacer: Arc<Pacer>,
    what: &'static str,
    bytes_per_sec: impl Fn() -> Option<u64> + Send + Sync + 'static,
    handle: F,
) where
    F: Fn(Request<Incoming>, Arc<Line>) -> Answer,
    Answer: Future<Output = Result<Response<B>, CutOff>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let line = Arc::new(Line::default());
    let condition = Arc::new(move || net::Line { bytes_per_sec: bytes_per_sec(), down: false });
    let stream = FaultyStream::new(stream, Arc::clone(&line.switch), pacer, condition);
    let service = service_fn(move |request| handle(request, Arc::clone(&line)));
    let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    if let Err(error) = served {
        tracing::debug!(%error, "{what} connection ended");
    }
}
