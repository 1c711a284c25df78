//! What a look shows is what leaves, and nobody is in it who would not leave.

use serde_json::{Value, json};

use crate::testing::Server;
use crate::testing::governance::{EMAIL_TARGETING, labels, one};

const PATH: &str = "/data/foundation/flowservice/flows/rowsPreview";

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
    let checked = server.client().post("/data/foundation/flowservice/flows/policyCheck", &body["flow"]).await;
    assert_eq!(refused.body["violations"], checked.body["violations"]);
    assert!(!refused.text.contains("@example.org"), "{}", refused.text);
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
