//! A file that changes under a run is named, and two states never mix.

use arrow::array::{Int64Array, RecordBatch};

use super::*;

fn numbers(from: i64) -> RecordBatch {
    let column: ArrayRef = Arc::new((from..from + 20_000).collect::<Int64Array>());
    RecordBatch::try_from_iter([("n", column)]).unwrap()
}

/// Writes the numbers from `from` on as a file of the kind that its name says.
fn put(path: &Path, from: i64) {
    let lines = |line: &dyn Fn(i64) -> String| (from..from + 20_000).map(line).collect::<String>();
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => write(path, &numbers(from), WriterProperties::default()),
        "csv" => std::fs::write(path, "n\n".to_string() + &lines(&|n| format!("{n}\n"))).unwrap(),
        _ => std::fs::write(path, lines(&|n| format!("{{\"n\":{n}}}\n"))).unwrap(),
    }
}

#[test]
fn a_file_that_changes_under_a_run_is_named() {
    for name in ["a.parquet", "a.csv", "a.ndjson"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        let named = |fault: Fault| {
            assert_eq!(fault.class, outflow_model::FaultClass::Input);
            assert!(fault.message.contains(&format!("{name} has changed")), "{}", fault.message);
        };

        // Between the list and the first look.
        put(&path, 0);
        let pinned = || pin(&[format!("{}/*", dir.path().display())], &[Arc::new(LocalStorage)]).unwrap();
        let before = pinned();
        put(&path, 100_000);
        named(Profiles::open(before).err().unwrap());

        // Between the first look and the scan.
        let profiles = Profiles::open(pinned()).unwrap();
        put(&path, 200_000);
        named(profiles.scan(profiles.morsels()[0], &request(&["n"])).err().unwrap());

        // During the scan: rewritten in place, and replaced by another file of the same size.
        for replace in [false, true] {
            let profiles = Profiles::open(pinned()).unwrap();
            let mut scan = profiles.scan(profiles.morsels()[0], &request(&["n"])).unwrap();
            scan.next_batch().unwrap().unwrap();
            if replace {
                let other = dir.path().join(format!("_new.{name}"));
                put(&other, 300_000);
                std::fs::rename(other, &path).unwrap();
            } else {
                put(&path, 300_001);
            }
            let fault = loop {
                match scan.next_batch() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{name}: the scan ended well"),
                    Err(fault) => break fault,
                }
            };
            named(fault);
        }
    }
}
