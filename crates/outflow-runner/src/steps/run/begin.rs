//! The beginning of a try: the run goes on, and whether it is still wanted.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::guardrails::Guardrails;
use outflow_model::run::{RunBody, RunState};
use outflow_store::{Artifact, Document, Flow, Job, Run, Segment, StoreError};

use super::StoredPlan;
use crate::alerts::{self, Kind};
use crate::context::Inner;
use crate::ledger;

/// A try that has begun.
pub(super) struct Begun {
    /// The run.
    pub body: RunBody,
    /// The number of the try, from 1.
    pub attempt: i64,
}

/// Begins a try; `None` when the run is gone or has ended, and the job is over.
pub(super) async fn begin(inner: &Inner, job: &Job) -> Result<Option<Begun>, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let Some((document, mut body)) = live(&mut tx, job).await? else {
        tx.finish_job().await?;
        tx.commit().await?;
        return Ok(None);
    };
    let attempt = tx.begin_attempt(&job.subject).await?;
    if body.state == RunState::Queued {
        body.enter(RunState::Processing)?;
    }
    let is_first = body.begin(inner.now());
    ledger::write(&mut tx, &document, &body).await?;
    if is_first {
        alerts::tell(&mut tx, &job.subject, &job.sandbox, &body, Kind::RunStart, inner.now()).await?;
    }
    tx.commit().await?;
    Ok(Some(Begun { body, attempt }))
}

async fn live(tx: &mut outflow_store::FencedTx, job: &Job) -> Result<Option<(Arc<Document>, RunBody)>, Fault> {
    if tx.find::<Run>(&job.sandbox, &job.subject).await?.is_none() {
        return Ok(None);
    }
    let document = tx.lock::<Run>(&job.sandbox, &job.subject).await?;
    let body = ledger::read(&document)?;
    Ok(body.state.is_live().then_some((document, body)))
}

/// The plan that an earlier try stored. What it reads is kept until the job is over.
pub(super) async fn stored_plan(inner: &Inner, job: &Job) -> Result<Option<StoredPlan>, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let Some(text) = tx.plan(&job.subject).await? else { return Ok(None) };
    let plan = StoredPlan::parse(&text)?;
    for evaluation in [Some(&plan.evaluation), plan.since.as_ref()].into_iter().flatten() {
        match tx.pin(Artifact::Evaluation, &job.sandbox, &evaluation.id).await {
            Ok(()) => {}
            Err(StoreError::NotFound { .. }) => {
                return Err(Fault::input("the data that the run's plan reads is gone")
                    .tried(format!("find evaluation {}", evaluation.id))
                    .hint("run the flow anew"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    tx.commit().await?;
    Ok(Some(plan))
}

/// Why the run is not wanted any more, where it is not.
pub(super) async fn unwanted(inner: &Inner, job: &Job, body: &RunBody) -> Result<Option<String>, Fault> {
    let mut reader = inner.store.read().await?;
    let Some(flow) = reader.find::<Flow>(&job.sandbox, &body.flow_id).await? else {
        return Ok(Some("its flow was deleted".into()));
    };
    if let Some(why) = ledger::why_off(&flow) {
        return Ok(Some(why));
    }
    if reader.find::<Segment>(&job.sandbox, &body.segment_id).await?.is_none() {
        return Ok(Some("its segment was deleted".into()));
    }
    let activation = activation(&flow)?;
    Ok(activation.segment(&body.segment_id).is_none().then(|| "its segment was taken out of the flow".into()))
}

/// What a flow activates.
pub(super) fn activation(flow: &Document) -> Result<Activation, Fault> {
    Activation::parse(&flow.body, FlowKind::Batch, &Guardrails::default())
        .map_err(|problems| problems.fault(format!("read flow {}", flow.id)))
}
