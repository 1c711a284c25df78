//! Departures: recorded with the run or the set, paged newest first, and forgotten oldest first.

use chrono::{DateTime, TimeDelta, Utc};
use outflow_store::{Departure, Expected, Flow, NewDeparture, StoreError};
use serde_json::json;

use crate::bed::{Bed, PROD, on_both};

on_both!(
    a_departure_is_read_as_it_was_recorded,
    departures_come_in_pages_newest_first,
    a_departure_outlives_its_flow,
    the_oldest_are_forgotten_by_age_and_size,
    files_that_a_departure_names_are_known,
    what_may_have_left_is_confirmed_or_withdrawn,
);

fn departure(path: &str, left_at: DateTime<Utc>) -> NewDeparture<'_> {
    NewDeparture {
        sandbox: PROD,
        flow_id: "f",
        run_id: "r",
        segment_id: Some("s"),
        file_name: Some("Loyal.csv"),
        sequence: None,
        left_at,
        profiles: 7,
        bytes: 100,
        path,
        decision: 3,
        confirmed: true,
    }
}

async fn add(bed: &Bed, new: &[NewDeparture<'_>]) {
    let job = bed.job("run", "r").await;
    let mut tx = bed.store.begin_fenced(&job.lease()).await.unwrap();
    tx.add_departures(new).await.unwrap();
    tx.finish_job().await.unwrap();
    tx.commit().await.unwrap();
}

/// `count` departures, a minute apart, the first one now.
async fn add_many(bed: &Bed, count: i64) {
    let paths: Vec<String> = (0..count).map(|n| format!("/data/departures/{n}")).collect();
    let left_at = |n: usize| bed.now() + TimeDelta::minutes(i64::try_from(n).unwrap());
    let all: Vec<NewDeparture<'_>> = paths.iter().enumerate().map(|(n, path)| departure(path, left_at(n))).collect();
    add(bed, &all).await;
}

async fn a_departure_is_read_as_it_was_recorded(bed: Bed) {
    let of_stream =
        NewDeparture { segment_id: None, file_name: None, sequence: Some(12), ..departure("/p/2", bed.now()) };
    add(&bed, &[of_stream, NewDeparture { sandbox: "dev", ..departure("/p/1", bed.now()) }]).await;
    let mut reader = bed.store.read().await.unwrap();
    let page = reader.departures(PROD, None, 10).await.unwrap();
    let [read] = page.departures.as_slice() else { panic!("{page:?}") };
    let expected = Departure {
        id: read.id.clone(),
        sandbox: PROD.to_owned(),
        flow_id: "f".to_owned(),
        run_id: "r".to_owned(),
        segment_id: None,
        file_name: None,
        sequence: Some(12),
        left_at: bed.now(),
        profiles: 7,
        bytes: 100,
        path: "/p/2".to_owned(),
        decision: 3,
        confirmed: true,
    };
    assert_eq!((read, page.next), (&expected, None));
    let other = &reader.departures("dev", None, 10).await.unwrap().departures[0];
    assert_eq!((other.segment_id.as_deref(), other.file_name.as_deref()), (Some("s"), Some("Loyal.csv")));
}

async fn departures_come_in_pages_newest_first(bed: Bed) {
    add_many(&bed, 130).await;
    let mut reader = bed.store.read().await.unwrap();
    let (mut paths, mut after) = (Vec::new(), None);
    loop {
        let page = reader.departures(PROD, after.as_deref(), 50).await.unwrap();
        paths.extend(page.departures.into_iter().map(|departure| departure.path));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..130).rev().map(|n| format!("/data/departures/{n}")).collect();
    assert_eq!(paths, expected);
    for (after, limit) in [(Some("nonsense"), 10), (None, 0), (None, 1001)] {
        let error = reader.departures(PROD, after, limit).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    }
}

async fn a_departure_outlives_its_flow(bed: Bed) {
    let flow = bed.make::<Flow>("f", json!({})).await;
    add(&bed, &[NewDeparture { flow_id: &flow.id, ..departure("/p", bed.now()) }]).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Flow>(PROD, &flow.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    let page = bed.store.read().await.unwrap().departures(PROD, None, 10).await.unwrap();
    assert_eq!(page.departures[0].flow_id, flow.id);
}

async fn the_oldest_are_forgotten_by_age_and_size(bed: Bed) {
    let start = bed.now();
    let at = |minutes: i64| start + TimeDelta::minutes(minutes);
    assert_eq!(bed.store.read().await.unwrap().departures_complete_since(PROD).await.unwrap(), None);
    add_many(&bed, 10).await;
    let over = async |bytes_max: u64, before: DateTime<Utc>, limit: usize| {
        let mut reader = bed.store.read().await.unwrap();
        let over = reader.departures_over(bytes_max, before, limit).await.unwrap();
        over.into_iter().map(|departure| departure.left_at).collect::<Vec<_>>()
    };
    let first = |count: i64| (0..count).map(at).collect::<Vec<_>>();
    assert_eq!(over(1000, start, 100).await, first(0));
    assert_eq!(over(999, start, 100).await, first(1));
    assert_eq!(over(650, start, 100).await, first(4));
    assert_eq!(over(1000, at(3), 100).await, first(3));
    assert_eq!(over(650, at(9), 100).await, first(9));
    assert_eq!(over(0, start, 100).await, first(10));
    assert_eq!(over(0, start, 6).await, first(6));
    let complete_since = async || {
        let since = bed.store.read().await.unwrap().departures_complete_since(PROD).await.unwrap();
        since.unwrap()
    };
    assert_eq!(complete_since().await, start);
    let mut tx = bed.store.begin().await.unwrap();
    let old = tx.departures_over(650, start, 100).await.unwrap();
    assert_eq!(tx.forget_departures(&old).await.unwrap(), 4);
    assert_eq!(tx.forget_departures(&old).await.unwrap(), 0);
    tx.commit().await.unwrap();
    // Whoever forgets at the same time finds nothing that is over.
    assert_eq!(over(650, start, 100).await, first(0));
    let left = bed.store.read().await.unwrap().departures(PROD, None, 100).await.unwrap().departures;
    assert_eq!((left.len(), left[5].left_at), (6, at(4)));
    let since = complete_since().await;
    assert!(since > at(3) && since <= at(4), "{since}");
    // What leaves later does not make it complete since earlier.
    add(&bed, &[departure("/late", start)]).await;
    assert_eq!(complete_since().await, since);
}

async fn files_that_a_departure_names_are_known(bed: Bed) {
    add_many(&bed, 3).await;
    let asked: Vec<String> = (0..300).map(|n| format!("/data/departures/{n}")).collect();
    let mut known: Vec<String> =
        bed.store.read().await.unwrap().departure_paths(&asked).await.unwrap().into_iter().collect();
    known.sort_unstable();
    assert_eq!(known, asked[..3]);
    assert!(bed.store.read().await.unwrap().departure_paths(&[]).await.unwrap().is_empty());
}

async fn what_may_have_left_is_confirmed_or_withdrawn(bed: Bed) {
    let paths: Vec<String> = (0..4).map(|n| format!("/p/{n}")).collect();
    let start = bed.now();
    let new: Vec<NewDeparture<'_>> =
        paths.iter().map(|path| NewDeparture { confirmed: path == "/p/0", ..departure(path, start) }).collect();
    assert!(!bed.store.read().await.unwrap().has_departures(PROD, "r").await.unwrap());
    add(&bed, &new).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.confirm_departures(&paths[..2]).await.unwrap();
    tx.withdraw_departures(&paths[..3]).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let rows = reader.departures(PROD, None, 10).await.unwrap().departures;
    let mut left: Vec<_> = rows.iter().map(|row| (row.path.as_str(), row.confirmed, row.left_at)).collect();
    left.sort_unstable();
    assert_eq!(left, [("/p/0", true, start), ("/p/1", true, start), ("/p/3", false, start)]);
    assert!(reader.has_departures(PROD, "r").await.unwrap());
    assert_eq!(reader.departure_files(PROD, "r", 10).await.unwrap(), ["Loyal.csv"]);
    assert!(reader.departure_files("dev", "r", 10).await.unwrap().is_empty());
    assert!(!reader.has_departures("dev", "r").await.unwrap() && !reader.has_departures(PROD, "q").await.unwrap());
}
