//! Looking at a store as it is: nothing is brought up to date, and what does not open is said, not refused.

use std::sync::Arc;

use outflow_store::{Clock, Connection, DatabaseUrl, Flow, KeyRing, Store, StoreOptions};
use outflow_testkit::clock::fixed_now;
use outflow_testkit::database::TestDatabase;
use secrecy::SecretString;
use serde_json::json;

use crate::bed::{Bed, KEYS, PROD, new, on_both, random};

on_both!(what_is_there_is_seen_with_any_keys);

const OTHER_KEYS: &str = "second ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

async fn inspect(database: &TestDatabase, keys: &str) -> Store {
    let clock: Clock = Arc::new(fixed_now);
    let url = DatabaseUrl::parse(database.url()).unwrap();
    Store::inspect(StoreOptions::new(url, KeyRing::parse(keys).unwrap(), clock, random(9))).await.unwrap()
}

async fn what_is_there_is_seen_with_any_keys(bed: Bed) {
    let mut tx = bed.store.begin().await.unwrap();
    for (sandbox, name) in [(PROD, "a"), (PROD, "b"), ("dev", "c")] {
        let made =
            tx.insert::<Connection>(outflow_store::NewDocument { sandbox, ..new(name, json!({})) }).await.unwrap();
        tx.put_secret(sandbox, &made.id, "/auth", &SecretString::from("hush")).await.unwrap();
    }
    tx.commit().await.unwrap();
    bed.make::<Flow>("f", json!({})).await;
    for (keys, opens) in [(KEYS, true), (OTHER_KEYS, false)] {
        let store = inspect(&bed.database, keys).await;
        let mut reader = store.read().await.unwrap();
        let version = reader.schema_version().await.unwrap();
        assert_eq!(version.found, version.known);
        assert_eq!(reader.audited().await.unwrap(), ["dev", PROD]);
        assert_eq!(reader.count_secrets().await.unwrap(), 3);
        let first = reader.try_secrets("", 2).await.unwrap();
        let rest = reader.try_secrets(&first[1].id, 2).await.unwrap();
        assert_eq!((first.len(), rest.len()), (2, 1));
        assert!(first.iter().chain(&rest).all(|state| state.opens == opens), "{first:?}");
        drop(reader);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_tables_is_left_without() {
    let database = TestDatabase::sqlite();
    let folder = database.folder().unwrap();
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let options = StoreOptions::new(url, KeyRing::parse(KEYS).unwrap(), Arc::new(fixed_now), random(9));
    assert!(Store::inspect(options).await.is_err(), "there is no such file");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "it was made");
    std::fs::write(folder.join("outflow.db"), "").unwrap();
    let store = inspect(&database, KEYS).await;
    assert!(store.read().await.unwrap().schema_version().await.is_err());
    store.close().await;
    let again = inspect(&database, KEYS).await;
    assert!(again.read().await.unwrap().schema_version().await.is_err(), "it was brought up to date");
}
