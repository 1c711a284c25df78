//! Which record of each profile wins.

use std::cmp::Ordering;

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt64Type};

/// The columns of a batch that decide; see the spill schema.
struct Keys<'a> {
    hashes: &'a Int64Array,
    ids: &'a StringArray,
    times: &'a TimestampMicrosecondArray,
    places: &'a UInt64Array,
}

impl<'a> Keys<'a> {
    fn new(batch: &'a RecordBatch) -> Keys<'a> {
        Keys {
            hashes: batch.column(0).as_primitive::<Int64Type>(),
            ids: batch.column(1).as_string::<i32>(),
            times: batch.column(2).as_primitive::<TimestampMicrosecondType>(),
            places: batch.column(batch.num_columns() - 1).as_primitive::<UInt64Type>(),
        }
    }

    /// When the record is from, and where it is: the greater is the newer. No time is the oldest.
    fn age(&self, row: usize) -> (Option<i64>, u64) {
        (self.times.is_valid(row).then(|| self.times.value(row)), self.places.value(row))
    }
}

/// A row of one of several batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Winner {
    /// Its hash, as it is stored.
    pub hash: i64,
    /// Number of the batch, and of the row in it.
    pub at: (usize, usize),
}

/// The newest record of each profile among `batches` of the spill schema, in the global order. Which batch holds what
/// does not matter.
pub(super) fn winners(batches: &[RecordBatch]) -> Vec<Winner> {
    let keys: Vec<Keys<'_>> = batches.iter().map(Keys::new).collect();
    let mut rows: Vec<Winner> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (batch, keys) in keys.iter().enumerate() {
        rows.extend(
            keys.hashes.values().iter().enumerate().map(|(row, hash)| Winner { hash: *hash, at: (batch, row) }),
        );
    }
    // Batches that were written by a sorter are in order; a stable sort finds that out.
    rows.sort_by_key(|row| row.hash);
    let mut winners = 0;
    let mut from = 0;
    while from < rows.len() {
        let hash = rows[from].hash;
        let to = from + rows[from..].iter().take_while(|row| row.hash == hash).count();
        if to - from > 1 {
            rows[from..to].sort_by(|a, b| by_id_then_newest(&keys, a, b));
        }
        for at in from..to {
            // The row before is the last winner, or lost to it and has its id.
            if at == from || id(&keys, &rows[at]) != id(&keys, &rows[winners - 1]) {
                rows[winners] = rows[at];
                winners += 1;
            }
        }
        from = to;
    }
    rows.truncate(winners);
    rows
}

fn id<'a>(keys: &[Keys<'a>], row: &Winner) -> &'a str {
    keys[row.at.0].ids.value(row.at.1)
}

fn by_id_then_newest(keys: &[Keys<'_>], a: &Winner, b: &Winner) -> Ordering {
    let age = |row: &Winner| keys[row.at.0].age(row.at.1);
    id(keys, a).as_bytes().cmp(id(keys, b).as_bytes()).then_with(|| age(b).cmp(&age(a)))
}
