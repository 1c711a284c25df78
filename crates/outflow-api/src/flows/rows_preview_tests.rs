//! What a look shows is what leaves, and nobody is in it who would not leave.

use serde_json::{Value, json};

use crate::testing::Server;
use crate::testing::governance::{EMAIL_TARGETING, column, labels, one};

const PATH: &str = "/data/foundation/flowservice/flows/rowsPreview";
const CHECK: &str = "/data/foundation/flowservice/flows/policyCheck";

/// The only exported file that is no manifest.
fn exported_text(server: &Server) -> String {
    let mut folders = vec![server.path("exports")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|name| name.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("csv") => return std::fs::read_to_string(path).unwrap(),
                _ => {}
            }
        }
    }
    panic!("nothing is exported");
}

#[tokio::test]
async fn the_first_rows_are_those_of_the_file() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    let body = json!({"flow": server.flow_body(&flow, "Not saved")});
    let reader = server.as_client("reader", &["read"]).await;
    assert_eq!(reader.post(PATH, &body).await.status, 409, "there are no profiles yet");
    server.refreshed().await;
    let ruled = reader.post(PATH, &body).await;
    assert_eq!((ruled.status, &ruled.body["profiles"]), (200, &json!(3)), "{}", ruled.text);
    server.evaluated().await;
    let shown = reader.post(PATH, &json!({"flowId": flow.id})).await;
    assert_eq!((&shown.body["text"], &shown.body["rows"]), (&ruled.body["text"], &ruled.body["rows"]));
    assert_eq!((&shown.body["segmentId"], &shown.body["truncated"]), (&json!(flow.segment), &json!(false)));
    assert_eq!(shown.body["contentType"], "text/csv; charset=utf-8");
    assert_eq!(shown.body["columns"], json!(["crmId", "email"]));
    let run = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": flow.id})).await;
    assert_eq!(run.status, 201, "{}", run.text);
    server.work_is_done().await;
    assert_eq!(shown.body["text"], exported_text(&server));
    let one = reader.post(PATH, &json!({"flowId": flow.id, "limit": 1})).await;
    assert_eq!((&one.body["rows"][0], &one.body["rows"][1]), (&shown.body["rows"][0], &Value::Null));
    assert_eq!((&one.body["profiles"], &one.body["truncated"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn nobody_is_shown_who_would_not_be_exported() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    server.evaluated().await;
    let client = server.client();
    let identities = json!({"identities": [{"namespace": "CRMID", "id": "c-2"}], "reason": "asked"});
    assert!(client.post("/data/core/ups/suppressions", &identities).await.status < 300);
    let consent = json!({
        "name": "Only Dan agrees", "status": "ENABLED", "if": {"marketingActionRef": EMAIL_TARGETING},
        "then": {"path": "email", "values": ["dan@example.org", "bea@example.org"]},
    });
    server.put_document::<outflow_store::ConsentPolicy>("c-1", consent).await;
    let body = json!({"flow": server.flow_body(&flow, "Second")});
    let shown = client.post(PATH, &body).await;
    assert_eq!(shown.body["rows"], json!([["c-4", "dan@example.org"]]), "{}", shown.text);
    for other in ["ada@", "bea@", "cem@"] {
        assert!(!shown.text.contains(other), "{other} in {}", shown.text);
    }
}

#[tokio::test]
async fn nothing_is_shown_of_a_flow_that_violates_a_policy() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    let dataset = server.refreshed().await;
    server.put_policy("mail", &one("C4")).await;
    server.put_labels(&dataset, labels(&["C4"], &[])).await;
    let body = json!({"flow": server.flow_body(&flow, "Second")});
    let refused = server.client().post(PATH, &body).await;
    assert_eq!((refused.status, &refused.body["violationsTotal"]), (409, &json!(1)), "{}", refused.text);
    let checked = server.client().post(CHECK, &body["flow"]).await;
    assert_eq!(refused.body["violations"], checked.body["violations"]);
    assert!(!refused.text.contains("@example.org"), "{}", refused.text);
}

/// Nothing is shown, although the flow as it is now violates nothing.
async fn refuses_what_is_older(server: &Server, body: &Value) {
    let checked = server.client().post(CHECK, &body["flow"]).await;
    assert_eq!(checked.body["allowed"], true, "{}", checked.text);
    let refused = server.client().post(PATH, body).await;
    assert_eq!((refused.status, &refused.body["violationsTotal"]), (409, &json!(1)), "{}", refused.text);
    assert!(refused.text.contains("evaluate its segments"), "{}", refused.text);
    assert!(!refused.text.contains("@example.org"), "{}", refused.text);
}

#[tokio::test]
async fn records_of_a_detached_dataset_are_shown_by_the_labels_that_they_had() {
    for is_evaluated in [true, false] {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let client = server.client();
        let detached = server.refreshed().await;
        let file = server.path("lake").join("shop.csv");
        std::fs::write(&file, "crmId,email,age\nc-9,eve@example.org,50\n").unwrap();
        let mut other = server.dataset_body("Shop");
        other["source"]["urls"] = json!([file]);
        assert_eq!(client.post("/data/foundation/datasets", &other).await.status, 201);
        server.work_is_done().await;
        if is_evaluated {
            server.evaluated().await;
        }
        server.put_labels(&detached, labels(&[], &[("/properties/email", &["C4"])])).await;
        server.put_policy("mail", &one("C4")).await;
        let body = json!({"flow": server.flow_body(&flow, "Second")});
        assert_eq!(client.post(CHECK, &body["flow"]).await.body["allowed"], false);
        // Profiles are not merged anew yet.
        assert_eq!(client.delete(&format!("/data/foundation/datasets/{detached}")).await.status, 204);
        refuses_what_is_older(&server, &body).await;
        server.work_is_done().await;
        if is_evaluated {
            refuses_what_is_older(&server, &body).await;
            server.evaluated().await;
        }
        let shown = client.post(PATH, &body).await;
        assert_eq!(shown.body["rows"], json!([["c-9", "eve@example.org"]]), "{}", shown.text);
    }
}

/// A flow whose members were found by their age, which is labelled C5, and whose segment has another rule by now.
async fn with_another_rule(server: &Server) -> Value {
    let flow = server.flow("Loyal").await;
    server.evaluated().await;
    let rule = json!([{"op": "replace", "path": "/expression/value", "value": "email = \"ada@example.org\""}]);
    let path = format!("/data/core/ups/segment/definitions/{}", flow.segment);
    let changed = server.client().patch(&path, Some("*"), &rule).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let datasets = server.client().get("/data/foundation/datasets").await;
    let dataset = datasets.body["items"][0]["id"].as_str().unwrap();
    server.put_labels(dataset, labels(&[], &[("/properties/age", &["C5"])])).await;
    json!({"flow": server.flow_body(&flow, "Second")})
}

#[tokio::test]
async fn members_that_another_rule_found_are_shown_by_that_rule() {
    let server = Server::start().await;
    let body = with_another_rule(&server).await;
    server.put_policy("age", &one("C5")).await;
    refuses_what_is_older(&server, &body).await;
    server.evaluated().await;
    let shown = server.client().post(PATH, &body).await;
    assert_eq!(shown.body["rows"], json!([["c-1", "ada@example.org"]]), "{}", shown.text);
}

#[tokio::test]
async fn consent_is_asked_of_members_that_another_rule_found_by_that_rule() {
    let server = Server::start().await;
    let body = with_another_rule(&server).await;
    let consent = json!({
        "name": "Only Dan agrees", "status": "ENABLED", "if": {"label": "C5"},
        "then": {"path": "email", "values": ["dan@example.org"]},
    });
    server.put_document::<outflow_store::ConsentPolicy>("c-1", consent).await;
    let shown = server.client().post(PATH, &body).await;
    assert_eq!(shown.body["rows"], json!([["c-4", "dan@example.org"]]), "{}", shown.text);
    server.evaluated().await;
    let shown = server.client().post(PATH, &body).await;
    assert_eq!(shown.body["rows"], json!([["c-1", "ada@example.org"]]), "{}", shown.text);
}

#[tokio::test]
async fn who_stops_looking_says_that_there_may_be_more() {
    let server = Server::start().await;
    let file = server.dataset_file();
    let people: String = (5..10_050).map(|n| format!("c-{n},,30\n")).collect();
    std::fs::write(&file, format!("{}{people}", std::fs::read_to_string(&file).unwrap())).unwrap();
    let flow = server.flow("Loyal").await;
    server.refreshed().await;
    let mut body = json!({"flow": server.flow_body(&flow, "Second")});
    body["flow"]["transformations"][0]["params"]["mandatoryFields"] = json!(["email"]);
    for is_evaluated in [false, true] {
        if is_evaluated {
            server.evaluated().await;
        }
        let shown = server.client().post(PATH, &body).await;
        assert_eq!((shown.status, &shown.body["truncated"]), (200, &json!(true)), "{}", shown.text);
        assert!(shown.body["profiles"].as_u64().unwrap() <= 3, "{}", shown.text);
    }
}

#[tokio::test]
async fn only_profiles_that_are_shown_are_counted() {
    let server = Server::start().await;
    let large = "x".repeat(600 << 10);
    let people: String = (1..4).map(|n| format!("c-{n},{large}{n},30\n")).collect();
    std::fs::write(server.dataset_file(), format!("crmId,email,age\n{people}")).unwrap();
    let flow = server.flow("Loyal").await;
    server.refreshed().await;
    let mut flow = server.flow_body(&flow, "Second");
    for first in ["identityMap.CRMID", "crmId"] {
        flow["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([column(first), column("email")]);
        let shown = server.client().post(PATH, &json!({"flow": flow})).await;
        let rows = shown.body["rows"].as_array().map(Vec::len);
        let about = (shown.status, rows, &shown.body["profiles"], &shown.body["truncated"]);
        assert_eq!(about, (200, Some(1), &json!(1), &json!(true)), "{first}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_told_by_its_place() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    let client = server.client();
    let body = server.flow_body(&flow, "Second");
    let fields = async |asked: Value| client.post(PATH, &asked).await.fields();
    assert_eq!(fields(json!({})).await, ["/flow"]);
    assert_eq!(fields(json!({"flow": body, "flowId": flow.id})).await, ["/flow"]);
    assert_eq!(fields(json!({"flow": body, "limit": 51})).await, ["/limit"]);
    assert_eq!(fields(json!({"flow": body, "segmentId": "none"})).await, ["/segmentId"]);
    assert_eq!(fields(json!({"flow": {"name": ""}})).await[0], "/flow/name");
    assert_eq!(client.post(PATH, &json!({"flowId": "none"})).await.status, 404);
}

#[tokio::test]
async fn json_rows_have_lists_and_objects() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let mut body = server.flow_body(&nested.flow, "Second");
    let column = |path: &str| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS", "mapping": {"source": path}}});
    body["transformations"][0]["params"]["profileSelectors"]["selectors"] =
        json!([column("crmId"), column("phones"), column("person")]);
    let shown = server.client().post(PATH, &json!({"flow": body})).await;
    assert_eq!(shown.body["contentType"], "application/x-ndjson", "{}", shown.text);
    let cells = shown.body["rows"][0].as_array().unwrap();
    assert_eq!(cells[0], "c-1");
    let phones: Value = serde_json::from_str(cells[1].as_str().unwrap()).unwrap();
    assert_eq!(phones, json!([{"number": "1", "kind": "home"}]));
    let line: Value = serde_json::from_str(shown.body["text"].as_str().unwrap()).unwrap();
    assert_eq!((&line["phones"], &line["person"]["city"]), (&phones, &json!("Rome")));
    let target = format!("/data/foundation/flowservice/targetConnections/{}", nested.flow.target);
    let parquet = json!([{"op": "replace", "path": "/params/fileType", "value": "PARQUET"}]);
    assert_eq!(server.client().patch(&target, Some("*"), &parquet).await.status, 200);
    let binary = server.client().post(PATH, &json!({"flow": body})).await;
    assert_eq!((&binary.body["rows"], &binary.body["text"]), (&shown.body["rows"], &Value::Null), "{}", binary.text);
}

#[tokio::test]
async fn the_first_messages_are_those_that_a_stream_gets() {
    let server = Server::start().await;
    let flow = server.stream_flow("Live").await;
    server.evaluated().await;
    let shown = server.client().post(PATH, &json!({"flowId": flow.id})).await;
    assert_eq!((shown.status, &shown.body["contentType"]), (200, &json!("application/json")), "{}", shown.text);
    let without_run = |message: &Value| {
        let mut message = message.clone();
        for name in ["eventId", "sequence", "runId"] {
            assert!(message.as_object_mut().unwrap().remove(name).is_some(), "{name}");
        }
        message
    };
    let told: Vec<Value> = shown.body["messages"].as_array().unwrap().iter().map(without_run).collect();
    let sent: Vec<Value> = server.stream().messages().iter().map(without_run).collect();
    assert_eq!((told.len(), &shown.body["profiles"]), (3, &json!(3)));
    for message in &told {
        assert!(sent.contains(message), "{message} was not sent: {sent:?}");
    }
    assert_eq!(shown.body["text"].as_str().unwrap().lines().count(), 3);
    let two = server.client().post(PATH, &json!({"flowId": flow.id, "limit": 2})).await;
    assert_eq!((&two.body["profiles"], &two.body["truncated"]), (&json!(2), &json!(true)), "{}", two.text);
}
