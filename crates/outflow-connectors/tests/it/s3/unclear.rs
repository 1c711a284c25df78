//! Answers that leave open what was done, and refusals that do not say of what.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use outflow_connector_kit::{Evidence, FaultClass, MemoryJournal, NameRule};

use super::fake::{self, Knobs, Reply, error, store_but};
use super::round_trip::journal_target;
use super::{MIB, content, context, deliver, entries, read, with_journal};

fn is_completion(request: &fake::Request) -> bool {
    request.method == "POST" && fake::query(request, "uploadId").is_some()
}

/// A store on which another writer is first: it puts `theirs` under the name, gives the upload up and says so.
async fn other_writer(theirs: bytes::Bytes, answer: fn() -> Reply) -> super::Place {
    let odd = move |request: &fake::Request, state: &mut fake::State| {
        if !is_completion(request) {
            return None;
        }
        if state.uploads.is_empty() {
            return Some(error(404, "NoSuchUpload", "The specified upload does not exist."));
        }
        state.uploads.clear();
        state.objects.insert(request.path.clone(), (theirs.to_vec(), "\"theirs\"".into()));
        Some(answer())
    };
    store_but(Knobs::default(), odd).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_conflict_what_is_visible_counts() {
    let conflict = || error(409, "ConditionalRequestConflict", "A conflicting operation occurred");
    let sent = content(9 * MIB, 1);
    let session = other_writer(sent.clone(), conflict).await.open().await;
    assert!(deliver(&*session, "c.csv", NameRule::MustBeNew, &sent).await.unwrap().adopted);
    let session = other_writer(content(9 * MIB, 2), conflict).await.open().await;
    let fault = deliver(&*session, "c.csv", NameRule::MustBeNew, &sent).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused);
    assert!(fault.message.starts_with("name taken"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_late_is_told_as_taken() {
    let late = || {
        let (_, headers, body) = error(200, "PreconditionFailed", "At least one of the preconditions did not hold.");
        (200, headers, body)
    };
    let session = other_writer(content(9 * MIB, 2), late).await.open().await;
    let fault = deliver(&*session, "t.csv", NameRule::MustBeNew, &content(9 * MIB, 1)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused);
    assert!(fault.message.starts_with("name taken"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_id_cannot_be_read_stays_in_the_journal() {
    let garbled = |request: &fake::Request, _: &mut fake::State| {
        if request.method == "POST" && !is_completion(request) {
            return Some((200, vec![], b"<Garbled/>".to_vec()));
        }
        let listing = request.method == "GET" && fake::query(request, "uploads").is_some();
        listing.then(|| error(403, "AccessDenied", "Access Denied"))
    };
    let place = store_but(Knobs::default(), garbled).await.0.folder("garbled");
    let journal: Arc<MemoryJournal> = Arc::default();
    let session = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    deliver(&*session, "g.csv", NameRule::Replace, &content(9 * MIB, 1)).await.unwrap_err();
    let left = entries(&journal, &journal_target(&place));
    assert_eq!(left.iter().map(|e| e.handle.as_str()).collect::<Vec<_>>(), [""], "the intent is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_on_the_way_does_not_switch_checksums_off() {
    for code in ["XAmzContentChecksumMismatch", "InvalidDigest"] {
        for bytes in [1000, 20 * MIB] {
            let damaging = Arc::new(AtomicBool::new(true));
            let is_on = Arc::clone(&damaging);
            let odd = move |request: &fake::Request, _: &mut fake::State| {
                let hit = request.method == "PUT" && is_on.load(Ordering::SeqCst);
                hit.then(|| error(400, code, "The provided checksum does not match the content."))
            };
            let (place, state) = store_but(Knobs { echo_checksums: true, ..Knobs::default() }, odd).await;
            let session = place.open().await;
            let fault = deliver(&*session, "d.csv", NameRule::Replace, &content(bytes, 1)).await.unwrap_err();
            assert_eq!(fault.class, FaultClass::Verification, "{code}: {fault}");
            damaging.store(false, Ordering::SeqCst);
            let receipt = deliver(&*session, "d.csv", NameRule::Replace, &content(bytes, 1)).await.unwrap();
            assert_eq!(receipt.evidence, Evidence::Checksum, "{code}");
            let log = state.lock().unwrap().log.clone();
            let bare = log.iter().filter(|r| r.method == "PUT" && r.header("x-amz-checksum-crc32").is_empty());
            assert_eq!(bare.count(), 0, "{code}: something was sent without a checksum");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_arrives_damaged_is_sent_as_often_as_any_request() {
    // The first write shows that tags are hashes; each later write arrives with a flipped byte.
    let (place, state) = store_but(Knobs { damage_after: Some(1), ..Knobs::default() }, |_, _| None).await;
    let session = place.open().await;
    deliver(&*session, "first.csv", NameRule::Replace, &content(10, 1)).await.unwrap();
    // An upload of a single part would be held and written whole: of this one's parts one fills up.
    let fault = deliver(&*session, "second.csv", NameRule::Replace, &content(8 * MIB, 1)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Verification, "{fault}");
    let log = state.lock().unwrap().log.clone();
    let tries = log.iter().filter(|r| fake::query(r, "partNumber").is_some()).count();
    assert_eq!(tries, context().retry.attempts_max as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_refusal_of_either_header_is_got_round() {
    for header in ["x-amz-checksum-crc32", "if-none-match"] {
        let odd = move |request: &fake::Request, _: &mut fake::State| {
            (request.method == "PUT" && !request.header(header).is_empty()).then(|| (501, vec![], vec![]))
        };
        let (place, state) = store_but(Knobs::default(), odd).await;
        let session = place.open().await;
        let sent = content(1000, 1);
        deliver(&*session, "b.csv", NameRule::MustBeNew, &sent).await.unwrap();
        assert!(read(&*session, "b.csv").await == sent);
        let written = state.lock().unwrap().log.iter().rfind(|r| r.method == "PUT").cloned().unwrap();
        let other = ["x-amz-checksum-crc32", "if-none-match"].into_iter().find(|h| *h != header).unwrap();
        assert!(written.header(header).is_empty() && !written.header(other).is_empty(), "only {header} is left out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_cut_asks_for_the_rest_as_often_as_any_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let odd = move |request: &fake::Request, _: &mut fake::State| {
        if request.method != "GET" || request.path == "/exports" {
            return None;
        }
        Some(match count.fetch_add(1, Ordering::SeqCst) {
            0 => {
                let cut = |name, value: &str| (name, value.to_owned());
                let headers = vec![cut("etag", "\"x\""), cut("content-length", "100"), cut("connection", "close")];
                (200, headers, b"the first half".to_vec())
            }
            _ => error(503, "ServiceUnavailable", "down"),
        })
    };
    let session = store_but(Knobs::default(), odd).await.0.open().await;
    let mut reader = session.read("r.bin").await.unwrap();
    let fault = loop {
        match reader.next().await {
            Ok(piece) => assert!(piece.is_some(), "half an object is no object"),
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault}");
    assert_eq!(asked.load(Ordering::SeqCst), 1 + context().retry.attempts_max as usize);
}
