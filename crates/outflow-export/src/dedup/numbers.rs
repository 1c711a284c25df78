//! The stored rows of all morsels, numbered through in the order in which they are written, and cut into ranges.

use std::ops::Range;

use super::records::RowId;

/// The numbers of all stored rows.
pub(super) struct RowNumbers {
    /// The number of each morsel's first row; at the end, the number of rows.
    starts: Vec<u64>,
}

impl RowNumbers {
    /// Numbers for morsels of so many stored rows.
    pub fn new(rows: impl Iterator<Item = usize>) -> RowNumbers {
        let mut starts = vec![0];
        let mut total = 0;
        starts.extend(rows.map(|rows| {
            total += rows as u64;
            total
        }));
        RowNumbers { starts }
    }

    /// How many rows there are.
    pub fn total(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The number of a row.
    pub fn of(&self, row: RowId) -> u64 {
        self.starts[row.morsel()] + row.row() as u64
    }

    /// The morsels that have rows in `range`, each with the numbers of those.
    pub fn morsels(&self, range: Range<u64>) -> impl Iterator<Item = (usize, Range<u64>)> {
        let (from, to) = (range.start, range.end);
        let first = self.starts.partition_point(|start| *start <= from).saturating_sub(1);
        let each = self.starts.windows(2).enumerate().skip(first);
        let each = each.map(move |(morsel, ends)| (morsel, ends[0].max(from)..ends[1].min(to)));
        each.take_while(move |(_, rows)| rows.start < to).filter(|(_, rows)| !rows.is_empty())
    }

    /// The row of `morsel` that has `number`.
    pub fn row(&self, morsel: usize, number: u64) -> usize {
        (number - self.starts[morsel]) as usize
    }
}

/// Ranges of equal length, of which one fits memory.
pub(super) struct Ranges {
    rows: u64,
    length: u64,
}

/// The most ranges: what waits for each of them takes memory, too.
const RANGES_MAX: u64 = 1024;

impl Ranges {
    /// Ranges over `rows` rows. While `row_bytes` are held for each row of one, that are `bytes_max` bytes; more above a
    /// thousand times as many rows.
    pub fn new(rows: u64, row_bytes: u64, bytes_max: u64) -> Ranges {
        Ranges { rows, length: (bytes_max / row_bytes).max(rows.div_ceil(RANGES_MAX)).max(1) }
    }

    /// How many ranges there are.
    pub fn count(&self) -> usize {
        self.rows.div_ceil(self.length) as usize
    }

    /// The range of the row with `number`.
    pub fn of(&self, number: u64) -> usize {
        (number / self.length) as usize
    }

    /// The numbers of range number `range`.
    pub fn numbers(&self, range: usize) -> Range<u64> {
        let start = range as u64 * self.length;
        start..(start + self.length).min(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_range_and_found_again() {
        let morsels = [3, 0, 5, 1, 0, 0, 7];
        let numbers = RowNumbers::new(morsels.into_iter());
        assert_eq!(numbers.total(), 16);
        for bytes in [0, 8, 24, 40, 1_000] {
            let ranges = Ranges::new(numbers.total(), 8, bytes);
            let mut seen = Vec::new();
            for range in 0..ranges.count() {
                for (morsel, rows) in numbers.morsels(ranges.numbers(range)) {
                    for number in rows {
                        let row = RowId::new(morsel, numbers.row(morsel, number));
                        assert_eq!((numbers.of(row), ranges.of(number)), (number, range));
                        seen.push((morsel, row.row()));
                    }
                }
            }
            let all = |(morsel, rows): (usize, usize)| (0..rows).map(move |row| (morsel, row));
            assert_eq!(seen, morsels.into_iter().enumerate().flat_map(all).collect::<Vec<_>>(), "{bytes}");
        }
        assert_eq!(Ranges::new(0, 8, 100).count(), 0);
        assert_eq!(Ranges::new(1 << 40, 8, 100).count(), 1024);
    }
}
