//! `PutRecord`.

use serde::Deserialize;
use serde_json::json;

use super::record::Entry;
use super::{Call, Ops, input, output, stream_name};
use crate::kinesis::errors::{KinesisResult, internal_failure, io_error};
use crate::kinesis::stream::shard_of;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    data: Option<String>,
    partition_key: Option<String>,
    explicit_hash_key: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let record = Entry::new(input.data, input.partition_key, input.explicit_hash_key).check("")?;
    let stream = ops.in_use(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    record.check_size(&stream)?;
    let shards = stream.shards();
    let shard = shard_of(&shards, record.hash_key).and_then(|at| shards.get(at)).ok_or_else(internal_failure)?;
    ops.admit(&stream, shard, record.bytes())?;
    let numbers = shard.append(&[record.to_store()], call.now).map_err(|e| io_error(&e))?;
    output(&json!({ "ShardId": shard.id(), "SequenceNumber": numbers.first() }))
}
