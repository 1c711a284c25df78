//! `PutRecords`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::record::{Entry, Record};
use super::{Call, Ops, input, output, required, stream_name};
use crate::kinesis::errors::{KinesisResult, internal_failure, invalid_argument, validation};
use crate::kinesis::shard::Shard;
use crate::kinesis::stream::{Stream, shard_of};

/// Records of a request.
const RECORDS_MAX: usize = 500;
/// Data and keys of a request, in bytes.
const REQUEST_MAX_BYTES: u64 = 10 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    records: Option<Vec<Entry>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    failed_record_count: usize,
    records: Vec<Outcome>,
}

/// What became of a record.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Stored { sequence_number: String, shard_id: String },
    #[serde(rename_all = "PascalCase")]
    Failed { error_code: &'static str, error_message: String },
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let mut input: Input = input(call)?;
    let entries = input.records.take();
    let count = required(&entries, "records")?.len();
    if count == 0 || count > RECORDS_MAX {
        let bound = if count == 0 { "greater than or equal to 1" } else { "less than or equal to 500" };
        return Err(validation(format!("[{count} records]"), "records", &format!("Member must have length {bound}")));
    }
    let records: KinesisResult<Vec<Record>> = entries
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(at, entry)| entry.check(&format!("records.{}.member.", at + 1)))
        .collect();
    let records = records?;
    let stream = ops.in_use(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    check_sizes(ops, &stream, &records)?;
    let records = put(ops, &stream, &records, call.now);
    let failed_record_count = records.iter().filter(|outcome| matches!(outcome, Outcome::Failed { .. })).count();
    output(&Output { failed_record_count, records })
}

fn check_sizes(ops: &Ops, stream: &Stream, records: &[Record]) -> KinesisResult<()> {
    for record in records {
        record.check_size(stream)?;
    }
    let bytes_max = ops.faults.read(|f| f.kinesis.request_bytes_max).unwrap_or(REQUEST_MAX_BYTES);
    let bytes: usize = records.iter().map(Record::bytes).sum();
    if bytes as u64 > bytes_max {
        let mebibytes = bytes_max as f64 / (1024.0 * 1024.0);
        return Err(invalid_argument(format!("Records size exceeds {mebibytes} MB limit")));
    }
    Ok(())
}

/// Stores what is taken, shard by shard.
fn put(ops: &Ops, stream: &Stream, records: &[Record], now: DateTime<Utc>) -> Vec<Outcome> {
    let failed = |error: crate::kinesis::errors::KinesisError| Outcome::Failed {
        error_code: error.code,
        error_message: error.message,
    };
    let shards = stream.shards();
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(records.len());
    let mut taken: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        let place = shard_of(&shards, record.hash_key).ok_or_else(internal_failure);
        let admitted = place.and_then(|place| ops.admit(stream, &shards[place], record.bytes()).map(|()| place));
        outcomes.push(match admitted {
            Ok(place) => {
                taken.entry(place).or_default().push(at);
                None
            }
            Err(error) => Some(failed(error)),
        });
    }
    for (place, of_shard) in taken {
        let shard: &Arc<Shard> = &shards[place];
        let new: Vec<_> = of_shard.iter().map(|at| records[*at].to_store()).collect();
        match shard.append(&new, now) {
            Ok(numbers) => {
                for (at, sequence_number) in of_shard.into_iter().zip(numbers) {
                    outcomes[at] = Some(Outcome::Stored { sequence_number, shard_id: shard.id() });
                }
            }
            Err(error) => tracing::warn!(%error, shard = shard.id(), "records cannot be stored"),
        }
    }
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| failed(internal_failure()))).collect()
}
