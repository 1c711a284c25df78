//! A server whose runs take their time, for tests that disturb it: everybody of a lake in three parts, each long enough
//! for a multipart upload.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::large::is_temporary;
use crate::place::Place;
use crate::run::Variables;
use crate::samples::lake;
use crate::server::{Server, access};

/// Profiles of the lake.
pub const PROFILES: u64 = 150_000;

/// Parts of a run.
pub const PARTS: usize = 3;

/// A name that each run has for itself.
pub const DATED: &str = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%";

/// A name that every run of a flow has.
pub const STATIC: &str = "%DESTINATION_NAME%_%SEGMENT_ID%";

const COLUMNS: &str = "profileId,person.name.firstName,person.name.lastName,person.birthDate,person.gender,\
                       personalEmail.address,mobilePhone.number,homeAddress.city,homeAddress.country,\
                       homeAddress.postalCode,identityMap.ECID[0].id,identityMap.ECID[1].id,identityMap.CRMID[0].id,\
                       identityMap.Email[0].id,loyalty.tier,loyalty.points,lifetimeValue,lastPurchaseDate";

/// A server with the lake attached and a segment of everybody evaluated.
pub fn prepare(server: &Server) {
    let dataset = server.attach("customers", &lake(PROFILES, 5, 3));
    assert_eq!(dataset["refresh"]["state"], "success", "{dataset}");
    server.ask(&["segments", "create", "everyone", "--rule", r#"profileId != "nobody""#]);
    server.ask(&["segments", "evaluate", "everyone"]);
}

/// A server like that.
pub fn server(settings: &Variables) -> Server {
    let server = Server::with(&[], settings);
    prepare(&server);
    server
}

/// Makes an account for a place.
pub fn account(server: &mut Server, name: &str, place: &Place) {
    server.create_account(name, &access(place)).expect(0);
}

/// Makes a flow of everybody to a place, whose schedule never comes; its id.
pub fn flow(server: &Server, name: &str, account: &str, place: &Place, file_name: &str) -> String {
    flow_from(server, name, account, place, &["--file-name", file_name, "--start-date", "2999-01-01"])
}

/// Makes a flow of everybody to a place; its id. Extra exports are made of schedules that have begun.
pub fn flow_from(server: &Server, name: &str, account: &str, place: &Place, options: &[&str]) -> String {
    let mut access = access(place);
    access.target.extend(["--param".into(), format!("rowsPerFile={}", PROFILES / PARTS as u64)]);
    let made = server.create_destination(name, account, &access);
    let segment = ["--segment", "everyone", "--frequency", "daily", "--start-time", "00:00", "--map", COLUMNS];
    server.ask(&[&["flows", "activate", name], &segment[..], options].concat());
    made["flowId"].as_str().unwrap().to_owned()
}

/// The SHA-256 of each part by its number, as an independent client reads them. Nothing else is there but a manifest of
/// them, and the run's ledger says the same.
pub fn delivered(server: &Server, place: &Place, run: &Value, when: &str) -> BTreeMap<usize, String> {
    assert_eq!(run["state"], "success", "{when}: {run}");
    let mut sums = place.sums();
    let manifest = run["manifest"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(sums.remove(&manifest).is_some(), "{when}: no {manifest} in {:?}", sums.keys());
    assert!(!sums.keys().any(|name| is_temporary(name)), "{when}: {:?}", sums.keys());
    assert_eq!(place.open_uploads(), [""; 0], "{when}: uploads stay open");
    let path = format!("/data/foundation/flowservice/runs/{}/files", run["id"].as_str().unwrap());
    let files = server.get(&path)["items"].as_array().unwrap().clone();
    assert_eq!(run["files"].as_array(), Some(&files), "{when}");
    assert_eq!(files.len(), PARTS, "{when}: {files:?}");
    let text = |file: &Value, member: &str| file[member].as_str().unwrap().to_owned();
    let told: BTreeMap<String, String> = files.iter().map(|f| (text(f, "name"), text(f, "sha256"))).collect();
    assert_eq!(told, sums, "{when}: the ledger and the far end differ");
    assert_eq!(files.iter().map(|file| file["rows"].as_u64().unwrap()).sum::<u64>(), PROFILES, "{when}");
    let records = &run["metrics"]["recordSummary"];
    assert_eq!(records["inputRecordCount"].as_u64(), Some(PROFILES), "{when}: {run}");
    assert_eq!(records["outputRecordCount"].as_u64(), Some(PROFILES), "{when}: {run}");
    // The first part has the name that the flow gives, the others a number behind it.
    let first = text(&files[0], "name");
    let stem = first.strip_suffix(".csv").unwrap();
    let part = |n: usize| if n == 1 { first.clone() } else { format!("{stem}_{n}.csv") };
    (1..=PARTS).map(|n| (n, sums.remove(&part(n)).unwrap_or_else(|| panic!("{when}: no {}", part(n))))).collect()
}
