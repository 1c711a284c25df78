//! What policies say of a flow that is not saved.

use serde_json::{Value, json};

use super::{FLOWS, entity, label, state};
use crate::testing::Server;
use crate::testing::governance::{EMAIL_TARGETING, column, one};

#[tokio::test]
async fn a_dry_run_says_what_saving_says() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let check = format!("{FLOWS}/policyCheck");
    let reader = server.as_client("reader", &["read"]).await;
    let mut body = server.flow_body(&nested.flow, "Second");
    let columns = "/transformations/0/params/profileSelectors/selectors";
    for (column_path, is_allowed) in [("person.city", true), ("person.email", false)] {
        *body.pointer_mut(columns).unwrap() = json!([column(column_path)]);
        let before = state(&server, &nested).await;
        let said = reader.post(&check, &body).await;
        assert_eq!((said.status, said.body["allowed"].as_bool()), (200, Some(is_allowed)), "{}", said.text);
        assert_eq!(state(&server, &nested).await, before, "nothing is saved");
        let saved = server.client().post(FLOWS, &body).await;
        assert_eq!(saved.status, if is_allowed { 201 } else { 409 }, "{}", saved.text);
        let mut told = saved.body["violations"].clone();
        // Only the id that the flow would have had differs.
        for violation in told.as_array_mut().into_iter().flatten() {
            violation["flow"]["id"] = json!("");
        }
        assert_eq!(said.body["violations"], if is_allowed { json!([]) } else { told });
    }
    // A flow as it is shown, and one that is wrong in another way.
    let mut saved = server.client().get(&nested.path()).await.body["items"][0].clone();
    assert_eq!(reader.post(&check, &saved).await.body["allowed"], true);
    *saved.pointer_mut(columns).unwrap() = json!([column("person.email")]);
    let said = reader.post(&check, &saved).await;
    assert_eq!(said.body["violations"][0]["flow"], entity(&nested.flow.id, "Nested"), "{}", said.text);
    saved["policy"] = json!(7);
    assert_eq!(reader.post(&check, &saved).await.fields(), ["/policy"]);
}

#[tokio::test]
async fn what_is_assumed_counts_as_if_it_were_so() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let check = format!("{FLOWS}/policyCheck");
    let mut body = server.flow_body(&nested.flow, "Second");
    let columns = "/transformations/0/params/profileSelectors/selectors";
    *body.pointer_mut(columns).unwrap() = json!([column("person.email")]);
    let labels = json!({"labels": [], "optionalLabels": [
        {"option": {"schemaPath": "/properties/person/properties/email"}, "labels": ["C1"]}]});
    let mut policy = json!({"id": "p-1", "name": "The p-1", "status": "ENABLED", "deny": {"label": "C1"},
        "marketingActionRefs": [EMAIL_TARGETING]});
    let assumed = |policy: &Value| json!({"policies": [policy], "datasetLabels": {&nested.crm: labels}});
    let before = state(&server, &nested).await;
    body["assumed"] = assumed(&policy);
    let said = server.client().post(&check, &body).await;
    assert_eq!(
        (said.body["violationsTotal"].as_u64(), said.body["violations"][0]["policy"]["id"].as_str()),
        (Some(1), Some("p-1")),
        "{}",
        said.text
    );
    policy["status"] = json!("DRAFT");
    body["assumed"] = assumed(&policy);
    assert_eq!(server.client().post(&check, &body).await.body["allowed"], true);
    body["assumed"]["enabledCorePolicies"] = json!(["corepolicy_0003"]);
    body["assumed"]["datasetLabels"][&nested.crm] = json!({"labels": ["C4"]});
    assert_eq!(server.client().post(&check, &body).await.body["allowed"], false);
    let other = json!("/dulepolicy/marketingActions/custom/partnerAds");
    body["policy"]["enforcementRefs"] = json!([other]);
    body["assumed"] = json!({"marketingActions": [other]});
    assert_eq!(server.client().post(&check, &body).await.body["allowed"], true);
    policy["marketingActionRefs"] = json!([other]);
    policy["status"] = json!("ENABLED");
    body["assumed"] = assumed(&policy);
    assert_eq!(server.client().post(&check, &body).await.fields(), ["/policy/enforcementRefs/0"]);
    body["assumed"]["marketingActions"] = json!([other]);
    assert_eq!(server.client().post(&check, &body).await.body["allowed"], false);
    body["assumed"] = json!({"policies": [{"id": "x"}], "segments": 7, "polices": []});
    let wrong = server.client().post(&check, &body).await.fields();
    assert!(
        wrong.contains(&"/assumed/segments".to_owned()) && wrong.contains(&"/assumed/polices".to_owned()),
        "{wrong:?}"
    );
    assert!(wrong.iter().any(|field| field.starts_with("/assumed/policies/0/")), "{wrong:?}");
    assert_eq!(state(&server, &nested).await, before, "nothing is saved");
}

#[tokio::test]
async fn what_targets_would_be_for_counts_in_place_of_what_they_are_for() {
    let server = Server::start().await;
    let nested = server.nested().await;
    label(&server, &nested).await;
    server.put_policy("p-1", &one("C1")).await;
    let check = format!("{FLOWS}/policyCheck");
    let mut body = server.flow_body(&nested.flow, "Second");
    *body.pointer_mut("/transformations/0/params/profileSelectors/selectors").unwrap() =
        json!([column("person.email")]);
    body["policy"] = json!({"enforcementRefs": []});
    let other = "/dulepolicy/marketingActions/custom/partnerAds";
    for (actions, is_allowed) in [(json!([]), true), (json!([EMAIL_TARGETING]), false), (json!([other]), true)] {
        body["assumed"] = json!({"marketingActions": [other], "targetActions": {&nested.flow.target: actions}});
        let said = server.client().post(&check, &body).await;
        assert_eq!(said.body["allowed"], is_allowed, "{}", said.text);
    }
}

#[tokio::test]
async fn what_is_assumed_amiss_is_told_by_its_place() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let check = format!("{FLOWS}/policyCheck");
    let mut body = server.flow_body(&nested.flow, "Second");
    body["assumed"] = json!({"datasetLabels": [], "marketingActions": "x", "targetActions": 7});
    let wrong = server.client().post(&check, &body).await;
    let expected = ["/assumed/marketingActions", "/assumed/targetActions", "/assumed/datasetLabels"];
    assert_eq!((wrong.status, wrong.fields()), (400, expected.map(str::to_owned).to_vec()), "{}", wrong.text);
    body["assumed"] = json!({"datasetLabels": {"a/b~c": 7}, "targetActions": {"t": "x"}});
    let wrong = server.client().post(&check, &body).await.fields();
    assert!(wrong.iter().all(|field| field == "/assumed/targetActions/t" || field.contains("/a~1b~0c")), "{wrong:?}");
    assert!(wrong.len() > 1, "{wrong:?}");
    let mut segment = server.client().get(&nested.segment_path()).await.body;
    segment["id"] = json!("no-segment");
    body["assumed"] = json!({
        "enabledCorePolicies": ["corepolicy_0001", "corepolicy_9999"], "datasetLabels": {"no/dataset": {"labels": ["C1"]}},
        "segments": [segment],
        "targetActions": {"none": [], &nested.flow.target: ["/dulepolicy/marketingActions/custom/partnerAds"]},
    });
    let mut wrong = server.client().post(&check, &body).await.fields();
    wrong.sort();
    let actions = format!("/assumed/targetActions/{}/0", nested.flow.target);
    let mut expected = [
        "/assumed/enabledCorePolicies/1",
        "/assumed/datasetLabels/no~1dataset",
        "/assumed/segments/0/id",
        "/assumed/targetActions/none",
        &actions,
    ];
    expected.sort_unstable();
    assert_eq!(wrong, expected);
}

#[tokio::test]
async fn a_dry_run_names_the_consent_that_is_asked_for() {
    let server = Server::start().await;
    let nested = server.nested().await;
    let consent = json!({
        "name": "E-mail only with consent", "status": "ENABLED", "if": {"marketingActionRef": EMAIL_TARGETING},
        "then": {"path": "consents.email", "values": ["y"]},
    });
    server.put_document::<outflow_store::ConsentPolicy>("c-1", consent).await;
    let body = server.flow_body(&nested.flow, "Second");
    let said = server.client().post(&format!("{FLOWS}/policyCheck"), &body).await;
    let expected = json!([{"segmentId": nested.flow.segment, "policies": [
        {"id": "c-1", "name": "E-mail only with consent", "allowed": "consents.email in [\"y\"]"}
    ]}]);
    assert_eq!((said.body["allowed"].as_bool(), &said.body["consent"]), (Some(true), &expected), "{}", said.text);
}
