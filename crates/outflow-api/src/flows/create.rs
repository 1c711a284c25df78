//! `POST /flows`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;

use super::check::{checked, schema};
use super::govern::{keep_pause, refuse_violations};
use super::{Flow, SavedFlow};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Create a destination
///
/// Segments and attributes may be activated now or later, by PATCH. A flow begins enabled: its segments' schedules count
/// from now on, and to a stream whoever is in a segment is sent at once. One that violates a policy is not saved, enabled or
/// not.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows",
    tag = "flows",
    request_body = Flow,
    responses(
        (status = 201, description = "The flow is saved.", body = SavedFlow),
        (status = 409, description = "It violates policies: `violations` says which, why, and what would resolve it.")
    )
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<SavedFlow>)> {
    let schema = schema(&api, &caller.sandbox).await?;
    let mut tx = api.begin(&caller).await?;
    tx.lock_governance(&caller.sandbox).await?;
    let mut body = document::own_members(body);
    body.retain(|name, _| !super::SHOWN_BESIDE.contains(&name.as_str()));
    keep_pause(&mut body, None);
    let flow = checked(&api, &mut tx, &caller.sandbox, None, body, schema.as_ref()).await?;
    let created = document::insert::<outflow_store::Flow>(&mut tx, &caller, None, flow.body).await?;
    tx.set_details::<outflow_store::Flow>(&caller.sandbox, &created.id, &flow.details).await?;
    refuse_violations(&api, &mut tx, &caller, &created, None).await?;
    tx.commit().await?;
    api.runner.wake();
    let saved = SavedFlow::new(&created, flow.warnings).counted(&api, &caller.sandbox).await;
    Ok((StatusCode::CREATED, Answer(saved)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/flows";
    const AT: &str = "/transformations/0/params";

    #[tokio::test]
    async fn a_copy_does_not_have_the_runs_of_what_it_was_copied_from() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        body["lastRunDetails"] = json!({"state": "success"});
        body["runs"] = json!("/runs?property=flowId==other");
        body["inheritedAttributes"] = json!({"targetConnections": []});
        let created = server.client().post(PATH, &body).await;
        let path = format!("{PATH}/{}", created.id());
        let shown = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(shown.get("lastRunDetails"), None);
        assert_eq!(shown["runs"], format!("/runs?property=flowId=={}", created.id()));
        assert_eq!(shown["inheritedAttributes"]["targetConnections"][0]["id"], flow.target.as_str());
        let forged = json!([{"op": "add", "path": "/lastRunDetails", "value": {"state": "success"}}]);
        assert_eq!(server.client().patch(&path, Some("*"), &forged).await.etag(), created.etag());
        assert_eq!(server.client().get(&path).await.body["items"][0].get("lastRunDetails"), None);
    }

    #[tokio::test]
    async fn a_flow_has_all_its_problems_told_at_once() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "");
        body["policy"] = json!(7);
        body["targetConnectionIds"] = json!(["none"]);
        body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"]["exportMode"] = json!("NOPE");
        let fields = server.client().post(PATH, &body).await.fields();
        for field in ["/name", "/policy", "/targetConnectionIds"] {
            assert_eq!(fields.iter().filter(|named| *named == field).count(), 1, "{field}: {fields:?}");
        }
        assert!(fields.iter().any(|field| field.ends_with("/exportMode")), "{fields:?}");
    }

    #[tokio::test]
    async fn a_flow_is_stored_as_it_was_sent() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"]["note"] = json!({"kept": 1});
        body["scheduleParams"] = json!({"interval": "3", "timeUnit": "hour", "startTime": 1_675_901_210});
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await.body["items"][0].clone();
        for member in ["transformations", "scheduleParams", "flowSpec", "policy", "sourceConnectionIds"] {
            assert_eq!(shown[member], body[member], "{member}");
        }
        assert_eq!(shown["state"], "enabled");
        let target = &shown["inheritedAttributes"]["targetConnections"][0];
        assert_eq!(target["id"], flow.target.as_str());
        assert_eq!(target["baseConnection"]["id"], flow.connection.as_str());
    }

    #[tokio::test]
    async fn wrong_transformations_are_refused_by_their_place() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        let selector = &mut body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"];
        selector["schedule"]["frequency"] = json!("EVERY_9_HOURS");
        selector["filenameTemplate"] = json!("../%NOPE%");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let at = "/transformations/0/params/segmentSelectors/selectors/0/value";
        let fields = answer.fields();
        assert!(fields.contains(&format!("{at}/schedule/frequency")), "{fields:?}");
        assert!(fields.iter().any(|field| field.starts_with(&format!("{at}/filename"))), "{fields:?}");
    }

    #[tokio::test]
    async fn every_missing_part_is_named() {
        let server = Server::start().await;
        let answer = server.client().post(PATH, &json!({"state": "asleep"})).await;
        assert_eq!(answer.fields(), ["/name", "/flowSpec", "/sourceConnectionIds", "/targetConnectionIds", "/state"]);
        let body = json!({
            "name": "Loyal", "flowSpec": {"id": "none"}, "sourceConnectionIds": ["a"], "targetConnectionIds": ["b"]
        });
        let fields = server.client().post(PATH, &body).await.fields();
        assert!(fields.contains(&"/sourceConnectionIds".into()) && fields.contains(&"/targetConnectionIds".into()));
    }

    #[tokio::test]
    async fn an_unknown_segment_is_refused_by_its_place() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        let selectors = &mut body["transformations"][0]["params"]["segmentSelectors"]["selectors"];
        selectors[0]["value"]["id"] = json!("54669488-03ab-4e0d-a694-37fe49e32be8");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.fields(), ["/transformations/0/params/segmentSelectors/selectors/0/value/id"]);
    }

    #[tokio::test]
    async fn a_marketing_action_that_is_not_there_is_refused_with_names_that_look_alike() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        let reference = |name: &str| json!(format!("/dulepolicy/marketingActions/{name}"));
        body["policy"]["enforcementRefs"] =
            json!([reference("core/emailTargetting"), reference("custom/crmSync"), reference("core/analytics")]);
        let refused = server.client().post(PATH, &body).await;
        assert_eq!(refused.fields(), ["/policy/enforcementRefs/0", "/policy/enforcementRefs/1"], "{}", refused.text);
        assert!(
            refused.text.contains("did you mean `/dulepolicy/marketingActions/core/emailTargeting`"),
            "{}",
            refused.text
        );
        server.put_document::<outflow_store::MarketingAction>("crmSync", json!({"name": "crmSync"})).await;
        body["policy"]["enforcementRefs"] = json!([reference("custom/crmSync")]);
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }

    #[tokio::test]
    async fn the_generic_flow_spec_and_the_kinds_own_are_accepted() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Second");
        body["flowSpec"]["id"] = json!("71471eba-b620-49e4-90fd-23f1fa0174d8");
        body["transformations"][0]["name"] = json!("General Transform");
        assert_eq!(server.client().post(PATH, &body).await.status, 201);
        body["flowSpec"]["id"] = json!("354d6aad-4754-46e4-a576-1b384561c440");
        assert_eq!(server.client().post(PATH, &body).await.fields(), ["/flowSpec"]);
    }

    #[tokio::test]
    async fn a_flow_to_a_stream_has_segments_without_schedules_and_says_what_sends() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.refreshed().await;
        let mut body = server.client().get(&format!("{PATH}/{}", flow.id)).await.body["items"][0].clone();
        body["name"] = json!("Second");
        body["streamStatus"] = json!({"state": "forged"});
        let params = &mut body["transformations"][0]["params"];
        params["streaming"] = json!({"triggers": {"identities": false}, "coalesce": true});
        // Lists fit into messages; file names are nobody's concern.
        params["profileSelectors"]["selectors"] = json!([{"type": "JSON_PATH", "value": {"path": "nowhere"}}]);
        let refused = server.client().post(PATH, &body).await;
        assert_eq!(
            (refused.status, refused.fields()),
            (400, vec![format!("{AT}/profileSelectors/selectors/0/value/path")])
        );
        body["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([]);
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await.body["items"][0].clone();
        assert_eq!(shown["transformations"][0]["params"]["streaming"]["coalesce"], true);
        assert_ne!(shown["streamStatus"]["state"], "forged");
    }

    #[tokio::test]
    async fn an_attribute_that_profiles_lack_is_refused_with_what_is_near_once_everything_is_read() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let path = format!("{PATH}/{}", flow.id);
        let map = |field: &str| {
            let selector = json!({"type": "JSON_PATH", "value": {"path": field, "operator": "EXISTS"}});
            json!([{"op": "add", "path": format!("{AT}/profileSelectors/selectors/-"), "value": selector}])
        };
        // Nothing is known of profiles yet.
        assert_eq!(server.client().patch(&path, Some("*"), &map("emial")).await.status, 200);
        server.refreshed().await;
        let refused = server.client().patch(&path, Some("*"), &map("crmI")).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.text.contains("no field `crmI`") && refused.text.contains("crmId"), "{}", refused.text);
        assert_eq!(server.client().patch(&path, Some("*"), &map("age")).await.status, 200);
        // What it named before keeps nobody from changing something else.
        let renamed = json!([{"op": "replace", "path": "/name", "value": "Lively"}]);
        let changed = server.client().patch(&path, Some("*"), &renamed).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert!(changed.body["warnings"][0]["message"].as_str().unwrap().contains("emial"), "{}", changed.text);
    }

    #[tokio::test]
    async fn what_a_stream_cannot_have_is_refused_by_its_place() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let mut body = server.client().get(&format!("{PATH}/{}", flow.id)).await.body["items"][0].clone();
        let params = &mut body["transformations"][0]["params"];
        params["streaming"] = json!({"triggers": {"segments": true}, "rewrites": "no"});
        params["mandatoryFields"] = json!(["email"]);
        let fields = server.client().post(PATH, &body).await.fields();
        let at = "/transformations/0/params";
        for place in ["streaming/triggers/segments", "streaming/rewrites", "mandatoryFields"] {
            assert!(fields.contains(&format!("{at}/{place}")), "{place}: {fields:?}");
        }
    }

    #[tokio::test]
    async fn a_flow_to_a_stream_may_map_nothing() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let path = format!("{PATH}/{}", flow.id);
        let patch =
            json!([{"op": "replace", "path": "/transformations/0/params/profileSelectors/selectors", "value": []}]);
        let changed = server.client().patch(&path, Some("*"), &patch).await;
        assert_eq!((changed.status, changed.body.get("warnings")), (200, None), "{}", changed.text);
        server.evaluated().await;
        let sent = server.stream().messages();
        assert_eq!(sent.len(), 3, "{sent:?}");
        assert!(sent[0]["identityMap"].is_object() && sent[0]["segmentMembership"].is_object(), "{sent:?}");
    }
}
