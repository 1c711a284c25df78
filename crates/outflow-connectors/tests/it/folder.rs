//! The local folder.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use async_trait::async_trait;
use outflow_connector_kit::conformance::{TestBed, conformance};
use outflow_connector_kit::{Connector, FaultClass, FileJournal, Journal as _, JournalEntry, NameRule, Session};
use serde_json::{Value, json};

use crate::support::{
    body, connector, content, context, context_with, failure, files, put, request, steps, temporary_files,
};

struct Bed {
    connector: Box<dyn Connector>,
    folder: tempfile::TempDir,
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
        json!({})
    }

    fn target(&self) -> Value {
        json!({"path": self.folder.path()})
    }

    fn broken_account(&self) -> Option<Value> {
        None
    }

    async fn leftovers(&self) -> Vec<String> {
        temporary_files(self.folder.path())
    }
}

#[tokio::test]
async fn it_conforms() {
    conformance(&Bed { connector: connector("file"), folder: tempfile::tempdir().unwrap() }).await;
}

async fn open(path: &Path) -> Box<dyn Session> {
    connector("file").open(&json!({}), &json!({"path": path}), context(1)).await.unwrap()
}

async fn open_fault(path: &Path) -> FaultClass {
    match connector("file").open(&json!({}), &json!({"path": path}), context(1)).await {
        Ok(_) => panic!("{} opened", path.display()),
        Err(fault) => fault.class,
    }
}

#[tokio::test]
async fn a_missing_folder_is_made_and_one_below_nothing_is_not() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("exports");
    let session = open(&folder).await;
    assert!(!folder.exists(), "looking must not make the folder");
    put(&*session, "a/b.csv", NameRule::MustBeNew, &content(10)).await.unwrap();
    assert_eq!(files(&folder), ["a/b.csv"]);
    assert_eq!(std::fs::metadata(folder.join("a/b.csv")).unwrap().permissions().mode() & 0o777, 0o644);

    assert_eq!(open_fault(&base.path().join("no/such")).await, FaultClass::Config);
    std::fs::write(base.path().join("file"), "x").unwrap();
    assert_eq!(open_fault(&base.path().join("file")).await, FaultClass::Config);
}

#[tokio::test]
async fn a_probe_of_a_missing_folder_does_not_make_it() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("exports");
    let report = connector("file").probe(&json!({}), &json!({"path": folder}), &context(1)).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    assert!(!folder.exists());
    let report = connector("file").probe(&json!({}), &json!({"path": base.path().join("no/such")}), &context(1)).await;
    assert_eq!(steps(&report), ["Check the settings: passed", "Find the folder: failed config"]);
    let report = connector("file").probe(&json!({}), &json!({"path": "relative"}), &context(1)).await;
    assert!(failure(&report).1.contains("path"), "{report:#?}");
}

/// Not even root may make files in `/sys`.
#[tokio::test]
async fn a_folder_that_may_not_be_written_to_says_so() {
    let report = connector("file").probe(&json!({}), &json!({"path": "/sys"}), &context(1)).await;
    assert_eq!(report.failure(), Some(FaultClass::Refused), "{report:#?}");
    let (step, message, hint) = failure(&report);
    assert_eq!(step, "Write a test file");
    assert!(message.contains("permissions") && hint.contains("user that runs Outflow"), "{message} {hint}");
}

#[tokio::test]
async fn what_stands_under_a_temporary_name_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path()).await;
    let (there, elsewhere) = (folder.path().join("a.csv.00000001.part"), folder.path().join("elsewhere"));
    std::fs::write(&elsewhere, "kept").unwrap();
    std::os::unix::fs::symlink(&elsewhere, &there).unwrap();
    let staged = session.stage(request("a.csv", NameRule::MustBeNew), body(&content(100))).await;
    assert!(staged.is_err());
    assert!(there.is_symlink());
    assert_eq!(std::fs::read(&elsewhere).unwrap(), b"kept");
}

#[tokio::test]
async fn a_dead_process_is_swept_through_the_journal_on_disk() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = json!({"path": folder.path()});
    let journal = std::sync::Arc::new(FileJournal::open(state.path(), "00000001").unwrap());
    let first = connector("file").open(&json!({}), &target, context_with(1, journal.clone())).await.unwrap();
    let part = first.stage(request("a.csv", NameRule::MustBeNew), body(&content(100))).await.unwrap();
    std::mem::forget(part);
    let second = std::sync::Arc::new(FileJournal::open(state.path(), "00000002").unwrap());
    let session = connector("file").open(&json!({}), &target, context_with(2, second.clone())).await.unwrap();
    assert_eq!(session.sweep(&[]).await.unwrap().removed, 0, "the first process still lives");
    drop((first, journal));
    assert_eq!(session.sweep(&[]).await.unwrap().removed, 1);
    assert_eq!(files(folder.path()), [""; 0]);
    drop((session, second));
    assert_eq!(files(state.path()), [""; 0]);
}

/// Root may remove every file; a folder in its place is what nobody removes.
#[tokio::test]
async fn a_leftover_that_cannot_be_removed_is_told_and_keeps_nobody_from_delivering() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let leftover = folder.path().join("a.csv.0000000a.part");
    std::fs::create_dir(&leftover).unwrap();
    let dead = FileJournal::open(state.path(), "0000000a").unwrap();
    let target = format!("file://{}", folder.path().display());
    let path = |path: &Path| path.display().to_string();
    let sink_path = path(&folder.path().join("a.csv"));
    dead.begin(&JournalEntry { target, sink_path, handle: path(&leftover) }).unwrap();
    drop(dead);
    let journal = std::sync::Arc::new(FileJournal::open(state.path(), "0000000b").unwrap());
    let target = json!({"path": folder.path()});
    let session = connector("file").open(&json!({}), &target, context_with(11, journal.clone())).await.unwrap();
    let report = session.sweep(&["a.csv".to_owned()]).await.unwrap();
    assert_eq!((report.removed, report.advice.len()), (0, 1), "{report:?}");
    assert!(report.advice[0].contains("a.csv.0000000a.part"), "{report:?}");
    put(&*session, "a.csv", NameRule::MustBeNew, &content(9)).await.unwrap();
    drop((session, journal));
    assert_eq!(files(state.path()), ["0000000a.journal"], "the next sweep tries again");
}

#[tokio::test]
async fn urls_and_paths_are_written_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path()).await;
    let path = folder.path().display();
    assert_eq!(session.url("a b#ä.csv"), format!("file://{path}/a b#ä.csv"));
    assert_eq!(session.sink_path("a b#ä.csv"), format!("{path}/a b#ä.csv"));
}
