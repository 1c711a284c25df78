//! `CreateStream`.

use serde::Deserialize;

use super::{Call, Ops, count, input, required};
use crate::kinesis::errors::{KinesisResult, missing, validation};
use crate::kinesis::stream::StreamInfo;

/// How many shards a stream with capacity on demand begins with.
const SHARDS_ON_DEMAND: usize = 4;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    shard_count: Option<i64>,
    stream_mode_details: Option<Mode>,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_kib: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mode {
    stream_mode: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let name = required(&input.stream_name, "streamName")?;
    let on_demand = match input.stream_mode_details.and_then(|mode| mode.stream_mode).as_deref() {
        None | Some("PROVISIONED") => false,
        Some("ON_DEMAND") => true,
        Some(other) => {
            let rule = "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]";
            return Err(validation(other, "streamModeDetails.streamMode", rule));
        }
    };
    if !on_demand && input.shard_count.is_none() {
        return Err(missing("shardCount"));
    }
    let shards = count(input.shard_count, "shardCount", &(1..=200), SHARDS_ON_DEMAND)?;
    let record_kib = count(input.max_record_kib, "maxRecordSizeInKiB", &(1024..=10_240), 1024)?;
    ops.streams.create(name, &StreamInfo::new(shards as u32, on_demand, record_kib as u32, call.now))?;
    Ok(Vec::new())
}
