//! What is, as the scheduler sees it: one look at the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::run::RunState;
use outflow_store::{
    Document, Equals, Flow, FlowState, Run, ScheduleConfig, Scope, SegmentEvaluation, TargetConnection,
};

use crate::context::Inner;
use crate::kinds::{kind_to, target_id};

/// A flow and a segment.
pub(crate) type Pair = (String, String);

/// What is.
pub(crate) struct View {
    /// When it was looked.
    pub now: DateTime<Utc>,
    /// All sandboxes.
    pub sandboxes: Vec<String>,
    /// All flows.
    pub flows: Vec<Arc<Document>>,
    /// What the flows of files activate, by flow; those that cannot be read are not here.
    pub activations: HashMap<String, Arc<Activation>>,
    /// The flows that send messages.
    pub streaming: Vec<Arc<Document>>,
    /// What is remembered of flows and segments.
    pub states: HashMap<Pair, FlowState>,
    /// The latest evaluation of segments, by segment.
    pub evaluations: HashMap<String, SegmentEvaluation>,
    /// Runs that have not ended.
    pub live: Vec<Arc<Document>>,
    /// The schedules of evaluations.
    pub schedules: Vec<Arc<Document>>,
}

impl View {
    /// Looks.
    pub async fn take(inner: &Inner) -> Result<View, Fault> {
        let mut reader = inner.store.read().await?;
        let sandboxes = reader.sandboxes().await?;
        // Runs before flows: a run whose flow is not among them lost it, and was not made after the flows were read.
        let states = [RunState::Queued, RunState::Processing].map(|state| state.as_str().to_owned()).to_vec();
        let live = reader.all::<Run>(Scope::All, vec![Equals { column: "state", any_of: states }]).await?;
        let flows = reader.all::<Flow>(Scope::All, Vec::new()).await?;
        let schedules = reader.all::<ScheduleConfig>(Scope::All, Vec::new()).await?;
        let mut view = View {
            now: inner.now(),
            activations: HashMap::new(),
            streaming: Vec::new(),
            states: HashMap::new(),
            evaluations: HashMap::new(),
            sandboxes,
            flows,
            live,
            schedules,
        };
        let states = reader.all_flow_states().await?;
        view.states.extend(states.into_iter().map(|s| ((s.flow_id.clone(), s.segment_id.clone()), s)));
        for sandbox in &view.sandboxes {
            let evaluations = reader.segment_evaluations(sandbox).await?;
            view.evaluations.extend(evaluations.into_iter().map(|e| (e.segment_id.clone(), e)));
        }
        let targets = reader.all::<TargetConnection>(Scope::All, Vec::new()).await?;
        let streaming = targets.iter().filter(|target| kind_to(&inner.connectors, target) == FlowKind::Streaming);
        let streaming: HashSet<&str> = streaming.map(|target| target.id.as_str()).collect();
        for flow in &view.flows {
            if target_id(flow).is_some_and(|id| streaming.contains(id)) {
                view.streaming.push(Arc::clone(flow));
            } else if let Some(activation) = inner.activations.of(flow, FlowKind::Batch) {
                view.activations.insert(flow.id.clone(), activation);
            }
        }
        Ok(view)
    }

    /// Whether a run of this flow and segment is going.
    pub fn is_live(&self, flow: &str, segment: &str) -> bool {
        let is =
            |run: &Arc<Document>, member: &str, id: &str| run.body.get(member).and_then(|v| v.as_str()) == Some(id);
        self.live.iter().any(|run| is(run, "flowId", flow) && is(run, "segmentId", segment))
    }
}
