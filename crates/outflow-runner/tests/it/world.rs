//! A server's world: a data folder with its database, datasets, a folder to deliver to, and a clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use outflow_connector_kit::Connector;
use outflow_model::run::{RunBody, RunState};
use outflow_profiles::source::{LocalStorage, Storage};
use outflow_runner::{AlertSettings, Runner, RunnerContext, RunnerSettings};
use outflow_store::{
    Artifact, Change, Connection, DatabaseUrl, Dataset, Document, Expected, Flow, KeyRing, NewArtifact, NewDocument,
    Run, ScheduleConfig, Scope, Segment, SegmentCounts, SourceConnection, Store, StoreOptions, TargetConnection,
};
use outflow_testkit::clock::at;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::clock::TestClock;

pub const SANDBOX: &str = "prod";
const FOLDER_SPEC: &str = "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61";
const PROFILE_STORE: &str = "8a9c3494-9708-43d7-ae3f-cda01e5030e1";

/// A test that waits longer than this waits for something that does not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct World {
    pub dir: TempDir,
    pub clock: Arc<TestClock>,
    pub store: Store,
    pub settings: RunnerSettings,
    pub connectors: Arc<Vec<Box<dyn Connector>>>,
    pub storages: Vec<Arc<dyn Storage>>,
    seed: Arc<AtomicU64>,
}

/// One activated segment of a flow.
pub struct Activated<'a> {
    pub segment: &'a str,
    pub mode: &'a str,
    pub schedule: Value,
    pub template: &'a str,
}

impl World {
    pub async fn new() -> World {
        World::with(Arc::new(outflow_connectors::registry())).await
    }

    pub async fn with(connectors: Arc<Vec<Box<dyn Connector>>>) -> World {
        let dir = outflow_testkit::temp_dir();
        for folder in ["lake", "out"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let clock = Arc::new(TestClock::at(at("2026-01-02T03:04:05Z")));
        let seed = Arc::new(AtomicU64::new(1));
        let store = open_store(dir.path(), &clock, &seed).await;
        let settings = RunnerSettings {
            folder_root: Some(dir.path().join("out")),
            // Clocks here stand still: a lease that a busy machine did not renew in time would never end.
            lease_secs: 9,
            scheduler_period_secs: 1,
            alerts: AlertSettings { allow_private_addresses: true, ..AlertSettings::default() },
            ..RunnerSettings::default()
        };
        World { dir, clock, store, settings, connectors, storages: vec![Arc::new(LocalStorage)], seed }
    }

    /// The same with another database, which is empty.
    pub async fn on(mut self, url: &str) -> World {
        self.store = open_store_of(DatabaseUrl::parse(url).unwrap(), &self.clock, &self.seed).await;
        self
    }

    /// The same data folder and database, opened by another process.
    pub async fn reopened(&self) -> Store {
        open_store(self.dir.path(), &self.clock, &self.seed).await
    }

    pub fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    pub fn runner(&self) -> Runner {
        self.runner_on(&self.store, &self.clock)
    }

    pub fn runner_on(&self, store: &Store, clock: &Arc<TestClock>) -> Runner {
        let (clock, seed) = (Arc::clone(clock), Arc::clone(&self.seed));
        Runner::new(RunnerContext {
            store: store.clone(),
            data_dir: self.dir.path().to_owned(),
            connectors: Arc::clone(&self.connectors),
            storages: self.storages.clone(),
            clock: Arc::new(move || clock.now()),
            random: Arc::new(move || random(&seed)),
            settings: self.settings.clone(),
        })
    }

    /// Lets a runner work until nothing is due and nobody is at work.
    pub async fn work(&self) {
        let server = Server::start(&self.runner());
        // What ends may make something else due, and only a look that begins afterwards is sure to see it.
        loop {
            self.idle().await;
            server.runner.reconcile().await.unwrap();
            if self.is_idle().await {
                break;
            }
        }
        server.stop().await;
    }

    async fn is_idle(&self) -> bool {
        let depth = self.store.read().await.unwrap().queue_depth().await.unwrap();
        depth.iter().all(|kind| kind.due == 0 && kind.running == 0)
    }

    /// Waits until nothing is due and nobody is at work.
    pub async fn idle(&self) {
        until("every job is done", async || self.is_idle().await).await;
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Writes the people of the lake: id, country, points.
    pub fn write_people(&self, people: &[(&str, &str, i64)]) {
        let mut text = "email,country,points\n".to_owned();
        for (id, country, points) in people {
            text.push_str(&format!("{id},{country},{points}\n"));
        }
        let path = self.dir.path().join("lake/people.csv");
        std::fs::write(path.with_extension("new"), text).unwrap();
        std::fs::rename(path.with_extension("new"), path).unwrap();
    }

    /// Attaches the lake's people as a dataset and queues its refresh.
    pub async fn attach(&self) -> String {
        let body = json!({
            "name": "people",
            "source": {"urls": [self.dir.path().join("lake/people.csv")]},
            "identities": [{"path": "email", "namespace": "Email", "primary": true}],
        });
        let id = self.insert::<Dataset>("people", body).await;
        self.runner().submit_refresh(SANDBOX, &id).await.unwrap();
        id
    }

    pub async fn segment(&self, name: &str, rule: &str) -> String {
        let body = json!({"name": name, "expression": {"type": "PQL", "format": "pql/text", "value": rule}});
        self.insert::<Segment>(name, body).await
    }

    /// A flow to a folder of its own below `out`.
    pub async fn flow(&self, name: &str, segments: &[Activated<'_>], fields: &[&str]) -> String {
        let folder = self.out().join(name);
        let params = json!({"path": folder, "fileType": "CSV", "compression": "NONE"});
        let connection = json!({
            "name": name, "connectionSpec": {"id": FOLDER_SPEC, "version": "1.0"}, "auth": {"specName": "None", "params": {}},
        });
        self.flow_to(name, connection, FOLDER_SPEC, params, segments, fields).await
    }

    pub async fn flow_to(
        &self,
        name: &str,
        connection: Value,
        spec: &str,
        params: Value,
        segments: &[Activated<'_>],
        fields: &[&str],
    ) -> String {
        let base = self.insert::<Connection>(name, connection).await;
        let source = json!({"name": name, "connectionSpec": {"id": PROFILE_STORE, "version": "1.0"}});
        let source = self.insert::<SourceConnection>(name, source).await;
        let target = json!({
            "name": name, "baseConnectionId": base, "connectionSpec": {"id": spec, "version": "1.0"}, "params": params,
        });
        let target = self.insert::<TargetConnection>(name, target).await;
        let selectors: Vec<Value> = segments
            .iter()
            .map(|s| {
                json!({"type": "PLATFORM_SEGMENT", "value": {
                    "id": s.segment, "name": s.segment, "filenameTemplate": s.template,
                    "exportMode": s.mode, "schedule": s.schedule,
                }})
            })
            .collect();
        let columns: Vec<Value> = fields
            .iter()
            .map(|path| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}}))
            .collect();
        let body = json!({
            "name": name, "state": "enabled",
            "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"},
            "sourceConnectionIds": [source], "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": {
                "segmentSelectors": {"selectors": selectors}, "profileSelectors": {"selectors": columns},
            }}],
        });
        self.insert::<Flow>(name, body).await
    }

    pub async fn schedule(&self, cron: &str) -> String {
        let body = json!({
            "name": "daily", "type": "batch_segmentation", "schedule": cron, "state": "active",
            "properties": {"segments": ["*"]},
        });
        self.insert::<ScheduleConfig>("daily", body).await
    }

    pub async fn insert<N: outflow_store::Noun>(&self, name: &str, body: Value) -> String {
        let mut tx = self.store.begin().await.unwrap();
        let new = NewDocument { id: None, sandbox: SANDBOX, name, body, by: "test" };
        let document = tx.insert::<N>(new).await.unwrap();
        tx.commit().await.unwrap();
        document.id.clone()
    }

    /// Changes a document's body.
    pub async fn change<N: outflow_store::Noun>(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut tx = self.store.begin().await.unwrap();
        let document = tx.lock::<N>(SANDBOX, id).await.unwrap();
        let mut body = document.body.clone();
        change(&mut body);
        tx.update::<N>(SANDBOX, id, Expected::Any, Change { name: None, body, by: "test" }).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn delete<N: outflow_store::Noun>(&self, id: &str) {
        let mut tx = self.store.begin().await.unwrap();
        tx.delete::<N>(SANDBOX, id, Expected::Any).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn run_body(&self, id: &str) -> RunBody {
        let document = self.store.read().await.unwrap().get::<Run>(SANDBOX, id).await.unwrap();
        serde_json::from_value(document.body.clone()).unwrap()
    }

    /// All runs, oldest first.
    pub async fn runs(&self) -> Vec<(Arc<Document>, RunBody)> {
        let runs = self.store.read().await.unwrap().all::<Run>(Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
        runs.into_iter().map(|d| (Arc::clone(&d), serde_json::from_value(d.body.clone()).unwrap())).collect()
    }

    /// A document's body.
    pub async fn body<N: outflow_store::Noun>(&self, id: &str) -> Value {
        self.store.read().await.unwrap().get::<N>(SANDBOX, id).await.unwrap().body.clone()
    }

    /// The evaluation that counts for a segment.
    pub async fn latest_evaluation(&self, segment: &str) -> Option<String> {
        let mut reader = self.store.read().await.unwrap();
        reader.segment_evaluation(segment).await.unwrap().map(|latest| latest.evaluation_id)
    }

    /// Records an evaluation that found nobody, as if one had been made between two times.
    pub async fn found(&self, segments: &[&str], id: &str, began: DateTime<Utc>, ended: DateTime<Utc>) {
        let mut tx = self.store.begin().await.unwrap();
        let (kind, path) = (Artifact::Evaluation, format!("/nowhere/{id}"));
        let new = NewArtifact { kind, sandbox: SANDBOX, id, subject: "", parent: None, path: &path, body: json!({}) };
        tx.put_artifact(new).await.unwrap();
        let counts = SegmentCounts { time: began, ended, realized: 0, existing: 0, exited: 0, segment_version: 1 };
        let counts: Vec<_> = segments.iter().map(|segment| (*segment, counts.clone())).collect();
        tx.set_segment_evaluations(SANDBOX, id, &counts).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits until a run is in a state.
    pub async fn until_state(&self, id: &str, state: RunState) {
        until(&format!("run {id} is {state}"), async || self.run_body(id).await.state == state).await;
    }

    /// The names below a flow's folder, sorted; temporary ones too.
    pub fn names(&self, flow: &str) -> Vec<String> {
        names(&self.out().join(flow))
    }

    pub fn read(&self, flow: &str, name: &str) -> String {
        std::fs::read_to_string(self.out().join(flow).join(name)).unwrap()
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// A runner at work.
pub struct Server {
    pub runner: Runner,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), outflow_model::Fault>>,
}

impl Server {
    pub fn start(runner: &Runner) -> Server {
        let (stop, stopped) = oneshot::channel::<()>();
        let working = runner.clone();
        let task = tokio::spawn(async move {
            working
                .run(async {
                    let _ = stopped.await;
                })
                .await
        });
        Server { runner: runner.clone(), stop, task }
    }

    /// Shuts it down in order.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }

    /// The same where the power may be cut meanwhile.
    pub async fn stop_or_be_cut(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }

    /// Waits until it has ended by itself, as after a power cut.
    pub async fn ended(self) {
        let _ = self.task.await;
    }

    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

/// Waits for something, and fails by name when it does not come.
pub async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn daily(start: &str, time: &str) -> Value {
    json!({"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": start, "startTime": time})
}

pub fn after_evaluation(start: &str) -> Value {
    json!({"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL", "startDate": start})
}

pub fn time(text: &str) -> DateTime<Utc> {
    at(text)
}

pub const DATED: &str = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%";

async fn open_store(dir: &Path, clock: &Arc<TestClock>, seed: &Arc<AtomicU64>) -> Store {
    open_store_of(DatabaseUrl::sqlite_file(&dir.join("outflow.db")).unwrap(), clock, seed).await
}

/// A store of its own, whose clock stands.
pub async fn open_store_at(url: DatabaseUrl) -> Store {
    let clock = Arc::new(TestClock::at(at("2026-01-02T03:04:05Z")));
    open_store_of(url, &clock, &Arc::new(AtomicU64::new(1))).await
}

async fn open_store_of(url: DatabaseUrl, clock: &Arc<TestClock>, seed: &Arc<AtomicU64>) -> Store {
    let keys = KeyRing::parse("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let (clock, seed) = (Arc::clone(clock), Arc::clone(seed));
    let fill = move |bytes: &mut [u8]| {
        for byte in bytes {
            *byte = random(&seed) as u8;
        }
        Ok(())
    };
    Store::open(StoreOptions::new(url, keys, Arc::new(move || clock.now()), Arc::new(fill))).await.unwrap()
}

/// SplitMix64: the same in every run of a test.
fn random(seed: &AtomicU64) -> u64 {
    let mut z = seed.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
