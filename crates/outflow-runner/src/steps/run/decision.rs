//! Whether what a run has planned may leave: when the plan is made, and again at each later try.

use outflow_governance::usage::UseKind;
use outflow_model::{Fault, FieldPath};
use outflow_store::{FencedTx, Job, Tx};
use serde_json::json;

use super::StoredPlan;
use super::made::Made;
use super::plan::Dedup;
use crate::context::Inner;
use crate::details::set;
use crate::governance::{self, Allowed, Decision, Leaving, Record, Refusal};
use crate::steps::{self, Ending};
use crate::worker::End;

/// Decides. The transaction must be a governed one.
///
/// # Errors
/// Those of [`governance::decide`].
pub(super) async fn decide(inner: &Inner, tx: &mut Tx, job: &Job, plan: &StoredPlan) -> Result<Decision, Fault> {
    governance::decide(inner, tx, &job.sandbox, &leaving(plan), Record::Yes).await
}

/// Whether what is planned may leave as it looks, with nothing written; it is decided when the plan is stored.
///
/// # Errors
/// Those of [`governance::decide`].
pub(super) async fn look(inner: &Inner, tx: &mut Tx, job: &Job, plan: &StoredPlan) -> Result<Decision, Fault> {
    governance::decide(inner, tx, &job.sandbox, &leaving(plan), Record::No).await
}

/// Reads what a decision looks at, so that nothing is read of files while others wait for it.
///
/// # Errors
/// Those of [`governance::read_ahead`].
pub(super) async fn read_ahead(inner: &Inner, job: &Job, plan: &StoredPlan) -> Result<(), Fault> {
    governance::read_ahead(inner, &job.sandbox, &leaving(plan)).await
}

/// What leaves with a plan. The flow may be another one by now.
fn leaving(plan: &StoredPlan) -> Leaving {
    let mut uses: Vec<(FieldPath, UseKind)> =
        plan.mapping.iter().map(|column| (column.path.clone(), UseKind::Mapping)).collect();
    uses.extend(plan.require.iter().map(|path| (path.clone(), UseKind::Mandatory)));
    match &plan.dedup {
        Some(Dedup::Namespace(namespace)) => {
            uses.push((FieldPath::of_names("identityMap", &[namespace.as_str()]), UseKind::Deduplication));
        }
        Some(Dedup::Attributes(paths)) => {
            uses.extend(paths.iter().map(|path| (path.clone(), UseKind::Deduplication)));
        }
        None => {}
    }
    let evaluations = [Some(plan.found_by()), plan.since.as_ref().map(|since| since.id.as_str())];
    // The files go where they were planned to, whatever the flow's target is by now.
    let target = json!({"id": plan.target_connection_id, "name": plan.target_name, "url": plan.place.url});
    let mut about =
        json!({"run": plan.run_id, "segment": plan.segment_id, "evaluation": plan.found_by(), "target": target});
    if plan.permitted_of.is_some() {
        set(&mut about, "permittedEvaluation", json!(plan.evaluation.id));
        set(&mut about, "withheld", json!(plan.withheld));
    }
    Leaving {
        flow_id: plan.flow_id.clone(),
        segments: vec![plan.segment_id.clone()],
        uses,
        actions: plan.actions.clone(),
        evaluations: evaluations.into_iter().flatten().map(str::to_owned).collect(),
        about,
    }
}

/// Decides on a plan that an earlier try has stored, and stores the decision with it. Where others are withheld by now, the
/// plan is one of whom may not be exported any more, and is made anew.
///
/// # Errors
/// Those of [`governance::decide`] and of the store.
pub(super) async fn again(inner: &Inner, job: &Job, mut plan: StoredPlan) -> Result<Made, Fault> {
    read_ahead(inner, job, &plan).await?;
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    match decide(inner, &mut tx, job, &plan).await? {
        Decision::Allowed(allowed) if !is_same(&plan, &allowed) => {
            tx.drop_plan(&job.subject).await?;
            tx.commit().await?;
            tracing::info!(run = %job.subject, "others are withheld than when the run was planned; it is planned anew");
            Ok(Made::Anew)
        }
        Decision::Allowed(allowed) => {
            plan.decision = Some(allowed.seq);
            plan.revision = Some(allowed.revision);
            // The same plan, in the same transaction: nothing of what it makes is another.
            tx.drop_plan(&job.subject).await?;
            tx.set_plan(&job.subject, &plan.text()?).await?;
            tx.commit().await?;
            Ok(Made::Plan(Box::new(plan)))
        }
        Decision::Refused(refusal) => refuse(inner, tx, job, &refusal).await.map(Made::End),
        Decision::Off(why) => Ok(Made::End(End::NotWanted(why))),
    }
}

/// Whether those are withheld who were when the plan was made.
pub(super) fn is_same(plan: &StoredPlan, allowed: &Allowed) -> bool {
    allowed.withholds_as(&plan.withholding)
}

/// Ends a run that may not leave. In one transaction with the pause of its flow, which would cancel it otherwise.
///
/// # Errors
/// Those of the store.
pub(super) async fn refuse(inner: &Inner, mut tx: FencedTx, job: &Job, refusal: &Refusal) -> Result<End, Fault> {
    let fault = refusal.fault();
    refusal.write(&mut tx, &job.sandbox).await?;
    steps::end(inner, &mut tx, job, &Ending::Failed { fault: &fault }).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    tracing::warn!(run = %job.subject, fault = %outflow_model::fault::chain(&fault), "a run may not export");
    inner.signal.notify_one();
    Ok(End::Done)
}
