//! `DeleteStream`.

use super::{Call, Ops, StreamOnly, input};
use crate::kinesis::errors::KinesisResult;

pub(super) fn run(ops: &Ops, call: &Call<'_>) -> KinesisResult<Vec<u8>> {
    let input: StreamOnly = input(call)?;
    ops.streams.delete(input.name()?)?;
    Ok(Vec::new())
}
