//! Evaluating segments over a snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::AHashMap;
use arrow::array::ArrayRef;
use chrono::{DateTime, Utc};
use outflow_model::rule::BoundRule;
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;
use serde_json::json;

use super::bitmap;
use super::entries::{Moved, Scratch, SegmentRows, Times};
use super::evaluation::{EVALUATION_FILE, EVALUATIONS, Evaluation, SegmentCounts};
use super::file::{MembershipFile, to_batch};
use super::ghosts::{GHOST_ROWS_MAX, Gone, Source};
use super::outcome::{PartOutcome, Sink, Turns};
use super::row_map::RowMap;
use super::space::{Keys, RowSpace, Unit, hashes_of};
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::folder::{Folder, name_of};
use crate::scan::ScanRequest;
use crate::snapshot::Snapshot;

/// A segment to be evaluated.
#[derive(Clone, Debug)]
pub struct SegmentRule {
    /// Its id.
    pub id: String,
    /// Who is in it.
    pub rule: BoundRule,
}

/// The evaluation that came before, for some of the segments.
pub struct Previous<'a> {
    /// The evaluation.
    pub evaluation: &'a Evaluation,
    /// The segments whose latest evaluation it is.
    pub segments: Vec<String>,
}

/// Evaluates segments over `snapshot`, and compares each with its previous evaluation, if it has one.
///
/// Profiles that left at `keep_ghosts_since` or later are told of; those that left before are forgotten. Who exports
/// changes since an evaluation needs what left since that evaluation's time. `time` is when the evaluation is; where it is
/// not later than a previous one, the evaluation is a microsecond behind that, and says so.
///
/// The same arguments give the same files, whatever the number of threads and the memory. The evaluation is there when
/// its `evaluation.json` is, which is written last; a call that fails or is cancelled leaves none.
///
/// # Errors
/// `Input` for files that are not there or damaged, `refused` where the data folder cannot be written to, `Internal` for
/// a segment that is given twice or is not in its previous evaluation, and whatever `work.check` answers.
pub fn evaluate(
    snapshot: &Snapshot,
    segments: &[SegmentRule],
    previous: &[Previous<'_>],
    keep_ghosts_since: DateTime<Utc>,
    time: DateTime<Utc>,
    work: &Work<'_>,
) -> Result<Evaluation, Fault> {
    evaluate_with(snapshot, segments, previous, (keep_ghosts_since, time), work, GHOST_ROWS_MAX)
}

/// [`evaluate`] with another size of parts of ghosts.
pub(super) fn evaluate_with(
    snapshot: &Snapshot,
    segments: &[SegmentRule],
    previous: &[Previous<'_>],
    (keep_ghosts_since, time): (DateTime<Utc>, DateTime<Utc>),
    work: &Work<'_>,
    ghost_rows_max: u32,
) -> Result<Evaluation, Fault> {
    (work.check)()?;
    let mut sorted: Vec<&SegmentRule> = segments.iter().collect();
    sorted.sort_by(|one, two| one.id.cmp(&two.id));
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(Fault::internal(format!("the segment `{}` is to be evaluated twice at once", pair[0].id)));
    }
    let earlier = previous.iter().map(|one| one.evaluation.time.timestamp_micros()).max();
    let now = time.timestamp_micros().max(earlier.map_or(i64::MIN, |earlier| earlier + 1));
    let time =
        DateTime::from_timestamp_micros(now).ok_or_else(|| Fault::internal("the time of an evaluation is none"))?;
    let keep_since = keep_ghosts_since.timestamp_micros();
    let id = id_of(snapshot, &sorted, previous, now, keep_since)?;

    let folder = Folder::open(work.folder)?;
    let ids: Vec<&str> = sorted.iter().map(|segment| segment.id.as_str()).collect();
    let rules: Vec<BoundRule> = sorted.iter().map(|segment| segment.rule.clone()).collect();
    let pass = Pass {
        space: RowSpace::of_snapshot(snapshot)?,
        rules: ManyEvaluator::new(&rules)?,
        previous: previous.iter().map(|one| Earlier::new(one, &ids)).collect::<Result<_, _>>()?,
        times: Times { now, keep_since },
        ids: &ids,
        read: AtomicU64::new(0),
        work,
    };
    let turns = Turns::new(Sink::new(&folder, &id, snapshot.parts.len(), ids.clone(), ghost_rows_max)?);
    let threads = Work { threads: pass.threads(snapshot), ..*work };
    threads.spread(
        snapshot.parts.len().max(1),
        || Ok(pass.rules.clone()),
        |rules, part| {
            let _watched = turns.watch(part);
            turns.hand_over(part, pass.part(rules, part))
        },
        |_| Ok(()),
    )?;
    let written = turns.into_sink().finish()?;
    let mut counts: AHashMap<String, SegmentCounts> = written.counts.into_iter().map(|c| (c.id.clone(), c)).collect();
    let evaluation = Evaluation {
        time,
        snapshot: snapshot.clone(),
        segments: segments.iter().filter_map(|segment| counts.remove(&segment.id)).collect(),
        folder: folder.path().join(EVALUATIONS).join(&id),
        ghosts: written.ghosts,
        groups: written.groups,
        id,
    };
    let text = serde_json::to_vec(&evaluation).map_err(|e| Fault::internal("an evaluation has no text").because(e))?;
    folder.write(&format!("{EVALUATIONS}/{}", evaluation.id), EVALUATION_FILE, &text)?;
    Ok(evaluation)
}

/// A hash of everything that decides an evaluation's content.
fn id_of(
    snapshot: &Snapshot,
    segments: &[&SegmentRule],
    previous: &[Previous<'_>],
    now: i64,
    keep_since: i64,
) -> Result<String, Fault> {
    let rules: Vec<(&str, String)> = segments.iter().map(|s| (s.id.as_str(), s.rule.text())).collect();
    let earlier: Vec<(&str, &[String])> =
        previous.iter().map(|one| (one.evaluation.id.as_str(), one.segments.as_slice())).collect();
    let made_from = json!([snapshot.id, rules, earlier, now, keep_since]);
    let text = serde_json::to_vec(&made_from).map_err(|e| Fault::internal("an evaluation has no id").because(e))?;
    Ok(name_of(&text))
}

/// An earlier evaluation.
struct Earlier {
    space: RowSpace,
    memberships: MembershipFile,
    /// The numbers of those of its segments that are compared with it.
    segments: AHashMap<String, usize>,
}

impl Earlier {
    fn new(previous: &Previous<'_>, ids: &[&str]) -> Result<Earlier, Fault> {
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
}

/// One pass over a snapshot.
struct Pass<'a> {
    space: RowSpace,
    rules: ManyEvaluator,
    previous: Vec<Earlier>,
    times: Times,
    ids: &'a [&'a str],
    /// Profiles read so far.
    read: AtomicU64,
    work: &'a Work<'a>,
}

/// What a thread holds beside bitmaps: decoded batches, ids of two parts, pages.
const THREAD_BYTES: u64 = 32 * 1024 * 1024;

/// Bitmaps of a segment that a thread holds at most: members, those that entered, what is told of them, and its bytes.
const BITMAPS: u64 = 4;

impl Pass<'_> {
    /// As many threads as there is memory for, and one.
    fn threads(&self, snapshot: &Snapshot) -> usize {
        let rows = snapshot.parts.iter().map(|part| part.rows).max().unwrap_or(0);
        let bytes = THREAD_BYTES + self.ids.len() as u64 * BITMAPS * rows.div_ceil(8);
        let fit = usize::try_from(self.work.memory_bytes / bytes).unwrap_or(usize::MAX);
        self.work.threads.min(fit).max(1)
    }

    /// Evaluates one part, and compares it with what stood in its place.
    fn part(&self, rules: &mut ManyEvaluator, part: usize) -> Result<PartOutcome, Fault> {
        let mut segments: Vec<SegmentRows> = self.members(rules, part)?.into_iter().map(SegmentRows::new).collect();
        let mut scratch = Scratch::default();
        let (origins, sources) = self.sources(part)?;
        let gone = Gone::of(&sources);
        for ((source, origin), to_gone) in sources.iter().zip(&origins).zip(&gone.of_sources) {
            (self.work.check)()?;
            let earlier = &self.previous[*origin];
            let moved = Moved { to_part: &source.to_part, to_gone };
            scratch.was.resize(source.unit.rows.div_ceil(64) as usize, 0);
            earlier.memberships.visit(source.unit.file, None, &mut |segment, time, exited, rows| {
                let Some(number) = earlier.segments.get(segment) else { return Some(()) };
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
        Ok(PartOutcome { memberships: to_batch(entries, self.ids)?, counts, ghosts })
    }

    /// The members of each segment in a part, as words of 64 rows.
    fn members(&self, rules: &mut ManyEvaluator, part: usize) -> Result<Vec<Vec<u64>>, Fault> {
        let Some(morsel) = self.space.morsel(part) else { return Ok(vec![Vec::new(); self.ids.len()]) };
        let rows = usize::try_from(morsel.rows).map_err(|_| Fault::internal("a part has too many rows"))?;
        let mut words = vec![vec![0u64; rows.div_ceil(64)]; self.ids.len()];
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

    /// The files of earlier evaluations whose rows belong to a part, each with the number of its evaluation.
    fn sources(&self, part: usize) -> Result<(Vec<usize>, Vec<Source<'_>>), Fault> {
        let hashes = hashes_of(part, self.space.units.len());
        let own = self.space.units.get(part);
        let mut own_keys: Option<Keys> = None;
        let (mut origins, mut sources) = (Vec::new(), Vec::new());
        for (origin, earlier) in self.previous.iter().enumerate() {
            for unit in earlier.space.within(&hashes) {
                let source = match self.known_place(own, unit, earlier) {
                    Some(Place::Same) => Source {
                        space: &earlier.space,
                        unit,
                        keys: Keys::default(),
                        to_part: RowMap::identity(unit.rows),
                    },
                    known => {
                        let keys = earlier.space.keys(unit, &hashes, self.work.check)?;
                        let to_part = match (known, own) {
                            (None, Some(own)) => {
                                if own_keys.is_none() {
                                    own_keys = Some(self.space.keys(own, &hashes, self.work.check)?);
                                }
                                own_keys.as_ref().map(|own| keys.found_in(own)).unwrap_or_default()
                            }
                            _ => RowMap::default(),
                        };
                        Source { space: &earlier.space, unit, keys, to_part }
                    }
                };
                origins.push(origin);
                sources.push(source);
            }
        }
        Ok((origins, sources))
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
