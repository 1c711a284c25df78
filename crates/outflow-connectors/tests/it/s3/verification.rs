//! A store that damages, lies or answers late does not pass for one that holds the file.

use outflow_connector_kit::{Evidence, FaultClass, NameRule};

use super::fake::{Knobs, store};
use super::{MIB, content, deliver, read};

const SIZES: [usize; 2] = [1000, 20 * MIB];

async fn evidence(knobs: Knobs) -> Vec<Evidence> {
    let (place, state) = store(knobs).await;
    let session = place.open().await;
    let mut out = Vec::new();
    for bytes in SIZES {
        let name = format!("{bytes}.csv");
        let sent = content(bytes, 1);
        let receipt = deliver(&*session, &name, NameRule::MustBeNew, &sent).await.unwrap();
        assert!(read(&*session, &name).await == sent);
        out.push(receipt.evidence);
    }
    assert!(state.lock().unwrap().uploads.is_empty());
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_evidence_is_taken() {
    assert_eq!(evidence(Knobs { echo_checksums: true, ..Knobs::default() }).await, [Evidence::Checksum; 2]);
    assert_eq!(evidence(Knobs::default()).await, [Evidence::ETag; 2]);
    assert_eq!(evidence(Knobs { opaque_etags: true, ..Knobs::default() }).await, [Evidence::ReadBack; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_refuse_checksums_or_conditions_are_served_without() {
    for status in [400, 501] {
        assert_eq!(evidence(Knobs { refuse_checksums: Some(status), ..Knobs::default() }).await, [Evidence::ETag; 2]);
    }
    assert_eq!(evidence(Knobs { refuse_conditions: true, ..Knobs::default() }).await, [Evidence::ETag; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found() {
    // Without any proof: by reading back. With hashes as tags that were seen to be right before: on the part itself.
    for (knobs, bytes) in [
        (Knobs { opaque_etags: true, damage_after: Some(0), ..Knobs::default() }, 1000),
        (Knobs { opaque_etags: true, damage_after: Some(1), ..Knobs::default() }, 20 * MIB),
        (Knobs { damage_after: Some(0), ..Knobs::default() }, 1000),
        (Knobs { damage_after: Some(1), ..Knobs::default() }, 40 * MIB),
        (Knobs { short_length: true, ..Knobs::default() }, 1000),
    ] {
        let (place, state) = store(knobs).await;
        let session = place.open().await;
        let fault = deliver(&*session, "d.csv", NameRule::Replace, &content(bytes, 1)).await.unwrap_err();
        assert_eq!(fault.class, FaultClass::Verification, "{knobs:?}: {fault}");
        assert!(state.lock().unwrap().uploads.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_fails_late_is_tried_again() {
    let (place, state) = store(Knobs { late_errors: 2, ..Knobs::default() }).await;
    let sent = content(20 * MIB, 1);
    let session = place.open().await;
    deliver(&*session, "l.csv", NameRule::MustBeNew, &sent).await.unwrap();
    assert!(read(&*session, "l.csv").await == sent);
    state.lock().unwrap().knobs.late_errors = 100;
    let fault = deliver(&*session, "m.csv", NameRule::MustBeNew, &sent).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Unavailable);
    assert!(session.stat("m.csv").await.unwrap().is_none());
    assert!(state.lock().unwrap().uploads.is_empty(), "a failed publication leaves no upload");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_lost_file() {
    for bytes in SIZES {
        for rule in [NameRule::MustBeNew, NameRule::Replace] {
            let (place, state) = store(Knobs { lost_answers: 1, ..Knobs::default() }).await;
            let session = place.open().await;
            let receipt = deliver(&*session, "x.csv", rule, &content(bytes, 1)).await.unwrap();
            assert!(!receipt.adopted, "it was this delivery that wrote it");
            assert!(state.lock().unwrap().uploads.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_are_signed_without_tls_and_parts_are_of_one_size() {
    let (place, state) = store(Knobs::default()).await;
    let session = place.open().await;
    let sent = content(20 * MIB, 1);
    deliver(&*session, "p.csv", NameRule::MustBeNew, &sent).await.unwrap();
    let log = state.lock().unwrap().log.clone();
    let parts: Vec<_> = log.iter().filter(|r| r.method == "PUT").collect();
    let mut sizes: Vec<usize> = parts.iter().map(|r| r.body.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [4 * MIB, 8 * MIB, 8 * MIB]);
    for part in parts {
        let hash: String = super::sha256(&part.body).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(part.header("x-amz-content-sha256"), hash);
        assert!(part.headers.contains_key("x-amz-checksum-crc32"));
    }
    let complete = log.iter().rfind(|r| r.method == "POST").unwrap();
    assert_eq!(complete.header("if-none-match"), "*");
}
