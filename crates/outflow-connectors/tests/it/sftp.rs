//! SFTP against OpenSSH: what works.

use std::path::Path;
use std::process::Command;

use async_trait::async_trait;
use base64::Engine as _;
use outflow_connector_kit::conformance::{TestBed, conformance};
use outflow_connector_kit::{Connector, NameRule, StepOutcome};
use serde_json::{Value, json};

use crate::sftp_bed::{Folder, Sshd, open, probe, with};
use crate::support::{connector, content, files, put, read, steps, temporary_files};

struct Bed {
    connector: Box<dyn Connector>,
    sshd: Sshd,
    folder: Folder,
}

#[async_trait]
impl TestBed for Bed {
    fn connector(&self) -> &dyn Connector {
        &*self.connector
    }

    fn clock(&self) -> outflow_connector_kit::Clock {
        crate::support::clock()
    }

    fn account(&self) -> Value {
        self.sshd.account(&self.sshd.user)
    }

    fn target(&self) -> Value {
        self.folder.target()
    }

    fn broken_account(&self) -> Option<Value> {
        Some(with(self.account(), json!({"password": "wrong"})))
    }

    async fn leftovers(&self) -> Vec<String> {
        temporary_files(self.folder.local())
    }
}

#[tokio::test]
async fn it_conforms() {
    let sshd = Sshd::find();
    let folder = sshd.folder();
    conformance(&Bed { connector: connector("sftp"), sshd, folder }).await;
}

#[tokio::test]
async fn a_probe_tries_every_step_and_leaves_nothing() {
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let report = probe(&sshd.account(&sshd.user), &folder.target()).await;
    let names = [
        "Check the settings",
        "Reach the server",
        "Check the host key",
        "Sign in",
        "Open SFTP",
        "Find the folder",
        "Write a test file",
        "Rename it",
        "Read it back",
        "Remove it",
        "Free space",
    ];
    assert_eq!(steps(&report), names.map(|name| format!("{name}: passed")));
    let found = |step: &str| match &report.steps.iter().find(|s| s.name == step).unwrap().outcome {
        StepOutcome::Passed { found } => found.clone(),
        other => panic!("{other:?}"),
    };
    assert!(found("Reach the server").starts_with("OpenSSH_"), "{}", found("Reach the server"));
    assert!(found("Open SFTP").contains("posix-rename@openssh.com"), "{}", found("Open SFTP"));
    assert!(found("Free space").ends_with(" MiB"));
    assert_eq!(files(folder.local()), [""; 0]);
}

fn keygen(arguments: &[&str], file: &Path) {
    let done = Command::new("ssh-keygen").args(arguments).arg("-f").arg(file).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Signs in with the key text and writes a file.
async fn works(account: Value, what: &str) {
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let opened = crate::sftp_bed::open_with(&account, &folder.target(), crate::support::context(3)).await;
    let session = opened.unwrap_or_else(|fault| panic!("{what}: {fault:?}"));
    put(&*session, "a.csv", NameRule::MustBeNew, &content(10)).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn every_kind_and_form_of_key_signs_in() {
    let sshd = Sshd::find();
    let scratch = tempfile::tempdir().unwrap();
    for (kind, file) in [("ed25519", &sshd.key_ed25519), ("rsa", &sshd.key_rsa), ("ecdsa", &sshd.key_ecdsa)] {
        let text = std::fs::read_to_string(file).unwrap();
        works(sshd.key_account(&text), &format!("{kind} OpenSSH")).await;
        let base64 = base64::engine::general_purpose::STANDARD.encode(&text);
        works(sshd.key_account(&base64), &format!("{kind} Base64")).await;
        works(sshd.key_account(&text.replace('\n', "\\n")), &format!("{kind} with \\n")).await;
        works(sshd.key_account(&text.replace('\n', "\r\n   ")), &format!("{kind} indented")).await;
        // Ed25519 has no PEM form in ssh-keygen. For the others: PKCS#1 or SEC1, and PKCS#8.
        for form in ["PEM", "PKCS8"].iter().filter(|_| kind != "ed25519") {
            let copy = scratch.path().join(format!("{kind}-{form}"));
            std::fs::copy(file, &copy).unwrap();
            keygen(&["-q", "-p", "-m", form, "-N", "", "-P", ""], &copy);
            let pem = std::fs::read_to_string(&copy).unwrap();
            assert!(!pem.contains("OPENSSH"), "{pem}");
            works(sshd.key_account(&pem), &format!("{kind} {form}")).await;
        }
    }
}

#[tokio::test]
async fn protected_keys_sign_in_with_their_passphrase() {
    let sshd = Sshd::find();
    let text = std::fs::read_to_string(&sshd.key_encrypted).unwrap();
    works(with(sshd.key_account(&text), json!({"passphrase": sshd.passphrase})), "OpenSSH").await;
    // A passphrase beside an open key does not matter.
    let open = std::fs::read_to_string(&sshd.key_ed25519).unwrap();
    works(with(sshd.key_account(&open), json!({"passphrase": "unused"})), "open key").await;
    let scratch = tempfile::tempdir().unwrap();
    for (kind, file, form) in
        [("rsa", &sshd.key_rsa, "PEM"), ("rsa", &sshd.key_rsa, "PKCS8"), ("ecdsa", &sshd.key_ecdsa, "PKCS8")]
    {
        let copy = scratch.path().join(format!("{kind}-{form}"));
        std::fs::copy(file, &copy).unwrap();
        keygen(&["-q", "-p", "-m", form, "-N", "correct horse", "-P", ""], &copy);
        let pem = std::fs::read_to_string(&copy).unwrap();
        assert!(pem.contains("ENCRYPTED"), "{pem}");
        works(with(sshd.key_account(&pem), json!({"passphrase": "correct horse"})), &format!("{kind} {form}")).await;
    }
}

#[tokio::test]
async fn the_pinned_key_is_the_one_that_is_presented() {
    let sshd = Sshd::find();
    let account = sshd.account(&sshd.user);
    works(with(account.clone(), json!({"hostKey": sshd.second_host_key})), "the server's other key").await;
    works(with(account.clone(), json!({"hostKey": format!("{}\n{}", sshd.second_host_key, sshd.host_key)})), "both")
        .await;
    let known = format!("[{}]:{} {}\n", sshd.host, sshd.port, sshd.second_host_key);
    works(with(account.clone(), json!({"hostKey": null, "knownHosts": known})), "known_hosts").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), known).unwrap();
    keygen(&["-q", "-H"], file.path());
    let hashed = std::fs::read_to_string(file.path()).unwrap();
    assert!(hashed.starts_with("|1|"), "{hashed}");
    works(with(account, json!({"hostKey": null, "knownHosts": hashed})), "hashed known_hosts").await;
}

#[tokio::test]
async fn a_password_is_used_when_the_key_is_refused() {
    let sshd = Sshd::find();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("stranger");
    keygen(&["-q", "-t", "ed25519", "-N", ""], &file);
    let stranger = std::fs::read_to_string(&file).unwrap();
    works(with(sshd.account(&sshd.user), json!({"sshKey": stranger})), "key refused, password right").await;
}

#[tokio::test]
async fn a_file_larger_than_every_window_arrives_whole_in_small_buffers() {
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let mut context = crate::support::context(4);
    context.buffer_bytes_max = 256 << 10;
    let session = crate::sftp_bed::open_with(&sshd.account(&sshd.user), &folder.target(), context).await.unwrap();
    let sent = content(10_000_001);
    put(&*session, "large.csv", NameRule::MustBeNew, &sent).await.unwrap();
    assert!(std::fs::read(folder.local().join("large.csv")).unwrap() == sent);
    assert!(read(&*session, "large.csv").await == sent);
    session.close().await.unwrap();
}

#[tokio::test]
async fn urls_and_paths_have_the_form_of_the_target() {
    let sshd = Sshd::find();
    let folder = sshd.folder();
    let session = open(&sshd.account(&sshd.user), &folder.target()).await;
    let receipt = put(&*session, "Spring Sale.csv", NameRule::MustBeNew, &content(3)).await.unwrap();
    assert_eq!(
        receipt.url,
        format!("sftp://{}@{}:{}{}/Spring Sale.csv", sshd.user, sshd.host, sshd.port, folder.remote)
    );
    assert_eq!(session.sink_path("Spring Sale.csv"), format!("{}/Spring Sale.csv", folder.remote));
    session.close().await.unwrap();
}
