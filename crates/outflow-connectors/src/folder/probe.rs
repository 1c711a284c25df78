//! Trying a delivery: a small file goes through the same steps as a part, and is removed.

use bytes::Bytes;
use outflow_connector_kit::{Chunk, NameRule, PartRequest, ProbeReport, Session as _, SessionContext, StagedPart};
use outflow_model::{Fault, FaultClass};
use tokio::sync::mpsc;

use super::config::FolderTarget;
use super::session::{FolderSession, open};
use crate::names::PROBE_CONTENT;

pub(super) async fn probe(target: &FolderTarget, context: &SessionContext) -> ProbeReport {
    let mut report = ProbeReport::default();
    report.passed("Check the settings", "");
    let existed = std::path::Path::new(&target.path).is_dir();
    if let Err((step, fault)) = steps(target, context, existed, &mut report).await {
        report.failed(step, &fault);
    }
    if !existed {
        // Only an empty folder goes, and only the one that this probe made.
        let _ = tokio::fs::remove_dir(&target.path).await;
    }
    report
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

    let name = format!("outflow-probe-{}", context.attempt);
    let part = write(&session, &name).await.map_err(at("Write a test file"))?;
    report.passed("Write a test file", "");
    session.publish(part).await.map_err(at("Rename it"))?;
    report.passed("Rename it", "");

    let read = read_back(&session, &name).await;
    let removed = tokio::fs::remove_file(session.sink_path(&name)).await;
    read.map_err(at("Read it back"))?;
    report.passed("Read it back", "");
    let path = session.sink_path(&name);
    removed.map_err(|e| ("Remove it", super::fault::from_io("remove", path.as_ref(), e)))?;
    report.passed("Remove it", "");
    Ok(())
}

async fn write(session: &FolderSession, name: &str) -> Result<StagedPart, Fault> {
    let (sender, body) = mpsc::channel(2);
    let content = Bytes::from_static(PROBE_CONTENT);
    let end = Chunk::End { bytes: content.len() as u64, sha256: crate::names::sha256(&content) };
    for chunk in [Chunk::Data(content), end] {
        sender.try_send(chunk).map_err(|_| Fault::internal("a channel of two places holds less than two chunks"))?;
    }
    let request = PartRequest {
        name: name.to_owned(),
        name_rule: NameRule::MustBeNew,
        bytes_upper_bound: Some(PROBE_CONTENT.len() as u64),
        content_type: "text/plain".to_owned(),
        run_id: String::new(),
    };
    session.stage(request, body).await
}

async fn read_back(session: &FolderSession, name: &str) -> Result<(), Fault> {
    let found = session.read_range(name, 0, PROBE_CONTENT.len() as u64).await?;
    if found == PROBE_CONTENT {
        return Ok(());
    }
    Err(Fault::new(FaultClass::Verification, "the test file holds other bytes than were written")
        .tried(format!("read {}", session.sink_path(name)))
        .hint("look at the disk's health"))
}
