//! Writing a part under its temporary name.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use outflow_connector_kit::{JournalEntry, PartBody, PartRequest, RetryPolicy, StagedPart};
use outflow_model::{Fault, FaultClass};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};

use super::connection::{ANSWER_SECS_MAX, Connection, FLUSH_SECS_MAX, FSYNC};
use super::session::SftpSession;
use super::upload::{self, Trouble};
use super::{fault, lookup};
use crate::names;

/// A server may still work off what a cut connection had sent. After this long it has, and its file shows.
const LATE_CREATION_WAIT: Duration = Duration::from_millis(500);

/// What a staged part is until it is published.
pub(super) struct Temporary {
    pub path: String,
    pub entry: JournalEntry,
    /// Set when this session has begun to write the final name itself, on a server that cannot rename.
    pub final_begun: AtomicBool,
}

/// Writes the whole body. Whatever fails, no file stays; where even that cannot be done, the journal entry stays.
pub(super) async fn stage(
    session: &SftpSession,
    request: PartRequest,
    mut body: PartBody,
) -> Result<StagedPart, Fault> {
    let _permit = session.permit(1).await?;
    let connection = session.connection().await?;
    let path = session.target.path(&names::temporary(&request.name, &session.context.attempt));
    let sink_path = session.target.path(&request.name);
    let entry = JournalEntry { target: session.target(), sink_path, handle: path.clone() };
    session.begin(&entry).await?;
    let temporary = Temporary { path, entry, final_begun: AtomicBool::new(false) };
    match write(session, &connection, &request.name, &temporary.path, &mut body).await {
        Ok((bytes, sha256)) => Ok(StagedPart { request, bytes, sha256, state: Box::new(temporary) }),
        Err(fault) => {
            clean_up(session, &connection, &temporary, &fault).await;
            Err(fault)
        }
    }
}

async fn write(
    session: &SftpSession,
    connection: &Connection,
    name: &str,
    path: &str,
    body: &mut PartBody,
) -> Result<(u64, [u8; 32]), Fault> {
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
    let handle = create(session, connection, name, path, flags).await?;
    let written = fill(session, connection, &handle, body).await;
    let closed = connection.answer(FLUSH_SECS_MAX, connection.sftp.close(handle.as_str())).await;
    let (bytes, sha256) = match written {
        Ok(written) => written,
        Err(Trouble::Body(fault)) => return Err(fault),
        Err(Trouble::Sftp(error)) => return Err(connection.explain(&error, "write", path).await),
    };
    if let Err(error) = closed {
        return Err(connection.explain(&error, "close", path).await);
    }
    verify_size(connection, path, bytes).await?;
    Ok((bytes, sha256))
}

/// Writes the body and has it flushed to disk where the server offers that.
pub(super) async fn fill(
    session: &SftpSession,
    connection: &Connection,
    handle: &str,
    body: &mut PartBody,
) -> Result<(u64, [u8; 32]), Trouble> {
    let written = upload::upload(connection, handle, body, session.writes_max(connection)).await?;
    if connection.offers(FSYNC) {
        let flushed = connection.answer(FLUSH_SECS_MAX, connection.sftp.fsync(handle)).await;
        // Some file systems cannot flush. The size is still checked.
        if let Err(error) = flushed
            && !fault::is(&error, StatusCode::OpUnsupported)
        {
            return Err(error.into());
        }
    }
    Ok(written)
}

/// Opens `path` for writing. Missing folders of `name` are made; the destination's own folder is not.
pub(super) async fn create(
    session: &SftpSession,
    connection: &Connection,
    name: &str,
    path: &str,
    flags: OpenFlags,
) -> Result<String, Fault> {
    let open = || connection.answer(ANSWER_SECS_MAX, connection.sftp.open(path, flags, FileAttributes::empty()));
    let mut opened = open().await;
    if matches!(&opened, Err(error) if fault::is(error, StatusCode::NoSuchFile)) {
        session.require_folder(connection).await?;
        make_folders(session, connection, name).await?;
        opened = open().await;
    }
    match opened {
        Ok(handle) => Ok(handle.handle),
        Err(error) => Err(connection.explain(&error, "create", path).await),
    }
}

async fn make_folders(session: &SftpSession, connection: &Connection, name: &str) -> Result<(), Fault> {
    for (at, _) in name.match_indices('/') {
        let path = session.target.path(&name[..at]);
        let made =
            connection.answer(ANSWER_SECS_MAX, connection.sftp.mkdir(path.as_str(), FileAttributes::empty())).await;
        // "It exists" has no code of its own, so a refusal counts only when the folder is not there afterwards.
        if let Err(error) = made
            && lookup::attributes(connection, &path).await?.is_none()
        {
            return Err(connection.explain(&error, "make the folder", &path).await);
        }
    }
    Ok(())
}

/// The server's idea of the size, after closing, is the evidence of delivery.
pub(super) async fn verify_size(connection: &Connection, path: &str, bytes: u64) -> Result<(), Fault> {
    let found = lookup::attributes(connection, path).await?.and_then(|a| a.size);
    if found == Some(bytes) {
        return Ok(());
    }
    let found = found.map_or_else(|| "no file".to_owned(), |n| format!("{n} bytes"));
    Err(Fault::new(FaultClass::Verification, format!("the server has {found}, {bytes} bytes were sent"))
        .tried(format!("check the size of {path}"))
        .hint("look at the server's log; something else may take files away or change them, then run it again"))
}

async fn clean_up(session: &SftpSession, connection: &Arc<Connection>, temporary: &Temporary, fault: &Fault) {
    let lost = fault.class == FaultClass::Unavailable;
    if lost {
        session.forget(connection).await;
        if session.connect(RetryPolicy::none()).await.is_err() {
            // The entry stays, and the next attempt's sweep removes the file.
            return;
        }
    }
    let removed = session.remove(&temporary.path).await;
    if lost && matches!(removed, Ok(false)) {
        tokio::time::sleep(LATE_CREATION_WAIT).await;
        let _ = remove(session, temporary).await;
    } else if removed.is_ok() {
        // The first fault is what the person needs; an entry that cannot be struck out is swept later.
        let _ = session.end(&temporary.entry).await;
    }
}

/// Removes the temporary file, and strikes it out of the journal.
pub(super) async fn remove(session: &SftpSession, temporary: &Temporary) -> Result<(), Fault> {
    session.remove(&temporary.path).await?;
    session.end(&temporary.entry).await
}

/// The state of a part that this connector staged.
pub(super) fn of(part: &StagedPart) -> Result<&Temporary, Fault> {
    part.state.downcast_ref().ok_or_else(|| Fault::internal("the part was staged by another connector"))
}
