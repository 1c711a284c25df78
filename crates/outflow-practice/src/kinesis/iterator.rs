//! Shard iterators: where a reader stands, given to the reader.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::errors::{KinesisError, KinesisResult, invalid_argument};

/// How long an iterator can be used.
const LIFE: TimeDelta = TimeDelta::minutes(5);

/// Where a reader stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShardIterator {
    pub(crate) stream: String,
    /// Tells a stream from a later one of its name, in seconds since 1970.
    pub(crate) created_secs: i64,
    pub(crate) shard: String,
    /// In bytes.
    pub(crate) offset: u64,
    /// Whether the record at `offset` was read before.
    pub(crate) skip: bool,
    pub(crate) given_at: DateTime<Utc>,
}

impl ShardIterator {
    /// The text that the reader gets.
    pub(crate) fn write(&self) -> KinesisResult<String> {
        serde_json::to_vec(self)
            .map(|json| BASE64.encode(json))
            .map_err(|e| super::errors::io_error(&std::io::Error::other(e)))
    }

    /// Reads what a reader brings.
    pub(crate) fn read(text: &str, now: DateTime<Utc>) -> KinesisResult<ShardIterator> {
        let iterator: Option<ShardIterator> =
            BASE64.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let iterator = iterator.ok_or_else(|| invalid_argument("Invalid ShardIterator."))?;
        if now - iterator.given_at > LIFE {
            let message = format!(
                "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the \
                 future than the tolerated delay of {} milliseconds.",
                iterator.given_at.to_rfc3339(),
                now.to_rfc3339(),
                LIFE.num_milliseconds()
            );
            return Err(KinesisError::new("ExpiredIteratorException", message));
        }
        Ok(iterator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterators_come_back_for_five_minutes() {
        let given_at = DateTime::UNIX_EPOCH;
        let given =
            ShardIterator { stream: "s".into(), created_secs: 1, shard: "x".into(), offset: 7, skip: true, given_at };
        let text = given.write().unwrap();
        assert_eq!(ShardIterator::read(&text, given_at + TimeDelta::seconds(299)).unwrap(), given);
        let late = ShardIterator::read(&text, given_at + TimeDelta::seconds(301)).unwrap_err();
        assert_eq!(late.code, "ExpiredIteratorException");
        assert_eq!(ShardIterator::read("AAAA", given_at).unwrap_err().code, "InvalidArgumentException");
    }
}
