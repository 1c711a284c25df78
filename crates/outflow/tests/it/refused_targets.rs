//! A target that refuses, is full, is somebody else or is not there: the class of the fault, what was tried and what to
//! do; nothing half-done; and no secret.

use std::io::Write as _;

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::servers::{AccessKey, moto, rclone, sshd};
use serde_json::Value;

use crate::large::begin_with;
use crate::place::{Kind, Place, s3_environment, sftp_environment, sftp_url};
use crate::run::{Ran, Variables, outflow};
use crate::samples::{lake, names_in, text};

/// Exports all of 20,000 profiles, expects a failure of that class, and answers what was told.
fn fails(to: &str, environment: &Variables, class: &str, status: i32) -> String {
    let temp = outflow_testkit::temp_dir();
    let (profiles, state) = (lake(20_000, 3, 2), temp.path().join("state"));
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId,personalEmail.address",
        "--to",
        to,
        "--name",
        "refused",
        "--state-dir",
        text(&state),
        "--json",
    ];
    let ran = outflow(&args, environment);
    assert_told(&ran, environment, class, status);
    ran.stderr
}

fn assert_told(ran: &Ran, environment: &Variables, class: &str, status: i32) {
    let summary = ran.expect(status);
    assert_eq!((&summary["status"], &summary["manifest"]), (&"failed".into(), &Value::Null));
    assert_eq!(summary["error"]["class"], class);
    for member in ["message", "tried", "hint"] {
        let told = summary["error"][member].as_str().unwrap();
        assert!(!told.is_empty(), "no {member} in {summary}");
        assert!(ran.stderr.contains(told.lines().next().unwrap()), "{member} is not on stderr: {}", ran.stderr);
    }
    for (name, value) in environment {
        let is_secret = name.contains("SECRET") || name.contains("PASS");
        assert!(!is_secret || !(ran.stdout.contains(value) || ran.stderr.contains(value)), "{name} shows: {ran:?}");
    }
}

fn with_key(key: &AccessKey) -> Variables {
    s3_environment(&moto().endpoint, &key.access_key_id, &key.secret_access_key)
}

#[test]
fn a_bucket_that_is_not_there_is_a_setting_to_correct() {
    let server = rclone();
    let environment = s3_environment(&server.endpoint, &server.access_key_id, &server.secret_access_key);
    let told = fails("s3://no-such-bucket/x", &environment, "config", 3);
    assert!(told.contains("no-such-bucket"), "{told}");
}

#[test]
fn keys_that_are_wrong_or_unknown_are_credentials() {
    let (server, bucket) = (moto(), format!("s3://{}/e2e-keys", moto().buckets[0]));
    let wrong = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz";
    let id = &server.writer.access_key_id;
    fails(&bucket, &s3_environment(&server.endpoint, id, wrong), "credentials", 4);
    let unknown = s3_environment(&server.endpoint, "AKIAZZZZZZZZZZZZZZZZ", &server.writer.secret_access_key);
    fails(&bucket, &unknown, "credentials", 4);
    let server = rclone();
    let environment = s3_environment(&server.endpoint, &server.access_key_id, wrong);
    fails(&format!("s3://{}/e2e-keys", server.bucket), &environment, "credentials", 4);
}

#[test]
fn a_denied_action_is_told_by_name() {
    let server = moto();
    let told = fails(&format!("s3://{}/e2e-denied", server.buckets[0]), &with_key(&server.noput), "refused", 5);
    assert!(told.contains("s3:PutObject"), "{told}");
    fails(&format!("s3://{}/e2e-denied", server.buckets[1]), &with_key(&server.writer), "refused", 5);
    fails(&format!("s3://{}/e2e-denied", server.buckets[0]), &with_key(&server.noperms), "refused", 5);
}

#[test]
fn the_rights_to_put_get_delete_and_abort_are_enough() {
    let mut place = Place::new(Kind::Moto);
    place.environment = with_key(&moto().minimal);
    let summary = crate::round_trip::export(&place, &["--verify", "full"]);
    outflow(&["verify", summary["manifest"].as_str().unwrap()], &place.environment).expect_status(0);
}

#[test]
fn a_wrong_password_is_credentials() {
    let server = sshd();
    let environment = sftp_environment("not the password", &server.host_key);
    fails(&sftp_url(&server.user, server.port, "/upload"), &environment, "credentials", 4);
    let environment = sftp_environment(&server.password, &server.host_key);
    fails(&sftp_url("nobody-known", server.port, "/upload"), &environment, "credentials", 4);
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    for to in ["sftp://u:hunter2@127.0.0.1/p", "sftp://u:hun/ter2@127.0.0.1/p", "s3://AKIA:hunter2@exports/x"] {
        let temp = outflow_testkit::temp_dir();
        let (profiles, state) = (lake(20_000, 3, 2), temp.path().join("state"));
        let export = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", to, "--json"];
        for args in [
            &[&export[..], &["--state-dir", text(&state)]].concat()[..],
            &["probe", to, "--json"],
            &["verify", to, "--json"],
        ] {
            let ran = outflow(args, &Vec::new());
            assert_eq!(ran.expect(2)["error"]["class"], "input", "{args:?}");
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("ter2"), "{ran:?}");
        }
    }
}

#[test]
fn a_password_in_a_sources_url_is_not_repeated() {
    for from in ["https://u:hunter2@h/x.csv", "sftp://u:hunter2@h/x.csv", "s3://AKIA:hunter2@b/x.csv"] {
        for args in
            [&["profiles", "show", from, "--json"][..], &["rules", "check", "a = 1", "--profiles", from, "--json"]]
        {
            let ran = outflow(args, &Vec::new());
            assert_eq!(ran.expect(2)["error"]["class"], "input", "{args:?}");
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hunter2"), "{ran:?}");
        }
    }
}

#[test]
fn an_unknown_host_key_is_shown_for_approval_and_a_changed_one_refused() {
    let server = sshd();
    let mut environment = sftp_environment(&server.password, "");
    let url = sftp_url(&server.user, server.port, "/upload");
    let told = fails(&url, &environment, "credentials", 4);
    let shown = told.split_whitespace().any(|word| word.starts_with("SHA256:"));
    assert!(shown && told.contains(&server.host_key), "{told}");
    // What this command can be given, not what the connector calls it.
    assert!(told.contains("OUTFLOW_SFTP_HOST_KEY") && told.contains("--known-hosts"), "{told}");
    assert!(!told.contains("hostKey") && !told.contains("knownHosts"), "{told}");
    // Another machine answers under this name.
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUm2qVqaYWGJ8wWXnG0mOwLhQ2eRbSCxJ6yD2fF9bzM";
    environment = sftp_environment(&server.password, other);
    let told = fails(&url, &environment, "credentials", 4);
    assert!(told.contains("SHA256:"), "{told}");
}

#[test]
fn an_approved_host_key_and_a_private_key_are_taken() {
    let server = sshd();
    for (key, passphrase) in [
        (&server.key_ed25519, None),
        (&server.key_rsa, None),
        (&server.key_ecdsa, None),
        (&server.key_encrypted, Some(&server.passphrase)),
    ] {
        let mut place = Place::new(Kind::Sshd);
        place.environment.retain(|(name, _)| name != "OUTFLOW_SFTP_PASSWORD");
        place.environment.push(("OUTFLOW_SFTP_KEY_FILE".into(), text(key).into()));
        if let Some(passphrase) = passphrase {
            place.environment.push(("OUTFLOW_SFTP_KEY_PASSPHRASE".into(), passphrase.clone()));
        }
        outflow(&["probe", &place.url], &place.environment).expect_status(0);
    }
    let mut environment = sftp_environment(&server.password, &server.host_key);
    environment.retain(|(name, _)| name != "OUTFLOW_SFTP_PASSWORD");
    environment.push(("OUTFLOW_SFTP_KEY_FILE".into(), text(&server.key_unknown).into()));
    fails(&sftp_url(&server.user, server.port, "/upload"), &environment, "credentials", 4);
}

#[test]
fn a_target_is_tried_before_much_text_is_read() {
    let temp = outflow_testkit::temp_dir();
    let (file, state) = (temp.path().join("a.csv"), temp.path().join("state"));
    let args = ["export", "--profiles", text(&file), "--fields", "id", "--to", "file:///nonexistent/x/y", "--json"];
    for (records, class, status) in [(10, "input", 2), (10_000_000, "config", 3)] {
        let mut content = format!("id\n{}", "1234567\n".repeat(records)).into_bytes();
        content.extend(b"\xff\n");
        std::fs::write(&file, content).unwrap();
        let ran = outflow(&[&args[..], &["--state-dir", text(&state)]].concat(), &Vec::new());
        assert_eq!(ran.expect(status)["error"]["class"], class, "{records} records");
    }
}

#[test]
fn folders_that_are_missing_or_locked_are_told() {
    let server = sshd();
    let environment = sftp_environment(&server.password, &server.host_key);
    fails(&sftp_url(&server.user, server.port, "/upload/no/such/folder"), &environment, "config", 3);
    fails(&sftp_url(&server.user, server.port, &server.locked_dir), &environment, "refused", 5);
    fails("file:///no/such/folder", &Vec::new(), "config", 3);
}

#[test]
fn a_server_that_takes_no_files_is_told() {
    let server = sshd();
    let environment = sftp_environment(&server.password, &server.host_key);
    fails(&sftp_url(&server.read_only_user, server.port, "/upload"), &environment, "refused", 5);
    let told = large_fails(&server.quota_user, &environment);
    assert!(told.contains("full") || told.contains("space"), "{told}");
}

/// More than the quota holds.
fn large_fails(user: &str, environment: &Variables) -> String {
    let mut place = Place::new(Kind::Folder);
    place.url = sftp_url(user, sshd().port, "/upload");
    place.environment = environment.clone();
    assert!(crate::large::reference().len() as u64 * 9_000_000 > sshd().quota_bytes, "the quota is too large");
    let ran = crate::large::run(&place);
    assert_told(&ran, environment, "refused", 5);
    ran.stderr
}

#[test]
fn what_is_not_there_is_unavailable_and_what_speaks_otherwise_a_setting() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (server, s3) = (sshd(), moto());
    let sftp = sftp_environment(&server.password, &server.host_key);
    let keys = |endpoint: &str| s3_environment(endpoint, &s3.writer.access_key_id, &s3.writer.secret_access_key);
    let bucket = format!("s3://{}/e2e-gone", s3.buckets[0]);
    fails(&sftp_url(&server.user, free, "/upload"), &sftp, "unavailable", 6);
    fails(&bucket, &keys(&format!("http://127.0.0.1:{free}")), "unavailable", 6);
    fails(&bucket, &keys("http://no-such-host.invalid:80"), "unavailable", 6);
    let s3_port: u16 = s3.endpoint.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap();
    fails(&sftp_url(&server.user, s3_port, "/upload"), &sftp, "config", 3);
    fails(&bucket, &keys(&format!("http://127.0.0.1:{}", server.port)), "config", 3);
}

#[test]
fn profiles_that_change_while_they_are_read_are_told_and_nothing_is_visible() {
    let server = sshd();
    let proxy = FaultProxy::open(&format!("127.0.0.1:{}", server.port));
    proxy.set(&Faults { up_bps: Some(4_000_000), ..Faults::default() });
    let place = Place::through(Kind::Sshd, Some(proxy.port()));
    let copy = place.temp.path().join("lake");
    std::fs::create_dir(&copy).unwrap();
    let source = lake(150_000, 5, 3);
    let names = names_in(&source);
    for name in &names {
        std::fs::copy(source.join(name), copy.join(name)).unwrap();
    }
    let mut child = begin_with(&place, &copy, &["--threads", "1", "--memory", "64MiB"]);
    while proxy.state().up < 500_000 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let last = names.last().unwrap();
    std::fs::File::options().append(true).open(copy.join(last)).unwrap().write_all(b"x").unwrap();
    proxy.heal();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_told(&ran, &place.environment, "input", 2);
    assert!(ran.stderr.contains(last.as_str()), "{}", ran.stderr);
    assert!(place.names().is_empty(), "{:?}", place.names());
}
