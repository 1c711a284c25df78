//! A server for tests: the real router over real TCP, a store in a temporary folder, and a runner that works when asked.
//!
//! Time is the machine's, and can be moved. Destinations are folders, a stream in memory, and where credentials matter an
//! S3 endpoint on loopback, which takes only signatures of this very time.

mod client;
mod fixtures;
pub(crate) mod governance;
mod s3;
mod stream;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use outflow_connector_kit::Clock;
use outflow_model::access::AccessScope;
use outflow_profiles::source::{LocalStorage, Storage};
use outflow_runner::{Runner, RunnerContext, RunnerSettings};
use outflow_store::{DatabaseUrl, KeyRing, NewClient, Store, StoreOptions};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) use client::{Answer, Client};
pub(crate) use fixtures::folder_account;
use stream::MemoryStream;

use crate::{ApiContext, ApiSettings, serve};

/// Jobs are done within this time or the test has found something.
const WORK_WAIT: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Server {
    url: String,
    store: Store,
    runner: Runner,
    admin_secret: String,
    token: String,
    moved_secs: Arc<AtomicI64>,
    stream: MemoryStream,
    folder: TempDir,
    shutdown: Mutex<Option<oneshot::Sender<()>>>,
}

impl Server {
    /// A server that delivers to folders below its exports folder.
    pub(crate) async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    /// A server that does not deliver to folders.
    pub(crate) async fn without_folders() -> Server {
        Server::start_with(|settings| settings.folder_root = None).await
    }

    /// A server whose lists look at so many objects at a time.
    pub(crate) async fn looking_at(objects_max: usize) -> Server {
        Server::start_on(Some(objects_max), |_| {}).await
    }

    /// A server with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut ApiSettings)) -> Server {
        Server::start_in(|context| change(&mut context.settings)).await
    }

    /// A server in other surroundings.
    pub(crate) async fn start_in(change: impl FnOnce(&mut ApiContext)) -> Server {
        Server::start_on(None, change).await
    }

    async fn start_on(looked_at_max: Option<usize>, change: impl FnOnce(&mut ApiContext)) -> Server {
        let folder = outflow_testkit::temp_dir();
        let moved_secs = Arc::new(AtomicI64::new(0));
        let stream = MemoryStream::default();
        let mut context = context_in(&folder, clock(Arc::clone(&moved_secs)), looked_at_max, &stream).await;
        change(&mut context);
        let (store, runner) = (context.store.clone(), context.runner.clone());
        let mut admin_secret = String::new();
        let keep = |secret: &SecretString| {
            secret.expose_secret().clone_into(&mut admin_secret);
            Ok(())
        };
        assert!(store.bootstrap_admin(keep).await.unwrap());
        let day = Duration::from_secs(24 * 60 * 60);
        let token = store.issue_token_locally("admin", day).await.unwrap().token.expose_secret().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (shutdown, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, context, async {
            // A server that is dropped stops too.
            let _ = stopped.await;
        }));
        let shutdown = Mutex::new(Some(shutdown));
        Server { url, store, runner, admin_secret, token, moved_secs, stream, folder, shutdown }
    }

    /// Where the server is reached.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The secret of the client `admin`.
    pub(crate) fn admin_secret(&self) -> &str {
        &self.admin_secret
    }

    /// A new token of the client `admin`.
    pub(crate) async fn new_token(&self) -> String {
        self.token_of("admin").await
    }

    /// A new client of every sandbox with these scopes. Answers its secret.
    pub(crate) async fn new_client(&self, id: &str, scopes: &[&str]) -> String {
        let new = NewClient {
            id: id.to_owned(),
            name: id.to_owned(),
            scopes: scopes.iter().map(|scope| AccessScope::named(scope).unwrap()).collect(),
            sandboxes: vec!["*".to_owned()],
        };
        self.store.create_client(new, "tester").await.unwrap().1.expose_secret().to_owned()
    }

    /// What a client with these scopes, made for this, gets.
    pub(crate) async fn as_client(&self, id: &str, scopes: &[&str]) -> Client {
        self.new_client(id, scopes).await;
        self.with_token(&format!("Bearer {}", self.token_of(id).await))
    }

    /// A token of a client.
    pub(crate) async fn token_of(&self, id: &str) -> String {
        let hour = Duration::from_secs(60 * 60);
        self.store.issue_token_locally(id, hour).await.unwrap().token.expose_secret().to_owned()
    }

    /// A client with a valid token, in the default sandbox.
    pub(crate) fn client(&self) -> Client {
        self.with_token(&format!("Bearer {}", self.token))
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// A page of the console that nobody has signed in to.
    pub(crate) fn page(&self) -> Client {
        self.anonymous().as_page(None)
    }

    /// A page of the console in a browser that was given this `Set-Cookie`.
    pub(crate) fn signed_in(&self, set_cookie: &str) -> Client {
        self.anonymous().as_page(set_cookie.split(';').next())
    }

    /// A page of the console that `admin` has signed in to.
    pub(crate) async fn browser(&self) -> Client {
        let body = serde_json::json!({"clientId": "admin", "clientSecret": self.admin_secret});
        let answer = self.page().post("/console/session", &body).await;
        self.signed_in(answer.header("set-cookie"))
    }

    /// A client that sends this `Authorization`.
    pub(crate) fn with_token(&self, authorization: &str) -> Client {
        Client::new(&self.url, Some(authorization))
    }

    /// The store, for what no client can see.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Closes the store under the server.
    pub(crate) async fn close_store(&self) {
        self.store.close().await;
    }

    /// Stops the server as a signal would, and says when requests under way may end.
    pub(crate) fn stop(&self) {
        drop(self.shutdown.lock().unwrap().take());
    }

    /// The server's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.store.now()
    }

    /// Moves the server's clock.
    pub(crate) fn later(&self, by: TimeDelta) {
        self.moved_secs.fetch_add(by.num_seconds(), Ordering::Relaxed);
    }

    /// A path below the server's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets the runner work until nothing is left to do now.
    pub(crate) async fn work_is_done(&self) {
        let (stop, stopped) = oneshot::channel::<()>();
        let runner = self.runner.clone();
        let running = tokio::spawn(async move {
            runner
                .run(async {
                    let _ = stopped.await;
                })
                .await
        });
        self.runner.wake();
        let started = Instant::now();
        loop {
            while !self.is_idle().await {
                assert!(started.elapsed() < WORK_WAIT, "there is still work after {WORK_WAIT:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            // What follows from what was done may not be queued yet.
            self.runner.reconcile().await.unwrap();
            if self.is_idle().await {
                break;
            }
        }
        drop(stop);
        running.await.unwrap().unwrap();
    }

    async fn is_idle(&self) -> bool {
        let mut reader = self.store.read().await.unwrap();
        let depth = reader.queue_depth().await.unwrap();
        depth.iter().all(|depth| depth.due == 0 && depth.running == 0)
    }
}

/// What a server works with, in a folder of its own that goes away with the second value.
pub(crate) async fn context() -> (ApiContext, TempDir) {
    let folder = outflow_testkit::temp_dir();
    (context_in(&folder, clock(Arc::default()), None, &MemoryStream::default()).await, folder)
}

async fn context_in(folder: &TempDir, clock: Clock, looked_at_max: Option<usize>, stream: &MemoryStream) -> ApiContext {
    let exports = folder.path().join("exports");
    std::fs::create_dir_all(&exports).unwrap();
    let random = random();
    let store = store(folder, &clock, looked_at_max).await;
    let mut connectors = outflow_connectors::registry();
    connectors.push(stream.connector());
    let connectors = Arc::new(connectors);
    let storages: Vec<Arc<dyn Storage>> = vec![Arc::new(LocalStorage)];
    let data_dir = folder.path().join("data");
    let runner = Runner::new(RunnerContext {
        store: store.clone(),
        data_dir: data_dir.clone(),
        connectors: Arc::clone(&connectors),
        storages: storages.clone(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        settings: RunnerSettings { folder_root: Some(exports.clone()), ..RunnerSettings::default() },
    });
    let settings = ApiSettings { folder_root: Some(exports), ..ApiSettings::default() };
    let pages = axum::Router::new();
    ApiContext { store, runner, connectors, storages, data_dir, clock, random, metrics: None, pages, settings }
}

/// The machine's clock, moved by as many seconds as are said.
fn clock(moved_secs: Arc<AtomicI64>) -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the S3 endpoint takes only signatures of this time")]
    let started_at = DateTime::<Utc>::from(SystemTime::now());
    let started = Instant::now();
    Arc::new(move || {
        let elapsed = TimeDelta::from_std(started.elapsed()).unwrap();
        started_at + elapsed + TimeDelta::seconds(moved_secs.load(Ordering::Relaxed))
    })
}

/// Numbers that look random and are the same in every run.
fn random() -> Arc<dyn Fn() -> u64 + Send + Sync> {
    let state = AtomicU64::new(1);
    Arc::new(move || {
        let step = state.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    })
}

async fn store(folder: &TempDir, clock: &Clock, looked_at_max: Option<usize>) -> Store {
    let keys = KeyRing::parse("test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let numbers = random();
    let fill = Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&numbers().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    });
    let url = DatabaseUrl::sqlite_file(&folder.path().join("outflow.db")).unwrap();
    let mut options = StoreOptions::new(url, keys, Arc::clone(clock), fill);
    options.documents_looked_at_max = looked_at_max.unwrap_or(options.documents_looked_at_max);
    Store::open(options).await.unwrap()
}
