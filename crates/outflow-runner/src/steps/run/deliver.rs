//! Export and delivery: the plan is carried out on threads where it may block.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use outflow_connector_kit::{Journal, RetryPolicy, Session, SessionContext};
use outflow_export::openpgp::Encryption;
use outflow_export::{ExportOutcome, Resources, Run, VerifyLevel, WholePart};
use outflow_model::Fault;
use outflow_profiles::membership::Evaluation;
use outflow_store::{Connection, Job};
use tokio::runtime::Handle;

use super::gate::{self, Gate, Lateness, Passed};
use super::plan::{Place, StoredPlan};
use super::{encryption, place};
use crate::below::Below;
use crate::context::Inner;
use crate::departures::{self, AboutToLeave};
use crate::live::Watch;
use crate::owned::Owned;
use crate::steps::blocking;
use crate::steps::refresh::with_work;

/// What carrying a plan out came to.
pub(super) enum Delivered {
    /// Everything is delivered, by this plan.
    Whole(Box<ExportOutcome>, Box<StoredPlan>),
    /// Nothing is: what was planned may not leave any more as it is.
    Outdated,
}

/// Carries a plan out. Before anything becomes visible it passes the [gate](super::gate).
///
/// # Errors
/// What the account's key, opening the target, reading the membership and the export itself meet.
pub(super) async fn deliver(
    inner: &Arc<Inner>,
    job: &Job,
    plan: &StoredPlan,
    watch: &Arc<Watch>,
    lateness: Lateness,
) -> Result<Delivered, Fault> {
    let encryption = encryption::encryption(inner, job, plan).await?;
    let opened = watch.progress.unless_cancelled(open(inner, job, &plan.place)).await?;
    let session: Arc<dyn Session> = Arc::new(Owned::new(opened, watch, &inner.clock));
    let task = Task {
        inner: Arc::clone(inner),
        watch: Arc::clone(watch),
        job: job.clone(),
        plan: plan.clone(),
        lateness,
        session: Arc::clone(&session),
        encryption,
        runtime: Handle::current(),
    };
    let outcome = blocking(move || task.export()).await;
    if let Err(fault) = session.close().await {
        // Everything is delivered and verified; a server that does not say goodbye changes nothing.
        tracing::debug!(class = %fault.class, "the session did not end politely");
    }
    let Exported { mut outcome, passed } = outcome?;
    match (outcome.fault.take(), passed) {
        (None, Some(Passed::Through { plan, .. })) => Ok(Delivered::Whole(Box::new(outcome), plan)),
        (None, _) => Err(Fault::internal("a run published what nobody let through")),
        (Some(_), Some(Passed::Outdated)) => Ok(Delivered::Outdated),
        (Some(fault), passed) => {
            for advice in &outcome.advice {
                tracing::info!(run = %plan.run_id, advice, "advice of a run that failed");
            }
            if let Some(Passed::Through { announced, new, .. }) = passed {
                departures::record_part_of_run(inner, job, &outcome, &announced, &new).await;
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
    job: Job,
    plan: StoredPlan,
    lateness: Lateness,
    session: Arc<dyn Session>,
    encryption: Option<Encryption>,
    runtime: Handle,
}

struct Exported {
    outcome: ExportOutcome,
    /// What the gate said, where the export came to it.
    passed: Option<Passed>,
}

impl Task {
    fn export(self) -> Result<Exported, Fault> {
        let plan = &self.plan;
        let evaluation = Arc::new(Evaluation::load(&plan.evaluation.folder)?);
        let rows = Arc::new(match &plan.since {
            None => evaluation.full(&plan.segment_id)?,
            Some(since) => {
                let since = Evaluation::load(&since.folder)?;
                let folder = self.inner.sandbox_folder(&self.job.sandbox)?;
                with_work(&self.inner, &self.watch, &folder, |work| {
                    evaluation.changes(&plan.segment_id, &since, plan.with_exits, work)
                })?
            }
        });
        let profiles = evaluation.open()?;
        let export = plan.export_plan(&profiles, rows.members().clone())?;
        let settings = &self.inner.settings;
        let departures = departures::folder(&self.inner.sandbox_folder(&self.job.sandbox)?, &plan.flow_id)?;
        let passed: Mutex<Option<Passed>> = Mutex::default();
        let ask = |parts: &[WholePart<'_>]| {
            let gate = Gate {
                inner: &self.inner,
                job: &self.job,
                watch: &self.watch,
                evaluation: &evaluation,
                rows: &rows,
                lateness: self.lateness,
            };
            let came_to = self.runtime.block_on(gate.pass(plan, about_to_leave(parts)))?;
            let is_outdated = matches!(came_to, Passed::Outdated);
            *passed.lock().unwrap_or_else(PoisonError::into_inner) = Some(came_to);
            if is_outdated { Err(gate::outdated()) } else { Ok(()) }
        };
        let outcome = outflow_export::run(&Run {
            plan: &export,
            profiles: &profiles,
            rule: None,
            rows: Some(Arc::clone(&rows)),
            session: Arc::clone(&self.session),
            runtime: self.runtime.clone(),
            resources: resources(&self.inner, self.inner.spill_folder()?.as_path()),
            progress: &self.watch.progress,
            encryption: self.encryption.as_ref(),
            verify: if settings.verify_full { VerifyLevel::Full } else { VerifyLevel::Receipt },
            departures: Some(&departures.join(plan.departures_stem())),
            before_publishing: Some(&ask),
            clock: &*self.inner.clock,
        });
        Ok(Exported { outcome, passed: passed.into_inner().unwrap_or_else(PoisonError::into_inner) })
    }
}

fn about_to_leave(parts: &[WholePart<'_>]) -> Vec<AboutToLeave> {
    let about = |part: &WholePart<'_>| {
        part.departures.map(|departures| AboutToLeave { name: part.name.to_owned(), departures: departures.clone() })
    };
    parts.iter().filter_map(about).collect()
}

fn resources(inner: &Inner, spill_folder: &Path) -> Resources {
    Resources {
        threads: inner.settings.threads_fitting(),
        memory_bytes: inner.settings.memory_bytes,
        spill_folder: spill_folder.to_owned(),
    }
}
