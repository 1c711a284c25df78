//! Bitmaps from slices.

use arrow::buffer::{BooleanBuffer, Buffer};

/// One bit for each value: whether `test` holds. Sixty-four at a time, so that the compiler sees a loop without bounds.
pub(super) fn pack<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> BooleanBuffer {
    let mut words: Vec<u64> = Vec::with_capacity(values.len().div_ceil(64));
    for chunk in values.chunks(64) {
        let mut word = 0u64;
        for (bit, value) in chunk.iter().enumerate() {
            word |= u64::from(test(*value)) << bit;
        }
        words.push(word);
    }
    BooleanBuffer::new(Buffer::from_vec(words), 0, values.len())
}

/// The same bit `length` times.
pub(super) fn constant(bit: bool, length: usize) -> BooleanBuffer {
    if bit { BooleanBuffer::new_set(length) } else { BooleanBuffer::new_unset(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_packs_every_bit() {
        for length in [0usize, 1, 63, 64, 65, 200] {
            let values: Vec<usize> = (0..length).collect();
            let bits = pack(&values, |v| v % 3 == 1);
            assert_eq!(bits.len(), length);
            assert!(bits.iter().enumerate().all(|(i, bit)| bit == (i % 3 == 1)));
        }
    }
}
