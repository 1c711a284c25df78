//! Runs that take no more memory than they are given, however many profiles share identities, however often there is one
//! key, and however large row groups and pages are.

use std::fmt::Write as _;
use std::path::Path;

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::outflow;
use crate::samples::{lines, text};

/// Resident memory in bytes that the program takes to export a single profile: much of it is the program itself, which in
/// a build for tests is several times as large as the one that people get.
fn alone() -> u64 {
    let place = Place::new(Kind::Folder);
    let source = place.temp.path().join("profiles.csv");
    std::fs::write(&source, "n\n1\n").unwrap();
    let summary = export("48MiB", &source, &place, &["--fields", "n"]);
    summary["peakMemoryBytes"].as_u64().unwrap()
}

/// Exports `profiles` and answers the summary. `most` is how much memory it may take, in bytes.
fn export_within(memory: &str, most: u64, profiles: &Path, place: &Place, options: &[&str]) -> Value {
    let summary = export(memory, profiles, place, options);
    let peak = summary["peakMemoryBytes"].as_u64().unwrap();
    assert!(peak <= most, "{} MiB, {} MiB are allowed", peak >> 20, most >> 20);
    summary
}

fn export(memory: &str, profiles: &Path, place: &Place, options: &[&str]) -> Value {
    let state = place.state();
    let args = [
        "export",
        "--profiles",
        text(profiles),
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
    outflow(&[&args, options].concat(), &place.environment).expect(0)
}

/// NDJSON of so many profiles in groups of four. Each profile has an identity of its own and shares one with the next of
/// its group, so that only all four together are one. Of group `g`, the profile at place `g % 4` is the newest.
fn chained(profiles: u64) -> String {
    let mut out = String::new();
    for n in 0..profiles {
        let (group, place) = (n / 4, n % 4);
        let time = if place == group % 4 { 5 } else { place };
        let shared = [n.wrapping_sub(1), n].map(|first| format!("{{\"id\":\"s{first}\"}}"));
        let shared = &shared[usize::from(place == 0)..if place == 3 { 1 } else { 2 }];
        let (shared, own) = (shared.join(","), format!("{{\"id\":\"own{n}\"}}"));
        writeln!(out, "{{\"n\":{n},\"time\":{time},\"identityMap\":{{\"Email\":[{own},{shared}]}}}}").unwrap();
    }
    out
}

#[test]
fn more_profiles_share_identities_than_memory_holds() {
    // Memory for a sixth of them.
    const PROFILES: u64 = 300_000;
    let place = Place::new(Kind::Folder);
    let source = place.temp.path().join("profiles.ndjson");
    // Files of their own, so that groups reach over their ends.
    std::fs::create_dir(&source).unwrap();
    let all = chained(PROFILES);
    for (number, piece) in all.lines().collect::<Vec<_>>().chunks(70_001).enumerate() {
        std::fs::write(source.join(format!("{number}.ndjson")), piece.join("\n") + "\n").unwrap();
    }
    let options = ["--fields", "n", "--dedup-identity", "Email", "--newest-by", "time"];
    let summary = export_within("48MiB", alone() + (64 << 20), &source, &place, &options);
    assert_eq!(summary["profilesWritten"], PROFILES / 4);
    assert_eq!(summary["duplicates"], PROFILES / 4 * 3);
    let found = lines(&place.temp.path().join("target/out.csv"));
    let expected = (0..PROFILES / 4).flat_map(|group| {
        let kept = group * 4 + group % 4;
        let before = (kept % 4 != 0).then(|| format!("s{},{kept}", kept.wrapping_sub(1)));
        let after = (kept % 4 != 3).then(|| format!("s{kept},{kept}"));
        [Some(format!("own{kept},{kept}")), before, after].into_iter().flatten()
    });
    assert!(found[1..].iter().cloned().eq(expected), "other profiles stayed, or in another order");
}

#[test]
fn one_key_of_most_profiles_takes_no_memory_for_each() {
    // Sixteen bytes for each would be all that the run may take.
    const PROFILES: u64 = 3_000_000;
    let place = Place::new(Kind::Folder);
    let source = place.temp.path().join("profiles.csv");
    let mut csv = "country,n,time\n".to_owned();
    for n in 0..PROFILES {
        // A few countries of one profile each; the others are in one, and have no country in words.
        let country = if n % 1_000_000 == 7 { format!("c{n}") } else { "\"\"".to_owned() };
        writeln!(csv, "{country},{},{}", PROFILES - n, n / 1000).unwrap();
    }
    std::fs::write(&source, csv).unwrap();
    // A third more than the limit: what the allocator has not given back yet.
    let most = alone() + (64 << 20);
    let kept = |options: &[&str]| {
        let options = [&["--fields", "country,n", "--dedup", "country"], options].concat();
        let summary = export_within("48MiB", most, &source, &place, &options);
        assert_eq!(summary["duplicates"], PROFILES - 4);
        lines(&place.temp.path().join("target/out.csv"))
    };
    let single = [7, 1_000_007, 2_000_007].map(|n| format!("c{n},{}", PROFILES - n));
    // All of them tie, and the smallest number decides; then those of the last thousand do.
    for options in [&[][..], &["--newest-by", "time"]] {
        let found = kept(options);
        assert_eq!(found[1..4], single);
        assert_eq!(found[4..], ["\"\",1"], "{options:?}");
    }
}

/// Four row groups of 126 MiB in memory: thirty columns of one page of 4 MiB each, of which no value repeats.
const WIDE: &str = r#"
import os, sys
import pyarrow as pa, pyarrow.parquet as pq
rows, columns = 1 << 19, 30
schema = pa.schema([(f"c{n}", pa.int64()) for n in range(columns)])
random = lambda: pa.Array.from_buffers(pa.int64(), rows, [None, pa.py_buffer(os.urandom(8 * rows))])
options = {"use_dictionary": False, "compression": "none", "data_page_size": 64 << 20, "write_batch_size": rows}
if "max_rows_per_page" in (pq.write_table.__doc__ or ""):
    options["max_rows_per_page"] = rows
with pq.ParquetWriter(sys.argv[1], schema, **options) as writer:
    for _ in range(4):
        writer.write_table(pa.Table.from_arrays([random() for _ in range(columns)], schema=schema), row_group_size=rows)
"#;

#[test]
fn large_row_groups_of_many_columns_are_read_within_the_limit_by_many_threads() {
    let place = Place::new(Kind::Folder);
    let source = place.temp.path().join("wide.parquet");
    run_python(WIDE, &[text(&source)]);
    let columns: Vec<String> = (0..30).map(|n| format!("c{n}")).collect();
    let fields = columns.join(",");
    // One in eighty. All that the run holds beside the program stays below the limit: two row groups alone do not.
    let rule = "c0 > 9000000000000000000";
    let options = ["--fields", &fields, "--where", rule, "--threads", "8"];
    let summary = export_within("256MiB", alone() + (240 << 20), &source, &place, &options);
    assert_eq!(summary["profilesRead"], 4 << 19);
    let written = summary["profilesWritten"].as_u64().unwrap();
    assert!(written > 10_000, "{summary}");

    // Half of 192 MiB has no room for thirty such pages.
    let state = place.state();
    let args = ["export", "--profiles", text(&source), "--fields", &fields, "--memory", "192MiB", "--to", &place.url];
    let told = outflow(&[&args[..], &["--state-dir", text(&state), "--json"]].concat(), &place.environment).expect(2);
    let error = told["error"].to_string();
    assert!(error.contains("30 columns") && error.contains("--memory"), "{error}");
}
