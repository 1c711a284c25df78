//! Each fault of the SFTP endpoint does what it says, and stops when it is off.

use std::time::Duration;

use serde_json::json;

use crate::support::Target;

const CLIENT: &str = "sftp_client.py";

#[tokio::test]
async fn unavailable_refuses_and_cuts() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"unavailable": true}}));
    let seen = target.client(CLIENT, "can_connect").await;
    assert!(["ConnectionLost", "ConnectionResetError"].contains(&seen.as_str().unwrap()), "{seen}");
    target.practice.faults().clear();
    assert_eq!(target.client(CLIENT, "can_connect").await, "OK");

    let connected = target.folder.path().join("connected");
    let switch_off = async {
        while !connected.exists() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        target.faults(json!({"sftp": {"unavailable": true}}));
    };
    let (seen, ()) = tokio::join!(target.client(CLIENT, "goes_away"), switch_off);
    assert_ne!(seen, "OK", "an open connection is cut as well");
}

#[tokio::test]
async fn wrong_credentials() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"wrongCredentials": true}}));
    let seen = target.client(CLIENT, "sign_in").await;
    for way in ["password", "key"] {
        assert_eq!(seen[way], "PermissionDenied", "{way}");
    }
}

#[tokio::test]
async fn disk_full_fails_writes_and_tells_no_room() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"diskFull": true}}));
    assert_eq!(target.client(CLIENT, "full").await, json!({"write": 4, "free": [0, 0]}));
}

#[tokio::test]
async fn no_rename() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"noRename": true}}));
    assert_eq!(target.client(CLIENT, "rename").await, json!({"plain": 8, "posix": 8}));
    assert!(target.uploaded("f.part").exists());
    assert!(!target.uploaded("f").exists());
}

#[tokio::test]
async fn answer_lost_after_the_rename() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"answerLost": {"times": 1}}}));
    let seen = target.client(CLIENT, "rename").await;
    assert_ne!(seen["plain"], "OK");
    assert_eq!(std::fs::read(target.uploaded("f")).unwrap(), b"whole");
    assert!(!target.uploaded("f.part").exists());
}

#[tokio::test]
async fn cut_at_byte_leaves_a_part_of_the_file() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"cutAtByte": {"bytes": 1_000_000}}}));
    let seen = target.client(CLIENT, "put").await;
    assert_ne!(seen, "OK");
    let left = std::fs::metadata(target.uploaded("f")).unwrap().len();
    assert!(left < 1_000_000, "{left}");

    target.faults(json!({"sftp": {"cutAtByte": {"bytes": 1_000_000, "times": 1}}}));
    let seen = target.client(CLIENT, "put_twice").await;
    assert_ne!(seen[0], "OK");
    assert_eq!(seen[1], "OK");
    assert_eq!(std::fs::metadata(target.uploaded("f")).unwrap().len(), 4 * 1024 * 1024);
}

#[tokio::test]
async fn slow_is_as_slow_as_asked() {
    let target = Target::start().await;
    target.faults(json!({"sftp": {"slowBytesPerSec": 700_000}}));
    let seconds = target.client(CLIENT, "timed").await.as_f64().unwrap();
    // 1 MiB at 700 kB/s takes 1.5 s.
    assert!((1.4..10.0).contains(&seconds), "{seconds}");
}
