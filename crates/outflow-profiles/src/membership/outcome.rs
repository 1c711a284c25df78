//! What threads found, written in the order of parts.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use outflow_model::{Fault, FaultClass};

use super::evaluation::GhostPart;
use super::file::{Entry, MEMBERSHIP_FILE, MembershipWriter, WITHHELD_FILE, to_batch};
use super::ghosts::GhostWriter;
use super::pass::PartWithheld;
use super::{SegmentCounts, WithheldCounts};
use crate::folder::Folder;

/// One part, compared.
pub(super) struct PartOutcome {
    /// The row group of the part.
    pub memberships: RecordBatch,
    /// By the number of the segment.
    pub counts: Vec<SegmentCounts>,
    /// The ghosts whose place is behind those of the part before, if there are any.
    pub ghosts: Option<(RecordBatch, Vec<Entry>)>,
    /// Who is withheld, where anybody may be.
    pub withheld: Option<PartWithheld>,
}

/// Takes outcomes in the order of parts.
pub(super) struct Sink<'f> {
    folder: &'f Folder,
    /// Parts of the snapshot: behind them come ghosts.
    parts: usize,
    segments: Vec<&'f str>,
    writer: MembershipWriter,
    ghosts: GhostWriter<'f>,
    counts: Vec<SegmentCounts>,
    withheld: Option<(MembershipWriter, Vec<WithheldCounts>)>,
}

/// What was written.
pub(super) struct Written {
    pub groups: Vec<usize>,
    pub ghosts: Vec<GhostPart>,
    pub counts: Vec<SegmentCounts>,
    /// The part of each row group of withheld rows, and their counts.
    pub withheld: (Vec<usize>, Vec<WithheldCounts>),
}

impl<'f> Sink<'f> {
    pub fn new(
        folder: &'f Folder,
        id: &str,
        parts: usize,
        segments: Vec<&'f str>,
        ghost_rows_max: u32,
    ) -> Result<Sink<'f>, Fault> {
        let zero = |id: &&str| SegmentCounts { id: (*id).to_string(), realized: 0, existing: 0, exited: 0 };
        Ok(Sink {
            folder,
            parts,
            writer: MembershipWriter::new(folder, id, MEMBERSHIP_FILE)?,
            ghosts: GhostWriter::new(folder, ghost_rows_max),
            counts: segments.iter().map(zero).collect(),
            segments,
            withheld: None,
        })
    }

    /// With a file of withheld rows. `counts` say what is counted, in the order in which parts do.
    pub fn with_withheld(
        mut self,
        folder: &'f Folder,
        id: &str,
        counts: Vec<WithheldCounts>,
    ) -> Result<Sink<'f>, Fault> {
        self.withheld = Some((MembershipWriter::new(folder, id, WITHHELD_FILE)?, counts));
        Ok(self)
    }

    /// Takes the outcome of part number `part`, which is the next.
    fn take(&mut self, part: usize, outcome: PartOutcome) -> Result<(), Fault> {
        for (all, of_part) in self.counts.iter_mut().zip(&outcome.counts) {
            all.realized += of_part.realized;
            all.existing += of_part.existing;
            all.exited += of_part.exited;
        }
        self.writer.add(part, &outcome.memberships)?;
        if let (Some((writer, all)), Some(of_part)) = (&mut self.withheld, outcome.withheld) {
            writer.add(part, &of_part.rows)?;
            for (all, (profiles, entered)) in all.iter_mut().zip(of_part.counts) {
                all.profiles += profiles;
                all.entered += entered;
            }
        }
        if let Some((batch, entries)) = outcome.ghosts {
            let written = self.ghosts.parts.len();
            for (number, entries) in self.ghosts.add(batch, entries)?.into_iter().enumerate() {
                self.tell_of_ghosts(written + number, entries)?;
            }
        }
        Ok(())
    }

    fn tell_of_ghosts(&mut self, number: usize, entries: Vec<Entry>) -> Result<(), Fault> {
        self.writer.add(self.parts + number, &to_batch(entries, &self.segments)?)
    }

    /// Ends the files.
    pub fn finish(mut self) -> Result<Written, Fault> {
        let written = self.ghosts.parts.len();
        if let Some(entries) = self.ghosts.finish()? {
            self.tell_of_ghosts(written, entries)?;
        }
        let groups = self.writer.finish(self.folder)?;
        let withheld = match self.withheld {
            Some((writer, counts)) => (writer.finish(self.folder)?, counts),
            None => (Vec::new(), Vec::new()),
        };
        Ok(Written { groups, ghosts: self.ghosts.parts, counts: self.counts, withheld })
    }
}

/// Whose turn it is. Threads take parts in ascending order, so that whoever has the next one is at work on it, and each
/// that waits holds one outcome.
pub(super) struct Turns<'f> {
    state: Mutex<State<'f>>,
    changed: Condvar,
}

struct State<'f> {
    sink: Sink<'f>,
    next: usize,
    /// The lowest part that failed: those behind it have no turn any more, those before it still do.
    failed: Option<usize>,
}

impl<'f> Turns<'f> {
    pub fn new(sink: Sink<'f>) -> Turns<'f> {
        Turns { state: Mutex::new(State { sink, next: 0, failed: None }), changed: Condvar::new() }
    }

    /// Hands over the outcome of part number `part` when its turn comes. A fault ends the waiting of all parts behind it.
    pub fn hand_over(&self, part: usize, outcome: Result<PartOutcome, Fault>) -> Result<(), Fault> {
        let outcome = outcome.inspect_err(|_| self.fail(part))?;
        let mut state = self.lock();
        while state.next != part {
            if state.failed.is_some_and(|failed| failed < part) {
                return Err(Fault::new(FaultClass::Interrupted, "a part before this one failed"));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let taken = state.sink.take(part, outcome);
        state.next += usize::from(taken.is_ok());
        drop(state);
        self.changed.notify_all();
        taken.inspect_err(|_| self.fail(part))
    }

    /// Ends the waiting of the parts behind `part` should its thread panic while the answer lives.
    pub fn watch(&self, part: usize) -> Watch<'_, 'f> {
        Watch { turns: self, part }
    }

    fn lock(&self) -> MutexGuard<'_, State<'f>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, part: usize) {
        let mut state = self.lock();
        state.failed = Some(state.failed.map_or(part, |failed| failed.min(part)));
        drop(state);
        self.changed.notify_all();
    }

    /// The sink, when all parts were handed over.
    pub fn into_sink(self) -> Sink<'f> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).sink
    }
}

/// A thread at work on a part.
pub(super) struct Watch<'t, 'f> {
    turns: &'t Turns<'f>,
    part: usize,
}

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.turns.fail(self.part);
        }
    }
}
