//! NDJSON: one object a line.

use std::borrow::Cow;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath, PathElement};

use super::Wanted;
use super::blocks::Blocks;
use super::build::Column;
use super::json::{Broken, Json, parse};
use crate::scan::{BATCH_BYTES, BATCH_ROWS, ColumnBatches};

/// Reads a file line by line.
pub(super) struct NdjsonReader {
    blocks: Blocks,
    /// Length of the line that was read last.
    bytes: usize,
}

/// An object's members.
pub(super) type JsonMembers<'a, 'b> = &'a [(Cow<'b, str>, Json<'b>)];

impl NdjsonReader {
    /// Reads from the start.
    pub fn new(blocks: Blocks) -> NdjsonReader {
        NdjsonReader { blocks, bytes: 0 }
    }

    /// Hands the next line's object to `take`, whose `Err` says in which column (or "") what is wrong; `None` at the end.
    pub fn next_record<T>(
        &mut self,
        take: impl FnOnce(JsonMembers<'_, '_>) -> Result<T, (String, String)>,
    ) -> Result<Option<T>, Fault> {
        while let Some(length) = self.line()? {
            let line = &self.blocks.rest()[..length];
            if line.iter().all(u8::is_ascii_whitespace) {
                self.blocks.consume(length)?;
                continue;
            }
            let number = self.blocks.line();
            let taken = match read(line) {
                Ok(Json::Object(members)) => take(&members).map_err(|(column, what)| (column_place(&column), what)),
                Ok(_) => Err((String::new(), "the line is no JSON object: NDJSON has one object a line".to_string())),
                Err(broken) => Err((place(&broken), broken.what.to_string())),
            };
            let taken = taken.map_err(|(place, what)| self.blocks.malformed(number, &place, &what))?;
            self.bytes = length;
            self.blocks.consume(length)?;
            return Ok(Some(taken));
        }
        Ok(None)
    }

    /// The length of the next line with its end, or `None` at the end of the file.
    fn line(&mut self) -> Result<Option<usize>, Fault> {
        let mut searched = 0;
        loop {
            let rest = self.blocks.rest();
            if let Some(end) = memchr::memchr(b'\n', &rest[searched..]) {
                return Ok(Some(searched + end + 1));
            }
            searched = rest.len();
            if self.blocks.is_whole() {
                return Ok((searched > 0).then_some(searched));
            }
            self.blocks.more()?;
        }
    }

    /// Fails when the file is no longer the one on the list.
    pub fn check_unchanged(&self) -> Result<(), Fault> {
        self.blocks.check_unchanged()
    }
}

fn read(line: &[u8]) -> Result<Json<'_>, Broken> {
    match std::str::from_utf8(line) {
        Ok(text) => parse(text),
        Err(e) => {
            // What stands before the bad bytes tells in which column they are.
            let before = std::str::from_utf8(&line[..e.valid_up_to()]).unwrap_or_default();
            let names = parse(before).err().map(|b| b.names).unwrap_or_default();
            Err(Broken { at: e.valid_up_to(), what: "text that is not UTF-8", names })
        }
    }
}

fn place(broken: &Broken) -> String {
    let at = format!("byte {}", broken.at + 1);
    let path = FieldPath::new(broken.names.iter().cloned().map(PathElement::Name).collect());
    path.map_or(at.clone(), |path| format!("{at}, column `{path}`"))
}

fn column_place(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!("column `{column}`") }
}

/// An NDJSON file in batches.
pub(super) struct NdjsonBatches {
    reader: NdjsonReader,
    wanted: Wanted,
    /// All that is wanted, as one struct.
    root: Column,
}

impl NdjsonBatches {
    /// Opens a file for what is wanted.
    pub fn open(blocks: Blocks, wanted: Wanted) -> NdjsonBatches {
        let root = Column::new(&DataType::Struct(wanted.roots.clone()));
        NdjsonBatches { reader: NdjsonReader::new(blocks), wanted, root }
    }
}

impl ColumnBatches for NdjsonBatches {
    fn next_batch(&mut self) -> Result<Option<(usize, Vec<ArrayRef>)>, Fault> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < BATCH_ROWS && bytes < BATCH_BYTES {
            let root = &mut self.root;
            match self.reader.next_record(|members| Ok(root.members(members)))? {
                None => break,
                Some(true) => {}
                Some(false) => return Err(self.reader.blocks.contradicts()),
            }
            rows += 1;
            bytes += self.reader.bytes;
        }
        if rows == 0 {
            self.reader.check_unchanged()?;
            return Ok(None);
        }
        let roots = self.root.finish_members();
        Ok(Some((rows, self.wanted.columns(&roots, rows))))
    }
}
