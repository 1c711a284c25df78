//! How many parts.

use std::collections::BTreeSet;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::part::to_unsigned;

/// Profiles of a part on the average, at most. Ranges of hashes are not of one size; with this none has more than
/// 131,072 rows unless somebody made it so.
const PART_ROWS: u64 = 120_000;

/// Bytes of a part on the average, at most, as far as they are known: a part's pages are in memory until it is whole.
const PART_BYTES: u64 = 128 * 1024 * 1024;

/// Parts are halved in number only when they have become this much smaller: a dataset whose size goes up and down around
/// a limit keeps its parts, and with them those that did not change.
const SHRINK: u64 = 4;

/// The most parts, a billion profiles' worth by rows.
const PART_BITS_MAX: u32 = 14;

/// Hashes that a [`Sketch`] keeps. Its counts are exact up to here, and then off by 1.6 % in the mean.
const SKETCH_HASHES: usize = 4_096;

/// Counts different hashes by keeping the least of them. What it tells depends on the set of hashes alone.
#[derive(Default)]
pub(crate) struct Sketch {
    least: BTreeSet<u64>,
}

impl Sketch {
    /// Hashes that a sketch has room for.
    pub const HASHES: usize = SKETCH_HASHES;

    /// Counts a stored hash.
    pub fn add(&mut self, stored: i64) {
        let hash = to_unsigned(stored);
        let is_full = self.least.len() >= SKETCH_HASHES;
        if is_full && self.least.last().is_some_and(|last| *last <= hash) {
            return;
        }
        if self.least.insert(hash) && is_full {
            self.least.pop_last();
        }
    }

    /// Counts the hashes of a batch, whose first column has them.
    pub fn add_all(&mut self, batch: &RecordBatch) {
        batch.column(0).as_primitive::<Int64Type>().values().iter().for_each(|hash| self.add(*hash));
    }

    /// Counts what another one counted.
    pub fn merge(&mut self, other: &Sketch) {
        other.least.iter().for_each(|hash| self.add(super::part::from_unsigned(*hash)));
    }

    /// How many different hashes there were.
    pub fn count(&self) -> u64 {
        match self.least.last() {
            Some(last) if self.least.len() >= SKETCH_HASHES && *last > 0 => {
                let density = (SKETCH_HASHES as f64 - 1.0) / *last as f64;
                (density * 2.0_f64.powi(64)) as u64
            }
            _ => self.least.len() as u64,
        }
    }
}

/// The bits of the hash that number the parts of `profiles` profiles with `bytes` bytes; `before` are those of the
/// dataset's or the snapshot's last state.
pub(crate) fn part_bits(profiles: u64, bytes: u64, before: Option<u32>) -> u32 {
    let needed = |times: u64| {
        let rows = profiles.saturating_mul(times).div_ceil(PART_ROWS);
        let bytes = bytes.saturating_mul(times).div_ceil(PART_BYTES);
        // A part without profiles would hold nothing but its schema.
        rows.max(bytes.min(profiles)).max(1).next_power_of_two().trailing_zeros().min(PART_BITS_MAX)
    };
    match before {
        Some(before) if needed(1) < before => needed(SHRINK).min(before),
        _ => needed(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::hash_of;

    #[test]
    fn counts_are_near_and_the_same_in_any_order() {
        let hashes: Vec<i64> = (0..100_000).map(|n| hash_of(&format!("n:{n}"))).collect();
        let mut one = Sketch::default();
        hashes.iter().for_each(|hash| one.add(*hash));
        let mut halves = [Sketch::default(), Sketch::default()];
        hashes.iter().rev().chain(&hashes[..5_000]).enumerate().for_each(|(n, hash)| halves[n % 2].add(*hash));
        let [mut first, second] = halves;
        first.merge(&second);
        assert_eq!(one.count(), first.count());
        assert!((93_000..107_000).contains(&one.count()), "{}", one.count());
        let mut few = Sketch::default();
        hashes[..1_000].iter().chain(&hashes[..10]).for_each(|hash| few.add(*hash));
        assert_eq!(few.count(), 1_000);
        assert_eq!(Sketch::default().count(), 0);
    }

    #[test]
    fn parts_have_room_and_are_not_halved_at_once() {
        assert_eq!(part_bits(0, 0, None), 0);
        assert_eq!(part_bits(120_000, 0, None), 0);
        assert_eq!(part_bits(120_001, 0, None), 1);
        assert_eq!(part_bits(10_000_000, 0, None), 7);
        assert_eq!(part_bits(10_000, 1 << 30, None), 3);
        assert_eq!(part_bits(3, 1 << 40, None), 2);
        let before = Some(7);
        assert_eq!(part_bits(20_000_000, 0, before), 8);
        assert_eq!(part_bits(5_000_000, 0, before), 7);
        assert_eq!(part_bits(120_000 * 32 - 1, 0, before), 7);
        assert_eq!(part_bits(120_000 * 16, 0, before), 6);
        assert_eq!(part_bits(0, 0, before), 0);
    }
}
