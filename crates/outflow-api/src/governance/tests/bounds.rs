//! Very many violations, and what answers say of them; what they must not leave behind.

use outflow_store::{LabelDefinition, Policy};
use serde_json::{Value, json};

use super::{FLOWS, POLICIES, label, shown};
use crate::testing::Server;
use crate::testing::governance::{EMAIL_TARGETING, labels, one, policy, with_column};

/// More than an answer tells.
const MANY: usize = 130;

async fn put_many(server: &Server) {
    let mut tx = server.store().begin().await.unwrap();
    for number in 0..MANY {
        let body = policy(&format!("Policy {number}"), &one("C1"));
        let id = format!("p-{number}");
        let new = outflow_store::NewDocument { id: Some(id), sandbox: "prod", name: "p", body, by: "admin" };
        tx.insert::<Policy>(new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn counts(answer: &Value) -> (usize, u64) {
    (answer["violations"].as_array().map_or(0, Vec::len), answer["violationsTotal"].as_u64().unwrap())
}

#[tokio::test]
async fn an_answer_tells_the_first_violations_and_how_many_there_are() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    put_many(&server).await;
    let refused = server.client().patch(&nested.path(), Some("*"), &with_column("person.email")).await;
    assert_eq!((refused.status, counts(&refused.body)), (409, (100, MANY as u64)), "{:.500}", refused.text);
    assert_eq!((&refused.body["violationsLeftOut"], &refused.body["count"]), (&json!(MANY - 100), &json!(MANY)));
    assert!(refused.body["detail"].as_str().unwrap().ends_with("and 127 more"), "{}", refused.body["detail"]);
    let mut body = server.client().get(&nested.path()).await.body["items"][0].clone();
    *body.pointer_mut("/transformations/0/params/profileSelectors/selectors").unwrap() =
        json!([crate::testing::governance::column("person.email")]);
    let said = server.client().post(&format!("{FLOWS}/policyCheck"), &body).await;
    assert_eq!((said.status, counts(&said.body)), (200, (100, MANY as u64)), "{:.500}", said.text);
    // Of what a change pauses, too; the pause itself keeps fewer.
    let rule = json!({"expression": {"type": "PQL", "format": "pql/text", "value": "person.email is not null"}});
    let path = format!("{}?onViolation=pause", nested.segment_path());
    let paused = server.client().patch(&path, None, &rule).await;
    assert_eq!(counts(&paused.body["pausedFlows"][0]), (100, MANY as u64), "{:.500}", paused.text);
    let pause = shown(&server, &nested).await.1;
    assert_eq!((pause["violations"].as_array().unwrap().len(), &pause["violationsLeftOut"]), (50, &json!(MANY - 50)));
}

#[tokio::test]
async fn what_clients_of_other_services_read_has_addresses_as_theirs() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let refused = server.client().patch(&nested.path(), Some("*"), &with_column("person.email")).await;
    let violation = &refused.body["violations"][0];
    let address = format!("{}/data/foundation{EMAIL_TARGETING}", server.url());
    assert_eq!(violation["violatedPolicies"][0]["marketingActionRefs"], json!([address]), "{}", refused.text);
    assert_eq!(violation["enforcementRef"], format!("{EMAIL_TARGETING}/constraints"));
}

#[tokio::test]
async fn paused_flows_that_come_back_with_a_body_are_not_kept() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    let saved = server.client().post(&format!("{POLICIES}?onViolation=pause"), &policy("No C9", &one("C9"))).await;
    assert_eq!(saved.body["pausedFlows"].as_array().map(Vec::len), Some(1), "{}", saved.text);
    let path = format!("{POLICIES}/{}", saved.id());
    assert_eq!(server.client().put(&path, None, &saved.body).await.status, 200);
    assert_eq!(server.client().get(&path).await.body.get("pausedFlows"), None);
    let mut segment = server.client().get(&nested.segment_path()).await.body;
    (segment["pausedFlows"], segment["description"]) = (json!([]), json!("Changed"));
    let changed = server.client().patch(&nested.segment_path(), None, &segment).await;
    assert_eq!((changed.status, &changed.body["description"]), (200, &json!("Changed")), "{}", changed.text);
    assert_eq!(server.client().get(&nested.segment_path()).await.body.get("pausedFlows"), None);
}

#[tokio::test]
async fn lists_that_are_too_long_are_refused_before_they_are_looked_at() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let many: Vec<String> = (0..2_001).map(|number| format!("L{number}")).collect();
    let path = format!("/data/foundation/dataset/datasets/{}/labels", nested.crm);
    let many_labels: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = server.client().put(&path, Some("*"), &labels(&many_labels, &[])).await;
    assert_eq!((refused.status, refused.fields()), (400, vec!["/labels".to_owned()]), "{}", refused.text);
    let mut body = server.flow_body(&nested.flow, "Second");
    body["policy"] = json!({"enforcementRefs": vec![EMAIL_TARGETING; 101]});
    let refused = server.client().post(FLOWS, &body).await;
    assert_eq!(refused.fields(), ["/policy/enforcementRefs"], "{}", refused.text);
    server.put_document::<LabelDefinition>("L1", json!({"name": "L1", "category": "Custom"})).await;
    assert_eq!(server.client().put(&path, Some("*"), &labels(&["L1", "L1"], &[])).await.body["labels"], json!(["L1"]));
}
