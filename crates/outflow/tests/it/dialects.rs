//! Any dialect read back by two independent CSV readers gives the same cells, for every value it can represent.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::run::{Ran, outflow};
use crate::samples::{file_url, text};

const READERS: &str = include_str!("dialects.py");

/// Exports the cells of one case.
fn export(folder: &Path, number: usize, case: &Value) -> Ran {
    let dialect = &case["dialect"];
    let columns: Vec<&str> = case["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let (profiles, state, to) =
        (folder.join(format!("{number}.parquet")), folder.join("state"), file_url(&folder.join("out")));
    let name = number.to_string();
    let option = |member: &str| dialect[member].as_str().unwrap();
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        &columns.join(","),
        "--name",
        &name,
        "--to",
        &to,
        "--delimiter",
        option("delimiter"),
        "--quote",
        option("quote"),
        "--escape",
        option("escape"),
        "--null-value",
        option("null"),
        "--empty-value",
        option("empty"),
        "--line-ending",
        option("lineEnding"),
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&args, &Vec::new())
}

#[test]
fn two_readers_get_the_cells_of_every_dialect_back_and_what_cannot_be_written_is_refused() {
    let temp = outflow_testkit::temp_dir();
    let folder = temp.path();
    std::fs::create_dir(folder.join("out")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&run_python(READERS, &["make", text(folder), "17"])).unwrap();
    let fails = |case: &Value| case["fails"].as_bool().unwrap();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(number) else { return };
                    let ran = export(folder, number, case);
                    if !fails(case) {
                        ran.expect(0);
                        continue;
                    }
                    let error = &ran.expect(2)["error"];
                    assert_eq!(error["class"], "input", "{case}");
                    let told = error.to_string();
                    assert!(["`s`", "`t`", "`at`"].iter().any(|column| told.contains(column)), "{case}: {told}");
                    assert!(told.contains(&format!("{number}.csv")), "{case}: {told}");
                    assert!(!folder.join(format!("out/{number}.csv")).exists(), "{case}");
                }
            });
        }
    });
    let read: usize = run_python(READERS, &["check", text(folder)]).trim().parse().unwrap();
    let refused = cases.iter().filter(|case| fails(case)).count();
    assert_eq!(read + refused, cases.len());
    assert!(read >= 250 && refused >= 30, "{read} read, {refused} refused");
}
