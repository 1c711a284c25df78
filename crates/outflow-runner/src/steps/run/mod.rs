//! Carrying a run out: plan, decide, export and deliver, finish.
//!
//! Before anything has an effect it is decided whether what is planned may leave (`decision`), and the plan is stored with
//! that decision; each later try decides anew. From then on a try, on this server or on another one, on this day or
//! on the next, makes the same bytes under the same names, and finds what an earlier try has delivered. When every file is
//! whole and none is visible it is looked once more whether others must be withheld by now (`gate`): then it is planned
//! anew; else it is written down who is about to leave. The last transaction, under the job's fence, writes files, metrics
//! and alerts, confirms departures, advances the incremental state and takes the job off the queue: all of it, or nothing
//! and the run is carried out again.

mod begin;
mod decision;
mod deliver;
mod encryption;
mod end;
mod facts;
mod finish;
mod gate;
mod made;
mod outdated;
mod place;
mod plan;
mod report;
mod withheld;

use std::sync::Arc;
use std::time::Duration;

use outflow_model::Fault;
use outflow_store::Job;

pub(crate) use deliver::open as open_target;
pub(crate) use end::{end, interrupted};
pub(crate) use facts::{connection_id, describe_undelivered};
pub(crate) use place::{account, connector, target};
pub(crate) use plan::StoredPlan;

use crate::context::Inner;
use crate::live::Watch;
use crate::progress::EXPORTING;
use crate::worker::End;

/// What a run does that is planned once more.
const PLANNING: &str = "planning";

/// How long a run waits that was planned anew so often that it gives way.
const REMADE_EVERY: Duration = Duration::from_secs(2);

/// Carries a run out.
pub(crate) async fn run(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let Some(begun) = begin::begin(inner, job).await? else { return Ok(End::Done) };
    for lateness in [gate::Lateness::Waits; gate::REMAKES_MAX].into_iter().chain([gate::Lateness::Goes]) {
        let planned = match plan(inner, job, &begun, watch).await? {
            made::Made::Plan(plan) => *plan,
            made::Made::End(end) => return Ok(end),
            made::Made::Anew => return Err(Fault::internal("a plan was made and is to be made anew")),
        };
        if let Some(reason) = begin::unwanted(inner, job, &begun.body).await? {
            return Ok(End::NotWanted(reason));
        }
        watch.check()?;
        watch.enter(EXPORTING);
        let reporter = report::start(inner, job, watch);
        let delivered = deliver::deliver(inner, job, &planned, watch, lateness).await;
        drop(reporter);
        report::look(inner, watch);
        let (outcome, planned) = match delivered? {
            deliver::Delivered::Whole(outcome, planned) => (*outcome, planned),
            deliver::Delivered::Outdated => {
                watch.enter(PLANNING);
                watch.produce_anew();
                continue;
            }
        };
        finish::finish(inner, job, &begun, &planned, outcome, watch.produced_at()).await?;
        inner.signal.notify_one();
        return Ok(End::Done);
    }
    Ok(End::Wait { wait: REMADE_EVERY, why: "what may leave changed each time while it was exported".into() })
}

/// The plan that an earlier try stored, where it may leave as it is, else a new one.
async fn plan(inner: &Arc<Inner>, job: &Job, begun: &begin::Begun, watch: &Arc<Watch>) -> Result<made::Made, Fault> {
    if let Some(plan) = begin::stored_plan(inner, job).await? {
        match decision::again(inner, job, plan).await? {
            made::Made::Anew => {}
            made => return Ok(made),
        }
    }
    made::make(inner, job, begun, watch).await
}
