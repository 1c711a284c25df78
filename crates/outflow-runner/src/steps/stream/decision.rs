//! Whether what a stream tells may leave: before it is derived, and when the set is named. Whether the set is sent is the
//! `gate`'s.

use outflow_governance::usage::UseKind;
use outflow_model::run::RunKind;
use outflow_model::{Fault, FaultClass, FieldPath};
use outflow_store::{FencedTx, Job};
use serde_json::{Value, json};

use super::ground::Ground;
use super::{end, windows};
use crate::alerts;
use crate::context::Inner;
use crate::governance::{self, Allowed, Decision, Leaving, Record, Refusal};
use crate::streams::{Open, Sent, StreamState};

impl From<&Allowed> for Sent {
    fn from(allowed: &Allowed) -> Sent {
        Sent {
            seq: allowed.seq,
            revision: allowed.revision,
            actions: allowed.actions.clone(),
            withholding: allowed.withholding(),
            harmless: String::new(),
        }
    }
}

/// What messages over an evaluation send that are made by `ground`.
fn leaving(ground: &Ground, state: &StreamState, evaluation: &str, about: Value) -> Leaving {
    let mapping = ground.activation.mapping.iter().map(|row| row.path.clone()).collect();
    of(&ground.flow.id, ground.segment_ids(), mapping, evaluations(state, evaluation), about)
}

/// What an open set sends. The flow may be another one by now; the basis says what the set was made by.
///
/// # Errors
/// `Internal` for a basis that cannot be read.
pub(super) fn leaving_of_set(job: &Job, state: &StreamState, open: &Open) -> Result<Leaving, Fault> {
    let basis: Option<(Vec<String>, Vec<FieldPath>, Value, Value)> =
        state.basis.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let Some((segments, mapping, ..)) = basis else {
        return Err(Fault::internal("what a set of messages was made by cannot be read"));
    };
    let about = about(&open.run_id, state.sequence, &open.evaluation_id, open.messages);
    let mut leaving = of(&job.subject, segments, mapping, evaluations(state, &open.evaluation_id), about);
    leaving.actions.clone_from(&open.decision.actions);
    Ok(leaving)
}

fn of(flow: &str, segments: Vec<String>, mapping: Vec<FieldPath>, evaluations: Vec<String>, about: Value) -> Leaving {
    let mut uses: Vec<(FieldPath, UseKind)> = mapping.into_iter().map(|path| (path, UseKind::Mapping)).collect();
    uses.push((FieldPath::of_names("identityMap", &[]), UseKind::Message));
    Leaving { flow_id: flow.to_owned(), segments, uses, actions: Vec::new(), evaluations, about }
}

/// The evaluations whose profiles are told of: who vanished since the last one is told with its values.
fn evaluations(state: &StreamState, evaluation: &str) -> Vec<String> {
    let told = state.told.iter().map(|told| told.evaluation_id.clone());
    [evaluation.to_owned()].into_iter().chain(told.filter(|told| !told.is_empty() && told != evaluation)).collect()
}

fn about(run: &str, sequence: u64, evaluation: &str, messages: u64) -> Value {
    json!({"run": run, "sequence": sequence, "evaluation": evaluation, "messages": messages})
}

/// What was derived, or will be.
pub(super) struct Asked<'a> {
    /// What it is made by.
    pub ground: &'a Ground,
    /// The state of the stream.
    pub state: &'a StreamState,
    /// The evaluation.
    pub evaluation: &'a str,
    /// The number of the derivation.
    pub sequence: u64,
    /// What was made, once it is: only then is the decision recorded.
    pub made: Option<Making<'a>>,
}

/// What was made of a derivation.
pub(super) struct Making<'a> {
    /// The run that its messages name.
    pub run: &'a str,
    /// How many there are. What brings no message leaves no record.
    pub messages: u64,
    /// The revision of what governs exports that it was made by. Where there is another one by now, it leaves no record
    /// either, which would be of another suppression list: it is decided before the first message is sent.
    pub revision: i64,
}

impl Asked<'_> {
    fn leaving(&self) -> Leaving {
        let (run, messages) = self.made.as_ref().map_or(("", 0), |made| (made.run, made.messages));
        leaving(self.ground, self.state, self.evaluation, about(run, self.sequence, self.evaluation, messages))
    }
}

/// Reads what a decision looks at, so that nothing is read of files while others wait for it.
///
/// # Errors
/// Those of [`governance::read_ahead`].
pub(super) async fn read_ahead(inner: &Inner, job: &Job, of: &Asked<'_>) -> Result<(), Fault> {
    governance::read_ahead(inner, &job.sandbox, &of.leaving()).await
}

/// Decides on a derivation: in the transaction that begins it, and in the one that names what was made. Answers the
/// transaction where it may leave; where not, the transaction is over, and the next round sees what is to be done.
///
/// # Errors
/// `Refused` where this evaluation may not be told, and the flow as it is may tell others; those of [`governance::decide`].
pub(super) async fn decide(
    inner: &Inner,
    mut tx: FencedTx,
    job: &Job,
    of: &Asked<'_>,
) -> Result<Option<(FencedTx, Allowed)>, Fault> {
    let Asked { ground, evaluation, made, .. } = of;
    let revision = tx.lock_governance(&job.sandbox).await?.revision;
    let is_recorded = made.as_ref().is_some_and(|made| made.messages > 0 && made.revision == revision);
    let record = if is_recorded { Record::Yes } else { Record::No };
    let leaving = of.leaving();
    match governance::decide(inner, &mut tx, &job.sandbox, &leaving, record).await? {
        Decision::Allowed(allowed) => Ok(Some((tx, allowed))),
        Decision::Off(_) => Ok(None),
        Decision::Refused(refusal) => {
            let is_changed = refusal.flow_version() != ground.flow.version;
            if refuse(inner, tx, job, &refusal).await? || is_changed {
                return Ok(None);
            }
            // What changed with it goes with the next.
            StreamState::change(&inner.store, job, |state| state.waiting.retain(|of| of.id != *evaluation)).await?;
            Err(refusal.fault())
        }
    }
}

/// Whether others are withheld than when the told state was made. Where it is looked, and they are not, that is noted.
///
/// # Errors
/// Those of [`governance::may_go_on`] and of the store.
pub(super) async fn withholds_others(
    inner: &Inner,
    job: &Job,
    ground: &Ground,
    state: &StreamState,
) -> Result<bool, Fault> {
    let Some(told) = &state.told else { return Ok(false) };
    let mut reader = inner.store.read().await?;
    let revision = reader.governance(&job.sandbox).await?.revision;
    if told.governed == revision {
        return Ok(false);
    }
    let leaving = leaving(ground, state, &told.evaluation_id, Value::Null);
    // What may not be told is found when there is something to tell.
    let withholding = match governance::may_go_on(inner, &mut reader, &ground.flow, &leaving).await {
        // A segment is the flow's since, and how that evaluation found its members is not known: it is derived anew.
        Err(fault) if fault.class == FaultClass::Refused => return Ok(true),
        withholding => withholding?,
    };
    drop(reader);
    if withholding.is_some_and(|withholding| !told.is_withheld_by(&withholding)) {
        return Ok(true);
    }
    StreamState::change(&inner.store, job, |state| {
        if let Some(told) = &mut state.told {
            told.governed = revision;
        }
    })
    .await?;
    Ok(false)
}

/// Writes that a stream may not tell what it would. Where the flow as it is may not, it is paused, what somebody asked for
/// has failed, and people are told; answers whether.
///
/// # Errors
/// Those of the store.
pub(super) async fn refuse(inner: &Inner, mut tx: FencedTx, job: &Job, refusal: &Refusal) -> Result<bool, Fault> {
    let now = inner.now();
    let fault = refusal.fault();
    let is_paused = refusal.write(&mut tx, &job.sandbox).await?;
    if is_paused {
        let error = outflow_model::run::RunError::from(&fault);
        if let Some(mut body) = end::about(&mut tx, job, now).await? {
            body.error = Some(error.clone());
            alerts::failed(&mut tx, &body.id, &job.sandbox, &body, now).await?;
        }
        if let Some(run) = tx.live_run_of_stream(&job.subject, RunKind::Now.as_str()).await? {
            windows::fail(&mut tx, job, &run.id, error, now).await?;
        }
    }
    tx.commit().await?;
    tracing::warn!(flow = %job.subject, is_paused, fault = %outflow_model::fault::chain(&fault), "a stream may not tell what it would");
    inner.signal.notify_one();
    Ok(is_paused)
}
