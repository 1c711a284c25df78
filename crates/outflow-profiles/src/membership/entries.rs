//! One part: who is a member now, compared with who was.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::SegmentCounts;
use super::bitmap;
use super::file::Entry;
use super::row_map::RowMap;

/// A time, and the rows that something happened to then.
pub(super) type RowsAt = (i64, RoaringBitmap);

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
    /// Among those that are not in the part, or count as such: their numbers in the order of profiles.
    pub to_gone: &'m RowMap,
    /// Those that are in the part, and count as such for the segments that they are withheld from.
    pub taken: &'m RoaringBitmap,
}

/// One segment in one part.
pub(super) struct SegmentRows {
    /// The members, as words of 64 rows.
    members: Vec<u64>,
    /// Members that were none before, as far as is known; all of them before the first comparison.
    entered: Option<Vec<u64>>,
    /// Rows by time and whether they left.
    known: BTreeMap<(i64, bool), RoaringBitmap>,
    /// Who is not in the part and left, by time.
    gone: BTreeMap<i64, RoaringBitmap>,
    existing: u64,
    exited: u64,
    /// Rows of the part that are withheld; they are no members.
    excluded: RoaringBitmap,
    /// When members entered, and others left, where that is known without comparing.
    arrivals: Vec<RowsAt>,
    departures: Vec<RowsAt>,
    /// The time of what is compared with, if those are known: what came after it counts.
    since: i64,
}

/// What a comparison found: rows of the part that were members and are, those that are none, and those that are not in
/// the part, by their numbers among these.
#[derive(Default)]
struct Compared {
    stay: RoaringBitmap,
    left: RoaringBitmap,
    gone: RoaringBitmap,
}

/// Words that comparisons need for a while.
#[derive(Default)]
pub(super) struct Scratch {
    /// The rows in the earlier file. As many as it has rows.
    pub was: Vec<u64>,
    here: Vec<u64>,
}

/// Sets of so few rows are looked at row by row: looking at all words of a part takes longer.
const FEW: usize = 64;

impl SegmentRows {
    /// A segment with the members that its rule selects, as words of 64 rows of the part.
    pub fn new(members: Vec<u64>) -> SegmentRows {
        SegmentRows {
            members,
            entered: None,
            known: BTreeMap::new(),
            gone: BTreeMap::new(),
            existing: 0,
            exited: 0,
            excluded: RoaringBitmap::new(),
            arrivals: Vec::new(),
            departures: Vec::new(),
            since: i64::MIN,
        }
    }

    /// With rows that are withheld, and with what is known of when all members `arrived`, withheld ones among them, and
    /// others left. What is compared with is of the time `since`.
    pub fn permitted(
        self,
        excluded: RoaringBitmap,
        (arrivals, departures): (Vec<RowsAt>, Vec<RowsAt>),
        since: i64,
    ) -> SegmentRows {
        SegmentRows { excluded, arrivals, departures, since, ..self }
    }

    /// The rows that are withheld.
    pub fn excluded(&self) -> &RoaringBitmap {
        &self.excluded
    }

    /// Compares with rows of an earlier file that entered, or left, at `time`. `rows` are as they are stored; `None` if
    /// they are no rows of that file.
    pub fn compare(
        &mut self,
        time: i64,
        exited: bool,
        rows: &[u8],
        moved: Moved<'_>,
        times: Times,
        scratch: &mut Scratch,
    ) -> Option<()> {
        if exited && time < times.keep_since {
            return Some(());
        }
        let mut compared = match bitmap::count(rows)? {
            count if count <= FEW => self.few(&bitmap::from_bytes(rows)?, !exited, moved),
            _ => {
                bitmap::fill(rows, &mut scratch.was)?;
                self.many(!exited, moved, scratch)
            }
        };
        if !moved.taken.is_empty() {
            self.withhold(&bitmap::from_bytes(rows)?, moved, &mut compared);
        }
        if !exited {
            self.correct(time, &mut compared);
        }
        let Compared { stay, left, gone } = compared;
        if !exited {
            self.existing += stay.len();
            self.exited += left.len() + gone.len();
            add(&mut self.known, (time, false), stay);
        }
        // Who left before and is a member again has entered.
        let since = if exited { time } else { times.now };
        add(&mut self.known, (since, true), left);
        add(&mut self.gone, since, gone);
        Some(())
    }

    /// Compares with rows of an earlier file, one by one. Those that were members have not entered.
    fn few(&mut self, rows: &RoaringBitmap, were_members: bool, moved: Moved<'_>) -> Compared {
        let mut compared = Compared::default();
        for row in rows {
            if let Some(gone) = moved.to_gone.place(row) {
                compared.gone.insert(gone);
            }
            let Some(here) = moved.to_part.place(row) else { continue };
            let (word, bit) = (here as usize / 64, 1 << (here % 64));
            if self.members.get(word).is_none_or(|members| members & bit == 0) {
                compared.left.insert(here);
            } else if were_members {
                compared.stay.insert(here);
                let entered = self.entered.get_or_insert_with(|| self.members.clone());
                entered[word] &= !bit;
            }
        }
        compared
    }

    /// Compares with the rows in `scratch`, all at once. Those that were members have not entered.
    fn many(&mut self, were_members: bool, moved: Moved<'_>, scratch: &mut Scratch) -> Compared {
        scratch.here.resize(self.members.len(), 0);
        let here = moved.to_part.moved_bits(&scratch.was, &mut scratch.here);
        let left = here.iter().zip(&self.members).map(|(here, member)| here & !member).collect();
        let gone = moved.to_gone.places_of(&scratch.was);
        let mut stay = RoaringBitmap::new();
        if were_members {
            stay = bitmap::of_words(here.iter().zip(&self.members).map(|(here, member)| here & member).collect());
            let entered = self.entered.get_or_insert_with(|| self.members.clone());
            entered.iter_mut().zip(here).for_each(|(entered, here)| *entered &= !here);
        }
        Compared { stay, left: bitmap::of_words(left), gone }
    }

    /// Of those that are withheld from some segment, those that are from this one count as gone; the others are where
    /// they are.
    fn withhold(&self, rows: &RoaringBitmap, moved: Moved<'_>, compared: &mut Compared) {
        compared.gone -= moved.to_gone.moved(moved.taken);
        for row in &(rows & moved.taken) {
            let is_withheld = moved.to_part.place(row).is_some_and(|here| self.excluded.contains(here));
            compared.gone.extend(moved.to_gone.place(row).filter(|_| is_withheld));
        }
        compared.left -= &self.excluded;
    }

    /// Corrects what was compared with members since `time` by what is known: who entered later has left in between, and
    /// some of those that left are known to have done so before now.
    fn correct(&mut self, time: i64, compared: &mut Compared) {
        for (_, rows) in self.arrivals.iter().filter(|(arrived, _)| *arrived > time) {
            let again = &compared.stay & rows;
            compared.stay -= &again;
            if let Some(entered) = &mut self.entered {
                again.iter().for_each(|row| entered[row as usize / 64] |= 1 << (row % 64));
            }
        }
        for (departed, rows) in self.departures.iter().filter(|(departed, _)| *departed > self.since) {
            let known = &compared.left & rows;
            compared.left -= &known;
            self.exited += known.len();
            add(&mut self.known, (*departed, true), known);
        }
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
        let mut entered = bitmap::of_words(self.entered.unwrap_or(self.members));
        counts.existing += self.existing;
        counts.exited += self.exited;
        // Who entered after what was compared with did so when it is known to have; who entered before was withheld.
        for (arrived, rows) in self.arrivals.iter().filter(|(arrived, _)| *arrived > self.since) {
            let known = &entered & rows;
            entered -= &known;
            let is_now = *arrived == times.now;
            *(if is_now { &mut counts.realized } else { &mut counts.existing }) += known.len();
            add(&mut self.known, (*arrived, false), known);
        }
        counts.realized += entered.len();
        add(&mut self.known, (times.now, false), entered);
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
    use proptest::prelude::*;

    use super::*;

    const TIMES: Times = Times { now: 100, keep_since: 50 };

    fn rows(list: &[u32]) -> RoaringBitmap {
        list.iter().copied().collect()
    }

    /// Six rows, and these are members.
    fn segment(list: &[u32]) -> SegmentRows {
        SegmentRows::new(vec![list.iter().fold(0, |word, row| word | 1 << row)])
    }

    /// Six rows stay where they are; row 6 is gone, and is the second of those.
    fn compare(segment: &mut SegmentRows, time: i64, exited: bool, list: &[u32]) {
        let (to_part, mut to_gone) = (RowMap::identity(6), RowMap::default());
        to_gone.push(6, 1);
        let taken = RoaringBitmap::new();
        let moved = Moved { to_part: &to_part, to_gone: &to_gone, taken: &taken };
        let mut scratch = Scratch { was: vec![0], ..Scratch::default() };
        let bytes = bitmap::to_bytes(rows(list)).unwrap();
        assert_eq!(segment.compare(time, exited, &bytes, moved, TIMES, &mut scratch), Some(()));
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
        let mut segment = segment(&[0, 1, 2]);
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
            let mut segment = segment(&[]);
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
        let (counts, entries, ghosts) = told(segment(&[3, 5]));
        assert_eq!((counts.realized, counts.existing, counts.exited, counts.members()), (2, 0, 0, 2));
        assert_eq!(entries, [entry(100, false, &[3, 5])]);
        assert!(ghosts.is_empty());
    }

    proptest! {
        #[test]
        fn many_rows_are_compared_as_few_are(
            members in prop::collection::vec(any::<u64>(), 40),
            was in prop::collection::vec(any::<u64>(), 41),
            were_members in any::<bool>(),
            vanished in prop::collection::btree_set(0u32..41 * 64, 0..200),
            added in prop::collection::btree_set(0u32..40 * 64, 0..200),
        ) {
            // Rows that are gone, and rows before which there is a new one.
            let (mut to_part, mut to_gone, mut place) = (RowMap::default(), RowMap::default(), 0);
            for row in 0..41 * 64 {
                if vanished.contains(&row) {
                    to_gone.push(row, vanished.range(..row).count() as u32);
                    continue;
                }
                while added.contains(&place) {
                    place += 1;
                }
                if place < 40 * 64 {
                    to_part.push(row, place);
                    place += 1;
                }
            }
            let taken = RoaringBitmap::new();
            let moved = Moved { to_part: &to_part, to_gone: &to_gone, taken: &taken };
            let rows = bitmap::of_words(was.clone());
            let (mut one, mut other) = (SegmentRows::new(members.clone()), SegmentRows::new(members));
            let by_row = one.few(&rows, were_members, moved);
            let at_once = other.many(were_members, moved, &mut Scratch { was, ..Scratch::default() });
            prop_assert_eq!((by_row.stay, by_row.left, by_row.gone), (at_once.stay, at_once.left, at_once.gone));
            let entered = |rows: SegmentRows| rows.entered.unwrap_or(rows.members);
            prop_assert_eq!(entered(one), entered(other));
        }
    }
}
