//! The operations, one a file.

mod create_stream;
mod delete_stream;
mod describe_stream;
mod describe_stream_summary;
mod get_records;
mod get_shard_iterator;
mod list_shards;
mod list_streams;
mod merge_shards;
mod put_record;
mod put_records;
mod record;
mod shown;
mod split_shard;

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::errors::{KinesisError, KinesisResult, invalid_argument, io_error, missing, stream_not_found, validation};
use super::faults::StreamStatus;
use super::stream::Stream;
use super::streams::Streams;
use crate::faults::Faults;

/// What the operations work with.
pub(crate) struct Ops {
    streams: Streams,
    faults: Faults,
    region: Arc<str>,
    /// Records that were put since faults were set.
    records: Mutex<(u64, u64)>,
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) now: DateTime<Utc>,
}

const NAMES: [&str; 12] = [
    "CreateStream",
    "DeleteStream",
    "DescribeStream",
    "DescribeStreamSummary",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "ListStreams",
    "MergeShards",
    "PutRecord",
    "PutRecords",
    "SplitShard",
];

/// The operation `name`, when there is one.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| *known == name)
}

/// Whether `operation` changes something.
pub(crate) fn changes(operation: &str) -> bool {
    !["Describe", "Get", "List"].iter().any(|reads| operation.starts_with(reads))
}

/// The stream that a request is about, for an error's text.
pub(crate) fn resource(body: &[u8]) -> String {
    serde_json::from_slice::<StreamOnly>(body)
        .ok()
        .and_then(|input| input.name().ok().map(str::to_owned))
        .unwrap_or("*".into())
}

impl Ops {
    pub(crate) fn new(streams: Streams, faults: Faults, region: Arc<str>) -> Ops {
        Ops { streams, faults, region, records: Mutex::default() }
    }

    /// Does `operation` and answers its JSON.
    pub(crate) fn call(&self, operation: &str, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
        match operation {
            "CreateStream" => create_stream::run(self, call),
            "DeleteStream" => delete_stream::run(self, call),
            "DescribeStream" => describe_stream::run(self, call),
            "DescribeStreamSummary" => describe_stream_summary::run(self, call),
            "GetRecords" => get_records::run(self, call),
            "GetShardIterator" => get_shard_iterator::run(self, call),
            "ListShards" => list_shards::run(self, call),
            "ListStreams" => list_streams::run(self, call),
            "MergeShards" => merge_shards::run(self, call),
            "PutRecord" => put_record::run(self, call),
            "PutRecords" => put_records::run(self, call),
            "SplitShard" => split_shard::run(self, call),
            _ => Err(KinesisError::new("UnknownOperationException", "")),
        }
    }

    /// The state of all streams.
    fn status(&self) -> StreamStatus {
        self.faults.read(|f| f.kinesis.stream_status).unwrap_or(StreamStatus::Active)
    }

    /// A stream to put records to or to read them from.
    fn in_use(&self, name: &str) -> KinesisResult<Arc<Stream>> {
        match self.status() {
            StreamStatus::Creating | StreamStatus::Deleting => Err(stream_not_found(name)),
            StreamStatus::Active | StreamStatus::Updating => self.streams.get(name),
        }
    }

    /// Counts a record: which one it is since faults were set, from 1.
    fn count_record(&self) -> u64 {
        let generation = self.faults.generation();
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.0 != generation {
            *records = (generation, 0);
        }
        records.1 += 1;
        records.1
    }
}

/// The input of operations that want a stream and no more.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamOnly {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl StreamOnly {
    fn name(&self) -> KinesisResult<&str> {
        stream_name(self.stream_name.as_deref(), self.stream_arn.as_deref())
    }
}

/// Reads the input of an operation.
fn input<T: DeserializeOwned>(call: &Call<'_>) -> KinesisResult<T> {
    serde_json::from_slice(call.body).map_err(|e| KinesisError::new("SerializationException", e.to_string()))
}

/// Writes the output of an operation.
fn output(value: &impl Serialize) -> KinesisResult<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| io_error(&e.into()))
}

/// The name of the stream that is meant.
fn stream_name<'a>(name: Option<&'a str>, arn: Option<&'a str>) -> KinesisResult<&'a str> {
    let from_arn = arn.map(|arn| arn.rsplit_once("stream/").map_or(arn, |(_, name)| name));
    match (name, from_arn) {
        (Some(name), Some(other)) if name != other => Err(invalid_argument(format!(
            "StreamName {name} and StreamARN {} are not of one stream.",
            arn.unwrap_or("")
        ))),
        (Some(name), _) | (None, Some(name)) => Ok(name),
        (None, None) => Err(invalid_argument("Either StreamName or StreamARN must be given.")),
    }
}

/// A member that has to be there.
fn required<'a, T>(value: &'a Option<T>, member: &str) -> KinesisResult<&'a T> {
    value.as_ref().ok_or_else(|| missing(member))
}

/// A count within `range`, or `default`.
fn count(value: Option<i64>, member: &str, range: &RangeInclusive<i64>, default: usize) -> KinesisResult<usize> {
    let Some(value) = value else { return Ok(default) };
    if !range.contains(&value) {
        let rule = format!("Member must have a value between {} and {}", range.start(), range.end());
        return Err(validation(value, member, &rule));
    }
    Ok(usize::try_from(value).unwrap_or(default))
}

/// A place in a listing, given to whoever goes on with it.
fn to_token(place: &impl Serialize) -> KinesisResult<String> {
    output(place).map(|json| BASE64.encode(json))
}

fn from_token<T: DeserializeOwned>(token: &str) -> KinesisResult<T> {
    let place = BASE64.decode(token).ok().and_then(|json| serde_json::from_slice(&json).ok());
    place.ok_or_else(|| invalid_argument("Invalid NextToken."))
}

fn seconds(time: DateTime<Utc>) -> f64 {
    time.timestamp_millis() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_by_name_or_arn() {
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/a";
        assert_eq!(stream_name(Some("a"), None).unwrap(), "a");
        assert_eq!(stream_name(None, Some(arn)).unwrap(), "a");
        assert_eq!(stream_name(Some("a"), Some(arn)).unwrap(), "a");
        assert_eq!(stream_name(Some("b"), Some(arn)).unwrap_err().code, "InvalidArgumentException");
        assert_eq!(resource(b"{\"StreamARN\":\"arn:aws:kinesis:us-east-1:000000000000:stream/a\"}"), "a");
        assert_eq!(resource(b"{}"), "*");
    }

    #[test]
    fn each_operation_is_known_and_some_change_something() {
        assert_eq!(known("PutRecords"), Some("PutRecords"));
        assert_eq!(known("UpdateShardCount"), None);
        let changing: Vec<_> = NAMES.into_iter().filter(|name| changes(name)).collect();
        assert_eq!(changing, ["CreateStream", "DeleteStream", "MergeShards", "PutRecord", "PutRecords", "SplitShard"]);
    }
}
