//! `GetRecords`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Call, Ops, count, input, output, required, seconds, shown};
use crate::kinesis::errors::{KinesisResult, invalid_argument, io_error, stream_not_found};
use crate::kinesis::iterator::ShardIterator;
use crate::kinesis::sequence;
use crate::kinesis::shard::Shard;
use crate::kinesis::stream::Stream;

/// What an answer holds, in bytes of data and keys.
const ANSWER_MAX_BYTES: usize = 10 * 1024 * 1024;
const RECORDS_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    shard_iterator: Option<String>,
    limit: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    records: Vec<Record>,
    next_shard_iterator: Option<String>,
    millis_behind_latest: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_shards: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    sequence_number: String,
    approximate_arrival_timestamp: f64,
    data: String,
    partition_key: String,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let iterator = ShardIterator::read(required(&input.shard_iterator, "shardIterator")?, call.now)?;
    let limit = count(input.limit, "limit", &(1..=RECORDS_MAX as i64), RECORDS_MAX)?;
    let stream = ops.in_use(&iterator.stream)?;
    if stream.created_at.timestamp() != iterator.created_secs {
        return Err(stream_not_found(&iterator.stream));
    }
    let shard = stream.shard(&iterator.shard)?;
    // Before the read: what a shard holds when it is closed must be read before its reader is sent to its children.
    let closed = shard.is_closed();
    let back = shard.read(iterator.offset, iterator.skip, limit, ANSWER_MAX_BYTES).map_err(|e| {
        if e.kind() == std::io::ErrorKind::InvalidInput {
            invalid_argument("No record begins at the place of the ShardIterator.")
        } else {
            io_error(&e)
        }
    })?;
    let over = closed && back.at_end;
    // One that stands at the end with a record to skip is at the end of what there is, and skips nothing later.
    let next = ShardIterator { offset: back.next, skip: false, given_at: call.now, ..iterator };
    let behind =
        back.records.last().filter(|_| !back.at_end).map_or(0, |r| (call.now - r.arrived_at).num_milliseconds());
    output(&Output {
        records: back
            .records
            .into_iter()
            .map(|record| Record {
                data: record.data(),
                approximate_arrival_timestamp: seconds(record.arrived_at),
                sequence_number: record.sequence_number.into_owned(),
                partition_key: record.partition_key.into_owned(),
            })
            .collect(),
        next_shard_iterator: if over { None } else { Some(next.write()?) },
        millis_behind_latest: behind.max(0),
        child_shards: if over { children(&stream, &shard) } else { Vec::new() },
    })
}

fn children(stream: &Stream, parent: &Shard) -> Vec<Value> {
    let number = Some(parent.number);
    let shards = stream.shards();
    let of_parent = shards.iter().filter(|shard| shard.parent == number || shard.adjacent_parent == number);
    of_parent
        .map(|child| {
            let parents: Vec<_> =
                [child.parent, child.adjacent_parent].into_iter().flatten().map(sequence::shard_id).collect();
            json!({ "ShardId": child.id(), "ParentShards": parents, "HashKeyRange": shown::range(child) })
        })
        .collect()
}
