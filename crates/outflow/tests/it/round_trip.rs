//! What is delivered is what was selected, says a reader that shares no code with the writer.

use outflow_testkit::python::run_python;
use serde_json::Value;

use crate::place::{ALL, Kind, Place};
use crate::run::outflow;
use crate::samples::{SEGMENT, lake, names_in, text};

const COMPARE: &str = include_str!("round_trip.py");
const NOW: &str = "2026-01-02T03:04:05Z";

/// Exports every kind of column by a rule with every kind of condition, and answers the summary.
pub fn export(place: &Place, options: &[&str]) -> Value {
    let profiles = lake(20_000, 3, 2);
    let fields = format!(
        "profileId,person.name.firstName,person.name.lastName:last name,person.birthDate,personalEmail.address:email,\
         identityMap.Email[0].id,segmentMembership.`{SEGMENT}`.status,homeAddress.city,loyalty.points,lifetimeValue,\
         lastPurchaseDate,identityMap.ECID[1].primary"
    );
    let rule = format!(
        "loyalty.points > 50000 and (segmentMembership.`{SEGMENT}`.status in [\"realized\", \"existing\"] \
         or homeAddress.country = \"US\") and not (person.gender = \"male\")"
    );
    let state = place.state();
    let common = [
        "export",
        "--profiles",
        text(&profiles),
        "--where",
        &rule,
        "--fields",
        &fields,
        "--to",
        &place.url,
        "--now",
        NOW,
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&[&common, options].concat(), &place.environment).expect(0)
}

/// The names in `files[]`, in order.
pub fn delivered_names(summary: &Value) -> Vec<String> {
    let urls = summary["files"].as_array().unwrap().iter().map(|file| file["url"].as_str().unwrap());
    urls.map(|url| url.rsplit('/').next().unwrap().to_owned()).collect()
}

/// Compares what lies at the place with the profiles.
fn compare(place: &Place, format: &str, summary: &Value) {
    let copies = place.download();
    let names = delivered_names(summary);
    let mut there = names_in(&copies);
    there.retain(|name| !name.contains("manifest"));
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(there, sorted, "the target holds the files of the summary and no others");
    let profiles = lake(20_000, 3, 2);
    let mut args = vec![text(&profiles), text(&copies), format];
    args.extend(names.iter().map(String::as_str));
    let rows = run_python(COMPARE, &args);
    assert_eq!(summary["rowsWritten"], rows.trim().parse::<u64>().unwrap());
}

#[test]
fn csv_arrives_whole_and_in_order_at_every_target() {
    for kind in ALL {
        let place = Place::new(kind);
        let summary = export(&place, &["--rows-per-file", "1000"]);
        assert!(summary["files"].as_array().unwrap().len() > 1);
        compare(&place, "csv", &summary);
    }
}

#[test]
fn every_format_and_compression_holds_the_same_rows() {
    for (format, compression) in
        [("tsv", "none"), ("csv", "gzip"), ("csv", "zstd"), ("json", "none"), ("json", "gzip"), ("parquet", "none")]
    {
        let place = Place::new(Kind::Folder);
        let options = ["--format", format, "--compression", compression, "--name", "out", "--rows-per-file", "900"];
        let summary = export(&place, &options);
        let suffix = match compression {
            "gzip" => ".gz",
            "zstd" => ".zst",
            _ => "",
        };
        assert_eq!(delivered_names(&summary)[1], format!("out_2.{format}{suffix}"));
        compare(&place, format, &summary);
    }
}
