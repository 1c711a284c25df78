//! Starting, stopping, and the control endpoint.

use std::os::unix::fs::PermissionsExt;

use outflow_practice::Practice;
use serde_json::json;

use crate::support::{Target, options};

#[tokio::test]
async fn faults_are_set_and_read_over_http() {
    let target = Target::start().await;
    let seen = target.client("control_client.py", "faults").await;
    assert_eq!(seen["before"]["s3"]["unavailable"], false);
    assert_eq!(seen["put"]["s3"]["throttle"], json!({"times": 3, "retryAfterSecs": 1}));
    assert_eq!(seen["mistyped"], 400);
    assert_eq!(seen["post"], 405);
    assert_eq!(seen["elsewhere"], 404);
    assert_eq!(target.practice.faults().settings().s3.throttle.unwrap().times, 3, "a refused change changes nothing");
}

#[tokio::test]
async fn everything_but_loopback_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for which in 0..5 {
        let mut options = options(&folder);
        let address = [
            &mut options.s3_addr,
            &mut options.sftp_addr,
            &mut options.kinesis_addr,
            &mut options.event_hubs_addr,
            &mut options.control_addr,
        ]
        .into_iter()
        .nth(which)
        .unwrap();
        *address = "0.0.0.0:0".parse().unwrap();
        let error = Practice::start(options).await.err().expect("it must not start");
        assert!(error.message.contains("not a loopback address"), "{error}");
        assert!(!error.hint.is_empty());
    }
}

#[tokio::test]
async fn a_restart_keeps_keys_and_files_and_frees_ports() {
    let folder = tempfile::tempdir().unwrap();
    let first = Practice::start(options(&folder)).await.unwrap();
    let (s3, sftp) = (first.s3().clone(), first.sftp().clone());
    assert!(first.describe().contains(&format!("export AWS_ENDPOINT_URL='{}'", s3.url)));
    assert!(first.describe().contains(&format!("export AWS_ENDPOINT_URL_KINESIS='{}'", first.kinesis().url)));
    assert!(first.describe().contains(&format!("export OUTFLOW_SFTP_HOST_KEY='{}'", sftp.host_key)));
    assert!(first.describe().contains("export OUTFLOW_EVENTHUBS_CONNECTION_STRING='Endpoint=sb://127.0.0.1:"));
    assert!(sftp.host_key.starts_with("ssh-ed25519 AAAA"), "{}", sftp.host_key);
    let second = Practice::start(options(&folder)).await.err().expect("two must not share a folder");
    assert!(second.message.contains("another process"), "{second}");

    first.shutdown().await;
    let mut again = options(&folder);
    again.s3_addr = s3.url.trim_start_matches("http://").parse().unwrap();
    again.seed = [9; 32];
    let again = Practice::start(again).await.unwrap();
    assert_eq!(again.s3().url, s3.url);
    assert_eq!(again.s3().secret_access_key, s3.secret_access_key);
    assert_eq!((&again.sftp().host_key, &again.sftp().password), (&sftp.host_key, &sftp.password));
    let mode = std::fs::metadata(&again.sftp().client_key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
