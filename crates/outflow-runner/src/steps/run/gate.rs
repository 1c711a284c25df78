//! The last look before anything of a run becomes visible: may what was planned leave still, and who is about to?
//!
//! Producing files takes a while, in which people are put on the suppression list and policies change. Where somebody who
//! is in the files must be withheld by now, nothing is published, and the run is planned anew. That costs the whole export
//! once more, so it is done a few times at most ([`REMAKES_MAX`]); then the files go by the list that their plan was made
//! by, unless policies changed. Else a list that grows all the time would keep an export from ever leaving.
//!
//! In the same transaction it is written down who is about to leave: whatever becomes of this process, it is known of
//! everybody who may have left.

use std::sync::Arc;

use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::Evaluation;
use outflow_profiles::scan::RowSelection;
use outflow_store::{FencedTx, Job};

use super::decision;
use super::plan::StoredPlan;
use crate::context::Inner;
use crate::departures::{self, AboutToLeave};
use crate::governance::{Allowed, Decision, Withholding};
use crate::live::Watch;
use crate::steps::blocking;
use crate::steps::refresh::with_work;

/// How often a try plans anew because others must be withheld when its files are whole.
pub(super) const REMAKES_MAX: usize = 3;

/// What becomes of files in which somebody is who was put on the suppression list since they were planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lateness {
    /// They are made anew.
    Waits,
    /// They leave by the decision of their plan: they were made anew often enough.
    Goes,
}

/// What came of passing.
pub(super) enum Passed {
    /// They may become visible.
    Through {
        /// The plan, with the decision that they leave by.
        plan: Box<StoredPlan>,
        /// Who is about to leave.
        announced: Vec<AboutToLeave>,
        /// The paths of those of them that no earlier try wrote down.
        new: Vec<String>,
    },
    /// They may not, as they are.
    Outdated,
}

/// What ends an export that did not pass.
pub(super) fn outdated() -> Fault {
    Fault::new(FaultClass::Interrupted, "what may leave is something else by now; it is planned anew")
}

/// The gate.
pub(super) struct Gate<'a> {
    pub inner: &'a Arc<Inner>,
    pub job: &'a Job,
    pub watch: &'a Arc<Watch>,
    /// What the files are of.
    pub evaluation: &'a Arc<Evaluation>,
    /// Who is in them.
    pub rows: &'a Arc<RowSelection>,
    pub lateness: Lateness,
}

impl Gate<'_> {
    /// Passes.
    ///
    /// # Errors
    /// Those of the decision, of the store and of the evaluation's files.
    pub async fn pass(&self, plan: &StoredPlan, announced: Vec<AboutToLeave>) -> Result<Passed, Fault> {
        decision::read_ahead(self.inner, self.job, plan).await?;
        let mut plan = plan.clone();
        let mut tx = self.governed().await?;
        if plan.revision == Some(tx.lock_governance(&self.job.sandbox).await?.revision) {
            return self.through(tx, plan, announced).await;
        }
        let Decision::Allowed(allowed) = decision::decide(self.inner, &mut tx, self.job, &plan).await? else {
            return Ok(Passed::Outdated);
        };
        if !allowed.asks_consent_as(&plan.withholding) {
            return Ok(Passed::Outdated);
        }
        if decision::is_same(&plan, &allowed) {
            keep(&mut tx, self.job, &mut plan, &allowed).await?;
            return self.through(tx, plan, announced).await;
        }
        if self.lateness == Lateness::Goes {
            drop(tx);
            tracing::info!(run = %self.job.subject, "others were suppressed again while files were made; they go by the list of their plan");
            return self.if_unchanged(plan, None, announced).await;
        }
        let withholding = Withholding::within(self.inner, &mut tx, &self.job.sandbox, &allowed).await?;
        let Some(withholding) = withholding else { return Ok(Passed::Outdated) };
        // What is looked at is decided; who is put on the list while that takes place comes behind this decision.
        tx.commit().await?;
        match self.is_anybody_suppressed(&plan, withholding.suppressed_alone()).await? {
            true => Ok(Passed::Outdated),
            false => self.if_unchanged(plan, Some(&allowed), announced).await,
        }
    }

    async fn governed(&self) -> Result<FencedTx, Fault> {
        Ok(self.inner.store.begin_fenced_governed(&self.job.lease(), &self.job.sandbox).await?)
    }

    /// Lets a plan through that was decided before, if it may leave still and nothing but the suppression list has changed.
    /// It leaves by `by`, else by its own decision.
    async fn if_unchanged(
        &self,
        mut plan: StoredPlan,
        by: Option<&Allowed>,
        announced: Vec<AboutToLeave>,
    ) -> Result<Passed, Fault> {
        decision::read_ahead(self.inner, self.job, &plan).await?;
        let mut tx = self.governed().await?;
        match decision::look(self.inner, &mut tx, self.job, &plan).await? {
            Decision::Allowed(allowed) if allowed.asks_consent_as(&plan.withholding) => {
                if let Some(by) = by {
                    keep(&mut tx, self.job, &mut plan, by).await?;
                }
                self.through(tx, plan, announced).await
            }
            _ => Ok(Passed::Outdated),
        }
    }

    async fn through(&self, mut tx: FencedTx, plan: StoredPlan, announced: Vec<AboutToLeave>) -> Result<Passed, Fault> {
        let new = departures::announce(&mut tx, self.job, &plan, &announced, self.inner.now()).await?;
        tx.commit().await?;
        Ok(Passed::Through { plan: Box::new(plan), announced, new })
    }

    /// Whether anybody who is in the files is withheld, as the files tell of them: those who entered and, where those are
    /// written too, those who left.
    async fn is_anybody_suppressed(&self, plan: &StoredPlan, withholding: Withholding) -> Result<bool, Fault> {
        let (inner, watch) = (Arc::clone(self.inner), Arc::clone(self.watch));
        let (evaluation, rows) = (Arc::clone(self.evaluation), Arc::clone(self.rows));
        let (sandbox, segments) = (self.job.sandbox.clone(), [plan.segment_id.clone()]);
        let look = move || {
            let data = inner.sandbox_folder(&sandbox)?;
            let exclusions = withholding.exclusions(&segments, &evaluation);
            with_work(&inner, &watch, &data, |work| evaluation.would_withhold_of(&rows, &exclusions, work))
        };
        blocking(look).await
    }
}

/// Stores a plan in the place of the same one with an earlier decision.
async fn keep(tx: &mut FencedTx, job: &Job, plan: &mut StoredPlan, by: &Allowed) -> Result<(), Fault> {
    plan.decision = Some(by.seq);
    plan.revision = Some(by.revision);
    plan.withholding = by.withholding();
    tx.drop_plan(&job.subject).await?;
    Ok(tx.set_plan(&job.subject, &plan.text()?).await?)
}
