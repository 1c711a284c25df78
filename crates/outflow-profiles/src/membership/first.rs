//! The first members of a segment that nothing withholds, for somebody who looks at a few of them.
//!
//! Profiles are ordered by a hash of their ids, so the first ones are any. Parts are looked at one after the other until
//! there are enough, so that a few members cost a part or two, however many profiles there are.

use std::sync::atomic::AtomicU64;

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::membership::MembershipStatus;
use outflow_model::rule::BoundRule;
use roaring::RoaringBitmap;

use super::Evaluation;
use super::bitmap;
use super::exclusion::{Excluder, Exclusion};
use super::file::MembershipFile;
use super::pass::Scanned;
use super::permit::about;
use super::space::RowSpace;
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::folder::Folder;
use crate::scan::{FileRows, RowKind, RowSelection, SelectedMembers};
use crate::snapshot::Snapshot;

/// Who is looked for.
#[derive(Clone, Copy, Debug)]
pub struct FirstWanted<'a> {
    /// Segments whose memberships are told.
    pub segments: &'a [String],
    /// The number of the one whose members are selected.
    pub selecting: usize,
    /// Who is withheld from them.
    pub exclusions: &'a [Exclusion],
    /// Members, at most.
    pub members_max: u64,
    /// Profiles that are looked at, at most, and what is left of a part.
    pub profiles_max: u64,
}

/// Some members.
#[derive(Debug)]
pub struct FirstMembers {
    /// Who they are.
    pub rows: RowSelection,
    /// Of each, in the order in which they are scanned, the segments that it is in, by their number, and since when:
    /// microseconds since 1970.
    pub memberships: Vec<Vec<(usize, i64)>>,
    /// Whether there may be more: not all profiles were looked at, or there are more members than were wanted.
    pub is_cut: bool,
}

/// Of each segment the members in a part, with the times at which they entered.
type Arrivals = Vec<Vec<(i64, RoaringBitmap)>>;

impl Evaluation {
    /// The first members of the segment that nothing withholds. Of other segments that are not of this evaluation no
    /// memberships are told.
    ///
    /// # Errors
    /// `Internal` if the segment is not one of this evaluation, `Input` for files that are not there or damaged, and
    /// whatever `work.check` answers.
    pub fn first_members(&self, wanted: &FirstWanted<'_>, work: &Work<'_>) -> Result<FirstMembers, Fault> {
        let segment = wanted.segment()?;
        self.check_has(segment)?;
        let memberships = MembershipFile::open(self)?;
        let only = if wanted.segments.len() == 1 { Some(segment) } else { None };
        let mut of_part = |part: usize| {
            let mut arrivals: Arrivals = vec![Vec::new(); wanted.segments.len()];
            memberships.visit(part, only, &mut |id, time, exited, rows| {
                if let Some(number) = wanted.segments.iter().position(|segment| segment == id).filter(|_| !exited) {
                    arrivals[number].push((time, bitmap::from_bytes(rows)?));
                }
                Some(())
            })?;
            Ok(arrivals)
        };
        let look = Look { snapshot: &self.snapshot, files: self.spaces(), of: &self.id, time: self.time };
        look.first(wanted, &mut of_part, work)
    }
}

impl Snapshot {
    /// The first profiles that `rule` selects and nothing withholds, as members since `time` of the segment, which was
    /// not evaluated. No other memberships are told.
    ///
    /// # Errors
    /// `Internal` for a rule that was not checked, `Input` for files that are not there or damaged, and whatever
    /// `work.check` answers.
    pub fn first_selected(
        &self,
        rule: &BoundRule,
        time: DateTime<Utc>,
        wanted: &FirstWanted<'_>,
        work: &Work<'_>,
    ) -> Result<FirstMembers, Fault> {
        let (space, read) = (RowSpace::of_snapshot(self)?, AtomicU64::new(0));
        let mut evaluator = ManyEvaluator::new(std::slice::from_ref(rule))?;
        let mut of_part = |part: usize| {
            let scanned = Scanned { space: &space, work, read: &read };
            let selected = scanned.selected(&mut evaluator, part, 1)?.pop().unwrap_or_default();
            let mut arrivals: Arrivals = vec![Vec::new(); wanted.segments.len()];
            if let Some(own) = arrivals.get_mut(wanted.selecting) {
                own.push((time.timestamp_micros(), bitmap::of_words(selected)));
            }
            Ok(arrivals)
        };
        let look = Look { snapshot: self, files: self.parts.len(), of: "", time };
        look.first(wanted, &mut of_part, work)
    }
}

impl FirstWanted<'_> {
    fn segment(&self) -> Result<&str, Fault> {
        self.segments
            .get(self.selecting)
            .map(String::as_str)
            .ok_or_else(|| Fault::internal("members of no segment are wanted"))
    }
}

/// Where members are looked for.
struct Look<'a> {
    snapshot: &'a Snapshot,
    /// Files of the row space.
    files: usize,
    /// The evaluation, where there is one.
    of: &'a str,
    time: DateTime<Utc>,
}

impl Look<'_> {
    fn first(
        &self,
        wanted: &FirstWanted<'_>,
        of_part: &mut dyn FnMut(usize) -> Result<Arrivals, Fault>,
        work: &Work<'_>,
    ) -> Result<FirstMembers, Fault> {
        let (folder, space) = (Folder::open(work.folder)?, RowSpace::of_snapshot(self.snapshot)?);
        let segment = wanted.segment()?.to_owned();
        let excluder = Excluder::new(wanted.exclusions)?;
        let (mut rules, read) = (excluder.rules(), AtomicU64::new(0));
        let scanned = Scanned { space: &space, work, read: &read };
        let mut files = vec![FileRows::default(); self.files];
        let (mut memberships, mut looked_at): (Vec<Vec<(usize, i64)>>, u64) = (Vec::new(), 0);
        let mut is_cut = false;
        for (number, part) in self.snapshot.parts.iter().enumerate().filter(|(_, part)| part.rows > 0) {
            (work.check)()?;
            let left = wanted.members_max.saturating_sub(memberships.len() as u64);
            if left == 0 || looked_at >= wanted.profiles_max {
                is_cut = true;
                break;
            }
            looked_at += part.rows;
            let mut arrivals = of_part(number)?;
            if arrivals[wanted.selecting].iter().all(|(_, rows)| rows.is_empty()) {
                continue;
            }
            let excluded = excluder.of_part(&mut rules, &scanned, (number, part), &folder, work)?;
            for (segment, of_segment) in wanted.segments.iter().zip(&mut arrivals) {
                for exclusion in about(segment, wanted.exclusions) {
                    of_segment.iter_mut().for_each(|(_, rows)| *rows -= &excluded[exclusion]);
                }
            }
            let selected = &arrivals[wanted.selecting];
            let all = selected.iter().fold(RoaringBitmap::new(), |all, (_, rows)| all | rows);
            let first: RoaringBitmap = all.iter().take(usize::try_from(left).unwrap_or(usize::MAX)).collect();
            is_cut |= all.len() > first.len();
            for (time, rows) in selected {
                files[number].add(self.kind(*time), rows & &first);
            }
            memberships.extend(first.iter().map(|row| memberships_of(row, &arrivals)));
        }
        let members = SelectedMembers { evaluation: self.of.to_owned(), segment, since: None, exits: false };
        Ok(FirstMembers { rows: RowSelection::new(members, files), memberships, is_cut })
    }

    fn kind(&self, time: i64) -> RowKind {
        let is_new = time == self.time.timestamp_micros();
        RowKind { status: if is_new { MembershipStatus::Realized } else { MembershipStatus::Existing }, time }
    }
}

fn memberships_of(row: u32, arrivals: &Arrivals) -> Vec<(usize, i64)> {
    let since = |of: &Vec<(i64, RoaringBitmap)>| of.iter().find(|(_, rows)| rows.contains(row)).map(|(time, _)| *time);
    arrivals.iter().enumerate().filter_map(|(number, of)| Some((number, since(of)?))).collect()
}
