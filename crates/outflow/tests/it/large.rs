//! A run that takes its time, for tests that disturb it: three parts, each long enough for a multipart upload.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;

use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow, start};
use crate::samples::{lake, names_in, text};

/// The names of the parts.
pub const NAMES: [&str; 3] = ["large_1767323045.csv", "large_1767323045_2.csv", "large_1767323045_3.csv"];

fn profiles() -> PathBuf {
    lake(150_000, 5, 3)
}

/// The options of the run.
fn args(place: &Place, profiles: &Path, options: &[&str]) -> Vec<String> {
    let fields = "profileId,person.name.firstName,person.name.lastName,person.birthDate,person.gender,\
                  personalEmail.address,mobilePhone.number,homeAddress.city,homeAddress.country,homeAddress.postalCode,\
                  identityMap.ECID[0].id,identityMap.ECID[1].id,identityMap.CRMID[0].id,identityMap.Email[0].id,\
                  loyalty.tier,loyalty.points,lifetimeValue,lastPurchaseDate";
    let state = place.state();
    let args = [
        "export",
        "--profiles",
        text(profiles),
        "--fields",
        fields,
        "--to",
        &place.url,
        "--name",
        "large_%TIMESTAMP%",
        "--now",
        "2026-01-02T03:04:05Z",
        "--rows-per-file",
        "50000",
        "--state-dir",
        text(&state),
        "--json",
    ];
    args.iter().chain(options).map(|&arg| arg.to_owned()).collect()
}

/// Runs it to its end.
pub fn run(place: &Place) -> Ran {
    let args = args(place, &profiles(), &[]);
    outflow(&args.iter().map(String::as_str).collect::<Vec<_>>(), &place.environment)
}

/// Starts it.
pub fn begin(place: &Place) -> Child {
    begin_with(place, &profiles(), &[])
}

/// Starts it over other profiles with more options.
pub fn begin_with(place: &Place, profiles: &Path, options: &[&str]) -> Child {
    let args = args(place, profiles, options);
    start(&args.iter().map(String::as_str).collect::<Vec<_>>(), &place.environment)
}

/// The SHA-256 of each part, of a run that nothing disturbed.
pub fn reference() -> &'static BTreeMap<String, String> {
    static SUMS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    SUMS.get_or_init(|| {
        let place = Place::new(Kind::Folder);
        let summary = run(&place).expect(0);
        let files = summary["files"].as_array().unwrap();
        assert!(files.iter().all(|file| file["bytes"].as_u64().unwrap() > 9_000_000), "too short: {files:?}");
        let mut sums = place.sums();
        sums.retain(|name, _| !name.starts_with("manifest"));
        assert!(sums.keys().eq(NAMES.iter()));
        sums
    })
}

/// What is visible is whole, and a manifest only beside all that it names. Answers how many parts are visible.
pub fn assert_only_whole_files(place: &Place, when: &str) -> usize {
    let mut sums = place.sums();
    sums.retain(|name, _| !is_temporary(name));
    let manifests: Vec<String> = sums.keys().filter(|name| name.starts_with("manifest-")).cloned().collect();
    sums.retain(|name, _| !manifests.contains(name));
    for (name, sum) in &sums {
        assert_eq!(reference().get(name), Some(sum), "{when}: {name} is not whole");
    }
    if !manifests.is_empty() {
        assert_eq!(sums.len(), NAMES.len(), "{when}: a manifest without its files");
    }
    sums.len()
}

/// A rerun completes; afterwards everything is there and nothing else, neither at the target nor in the state folder.
pub fn assert_rerun_completes(place: &Place, when: &str) {
    let ran = run(place);
    assert_eq!(ran.status, Some(0), "{when}: the rerun fails\n{}\n{}", ran.stdout, ran.stderr);
    let summary: Value = ran.json();
    let mut sums = place.sums();
    let manifest = summary["manifest"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(sums.remove(manifest).is_some(), "{when}: no manifest");
    assert_eq!(&sums, reference(), "{when}: the rerun leaves something else");
    assert_eq!(place.open_uploads(), [""; 0], "{when}: uploads stay open");
    assert_eq!(names_in(&place.state().join("journal")), [""; 0], "{when}: the journal is not empty");
}

/// Whether it is the name of a file on its way: `NAME.<8 hexadecimal digits>.part`.
pub fn is_temporary(name: &str) -> bool {
    let attempt = name.strip_suffix(".part").and_then(|rest| rest.rsplit_once('.'));
    attempt.is_some_and(|(_, digits)| digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// How often a test repeats what it does: `usual` times, or as `OUTFLOW_SOAK` says.
#[expect(clippy::disallowed_methods, reason = "the environment is how a soak says its number")]
pub fn rounds(usual: u32) -> u32 {
    std::env::var("OUTFLOW_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(usual)
}
