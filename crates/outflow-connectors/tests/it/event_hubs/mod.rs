//! The Event Hubs connector against the practice namespace, which Microsoft's own clients have judged.

mod conformance;
mod faults;
mod probe;
mod tls;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use outflow_connector_kit::{Connector, Erased, Fault, Message, Outcome, ProbeReport, SessionContext, StreamSession};
use outflow_connectors::event_hubs::EventHubs;
use outflow_practice::{EVENT_HUB, FaultSettings, Practice, PracticeOptions, PracticeTls};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::context;

/// A namespace of its own, so that tests do not meet.
pub struct Place {
    pub practice: Practice,
    pub account: Value,
    pub target: Value,
    folder: TempDir,
}

impl Place {
    /// With the policy that is called `policy`.
    pub async fn start(policy: &str) -> Place {
        Place::start_with(policy, None).await
    }

    /// The same, encrypted with `tls`.
    pub async fn start_with(policy: &str, tls: Option<PracticeTls>) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let options = PracticeOptions {
            event_hubs_tls: tls,
            ..PracticeOptions::on_free_ports(folder.path().join("practice"), [7; 32])
        };
        let scheme = if options.event_hubs_tls.is_some() { "amqps" } else { "amqp" };
        let practice = Practice::start(options).await.unwrap();
        let hubs = practice.event_hubs();
        let key = &hubs.policy(policy).unwrap().key;
        let endpoint = format!("{scheme}://{}", hubs.address);
        let account = json!({"sasKeyName": policy, "sasKey": key, "namespace": "practice", "endpointUrl": endpoint});
        Place { practice, account, target: json!({"eventHubName": EVENT_HUB}), folder }
    }

    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Place {
        self.account[field] = value.into();
        self
    }

    pub fn hub(mut self, name: &str) -> Place {
        self.target["eventHubName"] = name.into();
        self
    }

    /// Sets faults of the namespace.
    pub fn faults(&self, faults: &Value) {
        let settings: FaultSettings = serde_json::from_value(json!({ "eventHubs": faults })).unwrap();
        self.practice.faults().set(settings);
    }

    pub async fn open_with(&self, context: SessionContext) -> Result<Box<dyn StreamSession>, Fault> {
        Erased(EventHubs).open_stream(&self.account, &self.target, context).await
    }

    pub async fn open(&self) -> Box<dyn StreamSession> {
        self.open_with(context(1)).await.unwrap()
    }

    pub async fn probe(&self) -> ProbeReport {
        Erased(EventHubs).probe(&self.account, &self.target, &context(1)).await
    }

    pub async fn probe_account(&self) -> ProbeReport {
        Erased(EventHubs).probe_account(&self.account, &context(1)).await
    }

    fn hub_folder(&self) -> PathBuf {
        self.folder.path().join("practice/event-hubs").join(EVENT_HUB)
    }

    /// Everything in the hub as (partition key, body), partition by partition, as the namespace keeps it on disk.
    pub fn stored(&self) -> Vec<(Bytes, Bytes)> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(self.hub_folder()).unwrap().map(|f| f.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        let lines = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
        let event = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let body = match line["bodyBase64"].as_str() {
                Some(text) => BASE64.decode(text).unwrap(),
                None => line["body"].as_str().unwrap().to_owned().into_bytes(),
            };
            (Bytes::from(line["partitionKey"].as_str().unwrap().to_owned()), Bytes::from(body))
        };
        files.iter().flat_map(|file| lines(file).lines().map(event).collect::<Vec<_>>()).collect()
    }
}

/// `count` messages, the first with number `from`.
pub fn messages(from: usize, count: usize) -> Vec<Message> {
    let message = |number: usize| Message {
        key: format!("email:{number}@example.org").into(),
        event_id: format!("{number:032x}").into(),
        body: format!("{{\"number\":{number}}}").into(),
    };
    (from..from + count).map(message).collect()
}

/// Outcomes as texts, for comparing.
pub fn told(outcomes: &[Outcome]) -> Vec<String> {
    let text = |outcome: &Outcome| match outcome {
        Outcome::Accepted => "accepted".to_owned(),
        Outcome::NotAccepted(fault) => format!("not: {}", fault.class),
        Outcome::Denied(fault) => format!("denied: {}", fault.class),
        Outcome::Unknown(fault) => format!("unknown: {}", fault.class),
    };
    outcomes.iter().map(text).collect()
}
