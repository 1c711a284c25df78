//! The file of memberships: for each file of the row space a row group, in it the segments in their order, and for each
//! segment its bitmaps.
//!
//! | column | holds |
//! |---|---|
//! | `segment` | id of the segment; row groups are sorted by it |
//! | `time` | when the rows entered, or left |
//! | `exited` | whether they left |
//! | `rows` | which rows, counted within the file: a Roaring bitmap in the portable format |
//!
//! The bitmaps of a segment and file have no row in common. Pages are small and have an index, so that one segment is read
//! without decoding the bitmaps of the others.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, LargeBinaryBuilder, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use outflow_model::Fault;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use roaring::RoaringBitmap;

use super::Evaluation;
use super::bitmap;
use super::evaluation::{EVALUATIONS, unreadable};
use crate::folder::{Folder, Temporary};

/// Its name in the folder of its evaluation.
pub(super) const MEMBERSHIP_FILE: &str = "membership.parquet";

/// The file of rows that are withheld, of the same form: the number of an exclusion stands in the place of a segment, and
/// times mean nothing.
pub(super) const WITHHELD_FILE: &str = "withheld.parquet";

const SEGMENT: &str = "segment";
const ROWS: &str = "rows";

/// Rows of a page: of the bitmaps of full parts they have 256 KiB.
const PAGE_ROWS: usize = 16;

/// Bitmaps decoded at once: of full parts they have a MiB.
const BATCH_ROWS: usize = 64;

/// Rows of one file that became members, or left, at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Number of the segment, in the order of ids.
    pub segment: usize,
    /// Microseconds since 1970.
    pub time: i64,
    pub exited: bool,
    pub rows: RoaringBitmap,
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(SEGMENT, DataType::Utf8, false),
        Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
        Field::new("exited", DataType::Boolean, false),
        Field::new(ROWS, DataType::LargeBinary, false),
    ]))
}

/// The rows of a row group. `entries` are sorted by segment, time and kind; `segments` are the ids by number.
pub(super) fn to_batch(entries: Vec<Entry>, segments: &[&str]) -> Result<RecordBatch, Fault> {
    let ids = StringArray::from_iter_values(entries.iter().map(|entry| segments[entry.segment]));
    let times = TimestampMicrosecondArray::from_iter_values(entries.iter().map(|entry| entry.time));
    let exited: BooleanArray = entries.iter().map(|entry| Some(entry.exited)).collect();
    let mut rows = LargeBinaryBuilder::new();
    for entry in entries {
        rows.append_value(bitmap::to_bytes(entry.rows)?);
    }
    let columns: Vec<ArrayRef> =
        vec![Arc::new(ids), Arc::new(times.with_timezone("UTC")), Arc::new(exited), Arc::new(rows.finish())];
    RecordBatch::try_new(schema(), columns).map_err(|e| Fault::internal("memberships make no table").because(e))
}

fn properties() -> WriterProperties {
    let rows = || ColumnPath::new(vec![ROWS.to_string()]);
    WriterProperties::builder()
        .set_write_batch_size(PAGE_ROWS)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Page)
        // Bitmaps are compressed by their own format.
        .set_compression(Compression::UNCOMPRESSED)
        .set_column_dictionary_enabled(rows(), false)
        .set_column_statistics_enabled(rows(), EnabledStatistics::None)
        .build()
}

/// The file being written.
pub(super) struct MembershipWriter {
    writer: ArrowWriter<Temporary>,
    name: &'static str,
    groups: Vec<usize>,
}

impl MembershipWriter {
    /// Begins a file of evaluation `id`.
    pub fn new(folder: &Folder, id: &str, name: &'static str) -> Result<MembershipWriter, Fault> {
        let temporary = folder.temporary(&format!("{EVALUATIONS}/{id}"))?;
        let writer = ArrowWriter::try_new(temporary, schema(), Some(properties())).map_err(unwritable)?;
        Ok(MembershipWriter { writer, name, groups: Vec::new() })
    }

    /// Adds the row group of file number `file`; none if there is nothing to tell.
    pub fn add(&mut self, file: usize, batch: &RecordBatch) -> Result<(), Fault> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.groups.push(file);
        self.writer.write(batch).and_then(|()| self.writer.flush()).map_err(unwritable)
    }

    /// Gives the file its name. Answers the file of each row group.
    pub fn finish(self, folder: &Folder) -> Result<Vec<usize>, Fault> {
        let temporary = self.writer.into_inner().map_err(unwritable)?;
        folder.publish_as(temporary, self.name)?;
        Ok(self.groups)
    }
}

fn unwritable(error: ParquetError) -> Fault {
    Fault::new(outflow_model::FaultClass::Refused, "memberships cannot be written")
        .tried("write memberships")
        .hint("check the data folder and its disk")
        .because(error)
}

/// Takes segment, time in microseconds since 1970, whether they left, and rows as they are stored; answers `None` where
/// they are none.
pub(super) type Visit<'v> = dyn FnMut(&str, i64, bool, &[u8]) -> Option<()> + 'v;

/// A file of an evaluation.
pub(super) struct MembershipFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    groups: Vec<usize>,
}

impl MembershipFile {
    /// The memberships.
    pub fn open(evaluation: &Evaluation) -> Result<MembershipFile, Fault> {
        MembershipFile::open_named(evaluation, MEMBERSHIP_FILE, &evaluation.groups)
    }

    /// The file `name`, whose row groups are of the files `groups`.
    pub fn open_named(evaluation: &Evaluation, name: &str, groups: &[usize]) -> Result<MembershipFile, Fault> {
        let path = evaluation.folder.join(name);
        let file = File::open(&path).map_err(|e| unreadable(&path).because(e))?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|e| unreadable(&path).because(e))?;
        if metadata.metadata().num_row_groups() != groups.len() {
            return Err(unreadable(&path));
        }
        Ok(MembershipFile { path, metadata, groups: groups.to_vec() })
    }

    /// The fault of a file that does not hold what it should.
    pub fn damaged(&self) -> Fault {
        unreadable(&self.path)
    }

    /// Calls `visit` for every bitmap of file number `file`; if `segment` is given, for those of that segment.
    pub fn visit(&self, file: usize, segment: Option<&str>, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let Some(group) = self.groups.iter().position(|of| *of == file) else { return Ok(()) };
        let damaged = |e: &dyn std::fmt::Display| unreadable(&self.path).because(e.to_string());
        let handle = File::open(&self.path).map_err(|e| unreadable(&self.path).because(e))?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, self.metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(BATCH_ROWS);
        if let Some(segment) = segment {
            let ids = ProjectionMask::columns(builder.parquet_schema(), [SEGMENT]);
            let wanted = segment.to_string();
            let filter = ArrowPredicateFn::new(ids, move |batch| {
                let ids = cast(batch.column(0), &DataType::Utf8)?;
                Ok(ids.as_string::<i32>().iter().map(|id| Some(id == Some(wanted.as_str()))).collect())
            });
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(filter)]));
        }
        for batch in builder.build().map_err(|e| damaged(&e))? {
            let batch = batch.map_err(|e| damaged(&e))?;
            let ids = batch.column(0).as_string_opt::<i32>().ok_or_else(|| unreadable(&self.path))?;
            let times = batch.column(1).as_primitive_opt::<TimestampMicrosecondType>();
            let times = times.ok_or_else(|| unreadable(&self.path))?;
            let exited = batch.column(2).as_boolean_opt().ok_or_else(|| unreadable(&self.path))?;
            let rows = batch.column(3).as_binary_opt::<i64>().ok_or_else(|| unreadable(&self.path))?;
            for row in 0..batch.num_rows() {
                visit(ids.value(row), times.value(row), exited.value(row), rows.value(row))
                    .ok_or_else(|| unreadable(&self.path))?;
            }
        }
        Ok(())
    }
}
