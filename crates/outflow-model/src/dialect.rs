//! How values become CSV.

use serde::{Deserialize, Serialize};

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnding {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    Crlf,
}

impl LineEnding {
    /// The bytes.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            LineEnding::Lf => b"\n",
            LineEnding::Crlf => b"\r\n",
        }
    }
}

/// A CSV dialect. The default is RFC 4180 with LF, null as nothing and empty as two quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CsvDialect {
    /// Between cells: one ASCII byte.
    pub delimiter: u8,
    /// Around cells that need it: one ASCII byte, or none for no quoting at all.
    pub quote: Option<u8>,
    /// Before a quote, or before itself, inside quotes (without quoting: before a delimiter, a line end or itself). None: quotes are doubled.
    pub escape: Option<u8>,
    /// Written, as it is, for a null.
    pub null_value: String,
    /// Written, as it is, for an empty string.
    pub empty_value: String,
    /// After every line.
    pub line_ending: LineEnding,
}

impl Default for CsvDialect {
    fn default() -> CsvDialect {
        CsvDialect {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            null_value: String::new(),
            empty_value: "\"\"".into(),
            line_ending: LineEnding::Lf,
        }
    }
}

impl CsvDialect {
    /// What makes this dialect unreadable, in words; empty when it is sound.
    pub fn problems(&self) -> Vec<String> {
        self.problems_by_field().into_iter().map(|(_, problem)| problem).collect()
    }

    /// The same, each with the field that it is about, as serialised.
    pub fn problems_by_field(&self) -> Vec<(&'static str, String)> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        let bad = |byte: u8| !byte.is_ascii() || byte == b'\n' || byte == b'\r' || byte.is_ascii_alphanumeric();
        let marks = [("delimiter", Some(self.delimiter)), ("quote", self.quote), ("escape", self.escape)];
        for (name, mark) in marks {
            let Some(mark) = mark else { continue };
            if bad(mark) {
                let problem = format!("the {name} must be one ASCII character that is no letter, digit or line end");
                found.push((name, problem));
            }
            if name != "delimiter" && mark == self.delimiter {
                found.push((name, format!("{name} and delimiter must differ")));
            }
        }
        for (field, name, text) in
            [("nullValue", "null value", &self.null_value), ("emptyValue", "empty value", &self.empty_value)]
        {
            if text.bytes().any(|b| b == self.delimiter || b == b'\n' || b == b'\r') {
                found.push((field, format!("the {name} must not hold the delimiter or a line end")));
            }
            if self.quote.is_some_and(|quote| opens_quotes(text, quote)) {
                found.push((field, format!("the {name} begins with a quote and does not end where that one closes")));
            }
        }
        found
    }
}

/// Whether a reader that meets `text` as a cell goes on reading behind it, or finds more behind the closing quote.
fn opens_quotes(text: &str, quote: u8) -> bool {
    let quote = char::from(quote);
    let Some(rest) = text.strip_prefix(quote) else { return false };
    let Some(inner) = rest.strip_suffix(quote) else { return true };
    // Quotes inside stand in pairs.
    inner.split(quote).skip(1).step_by(2).any(|between| !between.is_empty()) || inner.matches(quote).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_null_and_empty_texts_close() {
        for (text, is_sound) in [
            ("\"\"", true),
            ("\"null\"", true),
            ("\"a\"\"b\"", true),
            ("\"", false),
            ("\"a", false),
            ("\"a\"b\"", false),
        ] {
            let dialect = CsvDialect { null_value: text.into(), ..CsvDialect::default() };
            assert_eq!(dialect.problems().is_empty(), is_sound, "{text}");
        }
    }

    #[test]
    fn unsound_dialects_are_named() {
        assert!(CsvDialect::default().problems().is_empty());
        let tabs = CsvDialect { delimiter: b'\t', ..CsvDialect::default() };
        assert!(tabs.problems().is_empty());
        let odd = CsvDialect {
            delimiter: b'"',
            null_value: "a\"b".into(),
            empty_value: String::new(),
            ..CsvDialect::default()
        };
        assert_eq!(odd.problems().len(), 2);
    }
}
