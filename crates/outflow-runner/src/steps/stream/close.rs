//! Closing a set whose messages are all settled: what was told counts, and what became of the messages is in their run.

use std::path::Path;

use outflow_export::messages::{Acks, LetterReason, OpenSet, read_letters};
use outflow_model::Fault;
use outflow_model::run::{RunError, WindowCounts};
use outflow_store::{FencedTx, Job};

use super::ground::Ground;
use super::{end, windows};
use crate::context::Inner;
use crate::steps::blocking;
use crate::streams::{LetterFolder, Numbers, Open, StreamState, Told};

/// Letters that are read at once.
const LETTERS_AT_ONCE: usize = 1_000;

/// What became of the messages of a set as far as they are settled.
///
/// # Errors
/// `Input` for files that are not there or damaged.
pub(super) fn settled(folder: &Path) -> Result<WindowCounts, Fault> {
    let acks = Acks::read(folder)?;
    let mut counts = WindowCounts { accepted: acks.accepted().len(), bytes: acks.bytes(), ..WindowCounts::default() };
    let mut passed = 0;
    while acks.refused().len() > passed {
        let letters = read_letters(folder, passed, LETTERS_AT_ONCE)?;
        if letters.is_empty() {
            break;
        }
        passed += letters.len() as u64;
        // A crash may have left a letter about a message that went out once more.
        for letter in letters.iter().filter(|letter| acks.refused().contains(letter.number)) {
            match letter.reason {
                LetterReason::Oversize => counts.oversize += 1,
                LetterReason::Refused => {
                    counts.refused += 1;
                    let fault = Fault::new(letter.class, letter.message.clone());
                    counts.refuse(&RunError::from(&fault).code(), &letter.message, 1);
                }
            }
        }
    }
    counts.messages = counts.accepted + counts.oversize + counts.refused;
    Ok(counts)
}

/// Closes a set.
///
/// # Errors
/// `Input` for files that are not there or damaged; those of the store.
pub(super) async fn close(inner: &Inner, job: &Job, ground: &Ground, open: &Open) -> Result<(), Fault> {
    let folder = ground.folders.set(open.folder);
    let counts = blocking(move || {
        let made = OpenSet::load(&folder)?.counts;
        Ok(WindowCounts {
            entered: made.entered,
            left: made.left,
            attributes: made.attributes,
            identities: made.identities,
            rewrites: made.rewrites,
            resent: made.resent,
            ..settled(&folder)?
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
