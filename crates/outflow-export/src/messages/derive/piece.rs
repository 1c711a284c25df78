//! One piece of the global order: its told rows beside its profiles.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use arrow::array::Array;
use outflow_model::Fault;
use outflow_profiles::Work;
use outflow_profiles::membership::{StandingBatch, Standings};

use super::super::body::Membership;
use super::super::encode::Encoder;
use super::super::outbox::SetCounts;
use super::super::told::{EXIT_REFUSED, Lasts, ToldRow, ToldRows, fingerprint};
use super::compare::{Now, Reasons};
use super::last_known::{LOOKED_UP_MAX, LastKnown, is_withheld, of_id};
use super::output::Output;
use super::{Derivation, PieceOutcome, Resend};

/// One derivation, as all threads see it.
pub(super) struct Pass<'a> {
    pub derivation: &'a Derivation<'a>,
    pub standings: Standings,
    pub pieces: usize,
    pub told_folder: PathBuf,
    pub set_folder: PathBuf,
    /// Profiles read so far.
    pub read: AtomicU64,
    /// Bytes of the set's files so far.
    pub set_bytes: AtomicI64,
    /// No message is added any more.
    pub is_full: AtomicBool,
    /// Whether all that the attributes have that the told state keeps is mapped still.
    pub keeps_attributes: bool,
    /// Profiles that would have had one.
    pub held_back: AtomicU64,
    pub work: &'a Work<'a>,
}

/// What a thread works with. Buffers are kept from profile to profile.
pub(super) struct Worker<'a> {
    encoder: Encoder<'a>,
    last_known: LastKnown<'a>,
    told: ToldRows,
    lasts: Option<Lasts<'a>>,
    fragments: Fragments,
    now: Vec<(u32, i64)>,
    memberships: Vec<Membership>,
    pub counts: SetCounts,
    pub parts: Vec<PieceOutcome>,
}

/// Attributes and identities of a profile, as messages have them.
#[derive(Default)]
struct Fragments {
    attributes: Vec<u8>,
    identities: Vec<u8>,
}

impl Fragments {
    fn set(&mut self, (attributes, identities): (&[u8], &[u8])) {
        self.attributes.clear();
        self.attributes.extend_from_slice(attributes);
        self.identities.clear();
        self.identities.extend_from_slice(identities);
    }

    fn both(&self) -> (&[u8], &[u8]) {
        (&self.attributes, &self.identities)
    }
}

impl<'a> Worker<'a> {
    pub fn new(pass: &'a Pass<'a>) -> Result<Worker<'a>, Fault> {
        let derivation = pass.derivation;
        Ok(Worker {
            encoder: Encoder::new(derivation.shape),
            last_known: LastKnown::new(derivation.told_over, derivation.shape, derivation.withheld)?,
            told: ToldRows::default(),
            lasts: derivation.told.map(Lasts::new),
            fragments: Fragments::default(),
            now: Vec::new(),
            memberships: Vec::new(),
            counts: SetCounts::default(),
            parts: Vec::new(),
        })
    }
}

impl Pass<'_> {
    /// Derives piece number `piece`.
    pub fn piece(&self, worker: &mut Worker<'_>, piece: usize) -> Result<(), Fault> {
        (self.work.check)()?;
        let derivation = self.derivation;
        let mut told = std::mem::take(&mut worker.told);
        told.clear();
        if let Some(state) = derivation.told {
            let segments: Vec<&str> = derivation.shape.segments().iter().map(|segment| segment.id.as_str()).collect();
            state.read(&Standings::hashes(piece, self.pieces), &segments, &mut told)?;
        }
        let mut output = Output::new(&self.told_folder, &self.set_folder, piece, derivation.sequence)?;
        let mut rows = self.standings.read((piece, self.pieces), derivation.shape.columns(), told.keys())?;
        while let Some(batch) = rows.next_batch()? {
            (self.work.check)()?;
            self.batch(worker, &told, &batch, &mut output)?;
            let read = self.read.fetch_add(batch.read, Ordering::Relaxed) + batch.read;
            (self.work.progress)(read);
        }
        drop(rows);
        worker.told = told;
        let (told, set) = output.finish()?;
        worker.parts.push(PieceOutcome { piece, told, set });
        Ok(())
    }

    /// Walks the profiles of a batch and those that vanished before them.
    fn batch(
        &self,
        worker: &mut Worker<'_>,
        told: &ToldRows,
        batch: &StandingBatch,
        output: &mut Output,
    ) -> Result<(), Fault> {
        if !batch.hashes.is_empty() {
            worker.encoder.batch(&batch.columns)?;
        }
        let mut vanished = batch.vanished.as_slice();
        for row in 0..batch.hashes.len() {
            let key = (batch.hashes[row], batch.ids.value(row));
            let before = vanished.partition_point(|number| told.keys().at(*number as usize) < key);
            if before > 0 {
                self.all_vanished(worker, told, &vanished[..before], output)?;
                vanished = &vanished[before..];
            }
            self.present(worker, told, batch, row, output)?;
        }
        self.all_vanished(worker, told, vanished, output)
    }

    /// One profile that is in the data.
    fn present(
        &self,
        worker: &mut Worker<'_>,
        told: &ToldRows,
        batch: &StandingBatch,
        row: usize,
        output: &mut Output,
    ) -> Result<(), Fault> {
        let key = (batch.hashes[row], batch.ids.value(row));
        let known = batch.known[row].map(|number| told.at(number as usize));
        worker.now.clear();
        for (segment, since) in batch.memberships.iter().enumerate() {
            worker.now.extend(since[row].map(|since| (segment as u32, since)));
        }
        let before = known.map_or(&[][..], |known| known.memberships);
        if worker.now.is_empty() && before.is_empty() {
            return Ok(());
        }
        let fragments = &mut worker.fragments;
        fragments.set((&[], &[]));
        worker.encoder.attributes(row, &mut fragments.attributes)?;
        worker.encoder.identities(row, &mut fragments.identities)?;
        let now = Now {
            attributes: fingerprint(&fragments.attributes),
            identities: fingerprint(&fragments.identities),
            time: batch.times.is_valid(row).then(|| batch.times.value(row)),
            memberships: &worker.now,
        };
        let is_asked_for = self.is_asked_for(key);
        let is_due = is_asked_for || known.is_some_and(|known| known.due);
        let reasons = Reasons::of(known.as_ref(), now, self.derivation.triggers, is_due);
        if !reasons.is_any() {
            return output.tell(&unsent(key, known, now));
        }
        if self.is_full.load(Ordering::Relaxed) {
            self.held_back.fetch_add(1, Ordering::Relaxed);
            return match known {
                Some(known) => output.tell(&ToldRow { due: known.due || is_asked_for, last: None, ..known }),
                // The next derivation does not know who was asked for.
                None if is_asked_for => output.tell(&ToldRow { due: true, ..unsent(key, None, now) }),
                None => Ok(()),
            };
        }
        let left = |segment: u32| {
            let recorded = batch.exits.get(segment as usize).and_then(|exits| exits[row]);
            recorded.unwrap_or_else(|| self.derivation.evaluation.time.timestamp_micros())
        };
        list(now.memberships, before, left, &mut worker.memberships);
        if now.memberships.is_empty() && batch.withheld[row] {
            fragments.attributes.clear();
        }
        let grown = output.send(self.derivation, key, fragments.both(), &worker.memberships)?;
        self.grow(grown);
        reasons.count(&mut worker.counts);
        if now.memberships.is_empty() {
            return Ok(());
        }
        output.tell(&told_of(key, now))
    }

    /// Profiles that were told of and are not in the data, in their order.
    fn all_vanished(
        &self,
        worker: &mut Worker<'_>,
        told: &ToldRows,
        vanished: &[u32],
        output: &mut Output,
    ) -> Result<(), Fault> {
        for some in vanished.chunks(LOOKED_UP_MAX) {
            let is_kept = |number: &&u32| self.is_kept(&told.at(**number as usize));
            let wanted: Vec<u32> = some.iter().filter(is_kept).copied().collect();
            worker.last_known.look_up(told.keys(), &wanted, self.work.check)?;
            for number in wanted {
                self.vanished(worker, told, number, output)?;
            }
        }
        Ok(())
    }

    /// Whether somebody who vanished is told of. Where membership is no trigger, those who vanish are forgotten.
    fn has_exit(&self, told: &ToldRow<'_>) -> bool {
        let is_told = (self.derivation.triggers.segmentation && has_left(told))
            || told.due
            || self.is_asked_for((told.hash, told.id));
        is_told && !told.memberships.is_empty()
    }

    /// Whether somebody who vanished is told of, or may be asked for, as the target refused the exit.
    fn is_kept(&self, told: &ToldRow<'_>) -> bool {
        self.has_exit(told) || told.memberships.iter().any(|(_, since)| *since == EXIT_REFUSED)
    }

    fn vanished(
        &self,
        worker: &mut Worker<'_>,
        rows: &ToldRows,
        number: u32,
        output: &mut Output,
    ) -> Result<(), Fault> {
        let told = rows.at(number as usize);
        let last = match (worker.last_known.of(number), &mut worker.lasts) {
            (None, Some(lasts)) => {
                let kept = lasts.of(rows, number as usize)?;
                let withheld = self.derivation.withheld;
                kept.map(|(attributes, identities)| match self.keeps_attributes && !is_withheld(withheld, identities) {
                    true => (attributes, identities),
                    false => (&[][..], identities),
                })
            }
            (known, _) => known,
        };
        match last {
            Some(known) => worker.fragments.set(known),
            None => worker.fragments.set((&[], &of_id(told.id))),
        }
        let last = worker.fragments.both();
        let key = (told.hash, told.id);
        if !self.has_exit(&told) {
            return output.tell(&ToldRow { last: Some(last), ..told });
        }
        if self.is_full.load(Ordering::Relaxed) {
            self.held_back.fetch_add(1, Ordering::Relaxed);
            // The next derivation is over the same evaluation, whose snapshot does not know it.
            let due = told.due || self.is_asked_for(key);
            return output.tell(&ToldRow { due, last: Some(last), ..told });
        }
        let time = self.derivation.evaluation.time.timestamp_micros();
        list(&[], told.memberships, |_| time, &mut worker.memberships);
        let grown = output.send(self.derivation, key, last, &worker.memberships)?;
        self.grow(grown);
        let is_left = self.derivation.triggers.segmentation && has_left(&told);
        Reasons { left: is_left, resent: !is_left, ..Reasons::default() }.count(&mut worker.counts);
        Ok(())
    }

    fn is_asked_for(&self, (hash, id): (i64, &str)) -> bool {
        match self.derivation.resend {
            Resend::None => false,
            Resend::All => true,
            Resend::Profiles(keys) => keys.find(hash, id).is_some(),
        }
    }

    fn grow(&self, bytes: i64) {
        let bytes = self.set_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if u64::try_from(bytes).is_ok_and(|bytes| bytes >= self.derivation.set_bytes_max) {
            self.is_full.store(true, Ordering::Relaxed);
        }
    }
}

/// Whether a profile that is not there has left a segment of which that was not told.
fn has_left(told: &ToldRow<'_>) -> bool {
    told.memberships.iter().any(|(_, since)| *since != EXIT_REFUSED)
}

/// What is told of a profile of which a message tells.
fn told_of<'a>((hash, id): (i64, &'a str), now: Now<'a>) -> ToldRow<'a> {
    let Now { attributes, identities, time, memberships } = now;
    ToldRow { hash, id, attributes, identities, time, memberships, due: false, last: None }
}

/// What stays told of a profile without a message: what was, but that its record is read; of one that was not told of, how
/// it is, and that it is in no segment for the far end.
fn unsent<'a>(key: (i64, &'a str), known: Option<ToldRow<'a>>, now: Now<'a>) -> ToldRow<'a> {
    match known {
        Some(known) => ToldRow { time: now.time, last: None, ..known },
        None => told_of(key, Now { memberships: &[], ..now }),
    }
}

/// The memberships of a message: those that the profile has, and those that it had for the far end, with the time at which
/// it `left`; in the order of segments.
fn list(now: &[(u32, i64)], before: &[(u32, i64)], left: impl Fn(u32) -> i64, into: &mut Vec<Membership>) {
    into.clear();
    for (segment, time_micros) in now {
        into.push(Membership { segment: *segment as usize, time_micros: *time_micros, exited: false });
    }
    for (segment, _) in before.iter().filter(|(segment, _)| now.iter().all(|(other, _)| other != segment)) {
        into.push(Membership { segment: *segment as usize, time_micros: left(*segment), exited: true });
    }
    into.sort_unstable_by_key(|membership| membership.segment);
}
