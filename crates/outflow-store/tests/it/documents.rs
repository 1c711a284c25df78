//! Documents: made, read, changed under their entity tags, deleted.

use outflow_model::{Fault, FaultClass};
use outflow_store::{
    Change, Conflict, Connection, Dataset, Expected, Flow, NewDocument, Segment, SourceConnection, StoreError,
    TargetConnection,
};
use serde_json::{Value, json};

use crate::bed::{Bed, PROD, new, on_both};

on_both!(
    a_body_comes_back_as_it_was_sent,
    sandboxes_do_not_see_each_other,
    a_change_raises_the_version_and_a_stale_one_is_refused,
    of_two_changes_at_once_one_is_stale,
    nothing_of_a_dropped_transaction_is_seen,
    details_leave_the_entity_tag_alone,
    names_of_datasets_and_segments_are_taken_once,
    a_connection_that_flows_use_stays,
    a_flow_may_not_refer_to_what_is_not_there,
    a_flow_and_the_end_of_its_connection_exclude_each_other,
    odd_texts_are_kept_or_refused,
    a_locked_document_waits_for_its_holder,
);

fn change(body: Value) -> Change<'static> {
    Change { name: None, body, by: "changer" }
}

async fn a_body_comes_back_as_it_was_sent(bed: Bed) {
    let body =
        json!({"z": 1, "a": {"unknown": [1, 2.5, null, true]}, "big": 9_007_199_254_740_993_i64, "ü": "\u{1F600}"});
    let made = bed.make::<Connection>("mine", body.clone()).await;
    let mut reader = bed.another().await.read().await.unwrap();
    let read = reader.get::<Connection>(PROD, &made.id).await.unwrap();
    assert_eq!(read, made);
    assert_eq!(read.body.to_string(), body.to_string(), "members keep their order");
    assert_eq!((read.version, read.etag().as_str()), (1, "\"1\""));
    assert_eq!((read.created_at, read.created_by.as_str()), (bed.now(), "tester"));
    assert_eq!(read.id.len(), 36);
    assert_eq!(&read.id[14..15], "4", "{} is a UUID of version 4", read.id);
    assert_eq!(reader.by_name::<Connection>(PROD, "mine").await.unwrap(), Some(made.clone()));
    assert_eq!(reader.by_name::<Connection>(PROD, "other").await.unwrap(), None);
    let ids = ["nobody".to_owned(), made.id.clone(), made.id.clone()];
    assert_eq!(reader.get_many::<Connection>(PROD, &ids).await.unwrap(), [made.clone(), made]);
}

async fn sandboxes_do_not_see_each_other(bed: Bed) {
    let made = bed.make::<Segment>("s", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.get::<Segment>("dev", &made.id).await.unwrap_err();
    assert!(matches!(&error, StoreError::NotFound { noun: "segment", id } if *id == made.id), "{error}");
    assert_eq!(Fault::from(error).class, FaultClass::Input);
    assert!(tx.update::<Segment>("dev", &made.id, Expected::Any, change(json!({}))).await.is_err());
    assert!(tx.delete::<Segment>("dev", &made.id, Expected::Any).await.is_err());
    assert!(tx.get_many::<Segment>("dev", std::slice::from_ref(&made.id)).await.unwrap().is_empty());
    tx.insert::<Segment>(NewDocument { sandbox: "dev", ..new("s", json!({})) }).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_change_raises_the_version_and_a_stale_one_is_refused(bed: Bed) {
    let made = bed.make::<Connection>("before", json!({"a": 1})).await;
    bed.wait(5);
    let mut tx = bed.store.begin().await.unwrap();
    let update = Change { name: Some("after"), body: json!({"a": 2}), by: "changer" };
    let changed = tx.update::<Connection>(PROD, &made.id, Expected::Version(1), update).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((changed.version, changed.name.as_str(), &changed.body), (2, "after", &json!({"a": 2})));
    assert_eq!((changed.created_at, changed.created_by.as_str()), (made.created_at, "tester"));
    assert_eq!((changed.updated_at, changed.updated_by.as_str()), (bed.now(), "changer"));
    assert_eq!(bed.store.read().await.unwrap().get::<Connection>(PROD, &made.id).await.unwrap(), changed);

    for expected in [Expected::Version(1), Expected::Version(3), Expected::Never] {
        let mut tx = bed.store.begin().await.unwrap();
        let error = tx.update::<Connection>(PROD, &made.id, expected, change(json!({}))).await.unwrap_err();
        assert!(matches!(&error, StoreError::Stale { etag, .. } if etag == "\"2\""), "{expected:?}: {error}");
        let error = tx.delete::<Connection>(PROD, &made.id, expected).await.unwrap_err();
        assert!(matches!(&error, StoreError::Stale { .. }), "{expected:?}: {error}");
    }
    let mut tx = bed.store.begin().await.unwrap();
    let kept = tx.update::<Connection>(PROD, &made.id, Expected::Any, change(json!({"a": 3}))).await.unwrap();
    assert_eq!((kept.version, kept.name.as_str()), (3, "after"));
    tx.delete::<Connection>(PROD, &made.id, Expected::Version(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bed.store.read().await.unwrap().find::<Connection>(PROD, &made.id).await.unwrap(), None);
}

async fn of_two_changes_at_once_one_is_stale(bed: Bed) {
    let made = bed.make::<Connection>("c", json!({"n": 0})).await;
    let mut tasks = Vec::new();
    for n in 0..8 {
        let (store, id) = (bed.another().await, made.id.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            tx.update::<Connection>(PROD, &id, Expected::Version(1), change(json!({ "n": n }))).await?;
            tx.commit().await
        }));
    }
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert!(matches!(&error, StoreError::Stale { etag, .. } if etag == "\"2\""), "{error}"),
        }
    }
    assert_eq!(won, 1);
}

async fn nothing_of_a_dropped_transaction_is_seen(bed: Bed) {
    let made = bed.make::<Connection>("c", json!({"n": 1})).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.update::<Connection>(PROD, &made.id, Expected::Any, change(json!({"n": "never"}))).await.unwrap();
    assert_eq!(tx.get::<Connection>(PROD, &made.id).await.unwrap().body, json!({"n": "never"}), "its own writes");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    tx.update::<Connection>(PROD, &made.id, Expected::Version(1), change(json!({"n": 2}))).await.unwrap();
    tx.commit().await.unwrap();
    let read = bed.store.read().await.unwrap().get::<Connection>(PROD, &made.id).await.unwrap();
    assert_eq!((read.version, &read.body), (2, &json!({"n": 2})), "not what was read under the same version before");
}

async fn details_leave_the_entity_tag_alone(bed: Bed) {
    let made = bed.make::<Dataset>("d", json!({"state": "mine"})).await;
    bed.wait(5);
    let mut tx = bed.store.begin().await.unwrap();
    tx.set_details::<Dataset>(PROD, &made.id, &json!({"refresh": {"state": "done"}, "state": "theirs"})).await.unwrap();
    tx.commit().await.unwrap();
    let read = bed.store.read().await.unwrap().get::<Dataset>(PROD, &made.id).await.unwrap();
    assert_eq!((read.etag(), read.updated_at), (made.etag(), made.updated_at));
    assert_eq!(read.details["refresh"]["state"], "done");
    let shown = read.shown();
    assert_eq!((&shown["refresh"]["state"], &shown["state"]), (&json!("done"), &json!("mine")));
    let mut tx = bed.store.begin().await.unwrap();
    let changed = tx.update::<Dataset>(PROD, &made.id, Expected::Version(1), change(json!({}))).await.unwrap();
    assert_eq!(changed.details, read.details);
    let error = tx.set_details::<Dataset>(PROD, "nobody", &json!({})).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

async fn names_of_datasets_and_segments_are_taken_once(bed: Bed) {
    let taken = bed.make::<Dataset>("crm", json!({})).await;
    let other = bed.make::<Dataset>("web", json!({})).await;
    let is_taken = |error: &StoreError| matches!(error, StoreError::Conflict(Conflict::NameTaken { noun: "dataset", name }) if name == "crm");
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.insert::<Dataset>(new("crm", json!({}))).await.unwrap_err();
    assert!(is_taken(&error), "{error}");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    let rename = Change { name: Some("crm"), body: json!({}), by: "b" };
    let error = tx.update::<Dataset>(PROD, &other.id, Expected::Any, rename).await.unwrap_err();
    assert!(is_taken(&error), "{error}");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    let same = NewDocument { id: Some(taken.id.clone()), ..new("fresh", json!({})) };
    let error = tx.insert::<Dataset>(same).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::Exists { noun: "dataset", .. })), "{error}");
    drop(tx);
    bed.make::<Connection>("same", json!({})).await;
    bed.make::<Connection>("same", json!({})).await;
}

/// An account, a source, and a target on the account.
async fn connections(bed: &Bed) -> (String, String, String) {
    let account = bed.make::<Connection>("account", json!({"connectionSpec": {"id": "spec"}})).await;
    let source = bed.make::<SourceConnection>("source", json!({})).await;
    let target = bed.make::<TargetConnection>("target", json!({"baseConnectionId": account.id})).await;
    (account.id.clone(), source.id.clone(), target.id.clone())
}

fn flow(source: &str, target: &str) -> Value {
    json!({"sourceConnectionIds": [source], "targetConnectionIds": [target]})
}

async fn a_connection_that_flows_use_stays(bed: Bed) {
    let (account, source, target) = connections(&bed).await;
    let one = bed.make::<Flow>("one", flow(&source, &target)).await;
    let two = bed.make::<Flow>("two", flow(&source, &target)).await;
    let mut tx = bed.store.begin().await.unwrap();
    let refused = |error: StoreError, noun: &str| match error {
        StoreError::Conflict(Conflict::InUse { noun: told, by, .. }) => {
            assert_eq!(told, noun);
            assert_eq!(
                by.iter().map(|r| (r.noun, r.id.as_str(), r.name.as_str())).collect::<Vec<_>>(),
                [("flow", one.id.as_str(), "one"), ("flow", two.id.as_str(), "two")]
            );
        }
        other => panic!("{other}"),
    };
    refused(tx.delete::<Connection>(PROD, &account, Expected::Any).await.unwrap_err(), "connection");
    refused(tx.delete::<SourceConnection>(PROD, &source, Expected::Any).await.unwrap_err(), "source connection");
    refused(tx.delete::<TargetConnection>(PROD, &target, Expected::Any).await.unwrap_err(), "target connection");
    tx.delete::<Flow>(PROD, &one.id, Expected::Any).await.unwrap();
    let elsewhere = another_target(&mut tx, &account).await;
    tx.update::<Flow>(PROD, &two.id, Expected::Any, change(flow(&source, &elsewhere))).await.unwrap();
    tx.delete::<TargetConnection>(PROD, &target, Expected::Any).await.unwrap();
    assert_eq!(tx.flows_using::<Connection>(PROD, &account).await.unwrap().len(), 1);
    tx.delete::<Flow>(PROD, &two.id, Expected::Any).await.unwrap();
    tx.delete::<Connection>(PROD, &account, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
}

async fn another_target(tx: &mut outflow_store::Tx, account: &str) -> String {
    tx.insert::<TargetConnection>(new("t", json!({"baseConnectionId": account}))).await.unwrap().id.clone()
}

async fn a_flow_may_not_refer_to_what_is_not_there(bed: Bed) {
    let (account, source, target) = connections(&bed).await;
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.insert::<Flow>(new("f", flow("nobody", "nothing"))).await.unwrap_err();
    let StoreError::Invalid(problems) = error else { panic!("{error}") };
    let told: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(told, ["/sourceConnectionIds/0", "/targetConnectionIds/0"]);
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Connection>(PROD, &account, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.insert::<Flow>(new("f", flow(&source, &target))).await.unwrap_err();
    assert!(error.to_string().contains("account"), "{error}");
}

async fn a_flow_and_the_end_of_its_connection_exclude_each_other(bed: Bed) {
    for _ in 0..10 {
        let (account, source, target) = connections(&bed).await;
        let (maker, deleter) = (bed.store.clone(), bed.another().await);
        let body = flow(&source, &target);
        let made = tokio::spawn(async move {
            let mut tx = maker.begin().await?;
            tx.insert::<Flow>(new("f", body)).await?;
            tx.commit().await
        });
        let gone = account.clone();
        let deleted = tokio::spawn(async move {
            let mut tx = deleter.begin().await?;
            tx.delete::<Connection>(PROD, &gone, Expected::Any).await?;
            tx.commit().await
        });
        let (made, deleted) = (made.await.unwrap(), deleted.await.unwrap());
        assert!(made.is_ok() != deleted.is_ok(), "made: {made:?}, deleted: {deleted:?}");
        let mut reader = bed.store.read().await.unwrap();
        let users = reader.flows_using::<Connection>(PROD, &account).await.unwrap();
        assert_eq!(users.len(), usize::from(made.is_ok()));
    }
}

async fn odd_texts_are_kept_or_refused(bed: Bed) {
    let body = json!({"text": "nul \u{0} quote ' \" \\ ; -- $1 \u{FFFF}"});
    let made = bed.make::<Connection>("'; DROP TABLE connection; --", body.clone()).await;
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.by_name::<Connection>(PROD, &made.name).await.unwrap().unwrap().body, body);
    drop(reader);
    let mut reader = bed.store.read().await.unwrap();
    match reader.find::<Connection>(PROD, "nul \u{0}").await {
        Ok(found) => assert_eq!(found, None),
        Err(error) => assert!(matches!(error, StoreError::Invalid(_)), "{error}"),
    }
}

async fn a_locked_document_waits_for_its_holder(bed: Bed) {
    let made = bed.make::<Connection>("c", json!({"n": 0})).await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (store, id) = (bed.another().await, made.id.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let n = tx.lock::<Connection>(PROD, &id).await.unwrap().body["n"].as_i64().unwrap();
            tx.update::<Connection>(PROD, &id, Expected::Any, change(json!({"n": n + 1}))).await.unwrap();
            tx.commit().await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let read = bed.store.read().await.unwrap().get::<Connection>(PROD, &made.id).await.unwrap();
    assert_eq!(read.body, json!({"n": 8}), "no change was lost");
}
