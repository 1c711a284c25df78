//! What the files of a target connection are: format, dialect, compression, and how many rows go into one.
//!
//! | member of `params` | values | default |
//! |---|---|---|
//! | `fileType` | `CSV`, `JSON` (one object a line), `PARQUET` | `CSV`; the older member `format` says the same |
//! | `compression` | `NONE`, `GZIP`, `ZSTD` | `NONE` |
//! | `csvOptions.delimiter` | one ASCII character, `\t` for a tab | `,` |
//! | `csvOptions.quote` | one ASCII character; empty: no quotes at all | `"` |
//! | `csvOptions.escape` | one ASCII character; empty: quotes are doubled | empty |
//! | `csvOptions.nullValue` | any text, written as it is | nothing |
//! | `csvOptions.emptyValue` | any text, written as it is | two quotes |
//! | `csvOptions.lineEnding` | `LF`, `CRLF` | `LF` |
//! | `rowsPerFile` | 1 to 5,000,000 | 5,000,000 |
//!
//! Options of other formats are checked and have no effect.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::dialect::{CsvDialect, LineEnding};
use crate::guardrails::ROWS_PER_FILE_MAX;
use crate::json::Node;
use crate::problem::{Findings, Problems};

/// The format of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileType {
    /// Delimited text.
    Csv(CsvDialect),
    /// One JSON object a line.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// The compression of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FileCompression {
    /// As they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// What the files of a target connection are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileOptions {
    /// Format.
    pub file_type: FileType,
    /// Compression.
    pub compression: FileCompression,
    /// Rows of a file, at most.
    pub rows_per_file: u64,
}

impl Default for FileOptions {
    fn default() -> FileOptions {
        FileOptions {
            file_type: FileType::Csv(CsvDialect::default()),
            compression: FileCompression::None,
            rows_per_file: ROWS_PER_FILE_MAX,
        }
    }
}

impl FileOptions {
    /// The members of a target connection's `params` that are read here.
    pub const MEMBERS: [&'static str; 5] = ["fileType", "format", "compression", "csvOptions", "rowsPerFile"];

    /// Reads the file options of `params`, the parameters of a target connection, which stand at `pointer` in its body.
    /// Members that are none of [`MEMBERS`](Self::MEMBERS) are left alone.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn parse(params: &Map<String, Value>, pointer: &str) -> Result<FileOptions, Problems> {
        let mut findings = Findings::default();
        let params = Value::Object(params.clone());
        let node = Node::at(&params, pointer);
        let kind = kind(&node, &mut findings);
        let dialect = dialect(&node, &mut findings);
        let compression = node.member("compression").map(|member| member.one_of(&COMPRESSIONS, &mut findings));
        let rows = node.member("rowsPerFile").and_then(|member| {
            let rows = member.integer(&mut findings)?;
            let taken = u64::try_from(rows).ok().filter(|rows| (1..=ROWS_PER_FILE_MAX).contains(rows));
            if taken.is_none() {
                findings.add(&member.pointer, format!("must be from 1 to {ROWS_PER_FILE_MAX}"));
            }
            taken
        });
        let options = FileOptions {
            file_type: match kind {
                Kind::Csv => FileType::Csv(dialect),
                Kind::Json => FileType::Json,
                Kind::Parquet => FileType::Parquet,
            },
            compression: compression.flatten().unwrap_or_default(),
            rows_per_file: rows.unwrap_or(ROWS_PER_FILE_MAX),
        };
        findings.into_result(Some(options)).map(|(options, _)| options)
    }

    /// The format's extension, without a dot.
    pub fn extension(&self) -> &'static str {
        match self.file_type {
            FileType::Csv(_) => "csv",
            FileType::Json => "json",
            FileType::Parquet => "parquet",
        }
    }

    /// The compression's extension, without a dot.
    pub fn compression_extension(&self) -> Option<&'static str> {
        match self.compression {
            FileCompression::None => None,
            FileCompression::Gzip => Some("gz"),
            FileCompression::Zstd => Some("zst"),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Json,
    Parquet,
}

const KINDS: [(&str, Kind); 3] = [("CSV", Kind::Csv), ("JSON", Kind::Json), ("PARQUET", Kind::Parquet)];

const COMPRESSIONS: [(&str, FileCompression); 3] =
    [("NONE", FileCompression::None), ("GZIP", FileCompression::Gzip), ("ZSTD", FileCompression::Zstd)];

const LINE_ENDINGS: [(&str, LineEnding); 2] = [("LF", LineEnding::Lf), ("CRLF", LineEnding::Crlf)];

const CSV_OPTIONS: [&str; 6] = ["delimiter", "quote", "escape", "nullValue", "emptyValue", "lineEnding"];

/// The format; CSV where nothing is said, which is what destinations exported before there was a choice.
fn kind(params: &Node<'_>, findings: &mut Findings) -> Kind {
    let file_type = params.member("fileType").and_then(|member| member.one_of(&KINDS, findings));
    // The older member is written in any case.
    let format = params.member("format").and_then(|member| {
        let upper = Value::String(member.text(findings)?.to_ascii_uppercase());
        Some((Node::at(&upper, &member.pointer).one_of(&KINDS, findings)?, member.pointer))
    });
    match (file_type, format) {
        (Some(kind), Some((other, pointer))) if kind != other => {
            findings.add(pointer, "says something else than fileType: give one of the two");
            kind
        }
        (Some(kind), _) | (None, Some((kind, _))) => kind,
        (None, None) => Kind::Csv,
    }
}

fn dialect(params: &Node<'_>, findings: &mut Findings) -> CsvDialect {
    let mut dialect = CsvDialect::default();
    let Some(options) = params.member("csvOptions") else { return dialect };
    let Some(members) = options.object(findings) else { return dialect };
    for name in members.keys().filter(|name| !CSV_OPTIONS.contains(&name.as_str())) {
        findings
            .add(options.pointer_to(name), format!("is no option of CSV files; there are {}", CSV_OPTIONS.join(", ")));
    }
    let before = findings.problems.len();
    if let Some(delimiter) = options.member("delimiter") {
        match mark(&delimiter, findings) {
            Some(Some(byte)) => dialect.delimiter = byte,
            Some(None) => findings.add(&delimiter.pointer, "is empty: columns need something between them"),
            None => {}
        }
    }
    if let Some(quote) = options.member("quote").and_then(|member| mark(&member, findings)) {
        dialect.quote = quote;
    }
    if let Some(escape) = options.member("escape").and_then(|member| mark(&member, findings)) {
        dialect.escape = escape;
    }
    if let Some(text) = options.member("nullValue").and_then(|member| member.text(findings)) {
        dialect.null_value = text.to_string();
    }
    if let Some(text) = options.member("emptyValue").and_then(|member| member.text(findings)) {
        dialect.empty_value = text.to_string();
    }
    if let Some(ending) = options.member("lineEnding").and_then(|member| member.one_of(&LINE_ENDINGS, findings)) {
        dialect.line_ending = ending;
    }
    // With a member that could not be read, the default in its place is not judged beside the others.
    if findings.problems.len() == before {
        for (field, problem) in dialect.problems_by_field() {
            findings.add(options.pointer_to(field), problem);
        }
    }
    dialect
}

/// One ASCII character, or none: the empty text and the null character mean that there is none.
fn mark(member: &Node<'_>, findings: &mut Findings) -> Option<Option<u8>> {
    match member.text(findings)?.as_bytes() {
        [] | [0] => Some(None),
        b"\\t" => Some(Some(b'\t')),
        [byte] if byte.is_ascii() => Some(Some(*byte)),
        _ => {
            findings.add(&member.pointer, "must be one ASCII character");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(params: &Value) -> Result<FileOptions, Problems> {
        FileOptions::parse(params.as_object().unwrap(), "/params")
    }

    fn fields(params: &Value) -> Vec<String> {
        parse(params).unwrap_err().0.into_iter().map(|p| p.field.replacen("/params/", "", 1)).collect()
    }

    fn csv(options: &Value) -> CsvDialect {
        match parse(&json!({"fileType": "CSV", "csvOptions": options})).unwrap().file_type {
            FileType::Csv(dialect) => dialect,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn absent_members_mean_the_same_as_on_the_command_line() {
        assert_eq!(parse(&json!({})).unwrap(), FileOptions::default());
        assert_eq!(csv(&json!({})), CsvDialect::default());
        assert_eq!(csv(&json!({"quote": null, "escape": null})), CsvDialect::default());
        assert_eq!(csv(&json!({"emptyValue": "\"\""})), CsvDialect::default());
        assert_eq!(csv(&json!({"escape": "", "delimiter": ","})), CsvDialect::default());
    }

    #[test]
    fn the_options_that_other_services_offer_are_all_taken() {
        for delimiter in [",", "\t", "\\t", "|", ";", ":"] {
            for quote in ["\"", "", "\0"] {
                for escape in ["\\", "'"] {
                    for text in ["null", "\"\"", ""] {
                        let dialect = csv(&json!({
                            "delimiter": delimiter, "quote": quote, "escape": escape, "nullValue": text, "emptyValue": text,
                        }));
                        assert_eq!(dialect.delimiter, delimiter.replace("\\t", "\t").as_bytes()[0]);
                        assert_eq!(dialect.quote, (quote == "\"").then_some(b'"'));
                        assert_eq!(dialect.escape, Some(escape.as_bytes()[0]));
                        assert_eq!((dialect.null_value.as_str(), dialect.empty_value.as_str()), (text, text));
                    }
                }
            }
        }
    }

    #[test]
    fn formats_and_compressions_have_extensions() {
        for (params, extension, compression) in [
            (json!({"fileType": "CSV", "compression": "NONE"}), "csv", None),
            (json!({"fileType": "JSON", "compression": "GZIP"}), "json", Some("gz")),
            (json!({"fileType": "PARQUET", "compression": "ZSTD"}), "parquet", Some("zst")),
            (json!({"format": "CSV"}), "csv", None),
            (json!({"format": "json"}), "json", None),
            (json!({"format": "CSV", "fileType": "CSV"}), "csv", None),
        ] {
            let options = parse(&params).unwrap();
            assert_eq!((options.extension(), options.compression_extension()), (extension, compression), "{params}");
        }
    }

    #[test]
    fn every_problem_has_its_field() {
        for (params, expected) in [
            (json!({"fileType": "XML", "compression": "BZIP2"}), vec!["fileType", "compression"]),
            (json!({"fileType": "CSV", "format": "JSON"}), vec!["format"]),
            (json!({"fileType": 1, "format": "XLS"}), vec!["fileType", "format"]),
            (json!({"csvOptions": []}), vec!["csvOptions"]),
            (
                json!({"csvOptions": {"delimiter": "", "quote": "ab", "header": false}}),
                vec!["csvOptions/header", "csvOptions/delimiter", "csvOptions/quote"],
            ),
            (
                json!({"csvOptions": {"delimiter": "a", "nullValue": "\"x"}}),
                vec!["csvOptions/delimiter", "csvOptions/nullValue"],
            ),
            (
                json!({"csvOptions": {"delimiter": "|", "quote": "|", "escape": "|"}}),
                vec!["csvOptions/quote", "csvOptions/escape"],
            ),
            (
                json!({"csvOptions": {"delimiter": "é", "lineEnding": "\n"}}),
                vec!["csvOptions/delimiter", "csvOptions/lineEnding"],
            ),
            (json!({"rowsPerFile": 0}), vec!["rowsPerFile"]),
            (json!({"rowsPerFile": 5_000_001}), vec!["rowsPerFile"]),
            (json!({"rowsPerFile": "x"}), vec!["rowsPerFile"]),
        ] {
            assert_eq!(fields(&params), expected, "{params}");
        }
        assert_eq!(parse(&json!({"rowsPerFile": "1000"})).unwrap().rows_per_file, 1000);
    }

    #[test]
    fn options_survive_being_stored() {
        for params in [json!({"csvOptions": {"delimiter": "|"}}), json!({"fileType": "PARQUET", "compression": "GZIP"})]
        {
            let options = parse(&params).unwrap();
            let text = serde_json::to_string(&options).unwrap();
            assert_eq!(serde_json::from_str::<FileOptions>(&text).unwrap(), options);
        }
    }
}
