//! How much memory a run takes.

use crate::place::{Kind, Place};
use crate::run::outflow;
use crate::samples::{lake, text};

/// Resident memory in bytes that a run with the default limit may reach with many threads: the limit itself, and a tenth
/// for what an allocator keeps of what was given back.
const PEAK_BYTES_MAX: u64 = (256 << 20) / 10 * 11;

/// Resident memory in bytes that encryption may add to a run: copies of the blocks that are on their way to the connector.
/// Far less than the file has.
#[cfg(feature = "openpgp")]
const ENCRYPTION_BYTES_MAX: u64 = 32 << 20;

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

/// Exports a file of more than 64 MiB; answers its length and the most memory that the run held, in bytes.
#[cfg(feature = "openpgp")]
fn long_file(options: &[&str]) -> (u64, u64) {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(600_000, 9, 8), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId,person.name.firstName,person.name.lastName,personalEmail.address,mobilePhone.number,\
         homeAddress.city,homeAddress.country,homeAddress.postalCode,identityMap.ECID[0].id,identityMap.CRMID[0].id,\
         identityMap.Email[0].id,loyalty.tier,loyalty.points,lastPurchaseDate",
        "--memory",
        "64MiB",
        "--to",
        &place.url,
        "--name",
        "out",
        "--state-dir",
        text(&state),
        "--json",
    ];
    let summary = outflow(&[&args, options].concat(), &place.environment).expect(0);
    assert_eq!(summary["files"].as_array().unwrap().len(), 1);
    (summary["bytesWritten"].as_u64().unwrap(), summary["peakMemoryBytes"].as_u64().unwrap())
}

#[cfg(feature = "openpgp")]
#[test]
fn encryption_takes_no_more_memory_for_a_long_file() {
    let gpg = outflow_testkit::gpg::Gpg::new();
    let temp = outflow_testkit::temp_dir();
    let key = temp.path().join("key.asc");
    std::fs::write(&key, gpg.public(&gpg.key(outflow_testkit::gpg::Kind::Curve25519))).unwrap();
    let (length, clear) = long_file(&[]);
    assert!(length > 2 * ENCRYPTION_BYTES_MAX, "{} MiB are too few to tell", length >> 20);
    let (sealed, peak) = long_file(&["--encrypt-to", text(&key)]);
    assert!(sealed > length);
    assert!(peak <= clear + ENCRYPTION_BYTES_MAX, "{} MiB, in clear {} MiB", peak >> 20, clear >> 20);
}
