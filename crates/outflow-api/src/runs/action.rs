//! `POST /runs/{id}/action`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{Document, Expected};

use crate::auth::Caller;
use crate::context::Api;
use crate::document::Created;
use crate::error::ApiResult;
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::id::Id;
use crate::operation::Operation;
use crate::page::{Parameters, invalid};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_action, _, _>(action)
}

/// Cancel or retry a run
///
/// `cancel` ends a run that has not ended; nothing half-done stays at the destination. `retry` (or `RE_TRIGGER`) carries a
/// failed or cancelled run out again, after the plan that it had: what was delivered already is found and kept. A window of
/// a flow to a stream takes neither; disabling the flow stops its messages.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/runs/{id}/action",
    tag = "runs",
    params(
        ("id" = String, Path, description = "The run's id."),
        ("op" = String, Query, description = "`cancel`, `retry` or `RE_TRIGGER`, in any case."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 200, description = "The run is cancelled, is about to stop, or waits.", body = Created),
        (status = 409, description = "The run's state does not allow it.")
    )
)]
async fn action(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    parameters: Parameters,
) -> ApiResult<Answer<Created>> {
    let op = parameters.last("op").map(str::to_ascii_lowercase);
    let is_cancel = match op.as_deref() {
        Some("cancel") => true,
        Some("retry" | "re_trigger") => false,
        Some(_) => return Err(invalid("op", "is none of cancel, retry and RE_TRIGGER")),
        None => return Err(invalid("op", "is missing")),
    };
    let run = read(&api, &caller, &id).await?;
    condition.check(run.version)?;
    // What was checked is checked again where it is written: the run may go on meanwhile.
    let expected = match condition {
        IfMatch::Any => Expected::Any,
        IfMatch::Tags(_) => Expected::Version(run.version),
    };
    if is_cancel {
        api.runner.cancel(&caller.sandbox, &id, &caller.client, expected).await?;
    } else {
        api.runner.submit_retry(&caller.sandbox, &id, expected).await?;
    }
    // What was asked for is done: where the new version cannot be read, the old one is told.
    let changed = read(&api, &caller, &id).await.unwrap_or(run);
    Ok(Answer(Created::from(&*changed)))
}

async fn read(api: &Api, caller: &Caller, id: &str) -> ApiResult<Arc<Document>> {
    Ok(api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, id).await?)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/runs";

    #[tokio::test]
    async fn a_run_that_waits_is_cancelled_and_tried_again() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        let state = async || {
            server.client().get(&format!("{PATH}/{run}")).await.body["items"][0]["state"].as_str().unwrap().to_owned()
        };
        let cancelled = server.client().post_empty(&format!("{PATH}/{run}/action?op=Cancel")).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        assert_eq!(state().await, "cancelled");
        assert_eq!(server.client().post_empty(&format!("{PATH}/{run}/action?op=cancel")).await.status, 409);
        let retried = server.client().post_empty(&format!("{PATH}/{run}/action?op=RE_TRIGGER")).await;
        assert_eq!(retried.status, 200, "{}", retried.text);
        server.work_is_done().await;
        assert_eq!(state().await, "success");
        assert_eq!(server.client().post_empty(&format!("{PATH}/{run}/action?op=retry")).await.status, 409);
    }

    #[tokio::test]
    async fn another_action_and_an_unknown_run_are_refused() {
        let server = Server::start().await;
        assert_eq!(server.client().post_empty(&format!("{PATH}/none/action?op=cancel")).await.status, 404);
        assert_eq!(server.client().post_empty(&format!("{PATH}/none/action?op=pause")).await.fields(), ["op"]);
    }
}
