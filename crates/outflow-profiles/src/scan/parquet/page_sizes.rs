//! How large a page is, from its header alone.
//!
//! A page is decompressed whole, by the library as well as by us, and its header says how large it then is. Whenever a
//! header is read through a reader that has a guard, it is looked at first: a page that the memory limit has no room for
//! ends the scan before anything is made of it, whatever the file's footer says, and one that must wait for room waits.
//! Headers are Thrift structs in the compact protocol, of which two fields are wanted: the size before compression, and
//! whether the page is a dictionary, which is held beside the others.

use std::io::Read;
use std::ops::Range;

use outflow_model::Fault;

use crate::scan::page_budget::{Held, PageRoom};

/// Structs and lists inside structs in a header; the format has two levels.
const DEPTH_MAX: u32 = 8;

/// A dictionary's type of page, 2, as it is written.
const DICTIONARY: u64 = 4;

/// Bytes that one entry of a page takes at least while the page is read by us: a level or code.
const ENTRY_BYTES: u64 = 4;

/// What looks at the pages of a scan before they are opened.
pub(super) struct PageGuard {
    /// For bytes before compression.
    pub room: PageRoom,
    /// The column chunks that are read.
    pub chunks: Vec<GuardedChunk>,
}

/// A column chunk that is read.
pub(super) struct GuardedChunk {
    /// Where it stands in the file.
    pub place: Range<u64>,
    /// Its column's name.
    pub column: String,
    /// How many read it side by side, each with a page of its own: maps are read once for each key that is wanted.
    pub readers: u64,
}

/// Why a page is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has so many bytes before compression.
    TooLarge(u64),
    /// With it, so many bytes would be held of all columns.
    TooMany(u64),
    /// Its header cannot be read.
    NoHeader,
}

impl PageGuard {
    /// Looks at the page header that `source`, which stands at `offset`, starts with; waits until there is room for the
    /// page.
    pub fn check(&self, offset: u64, source: impl Read) -> Result<(), Refused> {
        let (bytes, is_dictionary) = (Compact { source }).page().ok_or(Refused::NoHeader)?;
        if bytes > self.room.page_bytes_max() {
            return Err(Refused::TooLarge(bytes));
        }
        let what = if is_dictionary { Held::Dictionary } else { Held::Page };
        self.take(self.column(offset).unwrap_or_default(), what, bytes)
    }

    /// Makes room for the levels of a page of so many `entries`; waits until there is some.
    pub fn make_room(&self, column: &str, entries: usize) -> Result<(), Refused> {
        let bytes = (entries as u64).saturating_mul(ENTRY_BYTES);
        if bytes > self.room.page_bytes_max() {
            return Err(Refused::TooLarge(bytes));
        }
        self.take(column, Held::Levels, bytes)
    }

    fn take(&self, column: &str, what: Held, bytes: u64) -> Result<(), Refused> {
        let readers = self.chunks.iter().find(|chunk| chunk.column == column).map_or(1, |chunk| chunk.readers);
        self.room.take(column, what, bytes.saturating_mul(readers)).map_err(Refused::TooMany)
    }

    /// The fault for a page in `column` of the file `url`; `None` when it has no header.
    pub fn fault(&self, refused: &Refused, url: &str, column: &str) -> Option<Fault> {
        let (message, hint) = match refused {
            Refused::NoHeader => return None,
            Refused::TooLarge(bytes) => (
                format!(
                    "{url} has a page of {bytes} bytes in column `{column}`, and the memory limit leaves {} bytes for one",
                    self.room.page_bytes_max()
                ),
                "allow more memory (--memory), or write the file with smaller pages",
            ),
            Refused::TooMany(bytes) => (
                format!(
                    "{url} has pages of {bytes} bytes in the {} columns that are read side by side, and the memory limit \
                     leaves {} bytes for them",
                    self.chunks.len(),
                    self.room.scan_bytes_max()
                ),
                "allow more memory (--memory), choose fewer columns, or write the file with smaller pages",
            ),
        };
        Some(Fault::input(message).tried(format!("read {url}")).hint(hint))
    }

    /// The column whose pages stand at `offset`.
    pub fn column(&self, offset: u64) -> Option<&str> {
        self.chunks.iter().find(|chunk| chunk.place.contains(&offset)).map(|chunk| chunk.column.as_str())
    }
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

    /// A page header's size before compression, and whether the page is a dictionary. Should the size be there twice, the
    /// larger counts.
    fn page(&mut self) -> Option<(u64, bool)> {
        let (mut bytes, mut is_dictionary) = (None, false);
        let mut field = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return bytes.map(|bytes| (bytes, is_dictionary));
            }
            field = self.field(head, field)?;
            match (field, head & 15) {
                (1, 5) => is_dictionary = self.varint()? == DICTIONARY,
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
