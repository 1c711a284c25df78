//! The end of a run that delivered: files, metrics, incremental state, alerts and the job, in one transaction.

use chrono::{DateTime, Utc};
use outflow_export::ExportOutcome;
use outflow_model::Fault;
use outflow_model::run::{RunBody, RunFile, RunState};
use outflow_store::{Artifact, FencedTx, Flow, Job, Run};

use super::begin::{Begun, activation};
use super::end::attempts;
use super::facts::{self, describe};
use super::plan::Effect;
use super::{StoredPlan, encryption, outdated};
use crate::alerts;
use crate::context::Inner;
use crate::departures;
use crate::details::take;
use crate::ledger;

/// Writes that the run was a success.
pub(super) async fn finish(
    inner: &Inner,
    job: &Job,
    begun: &Begun,
    plan: &StoredPlan,
    outcome: ExportOutcome,
    produced_at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let document = tx.lock::<Run>(&job.sandbox, &job.subject).await?;
    let mut body = ledger::read(&document)?;
    body.enter(RunState::Success)?;
    body.completed_at = Some(now);
    body.error = None;
    body.files = files(plan, &outcome);
    body.manifest = outcome.manifest.clone();
    body.advice = outcome.advice.clone();
    body.advice.extend(outdated::advice(&mut tx, job, &body.files).await?);
    let input = input(&mut tx, job, plan).await?;
    let end = facts::End {
        source: &plan.source_connection_id,
        target: &plan.target_connection_id,
        produced_at: produced_at.or(body.completed_at),
        balance: &outcome.balance,
        input_files: input.files,
        input_bytes: input.bytes,
    };
    describe(&mut body, &end);
    tx.end_attempt(&job.subject, begun.attempt, "success", None).await?;
    body.attempts = attempts(&mut tx, &job.subject).await?;
    ledger::write(&mut tx, &document, &body).await?;
    let kept: Vec<outflow_store::RunFile> = body
        .files
        .iter()
        .map(|f| outflow_store::RunFile {
            name: f.name.clone(),
            url: f.url.clone(),
            rows: f.rows,
            bytes: f.bytes,
            sha256: f.sha256.clone(),
        })
        .collect();
    tx.put_run_files(&job.subject, &kept).await?;
    departures::confirm_run(&mut tx, &outcome.files).await?;
    let mut details = document.details.clone();
    take(&mut details, "progress");
    tx.set_details::<Run>(&job.sandbox, &job.subject, &details).await?;
    advance(&mut tx, job, plan).await?;
    encryption::forget_seed(&mut tx, job).await?;
    let skipped = skipped_rate(&outcome);
    alerts::succeeded(&mut tx, &job.subject, &job.sandbox, &body, skipped, inner).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    tell(&body, plan, &outcome);
    Ok(())
}

fn files(plan: &StoredPlan, outcome: &ExportOutcome) -> Vec<RunFile> {
    let file = |f: &outflow_export::DeliveredFile| RunFile {
        url: f.url.clone(),
        name: plan.place.name_of(&f.name),
        rows: f.rows,
        bytes: f.bytes,
        sha256: f.sha256.clone(),
    };
    outcome.files.iter().map(file).collect()
}

/// The files that were read.
struct Input {
    files: u64,
    bytes: u64,
}

async fn input(tx: &mut FencedTx, job: &Job, plan: &StoredPlan) -> Result<Input, Fault> {
    let row = tx.artifact(Artifact::Evaluation, &job.sandbox, &plan.evaluation.id).await?;
    let count = |member: &str| row.as_ref().and_then(|row| row.body.get(member)?.as_u64()).unwrap_or(0);
    Ok(Input { files: count("files"), bytes: count("bytes") })
}

/// Writes what the delivery means for the next incremental export.
async fn advance(tx: &mut FencedTx, job: &Job, plan: &StoredPlan) -> Result<(), Fault> {
    let Some(flow) = tx.find::<Flow>(&job.sandbox, &plan.flow_id).await? else { return Ok(()) };
    // Taken out of the flow while it was delivered: should it come back, its first file is everybody.
    if activation(&flow)?.segment(&plan.segment_id).is_none() {
        return Ok(());
    }
    match plan.effect {
        Effect::Advance if !follows(tx, plan).await? => {
            tracing::warn!(run = %plan.run_id, "another delivery was made meanwhile; the next export is full");
            tx.forget_delivery(&plan.flow_id, &plan.segment_id).await?;
        }
        Effect::Advance => {
            tx.advance(&job.sandbox, &plan.flow_id, &plan.segment_id, &plan.evaluation.id, &plan.run_id).await?;
        }
        Effect::Forget => tx.forget_delivery(&plan.flow_id, &plan.segment_id).await?,
        Effect::Leave => {}
    }
    Ok(())
}

/// Whether what was delivered before is what the plan's changes are since. Everybody follows whatever was delivered.
async fn follows(tx: &mut FencedTx, plan: &StoredPlan) -> Result<bool, Fault> {
    let Some(since) = &plan.since else { return Ok(true) };
    let state = tx.flow_state(&plan.flow_id, &plan.segment_id).await?;
    Ok(state.and_then(|state| state.delivered_evaluation).as_ref() == Some(&since.id))
}

/// The part of the selected profiles that was left out.
fn skipped_rate(outcome: &ExportOutcome) -> f64 {
    let balance = &outcome.balance;
    let skipped = balance.excluded.values().sum::<u64>() + balance.duplicates;
    if balance.profiles_selected == 0 { 0.0 } else { skipped as f64 / balance.profiles_selected as f64 }
}

fn tell(body: &RunBody, plan: &StoredPlan, outcome: &ExportOutcome) {
    let bytes: u64 = outcome.files.iter().map(|f| f.bytes).sum();
    metrics::counter!("outflow_runs_total", "state" => "success").increment(1);
    metrics::counter!("outflow_rows_delivered_total").increment(outcome.balance.rows_written);
    metrics::counter!("outflow_bytes_delivered_total").increment(bytes);
    if let (Some(started), Some(completed)) = (body.started_at, body.completed_at) {
        metrics::histogram!("outflow_run_seconds")
            .record((completed - started).num_milliseconds().max(0) as f64 / 1000.0);
    }
    tracing::info!(
        run = %plan.run_id,
        files = outcome.files.len(),
        adopted = outcome.files.iter().filter(|f| f.adopted).count(),
        rows = outcome.balance.rows_written,
        bytes,
        "a run delivered"
    );
}
