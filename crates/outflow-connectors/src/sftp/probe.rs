//! Trying a delivery: a small file goes through the same steps as a part, and is removed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use outflow_connector_kit::{ProbeReport, RetryPolicy, Session as _, SessionContext, StagedPart};
use outflow_model::{Fault, FaultClass};

use super::config::{SftpAccount, SftpTarget};
use super::connection::{Connection, FSYNC, POSIX_RENAME, STATVFS, Step};
use super::publish::done_marker;
use super::session::{SftpSession, prepare};
use crate::{names, test_file};

const STEPS: [(Step, &str); 4] = [
    (Step::Reach, "Reach the server"),
    (Step::HostKey, "Check the host key"),
    (Step::SignIn, "Sign in"),
    (Step::OpenSftp, "Open SFTP"),
];

pub(super) async fn probe(
    account: &SftpAccount,
    target: &SftpTarget,
    context: &SessionContext,
    report: &mut ProbeReport,
) {
    if let Err((step, fault)) = steps(account, target, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

/// What of account and target a step's failure may be about, where the fault does not say it.
fn suspects(step: &str, class: FaultClass) -> &'static [&'static str] {
    match step {
        "Check the settings" => &[],
        "Reach the server" => &["domain", "port"],
        _ if class.is_transient() => &[],
        "Check the host key" => &["hostKey", "knownHosts"],
        "Sign in" => &["username", "password", "sshKey"],
        "Open SFTP" => &["username"],
        _ => &["remotePath"],
    }
}

async fn steps(
    account: &SftpAccount,
    target: &SftpTarget,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    let session = settled(account, target, context, report).await?;
    let outcome = match connect(&session, report).await {
        Ok(connection) => deliver(&session, &connection, report).await,
        Err(failed) => Err(failed),
    };
    let closed = session.close().await;
    outcome?;
    closed.map_err(|f| ("Remove it", f))
}

/// Signs in, for an account that has no folder yet.
pub(super) async fn probe_account(account: &SftpAccount, context: &SessionContext, report: &mut ProbeReport) {
    if let Err((step, fault)) = account_steps(account, context, report).await {
        report.failed_about(step, &fault, suspects(step, fault.class));
    }
}

async fn account_steps(
    account: &SftpAccount,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    // Nothing is asked of the folder.
    let root = SftpTarget { remote_path: "/".into() };
    let session = settled(account, &root, context, report).await?;
    connect(&session, report).await?;
    session.close().await.map_err(|f| ("Open SFTP", f))
}

async fn settled(
    account: &SftpAccount,
    target: &SftpTarget,
    context: &SessionContext,
    report: &mut ProbeReport,
) -> Result<SftpSession, (&'static str, Fault)> {
    // The person wants the first answer, not the fifth.
    let context = SessionContext { retry: RetryPolicy::none(), ..context.clone() };
    let session = prepare(account, target, context).await.map_err(|f| ("Check the settings", f))?;
    report.passed("Check the settings", "");
    Ok(session)
}

async fn connect(session: &SftpSession, report: &mut ProbeReport) -> Result<Arc<Connection>, (&'static str, Fault)> {
    let mut passed = 0;
    report.begins(name_of(Step::Reach));
    let connected = session
        .connect_telling(RetryPolicy::none(), &mut |step, found| {
            report.passed(name_of(step), found);
            passed += 1;
            if let Some((_, next)) = STEPS.get(passed) {
                report.begins(next);
            }
        })
        .await;
    connected.map_err(|(failed, fault)| {
        // A server whose key is refused was reached.
        let before = STEPS.iter().take_while(|(step, _)| *step != failed);
        before.skip(passed).for_each(|(_, name)| report.passed(name, ""));
        (name_of(failed), fault)
    })
}

fn name_of(step: Step) -> &'static str {
    STEPS.iter().find(|(known, _)| *known == step).map_or("Reach the server", |(_, name)| name)
}

async fn deliver(
    session: &SftpSession,
    connection: &Connection,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    report.begins("Find the folder");
    session.require_folder(connection).await.map_err(|f| ("Find the folder", f))?;
    report.passed("Find the folder", session.target.folder());

    report.begins("Write a test file");
    let name = test_file::name(&session.context.attempt);
    let part = test_file::stage(session, &name).await.map_err(|f| ("Write a test file", f))?;
    let tried = publish(session, connection, part, report).await;
    // Whatever failed, nothing stays: a file that got its name may have failed only afterwards.
    if tried.is_ok() {
        report.begins("Remove it");
    }
    let removed = remove_file(session, &name).await;
    tried?;
    removed.map_err(|f| ("Remove it", f))?;
    report.passed("Remove it", "");
    free_space(session, connection, report).await;
    Ok(())
}

async fn publish(
    session: &SftpSession,
    connection: &Connection,
    part: StagedPart,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    let name = part.request.name.clone();
    if connection.offers(FSYNC) {
        report.passed("Write a test file", "flushed to disk");
    } else {
        report.limited(
            "Write a test file",
            "the server cannot be asked to flush files to disk; the size is still checked",
        );
    }
    report.begins("Rename it");
    session.publish(part).await.map_err(|f| ("Rename it", f))?;
    if session.cannot_rename.load(Ordering::Relaxed) {
        report.limited(
            "Rename it",
            "the server does not allow renaming: files are written again under their names, and NAME.done is written last; readers must wait for it",
        );
    } else if connection.offers(POSIX_RENAME) {
        report.passed("Rename it", "");
    } else {
        report.limited("Rename it", "the server cannot replace a file in one step: the one before is put aside first, for a moment there is no file");
    }
    report.begins("Read it back");
    let hint = "something on the server changes files; look at its log";
    test_file::read_back(session, &name, hint).await.map_err(|f| ("Read it back", f))?;
    report.passed("Read it back", "");
    Ok(())
}

/// Removes the test file under every name that it may have.
async fn remove_file(session: &SftpSession, name: &str) -> Result<(), Fault> {
    let path = session.sink_path(name);
    let temporary = names::temporary(&path, &session.context.attempt);
    let mut outcome = Ok(());
    for path in [&path, &done_marker(&path), &temporary] {
        match session.remove(path).await {
            Ok(_) => {}
            // Nobody is there to be asked again.
            Err(fault) if fault.class == FaultClass::Unavailable => return Err(fault),
            Err(fault) => outcome = outcome.and(Err(fault)),
        }
    }
    outcome
}

async fn free_space(session: &SftpSession, connection: &Connection, report: &mut ProbeReport) {
    match connection.free_bytes(session.target.folder()).await {
        Some(bytes) => report.passed("Free space", format!("{} MiB", bytes >> 20)),
        None if connection.offers(STATVFS) => report.limited("Free space", "the server does not answer"),
        None => report.limited("Free space", "the server cannot be asked; a full disk shows when it happens"),
    }
}
