//! `GetShardIterator`.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::json;

use super::{Call, Ops, input, output, required, stream_name};
use crate::kinesis::errors::{KinesisResult, invalid_argument, io_error, validation};
use crate::kinesis::iterator::ShardIterator;
use crate::kinesis::shard::Shard;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_id: Option<String>,
    shard_iterator_type: Option<String>,
    starting_sequence_number: Option<String>,
    timestamp: Option<f64>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let shard_id = required(&input.shard_id, "shardId")?;
    let kind = required(&input.shard_iterator_type, "shardIteratorType")?;
    let stream = ops.in_use(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    let shard = stream.shard(shard_id)?;
    let (offset, skip) = match kind.as_str() {
        "TRIM_HORIZON" => (0, false),
        "LATEST" => (shard.end(), false),
        "AT_SEQUENCE_NUMBER" => (numbered(&input, &shard)?, false),
        "AFTER_SEQUENCE_NUMBER" => (numbered(&input, &shard)?, true),
        "AT_TIMESTAMP" => {
            let millis = input.timestamp.map(|seconds| (seconds * 1000.0).round() as i64);
            let time = millis.and_then(DateTime::from_timestamp_millis);
            let time = time.ok_or_else(|| invalid_argument("AT_TIMESTAMP needs a Timestamp."))?;
            (shard.offset_at(time).map_err(|e| io_error(&e))?, false)
        }
        other => {
            let rule = "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, \
                        AT_SEQUENCE_NUMBER, TRIM_HORIZON]";
            return Err(validation(other, "shardIteratorType", rule));
        }
    };
    let iterator = ShardIterator {
        stream: stream.name.clone(),
        created_secs: stream.created_at.timestamp(),
        shard: shard.id(),
        offset,
        skip,
        given_at: call.now,
    };
    output(&json!({ "ShardIterator": iterator.write()? }))
}

fn numbered(input: &Input, shard: &Shard) -> KinesisResult<u64> {
    let number = input.starting_sequence_number.as_deref();
    let number = number.ok_or_else(|| invalid_argument("The iterator's type needs a StartingSequenceNumber."))?;
    shard.offset(number).ok_or_else(|| {
        invalid_argument(format!(
            "StartingSequenceNumber {number} used in GetShardIterator on shard {} is invalid.",
            shard.id()
        ))
    })
}
