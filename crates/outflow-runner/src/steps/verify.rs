//! Reading back what a run delivered.

use std::sync::Arc;

use outflow_export::{AtTarget, Checked, verify_files};
use outflow_model::Fault;
use outflow_model::manifest::ManifestFile;
use outflow_model::run::RunError;
use outflow_store::{FencedTx, Job, Run, StoreError};
use serde_json::{Value, json};

use super::Ending;
use super::run::{StoredPlan, open_target};
use crate::context::Inner;
use crate::details::set;
use crate::ledger;
use crate::live::Watch;
use crate::worker::End;

/// Carries a verification out.
pub(crate) async fn verify(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let Some(document) = tx.find::<Run>(&job.sandbox, &job.subject).await? else {
        tx.finish_job().await?;
        tx.commit().await?;
        return Ok(End::Done);
    };
    let body = ledger::read(&document)?;
    let Some(text) = tx.plan(&job.subject).await? else {
        return Err(Fault::input("where the run delivered to is not known any more"));
    };
    note(&mut tx, job, json!({"state": "processing", "startedAt": inner.now()})).await?;
    tx.commit().await?;
    let plan = StoredPlan::parse(&text)?;
    let prefix = if plan.place.below.is_empty() { String::new() } else { format!("{}/", plan.place.below) };
    let wanted: Vec<ManifestFile> = body
        .files
        .iter()
        .map(|file| ManifestFile {
            name: file.name.strip_prefix(&prefix).unwrap_or(&file.name).to_owned(),
            sink_path: String::new(),
            rows: file.rows,
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        })
        .collect();
    let session = watch.progress.unless_cancelled(open_target(inner, job, &plan.place)).await?;
    let checked = verify_files(&AtTarget(Arc::clone(&session)), &wanted, &|_| watch.check()).await;
    if let Err(fault) = session.close().await {
        tracing::debug!(class = %fault.class, "the session did not end politely");
    }
    let checked = checked?;
    let urls: Vec<&str> = body.files.iter().map(|file| file.url.as_str()).collect();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    note(&mut tx, job, result(&checked, &urls, inner)).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    Ok(End::Done)
}

fn result(checked: &[Checked], urls: &[&str], inner: &Inner) -> Value {
    let files: Vec<Value> = checked
        .iter()
        .zip(urls)
        .map(|(file, url)| {
            let mut shown = json!({"url": url});
            for (member, value) in serde_json::to_value(file).unwrap_or_default().as_object().into_iter().flatten() {
                set(&mut shown, member, value.clone());
            }
            shown
        })
        .collect();
    let differing = checked.iter().filter(|file| !file.matches).count();
    metrics::counter!("outflow_files_verified_total").increment(checked.len() as u64);
    let mut result = json!({"state": "success", "endedAt": inner.now(), "files": files});
    if differing > 0 {
        let fault = Fault::new(
            outflow_model::FaultClass::Verification,
            format!("{differing} of {} files are not what was delivered", checked.len()),
        )
        .hint("something at the target changed or removed them; run the flow again");
        set(&mut result, "state", json!("failed"));
        set(&mut result, "error", serde_json::to_value(RunError::from(&fault)).unwrap_or_default());
    }
    result
}

async fn note(tx: &mut FencedTx, job: &Job, verification: Value) -> Result<(), StoreError> {
    let document = tx.lock::<Run>(&job.sandbox, &job.subject).await?;
    let mut details = document.details.clone();
    set(&mut details, "verification", verification);
    tx.set_details::<Run>(&job.sandbox, &job.subject, &details).await
}

/// Writes how a try ended that was no success.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    if tx.find::<Run>(&job.sandbox, &job.subject).await?.is_none() {
        return Ok(());
    }
    let told = match ending {
        Ending::Retry { fault, at } => {
            json!({"state": "queued", "nextAttemptAt": at, "error": RunError::from(*fault)})
        }
        Ending::Failed { fault } => {
            json!({"state": "failed", "endedAt": inner.now(), "error": RunError::from(*fault)})
        }
        Ending::Cancelled { .. } => json!({"state": "cancelled", "endedAt": inner.now()}),
    };
    note(tx, job, told).await
}
