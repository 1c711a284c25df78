//! How many members of a segment would be withheld, before anybody is.

use std::sync::atomic::AtomicU64;

use outflow_model::Fault;
use roaring::RoaringBitmap;
use serde::Serialize;

use super::Evaluation;
use super::bitmap;
use super::estimate::{interval, shuffled_numbers};
use super::exclusion::{Excluder, Exclusion};
use super::file::MembershipFile;
use super::pass::Scanned;
use super::space::RowSpace;
use crate::Work;
use crate::folder::Folder;

/// What exclusions would do to a segment, as far as was looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WithheldPreview {
    /// Members of the segment.
    pub members: u64,
    /// Members that were looked at: all of them, unless there are too many profiles.
    pub read: u64,
    /// What each exclusion by itself would withhold, in their order.
    pub each: Vec<WithheldShare>,
    /// What all of them together would withhold.
    pub all: WithheldShare,
}

/// How many members are withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WithheldShare {
    /// Members: the share of those that were looked at, of all.
    pub profiles: u64,
    /// The true number is at least this, with 95 % confidence; the number itself if all members were looked at.
    pub low: u64,
    /// The true number is at most this, with 95 % confidence; the number itself if all members were looked at.
    pub high: u64,
}

impl Evaluation {
    /// How many members of a segment each of `exclusions` would withhold, whatever segments they are for.
    ///
    /// Parts are looked at until `profiles_max` profiles were read; the seed says which come first, and any of them is a
    /// random sample. With as many as the snapshot has, or more, the answer is exact. An exclusion by identities alone
    /// reads indexes and no profiles; one that is not there is made. One thread is used.
    ///
    /// # Errors
    /// `Internal` if the segment is not one of this evaluation, `Input` for files that are not there or damaged, and
    /// whatever `work.check` answers.
    pub fn would_withhold(
        &self,
        segment: &str,
        exclusions: &[Exclusion],
        profiles_max: u64,
        seed: u64,
        work: &Work<'_>,
    ) -> Result<WithheldPreview, Fault> {
        self.check_has(segment)?;
        let (folder, space) = (Folder::open(work.folder)?, RowSpace::of_snapshot(&self.snapshot)?);
        let (memberships, excluder) = (MembershipFile::open(self)?, Excluder::new(exclusions)?);
        let (mut rules, read_profiles) = (excluder.rules(), AtomicU64::new(0));
        let scanned = Scanned { space: &space, work, read: &read_profiles };
        let (mut left, mut read, mut counts, mut all) = (profiles_max, 0, vec![0; exclusions.len()], 0);
        for number in shuffled_numbers(self.snapshot.parts.len(), seed) {
            let part = &self.snapshot.parts[number];
            if part.rows == 0 || left == 0 {
                continue;
            }
            (work.check)()?;
            left = left.saturating_sub(part.rows);
            let mut members = RoaringBitmap::new();
            memberships.visit(number, Some(segment), &mut |_, _, exited, rows| {
                if !exited {
                    members |= bitmap::from_bytes(rows)?;
                }
                Some(())
            })?;
            if members.is_empty() {
                continue;
            }
            read += members.len();
            let mut withheld = RoaringBitmap::new();
            let excluded = excluder.of_part(&mut rules, &scanned, (number, part), &folder, work)?;
            for (count, rows) in counts.iter_mut().zip(excluded) {
                *count += members.intersection_len(&rows);
                withheld |= rows;
            }
            all += members.intersection_len(&withheld);
        }
        let members = self.counts(segment).map_or(0, super::SegmentCounts::members);
        let share = |count| {
            let (profiles, low, high) = interval(members, read, count);
            WithheldShare { profiles, low, high }
        };
        Ok(WithheldPreview { members, read, each: counts.into_iter().map(share).collect(), all: share(all) })
    }
}
