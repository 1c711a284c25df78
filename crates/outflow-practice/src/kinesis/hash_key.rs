//! Hash keys: the 128 bits that decide on a record's shard.

use md5::{Digest as _, Md5};

use super::errors::{KinesisResult, invalid_argument, validation};

/// The hash key of a partition key.
pub(crate) fn of(partition_key: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(partition_key.as_bytes()).into())
}

/// A hash key that was given as a decimal number.
pub(crate) fn parse(text: &str, member: &str) -> KinesisResult<u128> {
    let digits = !text.is_empty() && text.len() <= 39 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        let rule = "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})";
        return Err(validation(text, member, rule));
    }
    text.parse().map_err(|_| {
        invalid_argument(format!(
            "Invalid {member}. {member} must be in the range: [0, 2^128-1]. Specified value was {text}"
        ))
    })
}

/// For fields of files: JSON's numbers are not read exactly by everybody.
pub(crate) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(key: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(key)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbers_of_128_bits() {
        // `md5sum` says 0cc175b9c0f1b6a831c399e269772661.
        assert_eq!(of("a"), 0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661);
        assert_eq!(parse("0", "k").unwrap(), 0);
        assert_eq!(parse("340282366920938463463374607431768211455", "k").unwrap(), u128::MAX);
        assert_eq!(parse("340282366920938463463374607431768211456", "k").unwrap_err().code, "InvalidArgumentException");
        for wrong in ["", "00", "-1", "x", "1.0", "3402823669209384634633746074317682114550"] {
            assert_eq!(parse(wrong, "k").unwrap_err().code, "ValidationException", "{wrong}");
        }
    }
}
