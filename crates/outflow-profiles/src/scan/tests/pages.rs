//! Large pages and many threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::StringArray;

use super::*;

#[test]
fn pages_as_large_as_the_budget_are_read_by_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let column: ArrayRef = Arc::new((0..4_000).map(|n| Some(format!("{n:0100}"))).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([("s", column)]).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(400))
        .set_data_page_size_limit(1 << 20)
        .build();
    write(&dir.path().join("a.parquet"), &batch, properties);
    let profiles = open(dir.path()).unwrap();
    assert_eq!(profiles.morsels().len(), 10);
    let whole = scan(&profiles, &request(&["s"])).unwrap();
    // A page of 400 texts has 41,600 bytes, a thread's share a quarter of the budget or less.
    let too_small = ScanRequest { pages: Some(PageBudget::new(41_000, 1)), ..request(&["s"]) };
    assert!(scan(&profiles, &too_small).is_err());
    for threads in [1, 4, 16] {
        let limited = ScanRequest { pages: Some(PageBudget::new(42_000, threads)), ..request(&["s"]) };
        let next = AtomicUsize::new(0);
        let found: Vec<Vec<(usize, Option<String>)>> = std::thread::scope(|scope| {
            let read = || {
                let mut found = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&morsel) = profiles.morsels().get(number) else { return found };
                    let mut scan = profiles.scan(morsel, &limited).unwrap();
                    while let Some(batch) = scan.next_batch().unwrap() {
                        found.extend((0..batch.columns[0].len()).map(|row| (number, text(&batch.columns[0], row))));
                    }
                }
            };
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        let mut found: Vec<(usize, Option<String>)> = found.into_iter().flatten().collect();
        found.sort_by_key(|(number, _)| *number);
        let found: Vec<Option<String>> = found.into_iter().map(|(_, text)| text).collect();
        assert!(found == whole[0], "{threads} threads");
    }
}
