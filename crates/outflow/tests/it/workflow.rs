//! The whole way through a server: dataset, segment, account, destination, activation, run, proof.

use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::{outflow, variables};
use crate::samples::{lake, text};
use crate::server::{Access, Server, access};

const RULE: &str = r#"homeAddress.country = "US" and loyalty.points > 100"#;

/// A server with a dataset and a segment that was evaluated; answers how many are in it.
fn with_segment(settings: &[(&str, &str)]) -> (Server, u64) {
    let server = Server::with(&[], &variables(settings));
    let dataset = server.attach("customers", &lake(20_000, 3, 2));
    assert_eq!(dataset["refresh"]["state"], "success", "{dataset}");
    server.ask(&["segments", "create", "us", "--rule", RULE]);
    server.ask(&["segments", "evaluate", "us"]);
    let counts = server.ask(&["segments", "show", "us"])["counts"].clone();
    (server, counts["realized"].as_u64().unwrap())
}

/// As the one-shot export counts them, which shares no way with a server's evaluation but the rule.
fn expected() -> u64 {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = ["export", "--profiles", text(&profiles), "--where", RULE, "--fields", "profileId", "--to", &place.url];
    let args = [&args[..], &["--state-dir", text(&state), "--json"]].concat();
    outflow(&args, &Vec::new()).expect(0)["profilesSelected"].as_u64().unwrap()
}

fn activate(server: &Server, flow: &str) {
    server.ask(&[
        "flows",
        "activate",
        flow,
        "--segment",
        "us",
        "--frequency",
        "daily",
        "--start-time",
        "06:00",
        "--map",
        "profileId,personalEmail.address:email,segmentMembership.status",
        "--require",
        "personalEmail.address",
    ]);
}

#[test]
fn a_segment_has_the_members_that_the_rule_selects() {
    let (server, members) = with_segment(&[]);
    assert_eq!(members, expected());
    let estimate = server.ask(&["segments", "estimate", "--rule", RULE]);
    assert_eq!(estimate["estimatedSize"].as_u64(), Some(members), "{estimate}");
    let sample = server.ask(&["segments", "sample", "--rule", RULE]);
    assert!(!sample["results"].as_array().unwrap().is_empty(), "{sample}");
    let wrong = server.run(&["segments", "create", "x", "--rule", "homeAddress.contry = 1"]);
    assert!(wrong.expect_status(2).stderr.contains("homeAddress.country"), "{}", wrong.stderr);
}

fn deliver(server: &mut Server, members: u64, kind: Kind) {
    let place = Place::new(kind);
    let Access { kind: connector, params, secret, target } = access(&place);
    let access = Access { kind: connector, params, secret: secret.clone(), target };
    let (account, flow) = (format!("account-{connector}"), format!("flow-{connector}"));
    let made = server.create_account(&account, &access);
    made.expect(0);
    server.create_destination(&flow, &account, &access);
    activate(server, &flow);
    let ran = server.ask(&["flows", "run", &flow, "--watch"]);
    let run = &ran["items"][0];
    assert_eq!(run["state"], "success", "{run}");
    let records = &run["metrics"]["recordSummary"];
    assert_eq!(records["inputRecordCount"].as_u64(), Some(members), "{run}");
    let delivered = records["outputRecordCount"].as_u64().unwrap();
    assert_eq!(delivered + records["skippedRecordCount"].as_u64().unwrap(), members, "{run}");
    // Two independent eyes: the one-shot `verify` with the target's own credentials, and another client.
    outflow(&["verify", run["manifest"].as_str().unwrap()], &place.environment).expect_status(0);
    let files = place.read();
    let name = run["files"][0]["name"].as_str().unwrap();
    let lines = String::from_utf8(files[name].clone()).unwrap();
    assert_eq!(lines.lines().next(), Some("profileId,email,segmentMembership_status"));
    assert!(lines.contains(",realized"), "{name}");
    assert_eq!(files.len(), 2, "{:?}", files.keys());
    let verified = server.ask(&["runs", "verify", run["id"].as_str().unwrap()]);
    assert_eq!(verified["verification"]["state"], "success", "{verified}");
    if let Some((_, secret)) = secret {
        assert_unseen(server, &secret);
    }
}

/// No list, no object, no log and no file of the data folder shows a secret.
fn assert_unseen(server: &Server, secret: &str) {
    for args in [["accounts", "list"], ["destinations", "list"], ["flows", "list"], ["runs", "list"]] {
        for json in [&[][..], &["--json"]] {
            let ran = server.run(&[&args[..], json].concat());
            ran.expect_status(0);
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{args:?}");
        }
    }
    for account in server.ask(&["accounts", "list"])["items"].as_array().unwrap() {
        let shown = server.ask(&["accounts", "show", account["id"].as_str().unwrap()]);
        assert!(!shown.to_string().contains(secret));
    }
    assert!(!server.log().contains(secret), "the log has a secret");
    let mut folders = vec![server.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let held = std::fs::read(&path).unwrap_or_default();
                let found = held.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{} holds a secret", path.display());
            }
        }
    }
}

#[test]
fn a_folder_is_delivered_to_below_the_root_that_the_operator_sets() {
    let (mut server, members) = with_segment(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]);
    deliver(&mut server, members, Kind::Folder);
}

#[test]
fn s3_is_delivered_to() {
    let (mut server, members) = with_segment(&[]);
    deliver(&mut server, members, Kind::Moto);
}

#[test]
fn sftp_is_delivered_to() {
    let (mut server, members) = with_segment(&[]);
    deliver(&mut server, members, Kind::Sshd);
}

#[test]
fn wrong_credentials_make_no_account() {
    let mut server = Server::start();
    for kind in [Kind::Moto, Kind::Sshd] {
        let mut access = access(&Place::new(kind));
        let (member, _) = access.secret.clone().unwrap();
        access.secret = Some((member, "hush-hush-hush-hush".into()));
        let refused = server.create_account("wrong", &access);
        let told = refused.expect(4);
        assert_eq!(told["error"]["class"], "credentials", "{told}");
        assert!(refused.stderr.contains("FAILED"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("hush-hush") && !refused.stdout.contains("hush-hush"));
    }
    assert_eq!(server.ask(&["accounts", "list"])["items"], Value::Array(Vec::new()));
}

#[test]
fn what_is_in_use_stays_and_what_is_stopped_does_not_run() {
    let (mut server, _) = with_segment(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]);
    let place = Place::new(Kind::Folder);
    let access = access(&place);
    server.create_account("a", &access).expect(0);
    server.create_destination("d", "a", &access);
    activate(&server, "d");
    server.run(&["accounts", "delete", "a"]).expect_status(5);
    server.run(&["segments", "delete", "us"]).expect_status(5);
    server.ask(&["flows", "disable", "d"]);
    server.run(&["flows", "run", "d"]).expect_status(5);
    server.ask(&["flows", "enable", "d"]);
    server.ask(&["flows", "adhoc", "d", "us", "--watch"]);
    assert_eq!(place.read().len(), 2);
    let unknown = server.run(&["flows", "run", "e"]);
    unknown.expect_status(2);
    server.ask(&["destinations", "delete", "d"]);
    server.ask(&["accounts", "delete", "a"]);
    assert_eq!(server.ask(&["flows", "list"])["items"], Value::Array(Vec::new()));
}

#[test]
fn an_incremental_export_that_cannot_tell_who_left_says_so() {
    let mut server = Server::with(&[], &variables(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]));
    server.ask(&["segments", "create", "us", "--rule", RULE]);
    let place = Place::new(Kind::Folder);
    let access = access(&place);
    server.create_account("a", &access).expect(0);
    server.create_destination("d", "a", &access);
    let activate = ["flows", "activate", "d", "--segment", "us", "--mode", "incremental", "--map"];
    let told = "note: who leaves segment us is not written";
    let without = server.run(&[&activate[..], &["profileId"]].concat());
    assert!(without.expect_status(0).stdout.contains(told), "{}", without.stdout);
    // So does every other way to change the flow.
    let file = server.temp.path().join("flow.yaml");
    std::fs::write(&file, "flows: {d: {description: x, targetConnectionIds: [d]}}").unwrap();
    let applied = server.run(&["apply", "-f", text(&file)]);
    assert!(applied.expect_status(0).stdout.contains(told), "{}", applied.stdout);
    let with = server.run(&[&activate[..], &["profileId,segmentMembership.status"]].concat());
    assert!(!with.expect_status(0).stdout.contains("note: who leaves"), "{}", with.stdout);
}

#[test]
fn the_servers_own_folder_is_no_dataset() {
    let server = Server::start();
    let secret = server.data().join("keys");
    let args = ["datasets", "attach", "x", text(&secret), "--identity", "a=b", "--format", "csv"];
    let refused = server.run(&args);
    assert_ne!(refused.status, Some(0));
    let keys = std::fs::read_to_string(secret).unwrap();
    let key = keys.lines().last().unwrap();
    assert!(!refused.stderr.contains(key) && !refused.stdout.contains(key));
    assert_eq!(server.ask(&["datasets", "list"])["items"], Value::Array(Vec::new()));
}

#[test]
fn files_are_looked_at_before_they_are_attached() {
    let temp = outflow_testkit::temp_dir();
    let (allowed, elsewhere) = (temp.path().join("lake"), temp.path().join("elsewhere"));
    for folder in [&allowed, &elsewhere] {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("crm.csv"), "crmId,email,updatedAt\nc-1,ada@example.org,2026-01-05\n").unwrap();
    }
    std::os::unix::fs::symlink(elsewhere.join("crm.csv"), allowed.join("linked.csv")).unwrap();
    let server = Server::with(&[], &variables(&[("OUTFLOW_DATASETS_FOLDER_ROOTS", text(&allowed))]));
    let inspect = |file: &std::path::Path| server.run(&["datasets", "inspect", text(file)]);
    let ran = inspect(&allowed.join("crm.csv"));
    let told = &ran.expect_status(0).stdout;
    for part in ["1 file", "crmId  string", "CRMID", "Email", "updatedAt", "********"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("ada@example.org") && !server.log().contains("ada@"), "{told}");
    let clear = server.ask(&["datasets", "inspect", text(&allowed.join("crm.csv")), "--unmasked"]);
    assert_eq!(clear["records"][0]["email"], "ada@example.org", "{clear}");
    // Neither another folder, nor a way out of the one that is allowed.
    let way_out = allowed.join("../elsewhere/crm.csv");
    for file in [&elsewhere.join("crm.csv"), &way_out, &allowed.join("linked.csv"), &server.data().join("keys")] {
        let refused = server.run(&["datasets", "inspect", text(file), "--format", "csv"]);
        assert_ne!(refused.status, Some(0), "{}", refused.stdout);
        assert!(!refused.stderr.contains("crmId") && refused.stdout.is_empty(), "{}", refused.stderr);
    }
    assert_eq!(server.ask(&["datasets", "list"])["items"], Value::Array(Vec::new()));
}
