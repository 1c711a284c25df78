//! Streams and shards as answers show them.

use serde_json::{Value, json};

use super::{Ops, seconds};
use crate::kinesis::access::stream_arn;
use crate::kinesis::sequence;
use crate::kinesis::shard::Shard;
use crate::kinesis::stream::Stream;

/// What all answers about a stream have.
pub(super) fn stream(ops: &Ops, stream: &Stream) -> Value {
    let mode = if stream.on_demand { "ON_DEMAND" } else { "PROVISIONED" };
    json!({
        "StreamName": stream.name,
        "StreamARN": stream_arn(&ops.region, &stream.name),
        "StreamStatus": ops.status(),
        "StreamModeDetails": { "StreamMode": mode },
        "StreamCreationTimestamp": seconds(stream.created_at),
    })
}

/// What answers about one stream have beside it.
pub(super) fn described(ops: &Ops, of: &Stream) -> Value {
    let mut shown = stream(ops, of);
    shown["RetentionPeriodHours"] = json!(24);
    shown["EnhancedMonitoring"] = json!([{ "ShardLevelMetrics": [] }]);
    shown["EncryptionType"] = json!("NONE");
    shown["MaxRecordSizeInKiB"] = json!(of.record_kib_max);
    shown
}

/// A shard.
pub(super) fn shard(shard: &Shard) -> Value {
    let mut shown = json!({
        "ShardId": shard.id(),
        "HashKeyRange": range(shard),
        "SequenceNumberRange": { "StartingSequenceNumber": shard.sequence_number(0) },
    });
    if let Some(parent) = shard.parent {
        shown["ParentShardId"] = json!(sequence::shard_id(parent));
    }
    if let Some(parent) = shard.adjacent_parent {
        shown["AdjacentParentShardId"] = json!(sequence::shard_id(parent));
    }
    if shard.is_closed() {
        shown["SequenceNumberRange"]["EndingSequenceNumber"] = json!(shard.sequence_number(shard.end()));
    }
    shown
}

/// The hash keys of a shard.
pub(super) fn range(shard: &Shard) -> Value {
    json!({ "StartingHashKey": shard.first_hash.to_string(), "EndingHashKey": shard.last_hash.to_string() })
}
