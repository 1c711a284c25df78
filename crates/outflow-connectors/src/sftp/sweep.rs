//! Removing what dead attempts left.

use outflow_connector_kit::{JournalEntry, SweepReport, refuse_living};
use outflow_model::{Fault, FaultClass};

use super::publish::done_marker;
use super::session::SftpSession;
use super::{lookup, replace};
use crate::names;

/// Items of a folder that are looked at. More would take minutes on a slow network, and the journal knows the rest.
const LOOKED_AT_MAX: usize = 20_000;

pub(super) async fn sweep(session: &SftpSession, wanted: &[String]) -> Result<SweepReport, Fault> {
    let (at, paths) = (session.target(), wanted.iter().map(|name| session.target.path(name)).collect::<Vec<_>>());
    session.journal(move |journal| refuse_living(journal, &at, &paths)).await?;
    let mut report = SweepReport::default();
    let target = session.target();
    let orphans = session.journal(move |journal| journal.orphans(&target)).await?;
    for orphan in orphans {
        let cleared = match may_remove(session, &orphan).await {
            Ok(true) => clear(session, &orphan.handle).await,
            other => other,
        };
        // What cannot be removed stays in the journal: the next sweep may be luckier.
        if note(&orphan.handle, cleared, &mut report)? {
            session.end(&orphan).await?;
        }
    }
    for (folder, files) in names::by_folder(wanted) {
        sweep_folder(session, folder, &files, &mut report).await?;
    }
    Ok(report)
}

/// Only temporary files of this folder, and files that were being written under their final name and have no marker.
/// A journal that was tampered with must not make us remove anything else.
async fn may_remove(session: &SftpSession, orphan: &JournalEntry) -> Result<bool, Fault> {
    if !orphan.handle.starts_with(&session.target.path("")) {
        return Ok(false);
    }
    if orphan.handle != orphan.sink_path {
        return Ok(names::final_name(names::split(&orphan.handle).1).is_some());
    }
    let connection = session.connection().await?;
    Ok(lookup::attributes(&connection, &done_marker(&orphan.sink_path)).await?.is_none())
}

async fn sweep_folder(
    session: &SftpSession,
    folder: &str,
    files: &[&str],
    report: &mut SweepReport,
) -> Result<(), Fault> {
    let path = if folder.is_empty() { session.target.folder().to_owned() } else { session.target.path(folder) };
    let listed = {
        let _permit = session.permit(1).await?;
        let connection = session.connection().await?;
        match lookup::folder(&connection, &path, LOOKED_AT_MAX).await {
            Ok(listed) => listed,
            Err(error) => match connection.explain(&error, "list", &path).await {
                fault if fault.class == FaultClass::Unavailable => return Err(fault),
                // Some servers let a user write and not list. The journal is enough there.
                _ => return Ok(()),
            },
        }
    };
    let Some((items, more)) = listed else { return Ok(()) };
    if more {
        report.advice.push(format!(
            "{path} holds more than {LOOKED_AT_MAX} files; temporary files (*.part) of lost attempts further down stay: move old files away"
        ));
    }
    for item in items {
        let Some(name) = names::final_name(&item.filename) else { continue };
        let stands_for = names::set_aside(&item.filename).unwrap_or(name);
        if files.contains(&stands_for) && item.filename != names::temporary(name, &session.context.attempt) {
            let path = format!("{}/{}", path.trim_end_matches('/'), item.filename);
            let cleared = clear(session, &path).await;
            note(&path, cleared, report)?;
        }
    }
    Ok(())
}

/// Removes a leftover; answers whether it was there. What was put aside comes back where nothing took its place.
async fn clear(session: &SftpSession, path: &str) -> Result<bool, Fault> {
    let (folder, file) = names::split(path);
    match names::set_aside(file) {
        Some(name) => replace::clear(session, path, &format!("{folder}/{name}")).await,
        None => session.remove(path).await,
    }
}

/// Counts a leftover, and answers whether it is gone. One that stays is told, and keeps nobody from delivering.
fn note(path: &str, cleared: Result<bool, Fault>, report: &mut SweepReport) -> Result<bool, Fault> {
    match cleared {
        Ok(removed) => report.removed += u64::from(removed),
        Err(fault) if fault.class == FaultClass::Unavailable => return Err(fault),
        Err(fault) => {
            let advice = names::stays(path, &fault);
            if !report.advice.contains(&advice) {
                report.advice.push(advice);
            }
            return Ok(false);
        }
    }
    Ok(true)
}
