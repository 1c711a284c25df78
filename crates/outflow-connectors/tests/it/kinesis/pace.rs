//! The pace, against a service whose shards take what the real ones take.

use std::time::Duration;

use outflow_connector_kit::Outcome;
use outflow_practice::{FaultSettings, Practice, PracticeOptions};
use serde_json::json;

use super::{message, not_accepted, place};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_more_than_a_shard_takes_is_held_back_here_and_not_throttled_there() {
    let folder = tempfile::tempdir().unwrap();
    let options = PracticeOptions::on_free_ports(folder.path().join("practice"), [7; 32]);
    let practice = Practice::start(options).await.unwrap();
    let service = practice.kinesis();
    let key = json!({"accessKeyId": service.access_key_id, "secretAccessKey": service.secret_access_key});
    let place = place(&json!(service.url), &key, &key).stream(1).await;
    let faults: FaultSettings = serde_json::from_value(json!({"kinesis": {"shardLimits": {}}})).unwrap();
    practice.faults().set(faults);
    let session = place.open().await;
    let limits = session.limits();
    assert!(limits.request_bytes_max <= 1 << 20 && limits.requests_max == 2, "{limits:?}");

    // Five seconds' worth, in requests that are larger than a shard's second.
    let mut messages: Vec<_> = (0..1700).map(|n| message(&format!("key-{n}"), &"x".repeat(3 << 10))).collect();
    let (mut accepted, mut held, mut throttled) = (0, 0, 0);
    while !messages.is_empty() {
        let request: Vec<_> = messages.drain(..messages.len().min(500)).collect();
        let outcomes = session.send(&request).await;
        let mut wait = Duration::ZERO;
        for (message, outcome) in request.into_iter().zip(&outcomes) {
            if matches!(outcome, Outcome::Accepted) {
                accepted += 1;
                continue;
            }
            let fault = not_accepted(outcome);
            wait = wait.max(fault.retry_after.unwrap());
            if fault.message.contains("for the moment") {
                held += 1;
            } else {
                throttled += 1;
            }
            messages.push(message);
        }
        tokio::time::sleep(wait).await;
    }
    assert_eq!(accepted, 1700);
    // A machine with other work sends late what was paced, and two seconds' worth arrive in one. Nothing held back, it would
    // be thousands: of each request a shard's second is taken.
    assert!(held > 0 && throttled < 340, "{held} held back, {throttled} throttled");
    practice.shutdown().await;
}
