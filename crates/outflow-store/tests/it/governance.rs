//! What governs exports is counted, locked before anything else, and found by the names that people gave.

use outflow_store::{
    Change, Connection, Dataset, Expected, Flow, Governance, LabelDefinition, ListQuery, MarketingAction, NewDocument,
    Noun, Order, Policy, ScheduleConfig, Scope, Segment, SourceConnection, StoreError, TargetConnection,
};
use secrecy::SecretString;
use serde_json::json;

use crate::bed::{Bed, LEASE, PROD, new, on_both};

on_both!(
    changes_of_what_governs_are_counted,
    a_locked_row_waits_for_its_holder,
    deciding_and_changing_at_once_ends,
    ids_are_taken_once_in_a_sandbox,
    a_governed_transaction_needs_the_lease,
);

/// How much making, changing and deleting one counts for.
async fn changes_of<N: Noun>(bed: &Bed) -> i64 {
    let before = governance(bed).await.revision;
    let made = bed.make::<N>("name", json!({"n": 1})).await;
    let mut tx = bed.store.begin().await.unwrap();
    let change = |n: i64| Change { name: None, body: json!({ "n": n }), by: "b" };
    tx.update::<N>(PROD, &made.id, Expected::Any, change(2)).await.unwrap();
    tx.update::<N>(PROD, &made.id, Expected::Any, change(2)).await.unwrap();
    tx.set_details::<N>(PROD, &made.id, &json!({})).await.unwrap();
    tx.delete::<N>(PROD, &made.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    governance(bed).await.revision - before
}

async fn governance(bed: &Bed) -> Governance {
    bed.store.read().await.unwrap().governance(PROD).await.unwrap()
}

async fn changes_of_what_governs_are_counted(bed: Bed) {
    assert_eq!(governance(&bed).await, Governance::default());
    assert_eq!(changes_of::<Policy>(&bed).await, 3);
    assert_eq!(changes_of::<Dataset>(&bed).await, 3);
    assert_eq!(changes_of::<Segment>(&bed).await, 3);
    assert_eq!(changes_of::<Flow>(&bed).await, 3);
    assert_eq!(changes_of::<TargetConnection>(&bed).await, 3);
    assert_eq!(changes_of::<Connection>(&bed).await, 0);
    assert_eq!(changes_of::<SourceConnection>(&bed).await, 0);
    assert_eq!(changes_of::<ScheduleConfig>(&bed).await, 0);
    assert_eq!(governance(&bed).await.suppression_revision, 0);
    let other = bed.store.read().await.unwrap().governance("dev").await.unwrap();
    assert_eq!(other, Governance::default());
    let mut tx = bed.store.begin().await.unwrap();
    tx.insert::<Policy>(new("p", json!({}))).await.unwrap();
    drop(tx);
    assert_eq!(governance(&bed).await.revision, 15);
}

async fn a_locked_row_waits_for_its_holder(bed: Bed) {
    let holder = bed.another().await;
    let mut tx = holder.begin().await.unwrap();
    let locked = tx.lock_governance(PROD).await.unwrap();
    let writer = bed.another().await;
    let written = tokio::spawn(async move {
        let mut tx = writer.begin().await.unwrap();
        tx.insert::<Policy>(new("p", json!({}))).await.unwrap();
        tx.commit().await.unwrap();
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!written.is_finished());
    assert_eq!(governance(&bed).await, locked);
    tx.commit().await.unwrap();
    written.await.unwrap();
    assert_eq!(governance(&bed).await.revision, locked.revision + 1);
}

async fn deciding_and_changing_at_once_ends(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({"n": 0})).await;
    let job = bed.job("run", "r").await;
    let (lease, id) = (job.lease(), flow.id.clone());
    let (worker, person) = (bed.another().await, bed.another().await);
    // A worker has its job and wants the flow; a person has the flow and wakes the worker.
    let decides = tokio::spawn(async move {
        for n in 0..20 {
            let mut tx = worker.begin_fenced_governed(&lease, PROD).await.unwrap();
            let change = Change { name: None, body: json!({ "n": n, "by": "worker" }), by: "outflow" };
            tx.update::<Flow>(PROD, &id, Expected::Any, change).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    let now = bed.now();
    let changes = tokio::spawn(async move {
        for n in 0..20 {
            let mut tx = person.begin().await.unwrap();
            let change = Change { name: None, body: json!({ "n": n, "by": "person" }), by: "person" };
            tx.update::<Flow>(PROD, &flow.id, Expected::Any, change).await.unwrap();
            tx.enqueue(&crate::bed::job("run", "r", now)).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    decides.await.unwrap();
    changes.await.unwrap();
    let check = bed.store.read().await.unwrap().check_audit(PROD).await.unwrap();
    assert_eq!((check.records, check.broken_at), (41, None));
}

async fn ids_are_taken_once_in_a_sandbox(bed: Bed) {
    let named = |sandbox, n: i64| NewDocument {
        id: Some("email".to_owned()),
        sandbox,
        name: "email",
        body: json!({ "n": n }),
        by: "tester",
    };
    let connection = NewDocument { id: Some("email".to_owned()), ..new("c", json!({})) };
    let mut tx = bed.store.begin().await.unwrap();
    tx.insert::<Connection>(connection).await.unwrap();
    tx.put_secret(PROD, "email", "/auth/params/password", &SecretString::from("hush")).await.unwrap();
    tx.insert::<MarketingAction>(named(PROD, 1)).await.unwrap();
    tx.insert::<MarketingAction>(named("dev", 2)).await.unwrap();
    tx.insert::<LabelDefinition>(named(PROD, 3)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    let taken = tx.insert::<MarketingAction>(named("dev", 4)).await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict(_)), "{taken}");
    assert_eq!(taken.to_string(), "there is a marketing action email already");
    drop(tx);
    let mut reader = bed.store.read().await.unwrap();
    // Read twice: the second time from what was parsed.
    for _ in 0..2 {
        for (sandbox, n) in [(PROD, 1), ("dev", 2)] {
            let listed = reader.list::<MarketingAction>(Scope::Sandbox(sandbox), &ListQuery::first(10)).await.unwrap();
            let bodies: Vec<_> = listed.items.iter().map(|d| (d.sandbox.as_str(), d.body.clone())).collect();
            assert_eq!(bodies, [(sandbox, json!({ "n": n }))]);
            assert_eq!(reader.get::<MarketingAction>(sandbox, "email").await.unwrap().body, json!({ "n": n }));
        }
        let oldest_first = ListQuery { order: Order::CreatedAsc, ..ListQuery::first(10) };
        let all = reader.list::<MarketingAction>(Scope::All, &oldest_first).await.unwrap();
        assert_eq!(all.items.iter().map(|d| d.sandbox.as_str()).collect::<Vec<_>>(), [PROD, "dev"]);
    }
    drop(reader);
    let mut tx = bed.store.begin().await.unwrap();
    let change = Change { name: None, body: json!({"n": 5}), by: "b" };
    tx.update::<MarketingAction>("dev", "email", Expected::Version(1), change).await.unwrap();
    tx.delete::<MarketingAction>(PROD, "email", Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.get::<MarketingAction>("dev", "email").await.unwrap().body, json!({"n": 5}));
    assert!(reader.find::<MarketingAction>(PROD, "email").await.unwrap().is_none());
    let secret = reader.secret("email", "/auth/params/password").await.unwrap();
    assert!(secret.is_some(), "what has the same id has kept its secret");
}

async fn a_governed_transaction_needs_the_lease(bed: Bed) {
    let job = bed.job("run", "r").await;
    bed.wait(120);
    let again = bed.store.claim("x", LEASE, &["run"]).await.unwrap().unwrap();
    let late = bed.store.begin_fenced_governed(&job.lease(), PROD).await;
    assert!(matches!(late, Err(StoreError::LeaseLost { .. })));
    let mut tx = bed.store.begin_fenced_governed(&again.lease(), PROD).await.unwrap();
    assert_eq!(tx.lock_governance(PROD).await.unwrap(), Governance::default());
}
