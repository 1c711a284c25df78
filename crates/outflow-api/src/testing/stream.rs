//! A stream in memory, which takes messages or refuses them as it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use outflow_connector_kit::catalog::{AuthSpec, CatalogEntry, DeliveryKind, GENERIC_FLOW_SPEC_ID};
use outflow_connector_kit::{
    Connector, ConnectorKind, Erased, FieldProblem, Guarantee, Message, Outcome, ProbeReport, SessionContext,
    StreamLimits, StreamSession,
};
use outflow_model::{Fault, FaultClass};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Server;
use super::fixtures::{FLOW_SERVICE, Flow};

/// The connection spec of such streams.
const STREAM_SPEC: &str = "5d0c2f7e-51a4-4a8e-9a55-7f1b0c3d9e21";

static ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: STREAM_SPEC,
    legacy_connection_spec_ids: &[],
    flow_spec_id: GENERIC_FLOW_SPEC_ID,
    description: "A stream of the tests.",
    category: "Streams",
    connection_type: "Memory",
    delivery: DeliveryKind::Streaming,
    auth_specs: &[AuthSpec { name: "None", title: "None", kind: "None", members: &[] }],
    target_members: &["stream"],
    folder: None,
    guide: "",
    icon_svg: "",
};

/// What a stream holds, and whether it takes more.
#[derive(Default)]
struct Kept {
    messages: Vec<Value>,
    refusal: Option<String>,
}

/// All streams of a server: one.
#[derive(Clone, Default)]
pub(crate) struct MemoryStream(Arc<Mutex<Kept>>);

impl MemoryStream {
    /// Refuses every message for good from now on.
    pub(crate) fn refuse(&self, reason: &str) {
        self.0.lock().unwrap().refusal = Some(reason.to_owned());
    }

    /// Takes messages again.
    pub(crate) fn accept(&self) {
        self.0.lock().unwrap().refusal = None;
    }

    /// The messages that were taken, in order.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.0.lock().unwrap().messages.clone()
    }

    pub(super) fn connector(&self) -> Box<dyn Connector> {
        Box::new(Erased(self.clone()))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamAccount {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamTarget {
    /// The stream's name.
    stream: String,
}

#[async_trait]
impl ConnectorKind for MemoryStream {
    type Account = StreamAccount;
    type Target = StreamTarget;

    fn id(&self) -> &'static str {
        "memory"
    }

    fn title(&self) -> &'static str {
        "Memory stream"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn url(&self, _account: &StreamAccount, target: &StreamTarget) -> String {
        format!("memory://{}", target.stream)
    }

    fn check(&self, _account: &StreamAccount, target: &StreamTarget) -> Vec<FieldProblem> {
        self.check_target(target)
    }

    fn check_account(&self, _account: &StreamAccount) -> Vec<FieldProblem> {
        Vec::new()
    }

    fn check_target(&self, target: &StreamTarget) -> Vec<FieldProblem> {
        let problem = FieldProblem { field: "stream".into(), message: "is empty".into() };
        if target.stream.is_empty() { vec![problem] } else { Vec::new() }
    }

    async fn probe_account(&self, _account: &StreamAccount, _context: &SessionContext, report: &mut ProbeReport) {
        report.passed("Sign in", "");
    }

    async fn probe(
        &self,
        _account: &StreamAccount,
        target: &StreamTarget,
        _context: &SessionContext,
        report: &mut ProbeReport,
    ) {
        if target.stream == "missing" {
            let fault = Fault::new(FaultClass::Config, "there is no stream missing");
            return report.failed("Find the stream", &fault);
        }
        report.passed("Find the stream", "");
    }

    async fn open_stream(
        &self,
        _account: &StreamAccount,
        _target: &StreamTarget,
        _context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl StreamSession for MemoryStream {
    fn url(&self) -> String {
        "memory://stream".into()
    }

    fn limits(&self) -> StreamLimits {
        let bytes = 1 << 20;
        StreamLimits { message_bytes_max: bytes, request_bytes_max: bytes, request_messages_max: 2, requests_max: 2 }
    }

    fn weight(&self, message: &Message) -> usize {
        message.key.len() + message.body.len()
    }

    async fn send(&self, request: &[Message]) -> Vec<Outcome> {
        let mut kept = self.0.lock().unwrap();
        if let Some(reason) = &kept.refusal {
            let fault = Arc::new(Fault::new(FaultClass::Refused, reason.clone()));
            return request.iter().map(|_| Outcome::NotAccepted(Arc::clone(&fault))).collect();
        }
        kept.messages.extend(request.iter().map(|message| serde_json::from_slice::<Value>(&message.body).unwrap()));
        request.iter().map(|_| Outcome::Accepted).collect()
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// An account of streams.
pub(crate) fn stream_account(name: &str) -> Value {
    json!({
        "name": name,
        "connectionSpec": {"id": STREAM_SPEC, "version": "1.0"},
        "auth": {"specName": "None", "params": {}},
    })
}

impl Server {
    /// The stream that all targets of its kind lead to.
    pub(crate) fn stream(&self) -> &MemoryStream {
        &self.stream
    }

    /// An account of streams.
    pub(crate) async fn stream_account_id(&self, name: &str) -> String {
        self.made(&format!("{FLOW_SERVICE}/connections"), &stream_account(name)).await
    }

    /// A target of such an account.
    pub(crate) fn stream_target(&self, account: &str, name: &str) -> Value {
        json!({
            "name": name,
            "baseConnectionId": account,
            "connectionSpec": {"id": STREAM_SPEC, "version": "1.0"},
            "params": {"stream": name},
        })
    }

    /// A flow to a stream with everything it needs, which has sent nothing.
    pub(crate) async fn stream_flow(&self, name: &str) -> Flow {
        let account = self.stream_account_id(&format!("Account of {name}")).await;
        let mut flow = self.flow_to(name, account.clone(), self.stream_target(&account, name)).await;
        let mut body = self.flow_body(&flow, name);
        let selector = json!({"type": "PLATFORM_SEGMENT", "value": {"id": flow.segment, "name": "Of age"}});
        body["transformations"][0]["params"]["segmentSelectors"]["selectors"] = json!([selector]);
        self.create_flow(&mut flow, &body).await;
        flow
    }

    /// How the stream of a flow is.
    pub(crate) async fn stream_status(&self, flow: &str) -> Value {
        let shown = self.client().get(&format!("{FLOW_SERVICE}/flows/{flow}")).await;
        shown.body["items"][0]["streamStatus"].clone()
    }
}
