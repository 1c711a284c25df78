//! Parts: rows in order become files of at most so many rows.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use outflow_model::Fault;
use outflow_model::template::PARTS_MAX;

use super::compress::{BLOCK_BYTES, Compression, Compressors, empty_block};
use super::outlet::Outlet;
use super::turns::{Sink, Weighed};
use crate::departures::{Writer, Written};
use crate::encode::{EncodedRows, ParquetEncoder, rows_of};

/// Output of a morsel on its way to the files.
pub(crate) struct Piece {
    pub rows: Rows,
    /// The hash of each row's profile, where it is kept who leaves.
    pub hashes: Option<Int64Array>,
}

/// The rows of a piece.
pub(crate) enum Rows {
    /// Those of a text format.
    Encoded(EncodedRows),
    /// Columns of a Parquet file.
    Columns(Vec<ArrayRef>),
}

impl Weighed for Piece {
    fn weight_bytes(&self) -> u64 {
        let rows = match &self.rows {
            Rows::Encoded(rows) => (rows.bytes.capacity() + 4 * rows.row_ends.capacity()) as u64,
            Rows::Columns(columns) => columns.iter().map(|c| c.get_array_memory_size() as u64).sum(),
        };
        rows + self.hashes.as_ref().map_or(0, |hashes| size_of_val(&**hashes.values()) as u64)
    }
}

/// Opens part number `n`, from 1, and answers where its content goes.
pub(crate) type OpenPart<'a> = Box<dyn FnMut(u32) -> Result<Outlet, Fault> + Send + 'a>;

/// What the files look like.
pub(crate) struct PartFormat {
    /// The header of a text file.
    pub header: Vec<u8>,
    /// The schema of a Parquet file; `None` for text.
    pub parquet: Option<SchemaRef>,
    /// Rows of a file, at most.
    pub rows_max: u64,
    pub compression: Compression,
    /// Threads that may encode the columns of a Parquet file.
    pub threads: usize,
    /// Where it is kept who leaves with each file, if it is: the path without the part's number.
    pub departures: Option<PathBuf>,
}

/// A finished file.
pub(crate) struct DonePart {
    pub rows: u64,
    /// Who leaves with it.
    pub departures: Option<Written>,
}

/// Cuts the stream of rows into parts.
pub(crate) struct Parts<'a> {
    format: PartFormat,
    compressors: Arc<Compressors>,
    open: OpenPart<'a>,
    current: Option<OpenFile>,
    done: Vec<DonePart>,
}

struct OpenFile {
    rows: u64,
    outlet: Arc<Outlet>,
    blocks: u64,
    block: Vec<u8>,
    parquet: Option<ParquetEncoder>,
    departures: Option<Writer>,
}

impl<'a> Parts<'a> {
    /// No file is opened before there is a row for it, or the run ends without any.
    pub fn new(format: PartFormat, compressors: Arc<Compressors>, open: OpenPart<'a>) -> Parts<'a> {
        Parts { format, compressors, open, current: None, done: Vec::new() }
    }

    /// Ends the last file; there is always at least one. Answers all of them; blocks may still be in compression.
    pub fn finish(mut self) -> Result<Vec<DonePart>, Fault> {
        if self.done.is_empty() && self.current.is_none() {
            self.start()?;
        }
        self.end_current()?;
        Ok(self.done)
    }

    /// The open file, with room for at least one row.
    fn with_room(&mut self) -> Result<&mut OpenFile, Fault> {
        if self.current.as_ref().is_some_and(|file| file.rows >= self.format.rows_max) {
            self.end_current()?;
        }
        if self.current.is_none() {
            self.start()?;
        }
        self.current.as_mut().ok_or_else(|| Fault::internal("no file is open"))
    }

    fn start(&mut self) -> Result<(), Fault> {
        let number = self.done.len() as u32 + 1;
        if number > PARTS_MAX {
            return Err(Fault::input(format!("the run needs more than {PARTS_MAX} files"))
                .hint("allow more rows per file with --rows-per-file"));
        }
        // Opening may wait until an earlier file is whole at the far end. Its last blocks may still be in the queue, and
        // there may be no other thread to take them.
        while self.compressors.help()? {}
        let outlet = Arc::new((self.open)(number)?);
        let parquet = match &self.format.parquet {
            Some(schema) => {
                let pages_compressed = self.format.compression == Compression::None;
                Some(ParquetEncoder::new(Arc::clone(schema), pages_compressed, self.format.threads)?)
            }
            None => None,
        };
        let departures = self.format.departures.as_ref().map(|stem| {
            let mut path = stem.clone().into_os_string();
            path.push(format!("-{number:05}.departures"));
            Writer::new(path.as_ref())
        });
        let mut file = OpenFile { rows: 0, outlet, blocks: 0, block: Vec::new(), parquet, departures };
        file.write(Bytes::from(self.format.header.clone()), self.format.compression, &self.compressors)?;
        self.current = Some(file);
        Ok(())
    }

    fn end_current(&mut self) -> Result<(), Fault> {
        let Some(mut file) = self.current.take() else { return Ok(()) };
        if let Some(parquet) = file.parquet.take() {
            file.write(Bytes::from(parquet.finish()?), self.format.compression, &self.compressors)?;
        }
        file.end(self.format.compression, &self.compressors)?;
        let departures = file.departures.map(Writer::finish).transpose()?;
        self.done.push(DonePart { rows: file.rows, departures });
        Ok(())
    }

    fn accept_rows(&mut self, rows: EncodedRows, hashes: Option<&[i64]>) -> Result<(), Fault> {
        let rows_max = self.format.rows_max;
        let compression = self.format.compression;
        let compressors = Arc::clone(&self.compressors);
        let bytes = Bytes::from(rows.bytes);
        let (mut row, mut from) = (0, 0);
        while row < rows.row_ends.len() {
            let file = self.with_room()?;
            let take = (rows.row_ends.len() - row).min((rows_max - file.rows) as usize);
            file.depart(hashes, row..row + take)?;
            row += take;
            file.rows += take as u64;
            let to = rows.row_ends[row - 1] as usize;
            file.write(bytes.slice(from..to), compression, &compressors)?;
            from = to;
        }
        Ok(())
    }

    fn accept_columns(&mut self, columns: &[ArrayRef], hashes: Option<&[i64]>) -> Result<(), Fault> {
        let rows = rows_of(columns);
        let rows_max = self.format.rows_max;
        let compression = self.format.compression;
        let compressors = Arc::clone(&self.compressors);
        let mut row = 0;
        while row < rows {
            let file = self.with_room()?;
            let take = (rows - row).min((rows_max - file.rows) as usize);
            let slice: Vec<ArrayRef> = columns.iter().map(|c| c.slice(row, take)).collect();
            let parquet = file.parquet.as_mut().ok_or_else(|| Fault::internal("columns came for a text file"))?;
            let bytes = parquet.write(&slice)?;
            file.depart(hashes, row..row + take)?;
            file.rows += take as u64;
            file.write(Bytes::from(bytes), compression, &compressors)?;
            row += take;
        }
        Ok(())
    }
}

impl Sink<Piece> for Parts<'_> {
    fn accept(&mut self, piece: Piece) -> Result<(), Fault> {
        let hashes = piece.hashes.as_ref().map(|hashes| &hashes.values()[..]);
        match piece.rows {
            Rows::Encoded(rows) => self.accept_rows(rows, hashes),
            Rows::Columns(columns) => self.accept_columns(&columns, hashes),
        }
    }
}

impl OpenFile {
    /// Keeps that the profiles of these rows of a piece leave with this file.
    fn depart(&mut self, hashes: Option<&[i64]>, rows: Range<usize>) -> Result<(), Fault> {
        let Some(departures) = &mut self.departures else { return Ok(()) };
        let hashes = hashes.and_then(|hashes| hashes.get(rows));
        departures.add(hashes.ok_or_else(|| Fault::internal("rows came without the hashes of their profiles"))?)
    }

    fn write(&mut self, mut content: Bytes, compression: Compression, compressors: &Compressors) -> Result<(), Fault> {
        if content.is_empty() {
            return Ok(());
        }
        if compression == Compression::None {
            self.blocks += 1;
            return self.outlet.put(self.blocks - 1, content);
        }
        while !content.is_empty() {
            if self.block.capacity() == 0 {
                self.block.reserve_exact(BLOCK_BYTES);
            }
            let part = content.split_to(content.len().min(BLOCK_BYTES - self.block.len()));
            self.block.extend_from_slice(&part);
            if self.block.len() == BLOCK_BYTES {
                self.flush(compressors)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, compressors: &Compressors) -> Result<(), Fault> {
        let block = std::mem::take(&mut self.block);
        self.blocks += 1;
        compressors.submit(&self.outlet, self.blocks - 1, block)
    }

    fn end(&mut self, compression: Compression, compressors: &Compressors) -> Result<(), Fault> {
        if !self.block.is_empty() {
            self.flush(compressors)?;
        }
        if self.blocks == 0 && compression != Compression::None {
            self.blocks = 1;
            self.outlet.put(0, Bytes::from(empty_block(compression)?))?;
        }
        self.outlet.close(self.blocks)
    }
}
