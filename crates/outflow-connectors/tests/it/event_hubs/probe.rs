//! What the connection test finds, step by step.

use serde_json::json;

use super::Place;
use crate::support::{failure, steps};

#[tokio::test]
async fn a_policy_that_may_send_passes_and_sends_nothing() {
    for policy in ["send-only", "RootManageSharedAccessKey", "exports-send"] {
        let place = Place::start(policy).await;
        let report = place.probe().await;
        assert_eq!(
            steps(&report),
            [
                "Check the settings: passed",
                "Reach the endpoint: passed",
                "Encrypt the connection: limited",
                "Agree on AMQP: passed",
                "Sign in: passed",
                "Open the hub for sending: passed",
            ],
            "{policy}"
        );
        assert!(place.stored().is_empty());
    }
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let place = Place::start("listen-only").await;
    let report = place.probe().await;
    let (step, message, hint) = failure(&report);
    assert_eq!(step, "Open the hub for sending");
    assert!(message.contains("listen-only may not send to the hub exports"), "{message}");
    assert!(hint.contains("the claim Send"), "{hint}");
    assert_eq!(steps(&report).last().unwrap(), "Open the hub for sending: failed refused");
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_policy_are_credentials() {
    let place = Place::start("send-only").await.with("sasKey", "d3Jvbmc=");
    let report = place.probe().await;
    assert_eq!(steps(&report).last().unwrap(), "Sign in: failed credentials");
    assert!(failure(&report).2.contains("sasKey"), "{:?}", failure(&report));
    let place = Place::start("send-only").await.with("sasKeyName", "nobody");
    assert_eq!(steps(&place.probe_account().await).last().unwrap(), "Sign in: failed credentials");
}

#[tokio::test]
async fn a_hub_that_is_not_there_is_named() {
    for policy in ["send-only", "RootManageSharedAccessKey"] {
        let place = Place::start(policy).await.hub("nowhere");
        let report = place.probe().await;
        let (step, message, _) = failure(&report);
        assert!(message.contains("no hub nowhere"), "{step}: {message}");
    }
}

#[tokio::test]
async fn an_account_signs_in_without_a_hub() {
    let place = Place::start("send-only").await;
    assert_eq!(steps(&place.probe_account().await).last().unwrap(), "Sign in: passed");
    let place = Place::start("exports-send").await.with("eventHubName", "exports");
    assert_eq!(steps(&place.probe_account().await).last().unwrap(), "Open the hub for sending: passed");
}

#[tokio::test]
async fn a_service_in_trouble_is_not_the_accounts_fault() {
    let place = Place::start("send-only").await;
    place.faults(&json!({"cbsFailure": {"status": 503}}));
    assert_eq!(steps(&place.probe().await).last().unwrap(), "Sign in: failed throttled");
    place.faults(&json!({"unavailable": true}));
    assert!(steps(&place.probe().await).last().unwrap().ends_with("failed unavailable"));
}

#[tokio::test]
async fn other_protocols_are_told() {
    let place = Place::start("send-only").await;
    let sftp = place.practice.sftp();
    let endpoint = format!("amqp://{}:{}", sftp.host, sftp.port);
    let place = place.with("endpointUrl", endpoint);
    let report = place.probe().await;
    assert_eq!(steps(&report).last().unwrap(), "Agree on AMQP: failed config");
    assert!(failure(&report).1.contains("does not speak AMQP"));
}
