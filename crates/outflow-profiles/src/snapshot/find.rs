//! Looking one profile up.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono::{DateTime, Utc};
use outflow_model::Fault;
use serde_json::Value;

use super::part::{INTERNAL_COLUMNS, Part, hash_of, range_of};
use super::read::{PartFile, damaged};
use crate::json::object;

/// A profile with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProfile {
    /// The profile as a JSON object, without members that are null.
    pub profile: Value,
    /// Number of the part.
    pub part: usize,
    /// Number of the row in the part.
    pub row: usize,
    /// Time of the newest record, where a record has one.
    pub time: Option<DateTime<Utc>>,
}

/// The profile with the id `profile_id` in parts that have the global order. One column of one part is read to find the
/// row, then one page of each column.
pub(super) fn find(parts: &[Part], profile_id: &str) -> Result<Option<FoundProfile>, Fault> {
    let hash = hash_of(profile_id);
    let number = range_of(hash, parts.len().max(1).trailing_zeros());
    let Some(part) = parts.get(number).filter(|part| part.rows > 0) else { return Ok(None) };
    let file = PartFile::open(part)?;
    let hashes = file.hashes(file.len())?;
    let first = hashes.partition_point(|h| *h < hash);
    let equal = hashes[first..].iter().take_while(|h| **h == hash).count();
    if equal == 0 {
        return Ok(None);
    }
    let mut row = first;
    for batch in file.rows(first, equal)? {
        let batch = batch.map_err(|e| damaged(&part.file, e))?;
        let ids = batch.column(1).as_string_opt::<i32>();
        let ids = ids.ok_or_else(|| damaged(&part.file, NotIds(batch.column(1).data_type().clone())))?;
        if let Some(at) = ids.iter().position(|id| id == Some(profile_id)) {
            let schema = batch.schema_ref();
            let columns = schema.fields().iter().map(|field| field.name().as_str()).zip(batch.columns());
            let times = batch.column(2).as_primitive_opt::<TimestampMicrosecondType>();
            return Ok(Some(FoundProfile {
                profile: object(columns.skip(INTERNAL_COLUMNS.len()), at),
                part: number,
                row: row + at,
                time: times.and_then(|times| times.iter().nth(at).flatten()).and_then(DateTime::from_timestamp_micros),
            }));
        }
        row += batch.num_rows();
    }
    Ok(None)
}

#[derive(Debug, thiserror::Error)]
#[error("its profile ids or identities are of type {0}")]
pub(super) struct NotIds(pub DataType);
