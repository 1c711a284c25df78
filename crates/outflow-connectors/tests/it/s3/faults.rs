//! Connections that are cut at any byte: only whole objects become visible, and no upload stays.

#![expect(clippy::print_stdout, reason = "what a seeded test did is printed, so that it can be repeated")]

use std::sync::Arc;

use outflow_connector_kit::{FaultClass, MemoryJournal, NameRule};
use outflow_testkit::faults::FaultProxy;
use outflow_testkit::random::Random;
use serde_json::{Value, json};

use super::{MIB, Place, content, deliver, moto, rclone, read, server, uploads_left, with_journal};

async fn faults(port: u16, faults: &Value) {
    let control = server("OUTFLOW_TEST_FAULTPROXY")["control"].as_str().unwrap().to_owned();
    let sent = reqwest::Client::new().post(format!("{control}/{port}")).body(faults.to_string()).send().await.unwrap();
    assert!(sent.status().is_success());
}

/// The same place through a proxy of the test's own: its faults are for every connection.
fn through_proxy(place: &Place) -> (Place, FaultProxy) {
    let endpoint = place.account["endpoint"].as_str().unwrap();
    let proxy = FaultProxy::open(endpoint.strip_prefix("http://").unwrap());
    (place.clone().with("endpoint", &proxy.endpoint()), proxy)
}

async fn survives_cuts(direct: Place, rounds: usize) {
    let direct = direct.folder("cuts");
    let (proxied, proxy) = through_proxy(&direct);
    let port = proxy.port();
    let mut random = Random::new("cuts before a store");
    let mut failed = 0;
    for round in 0..rounds {
        let object = format!("cut-{round}.csv");
        let sent = content(20 * MIB + round, round as u64);
        let journal: Arc<MemoryJournal> = Arc::default();
        let session = proxied.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
        // Cuts may hit any byte of what goes up or comes down, once or on more connections than there are tries.
        let times = [1, 2, 6, 30][round % 4];
        let fault = match round % 3 {
            0 => json!({"reset_after_down": random.below(600), "times": times}),
            1 => json!({"reset_after_up": random.below(9 * MIB as u64), "times": times}),
            _ => json!({"reset_after_up": random.below(2000), "times": times}),
        };
        println!("round {round}: {fault}");
        faults(port, &fault).await;
        // What was already connected is cut, so that the faults apply to new connections.
        faults_kill(port).await;
        let outcome = deliver(&*session, &object, NameRule::MustBeNew, &sent).await;
        faults(port, &json!({})).await;

        let witness = direct.open().await;
        if let Err(fault) = &outcome {
            failed += 1;
            assert_eq!(fault.class, FaultClass::Unavailable, "{fault}");
        }
        match witness.stat(&object).await.unwrap() {
            Some(_) => assert!(read(&*witness, &object).await == sent, "half an object became visible"),
            None => assert!(outcome.is_err(), "a delivery without an object"),
        }
        // A later attempt finds what could not be given up while the line was down, and then completes.
        let again = proxied.open_with(with_journal(journal)).await.unwrap();
        again.sweep(std::slice::from_ref(&object)).await.unwrap();
        assert_eq!(uploads_left(&direct, &[&object]).await, 0);
        deliver(&*again, &object, NameRule::MustBeNew, &sent).await.unwrap();
        assert!(read(&*witness, &object).await == sent);
    }
    assert!(failed > 0, "the cuts did not bite");
}

async fn faults_kill(port: u16) {
    let control = server("OUTFLOW_TEST_FAULTPROXY")["control"].as_str().unwrap().to_owned();
    reqwest::Client::new().post(format!("{control}/{port}/kill")).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cuts_before_moto_leave_only_whole_objects() {
    survives_cuts(moto("writer"), 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cuts_before_rclone_leave_only_whole_objects() {
    survives_cuts(rclone(), 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_cut_goes_on_where_it_was() {
    let direct = rclone().folder("reads");
    let sent = content(12 * MIB, 5);
    deliver(&*direct.open().await, "r.bin", NameRule::Replace, &sent).await.unwrap();
    let (proxied, proxy) = through_proxy(&direct);
    let port = proxy.port();
    let session = proxied.open().await;
    faults(port, &json!({"reset_after_down": 3 * MIB, "times": 3})).await;
    faults_kill(port).await;
    let got = read(&*session, "r.bin").await;
    faults(port, &json!({})).await;
    assert!(got == sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changes_under_a_cut_read_is_not_mixed() {
    let direct = rclone().folder("reads");
    let writer = direct.open().await;
    deliver(&*writer, "r.bin", NameRule::Replace, &content(12 * MIB, 5)).await.unwrap();
    let (proxied, proxy) = through_proxy(&direct);
    let port = proxy.port();
    let session = proxied.open().await;
    faults(port, &json!({"reset_after_down": 3 * MIB, "times": 1})).await;
    faults_kill(port).await;
    let mut reader = session.read("r.bin").await.unwrap();
    let first = reader.next().await.unwrap();
    assert!(first.is_some());
    deliver(&*writer, "r.bin", NameRule::Replace, &content(12 * MIB, 6)).await.unwrap();
    let fault = loop {
        match reader.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("two versions were read as one"),
            Err(fault) => break fault,
        }
    };
    faults(port, &json!({})).await;
    assert_eq!(fault.class, FaultClass::Input);
    assert!(fault.message.contains("changed while it was read"), "{fault}");
}
