//! Export and delivery: the plan is carried out on threads where it may block.

use std::path::Path;
use std::sync::Arc;

use outflow_connector_kit::{Journal, RetryPolicy, Session, SessionContext};
use outflow_export::{ExportOutcome, Resources, Run, VerifyLevel};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::Evaluation;
use outflow_store::{Connection, Job};
use serde_json::Value;
use tokio::runtime::Handle;

use super::place;
use super::plan::{Place, StoredPlan};
use crate::below::Below;
use crate::context::Inner;
use crate::live::Watch;
use crate::owned::Owned;
use crate::steps::blocking;
use crate::steps::refresh::with_work;

/// Carries a plan out.
///
/// # Errors
/// What opening the target, reading the membership and the export itself meet.
pub(super) async fn deliver(
    inner: &Arc<Inner>,
    job: &Job,
    plan: &StoredPlan,
    watch: &Arc<Watch>,
) -> Result<ExportOutcome, Fault> {
    let session = watch.progress.unless_cancelled(open(inner, job, &plan.place)).await?;
    let session: Arc<dyn Session> = Arc::new(Owned::new(session, watch, &inner.clock));
    let task = Task {
        inner: Arc::clone(inner),
        watch: Arc::clone(watch),
        sandbox: job.sandbox.clone(),
        plan: plan.clone(),
        session: Arc::clone(&session),
        runtime: Handle::current(),
    };
    let outcome = blocking(move || task.export()).await;
    if let Err(fault) = session.close().await {
        // Everything is delivered and verified; a server that does not say goodbye changes nothing.
        tracing::debug!(class = %fault.class, "the session did not end politely");
    }
    let mut outcome = outcome?;
    match outcome.fault.take() {
        None => Ok(outcome),
        Some(fault) => {
            for advice in &outcome.advice {
                tracing::info!(run = %plan.run_id, advice, "advice of a run that failed");
            }
            Err(fault)
        }
    }
}

/// Opens a session at a place, with the credentials of the moment. What it begins is journalled under the job's lease.
///
/// # Errors
/// Those of the account and of the connector.
pub(crate) async fn open(inner: &Inner, job: &Job, place: &Place) -> Result<Arc<dyn Session>, Fault> {
    let connection = inner.store.read().await?.opened::<Connection>(&job.sandbox, &place.connection).await?;
    refuse_encryption(&connection)?;
    let connector = inner
        .connectors
        .iter()
        .find(|connector| connector.id() == place.connector)
        .ok_or_else(|| Fault::internal(format!("no connector is called `{}`", place.connector)))?;
    let account = place::account(connector.catalog(), &connection)?;
    let root = inner.settings.folder_root.as_deref();
    place::check_folder_root(place, root, connector.catalog().folder.name)?;
    let attempt = inner.attempt_name();
    let journal: Arc<dyn Journal> = inner.store.journal(&job.lease(), &attempt);
    let context = SessionContext {
        attempt,
        journal,
        clock: Arc::clone(&inner.clock),
        retry: RetryPolicy::default(),
        seed: (inner.random)(),
        buffer_bytes_max: inner.settings.session_buffer_bytes(),
    };
    let session: Arc<dyn Session> = Arc::from(connector.open(&account, &place.target, context).await?);
    Ok(if place.below.is_empty() { session } else { Arc::new(Below::new(session, &place.below)) })
}

/// Files of an account with an encryption key never leave in clear.
fn refuse_encryption(connection: &Value) -> Result<(), Fault> {
    let given = match connection.get("encryption") {
        None | Some(Value::Null) => false,
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    };
    if !given {
        return Ok(());
    }
    Err(Fault::new(FaultClass::Config, "the account asks for encrypted files, which this release does not make")
        .tried("open the target")
        .hint("take the encryption key out of the account, or deliver with a release that encrypts"))
}

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
    plan: StoredPlan,
    session: Arc<dyn Session>,
    runtime: Handle,
}

impl Task {
    fn export(self) -> Result<ExportOutcome, Fault> {
        let plan = &self.plan;
        let evaluation = Evaluation::load(&plan.evaluation.folder)?;
        let rows = match &plan.since {
            None => evaluation.full(&plan.segment_id)?,
            Some(since) => {
                let since = Evaluation::load(&since.folder)?;
                let folder = self.inner.sandbox_folder(&self.sandbox)?;
                with_work(&self.inner, &self.watch, &folder, |work| {
                    evaluation.changes(&plan.segment_id, &since, plan.with_exits, work)
                })?
            }
        };
        let profiles = evaluation.open()?;
        let export = plan.export_plan(&profiles, rows.members().clone())?;
        let settings = &self.inner.settings;
        Ok(outflow_export::run(&Run {
            plan: &export,
            profiles: &profiles,
            rule: None,
            rows: Some(Arc::new(rows)),
            session: Arc::clone(&self.session),
            runtime: self.runtime.clone(),
            resources: resources(&self.inner, self.inner.spill_folder()?.as_path()),
            progress: &self.watch.progress,
            verify: if settings.verify_full { VerifyLevel::Full } else { VerifyLevel::Receipt },
            clock: &*self.inner.clock,
        }))
    }
}

fn resources(inner: &Inner, spill_folder: &Path) -> Resources {
    Resources {
        threads: inner.settings.threads_fitting(),
        memory_bytes: inner.settings.memory_bytes,
        spill_folder: spill_folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_that_asks_for_encryption_never_delivers_in_clear() {
        for clear in [json!({}), json!({"encryption": null}), json!({"encryption": {}}), json!({"encryption": ""})] {
            assert!(refuse_encryption(&clear).is_ok(), "{clear}");
        }
        for asked in [json!({"encryption": {"key": "x"}}), json!({"encryption": "x"}), json!({"encryption": [1]})] {
            assert_eq!(refuse_encryption(&asked).unwrap_err().class, FaultClass::Config, "{asked}");
        }
    }
}
