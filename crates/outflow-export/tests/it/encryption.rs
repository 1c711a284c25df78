//! Encrypted files, read by GnuPG; and keys that are taken or not, made by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use outflow_export::openpgp::{Encryption, KEY_BYTES_MAX, PublicKey, Seed};
use outflow_export::{Compression, ExportOutcome, ExportPlan, Progress, Resources, Run, VerifyLevel, run};
use outflow_model::template::PartNames;
use outflow_profiles::scan::{Profiles, RowSelection};
use outflow_testkit::gpg::{Gpg, Kind};

use crate::members::{SEGMENT, evaluated, person, plan};
use crate::memory::Memory;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A time at which every key that a test makes without a date is good.
fn now() -> DateTime<Utc> {
    time("2025-06-01T00:00:00Z")
}

fn read(given: impl AsRef<[u8]>) -> Result<PublicKey, String> {
    PublicKey::read(given.as_ref(), now()).map_err(|problem| problem.advice())
}

#[test]
fn a_key_is_read_in_every_form_and_told_by_what_it_is() {
    let gpg = Gpg::new();
    for (kind, algorithm) in [
        (Kind::Rsa3072, "RSA 3072"),
        (Kind::Curve25519, "ECDH Curve25519"),
        (Kind::NistP256, "ECDH NIST P-256"),
        (Kind::NistP384, "ECDH NIST P-384"),
    ] {
        let fingerprint = gpg.key_with(kind, "20300203T040506", &[]);
        let (armor, packets) = (gpg.public(&fingerprint), gpg.public_binary(&fingerprint));
        let wrapped = BASE64_STANDARD.encode(&armor).as_bytes().chunks(60).map(<[u8]>::to_vec).collect::<Vec<_>>();
        for given in [
            armor.clone().into_bytes(),
            armor.replace('\n', "\r\n").into_bytes(),
            format!("\n  {armor}\n\n").into_bytes(),
            BASE64_STANDARD.encode(&armor).into_bytes(),
            wrapped.join(&b"\n"[..]),
            BASE64_STANDARD.encode(&packets).into_bytes(),
            packets,
        ] {
            let summary = read(given).unwrap().summary().clone();
            assert_eq!(summary.recipient.fingerprint, fingerprint);
            assert_eq!(summary.recipient.encryption_fingerprint, gpg.subkeys(&fingerprint)[0]);
            assert_eq!(summary.algorithm, algorithm);
            assert_eq!(summary.user_id.as_deref(), Some(format!("Acme {kind:?} <files@acme.example>").as_str()));
            assert_eq!(summary.expires_at, Some(time("2030-02-03T04:05:06Z")));
        }
    }
    let lasting = gpg.key(Kind::Curve25519);
    assert_eq!(read(gpg.public(&lasting)).unwrap().summary().expires_at, None);
}

#[test]
fn a_key_that_nothing_may_be_encrypted_to_is_refused_with_the_reason() {
    let gpg = Gpg::new();
    let public = |fingerprint: String| gpg.public(&fingerprint).into_bytes();
    let revoked = gpg.key(Kind::Curve25519);
    gpg.revoke(&revoked);
    let good = gpg.key(Kind::Curve25519);
    let other = gpg.key(Kind::NistP256);
    let old = gpg.key_with(Kind::Curve25519, "20240101T000000", &["--faked-system-time", "20230101T000000!"]);
    let armor = gpg.public(&good);
    let private = gpg.private(&good);
    let private_packets = gpg.run(&["--export-secret-keys", &good], b"").stdout;
    // A subkey's private half behind a public key that is whole.
    let hidden =
        [gpg.public_binary(&good), packets(&private_packets).into_iter().find(|(tag, _)| *tag == 7).unwrap().1]
            .concat();
    for (given, reason) in [
        (public(revoked), "was revoked"),
        (public(old), "expired on 2024-01-01"),
        (public(gpg.key(Kind::SignOnly)), "can only sign"),
        (public(gpg.key(Kind::Brainpool)), "encrypts with ECDH brainpoolP256r1, which is not supported"),
        (public(gpg.key(Kind::Rsa1024)), "encrypts with RSA 1024, which is not supported"),
        (private.clone().into_bytes(), "is a private key"),
        (BASE64_STANDARD.encode(&private).into_bytes(), "is a private key"),
        (BASE64_STANDARD.encode(&private_packets).into_bytes(), "is a private key"),
        (private_packets.clone(), "is a private key"),
        (hidden, "is a private key"),
        (format!("{armor}{private}").into_bytes(), "is a private key"),
        ([public(good.clone()), public(other.clone())].concat(), "is more than one key"),
        ([gpg.public_binary(&good), gpg.public_binary(&other)].concat(), "is more than one key"),
        (armor.lines().take(6).collect::<Vec<_>>().join("\n").into_bytes(), "damaged"),
        (gpg.public_binary(&good)[..40].to_vec(), ""),
        (b"-----BEGIN RSA PUBLIC KEY-----\nMIIB\n-----END RSA PUBLIC KEY-----\n".to_vec(), "is no OpenPGP public key"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n".to_vec(), "is a private key"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI".to_vec(), "is no OpenPGP public key"),
        (b"".to_vec(), "is no OpenPGP public key"),
        (vec![0x99; 30], ""),
        (vec![0xff, 0xfe, 0], ""),
        ("ä".repeat(40).into_bytes(), ""),
        (vec![b'a'; KEY_BYTES_MAX + 1], "has more than 128 KiB"),
    ] {
        let told = read(&given).expect_err(reason);
        assert!(told.contains(reason), "{told:?} is not {reason:?}");
        for line in String::from_utf8_lossy(&given).lines().filter(|line| line.len() > 20 && !line.contains("-----")) {
            assert!(!told.contains(line), "{told}");
        }
    }
}

/// The packets of a key with their tags, as GnuPG writes them: with headers of the old form.
fn packets(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some(first) = bytes.first() {
        let (header, length) = match first & 3 {
            0 => (2, usize::from(bytes[1])),
            1 => (3, usize::from(u16::from_be_bytes([bytes[1], bytes[2]]))),
            other => panic!("a length of type {other}"),
        };
        let (packet, rest) = bytes.split_at(header + length);
        found.push(((first >> 2) & 15, packet.to_vec()));
        bytes = rest;
    }
    found
}

const SUBKEY: u8 = 14;

#[test]
fn a_subkey_that_the_owner_did_not_sign_is_never_encrypted_to() {
    let gpg = Gpg::new();
    let (good, foreign) = (gpg.key(Kind::Curve25519), gpg.key(Kind::NistP256));
    let theirs = packets(&gpg.public_binary(&foreign));
    let at = theirs.iter().position(|(tag, _)| *tag == SUBKEY).unwrap();
    let smuggled: Vec<u8> = theirs[at..].iter().flat_map(|(_, packet)| packet.clone()).collect();
    let own = gpg.public_binary(&good);
    let key = read([own.clone(), smuggled.clone()].concat()).unwrap();
    assert_eq!(key.summary().recipient.encryption_fingerprint, gpg.subkeys(&good)[0]);
    // With nothing else to encrypt to, the key is one that only signs.
    let signing = gpg.public_binary(&gpg.key(Kind::SignOnly));
    let told = read([signing, smuggled].concat()).unwrap_err();
    assert!(told.contains("can only sign"), "{told}");
    // A date that somebody else changed: the signature does not fit any more.
    let mut changed = packets(&own);
    let signature = changed.iter_mut().filter(|(tag, _)| *tag == 2).nth(1).unwrap();
    let last = signature.1.len() - 1;
    signature.1[last] ^= 1;
    let told = read(changed.concat_packets()).unwrap_err();
    assert!(told.contains("can only sign"), "{told}");
}

trait Packets {
    fn concat_packets(&self) -> Vec<u8>;
}

impl Packets for Vec<(u8, Vec<u8>)> {
    fn concat_packets(&self) -> Vec<u8> {
        self.iter().flat_map(|(_, packet)| packet.clone()).collect()
    }
}

#[test]
fn of_several_subkeys_the_newest_is_taken_and_an_earlier_plan_keeps_its_own() {
    let gpg = Gpg::new();
    let key = gpg.key_with(Kind::Curve25519, "0", &["--faked-system-time", "20240101T000000!"]);
    let before = read(gpg.public(&key)).unwrap().summary().recipient.clone();
    let add = |at: &str, expires: &str| {
        let at = format!("{at}!");
        gpg.run(&["--faked-system-time", &at, "--quick-add-key", &key, "cv25519", "encr", expires], b"");
    };
    add("20240201T000000", "20250101T000000");
    add("20240301T000000", "20260101T000000");
    let subkeys = gpg.subkeys(&key);
    assert_eq!(subkeys.len(), 3);
    let read_at = |at: &str| PublicKey::read(gpg.public(&key).as_bytes(), time(at)).unwrap();
    let chosen = |at: &str| read_at(at).summary().recipient.encryption_fingerprint.clone();
    assert_eq!(chosen("2025-06-01T00:00:00Z"), subkeys[2]);
    assert_eq!(chosen("2026-06-01T00:00:00Z"), subkeys[0], "the newer ones have expired");
    let kept = read_at("2025-06-01T00:00:00Z").to(&before).unwrap();
    assert_eq!(kept.summary().recipient, before);
    assert!(read(gpg.public(&gpg.key(Kind::Curve25519))).unwrap().to(&before).is_none());
}

/// What one run delivered.
struct Delivered {
    outcome: ExportOutcome,
    files: BTreeMap<String, Vec<u8>>,
}

/// Profiles of a segment, exported again and again.
struct Exports {
    profiles: Profiles,
    rows: RowSelection,
    _folder: tempfile::TempDir,
}

impl Exports {
    fn of(people: u32) -> Exports {
        let folder = tempfile::tempdir().unwrap();
        let lines: Vec<String> = (0..people).map(|n| person(n, Some(&format!("p{n}@x.example")), 20)).collect();
        let evaluation = evaluated(folder.path(), &lines, None, 1);
        let rows = evaluation.full(SEGMENT).unwrap();
        Exports { profiles: evaluation.open().unwrap(), rows, _folder: folder }
    }

    fn plan(&self, compression: Compression, rows_per_file: u64, key: Option<&PublicKey>) -> ExportPlan {
        let mut plan = plan(&self.profiles, &self.rows, &["crm", "mail", "points"]);
        let extension = compression.suffix().strip_prefix('.');
        let outer = outflow_model::encryption::outer_extensions(extension, key.is_some());
        plan.names.parts = PartNames::new("out", "csv", outer.as_deref(), false).unwrap();
        plan.compression = compression;
        plan.rows_per_file = rows_per_file;
        plan.encryption = key.map(|key| key.summary().recipient.clone());
        plan
    }

    fn run(&self, plan: &ExportPlan, encryption: Option<&Encryption>, threads: usize) -> Delivered {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (memory, spill) = (Arc::new(Memory::default()), tempfile::tempdir().unwrap());
        let outcome = run(&Run {
            plan,
            profiles: &self.profiles,
            rule: None,
            rows: Some(Arc::new(self.rows.clone())),
            session: Arc::clone(&memory) as Arc<dyn outflow_connector_kit::Session>,
            runtime: runtime.handle().clone(),
            resources: Resources { threads, memory_bytes: 128 << 20, spill_folder: spill.path().to_path_buf() },
            progress: &Progress::default(),
            encryption,
            verify: VerifyLevel::Full,
            departures: None,
            before_publishing: None,
            clock: &now,
        });
        Delivered { outcome, files: memory.files() }
    }
}

fn key(gpg: &Gpg, kind: Kind) -> PublicKey {
    read(gpg.public(&gpg.key(kind))).unwrap()
}

#[test]
fn gpg_gets_the_bytes_of_the_files_in_clear() {
    let (gpg, exports) = (Gpg::new(), Exports::of(5_000));
    for kind in [Kind::Rsa3072, Kind::Curve25519, Kind::NistP256] {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let clear = exports.run(&exports.plan(compression, 2_000, None), None, 2);
            assert_eq!(clear.outcome.files.len(), 3, "{:?}", clear.outcome.fault);
            let to = key(&gpg, kind);
            let plan = exports.plan(compression, 2_000, Some(&to));
            let sealed = exports.run(&plan, Some(&Encryption::new(to, Seed::new([9; 32]))), 2);
            assert!(sealed.outcome.fault.is_none(), "{:?}", sealed.outcome.fault);
            assert_eq!(sealed.outcome.files.len(), 3);
            for (file, original) in sealed.outcome.files.iter().zip(&clear.outcome.files) {
                assert_eq!(file.name, format!("{}.gpg", original.name));
                assert_eq!(file.rows, original.rows);
                let sent = &sealed.files[&file.name];
                assert_eq!(file.bytes, sent.len() as u64, "the manifest speaks of what is delivered");
                assert!(gpg.decrypt(sent).unwrap() == clear.files[&original.name], "{}", file.name);
            }
            let manifest = sealed.files.keys().find(|name| name.ends_with(".manifest.json")).unwrap();
            assert_eq!(manifest, &format!("{}.manifest.json", sealed.outcome.files[0].name));
            assert!(sealed.files[manifest].starts_with(b"{"), "the manifest is in clear");
        }
    }
}

#[test]
fn a_second_try_makes_the_same_bytes_and_another_run_others() {
    let (gpg, exports) = (Gpg::new(), Exports::of(5_000));
    let armor = gpg.public(&gpg.key(Kind::Rsa3072));
    let to = || read(&armor).unwrap();
    let plan = exports.plan(Compression::Gzip, 1_700, Some(&to()));
    let files = |plan: &ExportPlan, seed: u8, threads: usize| {
        let mut delivered = exports.run(plan, Some(&Encryption::new(to(), Seed::new([seed; 32]))), threads);
        assert!(delivered.outcome.fault.is_none(), "{:?}", delivered.outcome.fault);
        delivered.files.retain(|name, _| name.ends_with(".gpg"));
        assert_eq!(delivered.files.len(), 3);
        delivered.files
    };
    let first = files(&plan, 1, 1);
    assert!(first == files(&plan, 1, 7), "whatever the number of threads");
    let others = files(&plan, 2, 2);
    let mut again = plan.clone();
    again.names.run_id = Some("another".into());
    let again = files(&again, 1, 2);
    for (name, bytes) in &first {
        assert!(others[name] != *bytes && again[name] != *bytes, "{name}");
        assert!(gpg.decrypt(&others[name]).unwrap() == gpg.decrypt(bytes).unwrap());
    }
    // The session keys of two parts have nothing in common either: what follows the header differs from the start.
    let keys: Vec<&[u8]> = first.values().map(|bytes| &bytes[..300]).collect();
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
}

#[test]
fn what_was_cut_or_changed_on_the_way_is_noticed() {
    let (gpg, exports) = (Gpg::new(), Exports::of(20_000));
    let to = key(&gpg, Kind::Curve25519);
    let plan = exports.plan(Compression::None, 1_000_000, Some(&to));
    let delivered = exports.run(&plan, Some(&Encryption::new(to, Seed::new([3; 32]))), 2);
    let whole = &delivered.files["out.csv.gpg"];
    assert!(gpg.decrypt(whole).is_ok());
    for length in [whole.len() - 1, whole.len() - 30, whole.len() / 2, 200] {
        gpg.decrypt(&whole[..length]).unwrap_err();
    }
    for at in [whole.len() - 5, whole.len() / 2] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        gpg.decrypt(&changed).unwrap_err();
    }
    Gpg::new().decrypt(whole).unwrap_err();
}

#[test]
fn a_plan_and_a_key_that_differ_deliver_nothing() {
    let (gpg, exports) = (Gpg::new(), Exports::of(10));
    let encryption = || Encryption::new(key(&gpg, Kind::Curve25519), Seed::new([3; 32]));
    let asked = exports.plan(Compression::None, 100, Some(&key(&gpg, Kind::NistP256)));
    let clear = exports.plan(Compression::None, 100, None);
    for (plan, encryption) in [(&asked, None), (&asked, Some(encryption())), (&clear, Some(encryption()))] {
        let delivered = exports.run(plan, encryption.as_ref(), 1);
        assert_eq!(delivered.outcome.fault.unwrap().class, outflow_model::FaultClass::Internal);
        assert!(delivered.files.is_empty());
    }
}

#[test]
fn the_runs_id_depends_on_who_reads_the_files() {
    let (gpg, exports) = (Gpg::new(), Exports::of(10));
    let (one, other) = (key(&gpg, Kind::Curve25519), key(&gpg, Kind::Curve25519));
    let mut ids: Vec<String> = [None, Some(&one), Some(&other)]
        .into_iter()
        .map(|key| exports.plan(Compression::None, 100, key).run_id().unwrap())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}
