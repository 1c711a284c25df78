//! Parquet files with large pages: which are read depends on the memory limit, not on the number of threads.

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::text;

/// Row groups of one page each.
const WRITE: &str = r#"
import sys, random
import pyarrow as pa, pyarrow.parquet as pq
path, page_bytes, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
rows = page_bytes // 1004
texts = [f"{random.getrandbits(64):016x}" + "x" * 984 for _ in range(rows * groups)]
pq.write_table(pa.table({"s": texts}), path, row_group_size=rows, data_page_size=1 << 30, use_dictionary=False,
               write_batch_size=1 << 30, max_rows_per_page=1 << 30, compression="snappy")
"#;

fn export(place: &Place, threads: &str, memory: &str) -> Ran {
    let (profiles, state) = (place.temp.path().join("large.parquet"), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "s",
        "--threads",
        threads,
        "--memory",
        memory,
        "--name",
        "out",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&args, &place.environment)
}

#[test]
fn the_number_of_threads_does_not_decide_which_pages_are_read() {
    let place = Place::new(Kind::Folder);
    let path = place.temp.path().join("large.parquet");
    let mib = 1024 * 1024;
    run_python(WRITE, &[text(&path), &(20 * mib).to_string(), "5"]);
    let sums: Vec<Value> =
        ["1", "8"].map(|threads| export(&place, threads, "256MiB").expect(0)["files"][0]["sha256"].clone()).into();
    assert_eq!(sums[0], sums[1]);

    run_python(WRITE, &[text(&path), &(40 * mib).to_string(), "2"]);
    for threads in ["1", "8"] {
        let refused = export(&place, threads, "256MiB").expect(2);
        let error = refused["error"].to_string();
        assert!(error.contains("large.parquet") && error.contains("--memory"), "{threads} threads: {error}");
        export(&place, threads, "384MiB").expect(0);
    }
}
