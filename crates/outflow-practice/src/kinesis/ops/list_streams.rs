//! `ListStreams`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Ops, count, from_token, input, output, shown, to_token};
use crate::kinesis::errors::KinesisResult;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    limit: Option<i64>,
    exclusive_start_stream_name: Option<String>,
    next_token: Option<String>,
}

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: Input = input(call)?;
    let limit = count(input.limit, "limit", &(1..=10_000), 100)?;
    let after = match &input.next_token {
        Some(token) => from_token(token)?,
        None => input.exclusive_start_stream_name.unwrap_or_default(),
    };
    let all = ops.streams.all();
    let mut left = all.iter().filter(|stream| stream.name > after);
    let some: Vec<_> = left.by_ref().take(limit).collect();
    let more = left.next().is_some();
    let mut answer = json!({
        "StreamNames": some.iter().map(|stream| &*stream.name).collect::<Vec<_>>(),
        "StreamSummaries": some.iter().map(|stream| shown::stream(ops, stream)).collect::<Vec<Value>>(),
        "HasMoreStreams": more,
    });
    if let (true, Some(last)) = (more, some.last()) {
        answer["NextToken"] = json!(to_token(&last.name)?);
    }
    output(&answer)
}
