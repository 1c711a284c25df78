//! `MergeShards`.

use serde::Deserialize;

use super::{Call, Ops, input, required, stream_name};
use crate::kinesis::errors::{KinesisResult, invalid_argument};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_to_merge: Option<String>,
    adjacent_shard_to_merge: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let one = required(&input.shard_to_merge, "shardToMerge")?;
    let other = required(&input.adjacent_shard_to_merge, "adjacentShardToMerge")?;
    let stream = ops.in_use(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    let parents = [stream.shard(one)?, stream.shard(other)?];
    let (low, high) = if parents[0].first_hash < parents[1].first_hash {
        (&parents[0], &parents[1])
    } else {
        (&parents[1], &parents[0])
    };
    if low.last_hash.checked_add(1) != Some(high.first_hash) {
        return Err(invalid_argument(format!(
            "Shards {one} and {other} in stream {} are not an adjacent pair of shards eligible for merging",
            stream.name
        )));
    }
    let range = (low.first_hash, high.last_hash);
    stream.reshard(&parents, &[range])?;
    Ok(Vec::new())
}
