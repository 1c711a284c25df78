//! The suppression list: who is on it, how its changes count, and that it has an end.

use outflow_store::{AuditQuery, NewSuppression, SUPPRESSIONS_MAX, StoreError, SuppressionKey};
use serde_json::json;

use crate::bed::{Bed, PROD, on_both};

on_both!(
    identities_are_put_on_the_list_and_taken_off,
    a_change_is_counted_and_recorded_without_the_identities,
    many_are_listed_in_pages,
    the_list_has_an_end,
);

fn key(n: u64) -> SuppressionKey {
    // Spread over all first digits.
    let mut key = [0; 16];
    key[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    key[8..].copy_from_slice(&n.to_be_bytes());
    key
}

fn suppression(n: u64) -> NewSuppression {
    NewSuppression { key: key(n), namespace: "Email".to_owned(), reason: "objection".to_owned() }
}

async fn identities_are_put_on_the_list_and_taken_off(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    tx.act_as("admin");
    assert_eq!(tx.suppress(PROD, &[suppression(1), suppression(2), suppression(1)]).await.unwrap(), 2);
    assert_eq!(tx.suppress(PROD, &[suppression(2), suppression(3)]).await.unwrap(), 1);
    assert_eq!(tx.suppress("dev", &[suppression(2)]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let listed = reader.suppressions(PROD, None, 10).await.unwrap();
    let mut expected = vec![key(1), key(2), key(3)];
    expected.sort_unstable();
    assert_eq!(listed.iter().map(|s| s.key).collect::<Vec<_>>(), expected);
    let first = &listed[0];
    assert_eq!((first.namespace.as_str(), first.reason.as_str()), ("Email", "objection"));
    assert_eq!((first.added_by.as_str(), first.added_at), ("admin", bed.now()));
    assert_eq!(reader.suppression_keys(PROD).await.unwrap(), expected);
    let among = reader.suppressions_among(PROD, &[key(9), key(3), key(1), key(3)]).await.unwrap();
    assert_eq!(among, listed.into_iter().filter(|s| s.key != key(2)).collect::<Vec<_>>());
    assert!(reader.suppressions_among(PROD, &[]).await.unwrap().is_empty());
    assert_eq!(reader.count_suppressions(PROD).await.unwrap(), 3);
    drop(reader);
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.unsuppress(PROD, &[key(2), key(2), key(9)]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.count_suppressions(PROD).await.unwrap(), 2);
    assert_eq!(reader.suppression_keys("dev").await.unwrap(), [key(2)]);
}

async fn a_change_is_counted_and_recorded_without_the_identities(bed: Bed) {
    let governance = async || {
        let governance = bed.store.read().await.unwrap().governance(PROD).await.unwrap();
        (governance.revision, governance.suppression_revision)
    };
    let all: Vec<NewSuppression> = (0..250).map(suppression).collect();
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.suppress(PROD, &all).await.unwrap(), 250);
    tx.commit().await.unwrap();
    assert_eq!(governance().await, (1, 1));
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.suppress(PROD, &all[..5]).await.unwrap(), 0);
    assert_eq!(tx.unsuppress(PROD, &[key(1000)]).await.unwrap(), 0);
    assert_eq!(tx.suppress(PROD, &[]).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(governance().await, (1, 1), "nothing was changed");
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.unsuppress(PROD, &[key(7)]).await.unwrap(), 1);
    drop(tx);
    assert_eq!(governance().await, (1, 1));
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.unsuppress(PROD, &[key(1)]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(governance().await, (2, 2));
    let mut reader = bed.store.read().await.unwrap();
    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let records = reader.audit(PROD, &query).await.unwrap().records;
    let told: Vec<_> = records.iter().map(|r| (r.action.as_str(), r.noun.as_str())).collect();
    assert_eq!(told, [("suppressed", "suppression"), ("unsuppressed", "suppression")]);
    let detail = records[0].detail.as_ref().unwrap();
    let of =
        |count: u64| json!({"count": count, "by": [{"namespace": "Email", "reason": "objection", "count": count}]});
    assert_eq!((detail, records[1].detail.as_ref()), (&of(250), Some(&of(1))));
    assert!(!format!("{records:?}").contains("9e3779b9"), "nothing of a hash is told");
}

async fn many_are_listed_in_pages(bed: Bed) {
    let all: Vec<NewSuppression> = (0..12_345).map(suppression).collect();
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.suppress(PROD, &all).await.unwrap(), 12_345);
    tx.commit().await.unwrap();
    let mut expected: Vec<SuppressionKey> = all.iter().map(|s| s.key).collect();
    expected.sort_unstable();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.suppression_keys(PROD).await.unwrap(), expected);
    let (mut listed, mut after): (Vec<SuppressionKey>, Option<SuppressionKey>) = (Vec::new(), None);
    loop {
        let page = reader.suppressions(PROD, after.as_ref(), 1000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        listed.extend(page.iter().map(|s| s.key));
    }
    assert_eq!(listed, expected);
    for limit in [0, 1001] {
        let error = reader.suppressions(PROD, None, limit).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    }
}

async fn the_list_has_an_end(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    tx.suppress(PROD, &[suppression(1)]).await.unwrap();
    tx.commit().await.unwrap();
    // As if it were nearly full.
    let pool = sqlx::AnyPool::connect(bed.database.url()).await.unwrap();
    let nearly = format!("UPDATE governance SET suppressions = {}", SUPPRESSIONS_MAX - 1);
    sqlx::query(sqlx::AssertSqlSafe(nearly)).execute(&pool).await.unwrap();
    pool.close().await;
    let mut tx = bed.store.begin().await.unwrap();
    let error = tx.suppress(PROD, &[suppression(2), suppression(3)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    drop(tx);
    let mut tx = bed.store.begin().await.unwrap();
    assert_eq!(tx.suppress(PROD, &[suppression(1), suppression(2)]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.count_suppressions(PROD).await.unwrap(), SUPPRESSIONS_MAX);
}
