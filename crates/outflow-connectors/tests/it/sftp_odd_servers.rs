//! SFTP servers that lack something: the delivery goes a safe way round, and the probe says which.

use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{FaultClass, JournalEntry, MemoryJournal, NameRule};
use serde_json::json;

use crate::sftp_bed::{open, open_with, probe, target, with};
use crate::sftp_odd_server::{OddServer, Oddities, lock};
use crate::support::{content, context_with, failure, put, read, steps};

#[tokio::test]
async fn without_rename_files_are_written_again_and_marked_done() {
    let server = OddServer::start(Oddities { cannot_rename: true, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    assert!(steps(&report).contains(&"Rename it: limited".to_owned()), "{report:#?}");
    assert_eq!(server.names(), [""; 0], "the probe leaves something");

    let session = open(&server.account, &target("/in")).await;
    let first = content(1_000_000);
    assert!(!put(&*session, "a.csv", NameRule::MustBeNew, &first).await.unwrap().adopted);
    assert_eq!(server.names(), ["/in/a.csv", "/in/a.csv.done"]);
    assert!(read(&*session, "a.csv").await == first);
    assert!(put(&*session, "a.csv", NameRule::MustBeNew, &first).await.unwrap().adopted);
    let fault = put(&*session, "a.csv", NameRule::MustBeNew, &content(7)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused, "{fault:?}");
    let second = content(500_000);
    put(&*session, "b.csv", NameRule::Replace, &first).await.unwrap();
    put(&*session, "b.csv", NameRule::Replace, &second).await.unwrap();
    assert!(read(&*session, "b.csv").await == second);
    assert_eq!(server.names(), ["/in/a.csv", "/in/a.csv.done", "/in/b.csv", "/in/b.csv.done"]);
}

#[tokio::test]
async fn a_file_without_its_marker_is_swept() {
    let server = OddServer::start(Oddities { cannot_rename: true, ..Oddities::default() }).await;
    for name in ["half.csv", "whole.csv", "whole.csv.done"] {
        lock(&server.files).insert(format!("/in/{name}"), vec![1]);
    }
    let session = open(&server.account, &target("/in")).await;
    let folder = session.url("");
    let entry = |path: &str| JournalEntry {
        target: folder.trim_end_matches('/').to_owned(),
        sink_path: path.into(),
        handle: path.into(),
    };
    let orphans = vec![entry("/in/half.csv"), entry("/in/whole.csv"), entry("/etc/passwd")];
    let journal = Arc::new(MemoryJournal::with_orphans(orphans));
    let session = open_with(&server.account, &target("/in"), context_with(8, journal)).await.unwrap();
    assert_eq!(session.sweep(&[]).await.unwrap().removed, 1);
    assert_eq!(server.names(), ["/in/whole.csv", "/in/whole.csv.done"]);
}

#[tokio::test]
async fn without_extensions_delivery_still_works() {
    let server = OddServer::start(Oddities { read_bytes_max: Some(1_000), ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    for step in ["Write a test file: limited", "Rename it: limited", "Free space: limited"] {
        assert!(steps(&report).contains(&step.to_owned()), "{report:#?}");
    }
    let session = open(&server.account, &target("/in")).await;
    let sent = content(300_000);
    put(&*session, "a.csv", NameRule::Replace, &sent).await.unwrap();
    put(&*session, "a.csv", NameRule::Replace, &sent).await.unwrap();
    assert!(read(&*session, "a.csv").await == sent, "short answers are put together");
    assert_eq!(server.names(), ["/in/a.csv"]);
}

#[tokio::test]
async fn a_server_that_loses_bytes_is_caught() {
    let server = OddServer::start(Oddities { keeps_bytes_max: Some(10), ..Oddities::default() }).await;
    let session = open(&server.account, &target("/in")).await;
    let fault = put(&*session, "a.csv", NameRule::MustBeNew, &content(1_000)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Verification, "{fault:?}");
    assert!(fault.message.contains("10 bytes") && fault.message.contains("1000"), "{fault:?}");
    assert_eq!(server.names(), [""; 0]);
}

#[tokio::test]
async fn passwords_are_also_typed_at_a_prompt() {
    let server = OddServer::start(Oddities { prompts: 1, ..Oddities::default() }).await;
    let session = open(&server.account, &target("/in")).await;
    put(&*session, "a.csv", NameRule::MustBeNew, &content(10)).await.unwrap();
    let wrong = with(server.account.clone(), json!({"password": "wrong"}));
    let report = probe(&wrong, &target("/in")).await;
    assert_eq!(report.failure(), Some(FaultClass::Credentials), "{report:#?}");
    assert!(failure(&report).2.contains("keyboard-interactive"), "{report:#?}");

    let server = OddServer::start(Oddities { prompts: 2, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), Some(FaultClass::Credentials), "{report:#?}");
    assert!(failure(&report).1.contains("more than a password"), "{report:#?}");
}

#[tokio::test]
async fn a_server_that_takes_no_passwords_says_what_it_takes() {
    let server = OddServer::start(Oddities { keys_only: true, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    let (step, message, hint) = failure(&report);
    assert_eq!((step.as_str(), message.as_str()), ("Sign in", "the server does not accept passwords"));
    assert!(hint.contains("publickey"), "{hint}");
}

#[tokio::test]
async fn an_ssh_server_without_sftp_is_told_apart() {
    let server = OddServer::start(Oddities { no_sftp: true, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), Some(FaultClass::Config), "{report:#?}");
    let (step, message, hint) = failure(&report);
    assert_eq!(step, "Open SFTP");
    assert!(message.contains("does not serve SFTP") && hint.contains("Subsystem sftp"), "{message} {hint}");
}

#[tokio::test]
async fn a_server_that_stops_answering_is_given_up_within_a_minute() {
    let server = OddServer::start(Oddities { mute_on_write: true, ..Oddities::default() }).await;
    let session = open(&server.account, &target("/in")).await;
    let putting = put(&*session, "a.csv", NameRule::MustBeNew, &content(1_000_000));
    let outcome = tokio::time::timeout(Duration::from_secs(75), putting).await.unwrap();
    assert_eq!(outcome.unwrap_err().class, FaultClass::Unavailable);
    assert_eq!(server.names(), [""; 0], "removed on a new connection");
}
