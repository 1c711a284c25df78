//! Profiles that are not in the snapshot any more: finding them, and keeping what is known of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use outflow_model::Fault;
use roaring::RoaringBitmap;

use super::evaluation::GhostPart;
use super::file::Entry;
use super::row_map::RowMap;
use super::space::{Keys, RowSpace, Unit, unfit};
use crate::folder::Folder;
use crate::schema::{exactly, list_of, map_of};
use crate::snapshot::{HASH_COLUMN, ID_COLUMN, IDENTITY_MAP, PartWriter, TIME_COLUMN, internal_fields};

/// Ghosts in a part, as many profiles as other parts have.
pub(super) const GHOST_ROWS_MAX: u32 = 131_072;

/// A file of an earlier evaluation, as far as its rows belong to one part.
pub(super) struct Source<'s> {
    pub space: &'s RowSpace,
    pub unit: &'s Unit,
    /// The ids of those rows; none are needed where all of them are in the part.
    pub keys: Keys,
    pub to_part: RowMap,
    /// Rows that are in the part and are told of as if they were not.
    pub taken: RoaringBitmap,
}

/// Profiles of earlier files that are not in a part, each once, in the global order.
pub(super) struct Gone {
    /// Number of the source and row in its file.
    profiles: Vec<(usize, u32)>,
    /// For each source, where its rows are among the profiles.
    pub of_sources: Vec<RowMap>,
}

impl Gone {
    /// The profiles of `sources` that are not in the part, or count as such.
    pub fn of(sources: &[Source<'_>]) -> Gone {
        let mut rows: Vec<(usize, u32)> = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let (first, length) = (source.keys.first_row, source.keys.len() as u32);
            source.to_part.visit_missing(first, length, |row| rows.push((number, row)));
            rows.extend(source.taken.iter().map(|row| (number, row)));
        }
        let key = |(number, row): &(usize, u32)| {
            let keys = &sources[*number].keys;
            keys.at((row - keys.first_row) as usize)
        };
        // Sources of different evaluations may have the same profile; the first is asked for its identities.
        rows.sort_by(|one, two| key(one).cmp(&key(two)).then(one.0.cmp(&two.0)));
        let mut gone = Gone { profiles: Vec::new(), of_sources: vec![RowMap::default(); sources.len()] };
        for row in &rows {
            if gone.profiles.last().is_none_or(|last| key(last) != key(row)) {
                gone.profiles.push(*row);
            }
            gone.of_sources[row.0].push(row.1, gone.profiles.len() as u32 - 1);
        }
        gone
    }

    /// What is known of those of the profiles that are `kept`.
    pub fn known(&self, kept: &RoaringBitmap, sources: &[Source<'_>]) -> Result<RecordBatch, Fault> {
        let kept: Vec<(usize, u32)> = kept.iter().map(|number| self.profiles[number as usize]).collect();
        let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); 3];
        for (number, source) in sources.iter().enumerate() {
            let rows: RoaringBitmap = kept.iter().filter(|(of, _)| *of == number).map(|(_, row)| *row).collect();
            let found = source.space.rows(source.unit, &rows, &[HASH_COLUMN, ID_COLUMN, IDENTITY_MAP])?;
            for ((columns, found), field) in columns.iter_mut().zip(found).zip(known_fields()) {
                columns.push(exactly(&found, field.data_type()).map_err(|e| unfit(&e))?);
            }
        }
        // A source's rows were read in their order.
        let mut next = vec![0; sources.len()];
        let places: Vec<(usize, usize)> = kept
            .iter()
            .map(|(number, _)| {
                next[*number] += 1;
                (*number, next[*number] - 1)
            })
            .collect();
        let mut whole = Vec::new();
        for (column, field) in columns.iter().zip(known_fields()) {
            let arrays: Vec<&dyn Array> = column.iter().map(AsRef::as_ref).collect();
            whole.push(match arrays.as_slice() {
                [] => arrow::array::new_empty_array(field.data_type()),
                arrays => interleave(arrays, &places).map_err(|e| unfit(&e))?,
            });
        }
        let schema = schema();
        let time = schema.field_with_name(TIME_COLUMN).map_err(|e| unfit(&e))?;
        whole.insert(2, new_null_array(time.data_type(), kept.len()));
        RecordBatch::try_new(schema, whole).map_err(|e| unfit(&e))
    }
}

/// A map of lists of identities that have an id. What sources may say of an identity beside it is not kept: it may change
/// its type from snapshot to snapshot.
fn identity_map() -> DataType {
    let id = Field::new("id", DataType::Utf8, true);
    map_of(DataType::Utf8, list_of(DataType::Struct(vec![id].into())))
}

fn schema() -> SchemaRef {
    let mut fields = internal_fields().to_vec();
    fields.push(Arc::new(Field::new(IDENTITY_MAP, identity_map(), true)));
    Arc::new(Schema::new(fields))
}

/// The fields of ghosts that are not always null.
fn known_fields() -> [Field; 3] {
    [
        Field::new(HASH_COLUMN, DataType::Int64, false),
        Field::new(ID_COLUMN, DataType::Utf8, false),
        Field::new(IDENTITY_MAP, identity_map(), true),
    ]
}

/// Writes ghosts, and gathers what there is to tell of those of a part.
pub(super) struct GhostWriter<'f> {
    folder: &'f Folder,
    rows_max: u32,
    held: Vec<RecordBatch>,
    held_rows: u32,
    /// Of the rows held, by segment and time.
    entries: BTreeMap<(usize, i64), RoaringBitmap>,
    pub parts: Vec<GhostPart>,
}

impl<'f> GhostWriter<'f> {
    pub fn new(folder: &'f Folder, rows_max: u32) -> GhostWriter<'f> {
        let (held, entries) = (Vec::new(), BTreeMap::new());
        GhostWriter { folder, rows_max, held, held_rows: 0, entries, parts: Vec::new() }
    }

    /// Adds ghosts behind all others, with what there is to tell of them by their rows in `batch`. Answers the entries
    /// of each part that became whole.
    pub fn add(&mut self, batch: RecordBatch, entries: Vec<Entry>) -> Result<Vec<Vec<Entry>>, Fault> {
        for entry in entries {
            let known = self.entries.entry((entry.segment, entry.time)).or_default();
            known.extend(entry.rows.iter().map(|row| self.held_rows + row));
        }
        self.held_rows += batch.num_rows() as u32;
        if batch.num_rows() > 0 {
            self.held.push(batch);
        }
        let mut whole = Vec::new();
        while self.held_rows >= self.rows_max {
            whole.push(self.cut(self.rows_max)?);
        }
        Ok(whole)
    }

    /// Writes what is left.
    pub fn finish(&mut self) -> Result<Option<Vec<Entry>>, Fault> {
        if self.held_rows == 0 { Ok(None) } else { self.cut(self.held_rows).map(Some) }
    }

    /// Makes a part of the first `rows` rows that are held.
    fn cut(&mut self, rows: u32) -> Result<Vec<Entry>, Fault> {
        let mut writer = PartWriter::new(self.folder, &schema());
        let (mut first, mut last) = (None, None);
        let mut left = rows as usize;
        let mut rest = Vec::new();
        for batch in std::mem::take(&mut self.held) {
            let taken = left.min(batch.num_rows());
            left -= taken;
            if taken < batch.num_rows() {
                rest.push(batch.slice(taken, batch.num_rows() - taken));
            }
            let piece = batch.slice(0, taken);
            let hashes = piece.column(0).as_primitive::<Int64Type>().values();
            first = first.or(hashes.first().copied());
            last = hashes.last().copied().or(last);
            writer.push(piece)?;
        }
        self.held = rest;
        self.held_rows -= rows;
        let (Some(first_hash), Some(last_hash)) = (first, last) else {
            return Err(Fault::internal("a part of ghosts has none"));
        };
        self.parts.push(GhostPart { part: writer.finish(None)?, first_hash, last_hash });
        let mut entries = Vec::new();
        for ((segment, time), mut known) in std::mem::take(&mut self.entries) {
            let later: RoaringBitmap = known.range(rows..).map(|row| row - rows).collect();
            if !later.is_empty() {
                self.entries.insert((segment, time), later);
            }
            known.remove_range(rows..);
            if !known.is_empty() {
                entries.push(Entry { segment, time, exited: true, rows: known });
            }
        }
        Ok(entries)
    }
}
