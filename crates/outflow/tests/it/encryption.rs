//! Files encrypted to OpenPGP keys, from the command line and from a server, read with GnuPG as their receiver would.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use outflow_testkit::gpg::{Gpg, Kind as KeyKind};
use serde_json::Value;

use crate::place::{Kind, Place};
use crate::round_trip::{delivered_names, export};
use crate::run::{Ran, outflow, variables};
use crate::samples::{lake, names_in, text};
use crate::server::{Server, access};

/// A file with a public key.
fn key_file(gpg: &Gpg, fingerprint: &str, folder: &Path) -> PathBuf {
    let file = folder.join(format!("{fingerprint}.asc"));
    std::fs::write(&file, gpg.public(fingerprint)).unwrap();
    file
}

/// The files of a place, but for manifests.
fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let mut files = place.read();
    files.retain(|name, _| !name.contains("manifest"));
    files
}

fn seeds(place: &Place) -> Vec<String> {
    let folder = place.state().join("seeds");
    if folder.is_dir() { names_in(&folder) } else { Vec::new() }
}

#[test]
fn what_arrives_decrypts_to_what_would_have_arrived_in_clear() {
    let gpg = Gpg::new();
    let options = ["--rows-per-file", "900", "--compression", "gzip", "--verify", "full"];
    for key_kind in [KeyKind::Rsa3072, KeyKind::Curve25519, KeyKind::NistP256] {
        let fingerprint = gpg.key(key_kind);
        for kind in [Kind::Moto, Kind::Sshd] {
            let clear = Place::new(kind);
            let originals = (export(&clear, &options), files(&clear));
            let place = Place::new(kind);
            let key = key_file(&gpg, &fingerprint, place.temp.path());
            let summary = export(&place, &[&options[..], &["--encrypt-to", text(&key)]].concat());
            assert_ne!(summary["runId"], originals.0["runId"], "the key is a part of the plan");
            let sent = files(&place);
            let names = delivered_names(&summary);
            assert!(names.len() > 2, "{names:?}");
            for name in &names {
                let original = name.strip_suffix(".gpg").unwrap();
                assert!(gpg.decrypt(&sent[name]).unwrap() == originals.1[original], "{kind:?}: {name}");
            }
            // The one-shot `verify` reads what was delivered, and needs no key for it.
            let manifest = summary["manifest"].as_str().unwrap();
            outflow(&["verify", manifest], &place.environment).expect_status(0);
            assert!(seeds(&place).is_empty(), "what opens the files is gone with the run");
        }
    }
}

#[test]
fn two_runs_encrypt_differently() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key(KeyKind::Curve25519);
    let sent: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let place = Place::new(Kind::Folder);
            let key = key_file(&gpg, &fingerprint, place.temp.path());
            export(&place, &["--encrypt-to", text(&key), "--name", "out"]);
            files(&place).remove("out.csv.gpg").unwrap()
        })
        .collect();
    assert!(sent[0] != sent[1]);
    assert!(gpg.decrypt(&sent[0]).unwrap() == gpg.decrypt(&sent[1]).unwrap());
}

/// A run of three files under names that must be new, to a folder.
fn dated(place: &Place, options: &[&str]) -> Ran {
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId,personalEmail.address",
        "--rows-per-file",
        "8000",
        "--name",
        "out_%TIMESTAMP%",
        "--now",
        "2026-01-02T03:04:05Z",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&[&args, options].concat(), &place.environment)
}

#[test]
fn a_run_that_failed_between_two_files_is_taken_up_with_the_bytes_it_began_with() {
    let clear = Place::new(Kind::Folder);
    dated(&clear, &[]).expect(0);
    let originals = files(&clear);
    let gpg = Gpg::new();
    let place = Place::new(Kind::Folder);
    let key = key_file(&gpg, &gpg.key(KeyKind::Curve25519), place.temp.path());
    let target = place.temp.path().join("target");
    // Somebody else's file stands where the second one goes.
    let taken = target.join("out_1767323045_2.csv.gpg");
    std::fs::write(&taken, "another's").unwrap();
    let refused = dated(&place, &["--encrypt-to", text(&key)]).expect(5);
    assert_eq!(refused["error"]["class"], "refused", "{refused}");
    std::fs::remove_file(&taken).unwrap();
    let first = files(&place);
    assert_eq!(first.keys().collect::<Vec<_>>(), ["out_1767323045.csv.gpg"]);
    assert_eq!(seeds(&place).len(), 1, "what the bytes follow from is kept for the next attempt");
    let seed = place.state().join("seeds").join(&seeds(&place)[0]);
    assert_eq!(std::fs::metadata(&seed).unwrap().permissions().mode() & 0o777, 0o600);

    dated(&place, &["--encrypt-to", text(&key)]).expect(0);
    let whole = files(&place);
    assert!(whole["out_1767323045.csv.gpg"] == first["out_1767323045.csv.gpg"]);
    assert_eq!(whole.len(), 3);
    for (name, sent) in &whole {
        assert!(gpg.decrypt(sent).unwrap() == originals[name.strip_suffix(".gpg").unwrap()], "{name}");
    }
    assert!(seeds(&place).is_empty());
}

#[test]
fn a_key_that_cannot_be_used_stops_the_run_before_anything_is_written() {
    let gpg = Gpg::new();
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("key.asc");
    let good = gpg.key(KeyKind::Curve25519);
    for (content, reason) in [
        (gpg.private(&good), "is a private key"),
        (gpg.public(&gpg.key(KeyKind::SignOnly)), "can only sign"),
        ("no key".to_owned(), "is no OpenPGP public key"),
    ] {
        std::fs::write(&file, &content).unwrap();
        let state = place.state();
        let profiles = lake(20_000, 3, 2);
        let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", &place.url];
        let args = [&args[..], &["--encrypt-to", text(&file), "--state-dir", text(&state), "--json"]].concat();
        let ran = outflow(&args, &place.environment);
        let told = ran.expect(2);
        assert!(told["error"]["message"].as_str().unwrap().contains(reason), "{told}");
        for line in content.lines().filter(|line| line.len() > 20) {
            assert!(!ran.stdout.contains(line) && !ran.stderr.contains(line), "{}", ran.stderr);
        }
        assert!(place.read().is_empty());
    }
}

/// A server with a segment, and a flow to a place whose account has a key.
fn served(gpg: &Gpg, fingerprint: &str, kind: Kind) -> (Server, Place) {
    let mut server = Server::with(&[], &variables(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]));
    let dataset = server.attach("customers", &lake(20_000, 3, 2));
    assert_eq!(dataset["refresh"]["state"], "success", "{dataset}");
    server.ask(&["segments", "create", "us", "--rule", r#"homeAddress.country = "US""#]);
    server.ask(&["segments", "evaluate", "us"]);
    let place = Place::new(kind);
    let access = access(&place);
    server.create_account("acme", &access).expect(0);
    let key = key_file(gpg, fingerprint, place.temp.path());
    let changed = server.run(&["accounts", "update", "acme", "--encrypt-to", text(&key)]);
    changed.expect_status(0);
    assert!(changed.stdout.contains(fingerprint), "{}", changed.stdout);
    server.create_destination("daily", "acme", &access);
    server.ask(&[
        "flows",
        "activate",
        "daily",
        "--segment",
        "us",
        "--frequency",
        "daily",
        "--start-time",
        "06:00",
        "--map",
        "profileId,personalEmail.address:email",
    ]);
    (server, place)
}

/// The content of the files that a run of the flow delivered, decrypted.
fn run_flow(server: &Server, place: &Place, gpg: &Gpg) -> Vec<u8> {
    let ran = server.ask(&["flows", "run", "daily", "--watch"]);
    let run = &ran["items"][0];
    assert_eq!(run["state"], "success", "{run}");
    let name = run["files"][0]["name"].as_str().unwrap();
    assert!(name.ends_with(".csv.gpg"), "{name}");
    let sent = files(place).remove(name).unwrap();
    assert_eq!(run["files"][0]["bytes"].as_u64(), Some(sent.len() as u64));
    let manifest = run["manifest"].as_str().unwrap();
    outflow(&["verify", manifest], &place.environment).expect_status(0);
    let verified = server.ask(&["runs", "verify", run["id"].as_str().unwrap()]);
    assert_eq!(verified["verification"]["state"], "success", "{verified}");
    gpg.decrypt(&sent).unwrap()
}

#[test]
fn a_server_encrypts_the_files_of_an_account_with_a_key() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key_with(KeyKind::Rsa3072, "20400102T030405", &[]);
    for kind in [Kind::Moto, Kind::Sshd] {
        let (server, place) = served(&gpg, &fingerprint, kind);
        let account = server.ask(&["accounts", "show", "acme"]);
        let key = &account["encryption"]["key"];
        assert_eq!(key["fingerprint"], fingerprint.as_str(), "{account}");
        assert_eq!(key["userId"], "Acme Rsa3072 <files@acme.example>");
        assert_eq!(key["expiresAt"], "2040-01-02T03:04:05Z");
        let shown = server.run(&["accounts", "show", "acme"]);
        assert!(shown.stdout.contains(&fingerprint) && shown.stdout.contains("2040-01-02"), "{}", shown.stdout);
        let sealed = run_flow(&server, &place, &gpg);
        // The same in clear.
        server.ask(&["accounts", "update", "acme", "--no-encryption"]);
        let ran = server.ask(&["flows", "run", "daily", "--watch"]);
        let name = ran["items"][0]["files"][0]["name"].as_str().unwrap();
        assert!(name.ends_with(".csv"), "{name}");
        assert!(files(&place)[name] == sealed, "{kind:?}");
    }
}

#[test]
fn a_server_refuses_keys_by_field_and_keeps_the_account() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key(KeyKind::Curve25519);
    let (server, place) = served(&gpg, &fingerprint, Kind::Folder);
    let old = gpg.key_with(KeyKind::Curve25519, "20240101T000000", &["--faked-system-time", "20230101T000000!"]);
    let revoked = gpg.key(KeyKind::Curve25519);
    gpg.revoke(&revoked);
    let before = server.ask(&["accounts", "show", "acme"]);
    for (key, reason) in [
        (gpg.public(&old), "expired on 2024-01-01"),
        (gpg.public(&revoked), "was revoked"),
        (gpg.private(&fingerprint), "is a private key"),
    ] {
        // Past the command's own look at it.
        let body = serde_json::json!([{"op": "add", "path": "/encryption", "value": {"params": {"publicKey": key}}}]);
        let (status, answer) = patch(&server, before["id"].as_str().unwrap(), &body);
        assert_eq!(status, 400, "{answer}");
        assert_eq!(answer["problems"][0]["field"], "/encryption/params/publicKey", "{answer}");
        assert!(answer["problems"][0]["message"].as_str().unwrap().contains(reason), "{answer}");
        let secret = key.lines().find(|line| line.len() > 40).unwrap();
        assert!(!answer.to_string().contains(secret) && !server.log().contains(secret));
        let file = place.temp.path().join("refused.asc");
        std::fs::write(&file, &key).unwrap();
        let refused = server.run(&["accounts", "update", "acme", "--encrypt-to", text(&file)]);
        assert!(refused.expect_status(2).stderr.contains(reason), "{}", refused.stderr);
    }
    assert_eq!(server.ask(&["accounts", "show", "acme"]), before);
    assert!(!run_flow(&server, &place, &gpg).is_empty());
}

/// A change that the commands would not send: status and answer.
fn patch(server: &Server, account: &str, body: &Value) -> (u64, Value) {
    const PATCH: &str = r#"
import json, sys, urllib.request
url, token, body = sys.argv[1:]
request = urllib.request.Request(url, data=body.encode(), method="PATCH", headers={
    "Authorization": "Bearer " + token, "x-api-key": "test", "x-gw-ims-org-id": "outflow", "x-sandbox-name": "prod",
    "Content-Type": "application/json", "If-Match": "*"})
try:
    with urllib.request.urlopen(request) as answer:
        print(json.dumps({"status": answer.status, "answer": json.load(answer)}))
except urllib.error.HTTPError as error:
    print(json.dumps({"status": error.code, "answer": json.load(error)}))
"#;
    let url = format!("{}/data/foundation/flowservice/connections/{account}", server.url());
    let printed = outflow_testkit::python::run_python(PATCH, &[&url, server.token(), &body.to_string()]);
    let answer: Value = serde_json::from_str(&printed).unwrap();
    (answer["status"].as_u64().unwrap(), answer["answer"].clone())
}
