//! Removing what dead attempts left.

use outflow_connector_kit::{JournalEntry, SweepReport, refuse_living};
use outflow_model::{Fault, FaultClass};

use super::lookup;
use super::publish::done_marker;
use super::session::SftpSession;
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
        if may_remove(session, &orphan).await? {
            report.removed += u64::from(session.remove(&orphan.handle).await?);
        }
        session.end(&orphan).await?;
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
        if files.contains(&name) && item.filename != names::temporary(name, &session.context.attempt) {
            let path = format!("{}/{}", path.trim_end_matches('/'), item.filename);
            report.removed += u64::from(session.remove(&path).await?);
        }
    }
    Ok(())
}
