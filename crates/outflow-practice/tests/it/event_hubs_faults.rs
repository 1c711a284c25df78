//! Each fault of the Event Hubs namespace does what it says, and stops when it is off.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::event_hubs::{JAVASCRIPT, PYTHON, says};
use crate::support::Target;

/// How many events there are, as seen with the faults off.
async fn stored(target: &Target) -> i64 {
    target.practice.faults().clear();
    target.client(PYTHON, "stored").await.as_i64().unwrap()
}

#[tokio::test]
async fn server_busy_is_a_rejection_that_sdks_try_again_after() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"serverBusy": {"times": 100}}}));
    let seen = target.client(PYTHON, "send_once").await;
    assert!(says(&seen, &["com.microsoft:server-busy", "Error code : 50002", "Please wait 4 seconds"]), "{seen}");
    let seen = target.client(JAVASCRIPT, "send_once").await;
    assert!(says(&seen, &["ServerBusyError", "being throttled"]), "{seen}");
    assert_eq!(stored(&target).await, 0);
    target.faults(json!({"eventHubs": {"serverBusy": {}}}));
    assert_eq!(target.client(PYTHON, "send_once").await, "OK", "the SDK tries again by itself");
    assert_eq!(stored(&target).await, 1);
}

#[tokio::test]
async fn some_transfers_only_are_throttled() {
    let target = Target::start().await;
    target.faults(json!({"eventHubs": {"serverBusy": {"times": 9, "every": 2}}}));
    assert_eq!(target.client(PYTHON, "send_three").await, json!(["OK", "OK", "OK"]));
    let left = target.practice.faults().settings().event_hubs.server_busy.unwrap().times;
    assert_eq!(left, 7, "the second and the fourth of five were rejected");
    assert_eq!(stored(&target).await, 3);
}

#[tokio::test]
async fn transfers_are_not_taken() {
    let target = Target::start().await;
    // The SDK for Python never ends with a delivery that is released or modified.
    for (client, fault, words) in [
        (JAVASCRIPT, json!({"reject": {"condition": "amqp:not-allowed"}}), ["InvalidOperationError"]),
        (JAVASCRIPT, json!({"release": {}}), ["released"]),
        (JAVASCRIPT, json!({"modify": {}}), ["disposition"]),
        (PYTHON, json!({"reject": {"times": 100, "condition": "amqp:not-allowed"}}), ["NotAllowed"]),
        (PYTHON, json!({"detach": {}}), ["amqp:link:detach-forced"]),
        (PYTHON, json!({"connectionClose": {}}), ["amqp:connection:forced"]),
        (
            PYTHON,
            json!({"attachRefused": {"condition": "amqp:resource-limit-exceeded"}}),
            ["amqp:resource-limit-exceeded"],
        ),
    ] {
        target.faults(json!({"eventHubs": fault}));
        let seen = target.client(client, "send_once").await;
        assert!(says(&seen, &words), "{fault}: {seen}");
        assert_eq!(stored(&target).await, 0, "{fault}");
    }
}

#[tokio::test]
async fn a_link_and_a_connection_end_in_the_middle() {
    let target = Target::start().await;
    for fault in ["detach", "connectionClose"] {
        target.faults(json!({"eventHubs": {fault: {"after": 1}}}));
        let seen = target.client(PYTHON, "send_three").await;
        assert_eq!(seen[0], "OK", "{fault}: {seen}");
        assert!(says(&seen[1], &["by the service"]), "{fault}: {seen}");
    }
    assert_eq!(stored(&target).await, 4);
    target.faults(json!({"eventHubs": {"connectionDrop": {"after": 1}}}));
    assert_eq!(target.client(PYTHON, "send_three").await, json!(["OK", "OK", "OK"]), "the SDK connects again");
    assert_eq!(target.practice.faults().settings().event_hubs.connection_drop.unwrap().times, 0);
    assert_eq!(stored(&target).await, 7);
}

#[tokio::test]
async fn what_was_stored_is_not_always_told() {
    let target = Target::start().await;
    for (fault, stored_then) in [("storedNotSettled", 2), ("answerLost", 4)] {
        target.faults(json!({"eventHubs": {fault: {}}}));
        assert_eq!(target.client(PYTHON, "send_impatiently").await, "OK");
        assert_eq!(stored(&target).await, stored_then, "{fault}: the SDK sends again what is there already");
    }
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
    let begun = Instant::now();
    assert_eq!(target.client(PYTHON, "send_once").await, "OK");
    assert!(begun.elapsed() >= Duration::from_millis(1500));
}
