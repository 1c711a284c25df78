//! A connector that stands in front of another one and stops or fails where a test wants it to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{
    BodyReader, Connector, FieldProblem, Guarantee, ObjectStat, PartBody, PartRequest, ProbeReport, Receipt, Session,
    SessionContext, StagedPart, StreamSession, SweepReport,
};
use outflow_model::{Fault, FaultClass};
use serde_json::Value;
use tokio::sync::Notify;

/// Where a delivery is held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Open,
    Stage,
    /// A part is whole, and nobody has asked to publish it yet.
    Staged,
    Publish,
    /// A part is visible, and nobody knows yet.
    Published,
}

/// What a test sets, and sees.
#[derive(Default)]
pub struct Gate {
    closed: Mutex<Option<Place>>,
    opened: Notify,
    /// Whether somebody waits at the gate.
    pub waiting: AtomicBool,
    /// Faults to come, the next first.
    pub faults: Mutex<Vec<(Place, Fault)>>,
    /// So many pass where a fault is to come before it does.
    pub spared: AtomicUsize,
    pub opens: AtomicUsize,
    pub published: AtomicUsize,
}

impl Gate {
    pub fn close(&self, place: Place) {
        *self.closed.lock().unwrap() = Some(place);
    }

    /// Lets go who waits, and whoever comes.
    pub fn open(&self) {
        *self.closed.lock().unwrap() = None;
        self.opened.notify_waiters();
    }

    /// Lets go who waits, and holds up whoever comes.
    pub fn let_go(&self) {
        self.opened.notify_waiters();
    }

    /// Lets whoever comes pass, and keeps who waits waiting.
    pub fn open_for_others(&self) {
        *self.closed.lock().unwrap() = None;
    }

    pub fn is_waited_at(&self) -> bool {
        self.waiting.load(Ordering::SeqCst)
    }

    pub fn fail(&self, place: Place, class: FaultClass) {
        self.faults.lock().unwrap().push((place, Fault::new(class, format!("{place:?} fails because a test says so"))));
    }

    async fn pass(&self, place: Place) -> Result<(), Fault> {
        let opened = self.opened.notified();
        if *self.closed.lock().unwrap() == Some(place) {
            self.waiting.store(true, Ordering::SeqCst);
            opened.await;
            self.waiting.store(false, Ordering::SeqCst);
        }
        let mut faults = self.faults.lock().unwrap();
        match faults.iter().position(|(at, _)| *at == place) {
            Some(_) if self.spared.load(Ordering::SeqCst) > 0 => {
                self.spared.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
            Some(i) => Err(faults.remove(i).1),
            None => Ok(()),
        }
    }
}

/// The connectors with a gate in front of local folders.
pub fn gated() -> (Arc<Vec<Box<dyn Connector>>>, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let connectors = outflow_connectors::registry().into_iter().map(|inner| -> Box<dyn Connector> {
        match inner.id() {
            "file" => Box::new(Gated { inner, gate: Arc::clone(&gate) }),
            _ => inner,
        }
    });
    (Arc::new(connectors.collect()), gate)
}

struct Gated {
    inner: Box<dyn Connector>,
    gate: Arc<Gate>,
}

#[async_trait]
impl Connector for Gated {
    fn id(&self) -> &'static str {
        self.inner.id()
    }

    fn title(&self) -> &'static str {
        self.inner.title()
    }

    fn guarantee(&self) -> Guarantee {
        self.inner.guarantee()
    }

    fn catalog(&self) -> &'static CatalogEntry {
        self.inner.catalog()
    }

    fn schemas(&self) -> (Value, Value) {
        self.inner.schemas()
    }

    fn url(&self, account: &Value, target: &Value) -> Result<String, Fault> {
        self.inner.url(account, target)
    }

    fn check(&self, account: &Value, target: &Value) -> Vec<FieldProblem> {
        self.inner.check(account, target)
    }

    fn check_account(&self, account: &Value) -> Vec<FieldProblem> {
        self.inner.check_account(account)
    }

    fn check_target(&self, target: &Value) -> Vec<FieldProblem> {
        self.inner.check_target(target)
    }

    async fn probe_account_into(&self, account: &Value, context: &SessionContext, report: &mut ProbeReport) {
        self.inner.probe_account_into(account, context, report).await;
    }

    async fn probe_into(&self, account: &Value, target: &Value, context: &SessionContext, report: &mut ProbeReport) {
        self.inner.probe_into(account, target, context, report).await;
    }

    async fn open(&self, account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
        self.gate.opens.fetch_add(1, Ordering::SeqCst);
        self.gate.pass(Place::Open).await?;
        let inner = self.inner.open(account, target, context).await?;
        Ok(Box::new(GatedSession { inner, gate: Arc::clone(&self.gate) }))
    }

    async fn open_stream(
        &self,
        account: &Value,
        target: &Value,
        context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        self.inner.open_stream(account, target, context).await
    }
}

struct GatedSession {
    inner: Box<dyn Session>,
    gate: Arc<Gate>,
}

#[async_trait]
impl Session for GatedSession {
    fn url(&self, name: &str) -> String {
        self.inner.url(name)
    }

    fn sink_path(&self, name: &str) -> String {
        self.inner.sink_path(name)
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        self.gate.pass(Place::Stage).await?;
        let staged = self.inner.stage(request, body).await?;
        self.gate.pass(Place::Staged).await?;
        Ok(staged)
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        self.gate.pass(Place::Publish).await?;
        let receipt = self.inner.publish(part).await?;
        self.gate.published.fetch_add(1, Ordering::SeqCst);
        self.gate.pass(Place::Published).await?;
        Ok(receipt)
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        self.inner.discard(part).await
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        self.inner.sweep(names).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        self.inner.stat(name).await
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        self.inner.read(name).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        self.inner.read_range(name, offset, length).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        self.inner.list(folder).await
    }

    async fn close(&self) -> Result<(), Fault> {
        self.inner.close().await
    }
}
