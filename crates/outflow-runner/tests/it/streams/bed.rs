//! A server with a streaming flow.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::run::{RunBody, RunKind};
use outflow_runner::StreamStatus;
use outflow_store::{Connection, Flow, SourceConnection, TargetConnection};
use serde_json::{Value, json};

use super::far::{Far, RIGHT_KEY, SPEC, with_far};
use crate::world::{SANDBOX, World, names};

pub type People<'a> = &'a [(&'a str, &'a str, i64)];

pub const FIRST: People<'static> = &[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30)];

pub struct Bed {
    pub world: World,
    pub far: Arc<Far>,
    pub dataset: String,
    pub segment: String,
    pub flow: String,
    pub account: String,
    begun_at: DateTime<Utc>,
}

impl Bed {
    /// A flow of the Americans with country and points that has not begun yet.
    pub async fn new(streaming: Value) -> Bed {
        Bed::of(FIRST, streaming, RIGHT_KEY).await
    }

    pub async fn of(people: People<'_>, streaming: Value, key: &str) -> Bed {
        let far = Far::new();
        let mut world = World::with(with_far(&far)).await;
        // Hours pass on the clock while somebody works.
        world.settings.lease_secs = 30 * 86_400;
        world.settings.stream_patience_secs = 0;
        world.write_people(people);
        let dataset = world.attach().await;
        world.work().await;
        let segment = world.segment("Americans", "country = \"US\"").await;
        let (flow, account) = stream_flow(&world, "acme", &[&segment], &["country", "points"], streaming, key).await;
        let begun_at = world.clock.peek();
        Bed { world, far, dataset, segment, flow, account, begun_at }
    }

    /// A flow that has told of the first people.
    pub async fn begun(streaming: Value) -> Bed {
        let bed = Bed::new(streaming).await;
        bed.world.work().await;
        assert_eq!(bed.far.told(0), ["a@x US 10 in 1", "c@x US 30 in 1"]);
        bed
    }

    /// Reads these people anew and evaluates the segment; who streams does so beside.
    pub async fn evaluate(&self, people: People<'_>) {
        self.world.write_people(people);
        self.read_and_evaluate().await;
    }

    async fn read_and_evaluate(&self) {
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_refresh(SANDBOX, &self.dataset).await.unwrap();
        self.world.work().await;
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
    }

    /// Evaluates the segment once more, a moment later.
    pub async fn evaluate_now(&self) {
        self.world.advance(TimeDelta::milliseconds(100));
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
    }

    /// Reads a lake of this text anew and evaluates the segment.
    pub async fn write_lake(&self, text: &str) {
        let path = self.world.dir.path().join("lake/people.csv");
        std::fs::write(path.with_extension("new"), text).unwrap();
        std::fs::rename(path.with_extension("new"), path).unwrap();
        self.read_and_evaluate().await;
    }

    pub async fn status(&self) -> StreamStatus {
        self.world.runner().stream_status(SANDBOX, &self.flow).await.unwrap().unwrap()
    }

    /// The sequence of a flow's messages of number `number`, from 0: the first one's is the time at which the bed was made.
    pub fn sequence(&self, number: i64) -> i64 {
        self.begun_at.timestamp() + number
    }

    /// The flow's runs of a kind, oldest first.
    pub async fn runs(&self, kind: RunKind) -> Vec<RunBody> {
        let runs = self.world.runs().await;
        let own = runs.into_iter().map(|(_, run)| run).filter(|run| run.flow_id == self.flow && run.kind == kind);
        own.collect()
    }

    /// The flow's folder with the highest number.
    pub fn newest_folder(&self) -> PathBuf {
        let root = self.world.dir.path().join("data").join(SANDBOX).join("streams").join(&self.flow);
        let newest = names(&root).into_iter().max().unwrap();
        root.join(newest.split('/').next().unwrap())
    }

    pub async fn set_state(&self, state: &str) {
        self.world.change::<Flow>(&self.flow, |body| body["state"] = json!(state)).await;
    }
}

pub async fn stream_flow(
    world: &World,
    name: &str,
    segments: &[&str],
    fields: &[&str],
    streaming: Value,
    key: &str,
) -> (String, String) {
    let account = json!({
        "name": name, "connectionSpec": {"id": SPEC, "version": "1.0"},
        "auth": {"specName": "Key", "params": {"key": key}},
    });
    let account = world.insert::<Connection>(name, account).await;
    let source =
        json!({"name": name, "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}});
    let source = world.insert::<SourceConnection>(name, source).await;
    let target = json!({
        "name": name, "baseConnectionId": account, "connectionSpec": {"id": SPEC, "version": "1.0"},
        "params": {"stream": "s", "includeSegmentNames": true},
    });
    let target = world.insert::<TargetConnection>(name, target).await;
    let selectors: Vec<Value> =
        segments.iter().map(|id| json!({"type": "PLATFORM_SEGMENT", "value": {"id": id, "name": id}})).collect();
    let columns: Vec<Value> =
        fields.iter().map(|path| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}})).collect();
    let body = json!({
        "name": name, "state": "enabled",
        "flowSpec": {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"},
        "sourceConnectionIds": [source], "targetConnectionIds": [target],
        "transformations": [{"name": "GeneralTransform", "params": {
            "segmentSelectors": {"selectors": selectors}, "profileSelectors": {"selectors": columns},
            "streaming": streaming,
        }}],
    });
    (world.insert::<Flow>(name, body).await, account)
}

/// Another segment of the flow's sandbox.
pub async fn rich(world: &World) -> String {
    world.segment("Rich", "points >= 25").await
}
