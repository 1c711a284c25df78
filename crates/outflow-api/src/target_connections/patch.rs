//! `PATCH /targetConnections/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::{check_kept, read};
use crate::auth::Caller;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::connections::{Probed, probed};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::governance::{Before, OnViolation, OnViolationParameter, enforce, tell_paused};
use crate::operation::Operation;
use crate::patch::PatchOperationBody;
use crate::probe;
use crate::probe::{Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a target
///
/// Another bucket, folder or account is tried before it is saved. Deliveries from then on go there. Flows that use it must
/// still make sense: file names that would come out wrong refuse the change, and so do violations of policies by marketing
/// actions that are added, unless the flows are to be paused.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    patch,
    path = "/data/foundation/flowservice/targetConnections/{id}",
    tag = "target connections",
    params(("id" = String, Path, description = "The target's id."), IfMatchHeader, OnViolationParameter),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "add", "path": "/params/compression", "value": "GZIP"}])),
    responses(
        (
            status = 200,
            description = "The target is changed.",
            content((Probed = "application/json"), (Value = "text/event-stream"))
        ),
        (status = 409, description = "Flows would violate policies: `violations` says which, why, and what would resolve it.")
    )
)]
async fn patch(
    State(api): State<Api>,
    caller: Caller,
    on_violation: OnViolation,
    watched: Watched,
    request: PatchRequest,
) -> Response {
    let work = |api: Api, steps: Steps| async move {
        let answer = request.retrying(|| change(&api, &caller, &request, on_violation, &steps)).await?;
        api.runner.wake();
        Ok(Answer(answer))
    };
    watched.answer(api, work).await
}

async fn change(
    api: &Api,
    caller: &Caller,
    request: &PatchRequest,
    on: OnViolation,
    steps: &Steps,
) -> ApiResult<Value> {
    let (document, target, schema) = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::TargetConnection>(&caller.sandbox, &request.id).await?;
        let body = request.body(api, &document)?;
        let target = read(api, &mut reader, &caller.sandbox, body, Some(&*document)).await?;
        check_kept(api, &target, &document)?;
        // Read before the transaction begins, in which nobody else can write.
        let schema = crate::datasets::union_schema(&mut reader, &caller.sandbox).await?;
        (document, target, schema)
    };
    let is_same = |name: &str| target.body.get(name) == document.body.get(name);
    let probe = if is_same("params") && is_same("baseConnectionId") {
        None
    } else {
        Some(probe::target(api, target.connector, &target.account, &target.target, steps).await?)
    };
    let mut tx = api.begin(caller).await?;
    let before = match is_same("policy") {
        true => None,
        false => Some(Before::look(api, &mut tx, &caller.sandbox).await?),
    };
    let changed = document::update::<outflow_store::TargetConnection>(&mut tx, caller, &document, target.body).await?;
    let warnings = crate::flows::follow_target(api, &mut tx, &changed, schema.as_ref()).await?;
    let paused = match before {
        Some(before) => enforce(api, &mut tx, caller, before, on).await?,
        None => Vec::new(),
    };
    tx.commit().await?;
    let mut answer = probed(&changed, probe);
    if !warnings.is_empty() {
        answer["warnings"] = serde_json::json!(warnings);
    }
    tell_paused(&mut answer, &paused);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn file_options_change_and_bad_ones_do_not() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let client = server.client();
        let gzip = json!([{"op": "add", "path": "/params/compression", "value": "GZIP"}]);
        let changed = client.patch(&path, Some("*"), &gzip).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(client.patch(&path, Some("*"), &gzip).await.etag(), changed.etag(), "nothing changes");
        let bad = json!([{"op": "replace", "path": "/params/compression", "value": "RAR"}]);
        assert_eq!(client.patch(&path, Some("*"), &bad).await.fields(), ["/params/compression"]);
        let shown = client.get(&path).await;
        assert_eq!(shown.body["items"][0]["params"]["compression"], "GZIP");
    }

    #[tokio::test]
    async fn flows_follow_the_account_of_their_target_and_keep_their_etag() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let client = server.client();
        let account = server.folder_account_id("Another").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let moved = json!([{"op": "replace", "path": "/baseConnectionId", "value": account}]);
        let changed = client.patch(&path, Some("*"), &moved).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let flows = "/data/foundation/flowservice/flows";
        let shown = client.get(&format!("{flows}/{}", flow.id)).await.body["items"][0].clone();
        let base = &shown["inheritedAttributes"]["targetConnections"][0]["baseConnection"]["id"];
        assert_eq!((base.as_str(), shown["etag"].as_str()), (Some(&*account), Some(&*flow.etag)));
        let filter = "property=inheritedAttributes.targetConnections[].baseConnection.id==";
        let found = async |id: &str| client.get(&format!("{flows}?{filter}{id}")).await.body["items"][0]["id"].clone();
        assert_eq!(found(&account).await, flow.id.as_str());
        assert_eq!(found(&flow.connection).await, serde_json::Value::Null);
    }

    #[tokio::test]
    async fn names_that_new_files_make_too_long_refuse_the_change() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let client = server.client();
        let template = "/transformations/0/params/segmentSelectors/selectors/0/value/filenameTemplate";
        let flow_path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let gzip = json!([{"op": "add", "path": "/params/compression", "value": "GZIP"}]);
        let mut length = 220;
        // The longest name that goes without compression.
        loop {
            let name = format!("%DESTINATION_NAME%_%SEGMENT_ID%_{}", "n".repeat(length));
            let named = json!([{"op": "replace", "path": template, "value": name}]);
            if client.patch(&flow_path, Some("*"), &named).await.status == 200 {
                break;
            }
            length -= 1;
        }
        let refused = client.patch(&path, Some("*"), &gzip).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/params".to_owned()]), "{}", refused.text);
        assert!(refused.text.contains(&flow.id), "{}", refused.text);
        assert_eq!(client.get(&path).await.body["items"][0]["params"]["compression"], "NONE");
    }

    #[tokio::test]
    async fn another_kind_of_destination_is_another_target() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let account = client.post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let body = s3.target(account.id(), "Loyal");
        let moved = json!([
            {"op": "replace", "path": "/baseConnectionId", "value": account.id()},
            {"op": "replace", "path": "/connectionSpec", "value": body["connectionSpec"]},
            {"op": "replace", "path": "/params", "value": body["params"]},
        ]);
        assert_eq!(client.patch(&path, Some("*"), &moved).await.fields(), ["/baseConnectionId"]);
    }
}
