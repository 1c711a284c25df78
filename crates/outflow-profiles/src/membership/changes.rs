//! Members of a segment, and who entered or left since an earlier evaluation, as rows to be exported.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use outflow_model::Fault;
use outflow_model::balance::ExclusionReason;
use outflow_model::membership::MembershipStatus;
use roaring::RoaringBitmap;

use super::Evaluation;
use super::WithheldCounts;
use super::bitmap;
use super::file::MembershipFile;
use super::row_map::RowMap;
use super::space::{Keys, RowSpace, Unit};
use crate::Work;
use crate::scan::{FileRows, RowKind, RowSelection, SelectedMembers};

impl Evaluation {
    /// The members of a segment.
    ///
    /// # Errors
    /// `Internal` if the segment is not one of this evaluation, `Input` when its files are not there or damaged.
    pub fn full(&self, segment: &str) -> Result<RowSelection, Fault> {
        self.check_has(segment)?;
        let mut files = vec![FileRows::default(); self.spaces()];
        for (file, memberships) in self.memberships(segment)?.into_iter().enumerate() {
            for (time, _, rows) in memberships.into_iter().filter(|(_, exited, _)| !exited) {
                files[file].add(self.kind(time, false), rows);
            }
        }
        let members =
            SelectedMembers { evaluation: self.id.clone(), segment: segment.into(), since: None, exits: false };
        let withheld = self.withheld_counts(segment, |counts| counts.profiles);
        Ok(RowSelection::new(members, files).without(withheld))
    }

    /// The members of a segment that entered after the evaluation `since`, those that left and came back among them, and
    /// with `with_exits` also the profiles that were members then and are none now. Applied to the members of `since`,
    /// in whatever form a consumer has kept them, this gives the members of this evaluation.
    ///
    /// Someone who left is only known to this evaluation if it was told to keep who left since then; see
    /// [`evaluate`](super::evaluate). One that [`permit`](super::permit) made tells changes since what it was compared with,
    /// and since nothing else.
    ///
    /// # Errors
    /// `Internal` if the segment is not one of both evaluations, or they were not compared, `Input` when files are not there or damaged, and
    /// whatever `work.check` answers.
    pub fn changes(
        &self,
        segment: &str,
        since: &Evaluation,
        with_exits: bool,
        work: &Work<'_>,
    ) -> Result<RowSelection, Fault> {
        self.check_has(segment)?;
        since.check_has(segment)?;
        let memberships = self.memberships(segment)?;
        let then = since.time.timestamp_micros();
        if self.permitted.as_ref().is_some_and(|permitted| permitted.previous.as_ref() != Some(&since.id)) {
            return Err(Fault::internal(
                "permitted profiles are asked for changes since what they were not compared with",
            ));
        }
        let is_searched = with_exits && !self.is_permitted();
        let left = if is_searched { self.left(segment, since, &memberships, work)? } else { Vec::new() };
        let mut left = left.into_iter();
        let mut files = vec![FileRows::default(); self.spaces()];
        for (file, memberships) in files.iter_mut().zip(memberships) {
            let mut left = left.next().unwrap_or_default();
            for (time, exited, rows) in memberships {
                if exited && self.is_permitted() {
                    // It tells of nobody who left before that, or was no member then.
                    file.add(self.kind(time, true), if with_exits { rows } else { RoaringBitmap::new() });
                } else if exited {
                    file.add(self.kind(time, true), &rows & &left);
                    left -= rows;
                } else if time > then {
                    file.add(self.kind(time, false), rows);
                }
            }
            // Nobody wrote down when they left: that an evaluation in between is lost does not keep them.
            file.add(self.kind(self.time.timestamp_micros(), true), left);
        }
        let members = SelectedMembers {
            evaluation: self.id.clone(),
            segment: segment.into(),
            since: Some(since.id.clone()),
            exits: with_exits,
        };
        let withheld = self.withheld_counts(segment, |counts| counts.entered);
        Ok(RowSelection::new(members, files).without(withheld))
    }

    /// By reason, who of a segment is withheld.
    fn withheld_counts(&self, segment: &str, count: impl Fn(&WithheldCounts) -> u64) -> BTreeMap<ExclusionReason, u64> {
        let mut withheld = BTreeMap::new();
        for counts in self.withheld.iter().filter(|counts| counts.segment == segment) {
            *withheld.entry(counts.reason).or_default() += count(counts);
        }
        withheld.retain(|_, profiles| *profiles > 0);
        withheld
    }

    pub(super) fn check_has(&self, segment: &str) -> Result<(), Fault> {
        match self.counts(segment) {
            Some(_) => Ok(()),
            None => Err(Fault::internal(format!("the evaluation {} is not one of `{segment}`", self.id))),
        }
    }

    fn kind(&self, time: i64, exited: bool) -> RowKind {
        let status = match (exited, time == self.time.timestamp_micros()) {
            (true, _) => MembershipStatus::Exited,
            (false, true) => MembershipStatus::Realized,
            (false, false) => MembershipStatus::Existing,
        };
        RowKind { status, time }
    }

    /// For each file of the row space the segment's bitmaps: time, whether they left, rows.
    fn memberships(&self, segment: &str) -> Result<Vec<Bitmaps>, Fault> {
        let stored = MembershipFile::open(self)?;
        let mut found: Vec<Bitmaps> = vec![Vec::new(); self.spaces()];
        for (file, bitmaps) in found.iter_mut().enumerate() {
            stored.visit(file, Some(segment), &mut |_, time, exited, rows| {
                bitmaps.push((time, exited, bitmap::from_bytes(rows)?));
                Some(())
            })?;
        }
        Ok(found)
    }

    /// For each file of the row space, who was a member in `since` and is none in `memberships`.
    fn left(
        &self,
        segment: &str,
        since: &Evaluation,
        memberships: &[Bitmaps],
        work: &Work<'_>,
    ) -> Result<Vec<RoaringBitmap>, Fault> {
        let then: Vec<RoaringBitmap> = since.memberships(segment)?.iter().map(members).collect();
        let (here, there) = (RowSpace::of_evaluation(self)?, RowSpace::of_evaluation(since)?);
        let found = work.spread(
            here.units.len(),
            || Ok(Vec::new()),
            |found, file| {
                (work.check)()?;
                let unit = &here.units[file];
                let mut left = RoaringBitmap::new();
                let mut own = None;
                for earlier in there.within(&unit.hashes).filter(|earlier| !then[earlier.file].is_empty()) {
                    let map = place(&here, unit, &there, earlier, &mut own, work)?;
                    left |= map.moved(&then[earlier.file]);
                }
                found.push((file, left - members(&memberships[file])));
                Ok(())
            },
            Ok,
        )?;
        let mut found: Vec<(usize, RoaringBitmap)> = found.into_iter().flatten().collect();
        found.sort_by_key(|(file, _)| *file);
        Ok(found.into_iter().map(|(_, left)| left).collect())
    }
}

/// Time, whether they left, and rows.
type Bitmaps = Vec<(i64, bool, RoaringBitmap)>;

fn members(memberships: &Bitmaps) -> RoaringBitmap {
    memberships.iter().filter(|(_, exited, _)| !exited).fold(RoaringBitmap::new(), |all, (_, _, rows)| all | rows)
}

/// Where the rows of `earlier` are in `unit`. `own` keeps the ids of `unit` once they were read.
fn place(
    here: &RowSpace,
    unit: &Unit,
    there: &RowSpace,
    earlier: &Unit,
    own: &mut Option<Keys>,
    work: &Work<'_>,
) -> Result<RowMap, Fault> {
    if earlier.name == unit.name {
        return Ok(RowMap::identity(unit.rows));
    }
    // Whose file is still a part of the snapshot is in that part, and no ghost.
    if unit.is_ghosts && here.part_named(&earlier.name).is_some() {
        return Ok(RowMap::default());
    }
    let all: RangeInclusive<i64> = i64::MIN..=i64::MAX;
    if own.is_none() {
        *own = Some(here.keys(unit, &all, work.check)?);
    }
    let keys = there.keys(earlier, &unit.hashes, work.check)?;
    Ok(own.as_ref().map(|own| keys.found_in(own)).unwrap_or_default())
}
