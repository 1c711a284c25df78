//! Carrying a run out: plan, decide, export and deliver, finish.
//!
//! Before anything has an effect it is decided whether what is planned may leave (`decision`), and the plan is stored with
//! that decision; each later try decides anew. From then on a try, on this server or on another one, on this day or
//! on the next, makes the same bytes under the same names, and finds what an earlier try has delivered. The last
//! transaction, under the job's fence, writes files, departures, metrics and alerts, advances the incremental state and takes the
//! job off the queue: all of it, or nothing and the run is carried out again.

mod begin;
mod decision;
mod deliver;
mod encryption;
mod end;
mod facts;
mod finish;
mod made;
mod place;
mod plan;
mod report;
mod withheld;

use std::sync::Arc;

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

/// Carries a run out.
pub(crate) async fn run(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Result<End, Fault> {
    let Some(begun) = begin::begin(inner, job).await? else { return Ok(End::Done) };
    let made = match begin::stored_plan(inner, job).await? {
        Some(plan) => decision::again(inner, job, plan).await?,
        None => made::Made::Anew,
    };
    let made = match made {
        made::Made::Anew => made::make(inner, job, &begun, watch).await?,
        made => made,
    };
    let planned = match made {
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
    let outcome = deliver::deliver(inner, job, &planned, watch).await;
    drop(reporter);
    report::look(inner, watch);
    finish::finish(inner, job, &begun, &planned, outcome?, watch.produced_at()).await?;
    inner.signal.notify_one();
    Ok(End::Done)
}
