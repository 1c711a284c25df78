//! Writing parts.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use outflow_model::Fault;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::{ColumnDescPtr, ColumnPath};

use super::codes::mostly_different;
use super::fill::Fill;
use super::part::{HASH_COLUMN, ID_COLUMN, IDENTITY_MAP, INTERNAL_COLUMNS, Part};
use crate::folder::{Folder, Temporary, io_fault};

/// Rows that are encoded at once. Pages end where the encoder is asked to go on, so a part's bytes depend on this number,
/// and not on the batches in which the rows arrive.
pub(crate) const PIECE_ROWS: usize = 4_096;

/// A part being written.
pub(crate) struct PartWriter<'a> {
    folder: &'a Folder,
    schema: SchemaRef,
    /// There from the first piece on: its rows say how columns are encoded.
    writer: Option<ArrowWriter<Temporary>>,
    /// Rows that are not a piece yet.
    held: Vec<RecordBatch>,
    held_rows: usize,
    rows: u64,
    filled: Vec<u64>,
    fill: Fill,
}

impl<'a> PartWriter<'a> {
    /// Begins a part. The first fields of `schema` are the internal columns.
    pub fn new(folder: &'a Folder, schema: &SchemaRef) -> PartWriter<'a> {
        PartWriter {
            folder,
            schema: Arc::clone(schema),
            writer: None,
            held: Vec::new(),
            held_rows: 0,
            rows: 0,
            filled: vec![0; schema.fields().len() - INTERNAL_COLUMNS.len()],
            fill: Fill::default(),
        }
    }

    /// The columns that are written.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows after which a piece is whole: who pushes so many spares a copy.
    pub fn room(&self) -> usize {
        PIECE_ROWS - self.held_rows
    }

    /// Adds rows.
    pub fn push(&mut self, mut batch: RecordBatch) -> Result<(), Fault> {
        while self.held_rows + batch.num_rows() >= PIECE_ROWS {
            let rows = self.room();
            let rest = batch.slice(rows, batch.num_rows() - rows);
            let piece = batch.slice(0, rows);
            if self.held.is_empty() {
                self.encode(&piece)?;
            } else {
                self.held.push(piece);
                self.encode_held()?;
            }
            batch = rest;
        }
        if batch.num_rows() > 0 {
            self.held_rows += batch.num_rows();
            self.held.push(batch);
        }
        Ok(())
    }

    /// Ends the part and gives it its name.
    pub fn finish(mut self, made_from: Option<String>) -> Result<Part, Fault> {
        if self.held_rows > 0 {
            self.encode_held()?;
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.begin(&RecordBatch::new_empty(Arc::clone(&self.schema)))?,
        };
        writer.flush().map_err(|e| unwritable(self.folder, e))?;
        let groups = writer.flushed_row_groups();
        let content_bytes = groups.iter().map(|group| group.total_byte_size().max(0) as u64).sum();
        let temporary = writer.into_inner().map_err(|e| unwritable(self.folder, e))?;
        let (file, bytes) = self.folder.publish_by_content(temporary, "parquet")?;
        let field_counts = Some(self.fill.finish());
        Ok(Part { file, rows: self.rows, bytes, content_bytes, filled: self.filled, field_counts, made_from })
    }

    fn encode_held(&mut self) -> Result<(), Fault> {
        let piece = concat_batches(&self.schema, &self.held);
        let piece = piece.map_err(|e| Fault::internal("batches of one part do not fit together").because(e))?;
        self.held.clear();
        self.held_rows = 0;
        self.encode(&piece)
    }

    fn encode(&mut self, piece: &RecordBatch) -> Result<(), Fault> {
        let own = piece.columns().iter().skip(INTERNAL_COLUMNS.len());
        for (filled, column) in self.filled.iter_mut().zip(own) {
            *filled += (column.len() - column.logical_null_count()) as u64;
        }
        self.fill.add(&piece.columns()[INTERNAL_COLUMNS.len()..]);
        self.rows += piece.num_rows() as u64;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let writer = self.begin(piece)?;
                self.writer.insert(writer)
            }
        };
        writer.write(piece).map_err(|e| unwritable(self.folder, e))
    }

    /// Begins the file of a part whose first piece is `piece`.
    fn begin(&self, piece: &RecordBatch) -> Result<ArrowWriter<Temporary>, Fault> {
        let temporary = self.folder.temporary("parts")?;
        let writer = ArrowWriter::try_new(temporary, Arc::clone(&self.schema), Some(properties(piece)?));
        writer.map_err(|e| unwritable(self.folder, e))
    }
}

/// Bytes of a page of ids and identities, as far as the encoder keeps to it: those of a few profiles among many are
/// looked for, and pages without any are passed over.
const IDENTITY_PAGE_BYTES: usize = 16 * 1024;

/// Zstandard at its fastest level; statistics by row group, by which rules skip parts; one row group; no dictionaries
/// for columns in which most values of `piece` differ; short pages of identities.
fn properties(piece: &RecordBatch) -> Result<WriterProperties, Fault> {
    let level =
        ZstdLevel::try_new(1).map_err(|e| Fault::internal("the compression level of parts is not valid").because(e))?;
    let column = |name: &str| ColumnPath::new(vec![name.to_string()]);
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None)
        // Hashes ascend by little: what is stored is the steps.
        .set_column_encoding(column(HASH_COLUMN), Encoding::DELTA_BINARY_PACKED);
    // No hash and no id is there twice, however few rows there are.
    for name in mostly_different(piece).into_iter().chain([HASH_COLUMN, ID_COLUMN].map(column)) {
        builder = builder.set_column_dictionary_enabled(name, false);
    }
    for name in identity_columns(piece)? {
        builder = builder.set_column_data_page_size_limit(name, IDENTITY_PAGE_BYTES);
    }
    Ok(builder.build())
}

/// The Parquet columns of the profile id and of the identities.
fn identity_columns(piece: &RecordBatch) -> Result<Vec<ColumnPath>, Fault> {
    let columns = ArrowSchemaConverter::new().convert(piece.schema_ref()).map_err(unencodable)?;
    let is_identity = |column: &ColumnDescPtr| {
        column.path().parts().first().is_some_and(|root| [ID_COLUMN, IDENTITY_MAP].contains(&root.as_str()))
    };
    Ok(columns.columns().iter().filter(|column| is_identity(column)).map(|column| column.path().clone()).collect())
}

/// A disk's refusal keeps its class; anything else from the encoder is a type that it does not know.
fn unwritable(folder: &Folder, error: ParquetError) -> Fault {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(io) => io_fault("cannot write to", folder.path(), *io),
            Err(other) => unencodable(ParquetError::External(other)),
        },
        other => unencodable(other),
    }
}

fn unencodable(error: ParquetError) -> Fault {
    Fault::input("a field of the profiles has a type that cannot be stored")
        .tried("write profiles as Parquet")
        .hint("cast the column in the source, or leave it out")
        .because(error)
}
