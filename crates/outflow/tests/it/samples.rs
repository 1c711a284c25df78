//! Sample profiles, generated once for each build of the binary, and small files of a test's own.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::run::outflow;

/// A segment that a third of the sample profiles have an entry for.
pub const SEGMENT: &str = "81af1551-73f2-4d65-ae0d-a77e94212419";

/// The folder with so many sample profiles in so many files.
pub fn lake(count: u64, seed: u64, files: u32) -> PathBuf {
    // Tests of one process share the folder; one of them makes it.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kind = format!("lake-{count}-{seed}-{files}-");
    let built = std::fs::metadata(env!("CARGO_BIN_EXE_outflow")).unwrap().modified().unwrap();
    let built = built.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let folder = root.join(format!("{kind}{built}"));
    if !folder.exists() {
        for entry in std::fs::read_dir(root).unwrap().flatten() {
            let of_this_build = format!("{kind}{built}");
            let is_old = |name: &str| name.starts_with(&kind) && !name.starts_with(&of_this_build);
            if entry.file_name().to_str().is_some_and(is_old) {
                // Of an earlier build. Another process may be at the same.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        let half = root.join(format!("{kind}{built}.{}", std::process::id()));
        let (count, seed, files) = (count.to_string(), seed.to_string(), files.to_string());
        let options = ["--count", &count, "--seed", &seed, "--files", &files, "--out", text(&half)];
        outflow(&[&["profiles", "generate"], &options[..]].concat(), &Vec::new()).expect_status(0);
        // Where another process was first, its folder is as good.
        if std::fs::rename(&half, &folder).is_err() {
            std::fs::remove_dir_all(&half).unwrap();
        }
    }
    folder
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A file URL of a folder.
pub fn file_url(path: &Path) -> String {
    format!("file://{}", text(path))
}

const WRITE_PARQUET: &str = r#"
import json, sys
import pyarrow as pa, pyarrow.parquet as pq
types = {name: eval(kind, {"pa": pa}) for name, kind in json.loads(sys.argv[2]).items()}
schema = pa.schema(list(types.items()))
rows = json.loads(sys.argv[3])
for row in rows:
    # JSON has no tuples, which PyArrow wants for the entries of a map.
    row.update({name: [tuple(e) for e in row[name]] for name in row if pa.types.is_map(types[name]) and row[name]})
pq.write_table(pa.Table.from_pylist(rows, schema), sys.argv[1], row_group_size=3)
"#;

/// Writes a Parquet file with PyArrow. `types` gives the columns in order, each with a PyArrow type such as
/// `pa.string()`.
pub fn write_parquet(file: &Path, types: &Value, rows: &Value) {
    run_python(WRITE_PARQUET, &[text(file), &types.to_string(), &rows.to_string()]);
}

/// The lines of a file, without the ends of the lines.
pub fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.ends_with('\n'), "the last line of {} has no end", file.display());
    text.strip_suffix('\n').unwrap().split('\n').map(str::to_owned).collect()
}

/// The names in a folder, sorted.
pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect(),
        Err(_) => Vec::new(),
    };
    names.sort();
    names
}
