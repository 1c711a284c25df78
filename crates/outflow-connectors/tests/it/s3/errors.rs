//! Every failure is told apart, by class and in words.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use outflow_connector_kit::{Fault, FaultClass, NameRule};
use tokio::io::AsyncWriteExt as _;

use super::fake::{self, Reply, error};
use super::{Place, content, context, deliver, moto, rclone};

/// Opens and delivers; whichever fails first.
async fn failing(place: &Place) -> Fault {
    match place.open_with(context()).await {
        Ok(session) => deliver(&*session, "e.csv", NameRule::Replace, &content(100, 1)).await.unwrap_err(),
        Err(fault) => fault,
    }
}

fn assert_fault(fault: &Fault, class: FaultClass, words: &[&str]) {
    let text = format!("{fault} | {} | {}", fault.tried, fault.hint);
    assert_eq!(fault.class, class, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(!fault.hint.is_empty(), "no hint: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_and_a_bad_secret_are_two_things() {
    for place in [moto("writer"), rclone()] {
        let unknown = place.clone().with("s3AccessKey", "AKIAZZZZZZZZZZZZZZZZ");
        assert_fault(
            &failing(&unknown).await,
            FaultClass::Credentials,
            &["access key", "s3AccessKey", "s3://exports/"],
        );
        let bad = place.with("s3SecretKey", "not-the-secret");
        let fault = failing(&bad).await;
        assert_fault(&fault, FaultClass::Credentials, &["secret key", "s3SecretKey"]);
        assert!(!format!("{fault:?}").contains("not-the-secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named_with_what_it_is_on() {
    let denied = moto("noperms").folder("denied");
    let folder = denied.target["path"].as_str().unwrap();
    let resource = format!("s3:PutObject on arn:aws:s3:::exports/{folder}/*");
    assert_fault(&failing(&denied).await, FaultClass::Refused, &[&resource]);
    let forbidden = moto("writer").bucket("forbidden");
    assert_fault(&failing(&forbidden).await, FaultClass::Refused, &["s3:PutObject on arn:aws:s3:::forbidden/*"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bucket_is_named() {
    let missing = rclone().bucket("no-such-bucket");
    assert_fault(&failing(&missing).await, FaultClass::Config, &["there is no bucket no-such-bucket", "bucketName"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listening_and_no_such_host_are_unavailable() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    assert_fault(&failing(&fake::place(&endpoint)).await, FaultClass::Unavailable, &["cannot be reached", &endpoint]);
    let nowhere = fake::place("http://no-such-host.invalid");
    assert_fault(&failing(&nowhere).await, FaultClass::Unavailable, &["no-such-host.invalid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_s3_server_is_said_to_be_none() {
    for status in [200, 404, 405] {
        let page = move |_| -> Reply {
            (status, vec![("content-type", "text/html".into())], b"<html><body><h1>Hello</h1></body></html>".to_vec())
        };
        let web = fake::place(&fake::serve(page).await);
        assert_fault(&failing(&web).await, FaultClass::Config, &["S3 server", "endpoint"]);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    });
    assert_fault(&failing(&fake::place(&endpoint)).await, FaultClass::Config, &["does not speak HTTP"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    });
    assert_fault(&failing(&fake::place(&plain)).await, FaultClass::Config, &["does not speak TLS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_region_names_the_right_one() {
    let malformed = |request: fake::Request| -> Reply {
        if request.method == "HEAD" {
            return (400, vec![], vec![]);
        }
        let message = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AuthorizationHeaderMalformed</Code>\
            <Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'\
            </Message><Region>eu-west-1</Region><RequestId>1</RequestId></Error>";
        (400, vec![], message.into())
    };
    let place = fake::place(&fake::serve(malformed).await).with("region", "us-east-1");
    let words = ["bucket exports is in region eu-west-1, not in us-east-1", "Set region to eu-west-1"];
    assert_fault(&failing(&place).await, FaultClass::Config, &words);
    let moved = |_| -> Reply { (301, vec![("x-amz-bucket-region", "eu-west-1".into())], vec![]) };
    let place = fake::place(&fake::serve(moved).await).with("region", "us-east-1");
    assert_fault(&failing(&place).await, FaultClass::Config, &words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_was_not_given_is_found_and_signed_for() {
    let handle = |request: fake::Request| -> Reply {
        if request.method == "HEAD" && request.path == "/exports" {
            return (400, vec![("x-amz-bucket-region", "eu-west-1".into())], vec![]);
        }
        assert!(request.header("authorization").contains("/eu-west-1/s3/aws4_request"));
        error(507, "QuotaExceeded", "full")
    };
    let place = fake::place(&fake::serve(handle).await);
    assert_fault(&failing(&place).await, FaultClass::Refused, &["full"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_asks_to_wait_is_waited_for() {
    let asked = AtomicUsize::new(0);
    let handle = move |request: fake::Request| -> Reply {
        let busy = request.method == "PUT" && asked.fetch_add(1, Ordering::SeqCst) < 2;
        let (status, mut headers, body) = match busy {
            true => error(503, "SlowDown", "Please reduce your request rate."),
            false if request.method == "PUT" => (200, vec![("etag", "\"x\"".into())], vec![]),
            false if request.path == "/exports" => (200, vec![], vec![]),
            false => error(404, "NoSuchKey", "missing"),
        };
        headers.push(("retry-after", "1".into()));
        (status, headers, body)
    };
    let session = fake::place(&fake::serve(handle).await).open().await;
    let begun = Instant::now();
    // The fake forgets what it stored, so the delivery ends in a verification fault, two seconds later.
    let fault = deliver(&*session, "w.csv", NameRule::Replace, &content(10, 1)).await.unwrap_err();
    assert_fault(&fault, FaultClass::Verification, &["is not there after it was written"]);
    assert!(begun.elapsed().as_millis() >= 2000, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_classed_by_whose_move_is_next() {
    let cases: &[(u16, &str, FaultClass, &str)] = &[
        (503, "SlowDown", FaultClass::Throttled, "slower"),
        (503, "ServiceUnavailable", FaultClass::Unavailable, "ServiceUnavailable"),
        (500, "InternalError", FaultClass::Unavailable, "InternalError"),
        (403, "RequestTimeTooSkewed", FaultClass::Config, "clock"),
        (400, "ExpiredToken", FaultClass::Credentials, "expired"),
        (400, "InvalidToken", FaultClass::Credentials, "session token"),
        (403, "AccessDenied", FaultClass::Refused, "s3:PutObject"),
        (507, "XMinioStorageFull", FaultClass::Refused, "full"),
        (400, "BadDigest", FaultClass::Verification, "damaged"),
        (404, "NoSuchBucket", FaultClass::Config, "there is no bucket exports"),
        (400, "SomethingNew", FaultClass::Refused, "SomethingNew"),
    ];
    for (status, code, class, word) in cases {
        let (status, code) = (*status, *code);
        let handle = move |request: fake::Request| match request.method.as_str() {
            "PUT" => error(status, code, "said by the store."),
            "HEAD" if request.path == "/exports" => (200, vec![], vec![]),
            _ => error(404, "NoSuchKey", "missing"),
        };
        let fault = failing(&fake::place(&fake::serve(handle).await)).await;
        assert_eq!(fault.class, *class, "{code}: {fault}");
        assert!(fault.message.contains(word), "{code}: {fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_told_by_how_much() {
    let handle = |_| -> Reply {
        let (status, mut headers, body) = error(403, "RequestTimeTooSkewed", "The difference is too large.");
        headers.push(("date", "Thu, 01 Jan 2026 00:00:00 GMT".into()));
        (status, headers, body)
    };
    let mut context = context();
    context.clock =
        std::sync::Arc::new(|| (std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600 + 3600)).into());
    let place = fake::place(&fake::serve(handle).await);
    let fault = place.open_with(context).await.err().unwrap();
    assert_fault(&fault, FaultClass::Config, &["3600 s ahead of the store's"]);
}
