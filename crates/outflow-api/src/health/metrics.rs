//! `GET /metrics`.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use outflow_store::Scope;

use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn operation() -> Operation {
    Operation::new::<__path_metrics, _, _>(metrics)
}

/// Metrics for Prometheus
///
/// Requests by route and status, their durations, connections to the database, runs by state, jobs that wait and that are
/// carried out. Any client's token will do; the setting `access.open_metrics` asks for none.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain"))
)]
async fn metrics(State(api): State<Api>) -> ApiResult<impl IntoResponse> {
    let mut text = api.metrics.as_ref().map(crate::MetricsHandle::render).unwrap_or_default();
    gauge(&mut text, "outflow_store_connections", "Connections to the database of metadata, by state");
    let connections = api.store.connections();
    for (state, connections) in
        [("idle", connections.idle), ("used", connections.open.saturating_sub(connections.idle))]
    {
        line(&mut text, format_args!("outflow_store_connections{{state=\"{state}\"}} {connections}"));
    }
    let mut reader = api.store.read().await?;
    gauge(&mut text, "outflow_runs", "Runs by state, of all sandboxes");
    for (state, runs) in reader.runs_by_state(Scope::All).await? {
        line(&mut text, format_args!("outflow_runs{{state=\"{state}\"}} {runs}"));
    }
    gauge(&mut text, "outflow_jobs", "Jobs that wait, that are for later, and that are carried out, by kind");
    for depth in reader.queue_depth().await? {
        for (state, jobs) in [("waiting", depth.due), ("later", depth.later), ("running", depth.running)] {
            let kind = &depth.kind;
            line(&mut text, format_args!("outflow_jobs{{kind=\"{kind}\",state=\"{state}\"}} {jobs}"));
        }
    }
    Ok(([(header::CONTENT_TYPE, TEXT)], text))
}

fn gauge(text: &mut String, name: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}\n# TYPE {name} gauge"));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn runs_jobs_and_requests_are_counted() {
        let server = Server::start().await;
        server.run_of("Loyal").await;
        let answer = server.client().get("/metrics").await;
        assert_eq!(answer.status, 200);
        assert!(answer.content_type.starts_with("text/plain"));
        assert!(answer.text.contains("outflow_runs{state=\"queued\"} 1"), "{}", answer.text);
        assert!(answer.text.contains("outflow_jobs{kind=\"run\",state=\"waiting\"} 1"), "{}", answer.text);
        assert!(answer.text.contains("\noutflow_store_connections{state=\"idle\"} "), "{}", answer.text);
        server.work_is_done().await;
        let answer = server.client().get("/metrics").await;
        assert!(answer.text.contains("outflow_runs{state=\"success\"} 1"), "{}", answer.text);
    }

    #[tokio::test]
    async fn strangers_see_metrics_only_where_the_operator_opened_them() {
        let server = Server::start().await;
        assert_eq!(server.anonymous().get("/metrics").await.status, 403);
        let open = Server::start_with(|settings| settings.open_metrics = true).await;
        assert_eq!(open.anonymous().get("/metrics").await.status, 200);
    }
}
