//! Trying a delivery: a small file goes through the same steps as a part, and is removed.

use outflow_connector_kit::{ProbeReport, Session as _, SessionContext, StagedPart};
use outflow_model::Fault;

use super::config::FolderTarget;
use super::session::{FolderSession, open};
use crate::test_file;

pub(super) async fn probe(target: &FolderTarget, context: &SessionContext, report: &mut ProbeReport) {
    report.passed("Check the settings", "");
    let existed = std::path::Path::new(&target.path).is_dir();
    if let Err((step, fault)) = steps(target, context, existed, report).await {
        report.failed_about(step, &fault, &["path"]);
    }
    if !existed {
        // Only an empty folder goes, and only the one that this probe made.
        let _ = tokio::fs::remove_dir(&target.path).await;
    }
}

async fn steps(
    target: &FolderTarget,
    context: &SessionContext,
    existed: bool,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    let at = |step: &'static str| move |fault| (step, fault);
    let session = open(target, context.clone()).await.map_err(at("Find the folder"))?;
    report.passed("Find the folder", if existed { "" } else { "it is made when the first file is written" });

    let name = test_file::name(&context.attempt);
    let part = test_file::stage(&session, &name).await.map_err(at("Write a test file"))?;
    report.passed("Write a test file", "");
    let tried = publish(&session, part, report).await;
    // Whatever failed, nothing stays: a file that got its name may have failed only afterwards.
    let path = session.sink_path(&name);
    let removed = match tokio::fs::remove_file(&path).await {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(super::fault::from_io("remove", path.as_ref(), e)),
        _ => Ok(()),
    };
    tried?;
    removed.map_err(at("Remove it"))?;
    report.passed("Remove it", "");
    Ok(())
}

/// Gives the test file its name, and reads it back.
async fn publish(
    session: &FolderSession,
    part: StagedPart,
    report: &mut ProbeReport,
) -> Result<(), (&'static str, Fault)> {
    let name = part.request.name.clone();
    session.publish(part).await.map_err(|fault| ("Rename it", fault))?;
    report.passed("Rename it", "");
    let hint = "look at the disk's health";
    test_file::read_back(session, &name, hint).await.map_err(|fault| ("Read it back", fault))?;
    report.passed("Read it back", "");
    Ok(())
}
