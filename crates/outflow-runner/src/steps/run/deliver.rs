//! Export and delivery: the plan is carried out on threads where it may block.

use std::path::Path;
use std::sync::Arc;

use outflow_connector_kit::{Journal, RetryPolicy, Session, SessionContext};
use outflow_export::openpgp::Encryption;
use outflow_export::{ExportOutcome, Resources, Run, VerifyLevel};
use outflow_model::Fault;
use outflow_profiles::membership::Evaluation;
use outflow_store::{Connection, Job};
use tokio::runtime::Handle;

use super::plan::{Place, StoredPlan};
use super::{encryption, place};
use crate::below::Below;
use crate::context::Inner;
use crate::departures;
use crate::live::Watch;
use crate::owned::Owned;
use crate::steps::blocking;
use crate::steps::refresh::with_work;

/// Carries a plan out.
///
/// # Errors
/// What the account's key, opening the target, reading the membership and the export itself meet.
pub(super) async fn deliver(
    inner: &Arc<Inner>,
    job: &Job,
    plan: &StoredPlan,
    watch: &Arc<Watch>,
) -> Result<ExportOutcome, Fault> {
    let encryption = encryption::encryption(inner, job, plan).await?;
    let opened = watch.progress.unless_cancelled(open(inner, job, &plan.place)).await?;
    let session: Arc<dyn Session> = Arc::new(Owned::new(opened, watch, &inner.clock));
    let task = Task {
        inner: Arc::clone(inner),
        watch: Arc::clone(watch),
        sandbox: job.sandbox.clone(),
        plan: plan.clone(),
        session: Arc::clone(&session),
        encryption,
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
            departures::record_part_of_run(inner, job, plan, &outcome.files).await;
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
    let connector = inner
        .connectors
        .iter()
        .find(|connector| connector.id() == place.connector)
        .ok_or_else(|| Fault::internal(format!("no connector is called `{}`", place.connector)))?;
    let account = place::account(connector.catalog(), &connection)?;
    let root = inner.settings.folder_root.as_deref();
    place::check_folder_root(place, root, connector.catalog().folder.map_or("", |folder| folder.name))?;
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

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
    plan: StoredPlan,
    session: Arc<dyn Session>,
    encryption: Option<Encryption>,
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
        let departures = departures::folder(&self.inner.sandbox_folder(&self.sandbox)?, &plan.flow_id)?;
        Ok(outflow_export::run(&Run {
            plan: &export,
            profiles: &profiles,
            rule: None,
            rows: Some(Arc::new(rows)),
            session: Arc::clone(&self.session),
            runtime: self.runtime.clone(),
            resources: resources(&self.inner, self.inner.spill_folder()?.as_path()),
            progress: &self.watch.progress,
            encryption: self.encryption.as_ref(),
            verify: if settings.verify_full { VerifyLevel::Full } else { VerifyLevel::Receipt },
            departures: Some(&departures),
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
