//! A record that is put, and whether it is taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::Ops;
use crate::kinesis::errors::{
    KinesisError, KinesisResult, internal_failure, invalid_argument, missing, rate_exceeded, validation,
};
use crate::kinesis::hash_key;
use crate::kinesis::shard::{NewRecord, Shard};
use crate::kinesis::stream::Stream;

/// Characters of a partition key.
const KEY_MAX_CHARS: usize = 256;

/// A record as a request has it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    data: Option<String>,
    partition_key: Option<String>,
    explicit_hash_key: Option<String>,
}

/// A record that is as it must be.
pub(super) struct Record {
    pub(super) partition_key: String,
    pub(super) explicit_hash_key: Option<String>,
    pub(super) hash_key: u128,
    pub(super) data: Vec<u8>,
}

impl Entry {
    pub(super) fn new(data: Option<String>, partition_key: Option<String>, explicit_hash_key: Option<String>) -> Entry {
        Entry { data, partition_key, explicit_hash_key }
    }

    /// Checks the record, whose members are called `PLACE` and their name.
    pub(super) fn check(self, place: &str) -> KinesisResult<Record> {
        let data = self.data.ok_or_else(|| missing(&format!("{place}data")))?;
        let data = BASE64
            .decode(data)
            .map_err(|e| KinesisError::new("SerializationException", format!("{place}data is not in base64: {e}")))?;
        let partition_key = self.partition_key.ok_or_else(|| missing(&format!("{place}partitionKey")))?;
        if partition_key.is_empty() || partition_key.chars().count() > KEY_MAX_CHARS {
            let rule = format!("Member must have length between 1 and {KEY_MAX_CHARS}");
            return Err(validation(&partition_key, &format!("{place}partitionKey"), &rule));
        }
        let hash_key = match &self.explicit_hash_key {
            Some(given) => hash_key::parse(given, "ExplicitHashKey")?,
            None => hash_key::of(&partition_key),
        };
        Ok(Record { partition_key, explicit_hash_key: self.explicit_hash_key, hash_key, data })
    }
}

impl Record {
    /// What it takes of all limits, in bytes: data and key.
    pub(super) fn bytes(&self) -> usize {
        self.data.len() + self.partition_key.len()
    }

    /// Refuses a record that is too large for `stream`.
    pub(super) fn check_size(&self, stream: &Stream) -> KinesisResult<()> {
        let bytes_max = stream.record_kib_max as usize * 1024;
        if self.bytes() <= bytes_max {
            return Ok(());
        }
        Err(invalid_argument(format!(
            "The size of the data and the partition key of a record, {} bytes, exceeds the maximum record size of the \
             stream, {bytes_max} bytes.",
            self.bytes()
        )))
    }

    pub(super) fn to_store(&self) -> NewRecord<'_> {
        NewRecord {
            partition_key: &self.partition_key,
            explicit_hash_key: self.explicit_hash_key.as_deref(),
            data: &self.data,
        }
    }
}

impl Ops {
    /// Refuses a record of `bytes` that `shard` does not take just now.
    pub(super) fn admit(&self, stream: &Stream, shard: &Shard, bytes: usize) -> KinesisResult<()> {
        let number = self.count_record();
        let (throttle, failure, limits) =
            self.faults.read(|f| (f.kinesis.throttle, f.kinesis.partial_failure, f.kinesis.shard_limits));
        if throttle.is_some_and(|nth| number.is_multiple_of(nth.every.max(1)))
            && self.faults.hit(|f| f.kinesis.throttle.as_mut().map(|nth| &mut nth.times))
        {
            return Err(rate_exceeded(&shard.id(), &stream.name));
        }
        if failure.is_some_and(|nth| number.is_multiple_of(nth.every.max(1)))
            && self.faults.hit(|f| f.kinesis.partial_failure.as_mut().map(|nth| &mut nth.times))
        {
            return Err(internal_failure());
        }
        if limits.is_some_and(|limits| !shard.allows(limits, bytes)) {
            return Err(rate_exceeded(&shard.id(), &stream.name));
        }
        Ok(())
    }
}
