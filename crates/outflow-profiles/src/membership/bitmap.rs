//! Sets of rows: from words to bitmaps, to bytes that depend on the set alone, and from these to words again.

use arrow::buffer::Buffer;
use outflow_model::Fault;
use roaring::RoaringBitmap;

/// Sets in `words` the bits that stand in `bits`, the first of them at `at`.
pub(super) fn put(words: &mut [u64], at: usize, bits: &[u64]) {
    let (first, shift) = (at / 64, at % 64);
    if shift == 0 {
        words[first..first + bits.len()].copy_from_slice(bits);
        return;
    }
    for (number, chunk) in bits.iter().enumerate() {
        words[first + number] |= chunk << shift;
        let over = chunk >> (64 - shift);
        if over != 0 {
            words[first + number + 1] |= over;
        }
    }
}

/// The rows whose bits are set.
pub(super) fn of_words(words: Vec<u64>) -> RoaringBitmap {
    RoaringBitmap::from_lsb0_bytes(0, Buffer::from_vec(words).as_slice())
}

/// The set that [`to_bytes`] wrote; `None` if it is none.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).ok()
}

/// Bits of a container of the portable Roaring format.
const CONTAINER_BITS: usize = 1 << 16;

/// Rows up to which a container without runs lists them.
const LISTED_MAX: usize = 4_096;

/// The containers of a set in the portable Roaring format: for each its number, its rows, whether it has runs. Behind
/// them are their contents.
struct Portable<'b> {
    containers: Vec<(usize, usize, bool)>,
    contents: Bytes<'b>,
}

/// Bytes that are read from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }

    fn numbers(&mut self, count: usize) -> Option<impl Iterator<Item = usize> + use<'b>> {
        let (pairs, _) = self.take(count * 2)?.as_chunks::<2>();
        Some(pairs.iter().map(|pair| usize::from(u16::from_le_bytes(*pair))))
    }
}

impl<'b> Portable<'b> {
    /// Reads the header: a cookie that says whether there are runs, the number of containers, which of them have runs,
    /// number and rows of each, and where it is, which follows from the others.
    fn new(bytes: &'b [u8]) -> Option<Portable<'b>> {
        const WITHOUT_RUNS: u32 = 12_346;
        const WITH_RUNS: u32 = 12_347;
        const OFFSETS_MIN: usize = 4;
        let mut bytes = Bytes(bytes);
        let cookie = u32::from_le_bytes(bytes.take(4)?.try_into().ok()?);
        let (count, runs): (usize, &[u8]) = match cookie {
            WITHOUT_RUNS => (u32::from_le_bytes(bytes.take(4)?.try_into().ok()?) as usize, &[]),
            _ if cookie & 0xFFFF == WITH_RUNS => {
                let count = (cookie >> 16) as usize + 1;
                (count, bytes.take(count.div_ceil(8))?)
            }
            _ => return None,
        };
        let described = bytes.take(count.checked_mul(4)?)?.as_chunks::<4>().0;
        if runs.is_empty() || count >= OFFSETS_MIN {
            bytes.take(count * 4)?;
        }
        let containers = described.iter().enumerate().map(|(number, [key, high, rows, more])| {
            let has_runs = runs.get(number / 8).is_some_and(|byte| byte >> (number % 8) & 1 == 1);
            let pair = |low: &u8, high: &u8| usize::from(u16::from_le_bytes([*low, *high]));
            (pair(key, high), pair(rows, more) + 1, has_runs)
        });
        Some(Portable { containers: containers.collect(), contents: bytes })
    }
}

/// How many rows the set has that [`to_bytes`] wrote; `None` if it is none.
pub(super) fn count(bytes: &[u8]) -> Option<usize> {
    Some(Portable::new(bytes)?.containers.iter().map(|(_, rows, _)| rows).sum())
}

/// Sets in `words`, which are cleared before, the bits of the rows that [`to_bytes`] wrote; `None` if it is no set or has
/// rows that `words` have no bits for.
pub(super) fn fill(bytes: &[u8], words: &mut [u64]) -> Option<()> {
    let Portable { containers, mut contents } = Portable::new(bytes)?;
    words.fill(0);
    for (number, rows, has_runs) in containers {
        let first = number * CONTAINER_BITS / 64;
        let words = words.get_mut(first..)?;
        if has_runs {
            let count = contents.numbers(1)?.next()?;
            let mut numbers = contents.numbers(count * 2)?;
            while let (Some(start), Some(more)) = (numbers.next(), numbers.next()) {
                let length = Some(more + 1).filter(|length| start + length <= CONTAINER_BITS)?;
                set_run(words, start, length)?;
            }
        } else if rows <= LISTED_MAX {
            for row in contents.numbers(rows)? {
                *words.get_mut(row / 64)? |= 1 << (row % 64);
            }
        } else {
            let (stored, _) = contents.take(CONTAINER_BITS / 8)?.as_chunks::<8>();
            let room = words.len().min(stored.len());
            if stored[room..].iter().any(|word| *word != [0; 8]) {
                return None;
            }
            words.iter_mut().zip(stored).for_each(|(word, bytes)| *word = u64::from_le_bytes(*bytes));
        }
    }
    Some(())
}

/// Sets `length` bits from `start` on.
fn set_run(words: &mut [u64], start: usize, length: usize) -> Option<()> {
    let (first, last) = (start / 64, (start + length - 1) / 64);
    let words = words.get_mut(first..=last)?;
    let (from, to) = (u64::MAX << (start % 64), u64::MAX >> (63 - (start + length - 1) % 64));
    match words {
        [only] => *only |= from & to,
        [begin, between @ .., end] => {
            *begin |= from;
            between.fill(u64::MAX);
            *end |= to;
        }
        [] => {}
    }
    Some(())
}

/// The set in the portable Roaring format, in the smallest form that it has there.
pub(super) fn to_bytes(mut rows: RoaringBitmap) -> Result<Vec<u8>, Fault> {
    rows.remove_run_compression();
    rows.optimize();
    let mut bytes = Vec::with_capacity(rows.serialized_size());
    rows.serialize_into(&mut bytes).map_err(|e| Fault::internal("a bitmap cannot be written").because(e))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_comes_back_as_words(
            spans in prop::collection::vec((0u32..200_000, 1u32..9_000), 0..6),
            single in prop::collection::btree_set(0u32..200_000, 0..300),
            every in prop::option::of(2u32..40),
        ) {
            let mut rows: RoaringBitmap = single.into_iter().collect();
            rows.extend(spans.into_iter().flat_map(|(first, length)| first..first + length));
            rows.extend(every.into_iter().flat_map(|step| (0..90_000).step_by(step as usize)));
            let bytes = to_bytes(rows.clone()).unwrap();
            let mut words = vec![u64::MAX; 209_000usize.div_ceil(64)];
            prop_assert_eq!(fill(&bytes, &mut words), Some(()));
            prop_assert_eq!(of_words(words), rows.clone());
            prop_assert_eq!(count(&bytes), Some(rows.len() as usize));
            prop_assert_eq!(from_bytes(&bytes), Some(rows.clone()));
            // Words that end before the last row have no room for it.
            let mut few = vec![0; rows.max().unwrap_or(0) as usize / 64];
            prop_assert_eq!(fill(&bytes, &mut few).is_some(), rows.is_empty());
        }

        #[test]
        fn bytes_that_are_no_set_are_told_and_never_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            cookie in prop::sample::select(vec![12_346u32, 12_347, 12_347 | 3 << 16, 7]),
            cut in 0usize..9_000,
        ) {
            let with_cookie: Vec<u8> = cookie.to_le_bytes().into_iter().chain(bytes).collect();
            let mut words = vec![0; 4_096];
            let _ = (fill(&with_cookie, &mut words), count(&with_cookie));
            let whole = to_bytes((0..70_000).filter(|row| row % 3 > 0).collect()).unwrap();
            prop_assert_eq!(fill(&whole[..cut], &mut words), None);
        }
    }

    #[test]
    fn bits_are_put_at_any_place() {
        for at in [0, 1, 63, 64, 100] {
            for length in [1, 63, 64, 65, 130] {
                let mut bits = vec![0; usize::div_ceil(length, 64)];
                (0..length).step_by(3).for_each(|row| bits[row / 64] |= 1u64 << (row % 64));
                let mut words = vec![0; (at + length).div_ceil(64)];
                put(&mut words, at, &bits);
                let expected: RoaringBitmap =
                    (0..length as u32).filter(|r| r % 3 == 0).map(|r| r + at as u32).collect();
                assert_eq!(of_words(words), expected, "{length} at {at}");
            }
        }
    }

    #[test]
    fn equal_sets_have_equal_bytes_however_they_came_about() {
        let long: RoaringBitmap = (0..70_000).collect();
        let mut grown = RoaringBitmap::new();
        for row in (0..70_000).rev() {
            grown.insert(row);
        }
        let cut = &(0..140_000).collect::<RoaringBitmap>() - &(70_000..140_000).collect::<RoaringBitmap>();
        let bytes = to_bytes(long.clone()).unwrap();
        assert!(bytes.len() < 100, "a run is a run");
        assert_eq!(to_bytes(grown).unwrap(), bytes);
        assert_eq!(to_bytes(cut).unwrap(), bytes);
        let mut words = vec![u64::MAX; 70_000 / 64];
        words.push((1 << (70_000 % 64)) - 1);
        assert_eq!(to_bytes(of_words(words)).unwrap(), bytes);
        assert_eq!(RoaringBitmap::deserialize_from(&bytes[..]).unwrap(), long);
    }
}
