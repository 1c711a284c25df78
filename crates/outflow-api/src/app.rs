//! The router, and serving it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::{fmt, io};

use axum::Router;
use axum::ServiceExt;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use axum::serve::Listener;
use http::{Method, StatusCode};
use tokio::sync::watch;
use tower::Layer as _;
use tower_http::normalize_path::NormalizePathLayer;

use crate::body::BODY_BYTES_MAX;
use crate::context::{Api, ApiContext, Shared};
use crate::error::ApiError;
use crate::operation::Operation;
use crate::{
    adhocrun, alerts, audit, auth, clients, connection_specs, connections, consent_policies, console, dataset_labels,
    datasets, flow_specs, flows, health, ims, labels, marketing_actions, observe, policies, policy_evaluation,
    profiles, runs, schedules, segment_jobs, segments, source_connections, suppressions, target_connections,
    whereabouts,
};

/// Every operation, in the order of the OpenAPI document.
pub(crate) fn operations() -> Vec<Operation> {
    [
        ims::operations(),
        clients::operations(),
        console::operations(),
        connection_specs::operations(),
        flow_specs::operations(),
        connections::operations(),
        source_connections::operations(),
        target_connections::operations(),
        flows::operations(),
        runs::operations(),
        adhocrun::operations(),
        datasets::operations(),
        segments::operations(),
        segment_jobs::operations(),
        schedules::operations(),
        labels::operations(),
        dataset_labels::operations(),
        marketing_actions::operations(),
        policies::operations(),
        policy_evaluation::operations(),
        consent_policies::operations(),
        suppressions::operations(),
        profiles::operations(),
        whereabouts::operations(),
        alerts::operations(),
        audit::operations(),
        health::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The API as a router. It never closes by itself; [`serve`] also drops trailing slashes and ends long answers.
pub fn router(context: ApiContext) -> Router {
    let (_, closing) = watch::channel(false);
    routed(Arc::new(Shared::new(context, closing)))
}

fn routed(api: Api) -> Router {
    let pages = api.pages.clone().with_state(());
    let (public, guarded) = (routes(&api, true), routes(&api, false));
    // The token is checked before the method: who may not call learns nothing of what could be called.
    let guarded = guarded.layer(from_fn_with_state(Arc::clone(&api), auth::require_token));
    Router::new()
        .merge(public)
        .merge(guarded)
        .merge(pages)
        .fallback(unknown_path)
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(observe::common_headers))
        .layer(from_fn_with_state(Arc::clone(&api), observe::observe))
        .with_state(api)
}

/// Serves the API on `listener` until `shutdown`. Requests under way are answered then, and event streams end.
///
/// # Errors
/// What the listener meets.
pub async fn serve<L>(
    listener: L,
    context: ApiContext,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: fmt::Debug,
{
    let (close, closing) = watch::channel(false);
    let api = Arc::new(Shared::new(context, closing));
    let service = NormalizePathLayer::trim_trailing_slash().layer(routed(api));
    let shutdown = async move {
        shutdown.await;
        close.send_replace(true);
    };
    axum::serve(listener, ServiceExt::<Request>::into_make_service(service)).with_graceful_shutdown(shutdown).await
}

/// The routes that need a sandbox, and so a token for it, or the public ones, that do not; one a path.
fn routes(api: &Api, public: bool) -> Router<Api> {
    let open_metrics = api.settings.open_metrics;
    let mut paths: BTreeMap<String, MethodRouter<Api>> = BTreeMap::new();
    let is_wanted = |operation: &Operation| operation.access.scope(open_metrics).is_none() == public;
    for operation in operations().into_iter().filter(is_wanted) {
        let path = operation.path.clone();
        let known = paths.remove(&path).unwrap_or_default();
        paths.insert(path, known.merge(operation.guarded_route(api)));
    }
    paths.into_iter().fold(Router::new(), |router, (path, route)| router.route(&path, route))
}

async fn unknown_path() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "there is nothing at this path").hint("/openapi.json lists every path.")
}

/// A method that the path does not have. The router adds `Allow`.
async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "the path has no such method").into_response()
}
