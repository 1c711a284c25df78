//! The same plan gives the same bytes, whatever the machine does meanwhile; and what a second run does with the first's.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::place::{ALL, Kind, Place};
use crate::round_trip::{delivered_names, export};
use crate::run::outflow;
use crate::samples::{lake, lines, text};

fn sums(summary: &Value) -> Vec<(u64, String)> {
    let files = summary["files"].as_array().unwrap().iter();
    files.map(|f| (f["rows"].as_u64().unwrap(), f["sha256"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for format in
        [&["--format", "csv"][..], &["--compression", "gzip"], &["--compression", "zstd"], &["--format", "parquet"]]
    {
        let runs: Vec<(Value, BTreeMap<String, Vec<u8>>)> = ["1", "2", "7"]
            .into_iter()
            .map(|threads| {
                let place = Place::new(Kind::Folder);
                let options = [format, &["--threads", threads, "--rows-per-file", "777"]].concat();
                let summary = export(&place, &options);
                let mut files = place.read();
                files.retain(|name, _| !name.starts_with("manifest"));
                (summary, files)
            })
            .collect();
        assert!(runs[0].1.len() > 2);
        assert!(runs.iter().all(|run| run.1 == runs[0].1), "{format:?}: bytes differ");
        assert!(runs.iter().all(|run| sums(&run.0) == sums(&runs[0].0)), "{format:?}: sums differ");
    }
}

#[test]
fn parts_are_full_but_the_last_and_numbered_from_two() {
    let place = Place::new(Kind::Folder);
    let summary = export(&place, &["--rows-per-file", "777", "--name", "name"]);
    let names = delivered_names(&summary);
    let wanted: Vec<String> =
        (1..=names.len()).map(|n| if n == 1 { "name.csv".into() } else { format!("name_{n}.csv") }).collect();
    assert_eq!(names, wanted);
    let rows: Vec<u64> = sums(&summary).into_iter().map(|(rows, _)| rows).collect();
    let (last, full) = rows.split_last().unwrap();
    assert!(full.len() > 1 && full.iter().all(|rows| *rows == 777), "{rows:?}");
    assert!((1..=777).contains(last), "{rows:?}");
    assert_eq!(summary["rowsWritten"], rows.iter().sum::<u64>());
    // Every part has the header of the first.
    let files = place.read();
    let header = |name: &str| files[name].split(|b| *b == b'\n').next().unwrap().to_vec();
    assert!(names.iter().all(|name| header(name) == header(&names[0])));
}

#[test]
fn a_rerun_under_a_dated_name_leaves_the_files_as_they_are() {
    let place = Place::new(Kind::Folder);
    let first = export(&place, &["--rows-per-file", "1000"]);
    let names = delivered_names(&first);
    let folder = place.temp.path().join("target");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for name in &names {
        std::fs::File::options().write(true).open(folder.join(name)).unwrap().set_modified(old).unwrap();
    }
    let second = export(&place, &["--rows-per-file", "1000"]);
    assert_eq!((&first["runId"], sums(&first)), (&second["runId"], sums(&second)));
    for name in &names {
        assert_eq!(std::fs::metadata(folder.join(name)).unwrap().modified().unwrap(), old, "{name} was written again");
    }
}

/// Exports so many profiles under a name.
fn few(place: &Place, rule: &str, name: &str) -> crate::run::Ran {
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--where",
        rule,
        "--fields",
        "profileId",
        "--to",
        &place.url,
        "--name",
        name,
        "--now",
        "2026-01-02T03:04:05Z",
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&args, &place.environment)
}

#[test]
fn a_dated_name_that_holds_something_else_is_taken_and_kept() {
    for kind in ALL {
        let place = Place::new(kind);
        few(&place, "loyalty.points > 99000", "a_%TIMESTAMP%").expect(0);
        let before = place.read();
        let summary = few(&place, "loyalty.points > 98000", "a_%TIMESTAMP%").expect(5);
        assert_eq!(summary["error"]["class"], "refused", "{kind:?}");
        assert!(summary["error"].to_string().contains("a_1767323045.csv"), "{kind:?}: {summary}");
        assert_eq!(summary["manifest"], Value::Null);
        assert_eq!(place.read(), before, "{kind:?}");
        assert_eq!(place.open_uploads(), [""; 0], "{kind:?}");
    }
}

#[test]
fn a_static_name_is_replaced_with_its_manifest() {
    for kind in ALL {
        let place = Place::new(kind);
        few(&place, "loyalty.points > 99000", "daily").expect(0);
        let before = place.read();
        let summary = few(&place, "loyalty.points > 98000", "daily").expect(0);
        let after = place.read();
        assert_eq!(after.keys().collect::<Vec<_>>(), ["daily.csv", "daily.csv.manifest.json"], "{kind:?}");
        assert!(before.keys().eq(after.keys()) && before["daily.csv"] != after["daily.csv"], "{kind:?}");
        let manifest: Value = serde_json::from_slice(&after["daily.csv.manifest.json"]).unwrap();
        assert_eq!(manifest["runId"], summary["runId"], "{kind:?}");
    }
}

#[test]
fn parts_of_the_run_before_are_named_and_left() {
    for kind in ALL {
        let place = Place::new(kind);
        let run = |rows: &str, rule: &str| {
            let (profiles, state) = (lake(20_000, 3, 2), place.state());
            let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", &place.url, "--json"];
            let more = ["--name", "daily", "--rows-per-file", rows, "--where", rule, "--state-dir", text(&state)];
            let ran = outflow(&[&args[..], &more].concat(), &place.environment);
            ran.expect(0);
            ran
        };
        let first = run("8000", "loyalty.points >= 0 or loyalty.points is null");
        assert!(!first.stderr.contains("run before"), "{kind:?}: {}", first.stderr);
        let before = place.read();
        // The same again: everything is replaced.
        assert!(!run("8000", "loyalty.points >= 0 or loyalty.points is null").stderr.contains("run before"));
        let second = run("20000", "loyalty.points > 99000");
        let note = second.stderr.lines().find(|line| line.contains("run before")).unwrap_or_default();
        assert!(
            note.starts_with("note: daily_2.csv, daily_3.csv of the run before are still there"),
            "{kind:?}: {note}"
        );
        let after = place.read();
        assert_eq!(after.len(), 4, "{kind:?}: {:?}", after.keys());
        for left in ["daily_2.csv", "daily_3.csv"] {
            assert_eq!(after[left], before[left], "{kind:?}");
        }
        // The manifest that lists them is replaced, so nobody tells them again.
        assert!(!run("20000", "loyalty.points > 99000").stderr.contains("run before"), "{kind:?}");
    }
}

#[test]
fn a_manifest_that_names_other_files_or_is_none_gives_no_advice() {
    let place = Place::new(Kind::Folder);
    let folder = place.temp.path().join("target");
    few(&place, "loyalty.points > 99000", "daily").expect(0);
    let path = folder.join("daily.csv.manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::write(folder.join("weekly_2.csv"), "x").unwrap();
    for name in ["weekly_2.csv", "../target/weekly_2.csv", "daily_4.csv"] {
        manifest["files"][0]["name"] = name.into();
        std::fs::write(&path, manifest.to_string()).unwrap();
        let ran = few(&place, "loyalty.points > 99000", "daily");
        ran.expect(0);
        assert!(!ran.stderr.contains("run before"), "{name}: {}", ran.stderr);
    }
    std::fs::write(&path, "no manifest").unwrap();
    few(&place, "loyalty.points > 99000", "daily").expect(0);
}

#[test]
fn the_folder_of_a_run_holds_rows_in_the_order_of_files_and_rows() {
    let place = Place::new(Kind::Folder);
    few(&place, "loyalty.points >= 0", "all").expect(0);
    let rows = lines(&place.temp.path().join("target/all.csv"));
    let mut sorted = rows[1..].to_vec();
    sorted.sort();
    assert!(sorted.len() > 10_000 && sorted == rows[1..], "ids are not in the order of the generator");
}
