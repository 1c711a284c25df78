//! Reading parts in order, from any place.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_empty_array, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use arrow::error::ArrowError;
use outflow_model::Fault;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::file::metadata::PageIndexPolicy;
use roaring::RoaringBitmap;

use super::part::{Part, open_file, range_of, start_of};
use crate::scan::{Undecodable, guarded};
use crate::schema::exactly;

/// Rows of a batch, at most.
const BATCH_ROWS: usize = 8_192;

/// Bytes of a batch, as far as the part says how large its rows are.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

/// Rows of a batch of nothing but hashes.
const HASHES_ROWS: usize = 65_536;

/// An opened part.
pub(crate) struct PartFile {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    batch_rows: usize,
}

impl PartFile {
    /// Reads the footer, and where the pages are.
    pub fn open(part: &Part) -> Result<PartFile, Fault> {
        let file = open_file(&part.file)?;
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|e| damaged(&part.file, e))?;
        let row_bytes = (part.content_bytes / part.rows.max(1)).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS as u64) as usize;
        Ok(PartFile { path: part.file.clone(), file, metadata, batch_rows })
    }

    /// The schema, internal columns first.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The first `rows` hashes at most, in ascending order.
    pub fn hashes(&self, rows: usize) -> Result<Vec<i64>, Fault> {
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [0]);
        let reader = self.builder()?.with_projection(mask).with_limit(rows).with_batch_size(HASHES_ROWS);
        let mut hashes = Vec::with_capacity(rows.min(self.len()));
        for batch in reader.build().map_err(|e| damaged(&self.path, e))? {
            let batch = batch.map_err(|e| damaged(&self.path, e))?;
            hashes.extend_from_slice(batch.column(0).as_primitive::<Int64Type>().values());
        }
        Ok(hashes)
    }

    /// All columns of the rows from `from` on, `length` of them at most.
    pub fn rows(&self, from: usize, length: usize) -> Result<ParquetRecordBatchReader, Fault> {
        let selection = RowSelection::from(vec![RowSelector::skip(from), RowSelector::select(length)]);
        let mut builder = self.builder()?.with_batch_size(self.batch_rows.min(length.max(1)));
        if from > 0 || length < self.len() {
            builder = builder.with_row_selection(selection);
        }
        builder.build().map_err(|e| damaged(&self.path, e))
    }

    /// One column, batch by batch; nothing where it is not there.
    pub fn column(&self, name: &str) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, Fault> {
        let place = self.schema().column_with_name(name).map(|(place, _)| place);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), place);
        let builder = self.builder()?.with_projection(mask).with_batch_size(BATCH_ROWS);
        let reader = place.map(|_| builder.build().map_err(|e| damaged(&self.path, e))).transpose()?;
        Ok(reader.into_iter().flatten())
    }

    /// Columns of `wanted` rows alone, in their order: pages without any are not read. Columns that are not there are
    /// null.
    pub fn picked(&self, wanted: &RoaringBitmap, names: &[&str]) -> Result<Vec<ArrayRef>, Fault> {
        let places = names.iter().map(|name| self.schema().column_with_name(name).map(|(place, _)| place));
        let places: Vec<Option<usize>> = places.collect();
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), places.iter().copied().flatten());
        let builder = self.builder()?.with_projection(mask).with_batch_size(self.batch_rows);
        let builder = builder.with_row_selection(RowSelection::from_consecutive_ranges(stretches(wanted), self.len()));
        // What is damaged may make the library panic.
        let batches = guarded(|| Ok(builder.build()?.collect::<Result<Vec<RecordBatch>, ArrowError>>()?));
        let batches = batches.map_err(|e| damaged(&self.path, Undecodable(e)))?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if rows as u64 != wanted.len() {
            return Err(damaged(&self.path, ShortPart));
        }
        let columns = names.iter().zip(places).map(|(name, place)| {
            let pieces: Vec<&dyn Array> =
                batches.iter().filter_map(|b| b.column_by_name(name)).map(AsRef::as_ref).collect();
            match (place, pieces.as_slice()) {
                (None, _) => Ok(new_null_array(&DataType::Null, rows)),
                (Some(place), []) => Ok(new_empty_array(self.schema().field(place).data_type())),
                (Some(_), pieces) => concat(pieces).map_err(|e| damaged(&self.path, e)),
            }
        });
        columns.collect()
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.metadata.metadata().file_metadata().num_rows().max(0) as usize
    }

    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<File>, Fault> {
        let file = self.file.try_clone().map_err(|e| damaged(&self.path, e))?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone()))
    }
}

/// Rows that follow each other, as ranges.
fn stretches(rows: &RoaringBitmap) -> impl Iterator<Item = Range<usize>> {
    let mut rows = rows.iter().map(|row| row as usize).peekable();
    std::iter::from_fn(move || {
        let first = rows.next()?;
        let mut end = first + 1;
        while rows.next_if_eq(&end).is_some() {
            end += 1;
        }
        Some(first..end)
    })
}

/// The fault for a part whose content is not what its name says.
pub(super) fn damaged(path: &std::path::Path, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::input(format!("the data file {} is damaged", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("remove the file and refresh the datasets; check the disk")
        .because(error)
}

/// The profiles of some parts in the global order, from one hash on.
pub(super) struct Cursor<'a> {
    parts: &'a [Part],
    /// The form in which batches are wanted.
    schema: &'a SchemaRef,
    /// The part after the one that is open.
    next_part: usize,
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
    /// Rows of the open part that were not read.
    unread: usize,
    /// Rows that were not taken.
    batch: RecordBatch,
}

impl<'a> Cursor<'a> {
    /// A cursor before the first profile whose hash is not less than `from`. `schema` has the fields of the parts, in
    /// their order, in types that hold their values.
    pub fn new(parts: &'a [Part], schema: &'a SchemaRef, from: i64) -> Result<Cursor<'a>, Fault> {
        let bits = parts.len().max(1).trailing_zeros();
        let mut cursor = Cursor {
            parts,
            schema,
            next_part: range_of(from, bits),
            path: PathBuf::new(),
            reader: None,
            unread: 0,
            batch: RecordBatch::new_empty(SchemaRef::clone(schema)),
        };
        if let Some(part) = cursor.open_next()? {
            let is_inside = start_of(cursor.next_part - 1, bits).is_some_and(|start| start < from);
            let skipped = match is_inside {
                true => part.hashes(part.len())?.partition_point(|hash| *hash < from),
                false => 0,
            };
            cursor.unread = part.len() - skipped;
            cursor.reader = Some(part.rows(skipped, cursor.unread)?);
        }
        Ok(cursor)
    }

    /// Reads on if there is nothing left; afterwards there is something, or all was taken.
    pub fn fill(&mut self) -> Result<(), Fault> {
        if self.batch.num_rows() == 0
            && let Some(batch) = self.read()?
        {
            self.batch = batch;
        }
        Ok(())
    }

    /// The last profile that was read, by hash and id: all up to it are there or were taken. `None` when no more follow.
    pub fn complete_through(&self) -> Option<(i64, &str)> {
        let is_all = self.unread == 0 && self.next_part == self.parts.len();
        let last = self.batch.num_rows().checked_sub(1).filter(|_| !is_all)?;
        Some((self.hashes()[last], self.ids().value(last)))
    }

    /// How many of the rows that are there have hashes before `end`, and are not behind `last`.
    pub fn rows_until(&self, end: Option<i64>, last: Option<(i64, &str)>) -> usize {
        let hashes = self.hashes();
        let before_end = end.map_or(hashes.len(), |end| hashes.partition_point(|hash| *hash < end));
        let Some((last_hash, last_id)) = last else { return before_end };
        let before = hashes.partition_point(|hash| *hash < last_hash);
        let equal = (before..hashes.len())
            .take_while(|row| hashes[*row] == last_hash && self.ids().value(*row).as_bytes() <= last_id.as_bytes());
        before_end.min(before + equal.count())
    }

    fn hashes(&self) -> &[i64] {
        self.batch.column(0).as_primitive::<Int64Type>().values()
    }

    fn ids(&self) -> &StringArray {
        self.batch.column(1).as_string()
    }

    /// Takes the first `rows` rows.
    pub fn take(&mut self, rows: usize) -> RecordBatch {
        let taken = self.batch.slice(0, rows);
        self.batch = self.batch.slice(rows, self.batch.num_rows() - rows);
        taken
    }

    fn open_next(&mut self) -> Result<Option<PartFile>, Fault> {
        let Some(part) = self.parts.get(self.next_part) else { return Ok(None) };
        self.next_part += 1;
        self.path.clone_from(&part.file);
        PartFile::open(part).map(Some)
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, Fault> {
        while self.unread == 0 {
            let Some(part) = self.open_next()? else { return Ok(None) };
            self.unread = part.len();
            self.reader = Some(part.rows(0, self.unread)?);
        }
        let batch = match self.reader.as_mut().and_then(Iterator::next) {
            Some(batch) => batch.map_err(|e| damaged(&self.path, e))?,
            None => return Err(damaged(&self.path, ShortPart)),
        };
        self.unread = self.unread.saturating_sub(batch.num_rows());
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| match column.null_count() == column.len() {
            true => Ok(new_null_array(field.data_type(), column.len())),
            false => exactly(column, field.data_type()).map_err(|_| misfit(field.name(), field.data_type())),
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>, Fault>>()?;
        let batch = RecordBatch::try_new(SchemaRef::clone(self.schema), columns);
        batch.map(Some).map_err(|_| Fault::internal("a merged batch is not of its schema"))
    }
}

/// The fault for values that do not fit; the library's text may quote one, so it is left out.
fn misfit(field: &str, data_type: &DataType) -> Fault {
    Fault::input(format!("`{field}` has a value in one dataset that does not fit {data_type}, which holds the others'"))
        .hint("give the field one type in all sources, or leave it out of one")
}

#[derive(Debug, thiserror::Error)]
#[error("it has fewer rows than its footer says")]
struct ShortPart;
