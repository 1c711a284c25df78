//! Sequence numbers: of 56 digits as the service's, growing within a shard and from parent to child.
//!
//! They hold the place of the record in its shard's file, so that no index has to be kept.

/// What all numbers begin with, so that they do not begin with a zero.
const PREFIX: &str = "49";

/// The number of the record at `offset`, in bytes, of a shard of a stream that was made at `created_secs`.
pub(crate) fn number(created_secs: i64, shard: u32, offset: u64) -> String {
    format!("{PREFIX}{created_secs:012}{shard:012}{offset:030}")
}

/// The offset in `number`, when it is one of this shard.
pub(crate) fn offset(text: &str, created_secs: i64, shard: u32) -> Option<u64> {
    if text.len() != 56 {
        return None;
    }
    let place = text.strip_prefix(&format!("{PREFIX}{created_secs:012}{shard:012}"))?;
    place.bytes().all(|b| b.is_ascii_digit()).then(|| place.parse().ok())?
}

/// The name of a shard.
pub(crate) fn shard_id(number: u32) -> String {
    format!("shardId-{number:012}")
}

/// The number of the shard that is called `id`.
pub(crate) fn shard_number(id: &str) -> Option<u32> {
    let digits = id.strip_prefix("shardId-").filter(|d| d.len() == 12)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_and_are_read_back() {
        let first = number(1_700_000_000, 3, 99);
        assert_eq!(first.len(), 56);
        assert_eq!(offset(&first, 1_700_000_000, 3), Some(99));
        assert_eq!(offset(&first, 1_700_000_000, 4), None);
        assert_eq!(offset("49", 1_700_000_000, 3), None);
        assert!(first < number(1_700_000_000, 3, 100) && first < number(1_700_000_000, 4, 0));
        assert_eq!(shard_number(&shard_id(7)), Some(7));
        assert_eq!(shard_number("shardId-7"), None);
    }
}
