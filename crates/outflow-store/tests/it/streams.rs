//! What is remembered of streaming flows, what is asked of them, and what is kept for them.

use outflow_store::{Artifact, Conflict, Expected, Flow, Run, Segment, StoreError};
use serde_json::{Value, json};

use crate::bed::{Bed, PROD, new, on_both};

on_both!(
    only_a_living_lease_moves_a_stream,
    evaluations_are_kept_as_long_as_a_stream_needs_them,
    requests_are_taken_off_once_and_in_order,
    everything_goes_with_the_flow,
    a_stream_has_one_live_run_of_each_kind,
);

fn ids(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn only_a_living_lease_moves_a_stream(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({})).await;
    let first = bed.job("stream", &flow.id).await;
    let mut tx = bed.store.begin_fenced(&first.lease()).await.unwrap();
    tx.put_stream(PROD, &flow.id, &json!({"sequence": 1}), &[]).await.unwrap();
    tx.commit().await.unwrap();
    bed.wait(120);
    let second = bed.store.claim("x", crate::bed::LEASE, &["stream"]).await.unwrap().unwrap();
    let late = bed.store.begin_fenced(&first.lease()).await;
    assert!(matches!(late, Err(StoreError::LeaseLost { .. })));
    let mut tx = bed.store.begin_fenced(&second.lease()).await.unwrap();
    tx.put_stream(PROD, &flow.id, &json!({"sequence": 2}), &[]).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let stream = reader.stream(&flow.id).await.unwrap().unwrap();
    assert_eq!((stream.body, stream.sandbox.as_str(), stream.updated_at), (json!({"sequence": 2}), PROD, bed.now()));
    assert_eq!(reader.stream("other").await.unwrap(), None);
    assert_eq!(reader.all_streams().await.unwrap().len(), 1);
}

async fn evaluations_are_kept_as_long_as_a_stream_needs_them(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({})).await;
    for id in ["e1", "e2"] {
        bed.evaluation(id, None).await;
    }
    let job = bed.job("stream", &flow.id).await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.put_stream(PROD, &flow.id, &json!({}), &ids(&["e1", "e2"])).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    assert!(!tx.delete_artifact(Artifact::Evaluation, PROD, "", "e1").await.unwrap());
    tx.put_stream(PROD, &flow.id, &json!({}), &ids(&["e2"])).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.delete_artifact(Artifact::Evaluation, PROD, "", "e1").await.unwrap());
    assert!(!tx.delete_artifact(Artifact::Evaluation, PROD, "", "e2").await.unwrap());
    tx.commit().await.unwrap();
    // What is gone cannot be kept any more.
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    let gone = tx.put_stream(PROD, &flow.id, &json!({}), &ids(&["e1"])).await.unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { noun: "evaluation", .. }), "{gone}");
}

async fn requests_are_taken_off_once_and_in_order(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    let first = tx.ask_stream(&flow.id, "now", &json!({"run": "r"})).await.unwrap();
    let second = tx.ask_stream(&flow.id, "redeliver", &json!({})).await.unwrap();
    let missing = tx.ask_stream("nobody", "now", &json!({})).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound { noun: "flow", .. }), "{missing}");
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    let told: Vec<_> = tx.stream_requests(&flow.id).await.unwrap().into_iter().map(|r| (r.id, r.kind)).collect();
    assert_eq!(told, [(first.clone(), "now".to_owned()), (second.clone(), "redeliver".to_owned())]);
    assert!(tx.drop_stream_request(&first).await.unwrap());
    assert!(!tx.drop_stream_request(&first).await.unwrap());
    tx.commit().await.unwrap();
    let left = bed.store.read().await.unwrap().all_stream_requests().await.unwrap();
    assert_eq!((left.len(), left[0].id.as_str(), &left[0].flow_id), (1, second.as_str(), &flow.id));
}

async fn everything_goes_with_the_flow(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({})).await;
    bed.evaluation("e", None).await;
    let job = bed.job("stream", &flow.id).await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.put_stream(PROD, &flow.id, &json!({}), &ids(&["e"])).await.unwrap();
    tx.ask_stream(&flow.id, "now", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Flow>(PROD, &flow.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    assert_eq!(tx.stream(&flow.id).await.unwrap(), None);
    assert_eq!(tx.stream_requests(&flow.id).await.unwrap(), []);
    // Its worker, which has not noticed, leaves no row behind.
    let gone = tx.put_stream(PROD, &flow.id, &json!({}), &[]).await.unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { noun: "flow", .. }), "{gone}");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.delete_artifact(Artifact::Evaluation, PROD, "", "e").await.unwrap());
}

async fn a_stream_has_one_live_run_of_each_kind(bed: Bed) {
    let run = |kind: &str, state: &str| -> Value {
        json!({"flowId": "f", "segmentId": "", "state": state, "slot": "2026-01-02T03:00:00Z", "kind": kind})
    };
    let window = bed.make::<Run>("", run("window", "processing")).await;
    let now = bed.make::<Run>("", run("now", "queued")).await;
    bed.make::<Run>("", run("window", "success")).await;
    bed.make::<Segment>("s", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    for (kind, id) in [("window", &window.id), ("now", &now.id)] {
        let error = tx.insert::<Run>(new("", run(kind, "queued"))).await.unwrap_err();
        let StoreError::Conflict(Conflict::LiveRun { run: live, .. }) = &error else { panic!("{error}") };
        assert_eq!(live.as_ref(), Some(id), "{kind}");
        assert_eq!(&tx.live_run_of_stream("f", kind).await.unwrap().unwrap().id, id);
    }
    assert_eq!(tx.live_run_of_stream("g", "window").await.unwrap(), None);
}
