//! What becomes of messages when the service misbehaves, and that the session goes on afterwards.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use outflow_connector_kit::{FaultClass, Outcome, SessionContext};
use serde_json::json;

use super::{Place, messages, told};
use crate::support::{clock, context};

#[tokio::test]
async fn a_busy_service_says_how_long_to_wait() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    place.faults(&json!({"serverBusy": {"times": 2, "every": 3}}));
    let outcomes = session.send(&messages(0, 9)).await;
    let busy: Vec<_> = outcomes.iter().filter(|outcome| !matches!(outcome, Outcome::Accepted)).collect();
    assert_eq!(busy.len(), 2, "{:?}", told(&outcomes));
    for outcome in busy {
        let Outcome::NotAccepted(fault) = outcome else { panic!("{outcome:?}") };
        assert_eq!((fault.class, fault.retry_after), (FaultClass::Throttled, Some(Duration::from_secs(4))));
    }
    assert_eq!(place.stored().len(), 7);
}

#[tokio::test]
async fn what_is_given_back_is_not_delivered() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    for fault in ["release", "modify"] {
        place.faults(&json!({fault: {"times": 1}}));
        let outcomes = told(&session.send(&messages(0, 1)).await);
        assert_eq!(outcomes, ["not: unavailable"], "{fault}");
        assert!(place.stored().is_empty(), "{fault}");
    }
    for (condition, told_as) in [
        ("amqp:link:message-size-exceeded", "not: refused"),
        ("amqp:unauthorized-access", "not: credentials"),
        ("amqp:internal-error", "unknown: unavailable"),
    ] {
        place.faults(&json!({"reject": {"condition": condition}}));
        assert_eq!(told(&session.send(&messages(0, 1)).await), [told_as], "{condition}");
    }
    assert_eq!(told(&session.send(&messages(0, 1)).await), ["accepted"]);
}

#[tokio::test]
async fn an_end_in_the_middle_leaves_open_what_was_written() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    let mut number = 0;
    for fault in ["detach", "connectionClose", "connectionDrop"] {
        let before = place.stored().len();
        place.faults(&json!({fault: {"after": before + 3, "times": 1}}));
        let request = messages(number, before + 8);
        number += request.len();
        let outcomes = session.send(&request).await;
        let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted)).count();
        assert!(accepted < request.len(), "{fault}");
        // What is told as delivered was stored; the other way round need not be.
        let stored = place.stored().len() - before;
        assert!(accepted <= stored, "{fault}: {accepted} of {stored}");
        let open = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unknown(_))).count();
        assert!(open >= 1, "{fault}: {:?}", told(&outcomes));
        place.faults(&json!({}));
        assert_eq!(told(&session.send(&messages(number, 2)).await), ["accepted"; 2], "{fault}");
        number += 2;
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_message_open() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    place.faults(&json!({"answerLost": {"times": 1}}));
    assert_eq!(told(&session.send(&messages(0, 1)).await), ["unknown: unavailable"]);
    assert_eq!(told(&session.send(&messages(0, 1)).await), ["accepted"]);
    let stored = place.stored();
    assert_eq!(stored.len(), 2);
    assert_eq!(stored[0], stored[1], "a repeat is the same");
}

#[tokio::test]
async fn what_is_stored_and_not_answered_is_open() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    place.faults(&json!({"storedNotSettled": {"times": 1}}));
    let outcomes = told(&session.send(&messages(0, 3)).await);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "unknown: unavailable").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "accepted").count(), 2, "{outcomes:?}");
}

#[tokio::test]
async fn a_service_that_is_down_is_told_and_found_again() {
    let place = Place::start("send-only").await;
    let session = place.open().await;
    place.faults(&json!({"unavailable": true}));
    let outcomes = session.send(&messages(0, 2)).await;
    assert!(!told(&outcomes).contains(&"accepted".to_owned()), "{:?}", told(&outcomes));
    let outcomes = told(&session.send(&messages(0, 2)).await);
    assert_eq!(outcomes, ["not: unavailable"; 2]);
    place.faults(&json!({}));
    assert_eq!(told(&session.send(&messages(0, 2)).await), ["accepted"; 2]);
}

/// A context whose clock is `behind` the machine's.
fn late_context(behind: TimeDelta) -> SessionContext {
    let clock = clock();
    SessionContext { clock: Arc::new(move || clock() - behind), ..context(1) }
}

#[tokio::test]
async fn a_token_that_expired_is_renewed_or_told() {
    let place = Place::start("send-only").await;
    // The clock is so late that the token, good for an hour, is good for two seconds.
    let session = place.open_with(late_context(TimeDelta::seconds(3598))).await.unwrap();
    assert_eq!(told(&session.send(&messages(0, 1)).await), ["accepted"]);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut outcomes = told(&session.send(&messages(1, 1)).await);
    if outcomes != ["accepted"] {
        // No letter, in any case.
        assert_ne!(outcomes, ["not: refused"]);
        outcomes = told(&session.send(&messages(1, 1)).await);
    }
    assert!(outcomes == ["accepted"] || outcomes == ["not: config"], "{outcomes:?}");
    // A clock that is later still is the fault of whoever set this machine up.
    let fault = place.open_with(late_context(TimeDelta::hours(2))).await.err().unwrap();
    assert_eq!(fault.class, FaultClass::Config, "{fault}");
    assert!(fault.hint.contains("clock"), "{}", fault.hint);
}
