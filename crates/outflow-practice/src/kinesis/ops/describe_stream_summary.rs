//! `DescribeStreamSummary`.

use serde_json::json;

use super::{Call, Ops, StreamOnly, input, output, shown};
use crate::kinesis::errors::KinesisResult;

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: StreamOnly = input(call)?;
    let stream = ops.streams.get(input.name()?)?;
    let mut description = shown::described(ops, &stream);
    description["OpenShardCount"] = json!(stream.shards().iter().filter(|shard| !shard.is_closed()).count());
    description["ConsumerCount"] = json!(0);
    output(&json!({ "StreamDescriptionSummary": description }))
}
