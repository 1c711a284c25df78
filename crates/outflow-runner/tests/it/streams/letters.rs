//! Messages that the target refuses for good.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use outflow_model::run::{RunKind, RunState};
use outflow_runner::SubmitError;
use serde_json::json;

use super::bed::Bed;
use crate::world::SANDBOX;

/// A flow whose first two messages were refused.
async fn refused() -> Bed {
    let bed = Bed::new(json!({})).await;
    bed.far.refused.lock().unwrap().extend(["Email:a@x", "Email:c@x"].map(str::to_owned));
    bed.world.work().await;
    assert_eq!(bed.far.count(), 0);
    bed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_listed_counted_and_sent_anew_on_demand() {
    let bed = refused().await;
    let runner = bed.world.runner();
    let page = runner.letters(SANDBOX, &bed.flow, None, 1).await.unwrap();
    assert_eq!((page.letters.len(), page.total), (1, 2));
    let first = &page.letters[0];
    assert_eq!((first.sequence as i64, first.message.as_str()), (bed.sequence(0), "this one is not taken"));
    let rest = runner.letters(SANDBOX, &bed.flow, page.next.as_deref(), 10).await.unwrap();
    assert_eq!((rest.letters.len(), rest.next), (1, None));
    let wrong = runner.letters(SANDBOX, &bed.flow, Some("x"), 1).await;
    assert!(matches!(wrong, Err(SubmitError::Invalid { .. })), "{wrong:?}");
    bed.world.advance(TimeDelta::hours(1));
    bed.world.work().await;
    let run = bed.runs(RunKind::Window).await.remove(0);
    let records = &run.metrics.record_summary;
    assert_eq!((run.state, records.failed_record_count, records.output_record_count), (RunState::Success, 2, 0));
    assert!(run.advice[0].contains("2 of 2"), "{:?}", run.advice);
    // One of them.
    bed.far.refused.lock().unwrap().clear();
    let unknown = runner.submit_redeliver(SANDBOX, &bed.flow, Some(&["0".into()]), "me").await;
    assert!(matches!(unknown, Err(SubmitError::Invalid { .. })), "{unknown:?}");
    let one = [page.letters[0].event_id.clone()];
    assert_eq!(runner.submit_redeliver(SANDBOX, &bed.flow, Some(&one), "me").await.unwrap().letters, 1);
    bed.world.work().await;
    assert_eq!((bed.far.count(), bed.status().await.letters), (1, 1));
    assert_eq!(bed.far.bodies(0)[0]["sequence"], bed.sequence(1));
    // All that are left.
    runner.submit_redeliver(SANDBOX, &bed.flow, None, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.far.told(0), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    assert_eq!(runner.letters(SANDBOX, &bed.flow, None, 10).await.unwrap().total, 0);
    let none = runner.submit_redeliver(SANDBOX, &bed.flow, None, "me").await;
    assert!(matches!(none, Err(SubmitError::Conflict { .. })), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_that_was_refused_is_told_when_it_is_sent_anew() {
    let bed = Bed::begun(json!({})).await;
    bed.far.refused.lock().unwrap().extend(["Email:a@x", "Email:c@x"].map(str::to_owned));
    // One leaves, one vanishes.
    let left = [("a@x", "DE", 10), ("b@x", "DE", 20)];
    bed.evaluate(&left).await;
    assert_eq!((bed.far.count(), bed.status().await.letters), (2, 2));
    bed.far.refused.lock().unwrap().clear();
    bed.evaluate(&left).await;
    assert_eq!(bed.far.count(), 2);
    bed.world.runner().submit_redeliver(SANDBOX, &bed.flow, None, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x DE 10 out 1", "c@x US 30 out 1"]);
    assert_eq!((bed.far.known().len(), bed.status().await.letters), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_outlast_later_sets() {
    let bed = refused().await;
    bed.far.refused.lock().unwrap().clear();
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]).await;
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    let page = bed.world.runner().letters(SANDBOX, &bed.flow, None, 10).await.unwrap();
    assert_eq!(page.letters.iter().map(|letter| letter.profile_id.as_str()).collect::<Vec<_>>().len(), 2);
    assert_eq!(bed.far.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_none_any_more_once_a_later_message_of_its_profile_is_taken() {
    let bed = refused().await;
    bed.far.refused.lock().unwrap().remove("Email:a@x");
    // Both change, and one of them is refused again.
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 31)]).await;
    let runner = bed.world.runner();
    let page = runner.letters(SANDBOX, &bed.flow, None, 10).await.unwrap();
    let left: Vec<(&str, i64)> = page.letters.iter().map(|of| (&*of.profile_id, of.sequence as i64)).collect();
    assert_eq!(left, [("Email:c@x", bed.sequence(0)), ("Email:c@x", bed.sequence(1))]);
    assert_eq!((page.total, bed.status().await.letters), (2, 2));
    // Taken back with messages on their way, what was taken counts as well.
    bed.far.refused.lock().unwrap().clear();
    bed.far.away_after(1);
    bed.evaluate(&[("a@x", "US", 12), ("b@x", "DE", 20), ("c@x", "US", 32)]).await;
    assert_eq!(bed.status().await.state, "blocked");
    let is_repaired = bed.far.told(bed.far.count() - 1)[0].starts_with("c@x");
    bed.set_state("disabled").await;
    bed.world.work().await;
    assert_eq!(bed.status().await.letters, if is_repaired { 0 } else { 2 });
    bed.far.back();
    bed.set_state("enabled").await;
    bed.world.work().await;
    assert_eq!(bed.status().await.letters, 0);
    let none = runner.submit_redeliver(SANDBOX, &bed.flow, None, "me").await;
    assert!(matches!(none, Err(SubmitError::Conflict { .. })), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_left_out_and_said() {
    let bed = Bed::new(json!({})).await;
    bed.far.message_bytes_max.store(10, Ordering::SeqCst);
    bed.world.work().await;
    bed.world.advance(TimeDelta::hours(1));
    bed.world.work().await;
    let run = bed.runs(RunKind::Window).await.remove(0);
    let records = &run.metrics.record_summary;
    assert_eq!((run.state, records.skipped_record_count, records.failed_record_count), (RunState::Success, 2, 0));
    assert_eq!(records.skipped_info[0].code, "oversize");
    assert!(records.balance.as_ref().unwrap().discrepancies().is_empty());
}
