//! Evaluating segments over a snapshot.

use std::sync::atomic::AtomicU64;

use ahash::AHashMap;
use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::rule::BoundRule;
use serde_json::json;

use super::entries::{SegmentRows, Times};
use super::evaluation::{EVALUATIONS, Evaluation, SegmentCounts};
use super::ghosts::GHOST_ROWS_MAX;
use super::outcome::Sink;
use super::pass::{Earlier, Members, PartMembers, Pass, Scanned, threads};
use super::space::RowSpace;
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::folder::{Folder, name_of};
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
    if previous.iter().any(|one| one.evaluation.is_permitted()) {
        return Err(Fault::internal("segments are compared with all of their members"));
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
    let space = RowSpace::of_snapshot(snapshot)?;
    let read = AtomicU64::new(0);
    let pass = Pass {
        space: &space,
        members: Ruled {
            scanned: Scanned { space: &space, work, read: &read },
            rules: ManyEvaluator::new(&rules)?,
            count: rules.len(),
        },
        previous: previous.iter().map(|one| Earlier::new(one, &ids)).collect::<Result<_, _>>()?,
        with_left: true,
        times: Times { now, keep_since },
        ids: &ids,
        work,
    };
    let sink = Sink::new(&folder, &id, snapshot.parts.len(), ids.clone(), ghost_rows_max)?;
    let written = pass.write(sink, threads(&space, ids.len(), work))?;
    let mut counts: AHashMap<String, SegmentCounts> = written.counts.into_iter().map(|c| (c.id.clone(), c)).collect();
    let evaluation = Evaluation {
        time,
        snapshot: snapshot.clone(),
        segments: segments.iter().filter_map(|segment| counts.remove(&segment.id)).collect(),
        folder: folder.path().join(EVALUATIONS).join(&id),
        ghosts: written.ghosts,
        groups: written.groups,
        withheld: Vec::new(),
        permitted: None,
        id,
    };
    evaluation.save(&folder)?;
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

/// The members that rules select.
struct Ruled<'a> {
    scanned: Scanned<'a>,
    rules: ManyEvaluator,
    count: usize,
}

impl Members for Ruled<'_> {
    type State = ManyEvaluator;

    fn state(&self) -> ManyEvaluator {
        self.rules.clone()
    }

    fn of_part(&self, rules: &mut ManyEvaluator, part: usize) -> Result<PartMembers, Fault> {
        let selected = self.scanned.selected(rules, part, self.count)?;
        Ok(PartMembers { segments: selected.into_iter().map(SegmentRows::new).collect(), withheld: None })
    }
}
