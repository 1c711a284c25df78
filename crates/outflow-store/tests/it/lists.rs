//! Lists: order, pages, filters, and what is kept of them.

use std::sync::Arc;

use outflow_model::property::Filters;
use outflow_store::{
    Connection, Count, Document, Equals, Expected, Flow, ListQuery, NewDocument, Order, Page, Run, Scope, Segment,
    StoreError,
};
use serde_json::{Value, json};

use crate::bed::{Bed, PROD, new, on_both};

on_both!(
    pages_hold_everything_once_in_order,
    pages_stay_together_while_documents_come_and_go,
    filters_select_on_the_body_and_beside_it,
    filters_see_what_is_shown,
    indexed_columns_select,
    wrong_queries_are_refused,
    pages_can_be_counted,
    pages_that_end_early_lead_on_and_counts_say_so,
    what_was_parsed_once_is_not_parsed_again,
);

const SANDBOX: Scope<'static> = Scope::Sandbox(PROD);

async fn many(bed: &Bed, count: usize) {
    let mut tx = bed.store.begin().await.unwrap();
    for n in 0..count {
        if n % 3 == 0 {
            bed.wait(1);
        }
        let body =
            json!({"n": n, "state": if n % 2 == 0 { "enabled" } else { "disabled" }, "flowSpec": {"id": "spec"}});
        tx.insert::<Flow>(new(&format!("flow {:04}", (n * 7919) % 10_000), body)).await.unwrap();
    }
    tx.insert::<Flow>(NewDocument { sandbox: "dev", ..new("elsewhere", json!({})) }).await.unwrap();
    tx.commit().await.unwrap();
}

/// All pages of a query, one after the other.
async fn pages(bed: &Bed, query: ListQuery<'_>) -> Vec<Page> {
    let mut reader = bed.store.read().await.unwrap();
    let (mut pages, mut query) = (Vec::new(), query);
    loop {
        let page = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
        query.after = page.next.clone();
        pages.push(page);
        if query.after.is_none() {
            return pages;
        }
    }
}

fn numbers(pages: &[Page]) -> Vec<u64> {
    pages.iter().flat_map(|p| &p.items).map(|d| d.body["n"].as_u64().unwrap()).collect()
}

async fn pages_hold_everything_once_in_order(bed: Bed) {
    many(&bed, 25).await;
    let newest_first: Vec<u64> = (0..25).rev().collect();
    for limit in [1, 7, 24, 25, 26, 100] {
        let found = pages(&bed, ListQuery::first(limit)).await;
        assert_eq!(numbers(&found), newest_first, "{limit}");
        assert_eq!(found.len(), 25_usize.div_ceil(limit), "{limit}");
        let tokens = found.iter().filter_map(|p| p.next.as_deref());
        assert!(tokens.flat_map(str::bytes).all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
    let oldest_first = ListQuery { order: Order::CreatedAsc, ..ListQuery::first(4) };
    assert_eq!(numbers(&pages(&bed, oldest_first).await), (0..25).collect::<Vec<u64>>());
    for (order, backwards) in [(Order::NameAsc, false), (Order::NameDesc, true)] {
        let found = pages(&bed, ListQuery { order, ..ListQuery::first(4) }).await;
        let names: Vec<String> = found.iter().flat_map(|p| &p.items).map(|d| d.name.clone()).collect();
        let mut sorted = names.clone();
        sorted.sort();
        if backwards {
            sorted.reverse();
        }
        assert_eq!((names.len(), &names), (25, &sorted), "{order:?}");
    }
    let all = bed.store.read().await.unwrap().all::<Flow>(Scope::All, Vec::new()).await.unwrap();
    assert_eq!(all.len(), 26);
    let mut tx = bed.store.begin().await.unwrap();
    let last = tx.by_name::<Flow>(PROD, &all[3].name).await.unwrap().unwrap();
    let change = outflow_store::Change { name: None, body: last.body.clone(), by: "b" };
    tx.update::<Flow>(PROD, &last.id, Expected::Any, change).await.unwrap();
    tx.commit().await.unwrap();
    let found = pages(&bed, ListQuery { order: Order::UpdatedDesc, ..ListQuery::first(4) }).await;
    assert_eq!(found[0].items[0].id, last.id);
    assert_eq!(numbers(&found).len(), 25);
}

async fn pages_stay_together_while_documents_come_and_go(bed: Bed) {
    many(&bed, 20).await;
    let mut query = ListQuery::first(5);
    let mut reader = bed.store.read().await.unwrap();
    let first = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
    drop(reader);
    let mut tx = bed.store.begin().await.unwrap();
    tx.insert::<Flow>(new("later", json!({"n": 99}))).await.unwrap();
    tx.delete::<Flow>(PROD, &first.items[4].id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    query.after = first.next;
    let rest = pages(&bed, query).await;
    assert_eq!(numbers(&rest), (0..15).rev().collect::<Vec<u64>>());
}

fn filters(texts: &[&str]) -> Filters {
    Filters::parse(texts).unwrap()
}

async fn filters_select_on_the_body_and_beside_it(bed: Bed) {
    many(&bed, 30).await;
    let select = async |texts: &[&str], limit: usize| {
        let filters = filters(texts);
        let query = ListQuery { filters: Some(&filters), ..ListQuery::first(limit) };
        let found = pages(&bed, query.clone()).await;
        let counted = bed.store.read().await.unwrap().count::<Flow>(SANDBOX, &query).await.unwrap();
        let numbers = numbers(&found);
        assert_eq!(counted, exactly(numbers.len() as u64), "{texts:?}");
        numbers
    };
    assert_eq!(select(&["n>=27"], 2).await, [29, 28, 27]);
    assert_eq!(select(&["n>=20", "state==enabled"], 2).await, [28, 26, 24, 22, 20]);
    assert_eq!(select(&["state==disabled,other", "n<4"], 100).await, [3, 1]);
    assert_eq!(select(&["nothing==there"], 3).await, [] as [u64; 0]);
    assert_eq!(select(&["flowSpec.id==spec"], 100).await.len(), 30);
    let made = bed.store.read().await.unwrap().list::<Flow>(SANDBOX, &ListQuery::first(1)).await.unwrap();
    assert_eq!(select(&[&format!("id=={}", made.items[0].id)], 3).await, [29]);
    assert_eq!(select(&[&format!("name=={}", made.items[0].name)], 3).await, [29]);
    assert_eq!(select(&["sandboxName==prod", "n==5"], 3).await, [5]);
    assert_eq!(select(&["sandboxName==dev"], 3).await, [] as [u64; 0]);
}

async fn filters_see_what_is_shown(bed: Bed) {
    many(&bed, 10).await;
    let filters = filters(&["inheritedAttributes.targetConnections[].connectionSpec.id==odd"]);
    let shown = |document: &Document| -> Value {
        let kind = if document.body["n"].as_u64().unwrap() % 2 == 1 { "odd" } else { "even" };
        json!({"inheritedAttributes": {"targetConnections": [{"connectionSpec": {"id": kind}}]}})
    };
    let matches = |document: &Document| filters.matches(&shown(document));
    let query = ListQuery { filters: Some(&filters), matches: Some(&matches), ..ListQuery::first(2) };
    assert_eq!(numbers(&pages(&bed, query.clone()).await), [9, 7, 5, 3, 1]);
    let skipping = ListQuery { skip: 2, ..query };
    let page = bed.store.read().await.unwrap().list::<Flow>(SANDBOX, &skipping).await.unwrap();
    assert_eq!(numbers(&[page]), [5, 3]);
}

async fn indexed_columns_select(bed: Bed) {
    many(&bed, 6).await;
    let equals =
        |column, values: &[&str]| vec![Equals { column, any_of: values.iter().map(|&v| v.to_owned()).collect() }];
    let query = ListQuery { equals: equals("state", &["disabled", "gone"]), ..ListQuery::first(100) };
    assert_eq!(numbers(&pages(&bed, query).await), [5, 3, 1]);
    let nothing = ListQuery { equals: equals("state", &[]), ..ListQuery::first(100) };
    assert_eq!(numbers(&pages(&bed, nothing).await), [] as [u64; 0]);
    let enabled = bed.store.read().await.unwrap().enabled_flows().await.unwrap();
    assert_eq!(enabled.iter().filter(|d| d.sandbox == PROD).count(), 3);
    assert_eq!(enabled.iter().filter(|d| d.sandbox == "dev").count(), 1, "a flow without a state is enabled");
    let unknown = ListQuery { equals: equals("body", &["x"]), ..ListQuery::first(1) };
    let error = bed.store.read().await.unwrap().list::<Flow>(SANDBOX, &unknown).await.unwrap_err();
    assert!(matches!(error, StoreError::Internal(_)), "{error}");
}

async fn wrong_queries_are_refused(bed: Bed) {
    many(&bed, 3).await;
    let mut reader = bed.store.read().await.unwrap();
    for limit in [0, 101, usize::MAX] {
        let error = reader.list::<Flow>(SANDBOX, &ListQuery::first(limit)).await.unwrap_err();
        assert!(matches!(&error, StoreError::Invalid(p) if p.0[0].field == "limit"), "{error}");
    }
    let next = reader.list::<Flow>(SANDBOX, &ListQuery::first(1)).await.unwrap().next;
    for (after, order) in [(Some("x".to_owned()), Order::CreatedDesc), (next, Order::CreatedAsc)] {
        let query = ListQuery { after, order, ..ListQuery::first(1) };
        let error = reader.list::<Flow>(SANDBOX, &query).await.unwrap_err();
        assert!(matches!(&error, StoreError::Invalid(p) if p.0[0].field == "continuationToken"), "{error}");
    }
}

async fn pages_can_be_counted(bed: Bed) {
    many(&bed, 11).await;
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.count::<Flow>(SANDBOX, &ListQuery::default()).await.unwrap(), exactly(11));
    assert_eq!(reader.count::<Segment>(SANDBOX, &ListQuery::default()).await.unwrap(), exactly(0));
    let third = ListQuery { skip: 8, ..ListQuery::first(4) };
    let page = reader.list::<Flow>(SANDBOX, &third).await.unwrap();
    assert_eq!((numbers(std::slice::from_ref(&page)), page.next), (vec![2, 1, 0], None));
    let beyond = ListQuery { skip: 100, ..ListQuery::first(4) };
    assert!(reader.list::<Flow>(SANDBOX, &beyond).await.unwrap().items.is_empty());
}

fn exactly(documents: u64) -> Count {
    Count { documents, is_exact: true }
}

async fn pages_that_end_early_lead_on_and_counts_say_so(bed: Bed) {
    many(&bed, 25).await;
    let filters = filters(&["n<12"]);
    let query = ListQuery { filters: Some(&filters), ..ListQuery::first(3) };
    for (looked_at_max, counted) in [(25, exactly(12)), (24, Count { documents: 11, is_exact: false })] {
        let store = bed.another_looking_at(looked_at_max).await;
        let mut reader = store.read().await.unwrap();
        assert_eq!(reader.count::<Flow>(SANDBOX, &query).await.unwrap(), counted, "{looked_at_max}");
        assert_eq!(reader.count::<Flow>(SANDBOX, &ListQuery::default()).await.unwrap(), exactly(25));
        // A page that the list's end leaves unfilled is the last one, also where no more may be looked at.
        let query = ListQuery { limit: 20, ..query.clone() };
        let page = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
        assert_eq!(page.next.is_none(), looked_at_max == 25, "{looked_at_max}");
        // A page and the count of all in one walk are what they are in two, wherever the page begins and ends.
        for (skip, limit) in [(0, 3), (0, 12), (0, 13), (9, 3), (9, 4), (30, 5)] {
            let query = ListQuery { skip, limit, ..query.clone() };
            let (page, count) = reader.list_counted::<Flow>(SANDBOX, &query).await.unwrap();
            let alone = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
            let of = |page: &outflow_store::Page| (page.next.clone(), page.still_to_skip);
            assert_eq!((of(&page), count), (of(&alone), counted), "{looked_at_max}, {skip}, {limit}");
            assert_eq!(numbers(&[page]), numbers(&[alone]), "{looked_at_max}, {skip}, {limit}");
        }
    }
    // Seven at a time: the newest that match are the fourteenth.
    let store = bed.another_looking_at(7).await;
    for skip in [0, 2, 5, 20] {
        let (mut found, mut query) = (Vec::new(), ListQuery { skip, ..query.clone() });
        loop {
            let mut reader = store.read().await.unwrap();
            let page = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
            let (same, count) = reader.list_counted::<Flow>(SANDBOX, &query).await.unwrap();
            assert_eq!((same.next, same.still_to_skip), (page.next.clone(), page.still_to_skip), "skip {skip}");
            assert_eq!(count, reader.count::<Flow>(SANDBOX, &query).await.unwrap(), "skip {skip}");
            (query.after, query.skip) = (page.next.clone(), page.still_to_skip);
            found.push(page);
            if query.after.is_none() {
                break;
            }
        }
        assert!(found[0].items.is_empty(), "skip {skip}");
        let skipped = usize::try_from(skip).unwrap();
        assert_eq!(numbers(&found), (0..12).rev().skip(skipped).collect::<Vec<u64>>(), "skip {skip}");
    }
}

/// A body as large as a real flow's with five segments.
fn large_body(n: usize) -> Value {
    let selector = |i: usize| {
        json!({"type": "PLATFORM_SEGMENT", "value": {"id": format!("segment-{n}-{i}"), "name": "A segment's name",
            "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%", "exportMode":
            "FIRST_FULL_THEN_INCREMENTAL", "schedule": {"frequency": "EVERY_6_HOURS", "startDate": "2026-01-05"}}})
    };
    let selectors: Vec<Value> = (0..5).map(selector).collect();
    json!({"n": n, "tag": format!("tag-{n}"), "transformations": [{"name": "GeneralTransform",
        "params": {"segmentSelectors": {"selectors": selectors}}}]})
}

async fn what_was_parsed_once_is_not_parsed_again(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    for n in 0..100 {
        tx.insert::<Flow>(new(&format!("flow {n}"), large_body(n))).await.unwrap();
    }
    tx.commit().await.unwrap();
    let filters = filters(&["n<50"]);
    let query = ListQuery { filters: Some(&filters), ..ListQuery::first(100) };
    let fresh = bed.another().await;
    let mut reader = fresh.read().await.unwrap();
    let first = reader.list::<Flow>(SANDBOX, &query).await.unwrap();
    let again = reader.list::<Flow>(SANDBOX, &ListQuery { order: Order::NameAsc, ..query.clone() }).await.unwrap();
    assert_eq!((first.items.len(), again.items.len()), (50, 50));
    // They are not equal only, but the same in memory.
    let is_shared = |flow: &Arc<Document>| first.items.iter().any(|known| Arc::ptr_eq(known, flow));
    assert!(again.items.iter().all(is_shared));
    drop(reader);
    fresh.close().await;
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.flows_activating(PROD, "segment-7-3").await.unwrap().len(), 1);
    assert!(reader.list::<Connection>(SANDBOX, &query).await.unwrap().items.is_empty());
    assert!(reader.list::<Run>(SANDBOX, &query).await.unwrap().items.is_empty());
}
