//! `PATCH /data/foundation/datasets/{id}`.

use axum::Json as Answer;
use axum::extract::State;

use super::{Refreshing, check_files, read};
use crate::auth::Caller;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::etag;
use crate::governance::{Before, OnViolation, OnViolationParameter, enforce};
use crate::operation::Operation;
use crate::patch::PatchOperationBody;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a dataset
///
/// Where its files, identities or timestamp change, a refresh begins. A change with which enabled flows would come to
/// violate policies is refused, unless they are to be paused.
#[utoipa::path(
    patch,
    path = "/data/foundation/datasets/{id}",
    tag = "datasets",
    params(("id" = String, Path, description = "The dataset's id."), IfMatchHeader, OnViolationParameter),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "replace", "path": "/name", "value": "Customers"}])),
    responses(
        (status = 200, description = "The dataset is changed.", body = Refreshing),
        (status = 409, description = "Flows would violate policies: `violations` says which, why, and what would resolve it.")
    )
)]
async fn patch(
    State(api): State<Api>,
    caller: Caller,
    on_violation: OnViolation,
    request: PatchRequest,
) -> ApiResult<Answer<Refreshing>> {
    let answer = request.retrying(|| change(&api, &caller, &request, on_violation)).await?;
    api.runner.wake();
    Ok(Answer(answer))
}

async fn change(api: &Api, caller: &Caller, request: &PatchRequest, on: OnViolation) -> ApiResult<Refreshing> {
    let document = api.store.read().await?.get::<outflow_store::Dataset>(&caller.sandbox, &request.id).await?;
    let mut body = request.body(api, &document)?;
    body.retain(|name, _| !super::SHOWN_BESIDE.contains(&name.as_str()));
    let definition = read(&body)?;
    let is_read_anew =
        ["source", "identities", "timestamp"].iter().any(|name| body.get(*name) != document.body.get(name));
    if is_read_anew {
        check_files(api, &definition).await?;
    }
    let mut tx = api.begin(caller).await?;
    let before = match is_read_anew {
        true => Some(Before::look(api, &mut tx, &caller.sandbox).await?),
        false => None,
    };
    let changed = document::update::<outflow_store::Dataset>(&mut tx, caller, &document, body).await?;
    let paused_flows = match before {
        Some(before) => enforce(api, &mut tx, caller, before, on).await?,
        None => Vec::new(),
    };
    let is_new = if is_read_anew {
        outflow_runner::submit::refresh(&mut tx, &caller.sandbox, &request.id, api.now()).await?.is_new
    } else {
        false
    };
    tx.commit().await?;
    Ok(Refreshing { id: changed.id.clone(), etag: etag(changed.version), is_new, paused_flows })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_name_changes_without_a_refresh_and_files_with_one() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/datasets/{dataset}");
        let rename = json!([{"op": "replace", "path": "/name", "value": "Customers"}]);
        let renamed = server.client().patch(&path, Some("*"), &rename).await;
        assert_eq!((renamed.status, renamed.body["isNew"].as_bool()), (200, Some(false)), "{}", renamed.text);
        let identity =
            json!([{"op": "add", "path": "/identities/-", "value": {"path": "email", "namespace": "Email"}}]);
        let changed = server.client().patch(&path, Some(renamed.etag()), &identity).await;
        assert_eq!((changed.status, changed.body["isNew"].as_bool()), (200, Some(true)), "{}", changed.text);
        let wrong = json!([{"op": "replace", "path": "/identities/1/path", "value": "none"}]);
        assert_eq!(server.client().patch(&path, Some("*"), &wrong).await.fields(), ["/identities/1/path"]);
    }
}
