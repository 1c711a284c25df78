//! Taking back what was not sent of an open set: its profiles are told what is so by the next derivation.

use std::path::PathBuf;
use std::sync::Arc;

use outflow_export::messages::{Acks, OpenSet, ToldState, rebase};
use outflow_model::Fault;
use outflow_model::run::WindowCounts;
use outflow_store::Job;

use super::close::{count, departures_path, letters_repaired, settled};
use super::ground::Ground;
use crate::context::Inner;
use crate::departures::{self, SetDepartures};
use crate::live::Watch;
use crate::steps::blocking;
use crate::steps::refresh::with_work;
use crate::streams::{Folders, Open, StreamState, Told, Waiting};

/// A set may have so many bytes at least, however many before it were taken back.
const SET_BYTES_LEAST: u64 = 64 * 1024;

/// Whether what is on its way is overtaken by what waits, or was made for another target. What somebody asked for is sent to
/// its end.
pub(super) fn is_overtaken(ground: &Ground, state: &StreamState) -> bool {
    let is_asked_for =
        state.open.as_ref().is_some_and(|open| open.redelivered.is_some() || state.run.as_ref() == Some(&open.run_id));
    // What another target was to be told is made anew for this one, as that of everybody.
    ground.is_elsewhere(state) || (ground.options.coalesce && !state.waiting.is_empty() && !is_asked_for)
}

/// Takes an open set back. Answers how many of its messages were settled by then.
///
/// # Errors
/// `Unavailable` while another process sends it; `Input` for files that are not there or damaged; those of the store.
pub(super) async fn fold(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    folders: &Folders,
    open: &Open,
) -> Result<u64, Fault> {
    watch.enter("deriving");
    let taken = StreamState::change(&inner.store, job, |state| state.folders += 1).await?;
    let folder = taken.folders;
    let task = Task {
        inner: Arc::clone(inner),
        watch: Arc::clone(watch),
        sandbox: job.sandbox.clone(),
        folders: folders.clone(),
        before: taken.told.as_ref().map(|told| told.folder),
        open: open.clone(),
        folder,
        departures: departures_path(inner, job, open)?,
    };
    let turn = inner.turn_to_derive().await?;
    let (counts, left) = blocking(move || task.make()).await?;
    drop(turn);
    let repaired = letters_repaired(inner, job, watch, folders, open).await?;
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    let Some(open) = state.open.take_if(|there| there.folder == open.folder) else { return Ok(0) };
    state.told = Some(Told::with(&open, folder));
    state.incomplete = true;
    take_back(&mut state, &open);
    repaired.settle(&mut state);
    count(inner, &mut tx, job, &mut state, &open, &counts, left).await?;
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.commit().await?;
    tracing::info!(flow = %job.subject, settled = counts.messages, messages = open.messages, "what was not sent of a set was taken back");
    Ok(counts.messages)
}

/// Gives up an open set that cannot be read; what became of its messages counts as far as that can be read. The told state
/// before it counts on, and its evaluation is derived anew.
///
/// # Errors
/// Those of the store.
pub(super) async fn give_up(
    inner: &Inner,
    job: &Job,
    folders: &Folders,
    open: &Open,
    why: &Fault,
) -> Result<(), Fault> {
    let (sent, departures) = (folders.set(open.folder), departures_path(inner, job, open)?);
    let (counts, left) = blocking(move || {
        let left = departures::of_set(&sent, &departures, &|| Ok(()))?;
        Ok((settled(&sent, &|| Ok(())).unwrap_or_default(), left))
    })
    .await?;
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    let Some(open) = state.open.take_if(|there| there.folder == open.folder) else { return Ok(()) };
    state.waiting.insert(0, Waiting { id: open.evaluation_id.clone(), time: state.taken.unwrap_or(inner.now()) });
    state.incomplete = false;
    take_back(&mut state, &open);
    count(inner, &mut tx, job, &mut state, &open, &counts, left).await?;
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.commit().await?;
    let fault = outflow_model::fault::chain(why);
    tracing::warn!(flow = %job.subject, settled = counts.messages, messages = open.messages, %fault, "a set that cannot be read was given up");
    Ok(())
}

/// How large a set may become, which is `whole` bytes where the last was sent. After some in a row that were taken back
/// unsent, it is an eighth of the one before: the less is in it, the less likely it tells of somebody who is withheld
/// before it is sent.
pub(super) fn set_bytes_max(whole: u64, taken_back: u32) -> u64 {
    let eighths = taken_back.saturating_sub(1).min(20);
    (whole >> (3 * eighths)).max(SET_BYTES_LEAST.min(whole))
}

/// What was to be told with a set is due again. The request that asked for it is still there.
fn take_back(state: &mut StreamState, open: &Open) {
    if state.run.as_ref() == Some(&open.run_id) {
        state.again = true;
    } else if open.everybody {
        // It was for a target that was new: everybody is to be told all the same.
        state.who = Some(String::new());
    }
}

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
    folders: Folders,
    before: Option<u64>,
    open: Open,
    folder: u64,
    departures: PathBuf,
}

impl Task {
    fn make(self) -> Result<(WindowCounts, Option<SetDepartures>), Fault> {
        let before = self.before.map(|folder| ToldState::load(&self.folders.told(folder))).transpose()?;
        let after = ToldState::load(&self.folders.told(self.open.folder))?;
        let sent = self.folders.set(self.open.folder);
        let set = OpenSet::load(&sent)?;
        // Nobody sends any more as long as these are open.
        let acks = Acks::open(&sent)?;
        let into = self.folders.make(self.folder)?;
        let data = self.inner.sandbox_folder(&self.sandbox)?;
        with_work(&self.inner, &self.watch, &data, |work| rebase(before.as_ref(), &after, &set, &acks, &into, work))?;
        let check = || self.watch.check();
        let left = departures::of_set(&sent, &self.departures, &check)?;
        Ok((settled(&sent, &check)?, left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_that_are_taken_back_become_smaller_and_never_nothing() {
        let sizes = [0, 1, 2, 3, 9, u32::MAX].map(|taken_back| set_bytes_max(1 << 30, taken_back));
        assert_eq!(sizes, [1 << 30, 1 << 30, 1 << 27, 1 << 24, 1 << 16, 1 << 16]);
        assert_eq!(set_bytes_max(1, 9), 1);
    }
}
