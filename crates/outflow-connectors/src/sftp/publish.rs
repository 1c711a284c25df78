//! Giving a staged part its final name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_lc_rs::digest::{Context, SHA256};
use outflow_connector_kit::{
    Chunk, Evidence, JournalEntry, NameRule, PartReader as _, Receipt, RetryPolicy, StagedPart,
};
use outflow_model::{Fault, FaultClass};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{OpenFlags, StatusCode};
use tokio::sync::mpsc;

use super::connection::{Connection, FLUSH_SECS_MAX};
use super::download::RemoteReader;
use super::session::SftpSession;
use super::stage::{self, Temporary};
use super::{fault, lookup, replace};
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
        Ok(Placed::Renamed) => match session.end(&temporary.entry).await {
            Ok(()) => replace::remove_aside(session, temporary).await,
            failed => failed,
        },
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
    if must_be_new
        && !begun
        && let Some(there) = lookup::attributes(connection, path).await?
    {
        // Nothing had the name when the server was asked to make it, and the answer was lost: an empty file is ours.
        if !temporary.final_asked.load(Ordering::Relaxed) || there.size != Some(0) {
            return adopt(session, connection, part, temporary).await;
        }
        temporary.final_begun.store(true, Ordering::Relaxed);
    }
    if session.cannot_rename.load(Ordering::Relaxed) {
        return copy(session, connection, part, temporary).await;
    }
    let renamed = if must_be_new {
        replace::rename(connection, &temporary.path, path).await
    } else {
        replace::replace(session, connection, temporary).await?
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
                return adopt(session, connection, part, temporary).await;
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

/// Equal bytes are adopted, others are refused. Where the server cannot rename, readers wait for the marker, and whoever
/// wrote the bytes may have died before it.
async fn adopt(
    session: &SftpSession,
    connection: &Arc<Connection>,
    part: &StagedPart,
    temporary: &Temporary,
) -> Result<Placed, Fault> {
    let path = &temporary.entry.sink_path;
    let there = lookup::attributes(connection, path).await?;
    let same_size = there.is_some_and(|a| a.size == Some(part.bytes) && !a.is_dir() && !a.is_symlink());
    if same_size && hash(session, connection, path).await? == part.sha256 {
        if session.cannot_rename.load(Ordering::Relaxed) || !renames(connection, temporary).await? {
            write_marker(session, connection, part, path).await?;
        }
        return Ok(Placed::Adopted);
    }
    Err(names::taken(&session.identity.account.url(path)))
}

/// Whether the server renames at all: the temporary file to its own name, which changes nothing. Servers that can answer
/// that it is done, or that the name exists.
async fn renames(connection: &Connection, temporary: &Temporary) -> Result<bool, Fault> {
    match replace::rename(connection, &temporary.path, &temporary.path).await {
        Err(error) if fault::is(&error, StatusCode::OpUnsupported) => Ok(false),
        Err(error) if fault::is(&error, StatusCode::PermissionDenied) => Ok(false),
        Ok(()) | Err(SftpError::Status(_)) => Ok(true),
        Err(error) => Err(connection.explain(&error, "rename", &temporary.path).await),
    }
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
    // The marker of an earlier delivery must not vouch for this one while it is written.
    session.remove(&done_marker(path)).await?;
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
    write_marker(session, connection, part, path).await?;
    session.end(&entry).await?;
    Ok(Placed::Copied)
}

/// Says that the file at `path` is whole.
async fn write_marker(
    session: &SftpSession,
    connection: &Connection,
    part: &StagedPart,
    path: &str,
) -> Result<(), Fault> {
    let marker = done_marker(path);
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let handle = stage::create(session, connection, &part.request.name, &marker, flags).await?;
    match connection.answer(FLUSH_SECS_MAX, connection.sftp.close(handle)).await {
        Ok(_) => Ok(()),
        Err(error) => Err(connection.explain(&error, "close", &marker).await),
    }
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
    let handle = match stage::create(session, connection, &part.request.name, path, flags).await {
        Ok(handle) => handle,
        Err(fault) => {
            temporary.final_asked.store(fault.class == FaultClass::Unavailable, Ordering::Relaxed);
            return Err(fault);
        }
    };
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
