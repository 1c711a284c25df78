//! The control endpoint: `GET /_faults` and `PUT /_faults` with the JSON form of the settings.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::faults::Faults;
use crate::net;

/// More connections than anybody who sets faults needs.
const CONNECTIONS_MAX: usize = 16;
/// Settings are a few hundred bytes.
const SETTINGS_MAX_BYTES: usize = 64 * 1024;

/// Serves the control endpoint until `stop`.
pub(crate) async fn serve(listener: TcpListener, faults: Faults, stop: watch::Receiver<bool>) {
    net::serve(listener, CONNECTIONS_MAX, stop, |stream| serve_connection(stream, faults.clone())).await;
}

async fn serve_connection(stream: TcpStream, faults: Faults) {
    let service = service_fn(move |request| answer(request, faults.clone()));
    if let Err(error) = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    {
        tracing::debug!(%error, "control connection ended");
    }
}

async fn answer(request: Request<Incoming>, faults: Faults) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() != "/_faults" {
        return Ok(json(StatusCode::NOT_FOUND, problem("the only path is /_faults")));
    }
    if request.method() == Method::GET {
        return Ok(current(&faults));
    }
    if request.method() != Method::PUT {
        let mut response = json(StatusCode::METHOD_NOT_ALLOWED, problem("use GET or PUT"));
        response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static("GET, PUT"));
        return Ok(response);
    }
    let body = match Limited::new(request.into_body(), SETTINGS_MAX_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Ok(json(StatusCode::BAD_REQUEST, problem(&format!("cannot read the settings: {error}")))),
    };
    match serde_json::from_slice(&body) {
        Ok(settings) => {
            faults.set(settings);
            Ok(current(&faults))
        }
        Err(error) => Ok(json(StatusCode::BAD_REQUEST, problem(&format!("these are not fault settings: {error}")))),
    }
}

fn current(faults: &Faults) -> Response<Full<Bytes>> {
    match serde_json::to_vec_pretty(&faults.settings()) {
        Ok(text) => json(StatusCode::OK, text),
        Err(error) => json(StatusCode::INTERNAL_SERVER_ERROR, problem(&error.to_string())),
    }
}

fn problem(detail: &str) -> Vec<u8> {
    serde_json::json!({ "detail": detail }).to_string().into_bytes()
}

fn json(status: StatusCode, text: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
