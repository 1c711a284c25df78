//! Recording who left.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use outflow_export::departures::DeparturesFile;
use outflow_export::messages::{Acks, OpenSet, departed};
use outflow_export::{DeliveredFile, ExportOutcome};
use outflow_model::{Fault, FaultClass};
use outflow_store::{FencedTx, Job, NewDeparture, Tx};

use super::DEPARTURES;
use crate::context::Inner;
use crate::steps::blocking;
use crate::steps::refresh::path_text;
use crate::steps::run::StoredPlan;

/// The decision where none is known any more, or a release planned that made none.
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

/// Who is about to leave with a file of a run.
#[derive(Clone, Debug)]
pub(crate) struct AboutToLeave {
    /// The file's name, as the target has it.
    pub name: String,
    /// Who.
    pub departures: DeparturesFile,
}

/// Writes down who is about to leave with the files of a run: from now on they may have, whatever becomes of this process.
/// Files that an earlier try of the same plan wrote down are not written down again. Answers the paths of those that are new.
///
/// # Errors
/// Those of the store.
pub(crate) async fn announce(
    tx: &mut FencedTx,
    job: &Job,
    plan: &StoredPlan,
    files: &[AboutToLeave],
    at: DateTime<Utc>,
) -> Result<Vec<String>, Fault> {
    let mut left = Vec::new();
    for AboutToLeave { name, departures } in files.iter().filter(|file| file.departures.profiles > 0) {
        left.push((plan.place.name_of(name), path_text(&departures.path)?, departures));
    }
    let paths: Vec<String> = left.iter().map(|(_, path, _)| path.clone()).collect();
    let known = tx.departure_paths(&paths).await?;
    left.retain(|(_, path, _)| !known.contains(path));
    let rows: Vec<NewDeparture<'_>> = left
        .iter()
        .map(|(name, path, departures)| NewDeparture {
            sandbox: &job.sandbox,
            flow_id: &plan.flow_id,
            run_id: &plan.run_id,
            segment_id: Some(&plan.segment_id),
            file_name: Some(name),
            sequence: None,
            left_at: at,
            profiles: departures.profiles,
            bytes: departures.bytes,
            path,
            decision: plan.decision.unwrap_or(UNDECIDED),
            confirmed: false,
        })
        .collect();
    tx.add_departures(&rows).await?;
    Ok(left.into_iter().map(|(_, path, _)| path).collect())
}

/// Confirms who left with the files of a run.
///
/// # Errors
/// Those of the store.
pub(crate) async fn confirm_run(tx: &mut FencedTx, files: &[DeliveredFile]) -> Result<(), Fault> {
    Ok(tx.confirm_departures(&paths_of(files)?).await?)
}

fn paths_of(files: &[DeliveredFile]) -> Result<Vec<String>, Fault> {
    files.iter().filter_map(|file| file.departures.as_ref()).map(|departures| path_text(&departures.path)).collect()
}

/// Says of a run that failed who left with those of its files that became visible, and that nobody did with those that
/// nobody began to publish. `new` are the paths that this try wrote down: with others an earlier one may have begun.
pub(crate) async fn record_part_of_run(
    inner: &Inner,
    job: &Job,
    outcome: &ExportOutcome,
    announced: &[AboutToLeave],
    new: &[String],
) {
    if announced.is_empty() {
        return;
    }
    let recorded = async {
        let untouched = announced.iter().skip(outcome.published_at_most);
        let untouched: Vec<String> =
            untouched.map(|file| path_text(&file.departures.path)).collect::<Result<_, Fault>>()?;
        let untouched: Vec<String> = untouched.into_iter().filter(|path| new.contains(path)).collect();
        let mut tx = inner.store.begin_fenced(&job.lease()).await?;
        confirm_run(&mut tx, &outcome.files).await?;
        tx.withdraw_departures(&untouched).await?;
        Ok::<(), Fault>(tx.commit().await?)
    };
    if let Err(fault) = recorded.await {
        // It stays written down that they may have left.
        tracing::warn!(run = %job.subject, fault = %outflow_model::fault::chain(&fault), "who left with a run that failed could not be confirmed");
    }
}

/// Who left with the messages of a set.
pub(crate) struct SetDepartures {
    profiles: u64,
    /// `None` where the set cannot be read any more: it is not known who they are.
    file: Option<DeparturesFile>,
}

/// The file of who left with the set of a stream's folder, below `into`. Each attempt has its own, so that nobody writes
/// over what somebody else has named.
pub(crate) fn set_path(into: &Path, folder: u64, attempt: &str) -> PathBuf {
    into.join(format!("{folder:08}-{attempt}.departures"))
}

/// Writes who left with the messages in `set_folder` that were acknowledged, as the file `path`; `None` where none was.
/// Nobody sends any more.
///
/// # Errors
/// `Refused` where the disk does not take it; those of `check`.
pub(crate) fn of_set(
    set_folder: &Path,
    path: &Path,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Option<SetDepartures>, Fault> {
    let mut profiles = 0;
    let mut made = || {
        let acks = Acks::read(set_folder)?;
        profiles = acks.accepted().len();
        departed(&OpenSet::load(set_folder)?, &acks, path, check)
    };
    match made() {
        Ok(file) => Ok(file.map(|file| SetDepartures { profiles: file.profiles, file: Some(file) })),
        // What is damaged must not keep the flow from going on.
        Err(fault) if fault.class == FaultClass::Input => {
            let (folder, chain) = (set_folder.display(), outflow_model::fault::chain(&fault));
            tracing::warn!(%folder, profiles, fault = %chain, "it cannot be told any more who left with a set of messages");
            Ok((profiles > 0).then_some(SetDepartures { profiles, file: None }))
        }
        Err(fault) => Err(fault),
    }
}

/// The set that somebody left with.
pub(crate) struct LeftWith<'a> {
    pub sandbox: &'a str,
    pub flow_id: &'a str,
    /// The run that its messages name.
    pub run_id: &'a str,
    /// The number of its derivation, where it is known.
    pub sequence: Option<u64>,
    /// The last decision that it was sent by.
    pub decision: i64,
}

/// Adds who left with a set.
///
/// # Errors
/// Those of the store.
pub(crate) async fn add_set(
    tx: &mut Tx,
    set: &LeftWith<'_>,
    left: Option<SetDepartures>,
    left_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some(left) = left else { return Ok(()) };
    let path = left.file.as_ref().map(|file| path_text(&file.path)).transpose()?;
    let row = NewDeparture {
        sandbox: set.sandbox,
        flow_id: set.flow_id,
        run_id: set.run_id,
        segment_id: None,
        file_name: None,
        sequence: set.sequence.and_then(|sequence| i64::try_from(sequence).ok()),
        left_at,
        profiles: left.profiles,
        bytes: left.file.as_ref().map_or(0, |file| file.bytes),
        path: path.as_deref().unwrap_or_default(),
        decision: set.decision,
        confirmed: true,
    };
    Ok(tx.add_departures(&[row]).await?)
}

/// Records who left with the set in a stream's folder that is about to be removed, unless that was recorded: its flow was
/// deleted while messages were on their way.
///
/// # Errors
/// `Refused` where the disk does not take it; those of the store.
pub(crate) async fn record_lost_set(
    inner: &Inner,
    (sandbox, flow): (&str, &str),
    stream_folder: &Path,
    folder: u64,
) -> Result<(), Fault> {
    let set_folder = stream_folder.join("set");
    if !set_folder.join("acks").exists() {
        return Ok(());
    }
    let into = self::folder(&inner.sandbox_folder(sandbox)?, flow)?;
    let recorded: Vec<String> =
        files_of_set(&into, folder).iter().map(|path| path_text(path)).collect::<Result<_, _>>()?;
    if !inner.store.read().await?.departure_paths(&recorded).await?.is_empty() {
        return Ok(());
    }
    let path = set_path(&into, folder, &inner.attempt_name());
    let (left, set) = blocking(move || {
        let left = of_set(&set_folder, &path, &|| Ok(()))?;
        Ok((left, OpenSet::load(&set_folder).ok()))
    })
    .await?;
    let of = LeftWith {
        sandbox,
        flow_id: flow,
        run_id: set.as_ref().map_or("", |set| &set.run_id),
        sequence: set.as_ref().map(|set| set.sequence),
        decision: UNDECIDED,
    };
    let mut tx = inner.store.begin().await?;
    add_set(&mut tx, &of, left, inner.now()).await?;
    Ok(tx.commit().await?)
}

/// The files that there are of the set in a stream's folder.
fn files_of_set(into: &Path, folder: u64) -> Vec<PathBuf> {
    let prefix = format!("{folder:08}-");
    let entries = std::fs::read_dir(into).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))).collect()
}
