//! Recording who left.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use outflow_export::DeliveredFile;
use outflow_export::departures::DeparturesFile;
use outflow_export::messages::{Acks, OpenSet, departed};
use outflow_model::{Fault, FaultClass};
use outflow_store::{FencedTx, Job, NewDeparture};

use super::DEPARTURES;
use crate::context::Inner;
use crate::steps::refresh::path_text;
use crate::steps::run::StoredPlan;
use crate::streams::Open;

/// The decision of a run that was planned by a release that made none.
const UNDECIDED: i64 = 0;

/// The folder of a flow's departures below its sandbox's data folder. It is made when it is missing, and its name survives
/// a power cut.
///
/// # Errors
/// `Refused` when it cannot be made.
pub(crate) fn folder(sandbox_folder: &Path, flow: &str) -> Result<PathBuf, Fault> {
    let folder = sandbox_folder.join(DEPARTURES).join(flow);
    let cannot = |e: std::io::Error| {
        Fault::new(FaultClass::Refused, "a folder of the server's data cannot be made")
            .tried(format!("create {}", folder.display()))
            .hint("give the server's user the right to write below its data folder, and room")
            .because(e)
    };
    if !folder.is_dir() {
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        // It, that of all departures, and the sandbox's, which has that one.
        for made in folder.ancestors().take(3) {
            std::fs::File::open(made).and_then(|opened| opened.sync_all()).map_err(cannot)?;
        }
    }
    Ok(folder)
}

/// Adds who left with the files of a run. Files that an earlier try recorded are not recorded again.
///
/// # Errors
/// Those of the store.
pub(crate) async fn add_run(
    tx: &mut FencedTx,
    job: &Job,
    plan: &StoredPlan,
    files: &[DeliveredFile],
    left_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let mut left = Vec::new();
    for file in files {
        let Some(departures) = file.departures.as_ref().filter(|departures| departures.profiles > 0) else { continue };
        left.push((plan.place.name_of(&file.name), path_text(&departures.path)?, departures));
    }
    let paths: Vec<String> = left.iter().map(|(_, path, _)| path.clone()).collect();
    let recorded = tx.departure_paths(&paths).await?;
    let new = left.iter().filter(|(_, path, _)| !recorded.contains(path));
    let rows: Vec<NewDeparture<'_>> = new
        .map(|(name, path, departures)| NewDeparture {
            sandbox: &job.sandbox,
            flow_id: &plan.flow_id,
            run_id: &plan.run_id,
            segment_id: Some(&plan.segment_id),
            file_name: Some(name),
            sequence: None,
            left_at,
            profiles: departures.profiles,
            bytes: departures.bytes,
            path,
            decision: plan.decision.unwrap_or(UNDECIDED),
        })
        .collect();
    Ok(tx.add_departures(&rows).await?)
}

/// Records who left with those files of a run that became visible before it failed. The next try finds them there, but
/// there may be none.
pub(crate) async fn record_part_of_run(inner: &Inner, job: &Job, plan: &StoredPlan, files: &[DeliveredFile]) {
    if files.is_empty() {
        return;
    }
    let recorded = async {
        let mut tx = inner.store.begin_fenced(&job.lease()).await?;
        add_run(&mut tx, job, plan, files, inner.now()).await?;
        Ok::<(), Fault>(tx.commit().await?)
    };
    if let Err(fault) = recorded.await {
        // Whoever has the job now finds the same files.
        tracing::warn!(run = %plan.run_id, fault = %outflow_model::fault::chain(&fault), "who left with a run that failed could not be recorded");
    }
}

/// Who left with the messages of a set.
pub(crate) struct SetDepartures {
    profiles: u64,
    /// `None` where the set cannot be read any more: it is not known who they are.
    file: Option<DeparturesFile>,
}

/// Writes who left with the messages in `set_folder` that were acknowledged, into `into`; `None` where none was. Nobody
/// sends any more. The name is that of the stream's folder and of the lease under which it is made.
///
/// # Errors
/// `Refused` where the disk does not take it; those of `check`.
pub(crate) fn of_set(
    set_folder: &Path,
    into: &Path,
    (folder, job): (u64, &Job),
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Option<SetDepartures>, Fault> {
    let path = into.join(format!("{folder:08}-{}.departures", job.lease().fence));
    let mut profiles = 0;
    let mut made = || {
        let acks = Acks::read(set_folder)?;
        profiles = acks.accepted().len();
        departed(&OpenSet::load(set_folder)?, &acks, &path, check)
    };
    match made() {
        Ok(file) => Ok(file.map(|file| SetDepartures { profiles: file.profiles, file: Some(file) })),
        // What is damaged must not keep the flow from going on.
        Err(fault) if fault.class == FaultClass::Input => {
            let chain = outflow_model::fault::chain(&fault);
            tracing::warn!(flow = %job.subject, profiles, fault = %chain, "it cannot be told any more who left with a set of messages");
            Ok((profiles > 0).then_some(SetDepartures { profiles, file: None }))
        }
        Err(fault) => Err(fault),
    }
}

/// Adds who left with a set, by the last decision that it was sent by.
///
/// # Errors
/// Those of the store.
pub(crate) async fn add_set(
    tx: &mut FencedTx,
    job: &Job,
    (open, sequence): (&Open, u64),
    left: Option<SetDepartures>,
    left_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some(left) = left else { return Ok(()) };
    let path = left.file.as_ref().map(|file| path_text(&file.path)).transpose()?;
    let row = NewDeparture {
        sandbox: &job.sandbox,
        flow_id: &job.subject,
        run_id: &open.run_id,
        segment_id: None,
        file_name: None,
        sequence: i64::try_from(sequence).ok(),
        left_at,
        profiles: left.profiles,
        bytes: left.file.as_ref().map_or(0, |file| file.bytes),
        path: path.as_deref().unwrap_or_default(),
        decision: open.decision.seq,
    };
    Ok(tx.add_departures(&[row]).await?)
}
