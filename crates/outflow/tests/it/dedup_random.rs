//! Deduplication of random profiles against a few lines of Python, in memory and spilled.

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::outflow;
use crate::samples::{lake, text};

const ORACLE: &str = include_str!("dedup_random.py");

#[test]
fn random_profiles_are_deduplicated_as_the_oracle_does_whatever_the_memory() {
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("random.parquet");
    run_python(ORACLE, &["make", text(&file), "11"]);
    let out = place.temp.path().join("target/out.csv");
    let state = place.state();
    for key in ["a", "a,b", "b", "Email"] {
        let option = if key == "Email" { "--dedup-identity" } else { "--dedup" };
        for (memory, threads) in [("1GiB", "2"), ("80MiB", "3")] {
            let args = [
                "export",
                "--profiles",
                text(&file),
                "--fields",
                "number,word,id,filler",
                option,
                key,
                "--newest-by",
                "time",
                "--memory",
                memory,
                "--threads",
                threads,
                "--to",
                &place.url,
                "--name",
                "out",
                "--state-dir",
                text(&state),
                "--json",
            ];
            let summary = outflow(&args, &place.environment).expect(0);
            let kept = run_python(ORACLE, &["check", text(&file), text(&out), key]);
            assert_eq!(summary["profilesWritten"], kept.trim().parse::<u64>().unwrap(), "{key} {memory}");
            let count = |name: &str| summary[name].as_u64().unwrap();
            assert_eq!(count("profilesSelected"), count("duplicates") + count("profilesWritten"));
        }
        assert_eq!(spilled(&state), [""; 0], "spilled rows stay behind");
    }
}

#[test]
fn deduplication_that_spills_gives_the_bytes_of_one_that_does_not() {
    let profiles = lake(300_000, 5, 4);
    let run = |memory: &str| -> Value {
        let place = Place::new(Kind::Folder);
        let state = place.state();
        let args = [
            "export",
            "--profiles",
            text(&profiles),
            "--fields",
            "profileId,person.name.firstName,person.name.lastName,personalEmail.address,homeAddress.city,lastPurchaseDate",
            "--dedup",
            "personalEmail.address",
            "--newest-by",
            "lastPurchaseDate",
            "--memory",
            memory,
            "--rows-per-file",
            "100000",
            "--to",
            &place.url,
            "--name",
            "out",
            "--state-dir",
            text(&state),
            "--json",
        ];
        let summary = outflow(&args, &place.environment).expect(0);
        assert_eq!(spilled(&state), [""; 0], "spilled rows stay behind");
        summary
    };
    let (small, large) = (run("80MiB"), run("2GiB"));
    let sums = |summary: &Value| -> Vec<Value> {
        summary["files"].as_array().unwrap().iter().map(|f| f["sha256"].clone()).collect()
    };
    assert!(small["duplicates"].as_u64().unwrap() > 1000, "{small}");
    assert_eq!(sums(&small), sums(&large));
}

/// What lies in the state folder beside the journal.
fn spilled(state: &std::path::Path) -> Vec<String> {
    let mut names = crate::samples::names_in(state);
    names.retain(|name| name != "journal");
    names
}
