//! Ad-hoc activation: extra full exports, which leave schedules and incremental states alone.

use chrono::{DateTime, Utc};
use outflow_model::guardrails::ADHOC_SEGMENTS_MAX;
use outflow_model::run::RunKind;
use outflow_store::Tx;

use super::{SubmitError, queue_run, runnable};
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
/// cover today; `Conflict` when a flow is disabled; `Busy`.
pub async fn adhoc(
    tx: &mut Tx,
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
    let mut queued = Vec::new();
    for (flow, segments) in orders {
        let (document, activation) = runnable(tx, sandbox, flow).await?;
        for id in segments {
            let Some(segment) = activation.segment(id) else {
                return Err(SubmitError::invalid(format!("segment {id} is not activated in flow {flow}")));
            };
            if segment.export.as_ref().is_some_and(|export| !export.schedule.covers(now)) {
                return Err(SubmitError::invalid(format!(
                    "the schedule of segment {id} in flow {flow} is not today's"
                )));
            }
            let run = NewRun {
                flow: &document,
                segment_id: id,
                segment_name: segment.name.as_deref(),
                kind: RunKind::Adhoc,
                slot: now,
                coalesced: 0,
                by,
            };
            let run = queue_run(tx, &run).await?;
            queued.push(AdhocOrder { segment: id.clone(), flow: flow.clone(), run });
        }
    }
    Ok(queued)
}
