//! `SplitShard`.

use serde::Deserialize;

use super::{Call, Ops, input, required, stream_name};
use crate::kinesis::errors::{KinesisResult, invalid_argument};
use crate::kinesis::hash_key;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_to_split: Option<String>,
    new_starting_hash_key: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let shard = required(&input.shard_to_split, "shardToSplit")?;
    let at = hash_key::parse(required(&input.new_starting_hash_key, "newStartingHashKey")?, "NewStartingHashKey")?;
    let stream = ops.in_use(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    let parent = stream.shard(shard)?;
    if at <= parent.first_hash || at > parent.last_hash {
        return Err(invalid_argument(format!(
            "NewStartingHashKey {at} used in SplitShard() on shard {shard} in stream {} is not both greater than the \
             shard's StartingHashKey {} and less than or equal to its EndingHashKey {}.",
            stream.name, parent.first_hash, parent.last_hash
        )));
    }
    let ranges = [(parent.first_hash, at - 1), (at, parent.last_hash)];
    stream.reshard(&[parent], &ranges)?;
    Ok(Vec::new())
}
