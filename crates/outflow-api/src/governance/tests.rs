//! Changes of each kind after which a flow would violate a policy, and those after which it would not.

use http::Method;
use outflow_store::{DatasetLabels, Flow};
use serde_json::{Value, json};

use crate::testing::governance::{EMAIL_TARGETING, Nested, all, column, labels, one, policy, with_column};
use crate::testing::{Answer, Server};

mod bounds;
mod dry_run;

const FLOWS: &str = "/data/foundation/flowservice/flows";
const POLICIES: &str = "/data/foundation/dulepolicy/policies/custom";

/// Labels of both datasets: C1 on a struct's member, C3 on a member of a list's elements and on a struct, C5 on the whole.
async fn label(server: &Server, nested: &Nested) {
    let crm: [(&str, &[&str]); 3] = [
        ("/properties/person/properties/email", &["C1"]),
        ("/properties/phones/items/properties/number", &["C3"]),
        ("/properties/age", &["C9"]),
    ];
    server.put_labels(&nested.crm, labels(&[], &crm)).await;
    server.put_labels(&nested.shop, labels(&["C5"], &[("/properties/person", &["C3"])])).await;
}

/// Id and name, as violations name things.
fn entity(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name})
}

/// What a refusal says, policy by policy.
fn violated(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 409, "{}", answer.text);
    assert_eq!(answer.content_type, "application/problem+json");
    let violations = answer.body["violations"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    violations.iter().map(|violation| violation["policy"]["id"].as_str().unwrap().to_owned()).collect()
}

/// The versions of everything that a refused write could have changed, and how long the audit log is.
async fn state(server: &Server, nested: &Nested) -> Vec<String> {
    let client = server.client();
    let mut found = Vec::new();
    for path in [nested.path(), nested.target_path(), format!("/data/foundation/datasets/{}", nested.crm)] {
        found.push(client.get(&path).await.body["items"][0]["etag"].to_string());
    }
    found.push(client.get(&nested.segment_path()).await.body["etag"].to_string());
    found.push(client.get(&format!("{FLOWS}?count=true")).await.body["count"].to_string());
    let newest = client.get("/data/foundation/audit/events?limit=1").await;
    found.push(newest.body["items"][0]["seq"].to_string());
    found
}

/// A change after which the flow would violate a policy: it is refused and leaves no trace, and where it is asked to, it is
/// saved and pauses the flow.
async fn refused_or_pauses(
    server: &Server,
    nested: &Nested,
    (method, path): (Method, &str),
    body: &Value,
    policy: &str,
) {
    let before = state(server, nested).await;
    let send = async |path: &str| {
        let body = Some(body.to_string());
        server.client().send(method.clone(), path, &[("if-match", "*")], body).await
    };
    assert_eq!(violated(&send(path).await), [policy]);
    assert_eq!(state(server, nested).await, before);
    let paused = send(&format!("{path}?onViolation=pause")).await;
    assert!(matches!(paused.status, 200 | 201), "{}", paused.text);
    assert_eq!(paused.body["pausedFlows"][0]["id"], *nested.flow.id, "{}", paused.text);
    let (state, pause) = shown(server, nested).await;
    assert_eq!((state.as_str(), &pause["violations"][0]["policyId"]), ("disabled", &json!(policy)), "{pause}");
}

/// A segment's id.
async fn segment(server: &Server, name: &str, rule: &str) -> String {
    let body = json!({"name": name, "expression": {"type": "PQL", "format": "pql/text", "value": rule}});
    let made = server.client().post("/data/core/ups/segment/definitions", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.id().to_owned()
}

/// The state of the flow, and what is said of its pause.
async fn shown(server: &Server, nested: &Nested) -> (String, Value) {
    let flow = server.client().get(&nested.path()).await.body["items"][0].clone();
    (flow["state"].as_str().unwrap().to_owned(), flow["pause"].clone())
}

#[tokio::test]
async fn a_refusal_says_which_policy_why_the_way_of_the_data_and_what_resolves_it() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &all(&["C1", "C3"])).await;
    let rule = json!({"expression": {"type": "PQL", "format": "pql/text", "value": "phones[0].number = \"1\""}});
    let read = server.client().patch(&nested.segment_path(), None, &rule).await;
    assert_eq!(read.status, 200, "C3 alone is allowed: {}", read.text);
    let before = state(&server, &nested).await;
    let refused = server.client().patch(&nested.path(), Some("*"), &with_column("person")).await;
    assert_eq!(violated(&refused), ["p-1"]);
    assert_eq!(refused.body["detail"], "flow Nested would violate policy The p-1");
    let (crm, shop) = (entity(&nested.crm, "crm"), entity(&nested.shop, "shop"));
    let segment = entity(&nested.flow.segment, "Segment of Nested");
    let place = "/transformations/0/params/profileSelectors/selectors/1/value";
    let unmap = json!({"kind": "unmap", "fields": [{"path": "person", "pointer": place}]});
    let expected = json!([{
        "policy": {"id": "p-1", "name": "The p-1", "status": "ENABLED", "marketingActionRefs": [EMAIL_TARGETING],
            "description": "", "deny": all(&["C1", "C3"])},
        "condition": "C1 AND C3",
        "labels": ["C1", "C3"],
        "actions": [EMAIL_TARGETING],
        "segment": segment,
        "flow": entity(&nested.flow.id, "Nested"),
        "lineage": [
            {"origin": {"label": "C3", "dataset": crm, "schemaPath": "/properties/phones/items/properties/number",
                "field": "phones[0].number", "bearing": "own"}, "use": {"path": "phones[0].number", "kind": "rule"}},
            {"origin": {"label": "C1", "dataset": crm, "schemaPath": "/properties/person/properties/email",
                "field": "person", "bearing": "inside"}, "use": {"path": "person", "kind": "mapping", "pointer": place}},
            {"origin": {"label": "C3", "dataset": shop, "schemaPath": "/properties/person", "field": "person",
                "bearing": "own"}, "use": {"path": "person", "kind": "mapping", "pointer": place}},
        ],
        "lineageLeftOut": 0,
        "waysOut": [
            {"steps": [unmap]},
            {"steps": [unmap, {"kind": "changeRule", "segment": segment, "fields": ["phones[0].number"]}]},
            {"steps": [{"kind": "removeSegment", "segment": segment}]},
            {"steps": [{"kind": "dropActions", "actions": [EMAIL_TARGETING]}]},
            {"steps": [{"kind": "disablePolicy", "policyId": "p-1", "policyName": "The p-1", "owner": "custom"}]},
            {"steps": [{"kind": "changeLabels", "dataset": crm, "schemaPath": "/properties/person/properties/email",
                "labels": ["C1"]}]},
            {"steps": [
                {"kind": "changeLabels", "dataset": crm, "schemaPath": "/properties/phones/items/properties/number",
                    "labels": ["C3"]},
                {"kind": "changeLabels", "dataset": shop, "schemaPath": "/properties/person", "labels": ["C3"]},
            ]},
        ],
    }]);
    let same_order = sorted_datasets(&refused.body["violations"]);
    assert_eq!(same_order, sorted_datasets(&expected), "{}", refused.text);
    assert_eq!(state(&server, &nested).await, before, "nothing is saved");
}

/// Datasets come in the order of their ids, which are random: the steps and ways of both are put in one order. What other
/// services' clients read says the same once more, and is left out.
fn sorted_datasets(violations: &Value) -> Value {
    let mut violations = violations.clone();
    for violation in violations.as_array_mut().unwrap() {
        for name in ["enforcementRef", "entities", "violatedPolicies"] {
            violation.as_object_mut().unwrap().remove(name);
        }
        violation["lineage"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        for way in violation["waysOut"].as_array_mut().unwrap() {
            way["steps"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        }
        violation["waysOut"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    violations
}

#[tokio::test]
async fn a_flow_that_violates_is_not_saved_enabled_or_not() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let before = state(&server, &nested).await;
    let mut body = server.flow_body(&nested.flow, "Second");
    body["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([column("person.email")]);
    for state in ["enabled", "disabled"] {
        body["state"] = json!(state);
        assert_eq!(violated(&server.client().post(FLOWS, &body).await), ["p-1"], "{state}");
    }
    assert_eq!(state(&server, &nested).await, before);
    // Without the action, or with another column, it is.
    let mut allowed = body.clone();
    allowed["policy"] = json!({"enforcementRefs": []});
    assert_eq!(server.client().post(FLOWS, &allowed).await.status, 201);
    body["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([column("person.city")]);
    body["state"] = json!("enabled");
    assert_eq!(server.client().post(FLOWS, &body).await.status, 201);
}

#[tokio::test]
async fn every_part_of_a_flow_counts() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    server.put_policy("p-3", &one("C3")).await;
    server.put_policy("p-5", &one("C5")).await;
    let params = "/transformations/0/params";
    let reading = segment(&server, "Reading", "phones[0].kind = \"x\" or orders > 1").await;
    let selector = server.selector(&reading);
    let key = json!([{"fieldType": "ATTRIBUTE", "attributePath": "person.email"}]);
    let before = state(&server, &nested).await;
    for (change, expected) in [
        (with_column("person.email"), vec!["p-1"]),
        (with_column("phones[0].number"), vec!["p-3"]),
        (with_column("orders"), vec!["p-5"]),
        (with_column("person"), vec!["p-1", "p-3", "p-5"]),
        (json!([{"op": "add", "path": format!("{params}/mandatoryFields"), "value": ["person.email"]}]), vec!["p-1"]),
        (json!([{"op": "add", "path": format!("{params}/primaryFields"), "value": key}]), vec!["p-1"]),
        (
            json!([{"op": "add", "path": format!("{params}/segmentSelectors/selectors/-"), "value": selector}]),
            vec!["p-5"],
        ),
    ] {
        let mut found = violated(&server.client().patch(&nested.path(), Some("*"), &change).await);
        found.sort();
        assert_eq!(found, expected, "{change}");
    }
    assert_eq!(state(&server, &nested).await, before);
    // Neither the labels of fields that are not used count, nor those of fields beside.
    let harmless = server.client().patch(&nested.path(), Some("*"), &with_column("phones[0].kind")).await;
    assert_eq!(harmless.status, 200, "{}", harmless.text);
}

#[tokio::test]
async fn an_action_that_is_added_to_a_flow_or_its_target_counts() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_core_policies(&["corepolicy_0008"]).await;
    let refs = json!({"enforcementRefs": ["/dulepolicy/marketingActions/core/dataScience"]});
    let to_flow = json!([{"op": "replace", "path": "/policy", "value": refs}]);
    let to_target = json!([{"op": "add", "path": "/policy", "value": refs}]);
    let before = state(&server, &nested).await;
    // The segment reads `age`, which has C9.
    assert_eq!(violated(&server.client().patch(&nested.path(), Some("*"), &to_flow).await), ["corepolicy_0008"]);
    assert_eq!(state(&server, &nested).await, before);
    let target = nested.target_path();
    refused_or_pauses(&server, &nested, (Method::PATCH, &target), &to_target, "corepolicy_0008").await;
    let wrong = json!([{"op": "replace", "path": "/policy", "value": {"enforcementRefs": ["nothing"]}}]);
    let wrong = server.client().patch(&nested.target_path(), Some("*"), &wrong).await;
    assert_eq!(wrong.fields(), ["/policy/enforcementRefs/0"], "{}", wrong.text);
    let refs = json!(["/dulepolicy/marketingActions/core/dataScience", "/dulepolicy/marketingActions/core/dataSience"]);
    let odd = json!([{"op": "replace", "path": "/policy", "value": {"enforcementRefs": refs}}]);
    let odd = server.client().patch(&nested.target_path(), Some("*"), &odd).await;
    assert_eq!(odd.fields(), ["/policy/enforcementRefs/1"], "{}", odd.text);
    assert!(odd.text.contains("did you mean `/dulepolicy/marketingActions/core/dataScience`"), "{}", odd.text);
}

#[tokio::test]
async fn a_rule_that_reads_what_it_may_not_is_refused_or_pauses() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let rule = |text: &str| json!({"expression": {"type": "PQL", "format": "pql/text", "value": text}});
    let reads = rule("person.email is not null");
    // A segment that no flow exports may read everything.
    segment(&server, "Other", "person.email is not null").await;
    let odd = server.client().patch(&format!("{}?onViolation=no", nested.segment_path()), None, &reads).await;
    assert_eq!(odd.fields(), ["onViolation"], "{}", odd.text);
    refused_or_pauses(&server, &nested, (Method::PATCH, &nested.segment_path()), &reads, "p-1").await;
}

#[tokio::test]
async fn an_identity_that_a_dataset_declares_counts_in_its_namespace() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let mapped = server.client().patch(&nested.path(), Some("*"), &with_column("identityMap.Email[0].id")).await;
    assert_eq!(mapped.status, 200, "{}", mapped.text);
    let path = format!("/data/foundation/datasets/{}", nested.crm);
    let declare =
        json!([{"op": "add", "path": "/identities/-", "value": {"path": "person.email", "namespace": "Email"}}]);
    refused_or_pauses(&server, &nested, (Method::PATCH, &path), &declare, "p-1").await;
}

#[tokio::test]
async fn labels_that_a_dataset_gets_are_refused_or_pause() {
    let server = Server::start().await;
    let nested = server.nested().await;
    server.put_policy("p-9", &one("C9")).await;
    let path = format!("/data/foundation/dataset/datasets/{}/labels", nested.crm);
    let body = labels(&[], &[("/properties/age", &["C9"])]);
    refused_or_pauses(&server, &nested, (Method::POST, &path), &body, "p-9").await;
}

#[tokio::test]
async fn a_policy_that_is_enabled_is_refused_or_pauses() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    let body = policy("No C9", &one("C9"));
    let before = state(&server, &nested).await;
    assert_eq!(violated(&server.client().post(POLICIES, &body).await).len(), 1);
    assert_eq!(state(&server, &nested).await, before);
    let mut draft = body.clone();
    draft["status"] = json!("DRAFT");
    let draft = server.client().post(POLICIES, &draft).await;
    assert_eq!(draft.status, 201, "{}", draft.text);
    let path = format!("{POLICIES}/{}", draft.id());
    let enable = json!([{"op": "replace", "path": "/status", "value": "ENABLED"}]);
    refused_or_pauses(&server, &nested, (Method::PATCH, &path), &enable, draft.id()).await;
}

#[tokio::test]
async fn a_core_policy_that_is_enabled_is_refused_or_pauses() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let fields: [(&str, &[&str]); 1] = [("/properties/age", &["C4"])];
    server.put_labels(&nested.crm, labels(&[], &fields)).await;
    let path = "/data/foundation/dulepolicy/enabledCorePolicies";
    let body = json!({"policyIds": ["corepolicy_0003"]});
    refused_or_pauses(&server, &nested, (Method::PUT, path), &body, "corepolicy_0003").await;
}

#[tokio::test]
async fn what_is_wrong_already_stands_in_nobodys_way() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    let mapped = server.client().patch(&nested.path(), Some("*"), &with_column("person.email")).await;
    assert_eq!(mapped.status, 200, "{}", mapped.text);
    server.put_policy("p-1", &one("C1")).await;
    server.put_policy("p-5", &one("C5")).await;
    // The flow itself, its target, its segment, and what has nothing to do with it.
    let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
    let harmless = server.client().patch(&nested.path(), Some("*"), &rename).await;
    assert_eq!(harmless.status, 200, "{}", harmless.text);
    let column = server.client().patch(&nested.path(), Some("*"), &with_column("phones[0].kind")).await;
    assert_eq!(column.status, 200, "{}", column.text);
    let rule = json!({"expression": {"type": "PQL", "format": "pql/text", "value": "age >= 21"}});
    assert_eq!(server.client().patch(&nested.segment_path(), None, &rule).await.status, 200);
    let refs = json!([{"op": "add", "path": "/policy", "value": {"enforcementRefs": ["/dulepolicy/marketingActions/core/analytics"]}}]);
    let target = server.client().patch(&nested.target_path(), Some("*"), &refs).await;
    assert_eq!((target.status, target.body.get("pausedFlows")), (200, None), "{}", target.text);
    // What is new is refused, and told alone.
    assert_eq!(violated(&server.client().patch(&nested.path(), Some("*"), &with_column("orders")).await), ["p-5"]);
    let orders = json!({"expression": {"type": "PQL", "format": "pql/text", "value": "orders > 1"}});
    assert_eq!(violated(&server.client().patch(&nested.segment_path(), None, &orders).await), ["p-5"]);
}

#[tokio::test]
async fn a_paused_flow_goes_again_when_it_is_right_and_not_before() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let rule = |text: &str| json!({"expression": {"type": "PQL", "format": "pql/text", "value": text}});
    let path = format!("{}?onViolation=pause", nested.segment_path());
    let paused = server.client().patch(&path, None, &rule("person.email is not null")).await;
    let told = &paused.body["pausedFlows"][0];
    assert_eq!(told["violations"][0]["policy"]["id"], "p-1", "{}", paused.text);
    let flow = server.client().get(&nested.path()).await.body["items"][0].clone();
    assert_eq!((&flow["state"], &flow["etag"]), (&json!("disabled"), &told["etag"]));
    assert!(flow["pause"]["reason"].as_str().unwrap().contains("The p-1"), "{flow}");
    assert_eq!(flow["pause"]["violations"][0]["policyId"], "p-1", "{flow}");
    // Neither the action nor a patch enables it, and nobody talks the reason away.
    let action = |op: &str| format!("{}/action?op={op}", nested.path());
    let enable = json!([{"op": "replace", "path": "/state", "value": "enabled"}]);
    assert_eq!(violated(&server.client().post_empty(&action("enable")).await), ["p-1"]);
    assert_eq!(violated(&server.client().patch(&nested.path(), Some("*"), &enable).await), ["p-1"]);
    let forged = json!([{"op": "remove", "path": "/pause"}, {"op": "add", "path": "/description", "value": "x"}]);
    let forged = server.client().patch(&nested.path(), Some("*"), &forged).await;
    assert_eq!((forged.status, shown(&server, &nested).await.1), (200, flow["pause"].clone()), "{}", forged.text);
    assert_eq!(server.client().post_empty(&action("disable")).await.status, 200);
    // The rule is right again: so it goes.
    assert_eq!(server.client().patch(&nested.segment_path(), None, &rule("age >= 18")).await.status, 200);
    assert_eq!(shown(&server, &nested).await.0, "disabled", "nobody asked for it");
    let enabled = server.client().post_empty(&action("enable")).await;
    assert_eq!(enabled.status, 200, "{}", enabled.text);
    assert_eq!(shown(&server, &nested).await, ("enabled".to_owned(), Value::Null));
    let audit = server.client().get("/data/foundation/audit/events?action=paused").await;
    assert_eq!(audit.body["items"][0]["objectId"], *nested.flow.id, "{}", audit.text);
    assert_eq!(audit.body["items"][0]["actor"], "admin");
}

#[tokio::test]
async fn disabling_is_always_possible() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-9", &one("C9")).await;
    let action = |op: &str| format!("{}/action?op={op}", nested.path());
    assert_eq!(server.client().post_empty(&action("disable")).await.status, 200);
    assert_eq!(violated(&server.client().post_empty(&action("enable")).await), ["p-9"]);
    // So it is of a flow that cannot even be read.
    let mut tx = server.store().begin().await.unwrap();
    let flow = tx.get::<Flow>("prod", &nested.flow.id).await.unwrap();
    let mut body = flow.body.clone();
    (body["state"], body["policy"]) = (json!("enabled"), json!(7));
    let change = outflow_store::Change { name: None, body, by: "admin" };
    tx.update::<Flow>("prod", &nested.flow.id, outflow_store::Expected::Any, change).await.unwrap();
    tx.commit().await.unwrap();
    let disabled = server.client().post_empty(&action("disable")).await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    assert_eq!(server.client().post_empty(&action("enable")).await.status, 400);
}

#[tokio::test]
async fn a_disabled_flow_holds_up_no_policy_and_pays_when_it_is_enabled() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    let action = |op: &str| format!("{}/action?op={op}", nested.path());
    assert_eq!(server.client().post_empty(&action("disable")).await.status, 200);
    let saved = server.client().post(POLICIES, &policy("No C9", &one("C9"))).await;
    assert_eq!((saved.status, saved.body.get("pausedFlows")), (201, None), "{}", saved.text);
    assert_eq!(violated(&server.client().post_empty(&action("enable")).await), [saved.id()]);
}

#[tokio::test]
async fn data_that_never_leaves_needs_no_policy() {
    let server = Server::start().await;
    let nested = server.nested().await;
    server.put_document::<DatasetLabels>(&nested.crm, labels(&["C12"], &[])).await;
    let refused = server.client().patch(&nested.path(), Some("*"), &with_column("person.city")).await;
    // The flow reads the dataset's data already, so only what is there before is wrong.
    assert_eq!(refused.status, 200, "{}", refused.text);
    let mut body = server.flow_body(&nested.flow, "Second");
    body["policy"] = json!({"enforcementRefs": []});
    assert_eq!(violated(&server.client().post(FLOWS, &body).await), ["label_C12"]);
}

#[tokio::test]
async fn of_two_changes_that_are_harmless_alone_the_second_is_refused() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &all(&["C1", "C5"])).await;
    let rule = json!({"expression": {"type": "PQL", "format": "pql/text", "value": "person.email is not null"}});
    let (client, column) = (server.client(), with_column("orders"));
    let (flow, segment) = (nested.path(), nested.segment_path());
    let (one, other) = tokio::join!(client.patch(&flow, Some("*"), &column), client.patch(&segment, None, &rule));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text, other.text);
}
