//! Profiles of several datasets, joined: which rows belong together, and what each field is taken from.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use arrow::array::new_null_array;
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, MapArray, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Fields, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use outflow_model::Fault;

use super::identities::union;
use super::part::{IDENTITY_MAP, INTERNAL_COLUMNS};

/// What the columns of each dataset are in the snapshot.
pub(super) struct Join {
    /// Internal columns and the fields of all datasets.
    pub schema: SchemaRef,
    /// For each field, the number of its column in the batches of each dataset that has it.
    pub columns: Vec<Vec<Option<usize>>>,
    /// The members of an identity.
    pub items: Fields,
}

/// The rows of one profile: for each dataset the row, if it has the profile.
type Rows = [Option<u32>];

/// Rows of several datasets, all those of a range of hashes.
pub(super) struct Joined<'a> {
    batches: &'a [RecordBatch],
    keys: Vec<(&'a Int64Array, &'a StringArray, &'a TimestampMicrosecondArray)>,
    /// For each profile one row of each dataset, profile after profile.
    rows: Vec<Option<u32>>,
    /// For each profile the datasets that have it, the newest record first, at equal times in order of attachment; one
    /// profile after the other, and where each ends.
    newest: Vec<usize>,
    ends: Vec<usize>,
}

impl<'a> Joined<'a> {
    /// Joins batches, one for each dataset, each in the global order.
    pub fn new(batches: &'a [RecordBatch]) -> Joined<'a> {
        let keys = batches.iter().map(|batch| {
            let times = batch.column(2).as_primitive::<TimestampMicrosecondType>();
            (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>(), times)
        });
        let mut joined =
            Joined { batches, keys: keys.collect(), rows: Vec::new(), newest: Vec::new(), ends: Vec::new() };
        joined.join();
        joined
    }

    fn join(&mut self) {
        let mut next = vec![0; self.batches.len()];
        let mut least: Vec<usize> = Vec::with_capacity(next.len());
        loop {
            least.clear();
            for set in 0..next.len() {
                if next[set] == self.batches[set].num_rows() {
                    continue;
                }
                match least.first().map(|first| self.order((set, next[set]), (*first, next[*first]))) {
                    None | Some(Ordering::Equal) => least.push(set),
                    Some(Ordering::Less) => {
                        least.clear();
                        least.push(set);
                    }
                    Some(Ordering::Greater) => {}
                }
            }
            if least.is_empty() {
                return;
            }
            let first = self.rows.len();
            self.rows.resize(first + next.len(), None);
            for set in &least {
                self.rows[first + set] = u32::try_from(next[*set]).ok();
            }
            if least.len() > 1 {
                least.sort_by_key(|set| (Reverse(self.time(*set, next[*set])), *set));
            }
            least.iter().for_each(|set| next[*set] += 1);
            self.newest.extend_from_slice(&least);
            self.ends.push(self.newest.len());
        }
    }

    fn order(&self, a: (usize, usize), b: (usize, usize)) -> Ordering {
        let hash = |(set, row): (usize, usize)| self.keys[set].0.value(row);
        let id = |(set, row): (usize, usize)| self.keys[set].1.value(row).as_bytes();
        hash(a).cmp(&hash(b)).then_with(|| id(a).cmp(id(b)))
    }

    /// The time of a record; none is the oldest.
    fn time(&self, set: usize, row: usize) -> Option<i64> {
        let times = self.keys[set].2;
        times.is_valid(row).then(|| times.value(row))
    }

    /// How many profiles there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The datasets that have profile number `number`, the newest record first.
    fn newest(&self, number: usize) -> &[usize] {
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.newest[from..self.ends[number]]
    }

    fn profile(&self, number: usize) -> &Rows {
        &self.rows[number * self.batches.len()..(number + 1) * self.batches.len()]
    }

    /// The profiles as rows of the snapshot.
    pub fn merged(&self, join: &Join) -> Result<RecordBatch, Fault> {
        let columns = join.schema.fields().iter().zip(&join.columns).enumerate().map(|(number, (field, columns))| {
            if field.name() == IDENTITY_MAP && number >= INTERNAL_COLUMNS.len() {
                self.identities(columns, &join.items)
            } else {
                self.column(field.data_type(), columns, number < INTERNAL_COLUMNS.len())
            }
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>, ArrowError>>();
        let batch = columns.and_then(|columns| RecordBatch::try_new(SchemaRef::clone(&join.schema), columns));
        batch.map_err(|e| Fault::internal("datasets cannot be merged").because(e))
    }

    /// One field: of each profile the newest record's that has a value. Of the internal columns, the newest record's.
    fn column(
        &self,
        data_type: &DataType,
        columns: &[Option<usize>],
        is_internal: bool,
    ) -> Result<ArrayRef, ArrowError> {
        let sources: Vec<Option<&ArrayRef>> =
            columns.iter().zip(self.batches).map(|(column, batch)| column.map(|at| batch.column(at))).collect();
        let none = new_null_array(data_type, 1);
        let arrays: Vec<&dyn Array> = sources.iter().map(|source| source.unwrap_or(&none).as_ref()).collect();
        let arrays: Vec<&dyn Array> = arrays.into_iter().chain([none.as_ref()]).collect();
        let absent = (sources.len(), 0);
        let picked: Vec<(usize, usize)> = (0..self.len())
            .map(|number| {
                let rows = self.profile(number);
                let found = self.newest(number).iter().find_map(|set| {
                    let (source, row) = (sources[*set]?, rows[*set]? as usize);
                    (is_internal || source.is_valid(row)).then_some((*set, row))
                });
                found.unwrap_or(absent)
            })
            .collect();
        interleave(&arrays, &picked)
    }

    /// The identities of all records, in order of attachment.
    fn identities(&self, columns: &[Option<usize>], items: &Fields) -> Result<ArrayRef, ArrowError> {
        let mut aligned: Vec<MapArray> = Vec::new();
        for (set, (column, batch)) in columns.iter().zip(self.batches).enumerate() {
            let Some(map) = column.map(|at| batch.column(at)) else { continue };
            let none = new_null_array(map.data_type(), 1);
            let picked: Vec<(usize, usize)> = (0..self.len())
                .map(|number| self.profile(number)[set].map_or((1, 0), |row| (0, row as usize)))
                .collect();
            aligned.push(interleave(&[map.as_ref(), none.as_ref()], &picked)?.as_map().clone());
        }
        Ok(Arc::new(union(&aligned, self.len(), items)?))
    }
}
