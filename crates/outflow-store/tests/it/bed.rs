//! A store of one test, on a database of its own, with a clock that stands still until it is set.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use outflow_store::{
    Artifact, Clock, DatabaseUrl, Document, Job, KeyRing, NewArtifact, NewDocument, NewJob, Noun, Random, Store,
    StoreError, StoreOptions,
};
use outflow_testkit::clock::fixed_now;
use outflow_testkit::database::TestDatabase;
use serde_json::{Value, json};

/// Runs the given functions on both databases, each with a fresh [`Bed`].
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::bed::Bed::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::bed::Bed::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// A key file's text.
pub const KEYS: &str = "first AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Everyone's sandbox.
pub const PROD: &str = "prod";

pub struct Bed {
    pub store: Store,
    pub database: TestDatabase,
    time: Arc<Mutex<DateTime<Utc>>>,
    stores: Mutex<u64>,
}

impl Bed {
    pub async fn sqlite() -> Bed {
        Bed::on(TestDatabase::sqlite()).await
    }

    pub async fn postgres() -> Bed {
        Bed::on(TestDatabase::postgres()).await
    }

    async fn on(database: TestDatabase) -> Bed {
        let time = Arc::new(Mutex::new(fixed_now()));
        let store = open(database.url(), KeyRing::parse(KEYS).unwrap(), &time, 0).await.unwrap();
        Bed { store, database, time, stores: Mutex::new(1) }
    }

    /// Another server's store on the same database.
    pub async fn another(&self) -> Store {
        self.another_with(KEYS).await.unwrap()
    }

    /// Another server's store on the same database, with other keys.
    pub async fn another_with(&self, keys: &str) -> Result<Store, StoreError> {
        self.open(KeyRing::parse(keys)?).await
    }

    /// Another server's store on the same database, with the keys of a file.
    pub async fn another_from(&self, keys: &std::path::Path) -> Store {
        self.open(KeyRing::read(keys).unwrap()).await.unwrap()
    }

    /// Another server's store on the same database, whose lists look at so many documents at a time.
    pub async fn another_looking_at(&self, documents_max: usize) -> Store {
        let mut options = options(self.database.url(), KeyRing::parse(KEYS).unwrap(), &self.time, self.seed()).unwrap();
        options.documents_looked_at_max = documents_max;
        Store::open(options).await.unwrap()
    }

    async fn open(&self, keys: KeyRing) -> Result<Store, StoreError> {
        open(self.database.url(), keys, &self.time, self.seed()).await
    }

    /// Another number for each store.
    fn seed(&self) -> u64 {
        let mut stores = self.stores.lock().unwrap();
        *stores += 1;
        *stores
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.time.lock().unwrap()
    }

    /// Lets time pass.
    pub fn wait(&self, secs: i64) {
        *self.time.lock().unwrap() += TimeDelta::seconds(secs);
    }

    /// A document in the sandbox `prod`.
    pub async fn make<N: Noun>(&self, name: &str, body: Value) -> Arc<Document> {
        let mut tx = self.store.begin().await.unwrap();
        let made = tx.insert::<N>(new(name, body)).await.unwrap();
        tx.commit().await.unwrap();
        made
    }

    /// A job, queued and claimed.
    pub async fn job(&self, kind: &str, subject: &str) -> Job {
        let mut tx = self.store.begin().await.unwrap();
        tx.enqueue(&job(kind, subject, self.now())).await.unwrap();
        tx.commit().await.unwrap();
        self.store.claim("w", LEASE, &[kind]).await.unwrap().unwrap()
    }

    /// An evaluation that can be referred to.
    pub async fn evaluation(&self, id: &str, snapshot: Option<&str>) {
        self.artifact(Artifact::Evaluation, id, "", snapshot).await;
    }

    pub async fn artifact(&self, kind: Artifact, id: &str, subject: &str, parent: Option<&str>) {
        let mut tx = self.store.begin().await.unwrap();
        let path = format!("/data/{id}");
        let body = json!({ "id": id });
        tx.put_artifact(NewArtifact { kind, sandbox: PROD, id, subject, parent, path: &path, body }).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// The lease of tests.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(60);

pub fn new(name: &str, body: Value) -> NewDocument<'_> {
    NewDocument { id: None, sandbox: PROD, name, body, by: "tester" }
}

pub fn job<'a>(kind: &'a str, subject: &'a str, run_at: DateTime<Utc>) -> NewJob<'a> {
    NewJob { kind, subject, sandbox: PROD, payload: json!({}), run_at, priority: 0 }
}

async fn open(url: &str, keys: KeyRing, time: &Arc<Mutex<DateTime<Utc>>>, seed: u64) -> Result<Store, StoreError> {
    Store::open(options(url, keys, time, seed)?).await
}

fn options(url: &str, keys: KeyRing, time: &Arc<Mutex<DateTime<Utc>>>, seed: u64) -> Result<StoreOptions, StoreError> {
    let time = time.clone();
    let clock: Clock = Arc::new(move || *time.lock().unwrap());
    Ok(StoreOptions::new(DatabaseUrl::parse(url)?, keys, clock, random(seed)))
}

/// Random bytes that are the same each time (SplitMix64).
pub fn random(seed: u64) -> Random {
    let state = Mutex::new(seed.wrapping_mul(0xd134_2543_de82_ef95));
    Arc::new(move |bytes: &mut [u8]| {
        let mut state = state.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(word ^ (word >> 31)).to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    })
}
