//! Each fault of the Event Hubs namespace does what it says, and stops when it is off.

use serde_json::json;

use crate::event_hubs::{JAVASCRIPT, PYTHON, says};
use crate::support::Target;

#[tokio::test]
async fn server_busy_is_a_rejection_that_sdks_try_again_after() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"serverBusy": {"times": 1}}}));
    let seen = target.client(PYTHON, "send_once").await;
    assert!(says(&seen, &["com.microsoft:server-busy", "Error code : 50002", "Please wait 4 seconds"]), "{seen}");
    assert_eq!(target.client(PYTHON, "stored").await, 0);

    target.faults(json!({"eventHubs": {"serverBusy": {"times": 1}}}));
    let seen = target.client(JAVASCRIPT, "send_once").await;
    assert!(says(&seen, &["ServerBusyError", "being throttled"]), "{seen}");

    target.faults(json!({"eventHubs": {"serverBusy": {"times": 1}}}));
    let seen = target.client(PYTHON, "send_with_retries").await;
    assert_eq!((&seen[0], &seen[1]), (&json!("OK"), &json!(1)), "{seen}");
    assert!(seen[2].as_f64().unwrap() > 3.9, "the SDK waits four seconds: {seen}");
}

#[tokio::test]
async fn some_transfers_only_are_throttled() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"serverBusy": {"times": 9, "every": 2}}}));
    let seen = target.client(PYTHON, "send_three").await;
    assert_eq!((&seen[0], &seen[2]), (&json!("OK"), &json!("OK")), "{seen}");
    assert!(says(&seen[1], &["server-busy"]), "{seen}");
    assert_eq!(target.practice.faults().settings().event_hubs.server_busy.unwrap().times, 8);
}

#[tokio::test]
async fn transfers_are_not_taken() {
    let target = Target::start().await;
    for fault in [
        json!({"reject": {"condition": "amqp:not-allowed"}}),
        json!({"release": {}}),
        json!({"modify": {}}),
        json!({"detach": {}}),
        json!({"connectionClose": {}}),
        json!({"connectionDrop": {}}),
        json!({"attachRefused": {"condition": "amqp:resource-limit-exceeded"}}),
    ] {
        target.faults(json!({"eventHubs": fault}));
        let seen = target.client(PYTHON, "send_once").await;
        assert_ne!(seen, "OK", "{fault}");
        let condition = fault.as_object().unwrap().values().next().unwrap()["condition"].as_str();
        assert!(says(&seen, &[condition.unwrap_or("")]), "{fault}: {seen}");
        assert_eq!(target.client(PYTHON, "stored").await, 0, "{fault}");
    }
    assert_eq!(target.client(PYTHON, "send_once").await, "OK");
}

#[tokio::test]
async fn a_link_and_a_connection_end_in_the_middle() {
    let target = Target::start().await;
    for fault in ["detach", "connectionClose", "connectionDrop"] {
        target.faults(json!({"eventHubs": {fault: {"after": 1}}}));
        let seen = target.client(PYTHON, "send_three").await;
        assert_eq!(seen[0], "OK", "{fault}: {seen}");
        assert_ne!(seen[1], "OK", "{fault}: {seen}");
    }
}

#[tokio::test]
async fn what_was_stored_is_not_always_told() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"storedNotSettled": {}}}));
    let seen = target.client(PYTHON, "never_settled").await;
    assert_ne!(seen[0], "OK");
    assert_eq!(seen[1], 1);
    target.faults(json!({"eventHubs": {"answerLost": {}}}));
    assert_ne!(target.client(PYTHON, "send_once").await, "OK");
    assert_eq!(target.client(PYTHON, "stored").await, 2);
}

#[tokio::test]
async fn tokens_are_not_taken() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"cbsFailure": {"times": 1, "status": 503}}}));
    assert!(says(&target.client(PYTHON, "send_once").await, &["503", "please retry"]));
    target.faults(json!({"eventHubs": {"wrongCredentials": true}}));
    assert!(says(&target.client(PYTHON, "send_once").await, &["InvalidSignature"]));
    target.practice.faults().clear();
    assert_eq!(target.client(PYTHON, "send_once").await, "OK");
}

#[tokio::test]
async fn unavailable_resets() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"unavailable": true}}));
    assert_ne!(target.client(PYTHON, "send_once").await, "OK");
}

#[tokio::test]
async fn answers_come_late() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"answerDelayMillis": 1500}}));
    let seen = target.client(PYTHON, "send_with_retries").await;
    assert_eq!(seen[0], "OK");
    assert!(seen[2].as_f64().unwrap() >= 1.5, "{seen}");
}
