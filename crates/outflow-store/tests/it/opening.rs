//! Opening a store: what is there stays, what is not ours is refused, and a database that is away comes back.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use outflow_model::{Fault, FaultClass};
use outflow_store::{Alert, Clock, Connection, DatabaseUrl, KeyRing, Store, StoreError, StoreOptions};
use outflow_testkit::clock::fixed_now;
use outflow_testkit::database::TestDatabase;
use outflow_testkit::faults::{FaultProxy, Faults};
use serde_json::json;

use crate::bed::{Bed, KEYS, PROD, new, on_both, random};

on_both!(
    what_was_written_is_there_after_opening_again,
    many_servers_open_a_new_database_at_once,
    a_closed_store_says_so,
    a_database_of_a_newer_release_is_refused,
);

fn options(url: &str) -> StoreOptions {
    let clock: Clock = Arc::new(fixed_now);
    StoreOptions::new(DatabaseUrl::parse(url).unwrap(), KeyRing::parse(KEYS).unwrap(), clock, random(3))
}

async fn what_was_written_is_there_after_opening_again(bed: Bed) {
    let made = bed.make::<Connection>("c", json!({"a": 1})).await;
    bed.store.ping().await.unwrap();
    bed.store.close().await;
    let again = bed.another().await;
    assert_eq!(again.read().await.unwrap().get::<Connection>(PROD, &made.id).await.unwrap(), made);
}

async fn many_servers_open_a_new_database_at_once(bed: Bed) {
    let fresh = match bed.database.folder() {
        Some(_) => TestDatabase::sqlite(),
        None => TestDatabase::postgres(),
    };
    let open = (0..5).map(|_| tokio::spawn(Store::open(options(fresh.url()))));
    for opened in open.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap().ping().await.unwrap();
    }
}

async fn a_closed_store_says_so(bed: Bed) {
    bed.store.close().await;
    let error = bed.store.ping().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(Fault::from(error).class, FaultClass::Unavailable);
}

async fn a_database_of_a_newer_release_is_refused(bed: Bed) {
    let pool = sqlx::AnyPool::connect(bed.database.url()).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 999999, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    sqlx::query(newer).execute(&pool).await.unwrap();
    pool.close().await;
    let error = Store::open(options(bed.database.url())).await.err().unwrap();
    assert!(matches!(&error, StoreError::Database(text) if text.contains("newer release")), "{error}");
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let bed = Bed::sqlite().await;
    bed.make::<Connection>("c", json!({})).await;
    let mut seen = 0;
    for file in std::fs::read_dir(bed.database.folder().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        seen += 1;
    }
    assert!(seen >= 3, "the database, its log and its lock");
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = outflow_testkit::temp_dir();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "these are notes, long enough to be looked at as pages of a database; ".repeat(50)).unwrap();
    let url = format!("sqlite://{}", file.display());
    let error = Store::open(options(&url)).await.err().unwrap();
    assert_eq!(Fault::from(error).class, FaultClass::Config);
    let error = Store::open(options("sqlite:///nowhere/at/all/outflow.db")).await.err().unwrap();
    assert!(matches!(&error, StoreError::Database(text) if text.contains("/nowhere/at/all/outflow.db")), "{error}");
}

#[tokio::test]
async fn a_wrong_password_and_a_server_that_is_not_there_are_told_apart() {
    let database = TestDatabase::postgres();
    let params = outflow_testkit::servers::postgres();
    let wrong = database.url().replace(&params.password, "wrong-password");
    let error = Store::open(options(&wrong)).await.err().unwrap();
    assert!(!error.to_string().contains("wrong-password"), "{error}");
    assert_eq!(Fault::from(error).class, FaultClass::Config);
    let missing = format!("{}_none", database.url());
    let error = Store::open(options(&missing)).await.err().unwrap();
    assert_eq!(Fault::from(error).class, FaultClass::Config);
    let away = database.url().replace(&format!(":{}/", params.port), ":1/");
    let error = Store::open(options(&away)).await.err().unwrap();
    assert_eq!(Fault::from(error).class, FaultClass::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_replaced() {
    let database = TestDatabase::postgres();
    let params = outflow_testkit::servers::postgres();
    let proxy = FaultProxy::open(&format!("{}:{}", params.host, params.port));
    let url = database.url().replace(&format!(":{}/", params.port), &format!(":{}/", proxy.port()));
    let store = Store::open(options(&url)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.insert::<Connection>(new("lost", json!({}))).await.unwrap();
    proxy.set(&Faults { refuse: true, ..Faults::default() });
    proxy.kill();
    let error = tx.commit().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(store.ping().await.unwrap_err().is_transient());
    proxy.heal();
    let mut tx = store.begin().await.unwrap();
    tx.insert::<Connection>(new("kept", json!({}))).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.by_name::<Connection>(PROD, "lost").await.unwrap(), None);
    assert!(reader.by_name::<Connection>(PROD, "kept").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_have_gone_silent_hold_nobody_up() {
    let database = TestDatabase::postgres();
    let params = outflow_testkit::servers::postgres();
    let proxy = FaultProxy::open(&format!("{}:{}", params.host, params.port));
    let url = database.url().replace(&format!(":{}/", params.port), &format!(":{}/", proxy.port()));
    // Two connections in all: none of them may be lost for good.
    let mut few = options(&url);
    few.connections_max = 2;
    let store = Store::open(few).await.unwrap();
    let mut asking = store.begin().await.unwrap();
    // What is no configuration: that waits for its turn, until the database ends the silent session.
    asking.insert::<Alert>(new("lost", json!({}))).await.unwrap();
    drop(store.read().await.unwrap());
    until_idle(&store, 1).await;
    proxy.silence();
    // An idle one is found out before it is used.
    let mut tx = store.begin().await.unwrap();
    tx.insert::<Alert>(new("kept", json!({}))).await.unwrap();
    tx.commit().await.unwrap();
    // Who has asked already is not kept waiting for ever.
    let error = asking.commit().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let both = [store.read().await.unwrap(), store.read().await.unwrap()];
    for mut reader in both {
        assert!(reader.by_name::<Alert>(PROD, "kept").await.unwrap().is_some());
        assert_eq!(reader.by_name::<Alert>(PROD, "lost").await.unwrap(), None);
    }
}

/// Waits until `idle` connections have been tried and put back.
async fn until_idle(store: &Store, idle: u32) {
    let put_back = async {
        while store.connections().idle < idle {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), put_back).await.unwrap();
}
