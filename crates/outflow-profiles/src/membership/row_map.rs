//! Where rows of one file are in another. Files have one order, so rows that both have come in the same order in both.

use roaring::RoaringBitmap;

use super::bitmap;

/// Rows of one file with their places in another, ascending on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowMap {
    runs: Vec<Run>,
}

/// Rows that stand side by side in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    from: u32,
    to: u32,
    length: u32,
}

/// Sets of more rows than this are moved bit by bit: looking through a part's words then costs less than building a set
/// up row by row.
const LISTED_MAX: u64 = 256;

impl RowMap {
    /// Every one of `rows` rows is where it was.
    pub fn identity(rows: u32) -> RowMap {
        RowMap { runs: Vec::from_iter((rows > 0).then_some(Run { from: 0, to: 0, length: rows })) }
    }

    /// Where the rows of the other file are in this one.
    pub fn inverse(&self) -> RowMap {
        let turned = |run: &Run| Run { from: run.to, to: run.from, length: run.length };
        RowMap { runs: self.runs.iter().map(turned).collect() }
    }

    /// Adds a row behind all others, on both sides.
    pub fn push(&mut self, from: u32, to: u32) {
        match self.runs.last_mut() {
            Some(last) if last.from + last.length == from && last.to + last.length == to => last.length += 1,
            _ => self.runs.push(Run { from, to, length: 1 }),
        }
    }

    /// Calls `missing` for those of `length` rows from `first` on that are not in the other file, in their order.
    pub fn visit_missing(&self, first: u32, length: u32, mut missing: impl FnMut(u32)) {
        let mut at = first;
        for run in &self.runs {
            (at..run.from.min(first + length)).for_each(&mut missing);
            at = at.max(run.from + run.length);
        }
        (at..first + length).for_each(&mut missing);
    }

    /// Where a row is in the other file, if it is there.
    pub fn place(&self, row: u32) -> Option<u32> {
        let behind = self.runs.partition_point(|run| run.from <= row);
        let run = self.runs[..behind].last().filter(|run| row - run.from < run.length)?;
        Some(row - run.from + run.to)
    }

    /// Moves the bits of `from` to `into`, which has as many words as the other file needs and is cleared before. Answers
    /// the bits of the other file: `from` itself, if every row is where it was.
    pub fn moved_bits<'w>(&self, from: &'w [u64], into: &'w mut [u64]) -> &'w [u64] {
        if let [only] = self.runs.as_slice()
            && (only.from, only.to) == (0, 0)
            && from.len() == into.len()
            && only.length.div_ceil(64) as usize >= from.len()
            && is_clear_behind(from, only.length as usize)
        {
            return from;
        }
        into.fill(0);
        for run in &self.runs {
            copy_bits(from, run.from as usize, into, run.to as usize, run.length as usize);
        }
        into
    }

    /// Where those rows are in the other file whose bits are set in `from`.
    pub fn places_of(&self, from: &[u64]) -> RoaringBitmap {
        let is_set = |row: &u32| from.get(*row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
        let of_run = |run: &Run| {
            let run = *run;
            (run.from..run.from + run.length).filter(is_set).map(move |row| row - run.from + run.to)
        };
        self.runs.iter().flat_map(of_run).collect()
    }

    /// Those of `rows` that are in the other file, where they are there.
    pub fn moved(&self, rows: &RoaringBitmap) -> RoaringBitmap {
        let Some(last) = self.runs.last() else { return RoaringBitmap::new() };
        if let [only] = self.runs.as_slice()
            && only.from == only.to
            && only.from <= rows.min().unwrap_or(u32::MAX)
            && rows.max().is_none_or(|max| max < only.from + only.length)
        {
            return rows.clone();
        }
        let mut runs = self.runs.iter().peekable();
        let places = rows.iter().filter_map(|row| {
            while runs.next_if(|run| run.from + run.length <= row).is_some() {}
            runs.peek().filter(|run| run.from <= row).map(|run| row - run.from + run.to)
        });
        if rows.len() <= LISTED_MAX {
            return places.collect();
        }
        let mut words = vec![0u64; (last.to + last.length).div_ceil(64) as usize];
        places.for_each(|place| words[place as usize / 64] |= 1 << (place % 64));
        bitmap::of_words(words)
    }
}

/// Whether no bit is set from bit number `length` on, which is in the last word or behind it.
fn is_clear_behind(words: &[u64], length: usize) -> bool {
    words.last().is_none_or(|last| length >= words.len() * 64 || last >> (length % 64) == 0)
}

/// Sets those of `length` bits from bit `to` on of `into` that are set from bit `at` on of `from`.
fn copy_bits(from: &[u64], at: usize, into: &mut [u64], to: usize, length: usize) {
    let (mut at, mut to, mut left) = (at, to, length);
    while left > 0 {
        let (word, shift) = (to / 64, to % 64);
        let count = (64 - shift).min(left);
        let bits = bits_at(from, at) & (u64::MAX >> (64 - count));
        if let Some(word) = into.get_mut(word) {
            *word |= bits << shift;
        }
        (at, to, left) = (at + count, to + count, left - count);
    }
}

/// 64 bits from bit `at` on; those behind the last word are not set.
fn bits_at(words: &[u64], at: usize) -> u64 {
    let word = |number: usize| words.get(number).copied().unwrap_or(0);
    let (first, shift) = (at / 64, at % 64);
    match shift {
        0 => word(first),
        _ => word(first) >> shift | word(first + 1) << (64 - shift),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identical_files_keep_their_rows() {
        let rows: RoaringBitmap = [1, 5, 99].into_iter().collect();
        assert_eq!(RowMap::identity(100).moved(&rows), rows);
        assert!(RowMap::default().moved(&rows).is_empty());
        assert!(RowMap::identity(0).moved(&RoaringBitmap::new()).is_empty());
        let words = [1 << 1 | 1 << 5, 1 << 35];
        assert_eq!(RowMap::identity(100).moved_bits(&words, &mut [7, 7]), words);
        assert_eq!(RowMap::identity(99).moved_bits(&words, &mut [7, 7]), [words[0], 0]);
        assert_eq!(RowMap::identity(0).moved_bits(&[], &mut [7]), [0]);
    }

    #[test]
    fn rows_that_are_nowhere_are_told() {
        let missing = |map: &RowMap, first, length| {
            let mut rows = Vec::new();
            map.visit_missing(first, length, |row| rows.push(row));
            rows
        };
        let mut map = RowMap::default();
        [(2, 0), (3, 1), (5, 2), (9, 3)].into_iter().for_each(|(from, to)| map.push(from, to));
        assert_eq!(missing(&map, 0, 11), [0, 1, 4, 6, 7, 8, 10]);
        assert_eq!(missing(&map, 2, 4), [4]);
        assert_eq!(missing(&map, 6, 2), [6, 7]);
        assert_eq!(missing(&RowMap::default(), 3, 2), [3, 4]);
        assert!(missing(&RowMap::identity(4), 0, 4).is_empty());
    }

    proptest! {
        #[test]
        fn rows_are_moved_one_by_one(
            steps in prop::collection::vec((1u32..4, 1u32..4), 0..200),
            set in prop::collection::btree_set(0u32..800, 0..700),
            stretch in prop::sample::select(vec![1u32, 40]),
        ) {
            let (mut map, mut known) = (RowMap::default(), std::collections::BTreeMap::new());
            let (mut from, mut to) = (0, 7);
            for (skip, skip_to) in steps {
                from += skip;
                to += skip_to;
                for _ in 0..stretch {
                    map.push(from, to);
                    known.insert(from, to);
                    from += 1;
                    to += 1;
                }
            }
            // Enough rows that sets become large.
            let rows: RoaringBitmap = set.iter().flat_map(|row| (0..stretch).map(move |n| row * stretch + n)).collect();
            let expected: RoaringBitmap = rows.iter().filter_map(|row| known.get(&row).copied()).collect();
            prop_assert_eq!(map.moved(&rows), expected.clone());
            prop_assert_eq!(map.inverse().moved(&expected), rows.iter().filter(|row| known.contains_key(row)).collect());
            let mut words = vec![0u64; rows.max().unwrap_or(0) as usize / 64 + 1];
            rows.iter().for_each(|row| words[row as usize / 64] |= 1 << (row % 64));
            let mut into = vec![u64::MAX; to as usize / 64 + 1];
            prop_assert_eq!(&bitmap::of_words(map.moved_bits(&words, &mut into).to_vec()), &expected);
            prop_assert_eq!(map.places_of(&words), expected.clone());
            prop_assert_eq!(rows.iter().filter_map(|row| map.place(row)).collect::<RoaringBitmap>(), expected);
        }
    }
}
