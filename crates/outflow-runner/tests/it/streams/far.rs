//! A target of messages in memory, with faults to switch on, and what a consumer of it knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::catalog::{AuthMember, AuthSpec, CatalogEntry, DeliveryKind};
use outflow_connector_kit::{
    Connector, FieldProblem, Guarantee, Message, Outcome, ProbeReport, Session, SessionContext, StreamLimits,
    StreamSession,
};
use outflow_model::{Fault, FaultClass};
use outflow_store::{AuditQuery, Store};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::world::SANDBOX;

pub const SPEC: &str = "6f8e2a41-53a5-4f3e-9d7c-0b1a7a1c2d33";

const KEY: AuthMember = AuthMember { name: "key", account: "key", required: true };

/// Begins the URL.
const HOST: AuthMember = AuthMember { name: "host", account: "host", required: false };

static ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: SPEC,
    legacy_connection_spec_ids: &[],
    flow_spec_id: "71471eba-b620-49e4-90fd-23f1fa0174d8",
    description: "Messages that tests look at.",
    category: "Test",
    connection_type: "Far",
    delivery: DeliveryKind::Streaming,
    auth_specs: &[AuthSpec { name: "Key", title: "Key", kind: "KeyBased", members: &[KEY, HOST] }],
    target_members: &["stream"],
    folder: None,
    guide: "",
    icon_svg: "",
};

/// The key that opens it.
pub const RIGHT_KEY: &str = "right";

/// The far end.
pub struct Far {
    /// Everything that was stored, in order.
    stored: Mutex<Vec<Message>>,
    /// The newest record of the audit log when each of them arrived; 0 where nobody looks.
    arrived: Mutex<Vec<i64>>,
    /// Whose audit log is looked at.
    pub store: OnceLock<Store>,
    /// Messages that are still stored before it goes away; negative: without end.
    left: AtomicI64,
    /// Of the next requests it stores everything and says nothing: the answers are lost.
    pub answers_lost: AtomicI64,
    /// Profiles whose messages it refuses.
    pub refused: Mutex<BTreeSet<String>>,
    /// Whether requests wait.
    held: Mutex<bool>,
    released: Notify,
    pub waiting: AtomicUsize,
    pub opens: AtomicUsize,
    pub message_bytes_max: AtomicUsize,
}

impl Far {
    pub fn new() -> Arc<Far> {
        Arc::new(Far {
            stored: Mutex::default(),
            arrived: Mutex::default(),
            store: OnceLock::new(),
            left: AtomicI64::new(-1),
            answers_lost: AtomicI64::new(0),
            refused: Mutex::default(),
            held: Mutex::new(false),
            released: Notify::new(),
            waiting: AtomicUsize::new(0),
            opens: AtomicUsize::new(0),
            message_bytes_max: AtomicUsize::new(1 << 20),
        })
    }

    /// It is away once so many more messages are stored.
    pub fn away_after(&self, messages: i64) {
        self.left.store(messages, Ordering::SeqCst);
    }

    pub fn back(&self) {
        self.left.store(-1, Ordering::SeqCst);
    }

    pub fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    pub fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_waiters();
    }

    /// Bodies of what was stored from the number `from`.
    pub fn bodies(&self, from: usize) -> Vec<Value> {
        self.stored.lock().unwrap()[from..].iter().map(|m| serde_json::from_slice(&m.body).unwrap()).collect()
    }

    /// The newest records of the audit log when what was stored arrived.
    pub fn arrived(&self) -> Vec<i64> {
        self.arrived.lock().unwrap().clone()
    }

    async fn newest_record(&self) -> i64 {
        let Some(store) = self.store.get() else { return 0 };
        let newest = AuditQuery { newest_first: true, limit: 1, ..AuditQuery::default() };
        let page = store.read().await.unwrap().audit(SANDBOX, &newest).await.unwrap();
        page.records.first().map_or(0, |record| record.seq)
    }

    pub fn count(&self) -> usize {
        self.stored.lock().unwrap().len()
    }

    /// What was stored from the number `from`: who, and what of segments, sorted.
    pub fn told(&self, from: usize) -> Vec<String> {
        let mut told: Vec<String> = self.bodies(from).iter().map(summary).collect();
        told.sort();
        told
    }

    /// What a consumer knows: of each profile, the message with the highest sequence. Fails where a repeat has other bytes,
    /// or where one profile has two messages of one sequence.
    pub fn known(&self) -> BTreeMap<String, String> {
        let mut newest: BTreeMap<String, (u64, String)> = BTreeMap::new();
        let mut events: HashMap<Bytes, Bytes> = HashMap::new();
        let mut sequences: HashMap<(String, u64), Bytes> = HashMap::new();
        for message in self.stored.lock().unwrap().iter() {
            let known = events.entry(message.event_id.clone()).or_insert_with(|| message.body.clone());
            assert_eq!(*known, message.body, "a repeat has the same bytes");
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            assert_eq!(body["eventId"].as_str().unwrap().as_bytes(), &message.event_id[..]);
            let (key, sequence) =
                (String::from_utf8(message.key.to_vec()).unwrap(), body["sequence"].as_u64().unwrap());
            let event = sequences.entry((key.clone(), sequence)).or_insert_with(|| message.event_id.clone());
            assert_eq!(*event, message.event_id, "a profile has one message of a sequence");
            let place = newest.entry(key).or_default();
            if sequence >= place.0 {
                *place = (sequence, summary(&body));
            }
        }
        // Who is in no segment any more is nobody.
        let members = newest.into_iter().filter(|(_, (_, told))| told.contains(" in "));
        members.map(|(key, (_, told))| (key, told)).collect()
    }
}

/// `a@x US 10 in 1 out 0`.
fn summary(body: &Value) -> String {
    let email = body["identityMap"]["Email"][0]["id"].as_str().unwrap_or("?");
    let ups = body["segmentMembership"]["ups"].as_object().unwrap();
    let count = |status: &str| ups.values().filter(|of| of["status"] == status).count();
    let shown = |member: &str| match &body[member] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (realized, exited) = (count("realized"), count("exited"));
    let mut text = format!("{email} {} {}", shown("country"), shown("points"));
    if realized > 0 {
        text.push_str(&format!(" in {realized}"));
    }
    if exited > 0 {
        text.push_str(&format!(" out {exited}"));
    }
    text
}

/// The connectors, with the far end beside them.
pub fn with_far(far: &Arc<Far>) -> Arc<Vec<Box<dyn Connector>>> {
    let mut connectors = outflow_connectors::registry();
    connectors.push(Box::new(FarConnector(Arc::clone(far))));
    Arc::new(connectors)
}

struct FarConnector(Arc<Far>);

#[async_trait]
impl Connector for FarConnector {
    fn id(&self) -> &'static str {
        "far"
    }

    fn title(&self) -> &'static str {
        "Far"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn schemas(&self) -> (Value, Value) {
        (json!({}), json!({}))
    }

    fn url(&self, account: &Value, target: &Value) -> Result<String, Fault> {
        let part = |of: &Value| of.as_str().unwrap_or_default().to_owned();
        Ok(format!("far://{}{}", part(&account["host"]), part(&target["stream"])))
    }

    fn check(&self, _account: &Value, _target: &Value) -> Vec<FieldProblem> {
        Vec::new()
    }

    fn check_account(&self, _account: &Value) -> Vec<FieldProblem> {
        Vec::new()
    }

    fn check_target(&self, _target: &Value) -> Vec<FieldProblem> {
        Vec::new()
    }

    async fn probe_account_into(&self, _: &Value, _: &SessionContext, _: &mut ProbeReport) {}

    async fn probe_into(&self, _: &Value, _: &Value, _: &SessionContext, _: &mut ProbeReport) {}

    async fn open(&self, _: &Value, _: &Value, _: SessionContext) -> Result<Box<dyn Session>, Fault> {
        Err(Fault::new(FaultClass::Config, "Far takes messages, not files"))
    }

    async fn open_stream(
        &self,
        account: &Value,
        _target: &Value,
        _context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        self.0.opens.fetch_add(1, Ordering::SeqCst);
        if account["key"] != RIGHT_KEY {
            return Err(Fault::new(FaultClass::Credentials, "the key opens nothing").hint("give another key"));
        }
        Ok(Box::new(FarSession(Arc::clone(&self.0))))
    }
}

struct FarSession(Arc<Far>);

#[async_trait]
impl StreamSession for FarSession {
    fn url(&self) -> String {
        "far://s".into()
    }

    fn limits(&self) -> StreamLimits {
        StreamLimits {
            message_bytes_max: self.0.message_bytes_max.load(Ordering::SeqCst),
            request_bytes_max: 4 << 20,
            request_messages_max: 2,
            requests_max: 2,
        }
    }

    fn weight(&self, message: &Message) -> usize {
        message.body.len()
    }

    async fn send(&self, request: &[Message]) -> Vec<Outcome> {
        let far = &self.0;
        let released = far.released.notified();
        if *far.held.lock().unwrap() {
            far.waiting.fetch_add(1, Ordering::SeqCst);
            released.await;
            far.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        let newest = far.newest_record().await;
        let are_lost = far.answers_lost.fetch_sub(1, Ordering::SeqCst) > 0;
        let away = || Arc::new(Fault::new(FaultClass::Unavailable, "the far end is away"));
        let mut stored = far.stored.lock().unwrap();
        let refused = far.refused.lock().unwrap();
        let outcome = |message: &Message| {
            if far.left.load(Ordering::SeqCst) == 0 {
                return Outcome::NotAccepted(away());
            }
            if refused.contains(std::str::from_utf8(&message.key).unwrap()) {
                return Outcome::NotAccepted(Arc::new(Fault::new(FaultClass::Refused, "this one is not taken")));
            }
            if far.left.load(Ordering::SeqCst) > 0 {
                far.left.fetch_sub(1, Ordering::SeqCst);
            }
            stored.push(message.clone());
            far.arrived.lock().unwrap().push(newest);
            if are_lost { Outcome::Unknown(away()) } else { Outcome::Accepted }
        };
        request.iter().map(outcome).collect()
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
