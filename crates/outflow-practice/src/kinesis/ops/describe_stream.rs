//! `DescribeStream`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Ops, count, input, output, shown, stream_name};
use crate::kinesis::errors::KinesisResult;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    limit: Option<i64>,
    exclusive_start_shard_id: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let stream = ops.streams.get(stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?)?;
    let limit = count(input.limit, "limit", &(1..=10_000), 100)?;
    let after = input.exclusive_start_shard_id.unwrap_or_default();
    let shards = stream.shards();
    let mut left = shards.iter().filter(|shard| shard.id() > after);
    let some: Vec<Value> = left.by_ref().take(limit).map(|shard| shown::shard(shard)).collect();
    let mut description = shown::described(ops, &stream);
    description["Shards"] = json!(some);
    description["HasMoreShards"] = json!(left.next().is_some());
    output(&json!({ "StreamDescription": description }))
}
