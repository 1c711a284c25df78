//! Evaluations without the profiles that must not be exported.
//!
//! A **permitted** evaluation has the members of another one, without those that exclusions are about, over the same
//! snapshot. It is an evaluation like any, and is exported like any. What is particular about it:
//!
//! - It may be compared with what was exported before, permitted or not. A member keeps the time at which it was a member
//!   first there, or entered the segment later. Who was withheld then and is not now enters at the evaluation's time.
//! - Who was a member there and is withheld now has left, and is a **ghost**, though its profile is in the snapshot: whoever
//!   is told that it left gets its identities and nothing else. So has who is withheld and left the segment as well.
//! - It tells who left since what it was compared with, and nobody who left before.
//!
//! The rows that exclusions are about are kept beside the memberships (`withheld.parquet`), whether they would be members or
//! not, so that whoever tells of a profile knows whether it is withheld ([`StandingBatch`](super::StandingBatch)).

use std::sync::atomic::AtomicU64;

use chrono::DateTime;
use outflow_model::Fault;
use roaring::RoaringBitmap;
use serde_json::json;

use super::bitmap;
use super::entries::{SegmentRows, Times};
use super::evaluate::Previous;
use super::evaluation::{EVALUATIONS, Evaluation};
use super::exclusion::{Excluder, Exclusion, Permitted, WithheldCounts, label, text_of};
use super::file::{Entry, MembershipFile, to_batch};
use super::ghosts::GHOST_ROWS_MAX;
use super::outcome::{Sink, Written};
use super::pass::{Earlier, Members, PartMembers, PartWithheld, Pass, Scanned, threads};
use super::space::RowSpace;
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::folder::{Folder, name_of};

/// `segments` of an evaluation without the profiles that `exclusions` are about, compared with what was exported before.
///
/// Of several exclusions that are about a profile, the first counts it. Segments that `previous` does not have are told as
/// if there were none: members since the time that they have in `of`, and nobody who left. Its time is that of `of`, or a
/// microsecond behind `previous`, where that is not earlier.
///
/// The same arguments give the same files, whatever the number of threads and the memory. It is there when its
/// `evaluation.json` is, which is written last. Indexes of identities that an exclusion needs and that are not there are
/// made.
///
/// # Errors
/// `Input` for files that are not there or damaged, `refused` where the data folder cannot be written to, `Internal` for a
/// segment that `of` does not have, and whatever `work.check` answers.
pub fn permit(
    of: &Evaluation,
    segments: &[String],
    exclusions: &[Exclusion],
    previous: Option<&Evaluation>,
    work: &Work<'_>,
) -> Result<Evaluation, Fault> {
    (work.check)()?;
    segments.iter().try_for_each(|segment| of.check_has(segment))?;
    let mut ids: Vec<&str> = segments.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let earlier = previous.map_or(i64::MIN, |previous| previous.time.timestamp_micros() + 1);
    let now = of.time.timestamp_micros().max(earlier);
    let time =
        DateTime::from_timestamp_micros(now).ok_or_else(|| Fault::internal("the time of an evaluation is none"))?;
    let rules = rules_of(segments, exclusions);
    let of_previous = previous.map(|previous| previous.id.clone());
    let id = name_of(json!(["permitted", of.id, rules, of_previous]).to_string().as_bytes());

    let folder = Folder::open(work.folder)?;
    let written = write(of, &ids, exclusions, previous, (&id, now), &folder, work)?;
    let (groups, withheld) = written.withheld;
    let mut by_id = written.counts;
    let evaluation = Evaluation {
        time,
        snapshot: of.snapshot.clone(),
        segments: segments
            .iter()
            .filter_map(|id| by_id.iter().position(|c| c.id == *id).map(|at| by_id.swap_remove(at)))
            .collect(),
        folder: folder.path().join(EVALUATIONS).join(&id),
        ghosts: written.ghosts,
        groups: written.groups,
        withheld,
        permitted: Some(Permitted {
            of: of.id.clone(),
            previous: of_previous,
            rules,
            segments: exclusions.iter().map(|exclusion| exclusion.segments.clone()).collect(),
            groups,
        }),
        id,
    };
    evaluation.save(&folder)?;
    Ok(evaluation)
}

/// Writes the files of evaluation `id`. `ids` are its segments, sorted.
fn write(
    of: &Evaluation,
    ids: &[&str],
    exclusions: &[Exclusion],
    previous: Option<&Evaluation>,
    (id, now): (&str, i64),
    folder: &Folder,
    work: &Work<'_>,
) -> Result<Written, Fault> {
    let space = RowSpace::of_snapshot(&of.snapshot)?;
    let has = |evaluation: &Evaluation, id: &str| evaluation.counts(id).is_some();
    let compared = previous.map(|evaluation| Previous {
        evaluation,
        segments: ids.iter().filter(|id| has(evaluation, id)).map(ToString::to_string).collect(),
    });
    let since = ids.iter().map(|id| match previous.filter(|previous| has(previous, id)) {
        Some(previous) => previous.time.timestamp_micros(),
        None => i64::MIN,
    });
    let (counted, read) = (counted(ids, exclusions), AtomicU64::new(0));
    let members = PermittedMembers {
        of,
        memberships: MembershipFile::open(of)?,
        excluder: Excluder::new(exclusions)?,
        about: ids.iter().map(|id| about(id, exclusions)).collect(),
        counted: &counted,
        since: since.collect(),
        scanned: Scanned { space: &space, work, read: &read },
        folder,
        labels: (0..exclusions.len()).map(label).collect(),
        ids,
    };
    let pass = Pass {
        space: &space,
        members,
        previous: compared.iter().map(|one| Earlier::new(one, ids)).collect::<Result<_, _>>()?,
        with_left: false,
        times: Times { now, keep_since: i64::MIN },
        ids,
        work,
    };
    let counts = counted.iter().map(|(number, exclusion)| zero(ids[*number], &exclusions[*exclusion])).collect();
    let sink = Sink::new(folder, id, of.snapshot.parts.len(), ids.to_vec(), GHOST_ROWS_MAX)?;
    pass.write(sink.with_withheld(folder, id, counts)?, threads(&space, ids.len() + exclusions.len(), work))
}

/// A hash of what decides who is withheld.
fn rules_of(segments: &[String], exclusions: &[Exclusion]) -> String {
    name_of(json!([segments, text_of(exclusions)]).to_string().as_bytes())
}

impl Evaluation {
    /// Whether it is what [`permit`] makes of `of` with these segments and exclusions, whatever it was compared with.
    pub fn is_permitted_from(&self, of: &Evaluation, segments: &[String], exclusions: &[Exclusion]) -> bool {
        let is_same = |own: &Permitted| own.of == of.id && own.rules == rules_of(segments, exclusions);
        self.permitted.as_ref().is_some_and(is_same)
    }
}

/// The exclusions that are about a segment, in their order.
pub(super) fn about(segment: &str, exclusions: &[Exclusion]) -> Vec<usize> {
    let is_about = |number: &usize| exclusions[*number].segments.iter().any(|own| own == segment);
    (0..exclusions.len()).filter(is_about).collect()
}

/// What is counted: numbers of segment and exclusion.
fn counted(ids: &[&str], exclusions: &[Exclusion]) -> Vec<(usize, usize)> {
    let each = ids.iter().enumerate();
    each.flat_map(|(number, id)| about(id, exclusions).into_iter().map(move |exclusion| (number, exclusion))).collect()
}

fn zero(segment: &str, exclusion: &Exclusion) -> WithheldCounts {
    let (reason, policy) = (exclusion.reason, exclusion.policy.clone());
    WithheldCounts { segment: segment.into(), reason, policy, profiles: 0, entered: 0 }
}

/// The members of an evaluation without those that are withheld.
struct PermittedMembers<'a> {
    of: &'a Evaluation,
    memberships: MembershipFile,
    excluder: Excluder<'a>,
    /// For each segment, the exclusions that are about it.
    about: Vec<Vec<usize>>,
    counted: &'a [(usize, usize)],
    /// For each segment, the time of what it is compared with.
    since: Vec<i64>,
    scanned: Scanned<'a>,
    folder: &'a Folder,
    labels: Vec<String>,
    ids: &'a [&'a str],
}

/// The rows of a segment in a part: when those entered that are members, and when those left that are none.
#[derive(Default)]
struct Known {
    arrivals: Vec<(i64, RoaringBitmap)>,
    departures: Vec<(i64, RoaringBitmap)>,
}

impl PermittedMembers<'_> {
    /// What the evaluation knows of a part, by number of the segment.
    fn known(&self, part: usize) -> Result<Vec<Known>, Fault> {
        let mut known: Vec<Known> = self.ids.iter().map(|_| Known::default()).collect();
        let only = if let [only] = self.ids { Some(*only) } else { None };
        self.memberships.visit(part, only, &mut |segment, time, exited, rows| {
            let Ok(number) = self.ids.binary_search(&segment) else { return Some(()) };
            let rows = bitmap::from_bytes(rows)?;
            match exited {
                true => known[number].departures.push((time, rows)),
                false => known[number].arrivals.push((time, rows)),
            }
            Some(())
        })?;
        Ok(known)
    }

    /// Counts who would be a member, and takes them out.
    fn count(&self, known: &[Known], excluded: &[RoaringBitmap]) -> Vec<(u64, u64)> {
        let mut counts = Vec::new();
        let mut left: Option<(usize, Vec<(i64, RoaringBitmap)>)> = None;
        for (segment, exclusion) in self.counted {
            if left.as_ref().is_none_or(|(of, _)| of != segment) {
                left = Some((*segment, known[*segment].arrivals.clone()));
            }
            let (mut profiles, mut entered) = (0, 0);
            for (time, rows) in left.iter_mut().flat_map(|(_, arrivals)| arrivals) {
                let count = rows.intersection_len(&excluded[*exclusion]);
                profiles += count;
                entered += if *time > self.since[*segment] { count } else { 0 };
                *rows -= &excluded[*exclusion];
            }
            counts.push((profiles, entered));
        }
        counts
    }
}

impl Members for PermittedMembers<'_> {
    type State = ManyEvaluator;

    fn state(&self) -> ManyEvaluator {
        self.excluder.rules()
    }

    fn of_part(&self, rules: &mut ManyEvaluator, part: usize) -> Result<PartMembers, Fault> {
        let Some(stored) = self.of.snapshot.parts.get(part).filter(|stored| stored.rows > 0) else {
            let segments = self.ids.iter().map(|_| SegmentRows::new(Vec::new())).collect();
            return Ok(PartMembers { segments, withheld: None });
        };
        let (known, work) = (self.known(part)?, self.scanned.work);
        let excluded = self.excluder.of_part(rules, &self.scanned, (part, stored), self.folder, work)?;
        let counts = self.count(&known, &excluded);
        let mut segments = Vec::new();
        for (number, known) in known.into_iter().enumerate() {
            let own = self.about[number].iter().fold(RoaringBitmap::new(), |all, of| all | &excluded[*of]);
            let mut members = vec![0u64; stored.rows.div_ceil(64) as usize];
            for (_, rows) in &known.arrivals {
                for row in &(rows - &own) {
                    *members.get_mut(row as usize / 64).ok_or_else(|| self.memberships.damaged())? |= 1 << (row % 64);
                }
            }
            let segment = SegmentRows::new(members);
            segments.push(segment.permitted(own, (known.arrivals, known.departures), self.since[number]));
        }
        let entry = |(segment, rows)| Entry { segment, time: 0, exited: false, rows };
        let entries = excluded.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(entry).collect();
        let labels: Vec<&str> = self.labels.iter().map(String::as_str).collect();
        let withheld = PartWithheld { rows: to_batch(entries, &labels)?, counts };
        Ok(PartMembers { segments, withheld: Some(withheld) })
    }
}
