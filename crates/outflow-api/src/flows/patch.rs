//! `PATCH /flows/{id}`.

use axum::Json as Answer;
use axum::extract::State;

use super::SavedFlow;
use super::check::{check_kept, checked, schema};
use super::govern::{keep_pause, refuse_violations};
use crate::auth::Caller;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::patch::PatchOperationBody;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change a flow
///
/// Activates segments and attributes, changes schedules and names. All of it or nothing, and the result is checked like a
/// new flow. A segment that leaves the flow and comes back begins with a full export; to a stream, with a message about
/// everybody in it. A change that adds a violation of a policy is refused, and so is enabling a flow that violates one;
/// disabling never is.
#[utoipa::path(
    patch,
    path = "/data/foundation/flowservice/flows/{id}",
    tag = "flows",
    params(("id" = String, Path, description = "The flow's id."), IfMatchHeader),
    request_body(content = Vec<PatchOperationBody>, example = json!([{
        "op": "add", "path": "/transformations/0/params/profileSelectors/selectors/-",
        "value": {"type": "JSON_PATH", "value": {"path": "person.name.firstName", "operator": "EXISTS"}}
    }])),
    responses(
        (status = 200, description = "The flow is changed.", body = SavedFlow),
        (status = 409, description = "It would violate policies: `violations` says which, why, and what would resolve it.")
    )
)]
async fn patch(State(api): State<Api>, caller: Caller, request: PatchRequest) -> ApiResult<Answer<SavedFlow>> {
    let (saved, is_activated_anew) = request.retrying(|| change(&api, &caller, &request)).await?;
    api.runner.wake();
    Ok(Answer(if is_activated_anew { saved.counted(&api, &caller.sandbox).await } else { saved }))
}

/// Changes the flow; answers whether what it activates, or whether it does, is among what changed.
async fn change(api: &Api, caller: &Caller, request: &PatchRequest) -> ApiResult<(SavedFlow, bool)> {
    let schema = schema(api, &caller.sandbox).await?;
    let mut tx = api.begin(caller).await?;
    tx.lock_governance(&caller.sandbox).await?;
    let document = tx.get::<outflow_store::Flow>(&caller.sandbox, &request.id).await?;
    let mut body = request.body(api, &document)?;
    body.retain(|name, _| !super::SHOWN_BESIDE.contains(&name.as_str()));
    keep_pause(&mut body, Some(&document));
    check_kept(&body, &document)?;
    let flow = checked(api, &mut tx, &caller.sandbox, Some(&*document), body, schema.as_ref()).await?;
    let changed = document::update::<outflow_store::Flow>(&mut tx, caller, &document, flow.body).await?;
    tx.set_details::<outflow_store::Flow>(&caller.sandbox, &request.id, &flow.details).await?;
    refuse_violations(api, &mut tx, caller, &changed, Some(&document)).await?;
    for state in tx.flow_states(&request.id).await? {
        if !flow.segments.contains(&state.segment_id) {
            tx.delete_flow_state(&request.id, &state.segment_id).await?;
        }
    }
    tx.commit().await?;
    let differs = |member: &&str| document.body.get(*member) != changed.body.get(*member);
    let is_activated_anew = ["transformations", "scheduleParams", "state"].iter().any(differs);
    Ok((SavedFlow::new(&changed, flow.warnings), is_activated_anew))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Server;

    const SEGMENTS: &str = "/transformations/0/params/segmentSelectors/selectors";

    #[tokio::test]
    async fn an_incremental_export_that_cannot_tell_who_left_is_warned_of_until_it_can() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let warned = |answer: &crate::testing::Answer| {
            let warnings = answer.body["warnings"].as_array().cloned().unwrap_or_default();
            let exits = |warning: &Value| warning["message"].as_str().unwrap().contains("who leaves segment");
            warnings.into_iter().filter(exits).map(|warning| warning["field"].clone()).collect::<Vec<_>>()
        };
        let mut body = server.flow_body(&flow, "New");
        let incremental = json!("FIRST_FULL_THEN_INCREMENTAL");
        *body.pointer_mut(&format!("{SEGMENTS}/0/value/exportMode")).unwrap() = incremental.clone();
        let place = json!(format!("{SEGMENTS}/0/value"));
        let created = server.client().post("/data/foundation/flowservice/flows", &body).await;
        assert_eq!(warned(&created), std::slice::from_ref(&place), "{}", created.text);
        let mode = json!([{"op": "replace", "path": format!("{SEGMENTS}/0/value/exportMode"), "value": incremental}]);
        let changed = server.client().patch(&path, Some("*"), &mode).await;
        assert_eq!(warned(&changed), [place], "{}", changed.text);
        let status = json!([{"op": "add", "path": "/transformations/0/params/profileSelectors/selectors/-",
            "value": {"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": "segmentMembership.status"}}}]);
        let mapped = server.client().patch(&path, Some("*"), &status).await;
        assert_eq!((mapped.status, warned(&mapped)), (200, vec![]), "{}", mapped.text);
    }

    #[tokio::test]
    async fn segments_and_attributes_are_activated_by_patch() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let second = server.segment("Second").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let patch = json!([
            {"op": "add", "path": format!("{SEGMENTS}/-"), "value": server.selector(&second)},
            {"op": "ADD", "path": "/transformations/0/params/profileSelectors/selectors/-",
             "value": {"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": "person.name.lastName"}}},
            {"op": "add", "path": "/transformations/0/params/mandatoryFields", "value": ["personalEmail.address"]},
            {"op": "add", "path": "/transformations/0/params/primaryFields",
             "value": [{"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}]},
            {"op": "Add", "path": "/description", "value": "for the agency"}
        ]);
        let changed = server.client().patch(&path, Some(&flow.etag), &patch).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let shown = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(shown.pointer(&format!("{SEGMENTS}/1/value/id")), Some(&json!(second)));
        assert_eq!(shown["etag"], changed.body["etag"]);
        assert_eq!(server.client().patch(&path, Some(&flow.etag), &patch).await.status, 412);
    }

    #[tokio::test]
    async fn removing_twice_follows_the_standard_and_a_failure_changes_nothing() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let remove = json!([
            {"op": "remove", "path": format!("{SEGMENTS}/0"), "value": {"type": "PLATFORM_SEGMENT"}},
            {"op": "remove", "path": format!("{SEGMENTS}/1")}
        ]);
        let answer = server.client().patch(&path, Some("*"), &remove).await;
        assert_eq!(answer.status, 400, "after the first removal there is no second segment");
        let shown = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(shown.pointer(SEGMENTS).and_then(Value::as_array).unwrap().len(), 1);
        assert_eq!(shown["etag"], flow.etag.as_str());
    }

    #[tokio::test]
    async fn another_target_is_another_flow() {
        let server = Server::start().await;
        let flow = server.flow("One").await;
        let other = server.flow("Two").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let patch = json!([{"op": "replace", "path": "/targetConnectionIds/0", "value": other.target}]);
        assert_eq!(server.client().patch(&path, Some("*"), &patch).await.fields(), ["/targetConnectionIds"]);
    }

    #[tokio::test]
    async fn of_two_changes_at_once_with_one_etag_one_wins() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let name = |name: &str| json!([{"op": "replace", "path": "/name", "value": name}]);
        let client = server.client();
        let (names, etag) = ([name("A"), name("B"), name("C"), name("D")], Some(flow.etag.as_str()));
        let [a, b, c, d] = &names;
        let answers = tokio::join!(
            client.patch(&path, etag, a),
            client.patch(&path, etag, b),
            client.patch(&path, etag, c),
            client.patch(&path, etag, d)
        );
        let mut statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412]);
    }
}
