//! The JSON summary: what it holds, that it balances, and what it says of nobody.

use outflow_testkit::python::run_python;
use serde_json::{Value, json};

use crate::place::{ALL, Kind, Place};
use crate::round_trip::export;
use crate::run::outflow;
use crate::samples::{SEGMENT, lake, lines, names_in, text, write_parquet};

const MEMBERS: [&str; 15] = [
    "status",
    "runId",
    "profilesRead",
    "notSelected",
    "profilesSelected",
    "excluded",
    "duplicates",
    "profilesWritten",
    "failed",
    "rowsWritten",
    "bytesWritten",
    "files",
    "manifest",
    "durationSecs",
    "peakMemoryBytes",
];

fn count(summary: &Value, member: &str) -> u64 {
    summary[member].as_u64().unwrap_or_else(|| panic!("{member} is no count in {summary}"))
}

fn assert_balances(summary: &Value) {
    let excluded: u64 = summary["excluded"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).sum();
    let count = |member| count(summary, member);
    assert_eq!(count("profilesRead"), count("notSelected") + count("profilesSelected"), "{summary}");
    assert_eq!(
        count("profilesSelected"),
        excluded + count("duplicates") + count("profilesWritten") + count("failed"),
        "{summary}"
    );
}

#[test]
fn the_summary_has_every_member_and_balances() {
    for kind in ALL {
        let place = Place::new(kind);
        let options =
            ["--require", "personalEmail.address", "--dedup", "personalEmail.address", "--rows-per-file", "500"];
        let summary = export(&place, &options);
        let mut members: Vec<&String> = summary.as_object().unwrap().keys().collect();
        let mut wanted = MEMBERS;
        members.sort();
        wanted.sort_unstable();
        assert_eq!(members, wanted);
        assert_eq!(summary["status"], "success");
        assert_eq!((count(&summary, "profilesRead"), count(&summary, "failed")), (20_000, 0));
        assert_balances(&summary);
        assert!(count(&summary, "duplicates") > 0 && summary["excluded"]["missingMandatory"].as_u64().unwrap() > 100);
        assert_eq!(count(&summary, "rowsWritten"), count(&summary, "profilesWritten"));
        assert!(summary["durationSecs"].as_f64().unwrap() > 0.0 && count(&summary, "peakMemoryBytes") > 1_000_000);

        let files = summary["files"].as_array().unwrap();
        let there = place.read();
        let (mut rows, mut bytes) = (0, 0);
        for file in files {
            let name = file["url"].as_str().unwrap().strip_prefix(&format!("{}/", place.url)).unwrap();
            assert_eq!(file["bytes"], there[name].len());
            assert_eq!(file["sha256"], sha256(&there[name]), "{name}");
            rows += file["rows"].as_u64().unwrap();
            bytes += file["bytes"].as_u64().unwrap();
        }
        assert_eq!((count(&summary, "rowsWritten"), count(&summary, "bytesWritten")), (rows, bytes));
        let manifest = summary["manifest"].as_str().unwrap().strip_prefix(&format!("{}/", place.url)).unwrap();
        assert_eq!(manifest, format!("manifest-{}.json", summary["runId"].as_str().unwrap()));
        assert!(there.contains_key(manifest));
    }
}

/// By coreutils, not by the code under test.
pub fn sha256(bytes: &[u8]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let printed = child.wait_with_output().unwrap().stdout;
    String::from_utf8(printed).unwrap()[..64].to_owned()
}

#[test]
fn nobody_selected_is_a_file_with_only_a_header_and_a_manifest() {
    let profiles = lake(20_000, 3, 2);
    for (format, content) in [("csv", "profileId,t\n"), ("tsv", "profileId\tt\n"), ("json", "")] {
        for kind in ALL {
            let place = Place::new(kind);
            let state = place.state();
            let args = [
                "export",
                "--profiles",
                text(&profiles),
                "--where",
                "loyalty.points < 0",
                "--fields",
                "profileId,loyalty.tier:t",
                "--format",
                format,
                "--name",
                "none",
                "--to",
                &place.url,
                "--state-dir",
                text(&state),
                "--json",
            ];
            let summary = outflow(&args, &place.environment).expect(0);
            assert_balances(&summary);
            assert_eq!((count(&summary, "notSelected"), count(&summary, "rowsWritten")), (20_000, 0));
            assert_eq!(summary["files"].as_array().unwrap().len(), 1);
            let files = place.read();
            assert_eq!(String::from_utf8_lossy(&files[&format!("none.{format}")]), content, "{kind:?}");
            assert_eq!(files.len(), 2, "{kind:?}: {:?}", files.keys());
            let manifest = summary["manifest"].as_str().unwrap();
            outflow(&["verify", manifest], &place.environment).expect_status(0);
        }
    }
}

#[test]
fn nobody_selected_is_a_parquet_file_with_only_its_schema() {
    let (place, profiles) = (Place::new(Kind::Folder), lake(20_000, 3, 2));
    let state = place.state();
    let args = ["export", "--profiles", text(&profiles), "--where", "loyalty.points < 0", "--format", "parquet"];
    let fields = "profileId,loyalty.points:p,person.name,identityMap.Email[0].id";
    let more = ["--fields", fields, "--name", "none", "--to", &place.url, "--state-dir", text(&state), "--json"];
    let summary = outflow(&[&args[..], &more].concat(), &place.environment).expect(0);
    assert_balances(&summary);
    assert_eq!((count(&summary, "rowsWritten"), summary["files"].as_array().unwrap().len()), (0, 1));
    let read = "import sys, pyarrow.parquet as pq
t = pq.read_table(sys.argv[1])
print(t.num_rows, [f'{f.name}: {f.type}' for f in t.schema if not str(f.type).startswith('struct')], t.schema.names)";
    let told = run_python(read, &[text(&place.temp.path().join("target/none.parquet"))]);
    assert!(told.starts_with("0 ['profileId: string', 'p: int"), "{told}");
    assert!(told.contains("'identityMap_Email_0_id: string'") && told.contains("'person_name'"), "{told}");
    outflow(&["verify", summary["manifest"].as_str().unwrap()], &place.environment).expect_status(0);
}

#[test]
fn membership_has_its_short_header_and_the_segments_values() {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let run = |path: &str| {
        let args = [
            "export",
            "--profiles",
            text(&profiles),
            "--fields",
            path,
            "--segment-id",
            SEGMENT,
            "--name",
            "m",
            "--to",
            &place.url,
            "--state-dir",
            text(&state),
            "--json",
        ];
        outflow(&args, &place.environment).expect(0);
        lines(&place.temp.path().join("target/m.csv"))
    };
    let long = run("segmentMembership.seg_namespace.seg_id.status");
    assert_eq!(long[0], "segmentMembership_status");
    let mut values: Vec<&String> = long[1..].iter().collect();
    values.sort();
    values.dedup();
    assert_eq!(values, ["", "existing", "exited", "realized"]);
    assert_eq!(run("segmentMembership.status"), long);
    assert_eq!(run(&format!("segmentMembership.`{SEGMENT}`.status"))[1..], long[1..]);
}

#[test]
fn an_empty_string_is_a_value_where_one_is_required() {
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("p.parquet");
    write_parquet(
        &file,
        &json!({"id": "pa.int64()", "s": "pa.struct([('a', pa.string())])"}),
        &json!([{"id": 1, "s": {"a": "x"}}, {"id": 2, "s": {"a": ""}}, {"id": 3, "s": {"a": null}}, {"id": 4, "s": null}]),
    );
    let state = place.state();
    let args = [
        "export",
        "--profiles",
        text(&file),
        "--fields",
        "id,s.a",
        "--require",
        "s.a",
        "--name",
        "r",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    let summary = outflow(&args, &place.environment).expect(0);
    assert_eq!(summary["excluded"], json!({"missingMandatory": 2}));
    assert_eq!(lines(&place.temp.path().join("target/r.csv")), ["id,s_a", "1,x", "2,\"\""]);
    assert_eq!(names_in(&place.temp.path().join("target")), ["r.csv", "r.csv.manifest.json"]);
}

#[test]
fn people_are_told_the_same_in_words() {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId",
        "--name",
        "w",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
    ];
    let ran = outflow(&args, &place.environment);
    ran.expect_status(0);
    let sum = sha256(&std::fs::read(place.temp.path().join("target/w.csv")).unwrap());
    for words in ["20,000 profiles read = 0 not selected + 20,000 selected", "w.csv", "w.csv.manifest.json", &sum] {
        assert!(ran.stdout.contains(words), "{words} is not in\n{}", ran.stdout);
    }
}
