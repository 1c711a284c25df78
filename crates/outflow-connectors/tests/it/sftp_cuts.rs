//! SFTP through a network that fails: only whole files show, nothing stays, and a second run completes.

use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{FaultClass, FileJournal, NameRule};
use outflow_testkit::faults::FaultProxy;
use outflow_testkit::random::Random;
use serde_json::{Value, json};

use crate::sftp_bed::{Sshd, open_with, probe, with};
use crate::support::{content, context_with, environment, failure, files, put, temporary_files};

/// A fault proxy of the test's own in front of the server: its faults are for every connection.
struct Proxy {
    control: String,
    opened: FaultProxy,
    client: reqwest::Client,
}

impl Proxy {
    fn open(sshd: &Sshd) -> Proxy {
        let found = environment("OUTFLOW_TEST_FAULTPROXY");
        Proxy {
            control: found["control"].as_str().unwrap().to_owned(),
            opened: FaultProxy::open(&format!("{}:{}", sshd.host, sshd.port)),
            client: reqwest::Client::new(),
        }
    }

    async fn set(&self, faults: Value) {
        self.post("", faults).await;
    }

    async fn post(&self, path: &str, body: Value) {
        let url = format!("{}/{}{path}", self.control, self.opened.port());
        let answer = self.client.post(url).body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    fn account(&self, sshd: &Sshd) -> Value {
        with(sshd.account(&sshd.user), json!({"port": self.opened.port()}))
    }
}

const FILE_BYTES: usize = 3_000_000;

#[tokio::test]
async fn wherever_the_connection_is_cut_only_whole_files_show_and_a_rerun_completes() {
    let sshd = Sshd::find();
    let proxy = Proxy::open(&sshd);
    let mut random = Random::new("cuts before sshd");
    let sent = content(FILE_BYTES);
    let mut cuts = [0, 0];
    for round in 0..12 {
        let folder = sshd.folder();
        let states = tempfile::tempdir().unwrap();
        // The greeting takes about 6 kB; a whole delivery of this file about 3.1 MB up and 20 kB down.
        let (direction, limit) =
            if round % 3 == 0 { ("reset_after_down", 20_000) } else { ("reset_after_up", 3_110_000) };
        let at = random.below(limit);
        let replace = round % 2 == 0;
        let rule = if replace { NameRule::Replace } else { NameRule::MustBeNew };
        let what = format!("round {round}: {direction} {at}, replace {replace}");
        if replace {
            std::fs::write(folder.local().join("a.csv"), "old").unwrap();
            std::fs::set_permissions(folder.local().join("a.csv"), std::os::unix::fs::PermissionsExt::from_mode(0o666))
                .unwrap();
        }

        proxy.set(json!({direction: at, "times": 1})).await;
        let resets_before = proxy.opened.state().resets;
        let journal = Arc::new(FileJournal::open(states.path(), "0000000a").unwrap());
        let outcome = match open_with(&proxy.account(&sshd), &folder.target(), context_with(10, journal.clone())).await
        {
            Ok(session) => put(&*session, "a.csv", rule, &sent).await.map(|_| ()),
            Err(fault) => Err(fault),
        };
        proxy.set(json!({})).await;
        let resets = proxy.opened.state().resets - resets_before;
        cuts[usize::from(direction == "reset_after_down")] += resets;
        if let Err(fault) = &outcome {
            assert_eq!(fault.class, FaultClass::Unavailable, "{what}: {fault:?}");
            assert!(resets > 0, "{what}: failed of itself: {fault:?}");
        }
        let shown = std::fs::read(folder.local().join("a.csv")).ok();
        let whole = shown.as_deref() == Some(&sent[..]);
        let untouched = shown.as_deref() == if replace { Some(&b"old"[..]) } else { None };
        assert!(whole || (untouched && outcome.is_err()), "{what}: {:?} bytes show", shown.map(|s| s.len()));
        drop(journal);

        let journal = Arc::new(FileJournal::open(states.path(), "0000000b").unwrap());
        let session =
            open_with(&proxy.account(&sshd), &folder.target(), context_with(11, journal.clone())).await.unwrap();
        session.sweep(&["a.csv".to_owned()]).await.unwrap();
        let receipt = put(&*session, "a.csv", rule, &sent).await.unwrap_or_else(|f| panic!("{what}: rerun: {f:?}"));
        assert_eq!(receipt.adopted, whole && !replace, "{what}");
        session.close().await.unwrap();
        assert_eq!(files(folder.local()), ["a.csv"], "{what}");
        drop((session, journal));
        assert_eq!(files(states.path()), [""; 0], "{what}: journals stay");
    }
    assert!(cuts.iter().all(|&n| n > 0), "nothing was cut on the way there or back: {cuts:?}");
}

#[tokio::test]
async fn after_a_cut_the_temporary_file_is_removed_on_a_new_connection() {
    let sshd = Sshd::find();
    let proxy = Proxy::open(&sshd);
    let folder = sshd.folder();
    let states = tempfile::tempdir().unwrap();
    let journal = Arc::new(FileJournal::open(states.path(), "0000000a").unwrap());
    proxy.set(json!({"reset_after_up": 1_500_000, "times": 1})).await;
    let session = open_with(&proxy.account(&sshd), &folder.target(), context_with(10, journal.clone())).await.unwrap();
    let fault = put(&*session, "a.csv", NameRule::MustBeNew, &content(FILE_BYTES)).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Unavailable, "{fault:?}");
    assert!(!fault.hint.is_empty() && fault.tried.contains("a.csv"), "{fault:?}");
    assert_eq!(files(folder.local()), [""; 0]);
    // The session works on.
    put(&*session, "a.csv", NameRule::MustBeNew, &content(FILE_BYTES)).await.unwrap();
    drop((session, journal));
    assert_eq!(files(states.path()), [""; 0], "the journal is finished");
}

#[tokio::test]
async fn what_cannot_be_removed_now_is_removed_by_the_next_attempt() {
    let sshd = Sshd::find();
    let proxy = Proxy::open(&sshd);
    let folder = sshd.folder();
    let states = tempfile::tempdir().unwrap();
    let journal = Arc::new(FileJournal::open(states.path(), "0000000a").unwrap());
    let session = open_with(&proxy.account(&sshd), &folder.target(), context_with(10, journal.clone())).await.unwrap();
    // Refused from now on; the connection that is open is killed in the middle.
    let kill = async {
        while temporary_files(folder.local()).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        proxy.set(json!({"refuse": true})).await;
        proxy.post("/kill", json!({})).await;
    };
    let large = content(64 << 20);
    let (outcome, ()) = tokio::join!(put(&*session, "a.csv", NameRule::MustBeNew, &large), kill);
    assert_eq!(outcome.unwrap_err().class, FaultClass::Unavailable);
    assert_eq!(temporary_files(folder.local()).len(), 1);
    drop((session, journal));
    assert_eq!(files(states.path()), ["0000000a.journal"]);

    proxy.set(json!({})).await;
    let journal = Arc::new(FileJournal::open(states.path(), "0000000b").unwrap());
    let session = open_with(&proxy.account(&sshd), &folder.target(), context_with(11, journal)).await.unwrap();
    // The journal is enough: no name is given, so no folder is listed.
    assert_eq!(session.sweep(&[]).await.unwrap().removed, 1);
    assert_eq!(files(folder.local()), [""; 0]);
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_slow_network_is_not_a_dead_one() {
    let sshd = Sshd::find();
    let proxy = Proxy::open(&sshd);
    let folder = sshd.folder();
    proxy.set(json!({"latency_ms": 40, "jitter_ms": 10, "up_bps": 1_500_000})).await;
    let context = context_with(10, Arc::new(outflow_connector_kit::MemoryJournal::default()));
    let session = open_with(&proxy.account(&sshd), &folder.target(), context).await.unwrap();
    let sent = content(6_000_000);
    put(&*session, "a.csv", NameRule::MustBeNew, &sent).await.unwrap();
    session.close().await.unwrap();
    proxy.set(json!({})).await;
    assert!(std::fs::read(folder.local().join("a.csv")).unwrap() == sent);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let sshd = Sshd::find();
    let proxy = Proxy::open(&sshd);
    let folder = sshd.folder();
    proxy.set(json!({"blackhole": true})).await;
    let begun = std::time::Instant::now();
    let report = probe(&proxy.account(&sshd), &folder.target()).await;
    proxy.set(json!({})).await;
    assert_eq!(report.failure(), Some(FaultClass::Unavailable), "{report:#?}");
    assert!(failure(&report).1.contains("did not answer within 15 seconds"), "{report:#?}");
    // A quarter of a minute for the answer; the rest is for busy machines.
    assert!(begun.elapsed() < Duration::from_secs(150), "{:?}", begun.elapsed());
}
