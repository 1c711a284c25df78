//! CSV and TSV: record batches in, lines out.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use outflow_model::Fault;
use outflow_model::dialect::CsvDialect;

use super::text::{Scalars, scalars};
use super::{EncodedRows, RowEncoder, codes, rows_of};

/// Encodes rows in one dialect. One per thread: it remembers the dictionaries it has rendered.
#[derive(Clone)]
pub(crate) struct CsvEncoder {
    dialect: CsvDialect,
    headers: Vec<String>,
    /// Bytes that make a cell need quotes, or escapes where there are no quotes.
    special: [bool; 256],
    /// Numbers, dates and truth values are checked too when they may be written with special bytes, or read like a null
    /// or an empty string.
    scalars_are_safe: bool,
    /// The last dictionary of each column: batches of one row group share it.
    rendered: Vec<Option<Arc<Rendered>>>,
}

/// A dictionary whose every value is a finished cell.
struct Rendered {
    /// The values it was made of; the same allocation means the same values.
    values: ArrayRef,
    cells: Vec<u8>,
    /// Where each cell ends in `cells`.
    ends: Vec<u32>,
    /// Values that the dialect cannot represent.
    bad: Vec<(i32, Unrepresentable)>,
}

/// Why the dialect cannot represent a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unrepresentable {
    /// It holds what ends a cell, and there is nothing to keep it in.
    EndsEarly,
    /// It would read like a null or an empty string.
    Reserved,
}

impl CsvEncoder {
    /// An encoder for columns called `headers`.
    pub fn new(dialect: CsvDialect, headers: Vec<String>) -> CsvEncoder {
        let mut special = [false; 256];
        for byte in
            [Some(dialect.delimiter), dialect.quote, dialect.escape, Some(b'\r'), Some(b'\n')].into_iter().flatten()
        {
            special[byte as usize] = true;
        }
        // Letters and digits are never special.
        let marks = b"+-.:/=";
        let may_be_scalar =
            |text: &str| text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || marks.contains(&b));
        let scalars_are_safe = !may_be_scalar(&dialect.null_value)
            && !may_be_scalar(&dialect.empty_value)
            && !marks.iter().any(|&b| special[b as usize]);
        let rendered = vec![None; headers.len()];
        CsvEncoder { dialect, headers, special, scalars_are_safe, rendered }
    }

    fn write_cell(&self, value: &[u8], out: &mut Vec<u8>) -> Result<(), Unrepresentable> {
        if value.is_empty() {
            out.extend_from_slice(self.dialect.empty_value.as_bytes());
            return Ok(());
        }
        if self.is_plain(value) {
            out.extend_from_slice(value);
            return Ok(());
        }
        let from = out.len();
        self.write_marked(value, out)?;
        // Quotes tell it apart, unless the text of a null or an empty string has the same.
        if self.is_reserved(&out[from..]) { Err(Unrepresentable::Reserved) } else { Ok(()) }
    }

    /// Writes a value with the marks that keep it in its cell.
    fn write_marked(&self, value: &[u8], out: &mut Vec<u8>) -> Result<(), Unrepresentable> {
        let is_clean = !value.iter().any(|&b| self.special[b as usize]);
        match (self.dialect.quote, self.dialect.escape) {
            (Some(quote), escape) => {
                out.push(quote);
                for &byte in value {
                    if byte == quote || Some(byte) == escape {
                        out.push(escape.unwrap_or(quote));
                    }
                    out.push(byte);
                }
                out.push(quote);
                Ok(())
            }
            (None, Some(escape)) => {
                for &byte in value {
                    if self.special[byte as usize] {
                        out.push(escape);
                    }
                    out.push(byte);
                }
                Ok(())
            }
            (None, None) if is_clean => {
                out.extend_from_slice(value);
                Ok(())
            }
            (None, None) => Err(Unrepresentable::EndsEarly),
        }
    }

    /// Whether a value is its own cell.
    fn is_plain(&self, value: &[u8]) -> bool {
        !value.is_empty() && !value.iter().any(|&b| self.special[b as usize]) && !self.is_reserved(value)
    }

    /// Whether a cell means a null or an empty string.
    fn is_reserved(&self, cell: &[u8]) -> bool {
        cell == self.dialect.null_value.as_bytes() || cell == self.dialect.empty_value.as_bytes()
    }

    fn prepare<'a>(&mut self, number: usize, array: &'a ArrayRef) -> Result<Column<'a>, Fault> {
        if let DataType::Dictionary(_, _) = array.data_type() {
            let dictionary = array.as_any_dictionary();
            let rendered = match &self.rendered[number] {
                Some(rendered) if Arc::ptr_eq(&rendered.values, dictionary.values()) => Arc::clone(rendered),
                _ => Arc::new(self.render(dictionary.values())?),
            };
            self.rendered[number] = Some(Arc::clone(&rendered));
            return Ok(Column::Coded { keys: codes(array)?, rendered });
        }
        plain_column(array)
    }

    /// Renders every value once; rows then copy finished cells.
    fn render(&self, values: &ArrayRef) -> Result<Rendered, Fault> {
        let column = plain_column(values)?;
        let mut rendered =
            Rendered { values: Arc::clone(values), cells: Vec::new(), ends: Vec::new(), bad: Vec::new() };
        for value in 0..values.len() {
            if values.is_null(value) {
                rendered.cells.extend_from_slice(self.dialect.null_value.as_bytes());
            } else if let Err(why) = self.write(&column, value, &mut rendered.cells) {
                rendered.bad.push((value as i32, why));
            }
            let end = u32::try_from(rendered.cells.len());
            rendered
                .ends
                .push(end.map_err(|_| Fault::input("a dictionary of more than 4 GiB cannot be written as CSV"))?);
        }
        Ok(rendered)
    }

    fn write(&self, column: &Column<'_>, row: usize, out: &mut Vec<u8>) -> Result<(), Unrepresentable> {
        match column {
            Column::Text(array) => self.write_cell(array.value(row).as_bytes(), out),
            Column::View(array) => self.write_cell(array.value(row).as_bytes(), out),
            Column::Large(array) => self.write_cell(array.value(row).as_bytes(), out),
            Column::Coded { keys, rendered } => {
                let code = keys[row];
                if let Some((_, why)) = rendered.bad.iter().find(|(bad, _)| *bad == code) {
                    return Err(*why);
                }
                let from = if code == 0 { 0 } else { rendered.ends[code as usize - 1] as usize };
                out.extend_from_slice(&rendered.cells[from..rendered.ends[code as usize] as usize]);
                Ok(())
            }
            // Binary may be empty.
            Column::Scalars(scalars) if self.scalars_are_safe && !matches!(scalars, Scalars::Binary(_)) => {
                scalars.write(row, out);
                Ok(())
            }
            Column::Scalars(scalars) => {
                let from = out.len();
                scalars.write(row, out);
                if self.is_plain(&out[from..]) {
                    return Ok(());
                }
                let text = out.split_off(from);
                self.write_cell(&text, out)
            }
            Column::Null => {
                out.extend_from_slice(self.dialect.null_value.as_bytes());
                Ok(())
            }
        }
    }
}

/// A column made ready for row by row access.
enum Column<'a> {
    Text(&'a arrow::array::StringArray),
    View(&'a arrow::array::StringViewArray),
    Large(&'a arrow::array::LargeStringArray),
    Coded { keys: arrow::buffer::ScalarBuffer<i32>, rendered: Arc<Rendered> },
    Scalars(Scalars<'a>),
    Null,
}

fn plain_column(array: &ArrayRef) -> Result<Column<'_>, Fault> {
    if let Some(scalars) = scalars(array)? {
        return Ok(Column::Scalars(scalars));
    }
    Ok(match array.data_type() {
        DataType::Utf8 => Column::Text(array.as_string()),
        DataType::Utf8View => Column::View(array.as_string_view()),
        DataType::LargeUtf8 => Column::Large(array.as_string()),
        DataType::Null => Column::Null,
        other => return Err(super::not_flat(other)),
    })
}

impl RowEncoder for CsvEncoder {
    fn header(&self) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        for (i, header) in self.headers.iter().enumerate() {
            if i > 0 {
                line.push(self.dialect.delimiter);
            }
            // No header is null: what the texts of null and of an empty string are is nothing to it.
            match self.write_cell(header.as_bytes(), &mut line) {
                Ok(()) | Err(Unrepresentable::Reserved) => {}
                Err(Unrepresentable::EndsEarly) => {
                    return Err(Fault::input(format!("the header `{header}` cannot be written without quotes"))
                        .hint("choose another header, a quote or an escape"));
                }
            }
        }
        line.extend_from_slice(self.dialect.line_ending.as_bytes());
        Ok(line)
    }

    fn encode(&mut self, columns: &[ArrayRef], from: usize) -> Result<EncodedRows, Fault> {
        let rows = rows_of(columns);
        let mut prepared = Vec::with_capacity(columns.len());
        for (number, column) in columns.iter().enumerate() {
            prepared.push(self.prepare(number, column)?);
        }
        let nulls: Vec<_> = columns.iter().map(|c| c.logical_nulls().filter(|n| n.null_count() > 0)).collect();
        let mut out = EncodedRows::with_capacity(rows - from, (rows - from) * columns.len() * 12);
        let line_end = self.dialect.line_ending.as_bytes();
        let null_value = self.dialect.null_value.as_bytes();
        for row in from..rows {
            for (i, column) in prepared.iter().enumerate() {
                if i > 0 {
                    out.bytes.push(self.dialect.delimiter);
                }
                if nulls[i].as_ref().is_some_and(|n| n.is_null(row)) {
                    out.bytes.extend_from_slice(null_value);
                } else if let Err(why) = self.write(column, row, &mut out.bytes) {
                    return Err(self.unrepresentable(i, why));
                }
            }
            out.bytes.extend_from_slice(line_end);
            if !out.end_row()? {
                break;
            }
        }
        Ok(out)
    }
}

impl CsvEncoder {
    fn unrepresentable(&self, column: usize, why: Unrepresentable) -> Fault {
        let header = &self.headers[column];
        match why {
            Unrepresentable::EndsEarly => Fault::input(format!(
                "a value of column `{header}` holds a delimiter or line end, which cannot be written without a quote or an \
                 escape"
            ))
            .hint("allow quotes (--quote '\"'), set an escape (--escape '\\'), or choose another delimiter"),
            Unrepresentable::Reserved => Fault::input(format!(
                "a value of column `{header}` would read like a null or an empty string, as this dialect writes them"
            ))
            .hint(
                "allow quotes (--quote '\"'), or choose texts for null (--null-value) and for empty strings \
                 (--empty-value) that no value is",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray, StringDictionaryBuilder};
    use arrow::datatypes::Int32Type;
    use proptest::prelude::*;

    fn encode(dialect: CsvDialect, columns: &[ArrayRef]) -> Result<String, Fault> {
        let headers = (0..columns.len()).map(|i| format!("h{i}")).collect();
        let mut encoder = CsvEncoder::new(dialect, headers);
        let mut bytes = encoder.header()?;
        bytes.extend(encoder.encode(columns, 0)?.bytes);
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    #[test]
    fn null_is_nothing_and_empty_is_two_quotes() {
        let columns =
            [text(&[None, Some(""), Some("a,b"), Some("say \"x\"")]), Arc::new(Int64Array::from(vec![1, 2, 3, 4]))];
        assert_eq!(
            encode(CsvDialect::default(), &columns).unwrap(),
            "h0,h1\n,1\n\"\",2\n\"a,b\",3\n\"say \"\"x\"\"\",4\n"
        );
    }

    #[test]
    fn text_that_looks_like_the_null_text_is_quoted() {
        let dialect = CsvDialect { null_value: "NULL".into(), ..CsvDialect::default() };
        assert_eq!(encode(dialect, &[text(&[None, Some("NULL")])]).unwrap(), "h0\nNULL\n\"NULL\"\n");
        let dialect = CsvDialect { null_value: "-1".into(), ..CsvDialect::default() };
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(-1), Some(1)]));
        assert_eq!(encode(dialect, &[numbers]).unwrap(), "h0\n-1\n\"-1\"\n1\n");
    }

    #[test]
    fn text_that_looks_like_the_empty_text_is_quoted() {
        let dialect = CsvDialect { empty_value: "EMPTY".into(), ..CsvDialect::default() };
        assert_eq!(encode(dialect, &[text(&[Some(""), Some("EMPTY")])]).unwrap(), "h0\nEMPTY\n\"EMPTY\"\n");
        let dialect = CsvDialect { empty_value: "1".into(), ..CsvDialect::default() };
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(1)]));
        assert_eq!(encode(dialect, &[numbers]).unwrap(), "h0\n\n\"1\"\n");
    }

    #[test]
    fn an_empty_binary_is_not_a_null() {
        let binary: ArrayRef = Arc::new(arrow::array::BinaryArray::from(vec![None, Some(&b""[..]), Some(&b"a"[..])]));
        assert_eq!(encode(CsvDialect::default(), &[Arc::clone(&binary)]).unwrap(), "h0\n\n\"\"\nYQ==\n");
        let dialect = CsvDialect { null_value: "NULL".into(), ..CsvDialect::default() };
        assert_eq!(encode(dialect, &[binary]).unwrap(), "h0\nNULL\n\"\"\nYQ==\n");
    }

    #[test]
    fn a_value_that_would_read_like_a_null_or_an_empty_string_fails() {
        let bare = CsvDialect { quote: None, ..CsvDialect::default() };
        let null = CsvDialect { null_value: "NULL".into(), ..bare.clone() };
        let empty = CsvDialect { empty_value: "EMPTY".into(), ..bare.clone() };
        let escaped = |dialect: &CsvDialect| CsvDialect { escape: Some(b'\\'), ..dialect.clone() };
        // Quoting a value gives it the very text that was chosen.
        let quoted = |null: &str, empty: &str| CsvDialect {
            null_value: null.into(),
            empty_value: empty.into(),
            ..CsvDialect::default()
        };
        for (dialect, value) in [
            (null.clone(), "NULL"),
            (escaped(&null), "NULL"),
            (empty.clone(), "EMPTY"),
            (escaped(&empty), "EMPTY"),
            (bare, "\"\""),
            (quoted("\"NULL\"", "NULL"), "NULL"),
            (quoted("\"a\"\"b\"", "\"\""), "a\"b"),
        ] {
            for coded in [false, true] {
                let mut entries = StringDictionaryBuilder::<Int32Type>::new();
                entries.extend([Some("fine"), Some(value)]);
                let column: ArrayRef =
                    if coded { Arc::new(entries.finish()) } else { text(&[Some("fine"), Some(value)]) };
                let fault = encode(dialect.clone(), &[column]).unwrap_err();
                assert!(fault.message.contains("`h0`") && fault.message.contains("null"), "{}", fault.message);
            }
        }
        // An escape before it is a difference.
        let postgres = CsvDialect { null_value: "\\N".into(), ..escaped(&empty) };
        assert_eq!(encode(postgres, &[text(&[None, Some("\\N")])]).unwrap(), "h0\n\\N\n\\\\N\n");
        // A header is neither.
        assert_eq!(CsvEncoder::new(null, vec!["NULL".into()]).header().unwrap(), b"NULL\n");
    }

    #[test]
    fn a_dictionary_without_entries_is_a_column_of_nulls() {
        let mut coded = StringDictionaryBuilder::<Int32Type>::new();
        coded.append_nulls(2);
        let columns: [ArrayRef; 2] = [Arc::new(coded.finish()), Arc::new(Int64Array::from(vec![1, 2]))];
        assert_eq!(encode(CsvDialect::default(), &columns).unwrap(), "h0,h1\n,1\n,2\n");
        let encoded = crate::encode::JsonEncoder::new(&["h".into(), "i".into()]).encode(&columns, 0).unwrap();
        assert_eq!(encoded.bytes, b"{\"h\":null,\"i\":1}\n{\"h\":null,\"i\":2}\n");
    }

    #[test]
    fn huge_rows_are_encoded_a_few_at_a_time() {
        let long = "x".repeat(3 * 1024 * 1024);
        let columns = [text(&[Some(&long), Some(&long), Some("short"), Some("last")])];
        let mut encoder = CsvEncoder::new(CsvDialect::default(), vec!["h".into()]);
        let first = encoder.encode(&columns, 0).unwrap();
        assert_eq!(first.row_ends.len(), 2);
        let rest = encoder.encode(&columns, 2).unwrap();
        assert_eq!(rest.bytes, b"short\nlast\n");
    }

    #[test]
    fn a_value_that_cannot_be_written_fails_by_column_and_is_not_shown() {
        let dialect = CsvDialect { quote: None, empty_value: String::new(), ..CsvDialect::default() };
        let fault = encode(dialect.clone(), &[text(&[Some("fine")]), text(&[Some("s3cret, value")])]).unwrap_err();
        assert!(fault.message.contains("`h1`") && !fault.message.contains("s3cret"), "{}", fault.message);
        let escaped = CsvDialect { escape: Some(b'\\'), ..dialect };
        assert_eq!(encode(escaped, &[text(&[Some("a,b\n")])]).unwrap(), "h0\na\\,b\\\n\n");
    }

    #[test]
    fn numbers_are_quoted_when_the_dialect_needs_it() {
        let dialect = CsvDialect { delimiter: b'-', ..CsvDialect::default() };
        let columns: [ArrayRef; 2] = [Arc::new(Int64Array::from(vec![-5])), Arc::new(Int64Array::from(vec![5]))];
        assert_eq!(encode(dialect, &columns).unwrap(), "h0-h1\n\"-5\"-5\n");
    }

    fn cell() -> impl Strategy<Value = Option<String>> {
        prop::option::of(
            prop::collection::vec(
                prop::sample::select(vec![
                    "a", "é", ",", ";", "\t", "|", "\"", "'", "\\", "\n", "\r", " ", "NULL", "=1+1",
                ]),
                0..6,
            )
            .prop_map(|parts| parts.concat()),
        )
    }

    proptest! {
        #[test]
        fn a_reader_of_the_dialect_gets_the_cells_back(
            rows in prop::collection::vec((cell(), cell()), 1..20),
            delimiter in prop::sample::select(b",\t|;:".to_vec()),
            quote in prop::sample::select(b"\"'".to_vec()),
            escape in prop::option::of(prop::sample::select(b"\\'".to_vec())),
            crlf in any::<bool>(),
            coded in any::<bool>(),
        ) {
            prop_assume!(escape != Some(quote));
            let line_ending = if crlf { outflow_model::dialect::LineEnding::Crlf } else { outflow_model::dialect::LineEnding::Lf };
            let empty_value = String::from_utf8(vec![quote, quote]).unwrap();
            let dialect = CsvDialect { delimiter, quote: Some(quote), escape, line_ending, empty_value, ..CsvDialect::default() };
            let mut first = StringDictionaryBuilder::<Int32Type>::new();
            for (a, _) in &rows {
                first.append_option(a.as_deref());
            }
            let plain: ArrayRef = Arc::new(rows.iter().map(|(a, _)| a.as_deref()).collect::<StringArray>());
            let a: ArrayRef = if coded { Arc::new(first.finish()) } else { plain };
            let b: ArrayRef = Arc::new(rows.iter().map(|(_, b)| b.as_deref()).collect::<arrow::array::StringViewArray>());
            let text = encode(dialect, &[a, b]).unwrap();
            let mut reader = ::csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .quote(quote)
                .escape(escape)
                .double_quote(escape.is_none())
                .from_reader(text.as_bytes());
            let read: Vec<(String, String)> = reader.records().map(|r| r.unwrap()).map(|r| (r[0].into(), r[1].into())).collect();
            let wanted: Vec<(String, String)> =
                rows.into_iter().map(|(a, b)| (a.unwrap_or_default(), b.unwrap_or_default())).collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
