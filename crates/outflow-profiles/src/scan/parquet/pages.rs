//! The pages of one leaf column: levels and encoded values, without building arrays.

use std::sync::Arc;

use arrow::array::ArrayRef;
use bytes::Bytes;
use outflow_model::Fault;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::{Page, PageReader};

use super::hybrid::{Hybrid, Malformed};
use super::reader::SourceReader;

/// A leaf column's shape, from the file's schema.
#[derive(Clone, Debug)]
pub(super) struct LeafShape {
    /// Dotted path in the file, for messages.
    pub name: String,
    /// Definition level of a present value.
    pub def_level_max: i16,
    /// Repetition levels.
    pub rep_level_max: i16,
    /// How values are stored.
    pub physical_type: PhysicalType,
    /// Entries of the whole chunk: a page that claims more is malformed, and must not make us reserve memory for them.
    pub entries_max: usize,
}

/// Values of a page, still encoded as far as random access allows.
pub(super) enum PageValues {
    /// Codes into the column's dictionary, one per present value.
    Codes(Vec<u32>),
    /// Present values one after another, as the PLAIN encoding has them.
    Plain(Bytes),
}

/// A data page.
pub(super) struct LeafPage {
    /// Repetition levels; empty when the column has none.
    pub rep_levels: Vec<u32>,
    /// Definition levels; empty when every entry of the page is present.
    pub def_levels: Vec<u32>,
    /// Entries: present values and placeholders.
    pub entries: usize,
    /// The values.
    pub values: PageValues,
}

/// A column's dictionary.
pub(super) enum Dictionary {
    /// Text: one allocation for the whole chunk, so that encoders see batches share it.
    Text(ArrayRef),
    /// PLAIN-encoded numbers.
    Fixed(Bytes),
}

/// Reads a column chunk page by page. Holds one page and the dictionary.
pub(super) struct LeafPages {
    reader: Box<dyn PageReader>,
    shape: LeafShape,
    source: SourceReader,
    /// The chunk's dictionary, once met.
    pub dictionary: Option<Dictionary>,
    want_rep_levels: bool,
}

impl LeafPages {
    /// Pages of `shape` in `source`. Repetition levels are decoded only when wanted.
    pub fn new(
        reader: Box<dyn PageReader>,
        shape: LeafShape,
        source: SourceReader,
        want_rep_levels: bool,
    ) -> LeafPages {
        LeafPages { reader, shape, source, dictionary: None, want_rep_levels }
    }

    /// The next data page, or `None` at the chunk's end.
    pub fn next_page(&mut self) -> Result<Option<LeafPage>, Fault> {
        loop {
            let page = self.source.decode(Some(&self.shape.name), || self.reader.get_next_page())?;
            match page {
                None => return Ok(None),
                // Codes that were read already mean the first one.
                Some(Page::DictionaryPage { .. }) if self.dictionary.is_some() => return Err(self.corrupt()),
                Some(Page::DictionaryPage { buf, num_values, .. }) => {
                    self.dictionary = Some(self.read_dictionary(&buf, num_values as usize)?);
                }
                Some(page) => return self.read_data(&page).map(Some),
            }
        }
    }

    /// The fault for bytes that are not what they claim, or for a file that changed meanwhile.
    pub fn corrupt(&self) -> Fault {
        self.source.fault(Some(&self.shape.name), Malformed)
    }

    /// The column's shape.
    pub fn shape(&self) -> &LeafShape {
        &self.shape
    }

    fn read_dictionary(&self, buf: &Bytes, values: usize) -> Result<Dictionary, Fault> {
        if self.shape.physical_type != PhysicalType::BYTE_ARRAY {
            return Ok(Dictionary::Fixed(buf.clone()));
        }
        let mut texts = arrow::array::StringBuilder::with_capacity(values.min(buf.len() / 4), buf.len());
        let mut at = 0;
        for _ in 0..values {
            let bytes = plain_bytes(buf, &mut at).ok_or_else(|| self.corrupt())?;
            texts.append_value(self.text(bytes)?);
        }
        Ok(Dictionary::Text(Arc::new(texts.finish())))
    }

    /// `bytes` as text; a value that is not UTF-8 fails naming file and column.
    pub fn text<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, Fault> {
        std::str::from_utf8(bytes).map_err(|e| self.source.fault(Some(&self.shape.name), e))
    }

    fn read_data(&self, page: &Page) -> Result<LeafPage, Fault> {
        let malformed = |_: Malformed| self.corrupt();
        let (buf, entries, encoding, rep, def, values_at) = match page {
            Page::DataPage { buf, num_values, encoding, .. } => {
                let mut at = 0;
                let rep = self.level_section(buf, self.shape.rep_level_max, &mut at)?;
                let def = self.level_section(buf, self.shape.def_level_max, &mut at)?;
                (buf, *num_values, *encoding, rep, def, at)
            }
            Page::DataPageV2 { buf, num_values, encoding, rep_levels_byte_len, def_levels_byte_len, .. } => {
                let rep_len = *rep_levels_byte_len as usize;
                let at = rep_len + *def_levels_byte_len as usize;
                if at > buf.len() {
                    return Err(self.corrupt());
                }
                (buf, *num_values, *encoding, buf.slice(..rep_len), buf.slice(rep_len..at), at)
            }
            Page::DictionaryPage { .. } => return Err(self.corrupt()),
        };
        let entries = entries as usize;
        if entries > self.shape.entries_max {
            return Err(self.corrupt());
        }
        // A few bytes of run lengths can stand for any number of entries.
        self.source.make_room(&self.shape.name, entries)?;
        let mut rep_levels = Vec::new();
        if self.want_rep_levels && self.shape.rep_level_max > 0 {
            let width = level_width(self.shape.rep_level_max);
            Hybrid::new(&rep, width).and_then(|h| h.decode(entries, &mut rep_levels)).map_err(malformed)?;
        }
        let def_levels = self.def_levels(&def, entries).map_err(malformed)?;
        let present = if def_levels.is_empty() {
            entries
        } else {
            let max = self.shape.def_level_max as u32;
            def_levels.iter().filter(|&&d| d == max).count()
        };
        let values = self.values(&buf.slice(values_at..), encoding, present)?;
        Ok(LeafPage { rep_levels, def_levels, entries, values })
    }

    /// A version-1 level section: its length in four bytes, then the levels. Empty when the column has no such levels.
    fn level_section(&self, buf: &Bytes, level_max: i16, at: &mut usize) -> Result<Bytes, Fault> {
        if level_max == 0 {
            return Ok(Bytes::new());
        }
        let from = *at + 4;
        let length = buf.get(*at..from).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let to = from.saturating_add(length.ok_or_else(|| self.corrupt())? as usize);
        if to > buf.len() {
            return Err(self.corrupt());
        }
        *at = to;
        Ok(buf.slice(from..to))
    }

    fn def_levels(&self, data: &Bytes, entries: usize) -> Result<Vec<u32>, Malformed> {
        let max = self.shape.def_level_max;
        if max == 0 || entries == 0 {
            return Ok(Vec::new());
        }
        let mut levels = Vec::new();
        Hybrid::new(data, level_width(max))?.decode(entries, &mut levels)?;
        if levels.iter().all(|&l| l == max as u32) {
            levels.clear();
        }
        Ok(levels)
    }

    fn values(&self, data: &Bytes, encoding: Encoding, present: usize) -> Result<PageValues, Fault> {
        match encoding {
            Encoding::PLAIN => Ok(PageValues::Plain(data.clone())),
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                let mut codes = Vec::new();
                if present > 0 {
                    let (&width, packed) = data.split_first().ok_or_else(|| self.corrupt())?;
                    Hybrid::new(packed, width)
                        .and_then(|h| h.decode(present, &mut codes))
                        .map_err(|_| self.corrupt())?;
                }
                let size = match &self.dictionary {
                    Some(Dictionary::Text(texts)) => texts.len(),
                    Some(Dictionary::Fixed(bytes)) => bytes.len() / self.fixed_width().unwrap_or(usize::MAX),
                    None => 0,
                };
                if codes.iter().any(|&c| c as usize >= size) {
                    return Err(self.corrupt());
                }
                Ok(PageValues::Codes(codes))
            }
            other => Err(Fault::internal(format!("column `{}` was read by a path without {other}", self.shape.name))),
        }
    }

    /// Bytes of one PLAIN value of a fixed-width type.
    pub fn fixed_width(&self) -> Option<usize> {
        match self.shape.physical_type {
            PhysicalType::INT32 | PhysicalType::FLOAT => Some(4),
            PhysicalType::INT64 | PhysicalType::DOUBLE => Some(8),
            _ => None,
        }
    }
}

/// Bits that hold levels up to `level_max`.
fn level_width(level_max: i16) -> u8 {
    (16 - (level_max as u16).leading_zeros()) as u8
}

/// The PLAIN byte array at `at`, which moves behind it.
pub(super) fn plain_bytes<'a>(buf: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let from = *at + 4;
    let length = u32::from_le_bytes(buf.get(*at..from)?.try_into().ok()?) as usize;
    let to = from.checked_add(length)?;
    let bytes = buf.get(from..to)?;
    *at = to;
    Some(bytes)
}
