//! How many rows a batch has.

use arrow::array::StringArray;

use super::*;

/// Text of so many bytes, another one for each row.
fn texts(rows: usize, bytes: usize) -> ArrayRef {
    Arc::new((0..rows).map(|row| Some(format!("{row:06}{}", "-".repeat(bytes)))).collect::<StringArray>())
}

/// Rows and bytes of text of every batch.
fn batches(dir: &Path) -> Vec<(u64, usize)> {
    let profiles = open(dir).unwrap();
    let mut found = Vec::new();
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, &request(&["s"])).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            let plain = cast(&batch.columns[0], &DataType::Utf8).unwrap();
            found.push((batch.read, plain.as_string::<i32>().value_data().len()));
        }
    }
    found
}

#[test]
fn wide_rows_come_a_few_at_a_time_and_narrow_ones_by_the_thousand() {
    for dictionary in [true, false] {
        let properties = || WriterProperties::builder().set_dictionary_enabled(dictionary).build();
        let of = |rows, bytes| {
            let dir = tempfile::tempdir().unwrap();
            let batch = RecordBatch::try_from_iter([("s", texts(rows, bytes))]).unwrap();
            write(&dir.path().join("a.parquet"), &batch, properties());
            batches(dir.path())
        };
        let wide = of(300, 100_000);
        assert_eq!(wide.iter().map(|(rows, _)| rows).sum::<u64>(), 300);
        assert!(wide.iter().all(|(_, bytes)| *bytes <= 4 * 1024 * 1024 + 100_006), "{wide:?}");
        let narrow = of(10_000, 20);
        assert_eq!(narrow.iter().map(|(rows, _)| *rows).collect::<Vec<_>>(), [8192, 1808]);
    }
}

#[test]
fn wide_records_of_text_files_come_a_few_at_a_time() {
    for (name, header, before, after) in [("a.csv", "s\n", "", "\n"), ("a.ndjson", "", "{\"s\":\"", "\"}\n")] {
        let dir = tempfile::tempdir().unwrap();
        let record = |row: usize| format!("{before}x{}{row}{after}", "-".repeat(100_000));
        let content: String = std::iter::once(header.to_string()).chain((0..100).map(record)).collect();
        std::fs::write(dir.path().join(name), content).unwrap();
        let found = batches(dir.path());
        assert_eq!(found.iter().map(|(rows, _)| rows).sum::<u64>(), 100);
        // The record that goes over the mark is in.
        assert!(found.iter().all(|(_, bytes)| *bytes <= 4 * 1024 * 1024 + 100_003), "{name} {found:?}");
    }
}
