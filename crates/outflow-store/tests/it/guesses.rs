//! Comparisons with wrong secrets, counted for all servers.

use chrono::TimeDelta;
use outflow_store::{Connection, Expected};
use serde_json::json;

use crate::bed::{Bed, PROD, on_both};

on_both!(wrong_secrets_are_counted_for_all_servers_and_right_ones_are_not, guesses_at_once_are_counted_one_by_one);

const MAX: u32 = 20;

fn hour() -> TimeDelta {
    TimeDelta::hours(1)
}

async fn wrong_secrets_are_counted_for_all_servers_and_right_ones_are_not(bed: Bed) {
    let account = bed.make::<Connection>("a", json!({})).await;
    let (id, other) = (account.id.as_str(), bed.another().await);
    let begun = bed.now();
    for _ in 0..3 * MAX {
        assert_eq!(bed.store.begin_guess(id, MAX, hour()).await.unwrap(), None);
        other.was_no_guess(id).await.unwrap();
    }
    for number in 0..MAX {
        let store = if number % 2 == 0 { &bed.store } else { &other };
        assert_eq!(store.begin_guess(id, MAX, hour()).await.unwrap(), None);
    }
    bed.wait(59 * 60);
    // A server that starts now knows of them, too.
    for store in [&bed.store, &other, &bed.another().await] {
        assert_eq!(store.begin_guess(id, MAX, hour()).await.unwrap(), Some(begun));
    }
    assert_eq!(other.begin_guess("another account", MAX, hour()).await.unwrap(), None);
    bed.wait(60);
    for _ in 0..MAX {
        assert_eq!(bed.store.begin_guess(id, MAX, hour()).await.unwrap(), None);
    }
    assert_eq!(other.begin_guess(id, MAX, hour()).await.unwrap(), Some(bed.now()));
    // They go with the account.
    let mut tx = bed.store.begin().await.unwrap();
    tx.delete::<Connection>(PROD, id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bed.store.begin_guess(id, MAX, hour()).await.unwrap(), None);
}

async fn guesses_at_once_are_counted_one_by_one(bed: Bed) {
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..3 * MAX {
        let store = bed.store.clone();
        guesses.spawn(async move { store.begin_guess("a", MAX, hour()).await.unwrap().is_none() });
    }
    let noted = guesses.join_all().await.into_iter().filter(|noted| *noted).count();
    assert_eq!(noted, MAX as usize);
}
