//! Whether what a stream tells may leave: before it is derived, when the set is named, and each time it is sent on.

use std::sync::Arc;
use std::time::Duration;

use outflow_export::messages::{Acks, OpenSet, tells_of_any};
use outflow_governance::usage::UseKind;
use outflow_model::run::RunKind;
use outflow_model::{Fault, FieldPath};
use outflow_store::{FencedTx, Flow, Job, Reader};
use serde_json::{Value, json};

use super::ground::Ground;
use super::{end, windows};
use crate::alerts;
use crate::context::Inner;
use crate::governance::{self, Allowed, Decision, Leaving, Record, Refusal};
use crate::live::Watch;
use crate::steps::blocking;
use crate::streams::{Open, Sent, StreamState};

/// How long a set is sent at least before it is taken back because others are withheld by now. Who is added to the
/// suppression list every few seconds must not keep everybody else from being told.
pub(super) const SENT_FOR: Duration = Duration::from_secs(60);

/// What comes of a question about an open set.
pub(super) enum Gate {
    /// It may go on, by this revision of what governs exports.
    Open(i64),
    /// It may not, or the flow is not followed any more: the next round sees.
    Closed,
    /// The set may not be sent as it is, and is to be taken back: the flow has changed since it was made, or others are
    /// withheld.
    TakeBack,
}

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

/// What a derivation sends that is made by `ground`.
fn leaving(ground: &Ground, state: &StreamState, evaluation: &str, about: Value) -> Leaving {
    let mapping = ground.activation.mapping.iter().map(|row| row.path.clone()).collect();
    of(&ground.flow.id, ground.segment_ids(), mapping, evaluations(state, evaluation), about)
}

/// What an open set sends. The flow may be another one by now; the basis says what the set was made by.
fn leaving_of_set(job: &Job, state: &StreamState, open: &Open) -> Result<Leaving, Fault> {
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
    [evaluation.to_owned()].into_iter().chain(told.filter(|told| told != evaluation)).collect()
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
    /// The run that its messages name, and how many there are, once they are made: only then is the decision recorded.
    /// What brings no message leaves no record.
    pub made: Option<(&'a str, u64)>,
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
    let Asked { ground, state, evaluation, sequence, made } = *of;
    let (run, messages) = made.unwrap_or_default();
    let about = about(run, sequence, evaluation, messages);
    let record = if messages > 0 { Record::Yes } else { Record::No };
    let leaving = leaving(ground, state, evaluation, about);
    match governance::decide(inner, &mut tx, &job.sandbox, &leaving, record).await? {
        Decision::Allowed(allowed) => Ok(Some((tx, allowed))),
        Decision::Off(_) => Ok(None),
        Decision::Refused(refusal) => {
            let is_changed = refusal.flow_version() != ground.flow.version;
            if refuse(inner, tx, job, &refusal).await? || is_changed {
                return Ok(None);
            }
            // What changed with it goes with the next.
            StreamState::change(&inner.store, job, |state| state.waiting.retain(|of| of.id != evaluation)).await?;
            Err(refusal.fault())
        }
    }
}

/// Decides whether an open set may be sent on. As long as nothing changed that governs exports, the last decision stands.
/// Asked before each round of sending, so that a set never begins to be sent to somebody who is withheld by then.
///
/// # Errors
/// Those of [`governance::decide`] and of the store; `Input` for a set that is not there or damaged.
pub(super) async fn before_sending(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    state: &StreamState,
) -> Result<Gate, Fault> {
    let Some(open) = &state.open else { return Ok(Gate::Closed) };
    let now = inner.store.read().await?.governance(&job.sandbox).await?;
    // What an earlier release made was decided by nobody.
    if now.revision == open.decision.revision && open.decision.seq > 0 {
        return Ok(Gate::Open(now.revision));
    }
    let leaving = leaving_of_set(job, state, open)?;
    let harmless = without_others(inner, job, watch, ground, state, &leaving).await?;
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    match governance::decide(inner, &mut tx, &job.sandbox, &leaving, Record::Yes).await? {
        Decision::Allowed(allowed) => {
            let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
            let Some(there) = state.open.as_mut().filter(|there| there.folder == open.folder) else {
                return Ok(Gate::Closed);
            };
            let made = Sent { harmless: harmless.unwrap_or_default(), ..there.decision.clone() };
            if !made.is_withheld_by(&allowed.withholding()) {
                // Nothing is sent by this decision, which is therefore none.
                return Ok(Gate::TakeBack);
            }
            there.decision = Sent { seq: allowed.seq, revision: allowed.revision, ..made };
            state.put(&mut tx, &job.sandbox, &job.subject).await?;
            tx.commit().await?;
            Ok(Gate::Open(allowed.revision))
        }
        Decision::Refused(refusal) => {
            let is_paused = refuse(inner, tx, job, &refusal).await?;
            Ok(if is_paused { Gate::Closed } else { Gate::TakeBack })
        }
        Decision::Off(_) => Ok(Gate::Closed),
    }
}

/// What withholds others than an open set was made without, where nothing is left in the set of who is on the suppression
/// list by now. Whoever is withheld by what they agreed to is not looked for: a policy that says otherwise is rare.
async fn without_others(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    state: &StreamState,
    leaving: &Leaving,
) -> Result<Option<String>, Fault> {
    let Some(open) = &state.open else { return Ok(None) };
    let mut reader = inner.store.read().await?;
    let Some(flow) = reader.find::<Flow>(&job.sandbox, &job.subject).await? else { return Ok(None) };
    let Some(now) = governance::may_go_on(inner, &mut reader, &flow, leaving).await? else { return Ok(None) };
    drop(reader);
    if open.decision.is_withheld_by(&now) || !governance::is_same_consent(&open.decision.withholding, &now) {
        return Ok(Some(open.decision.harmless.clone()));
    }
    let Some(revision) = governance::suppression_revision(&now) else { return Ok(None) };
    let Some(keys) = governance::suppressed(inner, &job.sandbox, revision).await? else { return Ok(None) };
    let (folder, watch) = (ground.folders.set(open.folder), Arc::clone(watch));
    let tells =
        blocking(move || tells_of_any(&OpenSet::load(&folder)?, &Acks::read(&folder)?, &keys, &|| watch.check()));
    Ok((!tells.await?).then_some(now))
}

/// Whether a set that is being sent may go on where what governs exports has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    /// It may.
    On,
    /// It may until it is looked at again, although others are withheld by now.
    OnAWhile,
    /// It is to be asked where the governance is locked.
    No,
}

/// Looks whether a set that has been sent for so long may go on.
///
/// # Errors
/// As [`before_sending`].
pub(super) async fn going(
    inner: &Inner,
    reader: &mut Reader,
    job: &Job,
    state: &StreamState,
    sent_for: Duration,
) -> Result<Going, Fault> {
    let Some(open) = &state.open else { return Ok(Going::No) };
    let Some(flow) = reader.find::<Flow>(&job.sandbox, &job.subject).await? else { return Ok(Going::No) };
    let leaving = leaving_of_set(job, state, open)?;
    let withholding = governance::may_go_on(inner, reader, &flow, &leaving).await?;
    Ok(match withholding {
        Some(withholding) if open.decision.is_withheld_by(&withholding) => Going::On,
        Some(_) if sent_for < SENT_FOR => Going::OnAWhile,
        _ => Going::No,
    })
}

/// Whether others are withheld than when the told state was made. Where it is looked, and they are not, that is noted.
///
/// # Errors
/// As [`before_sending`].
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
    let withholding = governance::may_go_on(inner, &mut reader, &ground.flow, &leaving).await?;
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
