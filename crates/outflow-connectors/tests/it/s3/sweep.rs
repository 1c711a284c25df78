//! What dead attempts left is found and removed, and nothing else.

use std::sync::Arc;

use outflow_connector_kit::{Journal as _, JournalEntry, MemoryJournal, NameRule};

use super::round_trip::journal_target;
use super::{MIB, content, deliver, entries, moto, stage, uploads_left, with_journal};

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

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_list_the_rule_to_set_is_told() {
    let place = moto("noperms").folder("sweep");
    let session = place.open().await;
    let report = session.sweep(&["a.csv".into()]).await.unwrap();
    assert_eq!((report.removed, report.advice.len()), (0, 1));
    assert!(report.advice[0].contains("AbortIncompleteMultipartUpload"), "{}", report.advice[0]);
    assert!(session.sweep(&[]).await.unwrap().advice.is_empty(), "nothing to find, nothing to say");
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
