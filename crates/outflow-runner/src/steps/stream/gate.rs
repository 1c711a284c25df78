//! The last look before an open set is sent on: may it leave still, where it is to go, and whom does it tell of?
//!
//! As long as nothing changed that governs exports, the last decision stands. Else it is decided anew; and where others are
//! on the suppression list than when the set was made, what is left of it is read for them. That takes a while, in which
//! the list may grow: who comes to it then comes behind the decision, and is looked for at the next look. Else a list that
//! grows all the time would keep everybody from being told.

use std::sync::Arc;
use std::time::Duration;

use outflow_export::messages::{Acks, OpenSet, tells_of_any};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::snapshot::IdentityKeys;
use outflow_store::{FencedTx, Flow, Job, Reader};

use super::decision::{leaving_of_set, refuse};
use super::ground::{Ground, is_made_with, signature};
use crate::context::Inner;
use crate::governance::{self, Allowed, Decision, Leaving, Record, Withholding};
use crate::live::Watch;
use crate::steps::blocking;
use crate::streams::{Open, Sent, StreamState};

/// How long a set is sent at least before it is looked through again because others are on the suppression list by now. Who
/// is added to it every few seconds must not keep everybody else from being told.
const SENT_FOR: Duration = Duration::from_secs(60);

/// What comes of a question about an open set.
pub(super) enum Gate {
    /// It may go on, by this revision of what governs exports.
    Open(i64),
    /// It may not, or the flow is not followed any more, or is another one: the next round sees.
    Closed,
    /// The set may not be sent as it is, and is to be taken back: the flow has changed since it was made, or others are
    /// withheld.
    TakeBack,
}

/// What is decided on a set.
enum Answer {
    /// It may be sent.
    May(Box<Sending>),
    /// It may not be sent now.
    Not(Gate),
}

/// That a set may be sent.
struct Sending {
    /// The transaction, in which nothing of it can change.
    tx: FencedTx,
    /// The state as it is.
    state: StreamState,
    allowed: Allowed,
}

/// An open set that is asked about.
struct Question<'a> {
    inner: &'a Arc<Inner>,
    job: &'a Job,
    /// As it was when the round began that sends it.
    state: &'a StreamState,
    open: &'a Open,
    leaving: Leaving,
}

/// Decides whether an open set may be sent on. Asked before each round of sending, so that a round never begins that sends
/// to somebody who is withheld by its decision.
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
    // What was decided by nobody is decided now.
    if now.revision == open.decision.revision && open.decision.seq > 0 {
        return Ok(Gate::Open(now.revision));
    }
    let leaving = leaving_of_set(job, state, open)?;
    governance::read_ahead(inner, &job.sandbox, &leaving).await?;
    let asked = Question { inner, job, state, open, leaving };
    let Sending { mut tx, state, allowed } = match asked.ask(Record::Yes).await? {
        Answer::May(sending) => *sending,
        Answer::Not(gate) => return Ok(gate),
    };
    if open.decision.is_withheld_by(&allowed.withholding()) {
        return asked.send_by(tx, state, &allowed, open.decision.harmless.clone()).await;
    }
    if !allowed.asks_consent_as(&open.decision.withholding) {
        // Nothing is sent by this decision, which is therefore none.
        return Ok(Gate::TakeBack);
    }
    let Some(withholding) = Withholding::within(inner, &mut tx, &job.sandbox, &allowed).await? else {
        return Ok(Gate::Closed);
    };
    // What is looked at is decided; who is put on the list while that takes place comes behind this decision.
    tx.commit().await?;
    if asked.tells_of_any(watch, ground, withholding.into_suppressed()).await? {
        return Ok(Gate::TakeBack);
    }
    match asked.ask(Record::No).await? {
        Answer::Not(gate) => Ok(gate),
        Answer::May(now) if !now.allowed.asks_consent_as(&open.decision.withholding) => Ok(Gate::TakeBack),
        Answer::May(now) => asked.send_by(now.tx, now.state, &allowed, allowed.withholding()).await,
    }
}

impl Question<'_> {
    /// Decides.
    async fn ask(&self, record: Record) -> Result<Answer, Fault> {
        let Question { inner, job, .. } = *self;
        let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
        let allowed = match governance::decide(inner, &mut tx, &job.sandbox, &self.leaving, record).await {
            Ok(Decision::Allowed(allowed)) => allowed,
            Ok(Decision::Refused(refusal)) => {
                let is_paused = refuse(inner, tx, job, &refusal).await?;
                return Ok(Answer::Not(if is_paused { Gate::Closed } else { Gate::TakeBack }));
            }
            Ok(Decision::Off(_)) => return Ok(Answer::Not(Gate::Closed)),
            // By which rule its members were found is not known any more; by a later evaluation it is.
            Err(fault) if fault.class == FaultClass::Refused => return Ok(Answer::Not(Gate::TakeBack)),
            Err(fault) => return Err(fault),
        };
        let flow = tx.find::<Flow>(&job.sandbox, &job.subject).await?;
        let state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
        let is_there = state.open.as_ref().is_some_and(|there| there.folder == self.open.folder);
        // The decision is about the target as it is now. It may be another one than this round sends to.
        let is_here = match flow {
            Some(flow) => is_made_with(&self.state.tried, &signature(&mut tx, &flow).await?),
            None => false,
        };
        match is_there && is_here {
            true => Ok(Answer::May(Box::new(Sending { tx, state, allowed }))),
            false => Ok(Answer::Not(Gate::Closed)),
        }
    }

    /// Has the set sent by a decision.
    async fn send_by(
        &self,
        mut tx: FencedTx,
        mut state: StreamState,
        by: &Allowed,
        harmless: String,
    ) -> Result<Gate, Fault> {
        let Some(open) = &mut state.open else { return Ok(Gate::Closed) };
        open.decision = Sent { seq: by.seq, revision: by.revision, harmless, ..open.decision.clone() };
        state.put(&mut tx, &self.job.sandbox, &self.job.subject).await?;
        tx.commit().await?;
        Ok(Gate::Open(by.revision))
    }

    /// Whether what is left of the set tells of somebody on a suppression list. Whoever is withheld by what they agreed to is
    /// not looked for: a policy that says otherwise is rare.
    async fn tells_of_any(
        &self,
        watch: &Arc<Watch>,
        ground: &Ground,
        suppressed: Arc<IdentityKeys>,
    ) -> Result<bool, Fault> {
        let turn = self.inner.turn_to_derive().await?;
        let (folder, watch) = (ground.folders.set(self.open.folder), Arc::clone(watch));
        let look =
            move || tells_of_any(&OpenSet::load(&folder)?, &Acks::read(&folder)?, &suppressed, &|| watch.check());
        let tells = blocking(look).await?;
        drop(turn);
        Ok(tells)
    }
}

/// Whether a set that is being sent may go on where what governs exports has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    /// It may.
    On,
    /// It may until it is looked at again, although others are on the suppression list by now.
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
        Some(now) if sent_for < SENT_FOR && governance::is_same_consent(&open.decision.withholding, &now) => {
            Going::OnAWhile
        }
        _ => Going::No,
    })
}
