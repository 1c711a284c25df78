//! The Event Hubs namespace as Microsoft's SDKs for Python and JavaScript see it. They share no code.

use std::fs;

use outflow_practice::Practice;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Target, options};

pub const PYTHON: &str = "event_hubs_client.py";
pub const JAVASCRIPT: &str = "event_hubs_client.cjs";

/// Whether a failure that a client saw says all of `words`.
pub fn says(seen: &Value, words: &[&str]) -> bool {
    let text = seen.to_string();
    words.iter().all(|word| text.contains(word))
}

#[tokio::test]
async fn python_reads_properties() {
    let seen = Target::start().await.client(PYTHON, "properties").await;
    assert_eq!(seen["name"], "exports");
    assert_eq!(seen["ids"], json!(["0", "1", "2", "3"]));
    assert_eq!(seen["recent"], true);
    assert_eq!(seen["empty"], json!([true, -1, "-1"]));
    assert_eq!(seen["after"], json!([false, 0, 1, true]));
    assert!(says(&seen["missing"], &["404", "could not be found", "TrackingId"]), "{seen}");
    assert!(says(&seen["noPartition"], &["404"]), "{seen}");
}

#[tokio::test]
async fn javascript_reads_properties() {
    let seen = Target::start().await.client(JAVASCRIPT, "properties").await;
    assert_eq!(seen["name"], "exports");
    assert_eq!(seen["ids"], json!(["0", "1", "2", "3"]));
    assert_eq!(seen["recent"], true);
    assert_eq!(seen["empty"], json!([true, -1]));
    assert_eq!(seen["after"], json!([false, 1]));
    assert!(says(&seen["missing"], &["MessagingEntityNotFoundError"]), "{seen}");
}

#[tokio::test]
async fn python_sends_and_reads() {
    let target = Target::start().await;
    let seen = target.client(PYTHON, "send_and_read").await;
    let expected = json!({
        "count": 32, "partition": ["0", "0", "0"], "body": [255, 0], "properties": {"text": "ü", "number": 7},
        "more": ["application/json", "c1", 0, "0"], "recent": true, "keyPartitions": 1, "keys": ["some key"],
        "keyOrder": true, "rounds": ["0", "0", "1", "1", "2", "2", "3", "3"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name}");
    }
    let text = fs::read_to_string(target.practice.event_hubs().folder.join("exports/0.jsonl")).unwrap();
    assert!(text.contains(r#""body":"p0""#) && text.contains(r#""number":7"#), "{text}");
}

#[tokio::test]
async fn javascript_sends_and_reads() {
    let seen = Target::start().await.client(JAVASCRIPT, "send_and_read").await;
    let keyed: Vec<String> = (0..20).map(|number| format!("k{number}")).collect();
    let expected = json!({
        "count": 29, "body": {"a": [1, "ü"]}, "properties": {"text": "t", "number": 7},
        "contentType": "application/json", "keyPartitions": 1, "keys": ["some key"], "keyOrder": keyed,
        "rounds": ["0", "0", "1", "1", "2", "2", "3", "3"], "after": "k10", "latest": "after",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name}");
    }
}

#[tokio::test]
async fn readers_begin_where_they_ask_to() {
    let target = Target::start().await;
    let seen = target.client(PYTHON, "positions").await;
    let expected = json!({
        "all": true, "offset": ["e300", "e301"], "inclusive": ["e299", "e300"], "sequence": ["e300", "e301"],
        "time": ["late"],
    });
    assert_eq!(seen, expected);
    assert_eq!(target.client(PYTHON, "latest").await, true);
}

#[tokio::test]
async fn large_batches_pass_whole() {
    let seen = Target::start().await.client(PYTHON, "large").await;
    assert_eq!(seen, json!({"limit": 1_048_576, "count": 3, "same": [true, true, true]}));
    let seen = Target::start().await.client(JAVASCRIPT, "large").await;
    assert_eq!(seen, json!({"count": 3, "same": [true, true, true]}));
}

#[tokio::test]
async fn python_may_what_its_policy_says() {
    let seen = Target::start().await.client(PYTHON, "rights").await;
    for allowed in ["root", "send", "hubSend"] {
        assert_eq!(seen[allowed], "OK", "{allowed}");
    }
    assert!(says(&seen["listen"], &["Unauthorized access. 'Send' claim(s) are required"]), "{seen}");
    for wrong in ["wrongKey", "unknownPolicy"] {
        assert!(says(&seen[wrong], &["AuthenticationError"]), "{wrong}: {seen}");
        assert!(says(&seen[wrong], &["InvalidSignature: The token has an invalid signature. TrackingId:"]), "{seen}");
    }
    assert!(says(&seen["missingHub"], &["amqp:not-found", "could not be found"]), "{seen}");
    assert!(says(&seen["missingPartition"], &["Invalid partition 7"]), "{seen}");
    assert_eq!(seen["readListen"], 2);
    assert!(says(&seen["readSend"], &["'Listen' claim(s) are required"]), "{seen}");
    for missing in ["readMissing", "readGroup"] {
        assert!(says(&seen[missing], &["could not be found"]), "{missing}: {seen}");
    }
}

#[tokio::test]
async fn javascript_may_what_its_policy_says() {
    let seen = Target::start().await.client(JAVASCRIPT, "rights").await;
    assert_eq!(
        (&seen["root"], &seen["send"], &seen["readListen"]),
        (&json!("OK"), &json!("OK"), &json!(true)),
        "{seen}"
    );
    assert!(says(&seen["listen"], &["UnauthorizedError", "'Send' claim(s) are required"]), "{seen}");
    assert!(says(&seen["wrongKey"], &["UnauthorizedError", "InvalidSignature"]), "{seen}");
    assert!(says(&seen["missingHub"], &["MessagingEntityNotFoundError"]), "{seen}");
    assert!(says(&seen["readSend"], &["UnauthorizedError", "'Listen' claim(s) are required"]), "{seen}");
}

#[tokio::test]
async fn events_stay_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start(options(&folder)).await.unwrap();
    let target = Target { practice, folder };
    assert_eq!(target.client(PYTHON, "send_once").await, "OK");
    let Target { practice, folder } = target;
    let keys: Vec<String> = practice.event_hubs().policies.iter().map(|policy| policy.key.clone()).collect();
    practice.shutdown().await;
    let mut again = options(&folder);
    again.seed = [9; 32];
    let practice = Practice::start(again).await.unwrap();
    assert!(practice.event_hubs().policies.iter().map(|policy| &policy.key).eq(&keys), "the keys stay");
    let target = Target { practice, folder };
    assert_eq!(target.client(PYTHON, "stored").await, 1);
}

#[tokio::test]
async fn what_is_not_amqp_is_told_what_is_and_ended() {
    let target = Target::start().await;
    for (sent, answered) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], &b"AMQP\x03\x01\x00\x00"[..]),
        (b"AMQP\x00\x01\x00\x00", b"AMQP\x03\x01\x00\x00"),
        (b"AMQP\x03\x01\x00\x00\xff\xff\xff\xff\x02\x01\x00\x00", b"AMQP\x03\x01\x00\x00"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(target.practice.event_hubs().address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        assert!(said.starts_with(answered), "{said:?}");
    }
}
