//! What lies on disk: recorded, current, referred to, and forgotten only when nothing needs it.

use chrono::{DateTime, TimeDelta, Utc};
use outflow_store::{
    Artifact, ArtifactRow, Change, Dataset, Expected, Flow, NewArtifact, Run, Scope, Segment, SegmentCounts, StoreError,
};
use serde_json::json;

use crate::bed::{Bed, PROD, on_both};

on_both!(
    versions_count_for_their_dataset_in_order_of_attachment,
    recording_again_changes_what_is_known,
    an_evaluation_counts_for_its_segment_until_a_later_one_does,
    an_evaluation_counts_for_each_of_many_segments,
    what_is_referred_to_is_not_forgotten,
    referring_and_forgetting_exclude_each_other,
    pages_of_artifacts_hold_each_once,
    old_counts_are_trimmed,
    a_rule_is_kept_by_the_version_that_was_evaluated,
    records_of_a_snapshot_are_kept_as_long_as_it_is,
);

fn counts(time: DateTime<Utc>, realized: u64) -> SegmentCounts {
    let ended = time + TimeDelta::minutes(7);
    SegmentCounts { time, ended, realized, existing: 10, exited: 3, segment_version: 1 }
}

async fn versions_count_for_their_dataset_in_order_of_attachment(bed: Bed) {
    let [one, two, three] = ["one", "two", "three"].map(|name| (name, json!({})));
    let one = bed.make::<Dataset>(one.0, one.1).await;
    let two = bed.make::<Dataset>(two.0, two.1).await;
    let three = bed.make::<Dataset>(three.0, three.1).await;
    for dataset in [&one, &three] {
        bed.artifact(Artifact::DatasetVersion, "same", &dataset.id, None).await;
    }
    bed.artifact(Artifact::DatasetVersion, "newer", &three.id, None).await;
    bed.artifact(Artifact::Snapshot, "snap", "", None).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.set_current_version(PROD, &three.id, "same").await.unwrap();
    tx.set_current_version(PROD, &one.id, "same").await.unwrap();
    tx.set_current_version(PROD, &three.id, "newer").await.unwrap();
    let error = tx.set_current_version(PROD, &two.id, "same").await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { noun: "dataset version", .. }), "{error}");
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.set_current_snapshot(PROD, "nothing").await.is_err());
    tx.set_current_snapshot(PROD, "snap").await.unwrap();
    tx.commit().await.unwrap();

    let mut reader = bed.store.read().await.unwrap();
    let current = reader.current_versions(PROD).await.unwrap();
    let told: Vec<_> = current.iter().map(|(d, v)| (d.name.as_str(), v.as_ref().map(|v| v.id.as_str()))).collect();
    assert_eq!(told, [("one", Some("same")), ("two", None), ("three", Some("newer"))]);
    let version = reader.current_version(PROD, &three.id).await.unwrap().unwrap();
    assert_eq!(
        (version.path.as_str(), version.subject.as_str(), version.referenced),
        ("/data/newer", three.id.as_str(), true)
    );
    assert_eq!(reader.current_version("dev", &three.id).await.unwrap(), None);
    assert_eq!(reader.current_snapshot(PROD).await.unwrap().unwrap().id, "snap");
    assert_eq!(reader.current_snapshot("dev").await.unwrap(), None);
    let (versions, _) =
        reader.artifacts(Artifact::DatasetVersion, Scope::All, Some(&three.id), None, 10).await.unwrap();
    let told: Vec<_> = versions.iter().map(|v| (v.id.as_str(), v.referenced)).collect();
    assert_eq!(told, [("newer", true), ("same", false)], "the dataset one has the same content, in a row of its own");
    assert_eq!(reader.sandboxes().await.unwrap(), [PROD]);
    drop(reader);

    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Dataset>(PROD, &three.id, Expected::Any).await.unwrap();
    assert!(tx.delete_artifact(Artifact::DatasetVersion, PROD, &three.id, "newer").await.unwrap());
    tx.clear_current_snapshot(PROD).await.unwrap();
    assert!(tx.delete_artifact(Artifact::Snapshot, PROD, "", "snap").await.unwrap());
}

async fn recording_again_changes_what_is_known(bed: Bed) {
    bed.artifact(Artifact::Snapshot, "s", "", None).await;
    let born = bed.now();
    bed.wait(9);
    let mut tx = bed.store.begin().await.unwrap();
    let body = json!({"versions": ["a", "b"]});
    let new = NewArtifact {
        kind: Artifact::Snapshot,
        sandbox: PROD,
        id: "s",
        subject: "",
        parent: None,
        path: "/elsewhere/s",
        body: body.clone(),
    };
    tx.put_artifact(new).await.unwrap();
    tx.commit().await.unwrap();
    let row = bed.store.read().await.unwrap().artifact(Artifact::Snapshot, PROD, "s").await.unwrap().unwrap();
    assert_eq!((row.path.as_str(), row.body, row.created_at), ("/elsewhere/s", body, born));
    let none = bed.store.read().await.unwrap().artifact(Artifact::Evaluation, PROD, "s").await.unwrap();
    assert_eq!(none, None);
}

async fn an_evaluation_counts_for_its_segment_until_a_later_one_does(bed: Bed) {
    let segment = bed.make::<Segment>("s", json!({})).await;
    let now = bed.now();
    for id in ["e1", "e2", "e3"] {
        bed.evaluation(id, None).await;
    }
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.segment_evaluation(&segment.id).await.unwrap(), None);
    let found = |time, number| [(segment.id.as_str(), counts(time, number))];
    assert!(tx.set_segment_evaluations(PROD, "nothing", &found(now, 1)).await.is_err());
    assert_eq!(tx.set_segment_evaluations(PROD, "e1", &found(now, 1)).await.unwrap(), 1);
    let third = now + TimeDelta::hours(2);
    assert_eq!(tx.set_segment_evaluations(PROD, "e3", &found(third, 3)).await.unwrap(), 1);
    let second = now + TimeDelta::hours(1);
    assert_eq!(tx.set_segment_evaluations(PROD, "e2", &found(second, 2)).await.unwrap(), 0, "it came late");
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let current = reader.segment_evaluation(&segment.id).await.unwrap().unwrap();
    assert_eq!((current.evaluation_id.as_str(), &current.counts), ("e3", &counts(third, 3)));
    assert_eq!(reader.segment_evaluations(PROD).await.unwrap(), std::slice::from_ref(&current));
    let ids = [segment.id.clone(), "nobody".to_owned()];
    assert_eq!(reader.segment_evaluations_for(&ids).await.unwrap(), [current]);
    let history = reader.segment_history(&segment.id, 2).await.unwrap();
    assert_eq!(history.iter().map(|h| h.counts.realized).collect::<Vec<_>>(), [3, 2]);
}

async fn an_evaluation_counts_for_each_of_many_segments(bed: Bed) {
    for id in ["early", "late"] {
        bed.evaluation(id, None).await;
    }
    let ids: Vec<String> = (0..300).map(|n| format!("s{n}")).collect();
    let found = |ids: &[String], hours: i64, realized| -> Vec<(String, SegmentCounts)> {
        let counts = counts(bed.now() + TimeDelta::hours(hours), realized);
        ids.iter().rev().map(|id| (id.clone(), counts.clone())).collect()
    };
    let mut tx = bed.store.begin().await.unwrap();
    for (evaluation, found, current) in [("late", found(&ids[..100], 2, 7), 100), ("early", found(&ids, 1, 5), 200)] {
        let found: Vec<(&str, SegmentCounts)> =
            found.iter().map(|(id, counts)| (id.as_str(), counts.clone())).collect();
        assert_eq!(tx.set_segment_evaluations(PROD, evaluation, &found).await.unwrap(), current);
    }
    assert_eq!(tx.set_segment_evaluations(PROD, "early", &[]).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let current = reader.segment_evaluations_for(&ids).await.unwrap();
    assert_eq!(current.len(), 300);
    for one in current {
        let late = ids[..100].contains(&one.segment_id);
        assert_eq!((one.evaluation_id.as_str(), one.counts.realized), if late { ("late", 7) } else { ("early", 5) });
        assert_eq!(reader.segment_history(&one.segment_id, 9).await.unwrap().len(), if late { 2 } else { 1 });
    }
}

/// Whether an evaluation may be forgotten now, without forgetting it.
async fn may_forget(bed: &Bed, kind: Artifact, id: &str) -> bool {
    let mut tx = bed.store.begin().await.unwrap();
    let row = tx.artifact(kind, PROD, id).await.unwrap().unwrap();
    let may = tx.delete_artifact(kind, PROD, "", id).await.unwrap();
    assert_eq!(may, !row.referenced, "what a list tells and what is done");
    may
}

async fn what_is_referred_to_is_not_forgotten(bed: Bed) {
    bed.artifact(Artifact::Snapshot, "snap", "", None).await;
    assert!(may_forget(&bed, Artifact::Snapshot, "snap").await);
    bed.evaluation("e", Some("snap")).await;
    assert!(!may_forget(&bed, Artifact::Snapshot, "snap").await, "an evaluation of it is there");
    assert!(may_forget(&bed, Artifact::Evaluation, "e").await);

    let segment = bed.make::<Segment>("s", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.set_segment_evaluations(PROD, "e", &[(&segment.id, counts(bed.now(), 1))]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!may_forget(&bed, Artifact::Evaluation, "e").await, "it counts for a segment");
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Segment>(PROD, &segment.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    assert!(may_forget(&bed, Artifact::Evaluation, "e").await);

    let body = |state: &str| json!({"flowId": "f", "segmentId": "s", "state": state, "evaluationId": "e"});
    let run = bed.make::<Run>("", body("processing")).await;
    assert!(!may_forget(&bed, Artifact::Evaluation, "e").await, "a run is planned on it");
    let job = bed.job("export", &run.id).await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.set_plan(&run.id, "{}").await.unwrap();
    let failed = Change { name: None, body: body("failed"), by: "b" };
    tx.update::<Run>(PROD, &run.id, Expected::Any, failed).await.unwrap();
    tx.commit().await.unwrap();
    assert!(may_forget(&bed, Artifact::Evaluation, "e").await, "how long a failed run may be tried again, others say");

    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.pin(Artifact::Evaluation, PROD, "e").await.unwrap();
    assert!(tx.pin(Artifact::Evaluation, PROD, "nothing").await.is_err());
    drop(tx);
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.pin(Artifact::Evaluation, PROD, "e").await.unwrap();
    tx.commit().await.unwrap();
    assert!(!may_forget(&bed, Artifact::Evaluation, "e").await, "a job reads it");
    let flow = bed.make::<Flow>("f", json!({})).await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.advance(PROD, &flow.id, "s", "e", &run.id).await.unwrap();
    tx.finish_job().await.unwrap();
    tx.commit().await.unwrap();
    assert!(!may_forget(&bed, Artifact::Evaluation, "e").await, "a flow's next increment starts from it");
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Flow>(PROD, &flow.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    assert!(may_forget(&bed, Artifact::Evaluation, "e").await);

    let late = bed.job("export", "late").await;
    let mut tx = bed.store.begin_fenced(&late.lease()).await.unwrap();
    tx.set_segment_evaluations(PROD, "e", &[(&segment.id, counts(bed.now(), 1))]).await.unwrap();
    tx.advance(PROD, &flow.id, "s", "e", &run.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(may_forget(&bed, Artifact::Evaluation, "e").await, "a late job's flow and segment are gone");

    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.delete_artifact(Artifact::Evaluation, PROD, "", "e").await.unwrap());
    assert!(!tx.delete_artifact(Artifact::Evaluation, PROD, "", "e").await.unwrap(), "it is gone already");
    assert!(tx.delete_artifact(Artifact::Snapshot, PROD, "", "snap").await.unwrap());
    tx.commit().await.unwrap();
}

async fn referring_and_forgetting_exclude_each_other(bed: Bed) {
    for n in 0..10 {
        let id = format!("snap{n}");
        bed.artifact(Artifact::Snapshot, &id, "", None).await;
        let (user, janitor) = (bed.store.clone(), bed.another().await);
        let used = id.clone();
        let set = tokio::spawn(async move {
            let mut tx = user.begin().await?;
            tx.set_current_snapshot(PROD, &used).await?;
            tx.commit().await
        });
        let forgotten = id.clone();
        let deleted = tokio::spawn(async move {
            let mut tx = janitor.begin().await.unwrap();
            let deleted = tx.delete_artifact(Artifact::Snapshot, PROD, "", &forgotten).await.unwrap();
            tx.commit().await.unwrap();
            deleted
        });
        let (set, deleted) = (set.await.unwrap(), deleted.await.unwrap());
        assert!(set.is_ok() != deleted, "set: {set:?}, deleted: {deleted}");
        let mut reader = bed.store.read().await.unwrap();
        assert_eq!(reader.current_snapshot(PROD).await.unwrap().is_some_and(|s| s.id == id), !deleted);
    }
}

async fn pages_of_artifacts_hold_each_once(bed: Bed) {
    for n in 0..7 {
        bed.evaluation(&format!("e{n}"), None).await;
    }
    let mut reader = bed.store.read().await.unwrap();
    let (mut all, mut after): (Vec<ArtifactRow>, Option<String>) = (Vec::new(), None);
    loop {
        let page =
            reader.artifacts(Artifact::Evaluation, Scope::Sandbox(PROD), None, after.as_deref(), 3).await.unwrap();
        all.extend(page.0);
        after = page.1;
        if after.is_none() {
            break;
        }
    }
    let ids: Vec<&str> = all.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
    let error = reader.artifacts(Artifact::Evaluation, Scope::All, None, Some("odd"), 3).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
}

async fn old_counts_are_trimmed(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    for n in 0..5_i64 {
        let id = format!("e{n}");
        let (kind, path, body) = (Artifact::Evaluation, "/data", json!({}));
        let new = NewArtifact { kind, sandbox: PROD, id: &id, subject: "", parent: None, path, body };
        tx.put_artifact(new).await.unwrap();
        let time = bed.now() - TimeDelta::days(5 - n);
        tx.set_segment_evaluations(PROD, &id, &[("s", counts(time, n as u64))]).await.unwrap();
    }
    assert_eq!(tx.trim_segment_history(bed.now(), 3).await.unwrap(), 3);
    assert_eq!(tx.trim_segment_history(bed.now(), 3).await.unwrap(), 1, "not the one that counts");
    let left = tx.segment_history("s", 10).await.unwrap();
    assert_eq!(left.iter().map(|h| h.evaluation_id.as_str()).collect::<Vec<_>>(), ["e4"]);
    tx.commit().await.unwrap();
}

async fn a_rule_is_kept_by_the_version_that_was_evaluated(bed: Bed) {
    let segment = bed.make::<Segment>("s", json!({})).await;
    let rules = [json!({"value": "a = 1"}), json!({"value": "a = 2"})];
    let mut tx = bed.store.begin().await.unwrap();
    tx.keep_segment_rules(PROD, &[]).await.unwrap();
    tx.keep_segment_rules(PROD, &[(&segment.id, 1, &rules[0]), (&segment.id, 3, &rules[1])]).await.unwrap();
    // A version has one rule.
    tx.keep_segment_rules(PROD, &[(&segment.id, 1, &rules[1])]).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    for (version, rule) in [(1, Some(&rules[0])), (2, None), (3, Some(&rules[1]))] {
        assert_eq!(reader.segment_rule(&segment.id, version).await.unwrap().as_ref(), rule, "{version}");
    }
    drop(reader);
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Segment>(PROD, &segment.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bed.store.read().await.unwrap().segment_rule(&segment.id, 1).await.unwrap(), None);
}

async fn records_of_a_snapshot_are_kept_as_long_as_it_is(bed: Bed) {
    bed.artifact(Artifact::Snapshot, "snap", "", None).await;
    let mut tx = bed.store.begin().await.unwrap();
    for records in [json!([1]), json!([2])] {
        tx.put_snapshot_records(PROD, "snap", &records).await.unwrap();
    }
    tx.put_snapshot_records("dev", "snap", &json!([3])).await.unwrap();
    assert_eq!(tx.snapshot_records(PROD, "snap").await.unwrap(), Some(json!([2])));
    assert_eq!(tx.snapshot_records(PROD, "other").await.unwrap(), None);
    assert!(tx.delete_artifact(Artifact::Snapshot, PROD, "", "snap").await.unwrap());
    assert_eq!(tx.snapshot_records(PROD, "snap").await.unwrap(), None);
    assert_eq!(tx.snapshot_records("dev", "snap").await.unwrap(), Some(json!([3])));
    tx.commit().await.unwrap();
}
