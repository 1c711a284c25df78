//! How much memory a run takes.

use crate::place::{Kind, Place};
use crate::run::outflow;
use crate::samples::{lake, text};

/// Resident memory in bytes that a run with the default limit may reach with many threads: the limit itself, and a tenth
/// for what an allocator keeps of what was given back.
const PEAK_BYTES_MAX: u64 = (256 << 20) / 10 * 11;

#[test]
fn eight_threads_that_deduplicate_and_compress_stay_near_the_default_limit() {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(600_000, 9, 8), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId,person.name.firstName,person.name.lastName,personalEmail.address,mobilePhone.number,\
         homeAddress.city,homeAddress.country,loyalty.tier,loyalty.points,lastPurchaseDate",
        "--dedup",
        "personalEmail.address",
        "--newest-by",
        "lastPurchaseDate",
        "--compression",
        "gzip",
        "--threads",
        "8",
        "--to",
        &place.url,
        "--name",
        "out",
        "--state-dir",
        text(&state),
        "--json",
    ];
    let summary = outflow(&args, &place.environment).expect(0);
    assert_eq!(summary["profilesRead"], 600_000);
    let peak = summary["peakMemoryBytes"].as_u64().unwrap();
    // Below this it would be no measurement.
    assert!(peak > 20 << 20, "{peak}");
    assert!(peak <= PEAK_BYTES_MAX, "{} MiB, {} MiB are allowed", peak >> 20, PEAK_BYTES_MAX >> 20);
}
