//! The runs of streaming flows.

use chrono::TimeDelta;
use outflow_model::run::{RunKind, RunState};
use outflow_runner::SubmitError;
use outflow_store::{Expected, Segment};
use serde_json::json;

use super::bed::Bed;
use crate::world::{SANDBOX, time};

#[tokio::test(flavor = "multi_thread")]
async fn a_window_ends_with_its_hour_and_balances() {
    let bed = Bed::begun(json!({})).await;
    let run = bed.runs(RunKind::Window).await.remove(0);
    assert_eq!(
        (run.state, run.slot, run.segment_id.as_str()),
        (RunState::Processing, time("2026-01-02T03:00:00Z"), "")
    );
    assert_eq!(bed.far.bodies(0)[0]["runId"], run.id.as_str());
    bed.world.advance(TimeDelta::hours(1));
    bed.world.work().await;
    let run = bed.runs(RunKind::Window).await.remove(0);
    assert_eq!((run.state, run.completed_at), (RunState::Success, Some(bed.world.clock.peek())));
    let records = &run.metrics.record_summary;
    assert_eq!((records.input_record_count, records.output_record_count), (2, 2));
    assert!(records.balance.as_ref().unwrap().discrepancies().is_empty());
    assert!(run.metrics.size_summary.output_bytes > 0);
    assert_eq!(run.counts.as_ref().map(|counts| (counts.entered, counts.left)), Some((2, 0)));
    // An hour in which nothing was told has no window; the next one that tells has one of its own.
    bed.world.advance(TimeDelta::hours(3));
    bed.world.work().await;
    bed.evaluate(&[("a@x", "US", 11), ("c@x", "US", 30)]).await;
    let runs = bed.runs(RunKind::Window).await;
    assert_eq!((runs.len(), runs[1].state, runs[1].slot), (2, RunState::Processing, time("2026-01-02T07:00:00Z")));
    assert_eq!(bed.far.bodies(2)[0]["runId"], runs[1].id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_with_messages_on_their_way_outlasts_its_hour() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 11), ("c@x", "US", 30)]).await;
    bed.world.advance(TimeDelta::hours(2));
    bed.world.work().await;
    assert_eq!(bed.runs(RunKind::Window).await[0].state, RunState::Processing);
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    let runs = bed.runs(RunKind::Window).await;
    assert_eq!((runs.len(), runs[0].state), (1, RunState::Success));
    assert_eq!(runs[0].counts.as_ref().unwrap().accepted, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn activating_now_tells_everybody_as_one_run() {
    let bed = Bed::begun(json!({})).await;
    let runner = bed.world.runner();
    let run = runner.submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    let again = runner.submit_run_now(SANDBOX, &bed.flow, "me").await;
    assert!(matches!(&again, Err(SubmitError::Busy { run: Some(going), .. }) if *going == run), "{again:?}");
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    let bodies = bed.far.bodies(2);
    assert!(bodies.iter().all(|body| body["runId"] == run.as_str() && body["sequence"] == bed.sequence(1)));
    let body = bed.world.run_body(&run).await;
    let counts = body.counts.clone().unwrap();
    assert_eq!((body.state, counts.accepted, counts.resent), (RunState::Success, 2, 2));
    assert_eq!(body.trigger.as_deref(), Some("me"));
    for refused in [
        runner.submit_retry(SANDBOX, &run, Expected::Any).await.unwrap_err(),
        runner.submit_verify(SANDBOX, &run).await.unwrap_err(),
    ] {
        assert!(matches!(refused, SubmitError::Conflict { .. }), "{refused:?}");
    }
    let adhoc = runner.submit_adhoc(SANDBOX, &[(bed.flow.clone(), vec![bed.segment.clone()])], "me").await;
    assert!(matches!(&adhoc, Err(SubmitError::Invalid { problems, .. }) if problems.len() == 1), "{adhoc:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_that_has_not_begun_can_be_taken_back() {
    let bed = Bed::begun(json!({})).await;
    let runner = bed.world.runner();
    let run = runner.submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    runner.cancel(SANDBOX, &run, "me", Expected::Any).await.unwrap();
    bed.world.work().await;
    assert_eq!((bed.far.count(), bed.world.run_body(&run).await.state), (2, RunState::Cancelled));
    // In a set that is too small for everybody it is one run all the same.
    let mut bed = bed;
    bed.world.settings.stream_set_bytes_max = 1;
    let run = bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    assert!(bed.far.bodies(2).iter().all(|body| body["runId"] == run.as_str()));
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_of_a_flow_without_segments_ends() {
    let bed = Bed::begun(json!({})).await;
    let runner = bed.world.runner();
    let run = runner.submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap().remove(0);
    bed.world.delete::<Segment>(&bed.segment).await;
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!(
        (body.state, body.reason.as_deref()),
        (RunState::Cancelled, Some("its flow has no segment that is there"))
    );
    let refused = runner.submit_run_now(SANDBOX, &bed.flow, "me").await;
    assert!(matches!(refused, Err(SubmitError::Conflict { .. })), "{refused:?}");
    assert_eq!((bed.status().await.state.as_str(), bed.far.count()), ("idle", 2));
}
