//! Rows that wait partly in memory and partly on disk, and parts that end while others are under way.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::place::{Kind, Place};
use crate::run::outflow;
use crate::samples::{file_url, lake, lines, text};

/// A CSV of so many profiles whose lines differ in length; e-mails repeat, times never do.
fn uneven_csv(rows: u64) -> (String, Vec<String>) {
    let mut csv = "email,time,note\n".to_owned();
    let mut newest: HashMap<u64, (u64, u64)> = HashMap::new();
    let mut seed = 7_u64;
    for row in 0..rows {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (key, time) = ((seed >> 33) % (rows / 2), (seed >> 20) % 1_000_000 * rows + row);
        let note = "n".repeat(if row % 1_000 < 500 { 20 } else { 220 });
        writeln!(csv, "u{key}@example.com,{time},{row}{note}").unwrap();
        let best = newest.entry(key).or_insert((time, row));
        *best = (*best).max((time, row));
    }
    let mut kept: Vec<(u64, u64)> = newest.into_iter().map(|(key, (_, row))| (row, key)).collect();
    kept.sort_unstable();
    (csv, kept.into_iter().map(|(row, key)| format!("u{key}@example.com,{row}")).collect())
}

#[test]
fn the_memory_that_a_deduplication_gets_changes_no_row() {
    let place = Place::new(Kind::Folder);
    let (csv, expected) = uneven_csv(300_000);
    let source = place.temp.path().join("profiles.csv");
    std::fs::write(&source, csv).unwrap();
    for memory in ["48MiB", "96MiB", "256MiB", "1GiB"] {
        let state = place.state();
        let args = [
            "export",
            "--profiles",
            text(&source),
            "--fields",
            "email,note",
            "--dedup",
            "email",
            "--newest-by",
            "time",
            "--memory",
            memory,
            "--to",
            &place.url,
            "--name",
            "out",
            "--state-dir",
            text(&state),
            "--json",
        ];
        let summary = outflow(&args, &place.environment).expect(0);
        assert_eq!(summary["profilesWritten"], expected.len(), "{memory}");
        let found = lines(&place.temp.path().join("target/out.csv"));
        let found: Vec<&str> = found[1..].iter().map(|line| line.trim_end_matches('n')).collect();
        assert!(found == expected, "{memory}: other rows stayed, or in another order");
    }
}

#[test]
fn files_of_few_rows_end_however_they_are_compressed() {
    for compression in ["none", "gzip", "zstd"] {
        for threads in ["1", "2"] {
            let place = Place::new(Kind::Folder);
            let (profiles, state) = (lake(20_000, 3, 2), place.state());
            let args = [
                "export",
                "--profiles",
                text(&profiles),
                "--fields",
                "profileId",
                "--compression",
                compression,
                "--threads",
                threads,
                "--rows-per-file",
                "500",
                "--to",
                &place.url,
                "--state-dir",
                text(&state),
                "--json",
            ];
            let summary = outflow(&args, &place.environment).expect(0);
            let files = summary["files"].as_array().unwrap();
            assert_eq!(files.len(), 40, "{compression}, {threads} threads");
            assert!(files.iter().all(|file| file["rows"] == 500));
        }
    }
}

#[test]
fn files_that_became_visible_before_a_failure_are_told() {
    let place = Place::new(Kind::Folder);
    let folder = place.temp.path().join("target");
    std::fs::write(folder.join("a_1767323045_2.csv"), "somebody else's").unwrap();
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId",
        "--rows-per-file",
        "8000",
        "--now",
        "2026-01-02T03:04:05Z",
        "--name",
        "a_%TIMESTAMP%",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    let summary = outflow(&args, &place.environment).expect(5);
    let files = summary["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{summary}");
    assert_eq!(files[0]["url"], format!("{}/a_1767323045.csv", file_url(&folder)));
    assert!(folder.join("a_1767323045.csv").exists() && !folder.join("a_1767323045_3.csv").exists());
    assert_eq!(std::fs::read(folder.join("a_1767323045_2.csv")).unwrap(), b"somebody else's");
}
