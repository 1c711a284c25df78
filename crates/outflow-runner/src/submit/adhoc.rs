//! Ad-hoc activation: extra full exports, which leave schedules and incremental states alone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use outflow_connector_kit::Connector;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::ADHOC_SEGMENTS_MAX;
use outflow_model::property::Filters;
use outflow_model::run::{RunKind, RunState};
use outflow_store::{Equals, ListQuery, Run, Scope, Segment, Tx};

use super::{FlowProblem, SubmitError, queue_run, runnable};
use crate::ledger::NewRun;

/// One run of an ad-hoc call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdhocOrder {
    /// The segment.
    pub segment: String,
    /// The flow.
    pub flow: String,
    /// The run.
    pub run: String,
}

/// Queues a full export of each named segment of each named flow. All or none.
///
/// # Errors
/// `NotFound`; `Invalid` for no or too many segments, one that its flow does not activate, one whose schedule does not
/// cover today, a streaming flow, with every such segment; `Conflict` when a flow is disabled; `Busy` while an earlier call's run of one of
/// the segments, in whichever flow, or any run of it in its flow is going.
pub async fn adhoc(
    tx: &mut Tx,
    connectors: &[Box<dyn Connector>],
    sandbox: &str,
    orders: &[(String, Vec<String>)],
    by: &str,
    now: DateTime<Utc>,
) -> Result<Vec<AdhocOrder>, SubmitError> {
    let asked: usize = orders.iter().map(|(_, segments)| segments.len()).sum();
    if asked == 0 {
        return Err(SubmitError::invalid("no segment is named"));
    }
    if asked > ADHOC_SEGMENTS_MAX {
        return Err(SubmitError::invalid(format!(
            "{asked} segments are too many for one call; {ADHOC_SEGMENTS_MAX} are allowed"
        )));
    }
    let mut flows = Vec::new();
    for (flow, segments) in orders {
        let (document, activation, kind) = runnable(tx, connectors, sandbox, flow).await?;
        flows.push((flow, segments, document, (activation, kind)));
    }
    let mut problems = Vec::new();
    for (flow, segments, _, (activation, kind)) in &flows {
        if *kind == FlowKind::Streaming {
            let message = format!("flow {flow} sends messages as profiles change; run it now instead");
            problems.push(FlowProblem { flow: (*flow).clone(), message });
            continue;
        }
        let found = segments.iter().filter_map(|id| check(flow, id, activation, now));
        problems.extend(found.map(|message| FlowProblem { flow: (*flow).clone(), message }));
    }
    if let [first, ..] = problems.as_slice() {
        let message = match problems.len() {
            1 => first.message.clone(),
            several => format!("the request has {several} problems"),
        };
        return Err(SubmitError::Invalid { message, problems });
    }
    let named: BTreeSet<&str> = orders.iter().flat_map(|(_, segments)| segments).map(String::as_str).collect();
    for segment in named {
        refuse_second_call(tx, sandbox, segment).await?;
    }
    let mut queued = Vec::new();
    for (flow, segments, document, (activation, _)) in &flows {
        for id in *segments {
            let run = NewRun {
                flow: document,
                segment_id: id,
                segment_name: activation.segment(id).and_then(|segment| segment.name.as_deref()),
                kind: RunKind::Adhoc,
                slot: now,
                coalesced: 0,
                by,
            };
            let run = queue_run(tx, &run).await?;
            queued.push(AdhocOrder { segment: id.clone(), flow: (*flow).clone(), run });
        }
    }
    Ok(queued)
}

/// Why a segment of a flow cannot be exported now.
fn check(flow: &str, id: &str, activation: &Activation, now: DateTime<Utc>) -> Option<String> {
    let Some(segment) = activation.segment(id) else {
        return Some(format!("segment {id} is not activated in flow {flow}"));
    };
    let is_over = segment.export.as_ref().is_some_and(|export| !export.schedule.covers(now));
    is_over.then(|| format!("the schedule of segment {id} in flow {flow} is not today's"))
}

/// Refuses a segment of which an ad-hoc run is going, in whichever flow: one call at a time.
async fn refuse_second_call(tx: &mut Tx, sandbox: &str, segment: &str) -> Result<(), SubmitError> {
    // Two calls at once look one after the other. A segment that was deleted is refused by name later.
    if tx.find::<Segment>(sandbox, segment).await?.is_some() {
        tx.lock::<Segment>(sandbox, segment).await?;
    }
    let live = [RunState::Queued, RunState::Processing].map(|state| state.as_str().to_owned());
    let kind = Filters::parse(&["kind==adhoc"]).map_err(|problems| problems.fault("look for ad-hoc runs"))?;
    let query = ListQuery {
        filters: Some(&kind),
        equals: vec![
            Equals { column: "segment_id", any_of: vec![segment.to_owned()] },
            Equals { column: "state", any_of: live.to_vec() },
        ],
        ..ListQuery::first(1)
    };
    match tx.list::<Run>(Scope::Sandbox(sandbox), &query).await?.items.first() {
        None => Ok(()),
        Some(run) => {
            let message = format!("run {} of an earlier call for segment {segment} is going", run.id);
            Err(SubmitError::Busy { message, run: Some(run.id.clone()) })
        }
    }
}
