//! One part: who is a member now, compared with who was.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::SegmentCounts;
use super::file::Entry;
use super::row_map::RowMap;

/// Times of an evaluation, in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub now: i64,
    /// Who left before is not told of any more.
    pub keep_since: i64,
}

/// Where the rows of a file of an earlier evaluation are now.
#[derive(Clone, Copy)]
pub(super) struct Moved<'m> {
    /// In the part.
    pub to_part: &'m RowMap,
    /// Among those that are not in the part: their numbers in the order of profiles.
    pub to_gone: &'m RowMap,
}

/// One segment in one part.
pub(super) struct SegmentRows {
    members: RoaringBitmap,
    /// Members that were none before, as far as is known.
    entered: RoaringBitmap,
    /// Rows by time and whether they left.
    known: BTreeMap<(i64, bool), RoaringBitmap>,
    /// Who is not in the part and left, by time.
    gone: BTreeMap<i64, RoaringBitmap>,
    existing: u64,
    exited: u64,
}

impl SegmentRows {
    /// A segment with the members that its rule selects.
    pub fn new(members: RoaringBitmap) -> SegmentRows {
        SegmentRows {
            entered: members.clone(),
            members,
            known: BTreeMap::new(),
            gone: BTreeMap::new(),
            existing: 0,
            exited: 0,
        }
    }

    /// Compares with rows of an earlier file that entered, or left, at `time`.
    pub fn compare(&mut self, time: i64, exited: bool, rows: &RoaringBitmap, moved: Moved<'_>, times: Times) {
        if exited && time < times.keep_since {
            return;
        }
        let here = moved.to_part.moved(rows);
        let gone = moved.to_gone.moved(rows);
        if !exited {
            let stay = &here & &self.members;
            self.existing += stay.len();
            self.exited += here.len() - stay.len() + gone.len();
            self.entered -= &stay;
            add(&mut self.known, (time, false), stay);
        }
        // Who left before and is a member again has entered.
        let since = if exited { time } else { times.now };
        add(&mut self.known, (since, true), here - &self.members);
        add(&mut self.gone, since, gone);
    }

    /// All those that are not in the part and have something to tell.
    pub fn gone(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.gone.values()
    }

    /// Adds what there is to tell: of the part to `entries`, of the others, by their places `among` ghosts, to `ghosts`.
    pub fn tell(
        mut self,
        segment: usize,
        times: Times,
        among: &RowMap,
        counts: &mut SegmentCounts,
        (entries, ghosts): (&mut Vec<Entry>, &mut Vec<Entry>),
    ) {
        counts.realized += self.entered.len();
        counts.existing += self.existing;
        counts.exited += self.exited;
        add(&mut self.known, (times.now, false), self.entered);
        let known = self.known.into_iter();
        entries.extend(known.map(|((time, exited), rows)| Entry { segment, time, exited, rows }));
        let gone = self.gone.into_iter();
        ghosts.extend(gone.map(|(time, rows)| Entry { segment, time, exited: true, rows: among.moved(&rows) }));
    }
}

fn add<K: Ord>(known: &mut BTreeMap<K, RoaringBitmap>, key: K, rows: RoaringBitmap) {
    if !rows.is_empty() {
        *known.entry(key).or_default() |= rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times { now: 100, keep_since: 50 };

    fn rows(list: &[u32]) -> RoaringBitmap {
        list.iter().copied().collect()
    }

    /// Six rows stay where they are; row 6 is gone, and is the second of those.
    fn compare(segment: &mut SegmentRows, time: i64, exited: bool, list: &[u32]) {
        let (to_part, mut to_gone) = (RowMap::identity(6), RowMap::default());
        to_gone.push(6, 1);
        segment.compare(time, exited, &rows(list), Moved { to_part: &to_part, to_gone: &to_gone }, TIMES);
    }

    fn told(segment: SegmentRows) -> (SegmentCounts, Vec<Entry>, Vec<Entry>) {
        let mut counts = SegmentCounts { id: "s".into(), realized: 0, existing: 0, exited: 0 };
        let (mut entries, mut ghosts) = (Vec::new(), Vec::new());
        let mut among = RowMap::default();
        among.push(1, 0);
        segment.tell(0, TIMES, &among, &mut counts, (&mut entries, &mut ghosts));
        (counts, entries, ghosts)
    }

    fn entry(time: i64, exited: bool, list: &[u32]) -> Entry {
        Entry { segment: 0, time, exited, rows: rows(list) }
    }

    #[test]
    fn statuses_follow_from_before_and_now() {
        let mut segment = SegmentRows::new(rows(&[0, 1, 2]));
        compare(&mut segment, 10, false, &[1, 3, 6]);
        compare(&mut segment, 70, true, &[2, 4]);
        compare(&mut segment, 40, true, &[5]);
        let (counts, entries, ghosts) = told(segment);
        // 0 is new and 2 came back; 1 stayed; 3 left, 6 vanished; 4 left before, and 5 too long ago to be told.
        assert_eq!((counts.realized, counts.existing, counts.exited), (2, 1, 2));
        let expected =
            [entry(10, false, &[1]), entry(70, true, &[4]), entry(100, false, &[0, 2]), entry(100, true, &[3])];
        assert_eq!(entries, expected);
        assert_eq!(ghosts, [entry(100, true, &[0])]);
    }

    #[test]
    fn a_ghost_stays_one_as_long_as_somebody_may_ask() {
        let gone = |time| {
            let mut segment = SegmentRows::new(RoaringBitmap::new());
            compare(&mut segment, time, true, &[6]);
            assert_eq!(segment.gone().count(), usize::from(time >= 50));
            told(segment)
        };
        let (counts, entries, ghosts) = gone(60);
        assert_eq!((counts.exited, entries.len()), (0, 0));
        assert_eq!(ghosts, [entry(60, true, &[0])]);
        assert!(gone(49).2.is_empty());
    }

    #[test]
    fn without_a_past_everybody_has_entered() {
        let (counts, entries, ghosts) = told(SegmentRows::new(rows(&[3, 5])));
        assert_eq!((counts.realized, counts.existing, counts.exited, counts.members()), (2, 0, 0, 2));
        assert_eq!(entries, [entry(100, false, &[3, 5])]);
        assert!(ghosts.is_empty());
    }
}
