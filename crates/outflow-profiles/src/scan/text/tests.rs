//! Text files as a run sees them: pinned, opened, scanned.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use outflow_model::{Fault, FaultClass, FieldPath};
use proptest::prelude::*;

use super::csv::Record;
use crate::scan::{PageBudget, Profiles, ScanRequest};
use crate::source::{LocalStorage, pin};

fn open(dir: &Path) -> Result<Profiles, Fault> {
    Profiles::open(pin(&[format!("{}/*", dir.display())], &[Arc::new(LocalStorage)])?)
}

fn files(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn refused(content: &[u8], name: &str) -> String {
    let fault = open(files(&[(name, content)]).path()).err().unwrap();
    assert_eq!(fault.class, FaultClass::Input);
    assert!(!outflow_model::fault::chain(&fault).contains("SECRET"), "{fault}");
    let message = fault.message;
    message[message.find(name).unwrap_or_else(|| panic!("{message}"))..].to_string()
}

/// The values of each path over all files, as text; nulls are `~`.
fn values(profiles: &Profiles, paths: &[&str]) -> Vec<Vec<String>> {
    let columns: Vec<FieldPath> = paths.iter().map(|p| FieldPath::parse(p).unwrap()).collect();
    let request = ScanRequest { columns, ..ScanRequest::default() };
    let mut found = vec![Vec::new(); paths.len()];
    for &morsel in profiles.morsels() {
        let mut rows = 0;
        let mut scan = profiles.scan(morsel, &request).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            rows += batch.read;
            for (found, column) in found.iter_mut().zip(&batch.columns) {
                found.extend((0..column.len()).map(|row| text(column, row)));
            }
        }
        assert_eq!(morsel.rows, rows);
    }
    found
}

fn text(column: &ArrayRef, row: usize) -> String {
    let column = match column.data_type() {
        // Naming a zone takes a table of zones; a wall clock in UTC does not.
        DataType::Timestamp(unit, _) => &cast(column, &DataType::Timestamp(*unit, None)).unwrap(),
        _ => column,
    };
    if column.is_null(row) { "~".into() } else { array_value_to_string(column, row).unwrap() }
}

fn types(profiles: &Profiles) -> Vec<(String, String)> {
    profiles.schema().fields.iter().map(|f| (f.name.clone(), f.field_type.name())).collect()
}

#[test]
fn csv_types_are_those_that_change_no_text() {
    let csv = "\u{feff}id,zip,amount,price,ok,born,seen,fine,\"two words\"\r\n\
               1,01234,1,1.5,true,2000-01-31,2026-11-22T06:00:00Z,2026-11-22T06:00:00.123456789Z,\"a \"\"b\"\",\nc\"\r\n\
               -20,99999,0.5,1.50,false,1999-12-01,2026-11-22T06:00:00.25Z,2026-11-22T06:00:00Z,\r\n\
               ,,,,,,,,\"\"\r\n";
    let dir = files(&[("a.csv", csv.as_bytes())]);
    let profiles = open(dir.path()).unwrap();
    let expected = [
        ("id", "integer"),
        ("zip", "string"),
        ("amount", "float"),
        ("price", "string"),
        ("ok", "boolean"),
        ("born", "date"),
        ("seen", "timestamp"),
        ("fine", "timestamp"),
        ("two words", "string"),
    ];
    assert_eq!(types(&profiles), expected.map(|(n, t)| (n.to_string(), t.to_string())));
    let found = values(&profiles, &["id", "price", "fine", "`two words`", "seen"]);
    assert_eq!(found[0], ["1", "-20", "~"]);
    assert_eq!(found[1], ["1.5", "1.50", "~"]);
    assert_eq!(found[2], ["2026-11-22T06:00:00.123456789", "2026-11-22T06:00:00", "~"]);
    assert_eq!(found[3], ["a \"b\",\nc", "~", ""]);
    assert_eq!(found[4], ["2026-11-22T06:00:00", "2026-11-22T06:00:00.250", "~"]);
}

#[test]
fn types_hold_for_all_files_and_may_come_from_parquet() {
    let dir = files(&[("a.csv", b"n,s\n1,1\n"), ("b.csv", b"s,n\nx,2.5\n"), ("c.ndjson", b"{\"n\":3}\n{}\n")]);
    let profiles = open(dir.path()).unwrap();
    assert_eq!(types(&profiles), [("n".to_string(), "float".to_string()), ("s".into(), "string".into())]);
    assert_eq!(values(&profiles, &["n", "s"]), [["1.0", "2.5", "3.0", "~"], ["1", "x", "~", "~"]]);

    // A column of digits is a string where the Parquet file beside it says so.
    let n: ArrayRef = Arc::new(StringArray::from(vec!["007"]));
    let k: ArrayRef = Arc::new(Int32Array::from(vec![5]));
    let batch = RecordBatch::try_from_iter([("n", n), ("k", k)]).unwrap();
    let file = std::fs::File::create(dir.path().join("d.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    std::fs::remove_file(dir.path().join("c.ndjson")).unwrap();
    let profiles = open(dir.path()).unwrap();
    assert_eq!(types(&profiles)[0].1, "string");
    assert_eq!(values(&profiles, &["n", "k"]), [["1", "2.5", "007"], ["~", "~", "5"]]);

    std::fs::write(dir.path().join("e.csv"), "k\nfive\n").unwrap();
    let message = open(dir.path()).err().unwrap().message.replace(&format!("{}/", dir.path().display()), "");
    assert_eq!(message, "`k` is a string in a.csv or another text file and an integer in d.parquet");
}

#[test]
fn rules_and_mandatory_attributes_cut_text_files_down() {
    let dir =
        files(&[("a.csv", b"n,s\n1,a\n2,\n3,\"\"\n4,d\n"), ("b.ndjson", b"{\"n\":9,\"s\":\"z\"}\n{\"s\":\"y\"}\n")]);
    let profiles = open(dir.path()).unwrap();
    let parsed = outflow_model::rule::parse_pql("n > 1").unwrap();
    let bound = outflow_model::rule::bind(&parsed, profiles.schema(), chrono::DateTime::UNIX_EPOCH).unwrap();
    let s = FieldPath::parse("s").unwrap();
    let request = ScanRequest {
        rule: Some(Arc::new(crate::evaluate::Evaluator::new(&bound).unwrap())),
        require: vec![s.clone()],
        columns: vec![s],
        ..ScanRequest::default()
    };
    let mut found = Vec::new();
    for &morsel in profiles.morsels() {
        let batch = profiles.scan(morsel, &request).unwrap().next_batch().unwrap().unwrap();
        let texts: Vec<String> = (0..batch.columns[0].len()).map(|row| text(&batch.columns[0], row)).collect();
        found.push((batch.read, batch.selected, batch.missing_mandatory, texts));
    }
    let texts = |t: &[&str]| t.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(found, [(4, 3, 1, texts(&["", "d"])), (2, 1, 0, texts(&["z"]))]);
}

#[test]
fn dotted_headers_are_fields_of_structs() {
    let csv = b"id,personalEmail.address,personalEmail.kind,a[0],`x.y`\n1,a@x.test,,p,q\n2,,,,\n";
    let dir = files(&[("a.csv", csv)]);
    let profiles = open(dir.path()).unwrap();
    let names: Vec<String> = types(&profiles).into_iter().map(|(n, _)| n).collect();
    assert_eq!(names, ["id", "personalEmail", "a[0]", "x.y"]);
    let found = values(&profiles, &["personalEmail.address", "personalEmail", "`a[0]`", "`x.y`"]);
    assert_eq!(found[0], ["a@x.test", "~"]);
    assert_eq!(found[1][1], "~");
    assert_eq!(found[2..], [["p", "~"], ["q", "~"]]);
    for (csv, place) in [
        ("a,a\n", "line 1, column `a`"),
        ("a.b,a\n", "line 1, column `a`"),
        ("a,\n", "line 1, column 2: the column has no name"),
    ] {
        assert!(refused(csv.as_bytes(), "x.csv").contains(place), "{csv}");
    }
}

#[test]
fn nested_ndjson_is_followed_by_paths() {
    let ndjson = "{\"id\":1,\"m\":{\"k-1\":{\"s\":\"realized\"}},\"l\":[{\"id\":\"a\"},{\"id\":\"b\",\"p\":true}],\"t\":\"2026-11-22T06:00:00Z\"}\r\n\
                  \n\
                  {\"m\":null,\"l\":[],\"big\":18446744073709551615,\"t\":null, \"f\":1}\n\
                  {\"m\":{},\"l\":[null],\"f\":1e-3,\"d\":\"2026-11-22\",\"e\":{}}";
    let dir = files(&[("a.jsonl", ndjson.as_bytes())]);
    let profiles = open(dir.path()).unwrap();
    let found = values(&profiles, &["m.`k-1`.s", "l[0].id", "l[1].p", "big", "f", "t", "d", "id", "e"]);
    assert_eq!(found[0], ["realized", "~", "~"]);
    assert_eq!(found[1], ["a", "~", "~"]);
    assert_eq!(found[2], ["true", "~", "~"]);
    assert_eq!(found[3], ["~", "18446744073709551615", "~"]);
    assert_eq!(found[4], ["~", "1.0", "0.001"]);
    assert_eq!(found[5], ["2026-11-22T06:00:00", "~", "~"]);
    assert_eq!(found[6], ["~", "~", "2026-11-22"]);
    assert_eq!(found[7], ["1", "~", "~"]);
    assert_eq!(found[8], ["~", "~", "{}"]);
    assert_eq!(values(&profiles, &["m", "l"])[0], ["{k-1: {s: realized}}", "~", "{k-1: }"]);
}

#[test]
fn malformed_csv_is_named_by_line_and_column_and_never_shown() {
    for (csv, message) in [
        (&b"a,b\nSECRET\n"[..], "x.csv line 2, column `b`: 1 cells where the header has 2"),
        (b"a,b\n1,2\n\n1,2,SECRET\n", "x.csv line 4, column `b`: 3 cells where the header has 2"),
        (b"a,b\n\"1\n\n\",2\n1,\"SECRET\n", "x.csv line 5, column `b`: a quote is never closed"),
        (b"a,b\n\"SECRET\"x,2\n", "x.csv line 2, column `a`: text after a closing quote"),
        (b"a,b\n1\rSECRET,2\n", "x.csv line 2, column `a`: a carriage return outside quotes, without a line feed"),
        (b"a,b\n1,SECRET\xff\n", "x.csv line 2, column `b`: text that is not UTF-8"),
        (b"a,b\nSECRET\xc3,\xa9\n", "x.csv line 2, column `a`: text that is not UTF-8"),
    ] {
        assert_eq!(refused(csv, "x.csv"), message);
    }
}

#[test]
fn malformed_ndjson_is_named_by_line_and_column_and_never_shown() {
    for (json, message) in [
        (&b"{\"a\":1}\n{\"b\":{\"c\":SECRET}}\n"[..], "x.ndjson line 2, byte 11, column `b.c`: expected a value"),
        (b"{\"b\":{\"c\":\"SECRET\xff\"}}\n", "x.ndjson line 1, byte 18, column `b.c`: text that is not UTF-8"),
        (b"{\"a\":1}\n{\"a\":\"SECRET\"}\n", "x.ndjson line 2, column `a`: a string where other records have a number"),
        (
            b"{\"a\":[{\"b\":1},{\"b\":[]}]}\n",
            "x.ndjson line 1, column `a[1].b`: a list where other records have a number",
        ),
        (b"{\"a\":1,\"a\":1}\n", "x.ndjson line 1, column `a`: the name is there twice in one object"),
        (b"[{\"a\":1}]\n", "x.ndjson line 1: the line is no JSON object: NDJSON has one object a line"),
        (
            b"{\"a\":9007199254740993}\n{\"a\":1.5}\n",
            "x.ndjson line 2, column `a`: a number that no type of the column holds exactly (write such numbers as strings)",
        ),
    ] {
        assert_eq!(refused(json, "x.ndjson"), message);
    }
}

#[test]
fn empty_files_have_no_profiles() {
    for (name, content) in [
        ("a.csv", ""),
        ("a.csv", "\n"),
        ("a.csv", "a,b"),
        ("a.csv", "\u{feff}a,b\n"),
        ("a.json", ""),
        ("a.json", " \n"),
    ] {
        let dir = files(&[(name, content.as_bytes())]);
        let profiles = open(dir.path()).unwrap();
        assert_eq!(profiles.morsels().iter().map(|m| m.rows).sum::<u64>(), 0, "{content:?}");
        let columns = types(&profiles).len();
        assert_eq!(columns, if content.contains('a') { 2 } else { 0 });
    }
}

#[test]
fn records_cross_blocks_and_are_bounded() {
    let mut csv = String::from("n,text\n");
    for n in 0..9_000 {
        csv.push_str(&format!("{n},\"{}\n\"\n", "é".repeat(n % 300)));
    }
    csv.push_str(&format!("9000,\"{}\"\n", "x".repeat(3_000_000)));
    let dir = files(&[("a.csv", csv.as_bytes())]);
    let profiles = open(dir.path()).unwrap();
    let found = values(&profiles, &["n", "text"]);
    assert_eq!(found[0], (0..=9_000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(found[1][299], "é".repeat(299) + "\n");
    assert_eq!(found[1][9_000].len(), 3_000_000);

    let endless = [b"a\n\"".as_slice(), &vec![b'x'; 80 * 1024 * 1024]].concat();
    assert_eq!(refused(&endless, "x.csv"), "x.csv line 2: a record is larger than 64 MiB");
    let endless = [b"{\"a\":\"".as_slice(), &vec![b'x'; 80 * 1024 * 1024]].concat();
    assert_eq!(refused(&endless, "x.ndjson"), "x.ndjson line 1: a record is larger than 64 MiB");
}

#[test]
fn with_little_memory_records_are_shorter_and_several_long_ones_are_read_one_by_one() {
    let line = |letter: &str| format!("a\n{}\n", letter.repeat(3 << 20)).into_bytes();
    let dir = files(&[("a.csv", &line("a")), ("b.csv", &line("b"))]);
    let pinned = || pin(&[format!("{}/*", dir.path().display())], &[Arc::new(LocalStorage)]).unwrap();
    let fault = Profiles::open_within(pinned(), 8 << 20).err().unwrap();
    assert!(fault.message.ends_with("a.csv line 2: a record is larger than 2 MiB"), "{}", fault.message);
    assert!(fault.hint.contains("--memory"), "{}", fault.hint);

    let profiles = Profiles::open_within(pinned(), 16 << 20).unwrap();
    let columns = vec![FieldPath::parse("a").unwrap()];
    let request = ScanRequest { columns, pages: Some(PageBudget::new(1 << 20, 3)), ..ScanRequest::default() };
    let read = |number: usize| {
        let mut scan = profiles.scan(profiles.morsels()[number], &request).unwrap();
        assert_eq!(scan.next_batch().unwrap().unwrap().read, 1);
        scan
    };
    let first = read(0);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| drop(read(1)));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!second.is_finished(), "two records of 3 MiB are held, and there is room for one");
        drop(first);
        second.join().unwrap();
    });
}

/// Cells as this product writes them: null is nothing, an empty string is quoted, quotes only where they must be.
fn written(records: &[Vec<Option<String>>]) -> Vec<u8> {
    let cell = |cell: &Option<String>| match cell {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.clone(),
    };
    let line = |record: &Vec<Option<String>>| record.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
    records.iter().map(line).collect::<String>().into_bytes()
}

/// All records of `input`, handed over in pieces that grow by `step` bytes.
fn read(input: &[u8], step: usize) -> Option<Vec<Vec<Option<String>>>> {
    let (mut records, mut at, mut end) = (Vec::new(), 0, 0);
    let mut record = Record::default();
    while at < input.len() {
        match record.read(&input[at..end], end == input.len()) {
            Ok(Some(length)) => {
                at += length;
                records.push((0..record.len()).map(|n| record.cell(n).map(str::to_string)).collect());
            }
            Ok(None) => end = (end + step).min(input.len()),
            Err(_) => return None,
        }
    }
    Some(records)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        records in prop::collection::vec(prop::collection::vec(prop::option::of("[ab\",\n\ré ]{0,4}"), 1..4), 0..6),
        step in 1usize..9,
    ) {
        prop_assert_eq!(read(&written(&records), step), Some(records));
    }

    #[test]
    fn other_csv_means_what_the_library_says(
        text in prop::collection::vec(prop::sample::select(vec!["a", "\"", ",", "\n", "\r\n", "\"\"", "é", "\","]), 0..16),
        step in 1usize..9,
    ) {
        let text = text.concat();
        let Some(ours) = read(text.as_bytes(), step) else { return Ok(()) };
        let mut library = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> = library.records().map(|r| r.unwrap().iter().map(str::to_string).collect()).collect();
        // The library leaves empty lines out, and does not tell null from empty.
        let ours: Vec<Vec<String>> = ours
            .into_iter()
            .filter(|r| *r != [None])
            .map(|r| r.into_iter().map(Option::unwrap_or_default).collect())
            .collect();
        prop_assert_eq!(ours, theirs);
    }
}
