//! Parquet's RLE and bit-packing hybrid: levels and dictionary codes.
//!
//! Runs alternate: a header of even value `2n` is followed by one value repeated `n` times, an odd one `2n + 1` by `n`
//! groups of eight bit-packed values. (Parquet format, "Encodings", RLE = 3.)

/// Decodes a hybrid-encoded sequence of values of `bit_width` bits.
pub(super) struct Hybrid<'a> {
    data: &'a [u8],
    bit_width: u8,
}

/// The bytes are not what the page says they are.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a page is not what its header says")]
pub(super) struct Malformed;

impl<'a> Hybrid<'a> {
    /// `data` starts at the first run header. Widths of more than 32 bits are malformed.
    pub fn new(data: &'a [u8], bit_width: u8) -> Result<Hybrid<'a>, Malformed> {
        if bit_width > 32 { Err(Malformed) } else { Ok(Hybrid { data, bit_width }) }
    }

    /// Appends exactly `count` values to `out`.
    pub fn decode(mut self, count: usize, out: &mut Vec<u32>) -> Result<(), Malformed> {
        let wanted = out.len() + count;
        out.reserve(count);
        while out.len() < wanted {
            let header = self.varint()?;
            if header & 1 == 0 {
                let run = (header >> 1) as usize;
                let value = self.repeated_value()?;
                if run == 0 {
                    return Err(Malformed);
                }
                out.resize((out.len() + run).min(wanted), value);
            } else {
                let groups = (header >> 1) as usize;
                let length = groups.checked_mul(self.bit_width as usize).ok_or(Malformed)?;
                // The last run of a page may be shorter than its groups say: writers need not pad it.
                let packed = &self.data[..length.min(self.data.len())];
                let values = groups.checked_mul(8).ok_or(Malformed)?.min(wanted - out.len());
                if values == 0 || packed.len() * 8 < values * self.bit_width as usize {
                    return Err(Malformed);
                }
                unpack(packed, self.bit_width, values, out);
                self.data = &self.data[packed.len()..];
            }
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.data.split_first().ok_or(Malformed)?;
            self.data = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn repeated_value(&mut self) -> Result<u32, Malformed> {
        let width_bytes = (self.bit_width as usize).div_ceil(8);
        if self.data.len() < width_bytes {
            return Err(Malformed);
        }
        let (bytes, rest) = self.data.split_at(width_bytes);
        self.data = rest;
        let mut le = [0u8; 4];
        le[..width_bytes].copy_from_slice(bytes);
        Ok(u32::from_le_bytes(le))
    }
}

/// Appends `count` values of `bit_width` bits, least significant bit first, from `packed`, which holds them all.
fn unpack(packed: &[u8], bit_width: u8, count: usize, out: &mut Vec<u32>) {
    match bit_width {
        0 => out.resize(out.len() + count, 0),
        1 => unpack_small::<1>(packed, count, out),
        2 => unpack_small::<2>(packed, count, out),
        4 => unpack_small::<4>(packed, count, out),
        8 => out.extend(packed[..count].iter().map(|&b| u32::from(b))),
        _ => unpack_any(packed, bit_width, count, out),
    }
}

/// Widths that divide eight: every byte holds `8 / BITS` whole values.
fn unpack_small<const BITS: u8>(packed: &[u8], count: usize, out: &mut Vec<u32>) {
    let per_byte = (8 / BITS) as usize;
    let mask = (1u32 << BITS) - 1;
    let whole = count / per_byte;
    for &byte in &packed[..whole] {
        for i in 0..per_byte {
            out.push((u32::from(byte) >> (i as u8 * BITS)) & mask);
        }
    }
    for i in 0..count % per_byte {
        out.push((u32::from(packed[whole]) >> (i as u8 * BITS)) & mask);
    }
}

fn unpack_any(packed: &[u8], bit_width: u8, count: usize, out: &mut Vec<u32>) {
    let width = bit_width as usize;
    let mask = (1u64 << width) - 1;
    let mut bit = 0usize;
    // A value of up to 32 bits lies within the eight bytes that start at its first byte.
    let fast = packed.len().saturating_sub(8) * 8 / width;
    for _ in 0..count.min(fast) {
        let at = bit / 8;
        let mut eight = [0u8; 8];
        eight.copy_from_slice(&packed[at..at + 8]);
        out.push(((u64::from_le_bytes(eight) >> (bit % 8)) & mask) as u32);
        bit += width;
    }
    for _ in count.min(fast)..count {
        let at = bit / 8;
        let rest = &packed[at..packed.len().min(at + 8)];
        let mut eight = [0u8; 8];
        eight[..rest.len()].copy_from_slice(rest);
        out.push(((u64::from_le_bytes(eight) >> (bit % 8)) & mask) as u32);
        bit += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Packs runs of equal values as RLE and everything else in groups of eight, as writers do.
    fn encode(values: &[u32], bit_width: u8) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in values.chunks(24) {
            if chunk.iter().all(|v| *v == chunk[0]) {
                out.push((chunk.len() as u8) << 1);
                out.extend_from_slice(&chunk[0].to_le_bytes()[..(bit_width as usize).div_ceil(8)]);
                continue;
            }
            let groups = chunk.len().div_ceil(8);
            out.push((groups as u8) << 1 | 1);
            let mut bytes = vec![0u8; groups * bit_width as usize];
            for (i, v) in chunk.iter().enumerate() {
                for b in 0..bit_width as usize {
                    if v >> b & 1 == 1 {
                        let bit = i * bit_width as usize + b;
                        bytes[bit / 8] |= 1 << (bit % 8);
                    }
                }
            }
            out.extend(bytes);
        }
        out
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(width in 1u8..=20, raw in prop::collection::vec(any::<u32>(), 1..200), same in any::<bool>()) {
            let mask = (1u64 << width) as u32 - 1;
            let values: Vec<u32> = raw.iter().map(|v| if same { raw[0] & mask } else { v & mask }).collect();
            let mut out = Vec::new();
            Hybrid::new(&encode(&values, width), width).unwrap().decode(values.len(), &mut out).unwrap();
            prop_assert_eq!(out, values);
        }

        #[test]
        fn garbage_is_an_error_and_never_a_panic(width in 0u8..40, data in prop::collection::vec(any::<u8>(), 0..64), count in 0usize..500) {
            let mut out = Vec::new();
            if let Ok(hybrid) = Hybrid::new(&data, width) && hybrid.decode(count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
