//! Taking the place of the file that has the name already.
//!
//! A server without `posix-rename@openssh.com` cannot do it in one step: its rename refuses a name that exists. There the
//! old file is put aside first, as `NAME.old<digits>.part`, and removed when the new one has its name. Until then it is
//! never gone: it comes back when the new one does not get the name, now or in the sweep of a later attempt.

use std::sync::atomic::Ordering;

use outflow_connector_kit::JournalEntry;
use outflow_model::Fault;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::extensions::HardlinkExtension;
use russh_sftp::protocol::{Packet, StatusCode};

use super::connection::{ANSWER_SECS_MAX, Connection, POSIX_RENAME};
use super::session::SftpSession;
use super::stage::Temporary;
use super::{fault, lookup};
use crate::names;

/// A plain rename. What it does where the new name exists is the server's to decide; most refuse.
pub(super) async fn rename(connection: &Connection, from: &str, to: &str) -> Result<(), SftpError> {
    connection.answer(ANSWER_SECS_MAX, connection.sftp.rename(from, to)).await.map(drop)
}

/// Renames over whatever is there. The inner answer is the server's about giving the name.
pub(super) async fn replace(
    session: &SftpSession,
    connection: &Connection,
    temporary: &Temporary,
) -> Result<Result<(), SftpError>, Fault> {
    let (from, to) = (&temporary.path, &temporary.entry.sink_path);
    if connection.offers(POSIX_RENAME) {
        return Ok(posix_rename(connection, from, to).await);
    }
    let refused = match rename(connection, from, to).await {
        Err(error @ SftpError::Status(_)) => error,
        answer => return Ok(answer),
    };
    let in_the_way = fault::is(&refused, StatusCode::Failure) && lookup::attributes(connection, to).await?.is_some();
    if !in_the_way {
        restore(session, connection, temporary).await?;
        return Ok(Err(refused));
    }
    let aside = aside(session, temporary);
    session.begin(&aside).await?;
    temporary.put_aside.store(true, Ordering::Relaxed);
    match rename(connection, to, &aside.handle).await {
        Ok(()) => {}
        Err(error @ SftpError::Status(_)) => {
            temporary.put_aside.store(false, Ordering::Relaxed);
            session.end(&aside).await?;
            return Ok(Err(error));
        }
        Err(error) => return Ok(Err(error)),
    }
    let answer = rename(connection, from, to).await;
    if matches!(answer, Err(SftpError::Status(_))) {
        restore(session, connection, temporary).await?;
    }
    Ok(answer)
}

async fn posix_rename(connection: &Connection, from: &str, to: &str) -> Result<(), SftpError> {
    // Two strings, as the hard link extension has them too.
    let paths = HardlinkExtension { oldpath: from.to_owned(), newpath: to.to_owned() };
    let paths = paths.try_into().map_err(SftpError::from)?;
    match connection.answer(ANSWER_SECS_MAX, connection.sftp.extended(POSIX_RENAME, paths)).await? {
        Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
        Packet::Status(status) => Err(SftpError::Status(status)),
        _ => Err(SftpError::UnexpectedPacket),
    }
}

/// Where the file before is while its place is taken.
fn aside(session: &SftpSession, temporary: &Temporary) -> JournalEntry {
    let handle = names::aside(&temporary.entry.sink_path, &session.context.attempt);
    JournalEntry { handle, ..temporary.entry.clone() }
}

/// Gives the file that was put aside its name back. Where that fails, the journal entry stays for the next sweep.
async fn restore(session: &SftpSession, connection: &Connection, temporary: &Temporary) -> Result<(), Fault> {
    if !temporary.put_aside.load(Ordering::Relaxed) {
        return Ok(());
    }
    let aside = aside(session, temporary);
    if rename(connection, &aside.handle, &temporary.entry.sink_path).await.is_ok() {
        temporary.put_aside.store(false, Ordering::Relaxed);
        session.end(&aside).await?;
    }
    Ok(())
}

/// Removes what was put aside, now that the new file has the name. One that cannot be removed is told by the next sweep.
pub(super) async fn remove_aside(session: &SftpSession, temporary: &Temporary) -> Result<(), Fault> {
    if !temporary.put_aside.load(Ordering::Relaxed) {
        return Ok(());
    }
    let aside = aside(session, temporary);
    match session.remove(&aside.handle).await {
        Ok(_) => session.end(&aside).await,
        Err(_) => Ok(()),
    }
}

/// What a dead attempt put aside goes where another file has its name, and gets it back where none has. Answers whether
/// it was removed.
pub(super) async fn clear(session: &SftpSession, aside: &str, name: &str) -> Result<bool, Fault> {
    let connection = session.connection().await?;
    if lookup::attributes(&connection, name).await?.is_some() {
        return session.remove(aside).await;
    }
    match rename(&connection, aside, name).await {
        Ok(()) => Ok(false),
        Err(error) if fault::is(&error, StatusCode::NoSuchFile) => Ok(false),
        Err(error) => Err(connection.explain(&error, "give its name back to", aside).await),
    }
}
