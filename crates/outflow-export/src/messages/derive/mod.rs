//! The derivation: the told state compared with an evaluation, profile by profile.
//!
//! Both are in the global order, so they are walked side by side, a piece of it at a time on each thread. Of every profile
//! that is in a mapped segment, or was told of, its attributes and identities are encoded as a message would have them and
//! hashed. Where that, its memberships or its newest record is not what was told, and the flow looks for such a change, a
//! message goes into the open set, and what it says into the next told state. Everything else is told as before.
//!
//! # Who stays in the told state
//!
//! Who is in a mapped segment, and who is in one for the far end. Where membership is no trigger, a profile that enters is
//! noted as it is, so that a later change is one; who vanishes from the data is forgotten. Who left, and of whom the target
//! refused to take that, stays until somebody asks for the message or it changes.
//!
//! # Who is withheld
//!
//! The evaluation has no members that may not be told of, and says of each profile whether it is one of those. Who was told
//! of and is withheld now has left; the message has its identities and its memberships, and no attributes. So it is with
//! those who vanished and would be withheld by what is last known of them.
//!
//! # What is not mapped any more
//!
//! Attributes that the told state keeps of those who vanished were made by the mapping of then. Where that had a path that
//! is not mapped any more, the exit has none of them: whether it may leave was asked of what is mapped now.
//!
//! # When the set is full
//!
//! The profiles that would have a message keep the rows that they had, and the next derivation over the same evaluation
//! goes on with them; who was asked for is due there. Which those are depends on which thread was how far; nothing else
//! does.

mod compare;
mod last_known;
mod output;
mod piece;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

use outflow_model::Fault;
use outflow_profiles::Work;
use outflow_profiles::membership::{Evaluation, ExclusionRule, ProfileKeys};
use outflow_profiles::snapshot::Snapshot;
use serde::{Deserialize, Serialize};

use super::disk::{make_folder, unwritable};
use super::outbox::{OpenSet, PartOfSet, SetCounts};
use super::shape::MessageShape;
use super::told::{ToldPart, ToldState};
use piece::{Pass, Worker};

/// The changes that a flow tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Triggers {
    /// A profile entered a mapped segment, left one, or left and came back.
    pub segmentation: bool,
    /// A mapped attribute has another value.
    pub attributes: bool,
    /// The identities are others.
    pub identities: bool,
    /// There is a newer record, though nothing else changed.
    pub rewrites: bool,
}

impl Default for Triggers {
    fn default() -> Triggers {
        Triggers { segmentation: true, attributes: true, identities: true, rewrites: false }
    }
}

/// Who gets a message though nothing changed.
#[derive(Clone, Copy)]
pub enum Resend<'a> {
    /// Nobody.
    None,
    /// Everybody who is in a mapped segment.
    All,
    /// These, if they are in a mapped segment. Those that left after the far end was told that they are get their exit, also
    /// where it was refused before.
    Profiles(&'a ProfileKeys),
}

/// What is to be derived.
pub struct Derivation<'a> {
    /// The flow; event ids depend on it.
    pub flow_id: &'a str,
    /// The window or run that the messages are of.
    pub run_id: &'a str,
    /// Number of the derivation, above that of the told state.
    pub sequence: u64,
    /// Who is in which segment now.
    pub evaluation: &'a Evaluation,
    /// What messages hold; made for the profiles of the evaluation.
    pub shape: &'a MessageShape,
    /// Which changes are told.
    pub triggers: Triggers,
    /// What the far end was told; nothing, without one.
    pub told: Option<&'a ToldState>,
    /// The snapshot of the evaluation that the told state is of: what is last known of those that vanished.
    pub told_over: Option<&'a Snapshot>,
    /// Who is withheld: of those that vanished, nothing but identities is told where any of these is about them. Of those
    /// that are there, the evaluation knows.
    pub withheld: &'a [ExclusionRule],
    /// Who gets a message though nothing changed.
    pub resend: Resend<'a>,
    /// Bytes of the set's files from which on no message is added.
    pub set_bytes_max: u64,
    /// A folder of its own; gets `told` and, if there are messages, `set`. What an earlier attempt left there is removed.
    pub into: &'a Path,
}

/// What a derivation came to.
#[derive(Debug)]
pub struct Derived {
    /// The messages; `None` when there are none.
    pub set: Option<OpenSet>,
    /// What the far end knows when it has them.
    pub told: ToldState,
    /// Whether there is a message for every change; otherwise the next derivation goes on.
    pub complete: bool,
}

/// What a thread holds: told rows of a piece, encoded profiles, blocks that are compressed.
const THREAD_BYTES: u64 = 96 << 20;

/// `work` on as many threads as there is memory for, one at least.
pub(super) fn within_memory<'a>(work: &Work<'a>) -> Work<'a> {
    let fit = usize::try_from(work.memory_bytes / THREAD_BYTES).unwrap_or(usize::MAX);
    Work { threads: work.threads.min(fit).max(1), ..*work }
}

/// Compares what was told with an evaluation. Everything is on the disk when this answers, whole and named by `told.json`
/// and `set.json`; a call that fails leaves neither.
///
/// # Errors
/// `Internal` where a mapped segment is not of the evaluation, or the sequence does not rise; `Input` for files that are
/// not there or damaged; `Refused` where the disk does not take what is written; and whatever `work.check` answers.
pub fn derive(derivation: &Derivation<'_>, work: &Work<'_>) -> Result<Derived, Fault> {
    (work.check)()?;
    if derivation.told.is_some_and(|told| told.sequence >= derivation.sequence) {
        return Err(Fault::internal("a derivation has no higher number than the one before"));
    }
    let (told_folder, set_folder) = (derivation.into.join("told"), derivation.into.join("set"));
    for folder in [&told_folder, &set_folder] {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(|e| unwritable(folder, e))?;
        }
        make_folder(folder)?;
    }
    let segments: Vec<String> = derivation.shape.segments().iter().map(|segment| segment.id.clone()).collect();
    let standings = derivation.evaluation.standings(&segments)?;
    let pieces = derivation.told.map_or(standings.parts(), |told| told.pieces(standings.parts()));
    let pass = Pass {
        derivation,
        standings,
        pieces,
        told_folder,
        set_folder,
        read: AtomicU64::new(0),
        set_bytes: AtomicI64::new(0),
        is_full: AtomicBool::new(false),
        keeps_attributes: derivation.told.is_some_and(|told| derivation.shape.has_all_of(told.mapping.as_deref())),
        held_back: AtomicU64::new(0),
        work,
    };
    let workers = within_memory(work).spread(
        pieces,
        || Worker::new(&pass),
        |worker, piece| pass.piece(worker, piece),
        |worker| Ok((worker.parts, worker.counts)),
    )?;
    pass.finish(segments, workers)
}

impl Pass<'_> {
    /// Names what the workers wrote.
    fn finish(self, segments: Vec<String>, workers: Vec<(Vec<PieceOutcome>, SetCounts)>) -> Result<Derived, Fault> {
        let derivation = self.derivation;
        let mut counts = SetCounts::default();
        let mut outcomes = Vec::new();
        for (parts, own) in workers {
            outcomes.extend(parts);
            counts.entered += own.entered;
            counts.left += own.left;
            counts.attributes += own.attributes;
            counts.identities += own.identities;
            counts.rewrites += own.rewrites;
            counts.resent += own.resent;
        }
        outcomes.sort_by_key(|outcome| outcome.piece);
        let complete = self.held_back.into_inner() == 0;
        let parts: Vec<PartOfSet> = outcomes.iter_mut().filter_map(|outcome| outcome.set.take()).collect();
        let messages = parts.iter().map(|part| part.messages).sum();
        let (sequence, run_id) = (derivation.sequence, derivation.run_id.to_string());
        let set = OpenSet { folder: self.set_folder, sequence, run_id, messages, parts, counts };
        let told: Vec<ToldPart> = outcomes.iter().map(|outcome| outcome.told).collect();
        let told = ToldState {
            folder: self.told_folder,
            sequence,
            segments,
            evaluation_id: derivation.evaluation.id.clone(),
            mapping: Some(derivation.shape.mapping()),
            profiles: told.iter().map(|part| part.profiles).sum(),
            parts: told,
        };
        told.save()?;
        if messages == 0 {
            std::fs::remove_dir(&set.folder).map_err(|e| unwritable(&set.folder, e))?;
            return Ok(Derived { set: None, told, complete });
        }
        set.save()?;
        Ok(Derived { set: Some(set), told, complete })
    }
}

/// What was written of a piece.
struct PieceOutcome {
    piece: usize,
    told: ToldPart,
    set: Option<PartOfSet>,
}
