//! `PATCH /segment/definitions/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Map, Value};

use super::{Segment, ShownSegment, check, own_members, show};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::flows::follow_segment;
use crate::governance::{Before, OnViolation, OnViolationParameter, enforce, tell_paused};
use crate::id::Id;
use crate::operation::Operation;
use crate::patch::Patch;
use crate::{datasets, document};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a segment
///
/// With the members that change, or with a JSON Patch. A changed rule is compared with the membership that the old one
/// gave, at the next evaluation. A new name is checked against the names of files that hold it. A rule with which enabled
/// flows would come to violate policies is refused, unless they are to be paused.
#[utoipa::path(
    patch,
    path = "/data/core/ups/segment/definitions/{id}",
    tag = "segments",
    params(
        ("id" = String, Path, description = "The segment's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now."),
        OnViolationParameter
    ),
    request_body = Segment,
    responses(
        (status = 200, description = "The segment is changed.", body = ShownSegment),
        (status = 409, description = "Flows would violate policies: `violations` says which, why, and what would resolve it."),
        (status = 412, description = "It has changed since.")
    )
)]
async fn patch(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    on_violation: OnViolation,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    let change = match body {
        Value::Object(members) if !members.contains_key("op") => Change::Members(own_members(members)),
        Value::Object(_) | Value::Array(_) => Change::Patch(Patch::parse(body)?),
        _ => return Err(ApiError::bad_request("a change is an object of members, or a list of JSON Patch operations")),
    };
    let answer =
        document::retrying(&condition, || apply(&api, &caller, &id, &condition, &change, on_violation)).await?;
    api.runner.wake();
    Ok(Answer(answer))
}

enum Change {
    /// These members replace those of the segment; null removes one.
    Members(Map<String, Value>),
    /// Operations.
    Patch(Patch),
}

async fn apply(
    api: &Api,
    caller: &Caller,
    id: &str,
    condition: &IfMatch,
    change: &Change,
    on: OnViolation,
) -> ApiResult<Value> {
    // Read before the transaction begins, in which nobody else can write.
    let schema = datasets::union_schema(&mut api.store.read().await?, &caller.sandbox).await?;
    let mut tx = api.begin(caller).await?;
    tx.lock_governance(&caller.sandbox).await?;
    let document = tx.get::<outflow_store::Segment>(&caller.sandbox, id).await?;
    condition.check(document.version)?;
    let evaluation = tx.segment_evaluation(id).await?;
    let body = match change {
        Change::Members(members) => {
            let mut body = document.body.as_object().cloned().unwrap_or_default();
            body.extend(members.clone());
            body.retain(|_, value| !value.is_null());
            body
        }
        Change::Patch(patch) => match patch.apply(&show(api, &document, evaluation.as_ref()))? {
            Value::Object(body) => own_members(body),
            _ => return Err(ApiError::bad_request("the result is not a JSON object")),
        },
    };
    // A rule that was saved before its fields went away may be renamed all the same.
    let is_same_rule = body.get("expression") == document.body.get("expression");
    check(&body, schema.as_ref().filter(|_| !is_same_rule))?;
    let before = match is_same_rule {
        true => None,
        false => Some(Before::look(api, &mut tx, &caller.sandbox).await?),
    };
    let changed = document::update::<outflow_store::Segment>(&mut tx, caller, &document, body).await?;
    if changed.name != document.name {
        follow_segment(api, &mut tx, &caller.sandbox, id).await?;
    }
    let paused = match before {
        Some(before) => enforce(api, &mut tx, caller, before, on).await?,
        None => Vec::new(),
    };
    tx.commit().await?;
    let mut answer = show(api, &changed, evaluation.as_ref());
    tell_paused(&mut answer, &paused);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn members_change_one_by_one() {
        let server = Server::start().await;
        let path = format!("/data/core/ups/segment/definitions/{}", server.segment("Adults").await);
        let changed = server.client().patch(&path, None, &json!({"name": "Grown-ups", "id": "x"})).await;
        assert_eq!((changed.status, changed.body["name"].as_str()), (200, Some("Grown-ups")), "{}", changed.text);
        assert!(changed.body["expression"]["value"].is_string());
        assert_ne!(changed.body["id"], "x");
        let stale = server.client().patch(&path, Some("\"1\""), &json!({"name": "Adults"})).await;
        assert_eq!(stale.status, 412);
    }

    #[tokio::test]
    async fn a_name_that_files_cannot_have_is_refused_with_the_flow() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let place = "/transformations/0/params/segmentSelectors/selectors/0/value/filenameTemplate";
        let filler = "x".repeat(110);
        let template = json!(format!("%DESTINATION_NAME%_%SEGMENT_ID%_%SEGMENT_NAME%_{filler}%DATETIME(YYYYMMdd)%"));
        let patch = json!([{"op": "replace", "path": place, "value": template}]);
        let flow_path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let named = server.client().patch(&flow_path, Some("*"), &patch).await;
        assert_eq!(named.status, 200, "{}", named.text);
        let path = format!("/data/core/ups/segment/definitions/{}", flow.segment);
        let long = json!({"name": "n".repeat(100)});
        let refused = server.client().patch(&path, None, &long).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/name".to_owned()]), "{}", refused.text);
        assert!(refused.text.contains(&format!("{place} of flow {}", flow.id)), "{}", refused.text);
        assert_eq!(server.client().get(&path).await.body["name"], "Segment of Loyal");
        let short = server.client().patch(&path, None, &json!({"name": "Of age"})).await;
        assert_eq!(short.status, 200, "{}", short.text);
        // A segment whose name no file has may have any.
        let other = format!("/data/core/ups/segment/definitions/{}", server.segment("Other").await);
        assert_eq!(server.client().patch(&other, None, &long).await.status, 200);
    }

    #[tokio::test]
    async fn a_json_patch_does_it_too_and_a_wrong_rule_does_not() {
        let server = Server::start().await;
        let path = format!("/data/core/ups/segment/definitions/{}", server.segment("Adults").await);
        let patch = json!([{"op": "replace", "path": "/expression/value", "value": "age >= 21"}]);
        let changed = server.client().patch(&path, None, &patch).await;
        assert_eq!(changed.body["expression"]["value"], "age >= 21", "{}", changed.text);
        let wrong = server
            .client()
            .patch(&path, None, &json!({"expression": {"type": "PQL", "format": "pql/text", "value": "("}}))
            .await;
        assert_eq!(wrong.fields(), ["/expression/value"]);
        assert_eq!(server.client().get(&path).await.body["expression"]["value"], "age >= 21");
    }
}
