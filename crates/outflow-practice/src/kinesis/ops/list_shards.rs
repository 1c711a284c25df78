//! `ListShards`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Call, Ops, count, from_token, input, output, shown, stream_name, to_token};
use crate::kinesis::errors::{KinesisResult, invalid_argument};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    next_token: Option<String>,
    exclusive_start_shard_id: Option<String>,
    max_results: Option<i64>,
    shard_filter: Option<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    r#type: Option<String>,
    shard_id: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    stream: String,
    after: String,
    open_only: bool,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let limit = count(input.max_results, "maxResults", &(1..=10_000), 1000)?;
    let mut place: Place = match &input.next_token {
        Some(_) if input.stream_name.is_some() || input.stream_arn.is_some() => {
            return Err(invalid_argument("NextToken and StreamName cannot be provided together."));
        }
        Some(token) => from_token(token)?,
        None => first(&input)?,
    };
    let stream = ops.streams.get(&place.stream)?;
    let shards = stream.shards();
    let mut left = shards.iter().filter(|shard| shard.id() > place.after && !(place.open_only && shard.is_closed()));
    let some: Vec<_> = left.by_ref().take(limit).collect();
    let more = left.next().is_some();
    let mut answer = json!({ "Shards": some.iter().map(|shard| shown::shard(shard)).collect::<Vec<Value>>() });
    if let (true, Some(last)) = (more, some.last()) {
        place.after = last.id();
        answer["NextToken"] = json!(to_token(&place)?);
    }
    output(&answer)
}

fn first(input: &Input) -> KinesisResult<Place> {
    let stream = stream_name(input.stream_name.as_deref(), input.stream_arn.as_deref())?.to_owned();
    let mut place =
        Place { stream, after: input.exclusive_start_shard_id.clone().unwrap_or_default(), open_only: false };
    if let Some(filter) = &input.shard_filter {
        match filter.r#type.as_deref() {
            Some("AT_LATEST") => place.open_only = true,
            Some("AFTER_SHARD_ID") => place.after = filter.shard_id.clone().unwrap_or_default(),
            // Nothing ever expires here, so that all shards are within each of them.
            Some("AT_TRIM_HORIZON" | "FROM_TRIM_HORIZON" | "FROM_TIMESTAMP" | "AT_TIMESTAMP") => {}
            _ => return Err(invalid_argument("The type of the ShardFilter is not known.")),
        }
    }
    Ok(place)
}
