//! SFTP against OpenSSH: every refusal is told apart, with a class, a message and a hint.

use std::process::Command;

use outflow_connector_kit::{FaultClass, Journal as _, JournalEntry, MemoryJournal, NameRule, StepOutcome};
use outflow_model::fault::HostKey;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::sftp_bed::{Sshd, open, open_with, probe, target, with};
use crate::support::{content, context, context_with, failure, put, temporary_files};

/// Probes and opens; both must fail with `class`, the probe at `step` with a message that contains `words`.
async fn refused(account: &Value, path: &str, class: FaultClass, step: &str, words: &[&str]) {
    let report = probe(account, &target(path)).await;
    assert_eq!(report.failure(), Some(class), "{report:#?}");
    let (name, message, hint) = failure(&report);
    assert_eq!(name, step, "{message}");
    for word in words {
        assert!(message.contains(word) || hint.contains(word), "`{word}` is neither in {message:?} nor in {hint:?}");
    }
    assert!(!hint.is_empty(), "{message}");
    for secret in ["password", "sshKey", "passphrase"].map(|field| account[field].as_str().unwrap_or("-secret-")) {
        assert!(!message.contains(secret) && !hint.contains(secret), "a secret shows: {message} {hint}");
    }
    if !matches!(step, "Write a test file" | "Rename it") {
        let fault = open_with(account, &target(path), context(5)).await.map(|_| ()).unwrap_err();
        assert_eq!(fault.class, class, "{fault:?}");
    }
}

#[tokio::test]
async fn wrong_secrets() {
    let sshd = Sshd::find();
    let good = sshd.account(&sshd.user);
    let sign_in = "Sign in";
    let credentials = FaultClass::Credentials;
    let wrong = with(good.clone(), json!({"password": "not the password"}));
    refused(&wrong, "/upload", credentials, sign_in, &["refused user or password", "publickey", "password"]).await;
    let stranger = with(good.clone(), json!({"username": "nobody-knows-me"}));
    refused(&stranger, "/upload", credentials, sign_in, &["refused user or password"]).await;

    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("stranger");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file).status().unwrap();
    assert!(made.success());
    let key = std::fs::read_to_string(&file).unwrap();
    refused(
        &sshd.key_account(&key),
        "/upload",
        credentials,
        sign_in,
        &["refused user or SSH key SHA256:", "publickey"],
    )
    .await;
}

#[tokio::test]
async fn an_account_is_tried_before_it_has_a_folder() {
    let sshd = Sshd::find();
    let good = sshd.account(&sshd.user);
    let report = Sshd::sftp().probe_account(&good, &context(1)).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    let names: Vec<&str> = report.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["Check the settings", "Reach the server", "Check the host key", "Sign in", "Open SFTP"]);

    let another_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx";
    for (changed, step) in [
        (json!({"password": "not the password"}), "Sign in"),
        (json!({"hostKey": another_key}), "Check the host key"),
        (json!({"port": 0}), "Check the settings"),
    ] {
        let report = Sshd::sftp().probe_account(&with(good.clone(), changed), &context(1)).await;
        assert!(report.failure().is_some(), "{report:#?}");
        assert_eq!(failure(&report).0, step, "{report:#?}");
    }
}

#[tokio::test]
async fn unusable_keys() {
    let sshd = Sshd::find();
    let settings = "Check the settings";
    let protected = sshd.key_account(&std::fs::read_to_string(&sshd.key_encrypted).unwrap());
    let words = ["passphrase", "none is given"];
    refused(&protected, "/upload", FaultClass::Credentials, settings, &words).await;
    let wrong = with(protected, json!({"passphrase": "not the passphrase"}));
    refused(&wrong, "/upload", FaultClass::Credentials, settings, &["passphrase", "does not open"]).await;
    for (text, words) in [
        ("rubbish", "not a private key"),
        ("cnViYmlzaA==", "not a private key"),
        (sshd.host_key.as_str(), "public key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "cannot be read"),
    ] {
        refused(&sshd.key_account(text), "/upload", FaultClass::Input, settings, &["sshKey", words]).await;
    }
}

/// What may be at fault, and the key that is to be approved.
async fn asked(account: &Value) -> (Vec<String>, HostKey) {
    let report = probe(account, &target("/upload")).await;
    match report.steps.into_iter().last().unwrap().outcome {
        StepOutcome::Failed { fields, host_key: Some(key), .. } => (fields, key),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn unknown_and_changed_host_keys() {
    let sshd = Sshd::find();
    let step = "Check the host key";
    let unpinned = with(sshd.account(&sshd.user), json!({"hostKey": null}));
    let words = ["not approved yet", sshd.host_key.as_str(), "SHA256:"];
    refused(&unpinned, "/upload", FaultClass::Credentials, step, &words).await;
    let (fields, key) = asked(&unpinned).await;
    assert_eq!(fields, ["hostKey", "knownHosts"]);
    assert_eq!((key.field.as_str(), key.algorithm.as_str()), ("hostKey", "ssh-ed25519"));
    assert!(sshd.host_key.starts_with(&key.line) && key.approved.is_empty(), "{key:?}");
    // What is pasted is enough.
    let approved = with(unpinned.clone(), json!({"hostKey": key.line}));
    assert_eq!(probe(&approved, &target("/upload")).await.failure(), None);
    let others = with(unpinned.clone(), json!({"knownHosts": format!("other.example.com {}", sshd.other_host_key)}));
    let (_, listed) = asked(&others).await;
    assert_eq!(listed.line, format!("[{}]:{} {}", sshd.host, sshd.port, key.line));
    let both = format!("{}\n{}", others["knownHosts"].as_str().unwrap(), listed.line);
    let approved = with(others, json!({"knownHosts": both}));
    assert_eq!(probe(&approved, &target("/upload")).await.failure(), None);

    // A key that the server does not have.
    let public = std::fs::read_to_string(sshd.key_ed25519.with_extension("pub")).unwrap();
    let changed = with(unpinned, json!({"hostKey": public}));
    refused(
        &changed,
        "/upload",
        FaultClass::Credentials,
        step,
        &["has changed", "approved is SHA256:", "presents SHA256:"],
    )
    .await;
    let (_, key) = asked(&changed).await;
    assert_eq!(key.approved.len(), 1, "{key:?}");
    let revoked = format!("[{0}]:{1} {2}\n@revoked * {2}\n", sshd.host, sshd.port, sshd.host_key);
    let revoked = with(changed, json!({"hostKey": null, "knownHosts": revoked}));
    refused(&revoked, "/upload", FaultClass::Credentials, step, &["is revoked"]).await;
}

#[tokio::test]
async fn folders_that_are_missing_or_locked() {
    let sshd = Sshd::find();
    let account = sshd.account(&sshd.user);
    refused(&account, "/upload/no/such", FaultClass::Config, "Find the folder", &["/upload/no/such", "does not exist"])
        .await;
    refused(&account, "/locked", FaultClass::Refused, "Write a test file", &["does not allow it", "right to create"])
        .await;
    let folder = sshd.folder();
    std::fs::write(folder.local().join("file"), "x").unwrap();
    let file = format!("{}/file", folder.remote);
    refused(&account, &file, FaultClass::Config, "Find the folder", &["is not a folder"]).await;
}

#[tokio::test]
async fn a_read_only_server() {
    let sshd = Sshd::find();
    let account = sshd.account(&sshd.read_only_user);
    refused(&account, "/upload", FaultClass::Refused, "Write a test file", &["does not allow it", "read-only"]).await;
}

#[tokio::test]
async fn a_full_disk_says_so_and_leaves_nothing() {
    let sshd = Sshd::find();
    let session = open(&sshd.account(&sshd.quota_user), &target("/upload")).await;
    let fault = put(&*session, "full.csv", NameRule::Replace, &content(64 << 20)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused, "{fault:?}");
    assert!(fault.message.contains("disk is full"), "{fault:?}");
    let listed = session.list("").await.unwrap();
    assert!(!listed.iter().any(|(name, _)| name == "full.csv"), "{listed:?}");
    // With the leftovers gone there is room again.
    put(&*session, "small.csv", NameRule::Replace, &content(4 << 20)).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn something_else_than_an_ssh_server() {
    let sshd = Sshd::find();
    for (answer, words) in [
        (&b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"[..], "HTTP/1.1 400 Bad Request"),
        (b"220 ftp.example.com FTP server ready\r\n", "220 ftp.example.com"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(answer).await;
                let _ = stream.read(&mut [0; 256]).await;
            }
        });
        let account = with(sshd.account(&sshd.user), json!({"port": port}));
        refused(&account, "/upload", FaultClass::Config, "Reach the server", &["not an SSH server", words]).await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached() {
    let sshd = Sshd::find();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let account = with(sshd.account(&sshd.user), json!({"port": port}));
    refused(&account, "/upload", FaultClass::Unavailable, "Reach the server", &["cannot be reached", "firewall"]).await;
    let account = with(sshd.account(&sshd.user), json!({"domain": "no-such-host.invalid"}));
    refused(&account, "/upload", FaultClass::Unavailable, "Reach the server", &["cannot be reached"]).await;
}

/// Root's file in a folder where everybody may write and only owners may remove.
#[tokio::test]
async fn a_leftover_that_may_not_be_removed_is_told_and_keeps_nobody_from_delivering() {
    use std::os::unix::fs::PermissionsExt as _;
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let leftover = "a.csv.0000000a.part";
    std::fs::write(folder.local().join(leftover), "x").unwrap();
    std::fs::set_permissions(folder.local(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    let account = sshd.account(&sshd.user);
    let url = open(&account, &folder.target()).await.url("");
    let orphan = JournalEntry {
        target: url.trim_end_matches('/').to_owned(),
        sink_path: format!("{}/a.csv", folder.remote),
        handle: format!("{}/{leftover}", folder.remote),
    };
    let journal = std::sync::Arc::new(MemoryJournal::with_orphans(vec![orphan.clone()]));
    let session = open_with(&account, &folder.target(), context_with(11, journal.clone())).await.unwrap();
    let report = session.sweep(&["a.csv".to_owned()]).await.unwrap();
    assert_eq!((report.removed, report.advice.len()), (0, 1), "{report:?}");
    assert!(report.advice[0].contains(leftover) && report.advice[0].contains("by hand"), "{report:?}");
    assert_eq!(journal.orphans(&orphan.target).unwrap(), [orphan], "the next sweep tries again");
    put(&*session, "a.csv", NameRule::MustBeNew, &content(9)).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_may_not_be_listed_can_be_swept_through_the_journal() {
    use std::os::unix::fs::PermissionsExt as _;
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let account = sshd.account(&sshd.user);
    let first = open(&account, &folder.target()).await;
    let part = first
        .stage(crate::support::request("a.csv", NameRule::MustBeNew), crate::support::body(&content(9)))
        .await
        .unwrap();
    std::fs::set_permissions(folder.local(), std::fs::Permissions::from_mode(0o333)).unwrap();
    let swept = first.sweep(&["a.csv".to_owned()]).await;
    assert_eq!(swept.unwrap().removed, 1, "MemoryJournal hands out its own entries as orphans");
    drop(part);
    std::fs::set_permissions(folder.local(), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(temporary_files(folder.local()), [""; 0]);
    first.close().await.unwrap();
}
