//! Taking those out of a plan who must not be exported.
//!
//! A plan names an evaluation, and this is where another one takes its place: the same without who is withheld, compared
//! with what was delivered last. Who is withheld is looked at before, as finding them takes a while; when the plan is
//! stored it is decided anew, and what was found counts only if the same are withheld still.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_profiles::membership::{Evaluation, permit};
use outflow_store::Job;

use super::decision;
use super::plan::{EvaluationRef, StoredPlan, Withheld};
use crate::context::Inner;
use crate::governance::{Allowed, Decision, Withholding};
use crate::live::Watch;
use crate::steps::blocking;
use crate::steps::refresh::with_work;

/// A plan of which nobody is exported who is withheld.
pub(super) struct Permitted {
    pub plan: StoredPlan,
    /// What takes the evaluation's place, where anything does.
    pub evaluation: Option<Evaluation>,
    /// The decision that it goes by, where that was made before: see [`How::Settled`].
    pub decided: Option<Allowed>,
}

/// How it is found out who is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// As it looks. When the plan is stored it is decided, and what was found counts if it is so still.
    Look,
    /// It is decided first, by the suppression list as it is then, and what is found counts although others are on the list
    /// by the time that it was found. For a list that changes all the time, which would keep an export from ever leaving.
    Settled,
}

/// The plan without those who are withheld. `None` where that changed meanwhile. One that may not leave is answered as it
/// is: whoever stores it finds that.
///
/// # Errors
/// `Input` for evaluations that are not there or damaged, and whatever stops the job.
pub(super) async fn withhold(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    mut plan: StoredPlan,
    how: How,
) -> Result<Option<Permitted>, Fault> {
    decision::read_ahead(inner, job, &plan).await?;
    let looked = match how {
        How::Look => look(inner, job, &plan).await?,
        How::Settled => settle(inner, job, &plan).await?,
    };
    let (allowed, withholding) = match looked {
        Looked::Allowed(allowed, withholding) => (allowed, withholding),
        Looked::Not => return Ok(Some(Permitted { plan, evaluation: None, decided: None })),
        Looked::Changed => return Ok(None),
    };
    plan.withholding = allowed.withholding();
    let decided = (how == How::Settled).then_some(allowed);
    let task = Task { inner: Arc::clone(inner), watch: Arc::clone(watch), sandbox: job.sandbox.clone(), withholding };
    let (of, since, segment) = (plan.evaluation.clone(), plan.since.clone(), plan.segment_id.clone());
    let permitted = blocking(move || task.permit(&of, since.as_ref(), segment)).await?;
    if let Some(evaluation) = &permitted {
        plan.permitted_of = Some(plan.evaluation.id.clone());
        plan.evaluation = EvaluationRef { id: evaluation.id.clone(), folder: evaluation.folder.clone() };
        let withheld = evaluation.withheld.iter().map(|counts| Withheld {
            reason: counts.reason,
            policy_id: counts.policy.clone(),
            profiles: if plan.since.is_some() { counts.entered } else { counts.profiles },
        });
        plan.withheld = withheld.filter(|withheld| withheld.profiles > 0).collect();
    }
    Ok(Some(Permitted { plan, evaluation: permitted, decided }))
}

/// What a look came to.
enum Looked {
    Allowed(Allowed, Withholding),
    /// It may not leave, or is not wanted.
    Not,
    /// The suppression list is another one by now.
    Changed,
}

async fn look(inner: &Inner, job: &Job, plan: &StoredPlan) -> Result<Looked, Fault> {
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    let Decision::Allowed(allowed) = decision::look(inner, &mut tx, job, plan).await? else { return Ok(Looked::Not) };
    drop(tx);
    let withholding = Withholding::of(inner, &job.sandbox, &allowed).await?;
    Ok(withholding.map_or(Looked::Changed, |withholding| Looked::Allowed(allowed, withholding)))
}

/// Decides, and reads the suppression list while nobody can change it.
async fn settle(inner: &Inner, job: &Job, plan: &StoredPlan) -> Result<Looked, Fault> {
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    let Decision::Allowed(allowed) = decision::decide(inner, &mut tx, job, plan).await? else { return Ok(Looked::Not) };
    let Some(withholding) = Withholding::within(inner, &mut tx, &job.sandbox, &allowed).await? else {
        return Ok(Looked::Changed);
    };
    tx.commit().await?;
    Ok(Looked::Allowed(allowed, withholding))
}

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
    withholding: Withholding,
}

impl Task {
    /// The evaluation to export; `None` where nobody can be withheld, and nobody was from what was delivered last.
    fn permit(
        &self,
        of: &EvaluationRef,
        since: Option<&EvaluationRef>,
        segment: String,
    ) -> Result<Option<Evaluation>, Fault> {
        let evaluation = Evaluation::load(&of.folder)?;
        let since = since.map(|since| Evaluation::load(&since.folder)).transpose()?;
        let segments = [segment];
        let exclusions = self.withholding.exclusions(&segments, &evaluation);
        // Who is withheld no more has entered, which the evaluation itself does not know.
        let were_withheld = since.as_ref().is_some_and(|since| since.withholds(&segments[0]));
        if exclusions.is_empty() && !were_withheld {
            return Ok(None);
        }
        let folder = self.inner.sandbox_folder(&self.sandbox)?;
        with_work(&self.inner, &self.watch, &folder, |work| {
            permit(&evaluation, &segments, &exclusions, since.as_ref(), work)
        })
        .map(Some)
    }
}
