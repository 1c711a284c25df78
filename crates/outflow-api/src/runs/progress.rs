//! `GET /runs/{id}/progress`: how far a run is, as it goes.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use outflow_runner::RunProgress;
use tokio::sync::watch;

use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

/// A sign of life where nothing changes, so that nothing on the way takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn operation() -> Operation {
    Operation::new::<__path_progress, _, _>(progress)
}

/// Watch a run
///
/// Server-sent events: `progress` with profiles, rows and bytes so far, their pace and the seconds left; and at the end
/// one `end`, with the same members.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/runs/{id}/progress",
    tag = "runs",
    params(("id" = String, Path, description = "The run's id.")),
    responses((
        status = 200,
        description = "Events until the run has ended: `progress` now and then, `end` last, each with an object.",
        // What a schema of a stream describes, the whole text or each event, readers do not agree about.
        body = serde_json::Value,
        content_type = "text/event-stream"
    ))
)]
async fn progress(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, &id).await?;
    let progress = api.runner.subscribe_progress(&caller.sandbox, &id).await?;
    let events = unfold(Watching::Begin { api, progress }, Watching::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// A stream of events, by what comes next.
enum Watching {
    /// What is so now.
    Begin { api: Api, progress: watch::Receiver<RunProgress> },
    /// What changes.
    Wait { api: Api, progress: watch::Receiver<RunProgress> },
    /// Nothing.
    Ended,
}

impl Watching {
    async fn next(self) -> Option<(Result<Event, Infallible>, Watching)> {
        match self {
            Watching::Ended => None,
            Watching::Begin { api, mut progress } => {
                let event = event("progress", &progress.borrow_and_update());
                Some((Ok(event), Watching::Wait { api, progress }))
            }
            Watching::Wait { api, mut progress } => {
                let is_changed = tokio::select! {
                    changed = progress.changed() => changed.is_ok(),
                    () = api.closed() => return None,
                };
                if is_changed {
                    let event = event("progress", &progress.borrow_and_update());
                    return Some((Ok(event), Watching::Wait { api, progress }));
                }
                // The run has ended: whoever told of it is gone.
                let event = event("end", &progress.borrow());
                Some((Ok(event), Watching::Ended))
            }
        }
    }
}

fn event(name: &str, progress: &RunProgress) -> Event {
    // Numbers and words: their text always exists and has no line break.
    let text = serde_json::to_string(progress).unwrap_or_default();
    Event::default().event(name).data(text)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_run_is_watched_to_its_end() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        let path = format!("/data/foundation/flowservice/runs/{run}/progress");
        let client = server.client();
        let (watched, ()) = tokio::join!(client.get(&path), server.work_is_done());
        assert_eq!((watched.status, watched.content_type.as_str()), (200, "text/event-stream"));
        assert!(watched.text.starts_with("event: progress\ndata: {"), "{}", watched.text);
        let end = watched.text.rsplit("event: end\ndata: ").next().unwrap();
        let end: serde_json::Value = serde_json::from_str(end.trim()).unwrap();
        assert_eq!(end["state"], "success", "{}", watched.text);
        assert_eq!(server.client().get("/data/foundation/flowservice/runs/none/progress").await.status, 404);
    }
}
