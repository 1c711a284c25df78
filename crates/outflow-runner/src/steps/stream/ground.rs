//! What a round goes by: the flow, what it maps, where it sends to, and the stream's state.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::flow::{Activation, FlowKind, StreamingOptions};
use outflow_store::{Connection, Document, Flow, Job, Reader, Segment, StoreError, TargetConnection};
use serde_json::Value;

use super::place::{self, Place};
use crate::context::Inner;
use crate::kinds::{kind_of, target_id};
use crate::ledger;
use crate::steps::blocking;
use crate::streams::{Folders, StreamState, tidy};

/// What a round goes by.
pub(super) struct Ground {
    /// The flow.
    pub flow: Arc<Document>,
    /// What it activates.
    pub activation: Arc<Activation>,
    /// What it tells.
    pub options: StreamingOptions,
    /// Its segments that are there, in the order of its selectors.
    pub segments: Vec<Arc<Document>>,
    /// Where it sends to.
    pub place: Place,
    /// What is on disk.
    pub folders: Folders,
}

impl Ground {
    /// The ids of the flow's segments that are there.
    pub fn segment_ids(&self) -> Vec<String> {
        self.segments.iter().map(|segment| segment.id.clone()).collect()
    }

    /// Whether the far end, or the account by which it is told, is not the one by which everybody was told.
    pub fn is_elsewhere(&self, state: &StreamState) -> bool {
        let is_another = |who: &String| self.place.who.as_ref().is_some_and(|now| now != who);
        state.who.as_ref().is_some_and(is_another)
    }

    /// Makes what this far end was told the told state, where it is known who that is.
    pub fn turn(&self, state: &mut StreamState) {
        if let Some(who) = &self.place.who {
            state.turn_to(who);
        }
    }

    /// What messages are made by, as text: what was told by another one may have to be told anew.
    pub fn basis(&self) -> String {
        let mapping: Vec<String> = self.activation.mapping.iter().map(|row| row.path.to_string()).collect();
        serde_json::json!([self.segment_ids(), mapping, self.options, self.place.options]).to_string()
    }
}

/// How a round begins.
pub(super) enum Begun {
    /// The flow is gone, and so is the job.
    Gone,
    /// The flow is disabled, or sends no messages any more.
    Off { folders: Folders, state: Box<StreamState> },
    /// It goes on.
    On { ground: Arc<Ground>, state: Box<StreamState> },
}

/// Begins a round. What counts no more is removed from the disk.
///
/// # Errors
/// `Config` and `Input` for a flow that cannot be read or a target that is not there; those of the store.
pub(super) async fn begin(inner: &Arc<Inner>, job: &Job) -> Result<Begun, Fault> {
    let folders = Folders::new(&inner.sandbox_folder(&job.sandbox)?, &job.subject);
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let Some(flow) = tx.find::<Flow>(&job.sandbox, &job.subject).await? else {
        tx.finish_job().await?;
        tx.commit().await?;
        return Ok(Begun::Gone);
    };
    let found = StreamState::find(&mut tx, &flow.id).await?;
    let mut state = found.clone().unwrap_or_default();
    let is_streaming = kind_of(&mut tx, &inner.connectors, &flow).await? == FlowKind::Streaming;
    let is_on = is_streaming && ledger::is_enabled(&flow);
    state.tried = signature(&mut tx, &flow).await?;
    let activation = if is_on { inner.activations.of(&flow, FlowKind::Streaming) } else { None };
    let mut segments = Vec::new();
    if let Some(activation) = &activation {
        let ids = mapped_ids(activation);
        let there = tx.get_many::<Segment>(&job.sandbox, &ids).await?;
        segments = ids.iter().filter_map(|id| there.iter().find(|one| one.id == *id).cloned()).collect();
        state.missing = ids.into_iter().filter(|id| there.iter().all(|one| one.id != *id)).collect();
    }
    if found.as_ref() != Some(&state) {
        state.put(&mut tx, &job.sandbox, &flow.id).await?;
    }
    // Under a lease that lives until here: what was taken before and is not named never will be.
    tx.commit().await?;
    let (at, named) = (folders.clone(), state.clone());
    blocking(move || {
        tidy(&at, &named);
        Ok(())
    })
    .await?;
    let state = Box::new(state);
    if !is_on {
        return Ok(Begun::Off { folders, state });
    }
    let Some(activation) = activation else {
        return Err(Fault::input("the flow's activation cannot be read")
            .tried(format!("read flow {}", flow.id))
            .hint("change the flow; what is wrong with it is said then"));
    };
    let place = place::place(inner, &flow).await?;
    let options = activation.streaming.unwrap_or_default();
    Ok(Begun::On { ground: Arc::new(Ground { flow, activation, options, segments, place, folders }), state })
}

/// The segments of an activation.
pub(crate) fn mapped_ids(activation: &Activation) -> Vec<String> {
    activation.segments.iter().map(|segment| segment.id.clone()).collect()
}

/// What a try is made with, as text: the flow, its target and its account as they are, and the last wish of somebody. A
/// try that failed may go otherwise once it is another one.
///
/// # Errors
/// Those of the store.
pub(crate) async fn signature(reader: &mut Reader, flow: &Document) -> Result<String, StoreError> {
    let shown = |document: Option<&Arc<Document>>| {
        document.map_or_else(String::new, |d| format!("{}.{}", d.version, d.updated_at.timestamp_micros()))
    };
    let target = match target_id(flow) {
        Some(id) => reader.find::<TargetConnection>(&flow.sandbox, id).await?,
        None => None,
    };
    let base = target.as_ref().and_then(|target| target.body.get("baseConnectionId")).and_then(Value::as_str);
    let account = match base {
        Some(id) => reader.find::<Connection>(&flow.sandbox, id).await?,
        None => None,
    };
    let wish = reader.stream_requests(&flow.id).await?.pop().map(|request| request.id).unwrap_or_default();
    Ok(format!("{}/{}/{}/{wish}", flow.version, shown(target.as_ref()), shown(account.as_ref())))
}

/// Whether a try is made with this flow, target and account, whatever somebody wishes meanwhile. Both are signatures.
pub(super) fn is_made_with(tried: &str, now: &str) -> bool {
    let made_with = |signature: &str| signature.rsplit_once('/').map(|(with, _)| with.to_owned());
    made_with(tried) == made_with(now)
}
