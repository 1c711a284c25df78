//! Each fault of the Kinesis endpoint does what it says, and stops when it is off.

use serde_json::{Value, json};

use crate::support::Target;

const CLIENT: &str = "kinesis_client.py";
const THROTTLED: &str = "ProvisionedThroughputExceededException";

fn three(first: &Value, second: &Value, third: &Value) -> Value {
    json!([first, second, third])
}

fn fine() -> Value {
    json!([200, "OK"])
}

#[tokio::test]
async fn single_records_are_throttled_and_the_others_stored() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"throttle": {"every": 3, "times": 2}}}));
    let seen = target.client(CLIENT, "ten").await;
    assert_eq!(seen["failed"], 2);
    assert_eq!(seen["codes"], json!(["OK", "OK", THROTTLED, "OK", "OK", THROTTLED, "OK", "OK", "OK", "OK"]));
    assert_eq!(seen["there"], json!([0, 1, 3, 4, 6, 7, 8, 9]));
    for text in seen["texts"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        assert!(text.starts_with("Rate exceeded for shard shardId-00000000000"), "{text}");
        assert!(text.ends_with(" in stream exports under account 000000000000."), "{text}");
    }
    assert_eq!(target.practice.faults().settings().kinesis.throttle.unwrap().times, 0);
    target.faults(json!({"kinesis": {"throttle": {}}}));
    assert_eq!(target.client(CLIENT, "one").await, json!([400, THROTTLED]), "a single record has no others");
    assert_eq!(target.client(CLIENT, "one").await, fine());
}

#[tokio::test]
async fn single_records_fail_within_the_service() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"partialFailure": {"every": 5, "times": 1000}}}));
    let seen = target.client(CLIENT, "ten").await;
    assert_eq!((&seen["failed"], &seen["texts"]), (&json!(2), &json!(["Internal service failure."])));
    assert_eq!((&seen["codes"][4], &seen["codes"][9]), (&json!("InternalFailure"), &json!("InternalFailure")));
    assert_eq!(seen["there"], json!([0, 1, 2, 3, 5, 6, 7, 8]));
}

#[tokio::test]
async fn shards_take_what_the_services_take() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "limited").await;
    assert_eq!(seen["many"], json!([500, 500, 500]), "there are no limits unless they are asked for");

    let target = Target::start().await;
    target.faults(json!({"kinesis": {"shardLimits": {}}}));
    let seen = target.client(CLIENT, "limited").await;
    let many: Vec<_> = seen["many"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!(many[0], 500, "{seen}");
    assert!((1000..1500).contains(&many.iter().sum::<u64>()), "{seen}");
    // Five of 200 KiB are within 1 MiB; a slow machine lets one or two more in.
    assert!((5..8).contains(&seen["large"].as_u64().unwrap()), "{seen}");
    assert_eq!(seen["other"], json!(["OK", THROTTLED]));
    assert_eq!(seen["later"], 500, "a second later there is room again");

    target.faults(json!({"kinesis": {"shardLimits": {"recordsPerSec": 100}}}));
    let seen = target.client(CLIENT, "limited").await;
    assert!((100..200).contains(&seen["many"][0].as_u64().unwrap()), "{seen}");
}

#[tokio::test]
async fn whole_requests_fail_and_change_nothing() {
    let target = Target::start().await;
    for (fault, answer) in [
        (json!({"failing": {"times": 2}}), json!([500, "InternalFailure"])),
        (json!({"failing": {"times": 2, "status": 503}}), json!([503, "ServiceUnavailable"])),
        (json!({"throttleRequests": {"times": 2}}), json!([400, THROTTLED])),
    ] {
        target.faults(json!({ "kinesis": fault }));
        assert_eq!(target.client(CLIENT, "three").await, three(&answer, &answer, &fine()), "{fault}");
    }
    for (fault, answer) in [
        (json!({"unavailable": true}), json!([503, "ServiceUnavailable"])),
        (json!({"wrongCredentials": true}), json!([400, "UnrecognizedClientException"])),
    ] {
        target.faults(json!({ "kinesis": fault }));
        assert_eq!(target.client(CLIENT, "three").await, three(&answer, &answer, &answer), "{fault}");
    }
    target.practice.faults().clear();
    assert_eq!(target.client(CLIENT, "three_and_there").await, json!({"seen": [fine(), fine(), fine()], "there": 6}));
}

#[tokio::test]
async fn connections_are_reset_before_and_after_the_work() {
    let target = Target::start().await;
    for fault in [json!({"resetConnection": {"times": 2}}), json!({"cutAtByte": {"bytes": 20, "times": 2}})] {
        target.faults(json!({ "kinesis": fault }));
        let seen = target.client(CLIENT, "three").await;
        assert_eq!((&seen[0][0], &seen[1][0], &seen[2]), (&json!(0), &json!(0), &fine()), "{fault}: {seen}");
    }
    target.faults(json!({"kinesis": {"answerLost": {"times": 1, "operation": "PutRecords"}}}));
    let seen = target.client(CLIENT, "three_and_there").await;
    assert_eq!((&seen["seen"][0][0], &seen["seen"][1]), (&json!(0), &fine()), "{seen}");
    assert_eq!(seen["there"], 2 + 3, "what was cut is not there, and what was not answered is");
}

#[tokio::test]
async fn a_request_hangs() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"hang": {"times": 1}}}));
    let seen = target.client(CLIENT, "impatient").await;
    assert_eq!(seen, json!({"first": [0, "ReadTimeoutError"], "second": fine(), "there": 1}));
}

#[tokio::test]
async fn slow_is_as_slow_as_asked() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"slowMillis": 700}}));
    let seconds = target.client(CLIENT, "timed").await.as_f64().unwrap();
    assert!((0.7..5.0).contains(&seconds), "{seconds}");
    target.faults(json!({"kinesis": {"slowBytesPerSec": 500_000}}));
    let seconds = target.client(CLIENT, "timed").await.as_f64().unwrap();
    // 0.5 MiB are 0.7 MB in base64.
    assert!((1.2..10.0).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn streams_are_in_the_state_that_was_asked_for() {
    let target = Target::start().await;
    for (state, put) in [
        ("CREATING", json!([400, "ResourceNotFoundException"])),
        ("DELETING", json!([400, "ResourceNotFoundException"])),
        ("UPDATING", fine()),
    ] {
        target.faults(json!({"kinesis": {"streamStatus": state}}));
        assert_eq!(target.client(CLIENT, "state").await, json!([state, put]));
    }
}

#[tokio::test]
async fn rights_and_sessions_end() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"denyActions": ["kinesis:ListStreams"]}}));
    let seen = target.client(CLIENT, "denied").await;
    assert_eq!((&seen["put"], &seen["list"]), (&fine(), &json!([400, "AccessDeniedException"])));
    assert!(seen["text"].as_str().unwrap().contains("user/practice is not authorized to perform: kinesis:ListStreams"));
    target.faults(json!({"kinesis": {"expiredToken": true}}));
    let seen = target.client(CLIENT, "sessions").await;
    let text = "The security token included in the request is expired";
    assert_eq!(seen, json!([[400, "ExpiredTokenException"], fine(), text]));
}

#[tokio::test]
async fn requests_can_be_smaller() {
    let target = Target::start().await;
    target.faults(json!({"kinesis": {"requestBytesMax": 1000}}));
    let seen = target.client(CLIENT, "small_requests").await;
    assert_eq!((&seen[0], &seen[1]), (&fine(), &json!([400, "InvalidArgumentException"])));
}
