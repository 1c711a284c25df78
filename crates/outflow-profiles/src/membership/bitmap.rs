//! Sets of rows: from words to bitmaps, and to bytes that depend on the set alone.

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
    use super::*;

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
