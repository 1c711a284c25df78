//! Each fault of the S3 endpoint does what it says, and stops when it is off.

use serde_json::json;

use crate::support::Target;

const CLIENT: &str = "s3_client.py";

#[tokio::test]
async fn unavailable() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"unavailable": true}}));
    let seen = target.client(CLIENT, "put").await;
    assert_eq!(seen, json!({"put": [503, "ServiceUnavailable"], "there": 503}));
    target.practice.faults().clear();
    assert_eq!(target.client(CLIENT, "put").await, json!({"put": [200, "OK"], "there": 200}));
}

#[tokio::test]
async fn throttle_counts_down_and_hints() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"throttle": {"times": 2, "retryAfterSecs": 4}}}));
    let seen = target.client(CLIENT, "throttled").await;
    assert_eq!(seen, json!([[503, "SlowDown", "4"], [503, "SlowDown", "4"], [200, null, null]]));
}

#[tokio::test]
async fn wrong_credentials() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"wrongCredentials": true}}));
    assert_eq!(target.client(CLIENT, "put").await["put"], json!([403, "InvalidAccessKeyId"]));
}

#[tokio::test]
async fn disk_full_as_two_stores_say_it() {
    let target = Target::start().await;
    for (kind, answer) in
        [("storageFull", json!([507, "XMinioStorageFull"])), ("quotaExceeded", json!([403, "QuotaExceeded"]))]
    {
        target.faults(json!({"s3": {"diskFull": kind}}));
        let seen = target.client(CLIENT, "full").await;
        assert_eq!(seen, json!({"put": answer, "create": answer, "get": [200, "OK"]}), "{kind}");
    }
}

#[tokio::test]
async fn cut_at_byte_leaves_nothing() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"cutAtByte": {"bytes": 1_000_000, "times": 3}}}));
    let seen = target.client(CLIENT, "put_four_times").await;
    for answer in &seen.as_array().unwrap()[..3] {
        assert_eq!(answer[0], 0, "{seen}");
        assert_ne!(answer[1], "ReadTimeoutError", "{seen}");
    }
    assert_eq!(seen[3], json!([200, "OK"]));
    assert_eq!(target.practice.faults().settings().s3.cut_at_byte.unwrap().times, 0);
    assert_eq!(target.temporaries(), 0);

    let target = Target::start().await;
    target.faults(json!({"s3": {"cutAtByte": {"bytes": 1_000_000}}}));
    let seen = target.client(CLIENT, "put").await;
    assert_eq!((&seen["put"][0], &seen["there"]), (&json!(0), &json!(404)), "a cut object must not be visible");
}

#[tokio::test]
async fn answer_lost_after_the_change() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"answerLost": {"times": 1}}}));
    let seen = target.client(CLIENT, "lost").await;
    assert_eq!(seen["first"][0], 0, "{seen}");
    assert_eq!(seen["there"], json!([200, "OK"]));
    assert_eq!(seen["second"], json!([200, "OK"]));

    target.faults(json!({"s3": {"answerLost": {"times": 1, "operation": "CompleteMultipartUpload"}}}));
    let seen = target.client(CLIENT, "lost_complete").await;
    assert_eq!(seen["complete"][0], 0, "{seen}");
    assert_eq!(seen["there"], 200);
    assert_eq!(seen["again"], json!([404, "NoSuchUpload"]));
}

#[tokio::test]
async fn conditions_can_be_ignored() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"ignoreConditions": true}}));
    let seen = target.client(CLIENT, "overwrite").await;
    assert_eq!(seen, json!({"one": [200, "OK"], "two": [200, "OK"], "three": [200, "OK"]}));
    assert_eq!(std::fs::read(target.object("f")).unwrap(), b"three");
}

#[tokio::test]
async fn checksums_can_be_ignored_or_rejected() {
    let target = Target::start().await;
    let (fine, refused) = (json!([200, "OK"]), json!([501, "NotImplemented"]));
    target.faults(json!({"s3": {"noChecksums": "ignore"}}));
    let seen = target.client(CLIENT, "without_checksums").await;
    assert_eq!(seen, json!({"wrong": fine, "part": fine, "create": fine, "plain": fine, "echo": null}));
    target.faults(json!({"s3": {"noChecksums": "reject"}}));
    let seen = target.client(CLIENT, "without_checksums").await;
    assert_eq!(seen, json!({"wrong": refused, "part": refused, "create": refused, "plain": fine, "echo": null}));
}

#[tokio::test]
async fn actions_can_be_denied() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"denyActions": ["s3:ListBucket", "s3:AbortMultipartUpload"]}}));
    let seen = target.client(CLIENT, "denied").await;
    assert_eq!(seen["put"], json!([200, "OK"]));
    assert_eq!(seen["list"], json!([403, "AccessDenied"]));
    assert_eq!(seen["headBucket"], json!([403, "403"]));
    // Who may not list is not told that an object is missing.
    assert_eq!(seen["missing"], json!([403, "403"]));
    assert_eq!(seen["there"], json!([200, "OK"]));
    assert_eq!(seen["abort"], json!([403, "AccessDenied"]));
}

#[tokio::test]
async fn slow_is_as_slow_as_asked() {
    let target = Target::start().await;
    target.faults(json!({"s3": {"slowBytesPerSec": 700_000}}));
    let seconds = target.client(CLIENT, "timed").await.as_f64().unwrap();
    // 1 MiB at 700 kB/s takes 1.5 s.
    assert!((1.4..10.0).contains(&seconds), "{seconds}");
}
