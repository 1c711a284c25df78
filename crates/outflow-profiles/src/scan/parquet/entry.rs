//! One entry of a map, without building the map.
//!
//! ``segmentMembership.`81af…`.status`` needs, of a column that holds every membership of every profile, the one entry
//! under one key. The key column says at which position of the column chunk each record's entry stands ([`KeyScan`]);
//! the value columns have the same positions, and are decoded at just these ([`EntryValues`]).

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, DictionaryArray, Float32Array, Float64Array, Int32Array, Int64Array, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use outflow_model::Fault;
use parquet::basic::Type as PhysicalType;

use super::pages::{Dictionary, LeafPage, LeafPages, PageValues, plain_bytes};

/// A record that has no entry under the key.
pub(super) const ABSENT: i64 = -1;

/// Finds, record by record, where the entry with one key stands.
pub(super) struct KeyScan {
    pages: LeafPages,
    key: String,
    /// Position of the first entry of the next page, counted over the whole chunk, placeholders included.
    position: i64,
    /// Records that are complete, each with its entry's position or [`ABSENT`].
    found: VecDeque<i64>,
    /// The record whose entries may go on in the next page.
    open: Option<i64>,
    exhausted: bool,
}

impl KeyScan {
    /// Scans a key column, opened with repetition levels.
    pub fn new(pages: LeafPages, key: String) -> KeyScan {
        KeyScan { pages, key, position: 0, found: VecDeque::new(), open: None, exhausted: false }
    }

    /// The positions of the next `records` records.
    pub fn read(&mut self, records: usize) -> Result<Vec<i64>, Fault> {
        while self.found.len() < records && !self.exhausted {
            match self.pages.next_page()? {
                Some(page) => self.scan(&page)?,
                None => {
                    self.found.extend(self.open.take());
                    self.exhausted = true;
                }
            }
        }
        if self.found.len() < records {
            return Err(self.pages.corrupt());
        }
        Ok(self.found.drain(..records).collect())
    }

    fn scan(&mut self, page: &LeafPage) -> Result<(), Fault> {
        if page.rep_levels.len() != page.entries {
            return Err(self.pages.corrupt());
        }
        let present_at = self.pages.shape().def_level_max as u32;
        let is_key = self.matches(&page.values)?;
        let mut open = self.open;
        let mut value = 0;
        for (i, &rep) in page.rep_levels.iter().enumerate() {
            if rep == 0 {
                self.found.extend(open);
                open = Some(ABSENT);
            }
            if page.def_levels.is_empty() || page.def_levels[i] == present_at {
                // The levels may promise more keys than there are.
                let is_key = *is_key.get(value).ok_or_else(|| self.pages.corrupt())?;
                if is_key && open == Some(ABSENT) {
                    open = Some(self.position + i as i64);
                }
                value += 1;
            }
        }
        self.open = open;
        self.position += page.entries as i64;
        Ok(())
    }

    /// For each present key of a page, whether it is the one.
    fn matches(&self, values: &PageValues) -> Result<Vec<bool>, Fault> {
        match (values, &self.pages.dictionary) {
            (PageValues::Codes(codes), Some(Dictionary::Text(texts))) => {
                let wanted: Vec<bool> = texts.as_string::<i32>().iter().map(|t| t == Some(self.key.as_str())).collect();
                Ok(codes.iter().map(|&c| wanted[c as usize]).collect())
            }
            (PageValues::Codes(codes), _) if codes.is_empty() => Ok(Vec::new()),
            (PageValues::Codes(_), _) => Err(self.pages.corrupt()),
            (PageValues::Plain(buf), _) => {
                let mut at = 0;
                let mut found = Vec::new();
                while at < buf.len() {
                    let key = plain_bytes(buf, &mut at).ok_or_else(|| self.pages.corrupt())?;
                    found.push(key == self.key.as_bytes());
                }
                Ok(found)
            }
        }
    }
}

/// Values of a leaf below a map at given positions.
pub(super) struct EntryValues {
    pages: LeafPages,
    /// The Arrow type to deliver; text columns with a dictionary are delivered as dictionary arrays of it.
    data_type: DataType,
    page: Option<OpenPage>,
    /// Position of the open page's first entry.
    page_start: i64,
}

struct OpenPage {
    page: LeafPage,
    /// Entries whose presence has been counted, and how many of them were present.
    counted: (usize, usize),
    /// For PLAIN text: the number of the value to walk to next, and where it starts in the buffer.
    text_next: (usize, usize),
}

impl EntryValues {
    /// Reads a value column, opened without repetition levels, as `data_type`.
    pub fn new(pages: LeafPages, data_type: DataType) -> EntryValues {
        EntryValues { pages, data_type, page: None, page_start: 0 }
    }

    /// Whether this reader delivers `data_type` from `physical`; other columns go the general way.
    pub fn supports(data_type: &DataType, physical: PhysicalType) -> bool {
        match physical {
            PhysicalType::BYTE_ARRAY => matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
            PhysicalType::INT32 => matches!(data_type, DataType::Int32 | DataType::Date32),
            PhysicalType::INT64 => matches!(data_type, DataType::Int64 | DataType::Timestamp(_, _)),
            PhysicalType::FLOAT => *data_type == DataType::Float32,
            PhysicalType::DOUBLE => *data_type == DataType::Float64,
            _ => false,
        }
    }

    /// The values at `positions`, which ascend; [`ABSENT`] and entries without a value give null.
    pub fn read(&mut self, positions: &[i64]) -> Result<ArrayRef, Fault> {
        if self.pages.shape().physical_type == PhysicalType::BYTE_ARRAY {
            self.read_text(positions)
        } else {
            self.read_fixed(positions)
        }
    }

    /// Moves to `position`; answers the number of the value there within the open page, or `None` for a null.
    fn seek(&mut self, position: i64) -> Result<Option<usize>, Fault> {
        loop {
            if let Some(open) = &mut self.page {
                let offset = (position - self.page_start) as usize;
                if offset < open.page.entries {
                    return Ok(open.value_at(offset, self.pages.shape().def_level_max as u32));
                }
                self.page_start += open.page.entries as i64;
            }
            let page = self.pages.next_page()?.ok_or_else(|| self.pages.corrupt())?;
            self.page = Some(OpenPage { page, counted: (0, 0), text_next: (0, 0) });
        }
    }

    fn read_fixed(&mut self, positions: &[i64]) -> Result<ArrayRef, Fault> {
        let width = self.pages.fixed_width().ok_or_else(|| self.pages.corrupt())?;
        let mut raw: Vec<Option<[u8; 8]>> = Vec::with_capacity(positions.len());
        for &position in positions {
            let value = if position == ABSENT { None } else { self.seek(position)? };
            raw.push(match value {
                Some(value) => Some(self.fixed(value, width).ok_or_else(|| self.pages.corrupt())?),
                None => None,
            });
        }
        let four = |b: [u8; 8]| [b[0], b[1], b[2], b[3]];
        let array: ArrayRef = match self.pages.shape().physical_type {
            PhysicalType::INT32 => {
                Arc::new(raw.iter().map(|b| b.map(|b| i32::from_le_bytes(four(b)))).collect::<Int32Array>())
            }
            PhysicalType::INT64 => Arc::new(raw.iter().map(|b| b.map(i64::from_le_bytes)).collect::<Int64Array>()),
            PhysicalType::FLOAT => {
                Arc::new(raw.iter().map(|b| b.map(|b| f32::from_le_bytes(four(b)))).collect::<Float32Array>())
            }
            _ => Arc::new(raw.iter().map(|b| b.map(f64::from_le_bytes)).collect::<Float64Array>()),
        };
        cast(&array, &self.data_type).map_err(|e| self.pages.corrupt().because(e))
    }

    fn fixed(&self, value: usize, width: usize) -> Option<[u8; 8]> {
        let (buf, index) = match (&self.page.as_ref()?.page.values, &self.pages.dictionary) {
            (PageValues::Codes(codes), Some(Dictionary::Fixed(buf))) => (buf, *codes.get(value)? as usize),
            (PageValues::Plain(buf), _) => (buf, value),
            _ => return None,
        };
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(buf.get(index * width..(index + 1) * width)?);
        Some(bytes)
    }

    fn read_text(&mut self, positions: &[i64]) -> Result<ArrayRef, Fault> {
        let mut codes: Vec<Option<i32>> = Vec::with_capacity(positions.len());
        let mut texts: Option<StringBuilder> = None;
        for &position in positions {
            let value = if position == ABSENT { None } else { self.seek(position)? };
            let code = match (value, self.page.as_ref().map(|p| &p.page.values)) {
                (None, _) => Some(None),
                (Some(value), Some(PageValues::Codes(c))) => Some(c.get(value).map(|&c| c as i32)),
                _ => None,
            };
            match (code, &mut texts) {
                (Some(code), None) => codes.push(code),
                (code, texts) => {
                    // A page without dictionary: from here on the batch is plain text.
                    let builder = match texts {
                        Some(builder) => builder,
                        None => texts.insert(self.spell_out(&codes)?),
                    };
                    match (code, value) {
                        (Some(None), _) => builder.append_null(),
                        (Some(Some(code)), _) => builder.append_value(self.dictionary_text()?.value(code as usize)),
                        (None, Some(value)) => {
                            let text = self.plain_text(value)?;
                            builder.append_value(text);
                        }
                        (None, None) => return Err(self.pages.corrupt()),
                    }
                }
            }
        }
        if let Some(mut texts) = texts {
            return Ok(Arc::new(texts.finish()));
        }
        let dictionary: ArrayRef = match &self.pages.dictionary {
            Some(Dictionary::Text(texts)) => Arc::clone(texts),
            _ => Arc::new(StringArray::from(Vec::<&str>::new())),
        };
        let keys: Int32Array = codes.into_iter().collect();
        let array = DictionaryArray::<Int32Type>::try_new(keys, dictionary);
        Ok(Arc::new(array.map_err(|e| self.pages.corrupt().because(e))?))
    }

    fn dictionary_text(&self) -> Result<&StringArray, Fault> {
        match &self.pages.dictionary {
            Some(Dictionary::Text(texts)) => Ok(texts.as_string::<i32>()),
            _ => Err(self.pages.corrupt()),
        }
    }

    fn spell_out(&self, codes: &[Option<i32>]) -> Result<StringBuilder, Fault> {
        let mut builder = StringBuilder::new();
        for code in codes {
            match code {
                Some(code) => builder.append_value(self.dictionary_text()?.value(*code as usize)),
                None => builder.append_null(),
            }
        }
        Ok(builder)
    }

    /// PLAIN text number `value` of the open page; values are asked for in ascending order.
    fn plain_text(&mut self, value: usize) -> Result<String, Fault> {
        let Some(open) = &mut self.page else { return Err(self.pages.corrupt()) };
        let PageValues::Plain(buf) = &open.page.values else { return Err(self.pages.corrupt()) };
        let (mut number, mut at) = open.text_next;
        let mut bytes: &[u8] = &[];
        while number <= value {
            bytes = plain_bytes(buf, &mut at).ok_or_else(|| self.pages.corrupt())?;
            number += 1;
        }
        open.text_next = (number, at);
        self.pages.text(bytes).map(str::to_string)
    }
}

impl OpenPage {
    /// The number of the value at entry `offset`, or `None` when the entry has none. Offsets ascend.
    fn value_at(&mut self, offset: usize, present_at: u32) -> Option<usize> {
        let levels = &self.page.def_levels;
        if levels.is_empty() {
            return Some(offset);
        }
        let (entries, present) = self.counted;
        let more = levels[entries..offset].iter().filter(|&&d| d == present_at).count();
        self.counted = (offset, present + more);
        (levels[offset] == present_at).then_some(present + more)
    }
}

#[cfg(test)]
mod tests;
