//! What is remembered of flows between runs, and what people were told.

use chrono::TimeDelta;
use outflow_store::{Artifact, Expected, Flow, Segment, StoreError};
use outflow_testkit::clock::at;
use serde_json::json;

use crate::bed::{Bed, PROD, on_both};

on_both!(
    each_slot_is_taken_once,
    only_a_living_lease_moves_the_incremental_state,
    what_is_remembered_goes_with_its_flow_and_segment,
    an_alert_changes_once,
    segments_count_as_often_as_flows_export_them,
);

async fn segments_count_as_often_as_flows_export_them(bed: Bed) {
    let body = |state: &str, segments: &[&str]| {
        let selectors: Vec<_> = segments.iter().map(|id| json!({"value": {"id": id}})).collect();
        let params = json!({"segmentSelectors": {"selectors": selectors}});
        json!({"state": state, "transformations": [{"name": "GeneralTransform", "params": params}]})
    };
    bed.make::<Flow>("a", body("enabled", &["s", "t"])).await;
    bed.make::<Flow>("b", body("enabled", &["s"])).await;
    bed.make::<Flow>("c", body("disabled", &["s", "u"])).await;
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.activated_segments(PROD).await.unwrap(), 3);
    assert_eq!(reader.activated_segments("dev").await.unwrap(), 0);
}

async fn each_slot_is_taken_once(bed: Bed) {
    let slot = at("2026-01-02T06:00:00Z");
    let mut schedulers = Vec::new();
    for _ in 0..6 {
        let store = bed.another().await;
        schedulers.push(tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let taken = tx.mark_slot(PROD, "f", "s", slot).await.unwrap();
            tx.commit().await.unwrap();
            taken
        }));
    }
    let mut taken = 0;
    for scheduler in schedulers {
        taken += usize::from(scheduler.await.unwrap());
    }
    assert_eq!(taken, 1);
    let mut tx = bed.store.begin().await.unwrap();
    assert!(!tx.mark_slot(PROD, "f", "s", slot - TimeDelta::hours(3)).await.unwrap(), "an earlier slot");
    assert!(tx.mark_slot(PROD, "f", "s", slot + TimeDelta::hours(3)).await.unwrap());
    assert!(tx.mark_slot(PROD, "f", "other", slot).await.unwrap());
    let state = tx.flow_state("f", "s").await.unwrap().unwrap();
    assert_eq!((state.last_slot, state.sequence), (Some(slot + TimeDelta::hours(3)), 0));
    drop(tx);
    let state = bed.store.read().await.unwrap().flow_state("f", "s").await.unwrap().unwrap();
    assert_eq!(state.last_slot, Some(slot), "a slot that was not committed is free");
}

async fn only_a_living_lease_moves_the_incremental_state(bed: Bed) {
    bed.evaluation("e1", None).await;
    bed.evaluation("e2", None).await;
    let old = bed.job("export", "r1").await;
    bed.wait(60);
    let new = bed.store.claim("w2", crate::bed::LEASE, &["export"]).await.unwrap().unwrap();
    assert!(matches!(bed.store.begin_fenced(&old.lease()).await, Err(StoreError::LeaseLost { .. })));
    assert_eq!(bed.store.read().await.unwrap().flow_state("f", "s").await.unwrap(), None);

    let mut tx = bed.store.begin_fenced(&new.lease()).await.unwrap();
    let error = tx.advance(PROD, "f", "s", "nothing", "r1").await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { noun: "evaluation", .. }), "{error}");
    drop(tx);
    for (n, evaluation) in [(1, "e1"), (2, "e2")] {
        let mut tx = bed.store.begin_fenced(&new.lease()).await.unwrap();
        let state = tx.advance(PROD, "f", "s", evaluation, "r1").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((state.sequence, state.delivered_evaluation.as_deref()), (n, Some(evaluation)));
        assert_eq!((state.delivered_run.as_deref(), state.delivered_at), (Some("r1"), Some(bed.now())));
    }
    let mut tx = bed.store.begin_fenced(&new.lease()).await.unwrap();
    tx.advance(PROD, "f", "s", "e1", "r2").await.unwrap();
    tx.finish_job().await.unwrap();
    drop(tx);
    let state = bed.store.read().await.unwrap().flow_state("f", "s").await.unwrap().unwrap();
    assert_eq!((state.sequence, state.delivered_evaluation.as_deref()), (2, Some("e2")), "nothing without a commit");

    let mut tx = bed.store.begin().await.unwrap();
    tx.forget_delivery("f", "s").await.unwrap();
    tx.commit().await.unwrap();
    let state = bed.store.read().await.unwrap().flow_state("f", "s").await.unwrap().unwrap();
    assert_eq!((state.delivered_evaluation, state.delivered_at, state.sequence), (None, None, 2));
}

async fn what_is_remembered_goes_with_its_flow_and_segment(bed: Bed) {
    let [one, two] = [bed.make::<Flow>("one", json!({})).await, bed.make::<Flow>("two", json!({})).await];
    let segment = bed.make::<Segment>("s", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    for flow in [&one, &two] {
        tx.set_enabled_since(PROD, &flow.id, &segment.id, bed.now()).await.unwrap();
        tx.set_notes(PROD, &flow.id, "other", &json!({"late": true})).await.unwrap();
    }
    assert_eq!(tx.flow_states_of(PROD).await.unwrap().len(), 4);
    assert_eq!(tx.flow_states_of("dev").await.unwrap().len(), 0);
    assert_eq!(tx.all_flow_states().await.unwrap().len(), 4);
    let state = tx.flow_state(&one.id, &segment.id).await.unwrap().unwrap();
    assert_eq!((state.enabled_since, state.notes), (Some(bed.now()), json!(null)));
    assert_eq!(tx.flow_state(&one.id, "other").await.unwrap().unwrap().notes, json!({"late": true}));
    tx.delete::<Flow>(PROD, &one.id, Expected::Any).await.unwrap();
    assert_eq!(tx.flow_states(&one.id).await.unwrap(), []);
    tx.delete::<Segment>(PROD, &segment.id, Expected::Any).await.unwrap();
    let left = tx.flow_states(&two.id).await.unwrap();
    assert_eq!(left.iter().map(|s| s.segment_id.as_str()).collect::<Vec<_>>(), ["other"]);
    tx.delete_flow_state(&two.id, "other").await.unwrap();
    assert_eq!(tx.flow_states(&two.id).await.unwrap(), []);
    tx.commit().await.unwrap();
    bed.artifact(Artifact::Snapshot, "s", "", None).await;
}

async fn an_alert_changes_once(bed: Bed) {
    let mut tellers = Vec::new();
    for _ in 0..6 {
        let store = bed.another().await;
        tellers.push(tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let changed = tx.set_alert_state(PROD, "f/s", "runFailure", true).await.unwrap();
            tx.commit().await.unwrap();
            changed
        }));
    }
    let mut told = 0;
    for teller in tellers {
        told += usize::from(teller.await.unwrap());
    }
    assert_eq!(told, 1);
    bed.wait(5);
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.alert_open("f/s", "runFailure").await.unwrap());
    assert!(!tx.alert_open("f/s", "runDelay").await.unwrap());
    assert!(!tx.set_alert_state(PROD, "f/s", "runDelay", false).await.unwrap(), "it never was on");
    let open = tx.open_alerts(PROD).await.unwrap();
    assert_eq!((open.len(), open[0].since), (1, bed.now() - TimeDelta::seconds(5)));
    assert!(tx.set_alert_state(PROD, "f/s", "runFailure", false).await.unwrap());
    assert!(!tx.set_alert_state(PROD, "f/s", "runFailure", false).await.unwrap());
    assert_eq!(tx.open_alerts(PROD).await.unwrap(), []);
    assert!(tx.set_alert_state(PROD, "f/s", "runFailure", true).await.unwrap(), "on again");
    tx.forget_alerts("f/s").await.unwrap();
    assert!(!tx.alert_open("f/s", "runFailure").await.unwrap());
}
