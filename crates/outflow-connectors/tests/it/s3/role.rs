//! Delivery with an assumed role.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outflow_connector_kit::{FaultClass, NameRule};
use serde_json::Value;

use super::fake::{self, Reply, error};
use super::{content, context, deliver, moto, read, server};

/// Role and external id.
pub fn role_of(server: &Value) -> (String, String) {
    let text = |field: &str| server[field].as_str().or(server["assumer"][field].as_str()).unwrap().to_owned();
    (text("roleArn"), text("externalId"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_external_id_delivers() {
    let (role, external_id) = role_of(&server("OUTFLOW_TEST_MOTO"));
    let place = moto("assumer").with("roleArn", &role).with("externalId", &external_id).folder("role");
    let session = place.open().await;
    let sent = content(1000, 1);
    deliver(&*session, "r.csv", NameRule::MustBeNew, &sent).await.unwrap();
    assert!(read(&*session, "r.csv").await == sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_external_id_is_refused_and_a_wrong_key_is_not_known() {
    let (role, external_id) = role_of(&server("OUTFLOW_TEST_MOTO"));
    let place = moto("assumer").with("roleArn", &role);
    let fault = place.clone().with("externalId", "wrong-id").open_with(context()).await.err().unwrap();
    assert_eq!(fault.class, FaultClass::Refused);
    assert!(fault.message.contains(&format!("sts:AssumeRole on {role} is denied")), "{fault}");
    assert!(fault.hint.contains("externalId"), "{}", fault.hint);
    let unknown = place.with("externalId", &external_id).with("s3AccessKey", "AKIAZZZZZZZZZZZZZZZZ");
    assert_eq!(unknown.open_with(context()).await.err().unwrap().class, FaultClass::Credentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_role_the_key_may_nothing() {
    let session = moto("assumer").folder("role").open().await;
    let fault = deliver(&*session, "r.csv", NameRule::MustBeNew, &content(10, 1)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused);
}

/// A token service whose credentials live for `secs`, and a store that counts sessions.
fn token_service(secs: i64, assumed: Arc<AtomicUsize>, expired: Arc<AtomicUsize>) -> impl Fn(fake::Request) -> Reply {
    move |request| {
        if request.path == "/" {
            let n = assumed.fetch_add(1, Ordering::SeqCst) + 1;
            assert!(String::from_utf8(request.body).unwrap().contains("ExternalId=ext-1"));
            let until = (crate::support::clock()() + chrono::TimeDelta::seconds(secs)).to_rfc3339();
            let body = format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{n}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>token-{n}</SessionToken>\
                 <Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            );
            return (200, vec![], body.into_bytes());
        }
        assert_eq!(request.header("x-amz-security-token"), format!("token-{}", assumed.load(Ordering::SeqCst)));
        if request.method == "GET" && expired.swap(0, Ordering::SeqCst) == 1 {
            return error(400, "ExpiredToken", "The provided token has expired.");
        }
        (200, vec![("etag", "\"x\"".into())], b"content".to_vec())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_once_and_again_before_it_expires() {
    // Opening asks for credentials twice, each look once.
    for (secs, wanted) in [(3600, 1), (299, 5)] {
        let assumed = Arc::new(AtomicUsize::new(0));
        let endpoint = fake::serve(token_service(secs, Arc::clone(&assumed), Arc::default())).await;
        let place =
            fake::place(&endpoint).with("roleArn", "arn:aws:iam::123456789012:role/x").with("externalId", "ext-1");
        let session = place.open().await;
        for _ in 0..3 {
            session.stat("a").await.unwrap();
        }
        assert_eq!(assumed.load(Ordering::SeqCst), wanted, "{secs} s");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_store_calls_expired_is_renewed() {
    let (assumed, expired) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(1)));
    let endpoint = fake::serve(token_service(3600, Arc::clone(&assumed), expired)).await;
    let place = fake::place(&endpoint).with("roleArn", "arn:aws:iam::123456789012:role/x").with("externalId", "ext-1");
    let session = place.open().await;
    assert_eq!(read(&*session, "a").await, b"content");
    assert_eq!(assumed.load(Ordering::SeqCst), 2);
}
