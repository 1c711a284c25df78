//! What dead attempts left is found and removed, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outflow_connector_kit::{
    FaultClass, FileJournal, Journal as _, JournalEntry, MemoryJournal, NameRule, Session, SessionContext,
};

use super::fake::{self, Knobs};
use super::round_trip::journal_target;
use super::{MIB, Place, content, deliver, entries, moto, stage, uploads_left, with_journal};

#[tokio::test(flavor = "multi_thread")]
async fn a_journalled_upload_of_a_dead_attempt_is_given_up() {
    let place = moto("writer").folder("sweep");
    let journal: Arc<MemoryJournal> = Arc::default();
    let dead = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    let staged = stage(&*dead, "a.csv", NameRule::MustBeNew, &content(9 * MIB, 1)).await.unwrap();
    std::mem::forget(staged);
    assert_eq!(
        entries(&journal, &journal_target(&place)).len(),
        1,
        "the upload id is journalled, the intent is not any more"
    );

    let next = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    let report = next.sweep(&[]).await.unwrap();
    assert_eq!((report.removed, report.advice.len()), (1, 0));
    assert!(entries(&journal, &journal_target(&place)).is_empty());
    assert_eq!(uploads_left(&place, &["a.csv"]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_id_was_never_recorded_is_found_by_name() {
    let place = moto("writer").folder("sweep");
    let session = place.open().await;
    for name in ["lost.csv", "lost.csv.other", "unrelated.csv"] {
        std::mem::forget(stage(&*session, name, NameRule::MustBeNew, &content(9 * MIB, 1)).await.unwrap());
    }
    deliver(&*session, "kept.csv", NameRule::MustBeNew, &content(10, 1)).await.unwrap();
    let by_name = place.open().await.sweep(&["lost.csv".into(), "kept.csv".into()]).await.unwrap();
    assert_eq!((by_name.removed, by_name.advice.len()), (1, 0));
    assert!(session.stat("kept.csv").await.unwrap().is_some(), "a visible object is never touched");

    // The journal knows that an upload was about to begin and nothing more.
    let intent = JournalEntry {
        target: journal_target(&place),
        sink_path: session.sink_path("unrelated.csv"),
        handle: String::new(),
    };
    let journal = Arc::new(MemoryJournal::with_orphans(vec![intent]));
    let by_intent = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap().sweep(&[]).await.unwrap();
    assert_eq!((by_intent.removed, by_intent.advice.len()), (1, 0));
    assert!(entries(&journal, &journal_target(&place)).is_empty());
    assert_eq!(uploads_left(&place, &["lost.csv.other"]).await, 1, "another name's upload was left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_does_not_sweep_its_own_uploads() {
    let place = moto("writer").folder("sweep");
    let session = place.open().await;
    let sent = content(9 * MIB, 1);
    let staged = stage(&*session, "mine.csv", NameRule::MustBeNew, &sent).await.unwrap();
    assert_eq!(session.sweep(&["mine.csv".into()]).await.unwrap().removed, 0);
    session.publish(staged).await.unwrap();
}

/// The entry of an upload of `name` that was begun and whose id was never recorded.
fn intent(place: &Place, session: &dyn Session, name: &str) -> JournalEntry {
    JournalEntry { target: journal_target(place), sink_path: session.sink_path(name), handle: String::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_list_the_rule_to_set_is_told_where_an_upload_may_remain() {
    let place = moto("noperms").folder("sweep");
    let session = place.open().await;
    let report = session.sweep(&["a.csv".into()]).await.unwrap();
    assert!(report.advice.is_empty(), "no upload was begun, so there is nothing to say: {report:?}");
    let journal = Arc::new(MemoryJournal::with_orphans(vec![intent(&place, &*session, "a.csv")]));
    let session = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    let report = session.sweep(&["a.csv".into()]).await.unwrap();
    assert_eq!((report.removed, report.advice.len()), (0, 1));
    assert!(report.advice[0].contains("AbortIncompleteMultipartUpload"), "{}", report.advice[0]);
    assert_eq!(entries(&journal, &journal_target(&place)).len(), 1, "the journal keeps what was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_without_end_proves_nothing() {
    let pages = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pages);
    let endless = move |request: &fake::Request, _: &mut fake::State| {
        let listing = request.method == "GET" && fake::query(request, "uploads").is_some();
        listing.then(|| {
            let page = count.fetch_add(1, Ordering::SeqCst);
            let body = format!(
                "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k{page}</NextKeyMarker>\
                 <NextUploadIdMarker>u</NextUploadIdMarker></ListMultipartUploadsResult>"
            );
            (200, vec![], body.into_bytes())
        })
    };
    let (place, _) = fake::store_but(Knobs::default(), endless).await;
    let place = place.folder("endless");
    let journal = Arc::new(MemoryJournal::with_orphans(vec![intent(&place, &*place.open().await, "a.csv")]));
    let session = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    let report = session.sweep(&["a.csv".into()]).await.unwrap();
    assert!(report.advice[0].contains("AbortIncompleteMultipartUpload"), "{report:?}");
    assert_eq!(entries(&journal, &journal_target(&place)).len(), 1, "the journal keeps what was not found");
    assert_eq!(pages.load(Ordering::SeqCst), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_attempts_uploads_are_left_alone_and_its_name_is_refused() {
    let place = moto("writer").folder("living");
    let state = tempfile::tempdir().unwrap();
    let open = async |attempt: &str| {
        let journal = Arc::new(FileJournal::open(state.path(), attempt).unwrap());
        place.open_with(SessionContext { attempt: attempt.into(), journal, ..super::context() }).await.unwrap()
    };
    let living = open("0000000a").await;
    let sent = content(9 * MIB, 1);
    let staged = stage(&*living, "a.csv", NameRule::Replace, &sent).await.unwrap();
    let second = open("0000000b").await;
    let fault = second.sweep(&["b.csv".into(), "a.csv".into()]).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused, "{fault}");
    assert!(fault.message.contains("another run is delivering a.csv to s3://exports/living-"), "{fault}");
    assert!(fault.message.contains("attempt 0000000a") && !fault.hint.is_empty(), "{fault}");
    assert_eq!(second.sweep(&["b.csv".into()]).await.unwrap().removed, 0);
    assert_eq!(living.publish(staged).await.unwrap().bytes, sent.len() as u64);
    // Once it is done, the name is free.
    assert_eq!(second.sweep(&["a.csv".into()]).await.unwrap().removed, 0);
    // And the next one that takes it has it.
    std::mem::forget(stage(&*second, "a.csv", NameRule::Replace, &sent).await.unwrap());
    let third = open("0000000c").await;
    assert_eq!(third.sweep(&["a.csv".into()]).await.unwrap_err().class, FaultClass::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_another_target_is_left_alone() {
    let place = moto("writer").folder("sweep");
    let elsewhere = JournalEntry { target: "s3://other/".into(), sink_path: "x".into(), handle: "some-upload".into() };
    let journal = Arc::new(MemoryJournal::with_orphans(vec![elsewhere]));
    let session = place.open_with(with_journal(Arc::clone(&journal))).await.unwrap();
    assert_eq!(session.sweep(&[]).await.unwrap().removed, 0);
    assert_eq!(journal.orphans("s3://other/").unwrap().len(), 1);
}
