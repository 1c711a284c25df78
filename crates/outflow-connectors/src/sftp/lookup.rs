//! Looking at files and folders.

use outflow_connector_kit::ObjectStat;
use outflow_model::Fault;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{File, FileAttributes, StatusCode};

use super::config::SftpTarget;
use super::connection::{ANSWER_SECS_MAX, Connection};
use super::fault;
use crate::names::{self, DEPTH_MAX, LISTED_MAX};

/// What is under `path` itself, a link not followed; `None` when nothing is.
pub(super) async fn attributes(connection: &Connection, path: &str) -> Result<Option<FileAttributes>, Fault> {
    let found = connection.answer(ANSWER_SECS_MAX, connection.sftp.lstat(path)).await;
    found_or_none(connection, path, found.map(|a| a.attrs)).await
}

/// The file that `path` leads to; a folder is no file.
pub(super) async fn stat(connection: &Connection, path: &str) -> Result<Option<ObjectStat>, Fault> {
    let found = connection.answer(ANSWER_SECS_MAX, connection.sftp.stat(path)).await;
    let found = found_or_none(connection, path, found.map(|a| a.attrs)).await?;
    Ok(found.filter(|a| !a.is_dir()).map(|a| object_stat(&a)))
}

async fn found_or_none(
    connection: &Connection,
    path: &str,
    found: Result<FileAttributes, SftpError>,
) -> Result<Option<FileAttributes>, Fault> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if fault::is(&error, StatusCode::NoSuchFile) => Ok(None),
        Err(error) => Err(connection.explain(&error, "look at", path).await),
    }
}

/// SFTP tells whole seconds only, so a change within one second and to the same length does not show.
fn object_stat(found: &FileAttributes) -> ObjectStat {
    ObjectStat { bytes: found.len(), version: format!("{}-{}", found.mtime.unwrap_or(0), found.len()) }
}

/// At most `max` items of a folder and whether there are more; `None` when there is no such folder.
pub(super) async fn folder(
    connection: &Connection,
    path: &str,
    max: usize,
) -> Result<Option<(Vec<File>, bool)>, SftpError> {
    let handle = match connection.answer(ANSWER_SECS_MAX, connection.sftp.opendir(path)).await {
        Ok(handle) => handle.handle,
        Err(error) if fault::is(&error, StatusCode::NoSuchFile) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut items = Vec::new();
    let outcome = loop {
        match connection.answer(ANSWER_SECS_MAX, connection.sftp.readdir(handle.as_str())).await {
            Ok(name) => items.extend(name.files.into_iter().filter(|f| f.filename != "." && f.filename != "..")),
            Err(error) if fault::is(&error, StatusCode::Eof) => break Ok(false),
            Err(error) => break Err(error),
        }
        if items.len() > max {
            break Ok(true);
        }
    };
    let _ = connection.answer(ANSWER_SECS_MAX, connection.sftp.close(handle)).await;
    outcome.map(|more| Some((items, more)))
}

/// Every file below `start`, temporary ones left out, with its name as the session's other verbs take it.
pub(super) async fn list(
    connection: &Connection,
    target: &SftpTarget,
    start: &str,
) -> Result<Vec<(String, ObjectStat)>, Fault> {
    let mut found = Vec::new();
    let mut folders = vec![(start.to_owned(), 0)];
    while let Some((name, depth)) = folders.pop() {
        let path = if name.is_empty() { target.folder().to_owned() } else { target.path(&name) };
        let items = match folder(connection, &path, LISTED_MAX).await {
            Ok(None) => continue,
            Ok(Some((items, false))) => items,
            Ok(Some((_, true))) => return Err(names::too_many(&path)),
            Err(error) => return Err(connection.explain(&error, "list", &path).await),
        };
        for item in items {
            let file = item.filename;
            let below = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
            if item.attrs.is_dir() {
                if depth < DEPTH_MAX {
                    folders.push((below, depth + 1));
                }
            } else if item.attrs.is_symlink() {
                found.extend(stat(connection, &target.path(&below)).await?.map(|stat| (below, stat)));
            } else if names::final_name(&file).is_none() {
                found.push((below, object_stat(&item.attrs)));
            }
        }
        if found.len() > LISTED_MAX {
            return Err(names::too_many(&path));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
