//! One pass over a snapshot: of each part the members, compared with what stood in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::AHashMap;
use arrow::array::{ArrayRef, RecordBatch};
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;

use super::bitmap;
use super::entries::{Moved, Scratch, SegmentRows, Times};
use super::evaluate::Previous;
use super::evaluation::SegmentCounts;
use super::file::{MembershipFile, Visit, to_batch};
use super::ghosts::{Gone, Source};
use super::outcome::{PartOutcome, Sink, Turns, Written};
use super::row_map::RowMap;
use super::space::{Keys, RowSpace, Unit, hashes_of};
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::scan::ScanRequest;

/// Who is a member, part by part.
pub(super) trait Members: Sync {
    /// What a thread works with.
    type State;

    /// What a thread begins with.
    fn state(&self) -> Self::State;

    /// The members of each segment in part number `part`.
    fn of_part(&self, state: &mut Self::State, part: usize) -> Result<PartMembers, Fault>;
}

/// The members of a part.
pub(super) struct PartMembers {
    /// By number of the segment.
    pub segments: Vec<SegmentRows>,
    /// Who is withheld, where anybody may be.
    pub withheld: Option<PartWithheld>,
}

/// Who is withheld in a part.
pub(super) struct PartWithheld {
    /// The row group of the part.
    pub rows: RecordBatch,
    /// Profiles that would be members, and those of them that entered; by number of what is counted.
    pub counts: Vec<(u64, u64)>,
}

/// An earlier evaluation.
pub(super) struct Earlier {
    space: RowSpace,
    memberships: MembershipFile,
    /// The numbers of those of its segments that are compared with it.
    segments: AHashMap<String, usize>,
}

impl Earlier {
    /// `previous`, for the segments among `ids`, which are sorted.
    pub fn new(previous: &Previous<'_>, ids: &[&str]) -> Result<Earlier, Fault> {
        let evaluation = previous.evaluation;
        let mut segments = AHashMap::new();
        for segment in &previous.segments {
            if evaluation.counts(segment).is_none() {
                return Err(Fault::internal(format!("the evaluation {} is not one of `{segment}`", evaluation.id)));
            }
            if let Ok(number) = ids.binary_search(&segment.as_str()) {
                segments.insert(segment.clone(), number);
            }
        }
        let (space, memberships) = (RowSpace::of_evaluation(evaluation)?, MembershipFile::open(evaluation)?);
        Ok(Earlier { space, memberships, segments })
    }

    /// Calls `visit` for the bitmaps of file number `file`.
    fn visit(&self, file: usize, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let mut own = self.segments.keys();
        let only = own.next().filter(|_| own.next().is_none()).map(String::as_str);
        self.memberships.visit(file, only, visit)
    }
}

/// What is asked about profiles of a snapshot.
pub(super) struct Scanned<'a> {
    pub space: &'a RowSpace,
    pub work: &'a Work<'a>,
    /// Profiles read so far.
    pub read: &'a AtomicU64,
}

impl Scanned<'_> {
    /// For each of `count` rules, the rows of a part that it selects, as words of 64 rows.
    pub fn selected(&self, rules: &mut ManyEvaluator, part: usize, count: usize) -> Result<Vec<Vec<u64>>, Fault> {
        let Some(morsel) = self.space.morsel(part) else { return Ok(vec![Vec::new(); count]) };
        let rows = usize::try_from(morsel.rows).map_err(|_| Fault::internal("a part has too many rows"))?;
        let mut words = vec![vec![0u64; rows.div_ceil(64)]; count];
        let paths = rules.paths().to_vec();
        let request = ScanRequest { columns: paths.clone(), ..ScanRequest::default() };
        let mut scan = self.space.profiles.scan(morsel, &request)?;
        let mut at = 0;
        while let Some(batch) = scan.next_batch()? {
            (self.work.check)()?;
            let count = usize::try_from(batch.read).map_err(|_| Fault::internal("a batch has too many rows"))?;
            let column = |path: &FieldPath| -> Option<ArrayRef> {
                paths.iter().position(|p| p == path).map(|number| Arc::clone(&batch.columns[number]))
            };
            rules.visit(&column, count, &mut |rule, bits| bitmap::put(&mut words[rule], at, bits))?;
            at += count;
            let read = self.read.fetch_add(batch.read, Ordering::Relaxed) + batch.read;
            (self.work.progress)(read);
        }
        Ok(words)
    }
}

/// One pass over a snapshot.
pub(super) struct Pass<'a, M> {
    pub space: &'a RowSpace,
    pub members: M,
    pub previous: Vec<Earlier>,
    /// Whether those who left before are told of still.
    pub with_left: bool,
    pub times: Times,
    pub ids: &'a [&'a str],
    pub work: &'a Work<'a>,
}

/// What a thread holds beside bitmaps: decoded batches, ids of two parts, pages.
const THREAD_BYTES: u64 = 32 * 1024 * 1024;

/// Bitmaps of a segment that a thread holds at most: members, those that entered, what is told of them, and its bytes.
const BITMAPS: u64 = 4;

/// As many threads as there is memory for, of which each holds the bitmaps of so many `segments`; and one.
pub(super) fn threads(space: &RowSpace, segments: usize, work: &Work<'_>) -> usize {
    let rows = space.units.iter().map(|unit| u64::from(unit.rows)).max().unwrap_or(0);
    let bytes = THREAD_BYTES + segments as u64 * BITMAPS * rows.div_ceil(8);
    let fit = usize::try_from(work.memory_bytes / bytes).unwrap_or(usize::MAX);
    work.threads.min(fit).max(1)
}

impl<M: Members> Pass<'_, M> {
    /// Carries the pass out on `threads` threads.
    pub fn write(&self, sink: Sink<'_>, threads: usize) -> Result<Written, Fault> {
        let turns = Turns::new(sink);
        Work { threads, ..*self.work }.spread(
            self.space.units.len().max(1),
            || Ok(self.members.state()),
            |state, part| {
                let _watched = turns.watch(part);
                turns.hand_over(part, self.part(state, part))
            },
            |_| Ok(()),
        )?;
        turns.into_sink().finish()
    }

    /// The members of one part, compared with what stood in its place.
    fn part(&self, state: &mut M::State, part: usize) -> Result<PartOutcome, Fault> {
        let PartMembers { mut segments, withheld } = self.members.of_part(state, part)?;
        let mut scratch = Scratch::default();
        let (origins, sources) = self.sources(part, &segments)?;
        let gone = Gone::of(&sources);
        for ((source, origin), to_gone) in sources.iter().zip(&origins).zip(&gone.of_sources) {
            (self.work.check)()?;
            let earlier = &self.previous[*origin];
            let moved = Moved { to_part: &source.to_part, to_gone, taken: &source.taken };
            scratch.was.resize(source.unit.rows.div_ceil(64) as usize, 0);
            earlier.visit(source.unit.file, &mut |segment, time, exited, rows| {
                let Some(number) = earlier.segments.get(segment).filter(|_| self.with_left || !exited) else {
                    return Some(());
                };
                segments[*number].compare(time, exited, rows, moved, self.times, &mut scratch)
            })?;
        }
        let kept = segments.iter().flat_map(SegmentRows::gone).fold(RoaringBitmap::new(), |all, gone| all | gone);
        let mut among = RowMap::default();
        kept.iter().enumerate().for_each(|(place, number)| among.push(number, place as u32));
        let (mut entries, mut of_ghosts, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (number, segment) in segments.into_iter().enumerate() {
            let mut of_part = SegmentCounts { id: self.ids[number].into(), realized: 0, existing: 0, exited: 0 };
            segment.tell(number, self.times, &among, &mut of_part, (&mut entries, &mut of_ghosts));
            counts.push(of_part);
        }
        let ghosts = match kept.is_empty() {
            true => None,
            false => Some((gone.known(&kept, &sources)?, of_ghosts)),
        };
        Ok(PartOutcome { memberships: to_batch(entries, self.ids)?, counts, ghosts, withheld })
    }

    /// The files of earlier evaluations whose rows belong to a part, each with the number of its evaluation.
    fn sources(&self, part: usize, segments: &[SegmentRows]) -> Result<(Vec<usize>, Vec<Source<'_>>), Fault> {
        let hashes = hashes_of(part, self.space.units.len());
        let own = self.space.units.get(part);
        let mut own_keys: Option<Keys> = None;
        let (mut origins, mut sources) = (Vec::new(), Vec::new());
        for (origin, earlier) in self.previous.iter().enumerate() {
            for unit in earlier.space.within(&hashes).filter(|unit| self.with_left || !unit.is_ghosts) {
                let read = || earlier.space.keys(unit, &hashes, self.work.check);
                let (mut keys, to_part) = match (self.known_place(own, unit, earlier), own) {
                    (Some(Place::Same), _) => (None, RowMap::identity(unit.rows)),
                    (None, Some(own)) => {
                        let keys = read()?;
                        if own_keys.is_none() {
                            own_keys = Some(self.space.keys(own, &hashes, self.work.check)?);
                        }
                        let to_part = own_keys.as_ref().map(|own| keys.found_in(own)).unwrap_or_default();
                        (Some(keys), to_part)
                    }
                    _ => (Some(read()?), RowMap::default()),
                };
                let taken = self.taken(earlier, unit, &to_part, segments)?;
                if keys.is_none() && !taken.is_empty() {
                    keys = Some(read()?);
                }
                origins.push(origin);
                sources.push(Source { space: &earlier.space, unit, keys: keys.unwrap_or_default(), to_part, taken });
            }
        }
        Ok((origins, sources))
    }

    /// The rows of an earlier file that are in the part, were members, and are withheld there: they are told of as if they
    /// were not there.
    fn taken(
        &self,
        earlier: &Earlier,
        unit: &Unit,
        to_part: &RowMap,
        segments: &[SegmentRows],
    ) -> Result<RoaringBitmap, Fault> {
        let mut withheld = RoaringBitmap::new();
        if segments.iter().all(|segment| segment.excluded().is_empty()) {
            return Ok(withheld);
        }
        earlier.visit(unit.file, &mut |segment, _, exited, rows| {
            let Some(number) = earlier.segments.get(segment).filter(|_| self.with_left || !exited) else {
                return Some(());
            };
            withheld |= to_part.moved(&bitmap::from_bytes(rows)?) & segments[*number].excluded();
            Some(())
        })?;
        Ok(to_part.inverse().moved(&withheld))
    }

    /// What the names of files alone say of where a file's rows are.
    fn known_place(&self, own: Option<&Unit>, unit: &Unit, earlier: &Earlier) -> Option<Place> {
        let Some(own) = own.filter(|own| own.rows > 0) else { return Some(Place::Nowhere) };
        if unit.is_ghosts {
            // Ghosts are not in the parts that they were ghosts beside.
            return earlier.space.part_named(&own.name).map(|_| Place::Nowhere);
        }
        (unit.name == own.name).then_some(Place::Same)
    }
}

/// Where the rows of an earlier file are.
enum Place {
    /// In the part, where they were.
    Same,
    /// Not in the part.
    Nowhere,
}
