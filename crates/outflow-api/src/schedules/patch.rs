//! `PATCH /config/schedules/{id}`.

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;

use super::{checked, own_members, show};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::id::Id;
use crate::operation::Operation;
use crate::patch::{Patch, PatchOperationBody};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a schedule
#[utoipa::path(
    patch,
    path = "/data/core/ups/config/schedules/{id}",
    tag = "schedules",
    params(
        ("id" = String, Path, description = "The schedule's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "add", "path": "/state", "value": "active"}])),
    responses(
        (status = 204, description = "The schedule is changed."),
        (status = 412, description = "It has changed since.")
    )
)]
async fn patch(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    Json(body): Json,
) -> ApiResult<StatusCode> {
    let patch = Patch::parse(body)?;
    document::retrying(&condition, || change(&api, &caller, &id, &condition, &patch)).await?;
    api.runner.wake();
    Ok(StatusCode::NO_CONTENT)
}

async fn change(api: &Api, caller: &Caller, id: &str, condition: &IfMatch, patch: &Patch) -> ApiResult<()> {
    let mut tx = api.begin(caller).await?;
    let document = tx.get::<outflow_store::ScheduleConfig>(&caller.sandbox, id).await?;
    condition.check(document.version)?;
    let Value::Object(body) = patch.apply(&show(api, &document))? else {
        return Err(ApiError::bad_request("the result is not a JSON object"));
    };
    let body = document::without_details(own_members(body), &document);
    let body = checked(&mut tx, &caller.sandbox, body, Some(&document)).await?;
    document::update::<outflow_store::ScheduleConfig>(&mut tx, caller, &document, body).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_schedule_is_switched_on() {
        let server = Server::start().await;
        let path = format!("/data/core/ups/config/schedules/{}", server.schedule("Nightly").await);
        let on = json!([{"op": "add", "path": "/state", "value": "active"}]);
        let changed = server.client().patch(&path, None, &on).await;
        assert_eq!((changed.status, changed.text.as_str()), (204, ""));
        assert_eq!(server.client().get(&path).await.body["state"], "active");
        let wrong = json!([{"op": "add", "path": "/schedule", "value": "0 0 25 * * ?"}]);
        assert_eq!(server.client().patch(&path, None, &wrong).await.fields(), ["/schedule"]);
    }
}
