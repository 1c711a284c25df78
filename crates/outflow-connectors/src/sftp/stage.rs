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
    /// Set when the server was asked to make the file with the final name and the answer was lost.
    pub final_asked: AtomicBool,
    /// Set while the file that had the name before may be put aside.
    pub put_aside: AtomicBool,
}

impl Temporary {
    fn new(path: String, entry: JournalEntry) -> Temporary {
        let no = || AtomicBool::new(false);
        Temporary { path, entry, final_begun: no(), final_asked: no(), put_aside: no() }
    }
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
    let temporary = Temporary::new(path, entry);
    let (connection, handle) = match begin_file(session, connection, &request.name, &temporary.path).await {
        Ok(begun) => begun,
        Err((connection, fault)) if fault.class == FaultClass::Unavailable => {
            clean_up(session, &connection, &temporary, &fault).await;
            return Err(fault);
        }
        Err((_, fault)) => {
            // The server made nothing. What may be there under the name is not ours.
            let _ = session.end(&temporary.entry).await;
            return Err(fault);
        }
    };
    match write(session, &connection, &handle, &temporary.path, &mut body).await {
        Ok((bytes, sha256)) => Ok(StagedPart { request, bytes, sha256, state: Box::new(temporary) }),
        Err(fault) => {
            clean_up(session, &connection, &temporary, &fault).await;
            Err(fault)
        }
    }
}

/// Makes the temporary file. A connection that died while nobody used it shows here first: no byte of the body is gone
/// yet, so it is done once more on a new one.
async fn begin_file(
    session: &SftpSession,
    connection: Arc<Connection>,
    name: &str,
    path: &str,
) -> Result<(Arc<Connection>, String), (Arc<Connection>, Fault)> {
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
    match create(session, &connection, name, path, flags).await {
        Ok(handle) => return Ok((connection, handle)),
        Err(fault) if fault.class == FaultClass::Unavailable => session.forget(&connection).await,
        Err(fault) => return Err((connection, fault)),
    }
    let anew = match session.connect(RetryPolicy::none()).await {
        Ok(anew) => anew,
        Err((_, fault)) => return Err((connection, fault)),
    };
    // The lost request may have been done all the same.
    let created = match session.remove(path).await {
        Ok(_) => create(session, &anew, name, path, flags).await,
        Err(fault) => Err(fault),
    };
    match created {
        Ok(handle) => Ok((anew, handle)),
        Err(fault) => Err((anew, fault)),
    }
}

async fn write(
    session: &SftpSession,
    connection: &Connection,
    handle: &str,
    path: &str,
    body: &mut PartBody,
) -> Result<(u64, [u8; 32]), Fault> {
    let written = fill(session, connection, handle, body).await;
    let written = finish(connection, handle, path, written).await?;
    verify_size(connection, path, written.0).await?;
    Ok(written)
}

/// Closes a file that was filled. Some servers report a failed write only here.
pub(super) async fn finish(
    connection: &Connection,
    handle: &str,
    path: &str,
    filled: Result<(u64, [u8; 32]), Trouble>,
) -> Result<(u64, [u8; 32]), Fault> {
    let close = || connection.sftp.close(handle);
    let fault = match filled {
        Ok(written) => {
            return match connection.answer(FLUSH_SECS_MAX, close()).await {
                Ok(_) => Ok(written),
                Err(error) => Err(connection.explain(&error, "close", path).await),
            };
        }
        Err(Trouble::Body(fault)) => fault,
        Err(Trouble::Sftp(error)) => connection.explain(&error, "write", path).await,
    };
    // A server that does not answer is not waited for again: the handle ends with the connection.
    if fault.class != FaultClass::Unavailable {
        let _ = connection.answer(ANSWER_SECS_MAX, close()).await;
    }
    Err(fault)
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
