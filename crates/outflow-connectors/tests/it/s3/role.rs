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

const ROLE: &str = "arn:aws:iam::123456789012:role/x";

/// The answer of a token service: credentials number `n`, good for `secs`.
fn assumed_role(n: usize, secs: i64) -> Reply {
    let until = (crate::support::clock()() + chrono::TimeDelta::seconds(secs)).to_rfc3339();
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{n}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>token-{n}</SessionToken>\
         <Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    (200, vec![], body.into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_service_that_calls_the_keys_own_token_expired_is_believed() {
    let handle = |request: fake::Request| match request.path.as_str() {
        "/" => error(400, "ExpiredToken", "The security token included in the request is expired"),
        _ => (200, vec![], vec![]),
    };
    let place = fake::place(&fake::serve(handle).await).with("roleArn", ROLE).with("sessionToken", "old");
    let fault = place.open_with(context()).await.err().unwrap();
    assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
    assert!(fault.message.contains("expired") && fault.tried.contains("AssumeRole"), "{fault} {}", fault.tried);
}

/// What Amazon answers to an expired token: a HEAD gets a bare 400, anything else gets words.
fn expired(request: &fake::Request) -> Reply {
    match request.method.as_str() {
        "HEAD" => (400, vec![], vec![]),
        _ => error(400, "ExpiredToken", "The provided token has expired."),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_with_an_expired_token_renews_it_or_says_so() {
    let (assumed, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, is_over) = (Arc::clone(&assumed), Arc::clone(&over));
    let endpoint = fake::serve(move |request| {
        if request.path == "/" {
            return assumed_role(count.fetch_add(1, Ordering::SeqCst) + 1, 3600);
        }
        if request.header("x-amz-security-token") == "token-1" && is_over.load(Ordering::SeqCst) == 1 {
            return expired(&request);
        }
        match request.path.as_str() {
            "/exports/missing" => error(404, "NoSuchKey", "missing"),
            _ => (200, vec![("etag", "\"x\"".into())], b"content".to_vec()),
        }
    })
    .await;
    for name in ["there", "missing"] {
        assumed.store(0, Ordering::SeqCst);
        over.store(0, Ordering::SeqCst);
        let session = fake::place(&endpoint).with("roleArn", ROLE).open().await;
        over.store(1, Ordering::SeqCst);
        let stat = session.stat(name).await.unwrap();
        assert_eq!(stat.map(|s| s.bytes), (name == "there").then_some(7), "{name}");
        assert_eq!(assumed.load(Ordering::SeqCst), 2, "{name}");
    }
    // A temporary key pair of its own cannot be renewed.
    over.store(0, Ordering::SeqCst);
    let session = fake::place(&endpoint).with("sessionToken", "token-1").open().await;
    over.store(1, Ordering::SeqCst);
    let fault = session.stat("there").await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
    assert!(fault.message.contains("expired"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_service_that_is_down_is_asked_as_often_as_anybody() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // The credentials are always about to expire, and after the second time there are no new ones.
    let endpoint = fake::serve(move |request| match request.path.as_str() {
        "/" => match count.fetch_add(1, Ordering::SeqCst) + 1 {
            n @ 1..=2 => assumed_role(n, 299),
            _ => error(503, "ServiceUnavailable", "down"),
        },
        _ => (200, vec![("etag", "\"x\"".into())], b"content".to_vec()),
    })
    .await;
    let session = fake::place(&endpoint).with("roleArn", ROLE).open().await;
    asked.store(2, Ordering::SeqCst);
    let fault = session.stat("a").await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault}");
    assert_eq!(asked.load(Ordering::SeqCst) - 2, context().retry.attempts_max as usize);
}
