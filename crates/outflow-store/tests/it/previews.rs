//! Previews are forgotten by age.

use chrono::TimeDelta;
use outflow_store::{ListQuery, NewDocument, Preview, Scope, StoreError};
use serde_json::json;

use crate::bed::{Bed, PROD, new, on_both};

on_both!(old_previews_go_a_few_at_a_time, two_may_forget_the_same_at_once);

async fn old_previews_go_a_few_at_a_time(bed: Bed) {
    for n in 0..5 {
        bed.make::<Preview>("", json!({ "n": n })).await;
    }
    let mut tx = bed.store.begin().await.unwrap();
    tx.insert::<Preview>(NewDocument { sandbox: "dev", ..new("", json!({})) }).await.unwrap();
    tx.commit().await.unwrap();
    bed.wait(60);
    let limit = bed.now();
    bed.make::<Preview>("", json!({"n": 5})).await;
    let mut forgotten = Vec::new();
    for _ in 0..3 {
        let mut tx = bed.store.begin().await.unwrap();
        forgotten.push(tx.forget_previews(PROD, limit, 3).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(forgotten, [3, 2, 0]);
    let left = bed.store.read().await.unwrap().list::<Preview>(Scope::All, &ListQuery::first(9)).await.unwrap();
    assert_eq!(
        left.items.iter().map(|d| (&*d.sandbox, &d.body)).collect::<Vec<_>>(),
        [(PROD, &json!({"n": 5})), ("dev", &json!({}))]
    );
}

async fn two_may_forget_the_same_at_once(bed: Bed) {
    for _ in 0..20 {
        for n in 0..4 {
            bed.make::<Preview>("", json!({ "n": n })).await;
        }
        bed.wait(60);
        let forget = async || -> Result<u64, StoreError> {
            let mut tx = bed.store.begin().await?;
            let forgotten = tx.forget_previews(PROD, bed.now() - TimeDelta::seconds(1), 50).await?;
            tx.commit().await?;
            Ok(forgotten)
        };
        let (one, other) = tokio::join!(forget(), forget());
        assert_eq!(one.unwrap() + other.unwrap(), 4);
    }
}
