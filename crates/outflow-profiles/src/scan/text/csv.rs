//! CSV: the exact inverse of what this product writes, RFC 4180 with a header line.
//!
//! A cell without quotes and without text is null, `""` is the empty string. Lines end with LF or CRLF; what RFC 4180 does
//! not say how to read is refused, but for a quote inside a cell that does not start with one, which can only be text.

use memchr::{memchr, memchr3};
use outflow_model::{Fault, FieldPath, PathElement};

use super::Wanted;
use super::assemble::assemble;
use super::blocks::Blocks;
use super::build::Column;
use crate::scan::{BATCH_BYTES, BATCH_ROWS, ColumnBatches};
use arrow::array::ArrayRef;

/// A record's cells, without quotes.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Cells one after another, while they are read.
    bytes: Vec<u8>,
    /// The same, once they are known to be UTF-8.
    text: String,
    /// Where each cell ends, and whether it had quotes.
    cells: Vec<(usize, bool)>,
}

/// Why bytes are not CSV.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Number of the cell.
    pub cell: usize,
    pub what: &'static str,
}

impl Record {
    /// Reads the record at the start of `input`, which is not empty. Answers its length with its line end, or `None` when
    /// it may go on behind `input`, which is `whole` at the end of the file.
    pub fn read(&mut self, input: &[u8], whole: bool) -> Result<Option<usize>, Broken> {
        self.bytes = std::mem::take(&mut self.text).into_bytes();
        self.bytes.clear();
        self.cells.clear();
        let mut at = 0;
        let length = loop {
            let quoted = input.get(at) == Some(&b'"');
            if quoted {
                match self.quoted(input, at + 1, whole)? {
                    Some(behind) => at = behind,
                    None => return Ok(None),
                }
            } else {
                let stop = memchr3(b',', b'\n', b'\r', &input[at..]).map_or(input.len(), |n| at + n);
                self.bytes.extend_from_slice(&input[at..stop]);
                at = stop;
            }
            self.cells.push((self.bytes.len(), quoted));
            match (input.get(at), input.get(at + 1)) {
                (Some(b','), _) => at += 1,
                (Some(b'\n'), _) => break at + 1,
                (Some(b'\r'), Some(b'\n')) => break at + 2,
                (None, _) if whole => break at,
                (None, _) => return Ok(None),
                (Some(b'\r'), None) if !whole => return Ok(None),
                (Some(b'\r'), _) => return Err(self.broken("a carriage return outside quotes, without a line feed")),
                (Some(_), _) => return Err(self.broken("text after a closing quote")),
            }
        };
        self.check_text()?;
        Ok(Some(length))
    }

    /// The fault in the cell that was read last.
    fn broken(&self, what: &'static str) -> Broken {
        Broken { cell: self.cells.len().saturating_sub(1), what }
    }

    /// Reads on from behind an opening quote; answers where the cell ends, or `None` when more input is needed.
    fn quoted(&mut self, input: &[u8], mut at: usize, whole: bool) -> Result<Option<usize>, Broken> {
        loop {
            let Some(quote) = memchr(b'"', &input[at..]).map(|n| at + n) else {
                let unclosed = Broken { cell: self.cells.len(), what: "a quote is never closed" };
                return if whole { Err(unclosed) } else { Ok(None) };
            };
            self.bytes.extend_from_slice(&input[at..quote]);
            match input.get(quote + 1) {
                Some(b'"') => {
                    self.bytes.push(b'"');
                    at = quote + 2;
                }
                None if !whole => return Ok(None),
                _ => return Ok(Some(quote + 1)),
            }
        }
    }

    fn check_text(&mut self) -> Result<(), Broken> {
        let not_utf8 = |cell| Broken { cell, what: "text that is not UTF-8" };
        match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(text) => {
                self.text = text;
                // Two cells may each hold a half of a character.
                let split = self.cells.iter().position(|(end, _)| !self.text.is_char_boundary(*end));
                split.map_or(Ok(()), |cell| Err(not_utf8(cell)))
            }
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                Err(not_utf8(self.cells.iter().position(|(end, _)| at < *end).unwrap_or(0)))
            }
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Cell `number`, or `None` when it is null.
    pub fn cell(&self, number: usize) -> Option<&str> {
        let from = if number == 0 { 0 } else { self.cells[number - 1].0 };
        let (to, quoted) = self.cells[number];
        (quoted || to > from).then(|| &self.text[from..to])
    }

    /// Whether the record is an empty line.
    fn is_blank(&self) -> bool {
        self.len() == 1 && self.cell(0).is_none()
    }
}

/// Reads a file record by record.
pub(super) struct CsvReader {
    blocks: Blocks,
    /// Headers as written, and as paths.
    headers: Vec<String>,
    paths: Vec<FieldPath>,
    record: Record,
    record_line: u64,
}

impl CsvReader {
    /// Reads the header line. A file of nothing but empty lines has no columns.
    pub fn open(blocks: Blocks) -> Result<CsvReader, Fault> {
        let mut reader =
            CsvReader { blocks, headers: Vec::new(), paths: Vec::new(), record: Record::default(), record_line: 1 };
        while reader.read()? && reader.record.is_blank() {}
        if reader.record.len() == 0 || reader.record.is_blank() {
            return Ok(reader);
        }
        let line = reader.record_line;
        for number in 0..reader.record.len() {
            let Some(header) = reader.record.cell(number).filter(|h| !h.is_empty()) else {
                let place = format!("column {}", number + 1);
                return Err(reader.blocks.malformed(line, &place, "the column has no name"));
            };
            reader.headers.push(header.to_string());
            reader.paths.push(path_of(header));
        }
        for number in 1..reader.paths.len() {
            let path = &reader.paths[number];
            if let Some(other) = reader.paths[..number].iter().find(|p| overlap(p, path)) {
                let what = format!("the header stands for the same field as `{other}` or a part of it");
                return Err(reader.malformed(line, number, &what));
            }
        }
        Ok(reader)
    }

    /// The field of each column.
    pub fn paths(&self) -> &[FieldPath] {
        &self.paths
    }

    /// Reads the next record; `false` at the end.
    pub fn next_record(&mut self) -> Result<bool, Fault> {
        loop {
            if self.headers.is_empty() || !self.read()? {
                return Ok(false);
            }
            // Where there is one column, an empty line is a null.
            if self.headers.len() > 1 && self.record.is_blank() {
                continue;
            }
            if self.record.len() != self.headers.len() {
                let what = format!("{} cells where the header has {}", self.record.len(), self.headers.len());
                let number = self.record.len().min(self.headers.len() - 1);
                return Err(self.malformed(self.record_line, number, &what));
            }
            return Ok(true);
        }
    }

    fn read(&mut self) -> Result<bool, Fault> {
        self.record_line = self.blocks.line();
        loop {
            let whole = self.blocks.is_whole();
            if whole && self.blocks.rest().is_empty() {
                return Ok(false);
            }
            match self.record.read(self.blocks.rest(), whole) {
                Ok(Some(length)) => {
                    self.blocks.consume(length)?;
                    return Ok(true);
                }
                Ok(None) => self.blocks.more()?,
                Err(broken) => return Err(self.malformed(self.record_line, broken.cell, broken.what)),
            }
        }
    }

    /// Cell `number` of the record that was read last, or `None` when it is null.
    pub fn cell(&self, number: usize) -> Option<&str> {
        self.record.cell(number)
    }

    /// The line in which the record that was read last starts, counted from 1.
    pub fn record_line(&self) -> u64 {
        self.record_line
    }

    /// The fault for a record, naming its column.
    pub fn malformed(&self, line: u64, number: usize, what: &str) -> Fault {
        let place = match self.headers.get(number) {
            Some(header) => format!("column `{header}`"),
            None => format!("column {}", number + 1),
        };
        self.blocks.malformed(line, &place, what)
    }

    /// Fails when the file is no longer the one on the list.
    pub fn check_unchanged(&self) -> Result<(), Fault> {
        self.blocks.check_unchanged()
    }
}

/// A header that is a path of names is that field; any other is one name.
fn path_of(header: &str) -> FieldPath {
    let one_name = || FieldPath::new(vec![PathElement::Name(header.to_string())]);
    let path = FieldPath::parse(header).ok().filter(|p| p.elements().iter().all(|e| matches!(e, PathElement::Name(_))));
    path.or_else(one_name).unwrap_or_else(|| unreachable!("a header has a name"))
}

/// Whether one path is the other or leads into it.
fn overlap(a: &FieldPath, b: &FieldPath) -> bool {
    a.elements().iter().zip(b.elements()).all(|(a, b)| a == b)
}

/// A CSV file in batches.
pub(super) struct CsvBatches {
    reader: CsvReader,
    wanted: Wanted,
    /// Columns of the file that are read, with what they fill.
    columns: Vec<(usize, Column)>,
}

impl CsvBatches {
    /// Opens a file for what is wanted.
    pub fn open(blocks: Blocks, wanted: Wanted) -> Result<CsvBatches, Fault> {
        let reader = CsvReader::open(blocks)?;
        let schema = arrow::datatypes::Schema::new(wanted.roots.clone());
        let typed = |(number, path)| crate::scan::parquet_type_at(&schema, path).map(|t| (number, Column::new(&t)));
        let columns = reader.paths().iter().enumerate().filter_map(typed).collect();
        Ok(CsvBatches { reader, wanted, columns })
    }

    fn finish(&mut self, rows: usize) -> Vec<ArrayRef> {
        let paths = self.reader.paths();
        let flat: Vec<(&FieldPath, ArrayRef)> =
            self.columns.iter_mut().map(|(number, column)| (&paths[*number], column.finish())).collect();
        let roots: Vec<ArrayRef> = self.wanted.roots.iter().map(|field| assemble(field, &[], &flat, rows)).collect();
        self.wanted.columns(&roots, rows)
    }
}

impl ColumnBatches for CsvBatches {
    fn next_batch(&mut self) -> Result<Option<(usize, Vec<ArrayRef>)>, Fault> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < BATCH_ROWS && bytes < BATCH_BYTES && self.reader.next_record()? {
            for (number, column) in &mut self.columns {
                let fits = match self.reader.cell(*number) {
                    None => {
                        column.null();
                        true
                    }
                    Some(text) => column.cell(text),
                };
                if !fits {
                    return Err(self.reader.blocks.contradicts());
                }
            }
            rows += 1;
            bytes += self.reader.record.text.len();
        }
        if rows == 0 {
            self.reader.check_unchanged()?;
            return Ok(None);
        }
        Ok(Some((rows, self.finish(rows))))
    }
}
