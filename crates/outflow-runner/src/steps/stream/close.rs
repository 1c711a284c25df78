//! Closing a set whose messages are all settled: what was told counts, and what became of the messages is in their run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use outflow_export::messages::{Acks, LetterReason, OpenSet, visit_letters};
use outflow_model::Fault;
use outflow_model::run::{RunError, WindowCounts};
use outflow_store::{FencedTx, Job};

use super::ground::Ground;
use super::{end, windows};
use crate::context::Inner;
use crate::live::Watch;
use crate::steps::blocking;
use crate::streams::{LetterFolder, Open, StreamState, Told};

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
    inner: &Inner,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    open: &Open,
) -> Result<(), Fault> {
    let (folder, looks_on) = (ground.folders.set(open.folder), Arc::clone(watch));
    let counts = blocking(move || {
        let made = OpenSet::load(&folder)?.counts;
        Ok(WindowCounts {
            entered: made.entered,
            left: made.left,
            attributes: made.attributes,
            identities: made.identities,
            rewrites: made.rewrites,
            resent: made.resent,
            ..settled(&folder, &|| looks_on.check())?
        })
    })
    .await?;
    let now = inner.now();
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    let Some(open) = state.open.take_if(|there| there.folder == open.folder) else { return Ok(()) };
    if counts.messages != open.messages {
        return Err(Fault::internal(format!("{} of {} messages are settled", counts.messages, open.messages)));
    }
    state.told = Some(Told { folder: open.folder, evaluation_id: open.evaluation_id.clone() });
    if let Some(redelivered) = &open.redelivered {
        redelivered.settle(&mut state);
    }
    count(inner, &mut tx, job, &mut state, &open, &counts).await?;
    if !state.incomplete && state.run.as_ref() == Some(&open.run_id) {
        windows::end_asked(inner, &mut tx, job, &mut state, now).await?;
    }
    windows::end_over(inner, &mut tx, job, now).await?;
    end::recover(&mut tx, job, now).await?;
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    Ok(tx.commit().await?)
}

/// Counts what became of a set's messages in their run, and keeps its letters.
pub(super) async fn count(
    inner: &Inner,
    tx: &mut FencedTx,
    job: &Job,
    state: &mut StreamState,
    open: &Open,
    counts: &WindowCounts,
) -> Result<(), Fault> {
    let now = inner.now();
    windows::add(tx, job, &open.run_id, counts, now).await?;
    let lost = counts.oversize + counts.refused;
    if lost > 0 {
        state.keep_letters(LetterFolder {
            folder: open.folder,
            sequence: state.sequence,
            run_id: open.run_id.clone(),
            count: lost,
            at: now,
            redelivered: BTreeSet::new(),
        });
    }
    for (outcome, count) in [("accepted", counts.accepted), ("oversize", counts.oversize), ("refused", counts.refused)]
    {
        metrics::counter!("outflow_stream_messages_total", "outcome" => outcome).increment(count);
    }
    metrics::counter!("outflow_stream_bytes_total").increment(counts.bytes);
    Ok(())
}
