//! Looking around while a set is sent, which may take hours: whether it is still wanted, whether it is the turn of others,
//! what came meanwhile, and telling how far it is.

use std::sync::Arc;
use std::time::Duration;

use outflow_model::Fault;
use outflow_model::run::{RunError, RunState};
use outflow_store::{Flow, Job, Run};
use tokio::task::JoinHandle;

use super::drain::Sight;
use super::fold::is_overtaken;
use super::gate::Going;
use super::ground::{Ground, is_made_with, signature};
use super::{Turn, evaluations, gate};
use crate::context::Inner;
use crate::details::set;
use crate::ledger;
use crate::progress::RunProgress;
use crate::streams::StreamState;

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After how many looks the store is told how far it is, which is a write.
const LOOKS: u32 = 2;

/// Looks until dropped.
pub(super) struct Looking {
    task: JoinHandle<()>,
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What this try goes by.
pub(super) struct Basis {
    /// What it is made with; see [`signature`].
    pub tried: String,
    /// Its turn.
    pub turn: Turn,
    /// The revision of what governs exports by which it was seen last that the set may be sent.
    pub revision: i64,
}

/// Begins to look.
pub(super) fn start(
    inner: &Arc<Inner>,
    job: &Job,
    ground: &Arc<Ground>,
    sight: &Arc<Sight>,
    mut basis: Basis,
) -> Looking {
    let (inner, job) = (Arc::clone(inner), job.clone());
    let (ground, sight) = (Arc::clone(ground), Arc::clone(sight));
    let task = tokio::spawn(async move {
        let mut looks = 0;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            looks += 1;
            let mut looked = look(&inner, &job, &ground, &sight, &mut basis).await;
            if looked.is_ok() && looks % LOOKS == 0 {
                looked = report(&inner, &job, &sight).await;
            }
            if let Err(fault) = looked {
                tracing::debug!(flow = %job.subject, fault = %fault.message, "could not look around while a set is sent");
            }
        }
    });
    Looking { task }
}

async fn look(inner: &Inner, job: &Job, ground: &Ground, sight: &Sight, basis: &mut Basis) -> Result<(), Fault> {
    let mut reader = inner.store.read().await?;
    let flow = reader.find::<Flow>(&job.sandbox, &job.subject).await?.filter(|flow| ledger::is_enabled(flow));
    let Some(flow) = flow else {
        sight.call_back();
        return Ok(());
    };
    // A wish alone waits for its turn; a flow, target or account that is another one does not.
    if !is_made_with(&basis.tried, &signature(&mut reader, &flow).await?) {
        sight.call_back();
        return Ok(());
    }
    let Some(state) = StreamState::find(&mut reader, &job.subject).await? else { return Ok(()) };
    let revision = reader.governance(&job.sandbox).await?.revision;
    if revision != basis.revision {
        // What cannot be judged may not go on.
        let going = gate::going(inner, &mut reader, job, &state, sight.took()).await;
        match going.inspect_err(|_| sight.call_back())? {
            Going::On => basis.revision = revision,
            Going::OnAWhile => {}
            Going::No => {
                sight.call_back();
                return Ok(());
            }
        }
    }
    drop(reader);
    let state = evaluations::note(inner, job, ground, state).await?;
    if is_overtaken(ground, &state) || basis.turn.is_over(inner).await? {
        sight.call_back();
    }
    Ok(())
}

async fn report(inner: &Inner, job: &Job, sight: &Sight) -> Result<(), Fault> {
    let Some(progress) = sight.so_far() else { return Ok(()) };
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let Some(mut state) = StreamState::find(&mut tx, &job.subject).await? else { return Ok(()) };
    match progress.throttled_since {
        Some(since) => {
            state.enter("throttled", now);
            state.condition.since = Some(since);
        }
        None => state.enter("sending", now),
    }
    state.condition.fault = progress.last_fault.as_deref().map(RunError::from);
    let Some(open) = &mut state.open else { return Ok(()) };
    let settled = progress.accepted + progress.refused;
    open.settled = settled;
    let (run, messages) = (open.run_id.clone(), open.messages);
    let secs = sight.took().as_secs_f64();
    let pace = if secs > 0.0 { progress.accepted as f64 / secs } else { 0.0 };
    let told = RunProgress {
        state: RunState::Processing.as_str().into(),
        step: state.condition.state.clone(),
        profiles_total: messages,
        profiles_read: settled,
        rows_written: progress.accepted,
        rows_per_sec: pace,
        secs_left: (pace > 0.0).then(|| messages.saturating_sub(settled) as f64 / pace),
        updated_at: now,
        ..RunProgress::default()
    };
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    if let Some(document) = tx.find::<Run>(&job.sandbox, &run).await? {
        let mut details = document.details.clone();
        set(&mut details, "progress", serde_json::to_value(told).unwrap_or_default());
        tx.set_details::<Run>(&job.sandbox, &run, &details).await?;
    }
    Ok(tx.commit().await?)
}
