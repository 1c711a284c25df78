//! What a request looks like, and what the service's answer means for each message.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outflow_connector_kit::FaultClass;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{denied, fake, is_accepted, message, not_accepted, unknown};
use crate::s3::fake::{Reply, Request, serve};

/// A stream of two shards whose PutRecords is answered by `put`.
pub fn stream(put: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> impl Fn(Request) -> Reply + Send + Sync {
    move |request| {
        assert_eq!(request.header("content-type"), "application/x-amz-json-1.1");
        assert!(request.header("authorization").contains("/us-east-1/kinesis/aws4_request"));
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        match request.header("x-amz-target") {
            "Kinesis_20131202.PutRecords" => put(&body),
            "Kinesis_20131202.ListShards" => ok(&json!({"Shards": [
                shard("shardId-000000000000", "170141183460469231731687303715884105727", None),
                shard("shardId-000000000001", "340282366920938463463374607431768211455", None),
                shard("shardId-000000000009", "340282366920938463463374607431768211455", Some("7")),
            ]})),
            _ => ok(&json!({"StreamDescriptionSummary": {
                "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/messages", "StreamStatus": "ACTIVE",
                "OpenShardCount": 2, "MaxRecordSizeInKiB": 1024,
            }})),
        }
    }
}

fn shard(id: &str, last: &str, ended: Option<&str>) -> Value {
    json!({
        "ShardId": id, "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": last},
        "SequenceNumberRange": {"StartingSequenceNumber": "1", "EndingSequenceNumber": ended},
    })
}

pub fn ok(body: &Value) -> Reply {
    (200, vec![], body.to_string().into_bytes())
}

pub fn error(status: u16, code: &str, message: &str) -> Reply {
    (status, vec![], json!({"__type": code, "message": message}).to_string().into_bytes())
}

/// Every record accepted, but those whose partition key is `refused`, which get its code.
pub fn results(body: &Value, refused: &[(&str, &str)]) -> Reply {
    let result = |record: &Value| {
        let key = record["PartitionKey"].as_str().unwrap();
        match refused.iter().find(|(k, _)| *k == key) {
            Some((_, code)) => json!({"ErrorCode": code, "ErrorMessage": "it quotes ada@example.org"}),
            None => json!({"SequenceNumber": "1", "ShardId": "shardId-000000000000"}),
        }
    };
    let records: Vec<Value> = body["Records"].as_array().unwrap().iter().map(result).collect();
    ok(&json!({"FailedRecordCount": refused.len(), "Records": records}))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_refused_is_not_accepted() {
    let codes = [
        ("b", "ProvisionedThroughputExceededException"),
        ("c", "InternalFailure"),
        ("d", "SomethingNew"),
        ("e", "KMSAccessDeniedException"),
    ];
    let place = fake(&serve(stream(move |body| results(body, &codes))).await);
    let session = place.open().await;
    let messages: Vec<_> = ["a", "b", "c", "d", "e", "f"].iter().map(|key| message(key, "{}")).collect();
    let outcomes = session.send(&messages).await;
    assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[5]));
    let classes: Vec<FaultClass> = outcomes[1..5].iter().map(|o| not_accepted(o).class).collect();
    assert_eq!(classes, [FaultClass::Throttled, FaultClass::Unavailable, FaultClass::Unavailable, FaultClass::Refused]);
    denied(&outcomes[4]);
    assert!(not_accepted(&outcomes[1]).retry_after.is_some());
    assert!(not_accepted(&outcomes[3]).message.contains("SomethingNew"));
    for outcome in &outcomes[1..5] {
        let fault = not_accepted(outcome);
        assert!(!format!("{fault:?}").contains("ada") && fault.tried.contains("PutRecords"), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_failed_is_unknown_where_it_may_have_been_done() {
    let answers: [(Reply, bool, FaultClass); 9] = [
        (error(400, "ProvisionedThroughputExceededException", "x"), false, FaultClass::Throttled),
        (error(400, "LimitExceededException", "x"), false, FaultClass::Throttled),
        (error(400, "ResourceNotFoundException", "x"), false, FaultClass::Config),
        (error(400, "ExpiredTokenException", "x"), false, FaultClass::Credentials),
        (error(400, "AccessDeniedException", "x"), false, FaultClass::Refused),
        (error(400, "ValidationException", "x"), false, FaultClass::Config),
        (error(500, "InternalFailure", "x"), true, FaultClass::Unavailable),
        (error(503, "ServiceUnavailable", "x"), true, FaultClass::Unavailable),
        ((200, vec![], b"{\"Records\":[]}".to_vec()), true, FaultClass::Config),
    ];
    for (reply, is_unknown, class) in answers {
        let said = String::from_utf8_lossy(&reply.2).into_owned();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let handle = stream(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            reply.clone()
        });
        let session = fake(&serve(handle).await).open().await;
        let outcomes = session.send(&[message("a", "{}"), message("b", "{}")]).await;
        assert_eq!(outcomes.len(), 2);
        for outcome in &outcomes {
            let fault = if is_unknown { unknown(outcome) } else { not_accepted(outcome) };
            assert_eq!(fault.class, class, "{said}: {fault}");
        }
        assert_eq!(count.load(Ordering::SeqCst), 1, "{said}: nothing is sent twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sequence_number_says_that_a_record_is_stored() {
    let answer = json!({"Records": [
        {}, {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}, {"SequenceNumber": ""},
        {"SequenceNumber": "1", "ErrorCode": "InternalFailure"},
    ]});
    let session = fake(&serve(stream(move |_| ok(&answer))).await).open().await;
    let messages: Vec<_> = ["a", "b", "c", "d"].iter().map(|key| message(key, "{}")).collect();
    let outcomes = session.send(&messages).await;
    assert!(is_accepted(&outcomes[1]));
    assert!(unknown(&outcomes[0]).message == unknown(&outcomes[2]).message);
    assert_eq!(not_accepted(&outcomes[3]).class, FaultClass::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_shard_is_left_alone_for_a_while() {
    let seen: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let handle = stream(move |body| {
        let mut seen = noted.lock().unwrap();
        seen.push(Instant::now());
        let is_first = seen.len() <= 3;
        results(body, if is_first { &[("a", "ProvisionedThroughputExceededException")] } else { &[] })
    });
    let session = fake(&serve(handle).await).open().await;
    for _ in 0..3 {
        let fault = session.send(&[message("a", "{}")]).await;
        assert_eq!(not_accepted(&fault[0]).class, FaultClass::Throttled);
    }
    assert!(is_accepted(&session.send(&[message("a", "{}")]).await[0]));
    let seen = seen.lock().unwrap();
    let waits: Vec<Duration> = seen.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, least) in waits.iter().zip([95, 195, 395]) {
        assert!(*wait >= Duration::from_millis(least), "{waits:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_gets_no_more_than_its_pace() {
    let place = fake(&serve(stream(|body| results(body, &[]))).await).target("shardRecordsPerSecMax", 20);
    let session = place.open().await;
    let begun = Instant::now();
    // The same shard for all: a second's worth goes at once, then twenty a second.
    for _ in 0..3 {
        let messages: Vec<_> = (0..10).map(|_| message("a", "{}")).collect();
        assert!(session.send(&messages).await.iter().all(is_accepted));
    }
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(450), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_larger_than_the_stream_takes_is_refused_here() {
    let sizes: Arc<Mutex<Vec<usize>>> = Arc::default();
    let noted = Arc::clone(&sizes);
    let handle = stream(move |body| {
        noted.lock().unwrap().push(body["Records"].as_array().unwrap().len());
        results(body, &[])
    });
    let place = fake(&serve(handle).await).target("recordBytesMax", 10 << 20).target("requestBytesMax", 10 << 20);
    let session = place.open().await;
    // The target allows ten, the stream says one.
    assert_eq!(session.limits().message_bytes_max, 1 << 20);
    let large = message("b", &"x".repeat(1 << 20));
    let outcomes = session.send(&[message("a", "{}"), large.clone(), message("c", "{}")]).await;
    assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[2]));
    assert_eq!(not_accepted(&outcomes[1]).class, FaultClass::Refused);
    assert_eq!(not_accepted(&session.send(&[large]).await[0]).class, FaultClass::Refused);
    assert_eq!(*sizes.lock().unwrap(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_record_makes_a_stream_of_unknown_limits_refuse_no_other() {
    let sizes: Arc<Mutex<Vec<usize>>> = Arc::default();
    let noted = Arc::clone(&sizes);
    let known = stream(move |body| {
        let records = body["Records"].as_array().unwrap();
        noted.lock().unwrap().push(records.len());
        let is_large = records.iter().any(|record| record["Data"].as_str().unwrap().len() > (1 << 20) / 3 * 4 + 4);
        if is_large { error(400, "InvalidArgumentException", "x") } else { results(body, &[]) }
    });
    let handle = move |request: Request| match request.header("x-amz-target") {
        "Kinesis_20131202.DescribeStreamSummary" => error(400, "AccessDeniedException", "x"),
        _ => known(request),
    };
    let place = fake(&serve(handle).await).target("recordBytesMax", 10 << 20).target("requestBytesMax", 10 << 20);
    let session = place.open().await;
    let messages = [message("a", "{}"), message("b", &"x".repeat(2 << 20)), message("c", "{}")];
    let outcomes = session.send(&messages).await;
    assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[2]), "{outcomes:?}");
    assert_eq!(not_accepted(&outcomes[1]).class, FaultClass::Refused);
    assert_eq!(*sizes.lock().unwrap(), [2, 1]);
}
