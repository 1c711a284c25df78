//! Numbers in as few bytes as they need: groups of seven bits, the lowest first.

use bytes::Buf;

/// Appends a number.
pub(super) fn write_number(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// Takes a number off the front; `None` where there is none.
pub(super) fn read_number(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = from.try_get_u8().ok()?;
        number |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_what_is_cut_or_too_long_is_none() {
        for number in [0, 1, 127, 128, 300, 1 << 35, u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            write_number(number, &mut bytes);
            assert_eq!(read_number(&mut &bytes[..bytes.len() - 1]), None);
            bytes.push(7);
            let mut from = bytes.as_slice();
            assert_eq!((read_number(&mut from), from), (Some(number), &[7][..]));
        }
        assert_eq!(read_number(&mut &[0x80; 11][..]), None);
    }
}
