//! Closing a set whose messages are all settled: what was told counts, and what became of the messages is in their run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use outflow_export::messages::{self, Acks, LetterReason, OpenSet, ToldState, visit_letters};
use outflow_model::run::{RunError, WindowCounts};
use outflow_model::{Fault, FaultClass};
use outflow_store::{FencedTx, Job};

use super::ground::Ground;
use super::{end, windows};
use crate::context::Inner;
use crate::departures::{self, LeftWith, SetDepartures};
use crate::live::Watch;
use crate::steps::blocking;
use crate::steps::refresh::with_work;
use crate::streams::{Folders, LetterFolder, Numbers, Open, Redelivered, StreamState, Told, repaired};

/// Letters between which is asked whether the work goes on.
const CHECKED_LETTERS: u64 = 4_096;

/// What became of the messages of a set as far as they are settled. `check` is asked now and then whether this goes on.
///
/// # Errors
/// `Input` for files that are not there or damaged; those of `check`.
pub(super) fn settled(folder: &Path, check: &dyn Fn() -> Result<(), Fault>) -> Result<WindowCounts, Fault> {
    let acks = Acks::read(folder)?;
    let mut counts = WindowCounts { accepted: acks.accepted().len(), bytes: acks.bytes(), ..WindowCounts::default() };
    let mut read = 0_u64;
    visit_letters(folder, |letter| {
        read += 1;
        if read.is_multiple_of(CHECKED_LETTERS) {
            check()?;
        }
        // A crash may have left a letter about a message that went out once more.
        if !acks.refused().contains(letter.number) {
            return Ok(());
        }
        match letter.reason {
            LetterReason::Oversize => counts.oversize += 1,
            LetterReason::Refused => {
                counts.refused += 1;
                let fault = Fault::new(letter.class, letter.message.clone());
                counts.refuse(&RunError::from(&fault).code(), &letter.message, 1);
            }
        }
        Ok(())
    })?;
    counts.messages = counts.accepted + counts.oversize + counts.refused;
    Ok(counts)
}

/// Closes a set.
///
/// # Errors
/// `Input` for files that are not there or damaged; those of the store.
pub(super) async fn close(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    open: &Open,
) -> Result<(), Fault> {
    let (folder, looks_on) = (ground.folders.set(open.folder), Arc::clone(watch));
    let departures = departures_path(inner, job, open)?;
    let (counts, left) = blocking(move || {
        let made = OpenSet::load(&folder)?.counts;
        let left = departures::of_set(&folder, &departures, &|| looks_on.check())?;
        let counts = WindowCounts {
            entered: made.entered,
            left: made.left,
            attributes: made.attributes,
            identities: made.identities,
            rewrites: made.rewrites,
            resent: made.resent,
            ..settled(&folder, &|| looks_on.check())?
        };
        Ok((counts, left))
    })
    .await?;
    let told = match counts.oversize + counts.refused {
        0 => open.folder,
        _ => without_refused_exits(inner, job, watch, ground, open).await?,
    };
    let repaired = letters_repaired(inner, job, watch, &ground.folders, open).await?;
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    let Some(open) = state.open.take_if(|there| there.folder == open.folder) else { return Ok(()) };
    if counts.messages != open.messages {
        return Err(Fault::internal(format!("{} of {} messages are settled", counts.messages, open.messages)));
    }
    state.told = Some(Told::with(&open, told));
    state.taken_back = state.taken_back.saturating_sub(1);
    if let Some(redelivered) = &open.redelivered {
        redelivered.settle(&mut state);
    }
    if let Some(request) = &open.request {
        tx.drop_stream_request(request).await?;
    }
    repaired.settle(&mut state);
    count(inner, &mut tx, job, &mut state, &open, &counts, left).await?;
    if !state.incomplete && state.run.as_ref() == Some(&open.run_id) {
        windows::end_asked(inner, &mut tx, job, &mut state, now).await?;
    }
    windows::end_over(inner, &mut tx, job, now).await?;
    end::recover(&mut tx, job, now).await?;
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    Ok(tx.commit().await?)
}

/// The letters of earlier sets that what was accepted of this one makes needless. Letters that cannot be read stay.
///
/// # Errors
/// Those of the store, and that the work is not to go on.
pub(super) async fn letters_repaired(
    inner: &Inner,
    job: &Job,
    watch: &Arc<Watch>,
    folders: &Folders,
    open: &Open,
) -> Result<Redelivered, Fault> {
    let state = StreamState::find(&mut inner.store.read().await?, &job.subject).await?.unwrap_or_default();
    if state.letters.is_empty() {
        return Ok(Redelivered::default());
    }
    let (folders, watch, sent) = (folders.clone(), Arc::clone(watch), open.folder);
    match blocking(move || repaired(&folders, &state.letters, sent, &|| watch.check())).await {
        Err(fault) if fault.class == FaultClass::Input => {
            let fault = outflow_model::fault::chain(&fault);
            tracing::warn!(flow = %job.subject, %fault, "letters are not looked through: they stay as they are");
            Ok(Redelivered::default())
        }
        repaired => repaired,
    }
}

/// The folder of the told state that follows a set of which messages were refused: one of its own where profiles are still
/// in segments for the far end that they left.
async fn without_refused_exits(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    open: &Open,
) -> Result<u64, Fault> {
    let taken = StreamState::change(&inner.store, job, |state| state.folders += 1).await?;
    let turn = inner.turn_to_derive().await?;
    let (inner, watch, folders) = (Arc::clone(inner), Arc::clone(watch), ground.folders.clone());
    let (sandbox, sent) = (job.sandbox.clone(), open.folder);
    let told = blocking(move || {
        let before = taken.told.map(|told| ToldState::load(&folders.told(told.folder))).transpose()?;
        let after = ToldState::load(&folders.told(sent))?;
        let set = OpenSet::load(&folders.set(sent))?;
        // Nobody sends any more as long as these are open.
        let acks = Acks::open(&folders.set(sent))?;
        let (into, data) = (folders.numbered(taken.folders), inner.sandbox_folder(&sandbox)?);
        let told = with_work(&inner, &watch, &data, |work| {
            messages::close(before.as_ref(), &after, &set, &acks, &into, work)
        })?;
        Ok(told.map_or(sent, |_| taken.folders))
    })
    .await?;
    drop(turn);
    Ok(told)
}

/// Where it is written who left with a set.
pub(super) fn departures_path(inner: &Inner, job: &Job, open: &Open) -> Result<PathBuf, Fault> {
    let folder = departures::folder(&inner.sandbox_folder(&job.sandbox)?, &job.subject)?;
    Ok(departures::set_path(&folder, open.folder, &inner.attempt_name()))
}

/// Counts what became of a set's messages in their run, and keeps its letters and who left with it.
pub(super) async fn count(
    inner: &Inner,
    tx: &mut FencedTx,
    job: &Job,
    state: &mut StreamState,
    open: &Open,
    counts: &WindowCounts,
    left: Option<SetDepartures>,
) -> Result<(), Fault> {
    let now = inner.now();
    let set = LeftWith {
        sandbox: &job.sandbox,
        flow_id: &job.subject,
        run_id: &open.run_id,
        sequence: Some(state.sequence),
        decision: open.decision.seq,
    };
    departures::add_set(tx, &set, left, now).await?;
    windows::add(tx, job, &open.run_id, counts, now).await?;
    let lost = counts.oversize + counts.refused;
    if lost > 0 {
        state.keep_letters(LetterFolder {
            folder: open.folder,
            sequence: state.sequence,
            run_id: open.run_id.clone(),
            count: lost,
            at: now,
            redelivered: Numbers::default(),
        });
    }
    for (outcome, count) in [("accepted", counts.accepted), ("oversize", counts.oversize), ("refused", counts.refused)]
    {
        metrics::counter!("outflow_stream_messages_total", "outcome" => outcome).increment(count);
    }
    metrics::counter!("outflow_stream_bytes_total").increment(counts.bytes);
    Ok(())
}
