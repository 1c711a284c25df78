//! How large a page is, from its header alone.
//!
//! A page is decompressed whole, by the library as well as by us, and its header says how large it then is. Whenever a
//! header is read through a reader that has a guard, it is looked at first: a page that the memory limit has no room for
//! ends the scan before anything is made of it, whatever the file's footer says, and one that must wait for room waits. Headers are Thrift structs in the
//! compact protocol, of which one field is wanted: the size before compression.

use std::io::Read;
use std::ops::Range;

use outflow_model::Fault;

use crate::scan::page_budget::{Held, PageRoom};

/// Structs and lists inside structs in a header; the format has two levels.
const DEPTH_MAX: u32 = 8;

/// Bytes that one entry of a page takes at least while the page is read by us: a level or code.
const ENTRY_BYTES: u64 = 4;

/// What looks at the pages of a scan before they are opened.
pub(super) struct PageGuard {
    /// For bytes before compression.
    pub room: PageRoom,
    /// Where each column chunk that is read stands in the file, with its column's name.
    pub chunks: Vec<(Range<u64>, String)>,
}

/// Why a page is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has so many bytes before compression.
    TooLarge(u64),
    /// Its header cannot be read.
    NoHeader,
}

impl PageGuard {
    /// Looks at the page header that `source`, which stands at `offset`, starts with; waits until there is room for the
    /// page.
    pub fn check(&self, offset: u64, source: impl Read) -> Result<(), Refused> {
        let bytes = (Compact { source }).page_bytes().ok_or(Refused::NoHeader)?;
        if bytes > self.room.page_bytes_max() {
            return Err(Refused::TooLarge(bytes));
        }
        self.room.take(self.column(offset).unwrap_or_default(), Held::Page, bytes);
        Ok(())
    }

    /// Makes room for the levels of a page of so many `entries`; waits until there is some.
    ///
    /// # Errors
    /// Their bytes, where they are more than a page may have.
    pub fn make_room(&self, column: &str, entries: usize) -> Result<(), u64> {
        let bytes = (entries as u64).saturating_mul(ENTRY_BYTES);
        if bytes > self.room.page_bytes_max() {
            return Err(bytes);
        }
        self.room.take(column, Held::Levels, bytes);
        Ok(())
    }

    /// The column whose pages stand at `offset`.
    pub fn column(&self, offset: u64) -> Option<&str> {
        self.chunks.iter().find(|(place, _)| place.contains(&offset)).map(|(_, name)| name.as_str())
    }
}

/// The fault for a page of `bytes` bytes in `column` of the file `url`.
pub(super) fn too_large(url: &str, column: &str, bytes: u64, limit: u64) -> Fault {
    Fault::input(format!(
        "{url} has a page of {bytes} bytes in column `{column}`, and the memory limit leaves {limit} bytes for one"
    ))
    .tried(format!("read {url}"))
    .hint("allow more memory (--memory), or write the file with smaller pages")
}

/// Reads the compact protocol.
struct Compact<R> {
    source: R,
}

impl<R: Read> Compact<R> {
    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte).ok()?;
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

    /// A page header's size before compression. Should it be there twice, the larger counts.
    fn page_bytes(&mut self) -> Option<u64> {
        let mut bytes = None;
        let mut field = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return bytes;
            }
            field = self.field(head, field)?;
            match (field, head & 15) {
                (2, 5) => bytes = bytes.max(Some(self.size()?)),
                // Of another type than the format says: whoever decodes the page may read it all the same.
                (2, _) => return None,
                (_, kind) => self.skip(kind, DEPTH_MAX)?,
            }
        }
    }

    /// The number of the field whose head was read, after field `before`. Numbers have 16 bits, whatever is written.
    fn field(&mut self, head: u8, before: i16) -> Option<i16> {
        match head >> 4 {
            0 => self.varint().map(|zigzag| ((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)) as i16),
            delta => before.checked_add(i16::from(delta)),
        }
    }

    /// A size, which is not negative.
    fn size(&mut self) -> Option<u64> {
        self.varint().filter(|zigzag| zigzag & 1 == 0).map(|zigzag| zigzag >> 1)
    }

    fn skip_bytes(&mut self, count: u64) -> Option<()> {
        let copied = std::io::copy(&mut (&mut self.source).take(count), &mut std::io::sink()).ok()?;
        (copied == count).then_some(())
    }

    /// Goes past a field's value of a type of the protocol.
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
            9 | 10 => {
                let depth = depth.checked_sub(1)?;
                let head = self.byte()?;
                let items = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..items {
                    match head & 15 {
                        1 | 2 => self.skip_bytes(1)?,
                        kind => self.skip(kind, depth)?,
                    }
                }
                Some(())
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
            // Page headers have no maps.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::PageBudget;

    fn check(limit: u64, header: &[u8]) -> Result<(), Refused> {
        let room = PageBudget::new(limit, 1).admit(0, 0);
        PageGuard { room, chunks: Vec::new() }.check(0, header)
    }

    #[test]
    fn a_header_says_how_large_its_page_is() {
        // Type 0, 300 bytes before compression, 7 after it; then a struct with a list and a text, and the end.
        let header = [0x15, 0, 0x15, 0xd8, 0x04, 0x15, 14, 0x2c, 0x19, 0x25, 2, 4, 0x18, 1, b'a', 0, 0];
        assert_eq!(check(300, &header), Ok(()));
        assert_eq!(check(299, &header), Err(Refused::TooLarge(300)));
        for cut in 0..header.len() {
            assert_eq!(check(300, &header[..cut]), Err(Refused::NoHeader), "{cut}");
        }
    }

    #[test]
    fn a_size_cannot_be_hidden() {
        // Field 2 twice, the second time by its long number, smaller.
        assert_eq!(check(10, &[0x25, 100, 0x05, 4, 2, 0]), Err(Refused::TooLarge(50)));
        // A long number that is 2 in sixteen bits.
        assert_eq!(check(10, &[0x05, 0x84, 0x80, 0x08, 100, 0]), Err(Refused::TooLarge(50)));
        // Field -3 is not field 2.
        assert_eq!(check(10, &[0x05, 5, 4, 0]), Err(Refused::NoHeader));
        // Negative, of another type, not there.
        for header in [&[0x25, 3, 0][..], &[0x26, 100, 0], &[0x15, 0, 0]] {
            assert_eq!(check(10, header), Err(Refused::NoHeader), "{header:?}");
        }
    }
}
