//! SFTP servers that lack something: the delivery goes a safe way round, and the probe says which.

use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{FaultClass, FileJournal, JournalEntry, MemoryJournal, NameRule};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::sftp_bed::{open, open_with, probe, target, with};
use crate::sftp_odd_server::{OddServer, Oddities, lock};
use crate::support::{content, context_with, failure, files, put, read, steps};

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
async fn a_whole_file_whose_marker_was_never_written_gets_it_when_it_is_adopted() {
    for cannot_rename in [true, false] {
        let server = OddServer::start(Oddities { cannot_rename, ..Oddities::default() }).await;
        let sent = content(100_000);
        lock(&server.files).insert("/in/a.csv".into(), sent.to_vec());
        // Neither this session nor a journal knows of the attempt that wrote it.
        let session = open(&server.account, &target("/in")).await;
        assert!(put(&*session, "a.csv", NameRule::MustBeNew, &sent).await.unwrap().adopted);
        let marked = ["/in/a.csv", "/in/a.csv.done"];
        assert_eq!(server.names(), if cannot_rename { &marked[..] } else { &marked[..1] });
    }
}

#[tokio::test]
async fn a_final_name_whose_making_was_never_answered_is_the_attempts_own() {
    let oddities = Oddities { cannot_rename: true, loses_create_answer: true, ..Oddities::default() };
    let server = OddServer::start(oddities).await;
    let session = open(&server.account, &target("/in")).await;
    let sent = content(100_000);
    let receipt = put(&*session, "a.csv", NameRule::MustBeNew, &sent).await.unwrap();
    assert!(!receipt.adopted);
    assert!(lock(&server.files)["/in/a.csv"] == sent);
    assert_eq!(server.names(), ["/in/a.csv", "/in/a.csv.done"]);
}

#[tokio::test]
async fn the_file_before_stays_when_the_new_one_does_not_get_its_name() {
    let server = OddServer::start(Oddities { keeps_parts: true, ..Oddities::default() }).await;
    lock(&server.files).insert("/in/a.csv".into(), b"yesterday".to_vec());
    let states = tempfile::tempdir().unwrap();
    let journal = Arc::new(FileJournal::open(states.path(), "0000000a").unwrap());
    let context = context_with(10, journal.clone());
    let session = open_with(&server.account, &target("/in"), context).await.unwrap();
    let fault = put(&*session, "a.csv", NameRule::Replace, &content(1_000)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Refused, "{fault:?}");
    assert_eq!(server.names(), ["/in/a.csv"]);
    assert_eq!(lock(&server.files)["/in/a.csv"], b"yesterday");
    drop((session, journal));
    assert_eq!(files(states.path()), [""; 0], "the journal is finished");
}

#[tokio::test]
async fn what_a_dead_attempt_put_aside_comes_back_unless_its_place_is_taken() {
    let entry = |url: &str| JournalEntry {
        target: url.trim_end_matches('/').to_owned(),
        sink_path: "/in/a.csv".into(),
        handle: "/in/a.csv.old0000a.part".into(),
    };
    for (journalled, taken) in [(true, false), (true, true), (false, false), (false, true)] {
        let server = OddServer::start(Oddities::default()).await;
        lock(&server.files).insert("/in/a.csv.old0000a.part".into(), b"yesterday".to_vec());
        if taken {
            lock(&server.files).insert("/in/a.csv".into(), b"today".to_vec());
        }
        let url = open(&server.account, &target("/in")).await.url("");
        let orphans = if journalled { vec![entry(&url)] } else { Vec::new() };
        let journal = Arc::new(MemoryJournal::with_orphans(orphans));
        let session = open_with(&server.account, &target("/in"), context_with(8, journal)).await.unwrap();
        let wanted = if journalled { Vec::new() } else { vec!["a.csv".to_owned()] };
        assert_eq!(session.sweep(&wanted).await.unwrap().removed, u64::from(taken));
        assert_eq!(server.names(), ["/in/a.csv"], "journalled {journalled}, taken {taken}");
        let holds = if taken { &b"today"[..] } else { b"yesterday" };
        assert_eq!(lock(&server.files)["/in/a.csv"], holds);
    }
}

#[tokio::test]
async fn a_probe_that_fails_after_the_file_got_its_name_leaves_nothing() {
    let server = OddServer::start(Oddities { clips_renamed: true, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), Some(FaultClass::Verification), "{report:#?}");
    assert_eq!(failure(&report).0, "Rename it");
    assert_eq!(server.names(), [""; 0]);
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
async fn old_algorithms_are_named_and_can_be_allowed() {
    let server = OddServer::start(Oddities { old_algorithms: true, ..Oddities::default() }).await;
    let report = probe(&server.account, &target("/in")).await;
    assert_eq!(report.failure(), Some(FaultClass::Config), "{report:#?}");
    let (step, message, hint) = failure(&report);
    assert_eq!(step, "Reach the server");
    assert!(message.contains("no common cipher algorithm: the server offers aes256-cbc;"), "{message}");
    assert!(hint.contains("legacyAlgorithms"), "{hint}");
    let session = open(&with(server.account.clone(), json!({"legacyAlgorithms": true})), &target("/in")).await;
    put(&*session, "a.csv", NameRule::MustBeNew, &content(100_000)).await.unwrap();
    assert!(read(&*session, "a.csv").await == content(100_000));
}

/// Forwards to the server until `bytes` have gone up, then holds every connection, old and new, and forwards nothing.
async fn freezing_relay(to: String, bytes: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(to).await.unwrap();
        let (mut client_reads, mut client_writes) = client.split();
        let (mut server_reads, mut server_writes) = server.split();
        let mut up = (&mut client_reads).take(bytes);
        tokio::select! {
            _ = tokio::io::copy(&mut up, &mut server_writes) => {}
            _ = tokio::io::copy(&mut server_reads, &mut client_writes) => panic!("the server hung up"),
        }
        let mut held = Vec::new();
        while let Ok(connection) = listener.accept().await {
            held.push(connection);
        }
    });
    port
}

/// Both at once: each waits for most of a minute, and a busy machine for longer.
#[tokio::test]
async fn a_server_that_stops_answering_is_given_up() {
    let limit = Duration::from_secs(150);
    let (mute, frozen) =
        tokio::join!(tokio::time::timeout(limit, mute_server()), tokio::time::timeout(limit, frozen_connection()));
    assert!(mute.is_ok() && frozen.is_ok(), "mute {}, frozen {}", mute.is_ok(), frozen.is_ok());
}

/// The SSH server lives, its SFTP part does not.
async fn mute_server() {
    let server = OddServer::start(Oddities { mute_on_write: true, ..Oddities::default() }).await;
    let session = open(&server.account, &target("/in")).await;
    let fault = put(&*session, "a.csv", NameRule::MustBeNew, &content(1_000_000)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault:?}");
    assert_eq!(server.names(), [""; 0], "removed on a new connection");
}

/// The network takes everything and gives nothing back, in the middle of a file.
async fn frozen_connection() {
    let sshd = crate::sftp_bed::Sshd::find();
    let folder = sshd.folder();
    let port = freezing_relay(format!("{}:{}", sshd.host, sshd.port), 5_000_000).await;
    let session = open(&with(sshd.account(&sshd.user), json!({"port": port})), &folder.target()).await;
    let fault = put(&*session, "a.csv", NameRule::MustBeNew, &content(40_000_000)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault:?}");
}
