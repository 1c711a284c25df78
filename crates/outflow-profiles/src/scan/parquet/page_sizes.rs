//! How large the pages of a column chunk are, from their headers alone.
//!
//! A page is decompressed whole, by the library as well as by us, and its header says how large it then is: reading
//! that first lets a scan refuse a page that the memory limit has no room for. Headers are Thrift structs in the compact
//! protocol, of which the first three fields are wanted: type, size before compression, size after it.

use std::io::Read;

use outflow_model::Fault;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;

use super::reader::SourceReader;

/// Structs inside structs in a header; the format has two levels.
const DEPTH_MAX: u32 = 8;

/// The fault for a page of `chunk` that is larger than `limit` bytes, if there is one.
///
/// A chunk that is no larger than the limit as a whole is not looked into. Headers that cannot be read are left to
/// whoever decodes the pages.
pub(super) fn check_pages(reader: &SourceReader, chunk: &ColumnChunkMetaData, limit: u64) -> Result<(), Fault> {
    if chunk.uncompressed_size().max(0) as u64 <= limit {
        return Ok(());
    }
    let largest = largest_page_bytes(reader, chunk).unwrap_or(0);
    if largest <= limit {
        return Ok(());
    }
    let column = chunk.column_path().string();
    Err(Fault::input(format!(
        "{} has a page of {largest} bytes in column `{column}`, and the memory limit leaves {limit} bytes for one",
        reader.url()
    ))
    .tried(format!("read {}", reader.url()))
    .hint("allow more memory (--memory), or write the file with smaller pages"))
}

/// The size of the largest page before compression, as far as headers can be read.
fn largest_page_bytes(reader: &SourceReader, chunk: &ColumnChunkMetaData) -> Option<u64> {
    let (mut at, length) = chunk.byte_range();
    let end = at.checked_add(length)?;
    let mut largest = 0;
    while at < end {
        let mut header = Compact { source: reader.get_read(at).ok()?, read: 0 };
        let sizes = header.page()?;
        largest = largest.max(sizes.0);
        at = at.checked_add(header.read)?.checked_add(sizes.1)?;
    }
    Some(largest)
}

/// Reads the compact protocol.
struct Compact<R> {
    source: R,
    /// Bytes taken so far.
    read: u64,
}

impl<R: Read> Compact<R> {
    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte).ok()?;
        self.read += 1;
        Some(byte[0])
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A page header's size before and after compression; the source then stands at the page.
    fn page(&mut self) -> Option<(u64, u64)> {
        let mut sizes = (None, None);
        let mut field = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some((sizes.0?, sizes.1?));
            }
            field = self.field(head, field)?;
            match (field, head & 15) {
                (2, 5) => sizes.0 = Some(self.size()?),
                (3, 5) => sizes.1 = Some(self.size()?),
                (_, kind) => self.skip(kind, DEPTH_MAX)?,
            }
        }
    }

    /// The number of the field whose head was read, after field `before`.
    fn field(&mut self, head: u8, before: u64) -> Option<u64> {
        match head >> 4 {
            0 => self.varint().map(|zigzag| zigzag >> 1),
            delta => Some(before + u64::from(delta)),
        }
    }

    /// A size, which is not negative.
    fn size(&mut self) -> Option<u64> {
        self.varint().filter(|zigzag| zigzag & 1 == 0).map(|zigzag| zigzag >> 1)
    }

    fn skip_bytes(&mut self, count: u64) -> Option<()> {
        let copied = std::io::copy(&mut (&mut self.source).take(count), &mut std::io::sink()).ok()?;
        self.read += copied;
        (copied == count).then_some(())
    }

    /// Goes past a value of a type of the protocol.
    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        match kind {
            // Truth values of fields are in their heads.
            1 | 2 => Some(()),
            3 => self.skip_bytes(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip_bytes(8),
            8 => {
                let length = self.varint()?;
                self.skip_bytes(length)
            }
            12 => {
                let depth = depth.checked_sub(1)?;
                loop {
                    let head = self.byte()?;
                    if head == 0 {
                        return Some(());
                    }
                    self.field(head, 0)?;
                    self.skip(head & 15, depth)?;
                }
            }
            // Page headers have no lists and no maps.
            _ => None,
        }
    }
}
