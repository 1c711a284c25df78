//! Trying a delivery: a small file goes through the same steps as a part, and is removed.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use outflow_connector_kit::{
    Chunk, NameRule, PartRequest, ProbeReport, RetryPolicy, Session as _, SessionContext, StagedPart,
};
use outflow_model::{Fault, FaultClass};
use tokio::sync::mpsc;

use super::config::{SftpAccount, SftpTarget};
use super::connection::{Connection, FSYNC, POSIX_RENAME, STATVFS, Step};
use super::publish::done_marker;
use super::session::{SftpSession, prepare};
use crate::names::{self, PROBE_CONTENT};

const STEPS: [(Step, &str); 4] = [
    (Step::Reach, "Reach the server"),
    (Step::HostKey, "Check the host key"),
    (Step::SignIn, "Sign in"),
    (Step::OpenSftp, "Open SFTP"),
];

pub(super) async fn probe(account: &SftpAccount, target: &SftpTarget, context: &SessionContext) -> ProbeReport {
    let mut report = ProbeReport::default();
    if let Err((step, fault)) = steps(account, target, context, &mut report).await {
        report.failed(step, &fault);
    }
    report
}

async fn steps(
    account: &SftpAccount,
    target: &SftpTarget,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    // The person wants the first answer, not the fifth.
    let context = SessionContext { retry: RetryPolicy::none(), ..context.clone() };
    let session = prepare(account, target, context).await.map_err(|f| ("Check the settings", f))?;
    report.passed("Check the settings", "");
    let outcome = match session.connect(RetryPolicy::none()).await {
        Err((failed, fault)) => {
            let done = STEPS.iter().take_while(|(step, _)| *step != failed);
            done.for_each(|(_, name)| report.passed(name, ""));
            let name = STEPS.iter().find(|(step, _)| *step == failed).map_or("Reach the server", |(_, name)| name);
            Err((name, fault))
        }
        Ok(connection) => {
            report.passed("Reach the server", connection.software.as_str());
            report.passed("Check the host key", "");
            report.passed("Sign in", connection.signed_in);
            report.passed("Open SFTP", extensions(&connection));
            deliver(&session, &connection, report).await
        }
    };
    let closed = session.close().await;
    outcome?;
    closed.map_err(|f| ("Remove it", f))
}

fn extensions(connection: &Connection) -> String {
    let mut names: Vec<&str> = connection.extensions.iter().map(String::as_str).collect();
    names.sort_unstable();
    if names.is_empty() { "no extensions".to_owned() } else { format!("extensions: {}", names.join(", ")) }
}

async fn deliver(
    session: &SftpSession,
    connection: &Connection,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    session.require_folder(connection).await.map_err(|f| ("Find the folder", f))?;
    report.passed("Find the folder", session.target.folder());

    let name = format!("outflow-probe-{}", session.context.attempt);
    let part = write(session, &name).await.map_err(|f| ("Write a test file", f))?;
    if connection.offers(FSYNC) {
        report.passed("Write a test file", "flushed to disk");
    } else {
        report.limited(
            "Write a test file",
            "the server cannot be asked to flush files to disk; the size is still checked",
        );
    }
    session.publish(part).await.map_err(|f| ("Rename it", f))?;
    let cannot_rename = session.cannot_rename.load(Ordering::Relaxed);
    if cannot_rename {
        report.limited(
            "Rename it",
            "the server does not allow renaming: files are written again under their names, and NAME.done is written last; readers must wait for it",
        );
    } else if connection.offers(POSIX_RENAME) {
        report.passed("Rename it", "");
    } else {
        report.limited("Rename it", "the server cannot replace a file in one step: a fixed name is removed first, for a moment there is no file");
    }

    let read = read_back(session, &name).await;
    let path = session.sink_path(&name);
    let mut removed = session.remove(&path).await;
    if cannot_rename {
        removed = removed.and(session.remove(&done_marker(&path)).await);
    }
    read.map_err(|f| ("Read it back", f))?;
    report.passed("Read it back", "");
    removed.map_err(|f| ("Remove it", f))?;
    report.passed("Remove it", "");
    free_space(session, connection, report).await;
    Ok(())
}

async fn write(session: &SftpSession, name: &str) -> Result<StagedPart, Fault> {
    let (sender, body) = mpsc::channel(2);
    let content = Bytes::from_static(PROBE_CONTENT);
    let end = Chunk::End { bytes: content.len() as u64, sha256: names::sha256(&content) };
    for chunk in [Chunk::Data(content), end] {
        sender.try_send(chunk).map_err(|_| Fault::internal("a channel of two places holds less than two chunks"))?;
    }
    let request = PartRequest {
        name: name.to_owned(),
        name_rule: NameRule::MustBeNew,
        bytes_upper_bound: Some(PROBE_CONTENT.len() as u64),
        content_type: "text/plain".to_owned(),
        run_id: String::new(),
    };
    session.stage(request, body).await
}

async fn read_back(session: &SftpSession, name: &str) -> Result<(), Fault> {
    let found = session.read_range(name, 0, PROBE_CONTENT.len() as u64).await?;
    if found == PROBE_CONTENT {
        return Ok(());
    }
    Err(Fault::new(FaultClass::Verification, "the test file holds other bytes than were written")
        .tried(format!("read {}", session.url(name)))
        .hint("something on the server changes files; look at its log"))
}

async fn free_space(session: &SftpSession, connection: &Connection, report: &mut ProbeReport) {
    match connection.free_bytes(session.target.folder()).await {
        Some(bytes) => report.passed("Free space", format!("{} MiB", bytes >> 20)),
        None if connection.offers(STATVFS) => report.limited("Free space", "the server does not answer"),
        None => report.limited("Free space", "the server cannot be asked; a full disk shows when it happens"),
    }
}
