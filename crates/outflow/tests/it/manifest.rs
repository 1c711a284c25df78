//! The manifest: what it says, that it comes last, and that `verify` believes the bytes and not the names.

use serde_json::{Value, json};

use crate::place::{ALL, Kind, Place, corrupt_file};
use crate::round_trip::{delivered_names, export};
use crate::run::outflow;
use crate::samples::{file_url, text};
use crate::summary::sha256;

fn manifest_of(place: &Place, summary: &Value) -> Value {
    let name = summary["manifest"].as_str().unwrap().rsplit('/').next().unwrap();
    serde_json::from_slice(&place.read()[name]).unwrap()
}

#[test]
fn the_manifest_says_what_a_receiver_needs() {
    for kind in ALL {
        let place = Place::new(kind);
        let summary = export(&place, &["--rows-per-file", "1000", "--segment-id", "gold"]);
        let manifest = manifest_of(&place, &summary);
        assert_eq!(manifest["runId"], summary["runId"]);
        assert_eq!(manifest["segmentId"], "gold");
        assert_eq!(manifest["scheduledTime"], "2026-01-02T03:04:05Z");
        assert!(manifest["completedTime"].as_str().unwrap().ends_with('Z'));
        assert_eq!(manifest.get("flowId"), None);
        assert_eq!(manifest["schema"].as_array().unwrap().len(), 12);
        assert_eq!(manifest["schema"][2]["name"], "last name");
        assert!(manifest["schema"].as_array().unwrap().iter().all(|c| c["type"].is_string()));
        assert_eq!(
            (&manifest["rowsTotal"], &manifest["bytesTotal"]),
            (&summary["rowsWritten"], &summary["bytesWritten"])
        );

        let folder = place.url.split_once("://").unwrap().1;
        let folder = if place.url.starts_with("file") { folder } else { folder.split_once('/').unwrap().1 };
        let there = place.read();
        for (file, told) in manifest["files"].as_array().unwrap().iter().zip(summary["files"].as_array().unwrap()) {
            let name = file["name"].as_str().unwrap();
            assert!(told["url"].as_str().unwrap().ends_with(&format!("/{name}")));
            let path = format!("{}/{name}", folder.trim_start_matches('/'));
            assert_eq!(file["sinkPath"].as_str().unwrap().trim_start_matches('/'), path, "{kind:?}");
            assert_eq!(file["sha256"], sha256(&there[name]));
            assert_eq!((&file["rows"], &file["bytes"]), (&told["rows"], &told["bytes"]));
        }
    }
}

#[test]
fn verify_passes_on_what_was_delivered_and_on_copies_of_it() {
    for kind in ALL {
        let place = Place::new(kind);
        let summary = export(&place, &["--rows-per-file", "1000", "--verify", "full"]);
        let manifest = summary["manifest"].as_str().unwrap();
        let report = outflow(&["verify", manifest, "--json"], &place.environment).expect(0);
        assert_eq!(report["status"], "success");
        assert_eq!(report["files"].as_array().unwrap().len(), delivered_names(&summary).len());
        let copy = place.download().join(manifest.rsplit('/').next().unwrap());
        outflow(&["verify", text(&copy)], &Vec::new()).expect_status(0);
    }
}

#[test]
fn one_changed_byte_fails_verification() {
    for kind in ALL {
        let place = Place::new(kind);
        let summary = export(&place, &["--rows-per-file", "1000"]);
        let (manifest, names) = (summary["manifest"].as_str().unwrap(), delivered_names(&summary));
        let copies = place.download();
        corrupt_file(&copies.join(&names[1]));
        let copy = copies.join(manifest.rsplit('/').next().unwrap());
        let local = outflow(&["verify", text(&copy), "--json"], &Vec::new()).expect(8);
        place.corrupt(&names[1]);
        let remote = outflow(&["verify", manifest, "--json"], &place.environment).expect(8);
        for report in [local, remote] {
            let matches: Vec<bool> =
                report["files"].as_array().unwrap().iter().map(|f| f["matches"].as_bool().unwrap()).collect();
            let wanted: Vec<bool> = (0..names.len()).map(|n| n != 1).collect();
            assert_eq!(matches, wanted, "{kind:?}: {report}");
            assert_eq!(report["error"]["class"], "verification", "{kind:?}: {report}");
            assert!(report["error"]["tried"].as_str().unwrap().contains("manifest-"), "{kind:?}: {report}");
        }
    }
}

#[test]
fn a_file_that_is_gone_short_or_long_fails_verification() {
    let place = Place::new(Kind::Folder);
    let summary = export(&place, &["--rows-per-file", "1000"]);
    let manifest = summary["manifest"].as_str().unwrap().strip_prefix("file://").unwrap();
    let file = place.temp.path().join("target").join(&delivered_names(&summary)[0]);
    let whole = std::fs::read(&file).unwrap();
    for content in [&whole[..whole.len() - 1], &[&whole[..], b"\n"].concat(), b""] {
        std::fs::write(&file, content).unwrap();
        outflow(&["verify", manifest], &Vec::new()).expect_status(8);
    }
    std::fs::remove_file(&file).unwrap();
    outflow(&["verify", manifest], &Vec::new()).expect_status(8);
}

#[test]
fn a_manifest_that_names_files_elsewhere_is_refused() {
    let place = Place::new(Kind::Folder);
    let summary = export(&place, &[]);
    let manifest = manifest_of(&place, &summary);
    let outside = place.temp.path().join("outside.csv");
    let name = &delivered_names(&summary)[0];
    std::fs::copy(place.temp.path().join("target").join(name), &outside).unwrap();
    let bad = place.temp.path().join("target/bad.json");
    for name in ["../outside.csv", text(&outside), "a/../../outside.csv", "", ".."] {
        let mut changed = manifest.clone();
        changed["files"][0]["name"] = json!(name);
        std::fs::write(&bad, changed.to_string()).unwrap();
        for manifest in [text(&bad).to_owned(), file_url(&bad)] {
            let report = outflow(&["verify", &manifest, "--json"], &Vec::new()).expect(2);
            assert_eq!(report["error"]["class"], "input", "{name}");
        }
    }
}

#[test]
fn what_is_no_manifest_is_refused() {
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("m.json");
    for content in ["", "{}", "[]", "not JSON", "{\"files\": 1}"] {
        std::fs::write(&file, content).unwrap();
        outflow(&["verify", text(&file), "--json"], &Vec::new()).expect(2);
    }
    outflow(&["verify", text(&place.temp.path().join("absent.json")), "--json"], &Vec::new()).expect(2);
}
