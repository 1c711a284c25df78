//! Connections that break, and what is then known of the messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outflow_connector_kit::FaultClass;
use outflow_testkit::faults::{FaultProxy, Faults};
use serde_json::json;

use super::requests::{error, ok, results, stream};
use super::{fake, is_accepted, kinesalite, message, not_accepted, unknown};
use crate::s3::fake::serve;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_leaves_the_outcome_unknown() {
    let place = kinesalite().stream(1).await;
    let proxy = FaultProxy::open(place.account["endpointUrl"].as_str().unwrap());
    // The answers of opening are shorter, that to five hundred records is longer.
    proxy.set(&Faults { reset_after_down: Some(20_000), ..Faults::default() });
    let session = place.clone().with("endpointUrl", proxy.endpoint()).open().await;
    let messages: Vec<_> = (0..500).map(|n| message(&format!("p{n}"), &format!("{{\"n\":{n}}}"))).collect();
    for outcome in &session.send(&messages).await {
        assert_eq!(unknown(outcome).class, FaultClass::Unavailable);
    }
    assert_eq!(place.read_back().await.len(), 500);
    proxy.heal();
    assert!(session.send(&messages).await.iter().all(is_accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_after_sending_is_unknown_and_a_refused_connection_is_not() {
    let cut = stream(|_| (0, vec![], vec![]));
    let session = fake(&serve(cut).await).open().await;
    let outcomes = session.send(&[message("a", "{}"), message("b", "{}")]).await;
    for outcome in &outcomes {
        assert_eq!(unknown(outcome).class, FaultClass::Unavailable);
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let place = fake(&endpoint);
    let serving = tokio::spawn(serve_once_each(listener));
    let session = place.open().await;
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    let outcomes = session.send(&[message("a", "{}")]).await;
    let fault = not_accepted(&outcomes[0]);
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault}");
    assert!(fault.message.contains("cannot be reached"), "{fault}");
}

/// Describes the stream and lists no shards, on connections that are closed after each answer.
async fn serve_once_each(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = vec![0; 64 << 10];
        let _ = stream.read(&mut request).await;
        let body = r#"{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE"},"Shards":[]}"#;
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_is_unknown() {
    let handle = stream(|body| {
        let (status, _, answer) = results(body, &[]);
        let length = answer.len() + 100;
        (status, vec![("content-length", length.to_string()), ("connection", "close".into())], answer)
    });
    let session = fake(&serve(handle).await).open().await;
    assert_eq!(unknown(&session.send(&[message("a", "{}")]).await[0]).class, FaultClass::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roles_expired_key_pair_is_renewed_once() {
    let (assumed, puts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, seen) = (Arc::clone(&assumed), Arc::clone(&puts));
    let answers = stream(|body| results(body, &[]));
    let endpoint = serve(move |request| {
        if request.header("x-amz-target").is_empty() {
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            let until = (crate::support::clock()() + chrono::TimeDelta::hours(1)).to_rfc3339();
            let body = format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{n}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>token-{n}</SessionToken>\
                 <Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            );
            return (200, vec![], body.into_bytes());
        }
        let is_put = request.header("x-amz-target").ends_with("PutRecords");
        if is_put && seen.fetch_add(1, Ordering::SeqCst) == 0 {
            return error(400, "ExpiredTokenException", "The security token included in the request is expired");
        }
        answers(request)
    })
    .await;
    let session = fake(&endpoint).with("roleArn", "arn:aws:iam::123456789012:role/x").open().await;
    assert!(session.send(&[message("a", "{}")]).await.iter().all(is_accepted));
    assert_eq!((assumed.load(Ordering::SeqCst), puts.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_list_shards_opens() {
    let answers = stream(|body| results(body, &[]));
    let endpoint = serve(move |request| match request.header("x-amz-target") {
        "Kinesis_20131202.ListShards" => error(400, "AccessDeniedException", "User: x is not authorized"),
        "Kinesis_20131202.DescribeStreamSummary" => {
            ok(&json!({"StreamDescriptionSummary": {"StreamStatus": "UPDATING", "OpenShardCount": 3}}))
        }
        _ => answers(request),
    })
    .await;
    let session = fake(&endpoint).open().await;
    assert!(session.send(&[message("a", "{}")]).await.iter().all(is_accepted));
}
