//! Records of the audit log are found by what they say, when, and in pages of bounded size.

use chrono::TimeDelta;
use outflow_store::{AuditEvent, AuditQuery, AuditRecord, Policy, StoreError};
use serde_json::json;

use crate::audit::{event, filled, records};
use crate::bed::{Bed, PROD, on_both};

on_both!(
    a_page_ends_early_where_records_are_large,
    records_are_found_by_what_they_say,
    a_page_looks_at_so_many_and_says_where_to_go_on,
    records_are_found_by_time,
);

fn seqs(records: &[AuditRecord]) -> Vec<i64> {
    records.iter().map(|record| record.seq).collect()
}

async fn a_page_ends_early_where_records_are_large(bed: Bed) {
    let large = json!({"text": "x".repeat(3 << 20)});
    for name in ["a", "b", "c", "d"] {
        bed.make::<Policy>(name, large.clone()).await;
    }
    for newest_first in [false, true] {
        let (mut pages, mut seqs, mut next) = (Vec::new(), Vec::new(), None);
        loop {
            let query = AuditQuery { newest_first, limit: 100, ..AuditQuery::default() };
            let query = match newest_first {
                true => AuditQuery { before_seq: next, ..query },
                false => AuditQuery { after_seq: next, ..query },
            };
            let page = bed.store.read().await.unwrap().audit(PROD, &query).await.unwrap();
            pages.push(page.records.len());
            seqs.extend(page.records.iter().map(|record| record.seq));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        seqs.sort_unstable();
        assert_eq!((pages, seqs), (vec![2, 2], vec![1, 2, 3, 4]));
    }
}

async fn records_are_found_by_what_they_say(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    for (number, actor) in ["ann", "bob", "ann", "ann", "bob"].into_iter().enumerate() {
        tx.act_as(actor);
        let (id, noun) = (format!("id{}", number % 2), if number < 3 { "flow" } else { "segment" });
        let action = if number == 0 { "paused" } else { "exportAllowed" };
        tx.audit(PROD, AuditEvent { object_id: &id, noun, ..event(action) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let all = AuditQuery { limit: 10, ..AuditQuery::default() };
    for (query, expected) in [
        (all.clone(), vec![1, 2, 3, 4, 5]),
        (AuditQuery { newest_first: true, ..all.clone() }, vec![5, 4, 3, 2, 1]),
        (AuditQuery { actor: Some("ann"), ..all.clone() }, vec![1, 3, 4]),
        (AuditQuery { action: Some("paused"), ..all.clone() }, vec![1]),
        (AuditQuery { noun: Some("segment"), ..all.clone() }, vec![4, 5]),
        (AuditQuery { object_id: Some("id0"), actor: Some("ann"), ..all.clone() }, vec![1, 3]),
        (AuditQuery { object_id: Some("id0"), noun: Some("segment"), newest_first: true, ..all.clone() }, vec![5]),
        (AuditQuery { after_seq: Some(2), before_seq: Some(5), ..all.clone() }, vec![3, 4]),
        (AuditQuery { actor: Some("nobody"), ..all.clone() }, vec![]),
    ] {
        let page = reader.audit(PROD, &query).await.unwrap();
        assert_eq!((seqs(&page.records), page.next), (expected, None), "{query:?}");
    }
    let two = AuditQuery { limit: 2, newest_first: true, actor: Some("ann"), ..all.clone() };
    let page = reader.audit(PROD, &two).await.unwrap();
    assert_eq!((seqs(&page.records), page.next), (vec![4, 3], Some(3)));
    let page = reader.audit(PROD, &AuditQuery { before_seq: page.next, ..two }).await.unwrap();
    assert_eq!((seqs(&page.records), page.next), (vec![1], None));
    assert_eq!(reader.audit("dev", &all).await.unwrap().records, []);
    for limit in [0, 1001] {
        let error = reader.audit(PROD, &AuditQuery { limit, ..all.clone() }).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    }
}

async fn a_page_looks_at_so_many_and_says_where_to_go_on(bed: Bed) {
    filled(&bed, 25).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.audit(PROD, AuditEvent { noun: "segment", ..event("exportAllowed") }).await.unwrap();
    tx.commit().await.unwrap();
    let store = bed.another_looking_at(10).await;
    let mut reader = store.read().await.unwrap();
    let mut query = AuditQuery { noun: Some("segment"), limit: 5, ..AuditQuery::default() };
    let (mut found, mut looks) = (Vec::new(), 0);
    loop {
        let page = reader.audit(PROD, &query).await.unwrap();
        found.extend(seqs(&page.records));
        looks += 1;
        if page.next.is_none() {
            break;
        }
        query.after_seq = page.next;
    }
    assert_eq!((found, looks), (vec![26], 3));
    let last = AuditQuery { newest_first: true, after_seq: None, ..query };
    let page = reader.audit(PROD, &last).await.unwrap();
    assert_eq!((seqs(&page.records), page.next), (vec![26], Some(17)));
}

async fn records_are_found_by_time(bed: Bed) {
    let start = bed.now();
    let at = |hours: i64| start + TimeDelta::hours(hours);
    // Of the fifth record the clock is half an hour late, as clocks of two servers may be.
    for (seq, secs) in [(1, 0), (2, 7200), (3, 7200), (4, 7200), (5, -1800), (6, 9000)] {
        bed.wait(secs);
        filled(&bed, 1).await;
        assert_eq!(records(&bed.store).await.len(), seq);
    }
    let mut reader = bed.store.read().await.unwrap();
    let all = AuditQuery { limit: 10, ..AuditQuery::default() };
    for (query, expected) in [
        (AuditQuery { since: Some(start), ..all.clone() }, vec![1, 2, 3, 4, 5, 6]),
        (AuditQuery { since: Some(at(4)), ..all.clone() }, vec![3, 4, 5, 6]),
        (AuditQuery { until: Some(at(6)), ..all.clone() }, vec![1, 2, 3, 5]),
        (AuditQuery { since: Some(at(6)), until: Some(at(8)), ..all.clone() }, vec![4]),
        (AuditQuery { since: Some(at(6)), newest_first: true, ..all.clone() }, vec![6, 4]),
        (AuditQuery { since: Some(at(9)), ..all.clone() }, vec![]),
        (AuditQuery { until: Some(start), ..all.clone() }, vec![]),
    ] {
        let page = reader.audit(PROD, &query).await.unwrap();
        assert_eq!((seqs(&page.records), page.next), (expected, None), "{query:?}");
    }
}
