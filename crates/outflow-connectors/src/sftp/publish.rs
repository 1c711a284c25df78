//! Giving a staged part its final name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_lc_rs::digest::{Context, SHA256};
use outflow_connector_kit::{
    Chunk, Evidence, JournalEntry, NameRule, PartReader as _, Receipt, RetryPolicy, StagedPart,
};
use outflow_model::{Fault, FaultClass};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::extensions::HardlinkExtension;
use russh_sftp::protocol::{OpenFlags, Packet, StatusCode};
use tokio::sync::mpsc;

use super::connection::{ANSWER_SECS_MAX, Connection, FLUSH_SECS_MAX, POSIX_RENAME};
use super::download::RemoteReader;
use super::session::SftpSession;
use super::stage::{self, Temporary};
use super::{fault, lookup};
use crate::names;

/// How a part came by its name.
enum Placed {
    /// It was renamed, so the temporary file is gone.
    Renamed,
    /// It was written again under its name.
    Copied,
    /// Equal bytes were there.
    Adopted,
}

/// Publishes and checks. The temporary file is gone afterwards, unless the server cannot be reached any more.
pub(super) async fn publish(session: &SftpSession, part: &StagedPart) -> Result<Receipt, Fault> {
    let temporary = stage::of(part)?;
    let connection = session.connection().await?;
    let mut placed = place(session, &connection, part, temporary).await;
    if matches!(&placed, Err(fault) if fault.class == FaultClass::Unavailable) {
        // Whether the server did it before the connection was lost is to be seen on a new one.
        session.forget(&connection).await;
        let connection = session.connect(RetryPolicy::none()).await.map_err(|(_, fault)| fault)?;
        placed = match was_renamed(&connection, part, temporary).await {
            Ok(true) => Ok(Placed::Renamed),
            Ok(false) => place(session, &connection, part, temporary).await,
            Err(fault) => Err(fault),
        };
    }
    let tidied = match &placed {
        Ok(Placed::Renamed) => session.end(&temporary.entry).await,
        // An entry that cannot be struck out now is swept later.
        Err(fault) if fault.class == FaultClass::Unavailable => Ok(()),
        _ => stage::remove(session, temporary).await,
    };
    let adopted = matches!(placed?, Placed::Adopted);
    tidied?;
    Ok(Receipt {
        name: part.request.name.clone(),
        url: session.identity.account.url(&temporary.entry.sink_path),
        bytes: part.bytes,
        evidence: Evidence::Size,
        adopted,
    })
}

/// The temporary file is gone and a file of its length has the name: the rename was done, its answer was lost.
async fn was_renamed(connection: &Connection, part: &StagedPart, temporary: &Temporary) -> Result<bool, Fault> {
    if lookup::attributes(connection, &temporary.path).await?.is_some() {
        return Ok(false);
    }
    let there = lookup::attributes(connection, &temporary.entry.sink_path).await?;
    Ok(there.and_then(|a| a.size) == Some(part.bytes))
}

async fn place(
    session: &SftpSession,
    connection: &Arc<Connection>,
    part: &StagedPart,
    temporary: &Temporary,
) -> Result<Placed, Fault> {
    let path = &temporary.entry.sink_path;
    let must_be_new = part.request.name_rule == NameRule::MustBeNew;
    let begun = temporary.final_begun.load(Ordering::Relaxed);
    if must_be_new && !begun && lookup::attributes(connection, path).await?.is_some() {
        return adopt(session, connection, part, path).await;
    }
    if session.cannot_rename.load(Ordering::Relaxed) {
        return copy(session, connection, part, temporary).await;
    }
    let renamed = if must_be_new {
        connection
            .answer(ANSWER_SECS_MAX, connection.sftp.rename(temporary.path.as_str(), path.as_str()))
            .await
            .map(drop)
    } else {
        replace(connection, &temporary.path, path).await
    };
    match renamed {
        Ok(()) => {
            stage::verify_size(connection, path, part.bytes).await?;
            Ok(Placed::Renamed)
        }
        Err(error) if matches!(error, SftpError::Status(_)) => {
            let taken = lookup::attributes(connection, path).await?.is_some();
            if taken && must_be_new {
                // Another writer was faster.
                return adopt(session, connection, part, path).await;
            }
            // Where nothing has the name and files may be made, a refusal is about renaming as such.
            let unsupported = fault::is(&error, StatusCode::OpUnsupported);
            if unsupported || (!taken && fault::is(&error, StatusCode::PermissionDenied)) {
                session.cannot_rename.store(true, Ordering::Relaxed);
                return copy(session, connection, part, temporary).await;
            }
            Err(connection.explain(&error, "rename to", path).await)
        }
        Err(error) => Err(connection.explain(&error, "rename to", path).await),
    }
}

/// Renames over whatever is there: in one step where the server can, else by removing it first.
async fn replace(connection: &Connection, from: &str, to: &str) -> Result<(), SftpError> {
    if connection.offers(POSIX_RENAME) {
        // Two strings, as the hard link extension has them too.
        let paths = HardlinkExtension { oldpath: from.to_owned(), newpath: to.to_owned() };
        let paths = paths.try_into().map_err(SftpError::from)?;
        return match connection.answer(ANSWER_SECS_MAX, connection.sftp.extended(POSIX_RENAME, paths)).await? {
            Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
            Packet::Status(status) => Err(SftpError::Status(status)),
            _ => Err(SftpError::UnexpectedPacket),
        };
    }
    let rename = || connection.answer(ANSWER_SECS_MAX, connection.sftp.rename(from, to));
    match rename().await {
        Err(error) if fault::is(&error, StatusCode::Failure) => {
            let removed = connection.answer(ANSWER_SECS_MAX, connection.sftp.remove(to)).await;
            removed.map_err(|_| error)?;
            rename().await.map(drop)
        }
        answer => answer.map(drop),
    }
}

/// Equal bytes are adopted, others are refused.
async fn adopt(
    session: &SftpSession,
    connection: &Arc<Connection>,
    part: &StagedPart,
    path: &str,
) -> Result<Placed, Fault> {
    let there = lookup::attributes(connection, path).await?;
    let same_size = there.is_some_and(|a| a.size == Some(part.bytes) && !a.is_dir() && !a.is_symlink());
    if same_size && hash(session, connection, path).await? == part.sha256 {
        return Ok(Placed::Adopted);
    }
    Err(names::taken(&session.identity.account.url(path)))
}

async fn hash(session: &SftpSession, connection: &Arc<Connection>, path: &str) -> Result<[u8; 32], Fault> {
    let permit = session.permit(1).await?;
    let mut reader = RemoteReader::open(connection.clone(), path.to_owned(), 0, permit).await?;
    let mut hash = Context::new(&SHA256);
    while let Some(piece) = reader.next().await? {
        hash.update(&piece);
    }
    Ok(names::finished(hash))
}

/// The marker that says a file written under its final name is whole.
pub(super) fn done_marker(path: &str) -> String {
    format!("{path}.done")
}

/// For servers that cannot rename: writes the content again under its final name, and the marker last.
async fn copy(
    session: &SftpSession,
    connection: &Arc<Connection>,
    part: &StagedPart,
    temporary: &Temporary,
) -> Result<Placed, Fault> {
    let path = &temporary.entry.sink_path;
    let marker = done_marker(path);
    // The marker of an earlier delivery must not vouch for this one while it is written.
    session.remove(&marker).await?;
    let entry = JournalEntry { handle: path.clone(), ..temporary.entry.clone() };
    if !temporary.final_begun.load(Ordering::Relaxed) {
        session.begin(&entry).await?;
    }
    match copy_content(session, connection, part, temporary).await {
        Ok(()) => {}
        Err(fault) if fault.class == FaultClass::Unavailable => return Err(fault),
        Err(fault) => {
            if temporary.final_begun.load(Ordering::Relaxed) {
                session.remove(path).await?;
            }
            session.end(&entry).await?;
            return Err(fault);
        }
    }
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let handle = stage::create(session, connection, &part.request.name, &marker, flags).await?;
    if let Err(error) = connection.answer(FLUSH_SECS_MAX, connection.sftp.close(handle)).await {
        return Err(connection.explain(&error, "close", &marker).await);
    }
    session.end(&entry).await?;
    Ok(Placed::Copied)
}

async fn copy_content(
    session: &SftpSession,
    connection: &Arc<Connection>,
    part: &StagedPart,
    temporary: &Temporary,
) -> Result<(), Fault> {
    let path = &temporary.entry.sink_path;
    let is_new = part.request.name_rule == NameRule::MustBeNew && !temporary.final_begun.load(Ordering::Relaxed);
    let must = if is_new { OpenFlags::EXCLUDE } else { OpenFlags::TRUNCATE };
    let read_permit = session.permit(2).await?;
    let mut reader = RemoteReader::open(connection.clone(), temporary.path.clone(), 0, read_permit).await?;
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | must;
    let handle = stage::create(session, connection, &part.request.name, path, flags).await?;
    temporary.final_begun.store(true, Ordering::Relaxed);

    let (sender, mut body) = mpsc::channel(2);
    let feed = async move {
        let mut hash = Context::new(&SHA256);
        while let Some(piece) = reader.next().await? {
            hash.update(&piece);
            if sender.send(Chunk::Data(piece)).await.is_err() {
                return Ok(());
            }
        }
        if names::finished(hash) != part.sha256 {
            return Err(Fault::new(FaultClass::Verification, "the server's copy differs from what was sent")
                .tried(format!("read {}", temporary.path))
                .hint("look at the server's disk, then run it again"));
        }
        // Nobody listens any more when writing failed; that fault is the one to report.
        let _ = sender.send(Chunk::End { bytes: part.bytes, sha256: part.sha256 }).await;
        Ok(())
    };
    let (fed, written) = tokio::join!(feed, stage::fill(session, connection, &handle, &mut body));
    let finished = stage::finish(connection, &handle, path, written).await;
    fed?;
    finished?;
    stage::verify_size(connection, path, part.bytes).await
}
